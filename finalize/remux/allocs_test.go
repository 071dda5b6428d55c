package remux

import "testing"

// Joining allocates for segments, not for the packets and samples in them: once
// everything is in flight, a segment of 60 pictures and 94 frames of sound in
// more than 5,000 packets costs a few allocations.
func TestAllocationsPerSegment(t *testing.T) {
	for _, c := range []struct {
		ext  string
		most float64
	}{{"ts", 70}, {"m4s", 40}} {
		t.Run(c.ext, func(t *testing.T) {
			p := programOf(t, c.ext)
			short := mallocs(func() { joinProgram(t, p, 1) })
			long := mallocs(func() { joinProgram(t, p, 3) })
			each := (float64(long) - float64(short)) / float64(2*len(p.segments))
			t.Logf("%.1f allocations a segment", each)
			if each > c.most {
				t.Errorf("%.1f allocations a segment, at most %.0f are allowed", each, c.most)
			}
		})
	}
}
