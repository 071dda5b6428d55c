package mem

import (
	"fmt"
	"slices"
	"strings"

	"recfin/store"
)

// hide keeps what is under a key before it is replaced or deleted, in a
// versioned store; the caller holds the lock.
func (s *Store) hide(key string) {
	e := s.objects[key]
	if !s.opt.Versioned || e == nil {
		return
	}
	if s.hidden == nil {
		s.hidden = map[string][]*entry{}
	}
	s.hidden[key] = append(s.hidden[key], e)
}

// nextVersion names a version; empty in a store that keeps none. The caller
// holds the lock.
func (s *Store) nextVersion() string {
	if !s.opt.Versioned {
		return ""
	}
	s.version++
	return fmt.Sprintf("version-%06d", s.version)
}

func cloneHidden(hidden map[string][]*entry) map[string][]*entry {
	all := make(map[string][]*entry, len(hidden))
	for key, entries := range hidden {
		all[key] = slices.Clone(entries)
	}
	return all
}

// Hidden gives the versions under a key that were deleted or replaced, the
// oldest first. A store that is not versioned has none.
func (s *Store) Hidden(key string) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Entry
	for _, e := range s.hidden[key] {
		all = append(all, e.shown())
	}
	return all
}

// Restore brings the version back that was deleted or replaced last, and
// reports whether there is one. What is under the key now is hidden in turn.
func (s *Store) Restore(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries := s.hidden[key]
	if len(entries) == 0 {
		return false
	}
	last := entries[len(entries)-1]
	s.hidden[key] = entries[:len(entries)-1]
	s.hide(key)
	s.objects[key] = last
	s.sorted = nil
	return true
}

// spoilt says that contents are not what the store was told they are.
func (s *Store) spoilt(body []byte, opt store.PutOptions) error {
	if opt.CRC64 == "" || s.opt.NoChecksums || strings.EqualFold(opt.CRC64, store.CRC64(body)) {
		return nil
	}
	return fmt.Errorf("%w: the contents do not have the checksum that was told", store.ErrInvalid)
}
