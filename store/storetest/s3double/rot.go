package s3double

import "slices"

// Corrupt changes a byte of what is stored, and what the store computed over it
// follows: the write went wrong on the way to the disk. ETag, size and date stay.
// It reports whether there is such a byte.
func (s *Server) Corrupt(key string, off int64) bool { return s.damage(key, off, true) }

// Rot changes a byte of what is stored, and nothing that is told of the object
// follows: the disk went bad later. It reports whether there is such a byte.
func (s *Server) Rot(key string, off int64) bool { return s.damage(key, off, false) }

func (s *Server) damage(key string, off int64, follow bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.bucket.current(key)
	if old == nil || off < 0 || off >= int64(len(old.body)) {
		return false
	}
	v := *old
	v.body = slices.Clone(old.body)
	v.body[off] ^= 0x40
	if follow {
		v.sums = s.ownSums(v.body)
		if s.opt.Checksums == ChecksumsEchoed {
			v.sums = old.sums // it only repeats what it was told
		}
	}
	all := slices.Clone(s.bucket.objects[key])
	all[len(all)-1] = &v
	s.bucket.put(key, all)
	return true
}
