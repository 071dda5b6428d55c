package timeline

import (
	"testing"
	"time"
)

// A copy that lost its end is seen although sidecars spare the reading of both:
// by its size, held against what the same two writers usually have.
func TestCutCopyUnderSidecars(t *testing.T) {
	for _, c := range []struct {
		name, encode string
		reads        int
	}{{"equal bytes", "", 12}, {"two transcodes", "b", 12}} {
		segs := list(feed{nonce: "A", rendition: "720p", to: 39}, feed{nonce: "B", rendition: "720p", to: 39, encode: c.encode, delay: 2 * time.Second})
		for i := range segs {
			segs[i].Length, segs[i].LengthSource = two, FromSidecar
			segs[i].Size += segs[i].Seq % 7 * 100
			if segs[i].Nonce == "B" && c.encode != "" {
				segs[i].Size += segs[i].Size * (segs[i].Seq%5 - 2) / 40
			}
		}
		cut := &segs[find(t, segs, "A/720p/9")]
		truncate(cut)
		cut.Size = cut.Size * 2 * 7 / 10
		tl, reads := plan(t, segs, defaults)
		b9 := find(t, segs, "B/720p/9")
		if p := tl.Sessions[0].Renditions[0].Picks[9]; p.Segment != b9 {
			t.Errorf("%s: number 9 is %s: %s", c.name, segs[p.Segment].Key, show(segs, tl))
		}
		if reads > c.reads {
			t.Errorf("%s: %d reads", c.name, reads)
		}
	}
}
