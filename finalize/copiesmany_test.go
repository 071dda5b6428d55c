package finalize_test

import (
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/mem"
)

// manyCopies is a recording of which copies hold all segments, in several batches.
func manyCopies(n int) (*world, finalize.Config) {
	w := takeoverIn(mem.Options{})
	w.lay("rec/A/720p", high, 0, n-1, 0)
	w.clock.advance(time.Duration(n) * 2 * time.Second)
	return w, with(copying(w), func(c *finalize.Config) {
		c.Delete, c.DeleteDelay, c.Durations, c.MaxDeletePercent = finalize.DeleteSources, time.Hour, finalize.DurationsTrust, 100
	})
}

// TestManyCopiesAreLookedAtWithWhatTheyHold: before each batch that goes the copies are
// looked at that hold it, not all of them over and over.
func TestManyCopiesAreLookedAtWithWhatTheyHold(t *testing.T) {
	const n = 2500
	w, cfg := manyCopies(n)
	if r := mustRun(t, cfg, "rec"); r.Condemned == 0 {
		t.Fatalf("nothing is marked: %q", r.Problems)
	}
	w.clock.advance(2 * time.Hour)
	heads, deletes := 0, 0
	h := &hook{Store: w, before: func(c call) error {
		switch {
		case c.op == "delete" && strings.HasPrefix(c.key, "rec/"):
			deletes++
		case c.op == "head" && strings.HasPrefix(c.key, outPath) && strings.HasSuffix(c.key, ".ts") && deletes > 0:
			heads++
		}
		return nil
	}}
	cfg.Sources = []store.Store{h}
	r := mustRun(t, cfg, "rec")
	if len(r.Deleted) != n {
		t.Errorf("%d segments went: %q", len(r.Deleted), r.Problems)
	}
	if heads != n-1000 { // behind the first batch, those of the others
		t.Errorf("%d copies were looked at for %d segments", heads, n-1000)
	}
}

// TestCopyThatVanishesWhileSourcesGo: from the batch on whose copies are not all there no
// source goes any more.
func TestCopyThatVanishesWhileSourcesGo(t *testing.T) {
	const n = 2500
	w, cfg := manyCopies(n)
	mustRun(t, cfg, "rec")
	w.clock.advance(2 * time.Hour)
	key := find(t, w.Snapshot(), "/720p/002400.ts")
	h := &hook{Store: w, after: func(c call) {
		if c.op == "delete" && strings.HasPrefix(c.key, "rec/") && w.has(key) {
			w.remove(t, key)
		}
	}}
	cfg.Sources = []store.Store{h}
	r, _ := run(cfg, "rec") // the report says what stays
	if len(r.Deleted) != 1000 || len(r.Kept) != n-1000 {
		t.Errorf("%d went and %d were kept", len(r.Deleted), len(r.Kept))
	}
	if slot := "rec/A/720p/2400.ts"; !w.has(slot) {
		t.Error("the segment went whose copy is not there")
	}
}
