package file

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"recfin/store"
)

// Head gives what is known of one object.
func (s *Store) Head(ctx context.Context, key string) (store.Info, error) {
	if err := cmp.Or(ctx.Err(), checkKey(key)); err != nil {
		return store.Info{}, s.fail("head", key, err)
	}
	fi, err := s.stat(key)
	if err != nil {
		return store.Info{}, s.fail("head", key, err)
	}
	return store.Info{Object: s.objectOf(key, fi), File: fileOf(fi)}, nil
}

// fileOf names the file itself, whatever links lead to it; empty: the system does
// not tell.
func fileOf(fi os.FileInfo) string {
	if sys, ok := fi.Sys().(*syscall.Stat_t); ok {
		return fmt.Sprintf("%d:%d", sys.Dev, sys.Ino)
	}
	return ""
}

// stat describes the regular file under a key, or is ErrNotExist.
func (s *Store) stat(key string) (os.FileInfo, error) {
	fi, err := s.disk.stat(key)
	if missing(err) || err == nil && !fi.Mode().IsRegular() {
		return nil, os.ErrNotExist
	}
	return fi, err
}

// Get opens a part of an object. Every read, pinned or not, is of one state of
// the file: its size and time are compared again when the last byte was read.
// What the file system gives is taken as what it holds.
func (s *Store) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	if err := cmp.Or(ctx.Err(), checkKey(key)); err != nil {
		return store.Body{}, s.fail("get", key, err)
	}
	f, err := s.disk.openFile(key, os.O_RDONLY)
	if missing(err) {
		err = os.ErrNotExist
	}
	if err != nil {
		return store.Body{}, s.fail("get", key, err)
	}
	b, err := s.open(ctx, f, key, r, opt)
	if err != nil {
		f.Close()
		return store.Body{}, s.fail("get", key, err)
	}
	return b, nil
}

func (s *Store) open(ctx context.Context, f *os.File, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	fi, err := s.disk.fstat(f)
	if err != nil {
		return store.Body{}, err
	}
	if !fi.Mode().IsRegular() {
		return store.Body{}, os.ErrNotExist
	}
	o := s.objectOf(key, fi)
	if !opt.Admits(o) {
		return store.Body{}, store.ErrChanged
	}
	if opt.Durable {
		if err := s.makeDurable(f, o); err != nil {
			return store.Body{}, err
		}
	}
	if err := r.Check(o.Size); err != nil {
		return store.Body{}, err
	}
	lo, hi := r.Bounds(o.Size)
	if lo > 0 {
		if _, err := f.Seek(lo, io.SeekStart); err != nil {
			return store.Body{}, err
		}
	}
	rd := &reading{ctx: ctx, s: s, f: f, o: o, left: hi - lo, pinned: opt.IfMatch != ""}
	return store.Body{ReadCloser: rd, Info: store.Info{Object: o}, Length: hi - lo, Proved: opt.Prove}, nil
}

// reading is an open body.
type reading struct {
	ctx    context.Context
	s      *Store
	f      *os.File
	o      store.Object // as it was when it was opened
	left   int64
	pinned bool
	err    error
}

func (r *reading) Read(p []byte) (int, error) {
	if r.err == nil {
		r.err = r.ctx.Err()
	}
	if r.err == nil && r.left == 0 {
		return 0, io.EOF
	}
	if r.err != nil {
		return 0, r.s.fail("get", r.o.Key, r.err)
	}
	if int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.s.disk.read(r.f, r.o.Key, p)
	r.left -= int64(n)
	if errors.Is(err, io.EOF) && r.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	if r.left == 0 || errors.Is(err, io.ErrUnexpectedEOF) {
		// The last bytes are held back when they may be another version's: whoever
		// counts bytes (io.ReadFull) would not look at an error that comes with them.
		if changed := r.check(); changed != nil {
			n, err = 0, changed
		}
	}
	if err != nil {
		r.err = err
		return n, r.s.fail("get", r.o.Key, err)
	}
	return n, nil
}

// check compares the open file with what it was, and where the read is pinned
// the key too: it may name another file by now.
func (r *reading) check() error {
	fi, err := r.s.disk.fstat(r.f)
	if err != nil {
		return err
	}
	if !r.s.objectOf(r.o.Key, fi).Same(r.o) {
		return store.ErrChanged
	}
	if !r.pinned {
		return nil
	}
	now, err := r.s.stat(r.o.Key)
	if err != nil && !missing(err) {
		return err
	}
	if err != nil || !r.s.objectOf(r.o.Key, now).Same(r.o) {
		return store.ErrChanged
	}
	return nil
}

func (r *reading) Close() error {
	if r.err == nil {
		r.err = os.ErrClosed
	}
	return r.f.Close()
}

// Now is the modification time of a file that was just made and is gone again:
// the clock of the file system, which may be another machine's. Where no file
// can be made (a read-only mount, on which plan must work) it is the clock of
// this machine.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	const op = "ask the time"
	if err := ctx.Err(); err != nil {
		return time.Time{}, s.fail(op, "", err)
	}
	t, err := s.clockFile()
	if readOnly(err) {
		return time.Now().UTC(), nil
	}
	if err != nil {
		return time.Time{}, s.fail(op, "", fmt.Errorf("make a file: %w", err))
	}
	defer t.discard()
	fi, err := s.disk.fstat(t.f)
	if err != nil {
		return time.Time{}, s.fail(op, "", err)
	}
	return fi.ModTime().UTC(), nil
}

// readOnly reports whether a file could not be made because nothing can be
// written there, by nobody or not by us.
func readOnly(err error) bool {
	return errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission)
}
