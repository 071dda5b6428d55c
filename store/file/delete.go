package file

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"recfin/store"
)

// deleteBatch is how many victims share the sync of their folders.
const deleteBatch = 64

// Delete removes the victims that are still the version named. An outcome of
// nil is given when the loss of the name is on the disk; folders stay. Whoever
// stops asking may lose up to 63 more of the victims without being told.
func (s *Store) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		for len(victims) > 0 {
			n := min(deleteBatch, len(victims))
			batch := victims[:n]
			victims = victims[n:]
			for i, err := range s.deleteBatch(ctx, batch) {
				if err != nil {
					err = s.fail("delete", batch[i].Key, err)
				}
				if !yield(batch[i], err) {
					return
				}
			}
		}
	}
}

// deleteBatch gives the outcome of each victim.
func (s *Store) deleteBatch(ctx context.Context, batch []store.Object) []error {
	outcomes := make([]error, len(batch))
	synced := map[string]error{}
	for i, v := range batch {
		outcomes[i] = s.deleteOne(ctx, v)
	}
	for i, err := range outcomes {
		if err != nil {
			continue
		}
		dir := parent(batch[i].Key)
		err, done := synced[dir]
		if !done {
			err = s.syncFolder(dir)
			if missing(err) {
				err = nil // the folder went too
			}
			synced[dir] = err
		}
		outcomes[i] = err
	}
	return outcomes
}

// deleteOne unlinks a victim. One that is gone already may have been unlinked by
// a process that was killed before it synced the folder.
func (s *Store) deleteOne(ctx context.Context, v store.Object) error {
	if err := cmp.Or(ctx.Err(), checkKey(v.Key)); err != nil {
		return err
	}
	if v.Store != s.label {
		return fmt.Errorf("%w: it is in %s", store.ErrInvalid, v.Store)
	}
	if !v.Strong() {
		return store.ErrWeak
	}
	unlock, err := s.lock(ctx, v.Key)
	if err != nil {
		return err
	}
	defer unlock()
	fi, err := s.stat(v.Key)
	switch {
	case missing(err):
		if !s.alive() {
			return store.ErrNoStore
		}
		return nil
	case err != nil:
		return err
	case !s.objectOf(v.Key, fi).Same(v):
		return store.ErrChanged
	}
	err = s.disk.remove(v.Key)
	if missing(err) {
		return nil
	}
	return err
}
