package file

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"

	"recfin/store"
)

// copyStep is how much is copied between two looks at the context, and handed to
// the disk at a time.
const copyStep = 64 << 20

// Copy copies a file inside of the folder. The kernel does it (copy_file_range):
// no byte comes into this process, and where the file system can share blocks none
// is moved at all. The source is compared with what it was on the open file, before
// and after, and once more by its name.
func (s *Store) Copy(ctx context.Context, from store.Object, key string, opt store.PutOptions) (store.Object, error) {
	o, err := s.copy(ctx, from, key, opt)
	if err != nil {
		return store.Object{}, s.fail("copy", key, err)
	}
	return o, nil
}

func (s *Store) copy(ctx context.Context, from store.Object, key string, opt store.PutOptions) (store.Object, error) {
	if err := cmp.Or(ctx.Err(), checkKey(key), opt.Check(), opt.CheckCopy(s.label, from, key), checkKey(from.Key)); err != nil {
		return store.Object{}, err
	}
	source, err := s.openSource(from)
	if err != nil {
		return store.Object{}, s.ofSource(from, err)
	}
	defer source.f.Close()
	t, err := s.newTemp(key)
	if err != nil {
		return store.Object{}, err
	}
	defer t.discard()
	if err := t.fillFrom(ctx, source); err != nil {
		return store.Object{}, err
	}
	return t.commit(ctx, opt)
}

// openSource opens what is to be copied. It is a pinned read.
func (s *Store) openSource(from store.Object) (*reading, error) {
	f, err := s.disk.openFile(from.Key, os.O_RDONLY)
	if missing(err) {
		err = os.ErrNotExist
	}
	if err != nil {
		return nil, err
	}
	fi, err := s.disk.fstat(f)
	switch {
	case err != nil:
	case !fi.Mode().IsRegular():
		err = os.ErrNotExist
	case !s.objectOf(from.Key, fi).Same(from):
		err = store.ErrChanged
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &reading{s: s, f: f, o: s.objectOf(from.Key, fi), pinned: true}, nil
}

// fillFrom copies all of the source, and proves that it is one version of it.
func (t *temp) fillFrom(ctx context.Context, source *reading) error {
	d, size := &t.s.disk, source.o.Size
	for at := int64(0); at < size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := d.copySome(t.f, source.f, at, min(copyStep, size-at))
		if err == nil && n == 0 {
			err = io.ErrUnexpectedEOF // it was cut off: the check says so too
		}
		if err != nil {
			if changed := source.check(); changed != nil {
				return t.s.ofSource(source.o, changed)
			}
			return err
		}
		startWriteBack(t.f, at, n)
		at += n
	}
	if err := source.check(); err != nil {
		return t.s.ofSource(source.o, err)
	}
	return nil
}

// ofSource says that it was the source that an error is about.
func (s *Store) ofSource(from store.Object, err error) error {
	return fmt.Errorf("%s: %w", store.Printable(from.Key), s.explain(err))
}
