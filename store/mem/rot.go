package mem

import (
	"slices"

	"recfin/store"
)

// Rot flips one bit of the body that is stored under a key, at most at its end, as
// a disk might: ETag and times stay, and the checksum is that of what is there now.
// It reports whether there was an object with a body.
func (s *Store) Rot(key string, at int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.objects[key]
	if e == nil || len(e.body) == 0 {
		return false
	}
	rotten := *e
	rotten.body = slices.Clone(e.body)
	rotten.body[min(max(at, 0), int64(len(e.body)-1))] ^= 1
	if e.info.CRC64 != "" {
		rotten.info.CRC64 = store.CRC64(rotten.body)
	}
	s.objects[key] = &rotten
	return true
}
