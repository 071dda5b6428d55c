package file

import (
	"os"

	"recfin/store"
)

// A name that is there need not be on the disk: whoever made it may have died
// before its folder was synced. What this process wrote, it synced; of everything
// else it makes sure where it is asked to (store.GetOptions.Durable).

// makeDurable returns when the open file, of the object o, and its name would
// survive a power cut.
func (s *Store) makeDurable(f *os.File, o store.Object) error {
	if s.isDurable(o) {
		return nil
	}
	if err := s.disk.sync(f); err != nil {
		return err
	}
	dir := parent(o.Key)
	if err := s.makeFolder(dir); err != nil {
		return err
	}
	if err := s.syncFolder(dir); err != nil {
		return err
	}
	s.setDurable(o)
	return nil
}

func (s *Store) isDurable(o store.Object) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.versions[o.Key] == o.ETag
}

// setDurable remembers what this process saw synced.
func (s *Store) setDurable(o store.Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.versions) >= maxDurable {
		clear(s.versions)
	}
	s.versions[o.Key] = o.ETag
}
