package finalize_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
)

// TestFutureUploads: an upload time in the future says nothing of when a segment
// was on air, with a warning. A session waits for one up to a day ahead, because
// its writer may be on air with a clock that is ahead, and for no other.
func TestFutureUploads(t *testing.T) {
	for _, c := range []struct {
		name  string
		ahead time.Duration
		waits bool
	}{
		{"ten minutes", 10 * time.Minute, true},
		{"a day", 24 * time.Hour, true},
		{"more than a day", 24*time.Hour + time.Second, false},
		{"a month", 30 * 24 * time.Hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(false)
			w.lay("foo/A/720p", high, 0, 9, 0)
			w.Set("foo/A/720p/4.ts", high.segment(4), w.clock.now().Add(c.ahead), nil)
			cfg := only(w, finalize.Formats{HLS: true})
			r := mustRun(t, cfg, "foo")
			if !slices.Contains(r.Plan.Warnings, "uploads-in-the-future") {
				t.Errorf("warnings %q", r.Plan.Warnings)
			}
			if waits := r.Status() == finalize.NotSettled; waits != c.waits {
				t.Fatalf("it waits: %t (%s)", waits, r.Plan.Why)
			}
			if c.waits {
				if strings.Contains(r.Plan.Why, "before now") || !strings.Contains(r.Plan.Why, "after now") {
					t.Errorf("why: %s", r.Plan.Why)
				}
				w.clock.advance(c.ahead + time.Hour)
				r = mustRun(t, cfg, "foo")
			}
			if rec := r.Committed[0].Record; rec.Renditions[0].Len() != 10 || rec.Session != "20260301T200000Z" || len(rec.Holes) != 0 || len(rec.Slots.Discontinuity) != 0 {
				t.Errorf("%d segments as %s", rec.Renditions[0].Len(), rec.Session)
			}
			if r = mustRun(t, cfg, "foo"); !r.Done() || slices.Contains(r.Plan.Warnings, "uploads-in-the-future") {
				t.Errorf("the run after that: %+v, %q", r.Committed, r.Plan.Warnings)
			}
		})
	}
	t.Run("all of them", func(t *testing.T) {
		w := newWorld(false)
		w.lay("foo/A/720p", high, 0, 9, 30*24*time.Hour)
		r := mustRun(t, only(w, finalize.Formats{HLS: true}), "foo")
		if rec := r.Committed[0].Record; rec.Renditions[0].Len() != 10 || rec.Start.After(w.clock.now()) {
			t.Errorf("%d segments as %s", rec.Renditions[0].Len(), rec.Session)
		}
	})
}

// TestFutureLeftovers: what lost with an upload time in the future is deleted no
// earlier than before: not while that lies ahead.
func TestFutureLeftovers(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	w.lay("foo/B/720p", high, 4, 4, 3*time.Second)
	w.Set("foo/B/720p/4.ts", high.segment(4), w.clock.now().Add(48*time.Hour), nil)
	mustRun(t, settings(w), "foo")
	if !w.has("foo/A/720p/4.ts") || !w.has("foo/B/720p/4.ts") {
		t.Error("a copy is gone although the upload of one lies ahead")
	}
	w.clock.advance(72 * time.Hour)
	mustRun(t, settings(w), "foo")
	if !w.has("foo/A/720p/4.ts") || w.has("foo/B/720p/4.ts") {
		t.Errorf("later: A's is there: %t, B's is there: %t", w.has("foo/A/720p/4.ts"), w.has("foo/B/720p/4.ts"))
	}
}
