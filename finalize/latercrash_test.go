package finalize_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store/storetest"
)

// TestLaterCrashes: a run that reads heads as it joins dies at every operation; the
// next one brings what an undisturbed one brings.
func TestLaterCrashes(t *testing.T) {
	for _, opaque := range []bool{false, true} {
		s := laterSweep(opaque)
		s.play = play{name: "in line", lay: func(_ testing.TB, opaque bool, _ func(*finalize.Config)) pair {
			w := newWorld(opaque)
			w.lay("foo/A/720p", high, 0, 19, 0)
			w.lay("foo/B/720p", high, 18, 29, 3*time.Second)
			return pair{primary: w}
		}}
		t.Run(fmt.Sprintf("opaque=%v", opaque), s.run)
	}
}

func laterSweep(opaque bool) *sweep {
	return &sweep{
		cfg: wish(finalize.Formats{MP4: true}, finalize.HLSReference, finalize.DeleteNone), opaque: opaque,
		points: new(atomic.Int64), stride: 1, second: 60, recovered: map[string]bool{},
	}
}

// TestLaterCrashesWhereJoinedAnew: so it is where a run finds, behind the joining,
// that it has to join otherwise: an encoder of its own stood between two looks. What
// it wrote in vain is condemned, with the time at which it was written.
func TestLaterCrashesWhereJoinedAnew(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 19, 0)
	hidden := high
	hidden.Clock += 7777777
	w.lay("foo/A/720p", hidden, 4, 4, 0)
	w.lay("foo/A/720p", hidden, 14, 15, 0)
	start, s := pair{primary: w}, laterSweep(false)
	before := w.Snapshot()
	recovered := func(p pair) (key, body string) {
		t.Helper()
		p.primary.clock.advance(sweepAge)
		cfg, _ := s.config(p, storetest.Never)
		mustRun(t, cfg, "foo")
		after := p.primary.Snapshot()
		audit(t, before, after, "foo")
		for _, rec := range read(t, after, "foo").records {
			for _, o := range rec.Outputs {
				key, body = o.Key, string(after[o.Key].Body)
			}
		}
		return key, body
	}
	key, body := recovered(start.clone())
	if key == "" || body == "" {
		t.Fatal("nothing was written")
	}
	cfg, counting := s.config(start.clone(), storetest.Plan{At: -1})
	mustRun(t, cfg, "foo")
	for at := range counting.Count() {
		for _, after := range []bool{false, true} {
			p := start.clone()
			s.crash(p, storetest.Plan{At: at, After: after, Crash: true})
			audit(t, before, p.primary.Snapshot(), "foo")
			if k, b := recovered(p); k != key || b != body {
				t.Fatalf("after a crash at mutation %d (after %v): %s (%d bytes), want %s (%d)", at, after, k, len(b), key, len(body))
			}
		}
	}
}
