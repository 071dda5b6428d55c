package timeline

// likeness is how the coded payloads of two segments relate.
type likeness uint8

const (
	incomparable likeness = iota // one of them was not read, or holds nothing
	different
	equal
	prefix    // the first is the other, cut off
	extension // the other is the first, cut off
)

// compare relates two contents. One is the other cut off if it is nowhere
// longer and all its access units but the last of each track (which the cut may
// have hit) are those of the other; at least one must prove it. One object that
// two stores hold need not be read.
func compare(a, b *Segment) likeness {
	if sameObject(a, b) {
		return equal
	}
	x, y := a.media().Content.Tracks, b.media().Content.Tracks
	if units(x) == 0 || units(y) == 0 {
		return incomparable
	}
	forth, back := cut(x, y), cut(y, x)
	switch {
	case same(x, y):
		return equal
	case forth && back: // the same counts: only the last access unit was hit
		if a.Bytes() > b.Bytes() || a.Bytes() == b.Bytes() && a.media().Duration > b.media().Duration {
			return extension
		}
		if a.Bytes() == b.Bytes() && a.media().Duration == b.media().Duration {
			return different
		}
		return prefix
	case forth:
		return prefix
	case back:
		return extension
	case short(x, y) || short(y, x):
		return incomparable
	}
	return different
}

// sameObject tells whether two objects are equal without reading them: their
// digests are, or two stores hold one under the same key with the same digest of
// a multipart upload and size, as copying a bucket leaves it. Other ETags (a
// count, a time) two stores may give by chance to objects that differ.
func sameObject(a, b *Segment) bool {
	return sameBytes(a, b) || a.Store != b.Store && a.Key == b.Key && partsTag(a.ETag) && a.ETag == b.ETag && a.Bytes() == b.Bytes() && a.Range() == b.Range()
}

// short tells whether x is too little to say anything: at most one access unit
// a track, which a cut may have hit, and nowhere more than y has.
func short(x, y [][]Digest) bool {
	for i := range max(len(x), len(y)) {
		if n := len(track(x, i)); n > 1 || n > len(track(y, i)) {
			return false
		}
	}
	return true
}

func units(tracks [][]Digest) int {
	n := 0
	for _, t := range tracks {
		n += len(t)
	}
	return n
}

// same tells equal payloads. The digests are running ones, so the last of each
// track speaks for all.
func same(x, y [][]Digest) bool {
	for i := range max(len(x), len(y)) {
		s, t := track(x, i), track(y, i)
		if len(s) != len(t) || len(s) > 0 && s[len(s)-1] != t[len(t)-1] {
			return false
		}
	}
	return true
}

// cut tells whether x could be y cut off.
func cut(x, y [][]Digest) bool {
	proved := 0
	for i := range max(len(x), len(y)) {
		s, t := track(x, i), track(y, i)
		if len(s) > len(t) {
			return false
		}
		if n := len(s) - 1; n > 0 {
			if s[n-1] != t[n-1] {
				return false
			}
			proved += n
		}
	}
	return proved > 0
}

func track(tracks [][]Digest, i int) []Digest {
	if i < len(tracks) {
		return tracks[i]
	}
	return nil
}
