package file

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"

	"recfin/store"
)

// upload writes the body behind the room in a temporary file.
type upload struct {
	s    *Store
	ctx  context.Context
	key  string
	opt  store.CreateOptions
	t    *temp
	w    *bufio.Writer
	done bool // committed or given up
}

// bodyBuffer gathers small writes of the body; large ones pass it by.
const bodyBuffer = 64 << 10

// Create begins an upload. Nothing of it is visible, and where the file system
// takes O_TMPFILE nothing remains of it if the process dies.
func (s *Store) Create(ctx context.Context, key string, opt store.CreateOptions) (store.Upload, error) {
	if err := cmp.Or(ctx.Err(), checkKey(key), opt.Check()); err != nil {
		return nil, s.fail("create", key, err)
	}
	t, err := s.newTemp(key)
	if err != nil {
		return nil, s.fail("create", key, err)
	}
	return &upload{s: s, ctx: ctx, key: key, opt: opt, t: t, w: bufio.NewWriterSize(&early{d: &s.disk, f: t.f, at: opt.Room}, bodyBuffer)}, nil
}

var errEnded = fmt.Errorf("%w: the upload has ended", store.ErrInvalid)

func (u *upload) Write(p []byte) (int, error) {
	err := u.ctx.Err()
	if u.done {
		err = errEnded
	}
	if err != nil {
		return 0, u.s.fail("write", u.key, err)
	}
	n, err := u.w.Write(p)
	if err != nil {
		err = u.s.fail("write", u.key, err)
	}
	return n, err
}

func (u *upload) Commit(ctx context.Context, head store.Headed) (store.Object, error) {
	if u.done {
		return store.Object{}, u.s.fail("commit", u.key, errEnded)
	}
	defer u.Abort() // the name of the temporary file goes either way
	if err := u.fill(ctx, head); err != nil {
		return store.Object{}, u.s.fail("commit", u.key, err)
	}
	o, err := u.t.commit(ctx, u.opt.PutOptions)
	if err != nil {
		return store.Object{}, u.s.fail("commit", u.key, err)
	}
	return o, nil
}

// fill completes the file: body, then head.
func (u *upload) fill(ctx context.Context, head store.Headed) error {
	size := head.Size()
	if size < u.opt.Room {
		return fmt.Errorf("%w: a head of %d bytes leaves a hole in a room of %d", store.ErrInvalid, size, u.opt.Room)
	}
	if err := cmp.Or(u.ctx.Err(), ctx.Err()); err != nil {
		return err
	}
	if err := u.w.Flush(); err != nil {
		return err
	}
	if size > u.opt.Room {
		if err := u.shift(size); err != nil {
			return fmt.Errorf("make room for a head of %d bytes: %w", size, err)
		}
	}
	return writeHead(u.t, head)
}

// shift moves the body to a new file with room for a larger head. The kernel
// copies (copy_file_range), on some file systems without moving a byte.
func (u *upload) shift(room int64) error {
	t, err := u.s.newTemp(u.key)
	if err != nil {
		return err
	}
	old := u.t
	u.t = t
	defer old.discard()
	if _, err := old.f.Seek(u.opt.Room, io.SeekStart); err != nil {
		return err
	}
	if _, err := t.f.Seek(room, io.SeekStart); err != nil {
		return err
	}
	return u.s.disk.copyRest(t.f, old.f)
}

// headWriter writes to a temporary file.
type headWriter struct{ *temp }

func (w headWriter) WriteAt(p []byte, off int64) (int, error) { return w.s.disk.write(w.f, p, off) }

func writeHead(t *temp, head store.Headed) error {
	size := head.Size()
	n, err := io.Copy(io.NewOffsetWriter(headWriter{t}, 0), io.NewSectionReader(head, 0, size))
	if err == nil && n < size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("write the head: %w", err)
	}
	return nil
}

func (u *upload) Abort() error {
	u.done = true
	u.t.discard()
	return nil
}
