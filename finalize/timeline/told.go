package timeline

import "time"

// known is how long a segment lasts as far as anything but its neighbours
// tells: measured, else by its key or a sidecar; 0: unknown.
func (s *Segment) known() time.Duration {
	if d := s.Media.Duration; d > 0 && d <= longest {
		return d
	}
	return s.told()
}

// told is the length that the key or a sidecar gives; 0: none, or nonsense.
func (s *Segment) told() time.Duration {
	if s.Length > 0 && s.Length <= longest {
		return s.Length
	}
	return 0
}

// runsOn tells whether a segment continues another as a key or sidecar tells:
// they are neighbours in one run, and no timestamps say anything else. Where both
// were read timestamps decide, and where the first proved to have another length
// than was told nothing does.
func (b *builder) runsOn(from, to int) bool {
	s, t := &b.segs[from], &b.segs[to]
	if s.told() == 0 || b.home[from] != b.home[to] || b.home[from] < 0 || t.Seq-s.Seq != 1 {
		return false
	}
	if s.Media.Level >= ReadHead && t.Media.Level >= ReadHead {
		return false
	}
	return s.Media.Level < ReadWhole || (s.Media.Duration-s.Length).Abs() <= tolerance
}

// sameBytes tells whether two objects are proved equal without reading them:
// the same size, and the same ETag of the kind that is a digest of the bytes (32
// hexadecimal digits; that of a multipart upload ends in a count of parts).
func sameBytes(s, t *Segment) bool {
	return s.Size == t.Size && s.Range == t.Range && s.ETag == t.ETag && digestTag(s.ETag)
}

// twins tells whether two objects under one number of a writer are one, in two
// stores or under two names.
func twins(s, t *Segment) bool {
	return sameBytes(s, t) || s.Key == t.Key && s.ETag == t.ETag && s.Size == t.Size && s.Range == t.Range
}

func digestTag(tag string) bool {
	if n := len(tag); n >= 2 && tag[0] == '"' && tag[n-1] == '"' {
		tag = tag[1 : n-1]
	}
	if len(tag) != 32 {
		return false
	}
	for i := range len(tag) {
		switch c := tag[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
		default:
			return false
		}
	}
	return true
}
