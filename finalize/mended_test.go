package finalize_test

import (
	"fmt"
	"testing"
	"time"

	"recfin/finalize"
)

// TestMendedSessionIsNoFailure: a session cannot be written, and while the run is
// at it the segments that were to blame are replaced. Planned again it is written,
// and nothing is left to complain of.
func TestMendedSessionIsNoFailure(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 4, 0)
	for n := 5; n < 10; n++ {
		w.Set(fmt.Sprintf("foo/A/720p/%d.ts", n), high.slower(t, n), uploaded(n), nil)
	}
	w.lay("foo/B/720p", feed{Content: "the evening", Width: 1280, Height: 720, Clock: 0}, 0, 4, 4*time.Hour)
	w.clock.set(onAir.Add(8 * time.Hour))
	h := &hook{Store: w}
	seen := 0
	h.before = func(c call) error {
		if c.op == "list" && c.key == "foo/" {
			if seen++; seen == 2 { // after the other session was written
				w.lay("foo/A/720p", high, 5, 9, 0)
			}
		}
		return nil
	}
	r, err := run(only(h, finalize.Formats{MP4: true}), "foo")
	if err != nil || len(r.Committed) != 2 {
		t.Errorf("%d sessions committed, %v", len(r.Committed), err)
	}
}
