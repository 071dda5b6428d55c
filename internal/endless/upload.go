package endless

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"recfin/store"
)

// Copy keeps a copy of a segment, or of what is kept in memory, in memory.
func (s *Store) Copy(ctx context.Context, from store.Object, key string, opt store.PutOptions) (store.Object, error) {
	n, ok := s.number(from.Key)
	if !ok {
		return s.Store.Copy(ctx, from, key, opt)
	}
	if err := opt.CheckCopy(s.Label(), from, key); err != nil {
		return store.Object{}, err
	}
	if !s.segment(n).Same(from) {
		return store.Object{}, store.ErrChanged
	}
	return s.Store.Put(ctx, key, s.stream.Append(nil, n), opt)
}

// Create begins a movie.
func (s *Store) Create(_ context.Context, key string, opt store.CreateOptions) (store.Upload, error) {
	return &upload{s: s, key: key, opt: opt, body: body{stream: s.stream}}, nil
}

// upload judges a movie.
type upload struct {
	s    *Store
	key  string
	opt  store.CreateOptions
	body body
}

// Write judges the next bytes of the body.
func (u *upload) Write(p []byte) (int, error) {
	if err := u.body.write(p); err != nil {
		return 0, err
	}
	if total := u.opt.Room + u.body.size; u.opt.SizeHint > 0 && total > u.opt.SizeHint {
		return 0, fmt.Errorf("%w: %d bytes, and at most %d were announced", store.ErrInvalid, total, u.opt.SizeHint)
	}
	return len(p), nil
}

// Commit keeps the head.
func (u *upload) Commit(_ context.Context, head store.Headed) (store.Object, error) {
	if head.Size() < u.opt.Room {
		return store.Object{}, fmt.Errorf("%w: a head of %d bytes leaves a hole in a room of %d", store.ErrInvalid, head.Size(), u.opt.Room)
	}
	m := &Movie{Head: head.Size(), Size: head.Size() + u.body.size, body: &u.body, file: &file{size: head.Size() + u.body.size}}
	name := filepath.Join(u.s.dir, strings.ReplaceAll(u.key, "/", "_"))
	out, err := os.Create(name)
	if err != nil {
		return store.Object{}, err
	}
	if _, err = io.Copy(out, io.NewSectionReader(head, 0, head.Size())); err != nil {
		return store.Object{}, errors.Join(err, out.Close())
	}
	m.file.head = out
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	now, _ := u.s.Store.Now(context.Background())
	o := store.Object{Store: u.s.Label(), Key: u.key, Size: m.Size, ETag: "movie-" + u.key, Modified: now}
	u.s.movies[u.key], u.s.object[u.key] = m, o
	return o, nil
}

// Abort gives the movie up.
func (u *upload) Abort() error { return nil }

// file is a movie whose body reads as zeros.
type file struct {
	head *os.File
	size int64
}

// ReadAt implements io.ReaderAt.
func (f *file) ReadAt(p []byte, off int64) (int, error) {
	if off >= f.size {
		return 0, io.EOF
	}
	short := int64(len(p)) > f.size-off
	p = p[:min(int64(len(p)), f.size-off)]
	n, err := f.head.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, err
	}
	clear(p[n:])
	if short {
		return len(p), io.EOF
	}
	return len(p), nil
}
