package file

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"recfin/store"
)

// Put stores an object; content type and metadata are not kept.
func (s *Store) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	o, err := s.put(ctx, key, body, opt)
	if err != nil {
		return store.Object{}, s.fail("put", key, err)
	}
	return o, nil
}

func (s *Store) put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	if err := cmp.Or(ctx.Err(), checkKey(key), opt.Check()); err != nil {
		return store.Object{}, err
	}
	t, err := s.newTemp(key)
	if err != nil {
		return store.Object{}, err
	}
	defer t.discard()
	if _, err := s.disk.write(t.f, body, 0); err != nil {
		return store.Object{}, err
	}
	return t.commit(ctx, opt)
}

// commit makes the file the object under its key, if the condition holds, and
// returns when that is on the disk.
func (t *temp) commit(ctx context.Context, opt store.PutOptions) (store.Object, error) {
	if err := t.stamp(time.Time{}); err != nil {
		return store.Object{}, err
	}
	if err := t.s.disk.sync(t.f); err != nil {
		return store.Object{}, err
	}
	err := t.place(ctx, opt)
	if errors.Is(err, os.ErrNotExist) {
		t.s.forgetFolders()
		err = t.place(ctx, opt)
	}
	if err != nil {
		return store.Object{}, err
	}
	fi, err := t.s.disk.fstat(t.f)
	if err == nil {
		err = t.s.syncFolder(parent(t.key))
	}
	if err != nil {
		return store.Object{}, fmt.Errorf("%w: %w", store.ErrUnknown, err)
	}
	o := t.s.objectOf(t.key, fi)
	t.s.setDurable(o)
	return o, nil
}

// place evaluates the condition and gives the file its name.
func (t *temp) place(ctx context.Context, opt store.PutOptions) error {
	s := t.s
	if opt.IfMatch == "" { // with it, the folder is there or the condition fails
		if err := s.makeFolder(parent(t.key)); err != nil {
			return err
		}
	}
	if opt.IfAbsent {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := t.publish(false)
		if errors.Is(err, os.ErrExist) {
			return store.ErrConflict
		}
		return err
	}
	unlock, err := s.lock(ctx, t.key)
	if err != nil {
		return err
	}
	defer unlock()
	old, err := s.stat(t.key)
	if err != nil && !missing(err) {
		return err
	}
	if opt.IfMatch != "" && (err != nil || s.objectOf(t.key, old).ETag != opt.IfMatch) {
		return store.ErrConflict
	}
	if err == nil {
		if err := t.follow(old.ModTime()); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return t.publish(true)
}

// follow makes sure that the file has not the time of the version that it
// replaces, nor one before it by less than a tick.
func (t *temp) follow(old time.Time) error {
	fi, err := t.s.disk.fstat(t.f)
	if err != nil {
		return err
	}
	if m := fi.ModTime(); m.After(old) || old.Sub(m) >= tick {
		return nil
	}
	if err := t.stamp(old); err != nil {
		return err
	}
	return t.s.disk.sync(t.f)
}
