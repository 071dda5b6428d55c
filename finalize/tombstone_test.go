package finalize_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
)

// TestTombstoneOfAWinner: anybody can hide a segment that a recording holds, and
// may take it away next. Its copies stay, marked or not.
func TestTombstoneOfAWinner(t *testing.T) {
	for name, when := range map[string]int{"never": 0, "before the mark": 1, "after the mark": 2} {
		w := newWorld(false)
		var winners []string
		for n := range 6 {
			at := onAir.Add(time.Duration(n) * 2 * time.Second)
			key := fmt.Sprintf("show/source/%s/%s-2.0-full-", at.Format("2006-01-02T15"), at.Format("04:05.0"))
			w.Set(key+"a.ts", high.segment(n), uploaded(n), nil)
			w.Set(key+"b.ts", high.segment(n), uploaded(n).Add(time.Second), nil)
			winners = append(winners, key+"a.ts")
		}
		hide := func(now int) {
			for _, key := range winners {
				if now == when {
					w.Set(strings.TrimSuffix(key, ".ts")+".tombstone", nil, w.clock.now(), nil)
				}
			}
			w.clock.advance(2 * day)
		}
		mustRun(t, laid(t, "wubloader", w), "show") // nothing is marked yet
		hide(1)
		cfg := with(laid(t, "wubloader", w), func(c *finalize.Config) { c.Delete, c.DeleteDelay = finalize.DeleteLeftovers, day })
		before := w.Snapshot()
		marked := mustRun(t, cfg, "show").Condemned
		hide(2)
		mustRun(t, cfg, "show")
		if want := map[int]int{0: 6, 1: 0, 2: 6}[when]; marked != want {
			t.Errorf("hidden %s: %d were marked, want %d", name, marked, want)
		}
		if got, want := len(gone(before, w.Snapshot())), map[int]int{0: 6}[when]; got != want {
			t.Errorf("hidden %s: %d are gone, want %d", name, got, want)
		}
	}
}
