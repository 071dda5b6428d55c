package finalize_test

import (
	"fmt"
	"testing"

	"recfin/finalize"
)

// TestContainerChanges: one writer goes over from fragments to MPEG-TS, or back.
// Nothing is dropped, and the MP4 holds both.
func TestContainerChanges(t *testing.T) {
	from, init := fragments(t)
	for _, c := range []struct {
		name      string
		fragments func(n int) bool
	}{
		{"to transport streams", func(n int) bool { return n < 3 }},
		{"to fragments", func(n int) bool { return n >= 3 }},
		{"by turns", func(n int) bool { return n%2 == 0 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(false)
			w.Set("foo/A/720p/init.mp4", init, onAir, nil)
			for n := range 6 {
				if c.fragments(n) {
					w.Set(fmt.Sprintf("foo/A/720p/%d.m4s", n), from.Snapshot()[fmt.Sprintf("rec/A/720p/%d.m4s", n)].Body, uploaded(n), nil)
				} else {
					w.Set(fmt.Sprintf("foo/A/720p/%d.ts", n), high.segment(n), uploaded(n), nil)
				}
			}
			cfg := only(w, finalize.Formats{MP4: true})
			rec := mustRun(t, cfg, "foo").Committed[0].Record
			if rec.Dropped.Len() != 0 || rec.Renditions[0].Len() != 6 {
				t.Errorf("%d chosen, %d dropped", rec.Renditions[0].Len(), rec.Dropped.Len())
			}
			segments, ns := 0, int64(0)
			for _, o := range rec.Outputs {
				segments, ns = segments+o.Segments, ns+o.DurationNS
			}
			if want := int64(12e9); segments != 6 || ns < want-5e8 || ns > want+5e8 {
				t.Errorf("%d segments, %d ns in the MP4s", segments, ns)
			}
			for row, held := range rec.Renditions[0].Held {
				if held == 0 {
					t.Errorf("%s is not held", rec.Renditions[0].Key[row])
				}
			}
			soundly(t, cfg, "foo", true)
		})
	}
}

// TestGapIsNoName: the URI of a gap leads nowhere, whatever renditions are called.
func TestGapIsNoName(t *testing.T) {
	w := fragmentsOf(t, "frag_keyframe+empty_moov+default_base_moof")
	for key, e := range w.Snapshot() {
		w.Set("foo/A/gap/"+key[len("foo/A/720p/"):], e.Body, e.Modified, nil)
	}
	w.remove(t, "foo/A/720p/1.mp4")
	cfg := only(w, finalize.Formats{HLS: true, MP4: true})
	mustRun(t, cfg, "foo")
	soundly(t, cfg, "foo", false)
}
