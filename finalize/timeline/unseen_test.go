package timeline

import (
	"slices"
	"testing"
	"time"
)

// loseEnd makes a segment one of which the end was lost, although its head and a
// sidecar say that it lasts as long as the others.
func loseEnd(s *flat) {
	s.Size = s.Size * 8 / 10
	s.Media.Duration = 1400 * time.Millisecond
	for k := range s.Media.Tracks {
		s.Media.Tracks[k].Last = s.Media.Tracks[k].First + 1300*time.Millisecond
	}
}

// What the chosen one may have lost of its end, which nobody read, is in the
// dropped one alone: that is no leftover.
func TestUnseenEndsProveNothing(t *testing.T) {
	// One writer of the same stream, later with other boundaries.
	a := feed{nonce: "A", rendition: "720p", stream: "s", to: 59}.make()
	b := feed{nonce: "B", rendition: "720p", stream: "s", from: 5000, to: 5009}.make()
	for i := range b {
		b[i].Media.Content = a[i].Media.Content
	}
	b = append(b, feed{nonce: "B", rendition: "720p", stream: "x", from: 5010, to: 5010, at: seconds(20), clock: seconds(20), each: time.Second}.make()...)
	b = append(b, feed{nonce: "B", rendition: "720p", stream: "x", from: 5011, to: 5059, at: seconds(21), clock: seconds(21)}.make()...)
	// Two transcodes under the same numbers.
	x := feed{nonce: "A", rendition: "720p", stream: "s", encode: "1", to: 59}.make()
	y := feed{nonce: "B", rendition: "720p", stream: "s", encode: "2", to: 59, delay: 700 * time.Millisecond}.make()
	z := feed{nonce: "B", rendition: "720p", stream: "s", encode: "2", from: 20, to: 59, at: seconds(40), clock: seconds(40), delay: 700 * time.Millisecond}.make()
	for i := range x { // at twice the bit rate: cut off it is still the larger
		x[i].Size *= 2
	}
	for name, c := range map[string]struct {
		segs  []flat
		cut   int
		holds map[string]bool // keys that may hold what was lost
	}{
		"covered":      {slices.Concat(a, b), 30, map[string]bool{"foo/A/720p/30.ts": true, "foo/B/720p/5030.ts": true, "foo/B/720p/5031.ts": true}},
		"copies":       {slices.Concat(x, y), 30, map[string]bool{"foo/A/720p/30.ts": true, "foo/B/720p/30.ts": true}},
		"copies end":   {slices.Concat(x, z), 20, map[string]bool{"foo/A/720p/20.ts": true, "foo/B/720p/20.ts": true}},
		"copies begin": {slices.Concat(x, y), 0, map[string]bool{"foo/A/720p/0.ts": true, "foo/B/720p/0.ts": true}},
	} {
		segs := withLengths(c.segs)
		length := segs[c.cut].Length
		loseEnd(&segs[c.cut])
		segs[c.cut].Length = length
		tl, _ := plan(t, segs, defaults)
		chosen := slices.ContainsFunc(tl.Sessions[0].Renditions[0].Picks, func(p Pick) bool { return p.Segment == c.cut })
		for _, d := range tl.Dropped {
			if s := &segs[d.Segment]; chosen && d.Leftover && c.holds[s.Key] {
				t.Errorf("%s: %s may be deleted as %s, and %s is cut off", name, s.Key, d.Reason, segs[c.cut].Key)
			}
		}
		if len(tl.Dropped) < 40 {
			t.Errorf("%s: %d were dropped", name, len(tl.Dropped))
		}
	}
}
