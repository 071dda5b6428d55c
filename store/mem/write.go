package mem

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"recfin/store"
)

var errFolder = fmt.Errorf("%w: a folder ends in a slash", store.ErrInvalid)

// Put stores an object.
func (s *Store) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	if err := ctx.Err(); err != nil {
		return store.Object{}, s.fail("put", key, err)
	}
	if err := check(key, opt); err != nil {
		return store.Object{}, s.fail("put", key, err)
	}
	if err := s.spoilt(body, opt); err != nil {
		return store.Object{}, s.fail("put", key, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.allowed(key, opt) {
		return store.Object{}, s.fail("put", key, store.ErrConflict)
	}
	return s.set(key, slices.Clone(body), s.now(), opt), nil
}

// Copy stores the contents of one object under another key.
func (s *Store) Copy(ctx context.Context, from store.Object, key string, opt store.PutOptions) (store.Object, error) {
	o, err := s.copy(ctx, from, key, opt)
	if err != nil {
		return store.Object{}, s.fail("copy", key, err)
	}
	return o, nil
}

func (s *Store) copy(ctx context.Context, from store.Object, key string, opt store.PutOptions) (store.Object, error) {
	if err := cmp.Or(ctx.Err(), check(key, opt), opt.CheckCopy(s.label, from, key)); err != nil {
		return store.Object{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.objects[from.Key]
	switch {
	case e == nil:
		return store.Object{}, fmt.Errorf("%s: %w", store.Printable(from.Key), store.ErrNotExist)
	case !e.info.Same(from):
		return store.Object{}, fmt.Errorf("%s: %w", store.Printable(from.Key), store.ErrChanged)
	case !s.allowed(key, opt):
		return store.Object{}, store.ErrConflict
	}
	return s.set(key, e.body, s.now(), opt), nil
}

// allowed evaluates the condition of a write; the caller holds the lock.
func (s *Store) allowed(key string, opt store.PutOptions) bool {
	old := s.objects[key]
	switch {
	case s.opt.IgnorePutIf:
		return true
	case opt.IfAbsent:
		return old == nil
	case opt.IfMatch != "":
		return old != nil && old.info.ETag == opt.IfMatch
	}
	return true
}

// Sweep aborts uploads. All are of this process, which lives: only their age counts.
func (s *Store) Sweep(ctx context.Context, prefix string, age time.Duration) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, s.fail("sweep", prefix, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	limit := s.now().Add(-age)
	var stale []*upload
	for _, u := range s.uploads {
		if strings.HasPrefix(u.key, prefix) && u.begun.Before(limit) {
			stale = append(stale, u)
		}
	}
	for _, u := range stale {
		s.forget(u)
	}
	return len(stale), nil
}

// forget ends an upload; the caller holds the lock.
func (s *Store) forget(u *upload) {
	u.gone = true
	u.body = nil
	s.uploads = slices.DeleteFunc(s.uploads, func(v *upload) bool { return v == u })
}

// Delete removes the victims that are still the version named.
func (s *Store) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		s.mu.Lock()
		if opt.Batch && len(victims) > 0 {
			s.batches++
		}
		s.mu.Unlock()
		for _, v := range victims {
			err := s.deleteOne(ctx, v, opt)
			if err != nil {
				err = s.fail("delete", v.Key, err)
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

func (s *Store) deleteOne(ctx context.Context, v store.Object, opt store.DeleteOptions) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if v.Store != s.label {
		return fmt.Errorf("%w: it is in %s", store.ErrInvalid, v.Store)
	}
	if err := store.CheckKey(v.Key); err != nil {
		return err
	}
	if !v.Strong() {
		return store.ErrWeak
	}
	if s.opt.DenyDelete {
		return store.ErrDenied
	}
	deaf := s.opt.IgnoreDeleteIf
	if opt.Batch {
		deaf = s.opt.IgnoreBatchIf
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.objects[v.Key]
	if e == nil {
		return nil
	}
	if !deaf && !e.info.Same(v) {
		return store.ErrChanged
	}
	s.remove(v.Key)
	return nil
}
