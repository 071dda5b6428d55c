package timeline

import (
	"strings"
	"time"
)

// known is how long a segment lasts as far as anything but its neighbours
// tells: measured, else by its key or a sidecar; 0: unknown.
func (s *Segment) known() time.Duration {
	if d := s.media().Duration; d > 0 && d <= longest {
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
	s, t := b.segs[from], b.segs[to]
	if s.told() == 0 || b.home[from] != b.home[to] || b.home[from] < 0 || t.Seq-s.Seq != 1 {
		return false
	}
	if s.media().Level >= ReadHead && t.media().Level >= ReadHead {
		return false
	}
	return s.media().Level < ReadWhole || (s.media().Duration-s.Length).Abs() <= tolerance
}

// sameBytes tells whether two objects are proved equal without reading them:
// the same size, and the same ETag of the kind that is a digest of the bytes (32
// hexadecimal digits; that of a multipart upload ends in a count of parts).
func sameBytes(s, t *Segment) bool {
	return s.Bytes() == t.Bytes() && s.Range() == t.Range() && s.ETag == t.ETag && digestTag(s.ETag)
}

// partsTag tells whether an ETag is made of digests: of the parts of a multipart
// upload, of which it also tells the count.
func partsTag(tag string) bool {
	digest, count, ok := strings.Cut(strings.Trim(tag, `"`), "-")
	return ok && digestTag(digest) && count != "" && strings.Trim(count, "0123456789") == ""
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
