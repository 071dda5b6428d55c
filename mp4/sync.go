package mp4

// lonely is for how many seconds there must have been no other random access point
// for a lone I picture to be one.
//
// An encoder puts lone I pictures between its access points where the scene
// changes. They are no place to start at: pictures behind one may refer to
// pictures before it, and decoders show nothing until the next access point. A
// player that was led to one would show the wrong picture. But there are streams
// that have nothing else.
const lonely = 10

// syncs reports whether a picture goes into stss, and remembers it.
func (t *track) syncs(a Access, dts int64) bool {
	if a > Intra {
		t.access, t.accessible = dts, true
	}
	return a > Intra || a == Intra && (!t.accessible || dts-t.access > lonely*int64(t.timescale))
}
