package file

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"syscall"
	"time"

	"recfin/store"
)

// temp is a file that no key names yet. Where the file system takes O_TMPFILE
// it has no name; else it has one in partialDir. Its owner holds a lock on it
// as long as it lives, so that a sweep can tell.
type temp struct {
	s    *Store
	key  string
	f    *os.File
	name string // path below the root; empty: nameless
}

// newTemp makes an empty temporary file for the object key.
func (s *Store) newTemp(key string) (*temp, error) {
	if err := s.ownFolder(partialDir); err != nil {
		return nil, err
	}
	return s.tempIn(partialDir, key)
}

// clockFile makes a file to see its time. A nameless one needs no folder of
// ours, and so leaves no trace at all.
func (s *Store) clockFile() (*temp, error) {
	if !s.noTmpfile.Load() {
		return s.tempIn(".", "clock")
	}
	return s.newTemp("clock")
}

func (s *Store) tempIn(dir, key string) (*temp, error) {
	if !s.noTmpfile.Load() {
		f, err := s.disk.createNameless(dir)
		if err == nil {
			t := &temp{s: s, key: key, f: f}
			if err := s.disk.lockFile(f); err != nil {
				t.discard()
				return nil, err
			}
			return t, nil
		}
		if !errors.Is(err, syscall.EOPNOTSUPP) && !errors.Is(err, syscall.EISDIR) && !errors.Is(err, syscall.EINVAL) {
			return nil, err
		}
		s.noTmpfile.Store(true)
		return s.newTemp(key) // dir may be another
	}
	for {
		t, err := s.namedTemp(key)
		if t != nil || err != nil {
			return t, err
		}
	}
}

// namedTemp gives nil and no error when a sweep came between the making of the
// file and its lock, and removed it.
func (s *Store) namedTemp(key string) (*temp, error) {
	name := tempName(key)
	f, err := s.disk.create(name, os.O_EXCL)
	if err != nil {
		return nil, err
	}
	t := &temp{s: s, key: key, f: f, name: name}
	if err := s.disk.lockFile(f); err != nil {
		t.discard()
		return nil, err
	}
	mine, err := s.disk.fstat(f)
	if err != nil {
		t.discard()
		return nil, err
	}
	if there, err := s.disk.lstat(name); err != nil || !os.SameFile(there, mine) {
		t.discard()
		return nil, nil
	}
	return t, nil
}

// keptKey is how much of a key, escaped, stands in the name of its temporary file.
const keptKey = 200

// tempName is random, and tells a sweep the key.
func tempName(key string) string {
	b := make([]byte, 12)
	_, _ = rand.Read(b) // it never fails (crypto/rand)
	return partialDir + "/" + hex.EncodeToString(b) + "." + nameOf(key)
}

func nameOf(key string) string {
	e := url.PathEscape(key)
	return e[:min(len(e), keptKey)]
}

// discard gives the file up; it may be called more than once and after publish.
func (t *temp) discard() {
	if t.name != "" {
		_ = t.s.disk.remove(t.name) // what stays is swept
		t.name = ""
	}
	t.f.Close()
}

// touch sets the modification time.
func (t *temp) touch(m time.Time) error {
	return t.s.disk.touch(t.f, t.name, m)
}

// tick is within what two versions could have one time by a coarse clock.
const tick = 2 * time.Second

// stamp gives the file a modification time later than that of every version
// that this store wrote, and than old, if those are of the last two seconds or
// ahead by as much.
func (t *temp) stamp(old time.Time) error {
	s := t.s
	s.mu.Lock()
	defer s.mu.Unlock()
	fi, err := s.disk.fstat(t.f)
	if err != nil {
		return err
	}
	m := fi.ModTime()
	floor := s.last
	if old.After(floor) && old.Sub(m) < tick {
		floor = old
	}
	if m.After(floor) || floor.Sub(m) >= tick {
		s.last = m
		return nil
	}
	for _, step := range []time.Duration{1, time.Microsecond, time.Millisecond, time.Second, tick} {
		if err := t.touch(floor.Add(step)); err != nil {
			return err
		}
		if fi, err = s.disk.fstat(t.f); err != nil {
			return err
		}
		if fi.ModTime().After(floor) {
			s.last = fi.ModTime()
			return nil
		}
	}
	return fmt.Errorf("%w: the file system does not keep modification times", store.ErrInvalid)
}
