package timeline

import (
	"slices"
	"testing"
)

// Another init segment is a discontinuity in all renditions, also where a key or a
// sidecar made reading unnecessary; a TS segment between changes nothing.
func TestInitChanges(t *testing.T) {
	for _, mode := range []Durations{Auto, Trust, Probe} {
		segs := list(feed{nonce: "A", to: 19}, feed{nonce: "A", rendition: "360p", to: 19})
		for i := range segs {
			s := &segs[i]
			s.Length, s.LengthSource = two, FromSidecar
			if s.Rendition == "360p" {
				s.Init = "one"
				if s.Seq >= 7 {
					s.Init = "two"
				}
			}
		}
		opt := defaults
		opt.Durations = mode
		tl, _ := plan(t, segs, opt)
		s := tl.Sessions[0]
		if at := slices.IndexFunc(s.Slots, func(s Slot) bool { return s.Discontinuity }); at != 7 || s.Slots[7].Join || slices.ContainsFunc(s.Slots[8:], func(s Slot) bool { return s.Discontinuity }) {
			t.Errorf("mode %d: discontinuity before %d: %+v", mode, at, s.Slots[7])
		}
	}
}
