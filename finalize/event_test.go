package finalize_test

import (
	"sync"
	"testing"

	"recfin/finalize"
)

// TestEventsCount: what is copied, read back and deleted is counted to its end, and
// never backwards.
func TestEventsCount(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/source", high, 0, 9, 0)
	w.lay("foo/B/source", high, 8, 11, 0)
	cfg := settings(w)
	cfg.HLS, cfg.Delete, cfg.Formats = finalize.HLSCopy, finalize.DeleteSources, finalize.Formats{HLS: true, MP4: true}
	type part struct {
		stage  finalize.Stage
		detail string
	}
	var mu sync.Mutex
	last, cost := map[part]finalize.Event{}, finalize.Cost{}
	cfg.Notify = func(e finalize.Event) {
		mu.Lock()
		defer mu.Unlock()
		cost = e.Cost
		if e.Total == 0 {
			return
		}
		p := part{e.Stage, e.Detail}
		if before, ok := last[p]; ok && e.Done < before.Done && before.Done != before.Total {
			t.Errorf("%v: %d of %d after %d of %d", p, e.Done, e.Total, before.Done, before.Total)
		}
		last[p] = e
	}
	r := mustRun(t, cfg, "foo")
	stages := map[finalize.Stage]bool{}
	for p, e := range last {
		stages[p.stage] = true
		if e.Done != e.Total || e.Unit == "" {
			t.Errorf("%v ends with %d of %d %s", p, e.Done, e.Total, e.Unit)
		}
	}
	if len(r.Deleted) == 0 || !stages[finalize.StageMeasure] || !stages[finalize.StageWrite] || !stages[finalize.StageVerify] || !stages[finalize.StageDelete] {
		t.Errorf("%d deleted, and only %v counted", len(r.Deleted), stages)
	}
	if cost == (finalize.Cost{}) || cost.Get > r.Cost.Get || cost.BytesWritten > r.Cost.BytesWritten {
		t.Errorf("the last event knows of %+v, and all of it cost %+v", cost, r.Cost)
	}
}
