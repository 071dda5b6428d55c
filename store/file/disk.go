package file

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"recfin/store"
)

// maxDurable bounds what is remembered of folders.
const maxDurable = 1 << 14

// makeFolder makes a folder and those above it, and returns when all of their
// names are on the disk. What another process made and did not sync yet is
// synced too: a folder counts only when this process saw it synced.
func (s *Store) makeFolder(dir string) error {
	if dir == "." {
		return nil
	}
	s.mu.Lock()
	known := s.durable[dir]
	s.mu.Unlock()
	if known {
		return nil
	}
	if err := s.makeFolder(path.Dir(dir)); err != nil {
		return err
	}
	err := s.root.Mkdir(dir, 0o777)
	if errors.Is(err, os.ErrExist) {
		fi, serr := s.root.Stat(dir)
		switch {
		case serr != nil:
			return serr
		case !fi.IsDir():
			return fmt.Errorf("%w: %s is a file, and a folder is needed", store.ErrInvalid, store.Printable(dir))
		}
		err = nil
	}
	if err != nil {
		return err
	}
	if err := s.syncFolder(path.Dir(dir)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.durable) >= maxDurable {
		clear(s.durable)
	}
	s.durable[dir] = true
	return nil
}

// forgetFolders: somebody removed a folder that was known.
func (s *Store) forgetFolders() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.durable)
}

func (s *Store) openFolder(dir string) (*os.File, error) {
	return s.root.OpenFile(dir, os.O_RDONLY|syscall.O_DIRECTORY, 0)
}

// syncFolder puts the names in a folder on the disk. File systems that cannot
// sync a folder (some remote ones) keep names by other means.
func (s *Store) syncFolder(dir string) error {
	f, err := s.openFolder(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}

// publish gives the file its key. It is all in one step for others. A key that
// is taken is os.ErrExist unless replace is set.
func (t *temp) publish(replace bool) error {
	err := t.publishOnce(replace)
	if missing(err) && t.swept() {
		return errSwept
	}
	if errors.Is(err, syscall.EXDEV) {
		return fmt.Errorf("%w: there is a mount inside of the folder, at or above %s; the store must be one file system",
			store.ErrInvalid, store.Printable(parent(t.key)))
	}
	if replace && (errors.Is(err, syscall.EISDIR) || errors.Is(err, os.ErrExist) || errors.Is(err, syscall.ENOTEMPTY)) {
		return errFolder
	}
	if errors.Is(err, os.ErrExist) {
		if fi, serr := t.s.root.Stat(t.key); serr == nil && fi.IsDir() {
			return errFolder
		}
	}
	return err
}

// errSwept: the temporary file was taken for one that nobody writes to.
var errSwept = fmt.Errorf("%w: the temporary file was swept away meanwhile", store.ErrUnavailable)

func (t *temp) swept() bool {
	if t.name == "" {
		return false
	}
	_, err := t.s.root.Lstat(t.name)
	return missing(err)
}

var errFolder = fmt.Errorf("%w: a folder of that name is there", store.ErrInvalid)

func (t *temp) publishOnce(replace bool) error {
	root := t.s.root
	switch {
	case replace && t.name == "":
		name := tempName(t.key)
		if err := t.link(name); err != nil {
			return err
		}
		t.name = name
		fallthrough
	case replace:
		err := root.Rename(t.name, t.key)
		if err == nil {
			t.name = ""
		}
		return err
	case t.name == "":
		return t.link(t.key)
	}
	if !t.s.noLink.Load() {
		err := root.Link(t.name, t.key)
		if !errors.Is(err, syscall.EPERM) && !errors.Is(err, syscall.EOPNOTSUPP) && !errors.Is(err, syscall.ENOSYS) {
			return err // a link that was made leaves the temporary name to discard
		}
		t.s.noLink.Store(true)
	}
	return t.renameNew()
}

// link names a nameless file.
func (t *temp) link(name string) error {
	dir, err := t.s.openFolder(path.Dir(name))
	if err != nil {
		return err
	}
	defer dir.Close()
	return linkNameless(t.f, dir, path.Base(name))
}

func (t *temp) renameNew() error {
	from, err := t.s.openFolder(partialDir)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := t.s.openFolder(parent(t.key))
	if err != nil {
		return err
	}
	defer to.Close()
	err = renameNew(from, path.Base(t.name), to, path.Base(t.key))
	switch {
	case err == nil:
		t.name = ""
	case errors.Is(err, syscall.EINVAL), errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.ENOTSUP):
		return fmt.Errorf("%w: the file system has no way to create a file only where none is: %w", store.ErrInvalid, err)
	}
	return err
}

// lock waits for the lock of a key. Others that want it wait until unlock.
func (s *Store) lock(ctx context.Context, key string) (unlock func(), err error) {
	if err := s.root.MkdirAll(locksDir, 0o777); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(key))
	name := locksDir + "/" + hex.EncodeToString(sum[:1])
	f, err := s.root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	for wait := 200 * time.Microsecond; ; wait = min(2*wait, 20*time.Millisecond) {
		free, err := tryLock(f)
		if err == nil && free {
			return func() { f.Close() }, nil
		}
		if err == nil {
			select {
			case <-ctx.Done():
				err = ctx.Err()
			case <-time.After(wait):
				continue
			}
		}
		f.Close()
		return nil, fmt.Errorf("lock the key: %w", err)
	}
}

// tryLock takes the lock of an open file if it is free. It ends with the file.
func tryLock(f *os.File) (bool, error) {
	err := flock(f, unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// lockFile takes the lock of a file of our own, which at most a sweep holds for
// a moment.
func lockFile(f *os.File) error { return flock(f, unix.LOCK_EX) }

func flock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
