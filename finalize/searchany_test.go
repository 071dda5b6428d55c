package finalize_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize"
	"recfin/store/storetest"
)

// shows are the recordings of a history of nights.
var shows = []string{"a", "b", "c", "d", "e", "f"}

// broadcastTo lays out a session of its own of a recording that ended so long ago.
func (w *world) broadcastTo(name string, n int, ago time.Duration) {
	late := w.clock.now().Add(-ago).Sub(uploaded(1))
	w.lay(fmt.Sprintf("%s/n%d/720p", name, n), feed{Content: fmt.Sprint(name, n), Width: 1280, Height: 720}, 0, 1, late)
}

// nothingLeft fails if a run that knows of no state finds anything to do.
func nothingLeft(t tester, w *world) {
	t.Helper()
	for _, r := range workOn(search(t, sparse(w), 0)) {
		if r.Err != nil || len(r.Committed) > 0 {
			t.Fatalf("%s was left out: %v, %d sessions", r.Recording, r.Err, len(r.Committed))
		}
	}
}

// TestAnyNights: whatever comes to whichever recording, whichever runs are cut short,
// die or lose the state, with whichever number of shares: when two rounds of looks have
// gone over all, a run that knows of no state finds nothing to do.
func TestAnyNights(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(false)
		for step := range rapid.IntRange(2, 10).Draw(t, "nights") {
			for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(shows), 0, 4, rapid.ID).Draw(t, "broadcasts") {
				w.broadcastTo(name, step, rapid.SampledFrom([]time.Duration{time.Minute, 40 * time.Minute, 3 * day}).Draw(t, "ago"))
			}
			if rapid.IntRange(0, 5).Draw(t, "lost") == 0 {
				loseState(t, w)
			}
			shares := rapid.IntRange(1, 3).Draw(t, "shares")
			for k := range shares {
				someNight(t, w, finalize.Shard{Index: k, Count: shares})
			}
			w.clock.advance(rapid.SampledFrom([]time.Duration{5 * time.Minute, time.Hour, day, 3 * day, 9 * day}).Draw(t, "later"))
		}
		for range 16 {
			aNight(t, sparse(w), week)
			w.clock.advance(day)
		}
		nothingLeft(t, w)
	})
}

// loseState takes a part of the state away.
func loseState(t *rapid.T, w *world) {
	for key := range w.Snapshot() {
		if rest, ok := strings.CutPrefix(key, private+"state/"); ok && rapid.Bool().Draw(t, rest) {
			w.Set(key, []byte("?"), w.clock.now(), nil)
		}
	}
}

// someNight is a run that may be cut short, or die at any of its steps.
func someNight(t *rapid.T, w *world, shard finalize.Shard) {
	at := -1
	if rapid.IntRange(0, 3).Draw(t, "dies") == 0 {
		at = rapid.IntRange(0, 40).Draw(t, "at")
	}
	fault := storetest.NewFault(w, storetest.Plan{At: at, Crash: true, After: rapid.Bool().Draw(t, "after")})
	cfg := with(sparse(fault), func(c *finalize.Config) { c.Shard = shard })
	f, err := finalize.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Search(context.Background(), finalize.SearchOptions{Recheck: week})
	if err != nil {
		if !fault.Crashed() {
			t.Fatal(err)
		}
		return
	}
	if rapid.IntRange(0, 3).Draw(t, "cut") == 0 {
		s.Work = s.Work[:rapid.IntRange(0, len(s.Work)).Draw(t, "done")]
	}
	workOn(s)
	if err := s.Save(context.Background()); err != nil && !fault.Crashed() {
		t.Fatal(err)
	}
}

// TestStateCrashes: a run dies before or behind any of its steps, those of the state
// among them, or one of them fails; what it should have done the nights after it do.
func TestStateCrashes(t *testing.T) {
	t.Parallel()
	base := newWorld(false)
	for n, name := range shows[:3] {
		base.broadcastTo(name, n, 40*time.Minute)
	}
	aNight(t, sparse(base), week)
	base.clock.advance(9 * day)
	aNight(t, sparse(base), week)
	base.clock.advance(9 * day)
	base.broadcastTo("b", 10, 40*time.Minute) // closed, and its look is due
	base.broadcastTo("d", 11, 40*time.Minute) // new
	if s := search(t, sparse(base), week); s.Looks != 3 || len(s.Work) != 4 {
		t.Fatalf("%d looks of %q", s.Looks, s.Work)
	}
	now := base.clock.now()
	for _, plan := range []storetest.Plan{{Crash: true}, {Crash: true, After: true}, {}, {After: true}} {
		for n := 0; ; n++ {
			w := base.clone()
			w.clock.set(now)
			plan.At = n
			fault := storetest.NewFault(w, plan)
			f, err := finalize.New(sparse(fault))
			if err != nil {
				t.Fatal(err)
			}
			if s, err := f.Search(context.Background(), finalize.SearchOptions{Recheck: week}); err == nil {
				workOn(s)
				_ = s.Save(context.Background())
			}
			if fault.Count() <= n {
				if n == 0 {
					t.Fatal("nothing was written")
				}
				break
			}
			for range 8 {
				w.clock.advance(day)
				aNight(t, sparse(w), week)
			}
			nothingLeft(t, w)
			if t.Failed() {
				t.Fatalf("after step %d of %+v", n, plan)
			}
		}
	}
}
