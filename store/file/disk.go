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
	err := s.disk.mkdir(dir)
	if errors.Is(err, os.ErrExist) {
		fi, serr := s.disk.stat(dir)
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

// ownFolder makes a folder for temporary files or locks. What it holds need not
// survive, and neither need it.
func (s *Store) ownFolder(dir string) error {
	if fi, err := s.disk.stat(dir); err == nil && fi.IsDir() {
		return nil
	}
	for _, name := range []string{privateDir, dir} {
		if err := s.disk.mkdir(name); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return nil
}

// forgetFolders: somebody removed a folder that was known.
func (s *Store) forgetFolders() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.durable)
}

// syncFolder puts the names in a folder on the disk. File systems that cannot
// sync a folder (some remote ones) keep names by other means.
func (s *Store) syncFolder(dir string) error {
	f, err := s.disk.openFolder(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	err = s.disk.syncFolder(f, dir)
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
		if fi, serr := t.s.disk.stat(t.key); serr == nil && fi.IsDir() {
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
	_, err := t.s.disk.lstat(t.name)
	return missing(err)
}

var errFolder = fmt.Errorf("%w: a folder of that name is there", store.ErrInvalid)

func (t *temp) publishOnce(replace bool) error {
	d := &t.s.disk
	switch {
	case replace && t.name == "":
		name := tempName(t.key)
		if err := d.linkNameless(t.f, name); err != nil {
			return err
		}
		t.name = name
		fallthrough
	case replace:
		err := d.rename(t.name, t.key)
		if err == nil {
			t.name = ""
		}
		return err
	case t.name == "":
		return d.linkNameless(t.f, t.key)
	}
	if !t.s.noLink.Load() {
		err := d.link(t.f, t.name, t.key)
		if !errors.Is(err, syscall.EPERM) && !errors.Is(err, syscall.EOPNOTSUPP) && !errors.Is(err, syscall.ENOSYS) {
			return err // a link that was made leaves the temporary name to discard
		}
		t.s.noLink.Store(true)
	}
	return t.renameNew()
}

func (t *temp) renameNew() error {
	err := t.s.disk.renameNew(t.name, t.key)
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
	if err := s.ownFolder(locksDir); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(key))
	name := locksDir + "/" + hex.EncodeToString(sum[:1])
	f, err := s.disk.create(name, 0)
	if err != nil {
		return nil, err
	}
	for wait := 200 * time.Microsecond; ; wait = min(2*wait, 20*time.Millisecond) {
		free, err := s.disk.tryLock(f)
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

func flock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
