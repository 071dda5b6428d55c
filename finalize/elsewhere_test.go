package finalize_test

import (
	"fmt"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/storetest"
)

// TestChosenElsewhereIsNoLeftover: B's 6 was committed as a session of its own,
// because nothing told that it belonged to the one before. Then A's 6 comes in,
// the first session grows, and B's 6 turns out to be a copy. It is a fact all
// the same: a playlist names it, so it is no leftover (I8, I9).
func TestChosenElsewhereIsNoLeftover(t *testing.T) {
	w := newWorld(false)
	w.Set("foo/A/720p/1.ts", high.cut(1), uploaded(1), nil)
	w.lay("foo/B/720p", high, 6, 6, time.Hour)
	mustRun(t, settings(w), "foo")
	if n := len(read(t, w.Snapshot(), "foo").Sessions); n != 2 {
		t.Fatalf("%d sessions: the test proves nothing", n)
	}
	w.lay("foo/A/720p", high, 6, 6, 0)
	w.clock.advance(time.Hour)
	before := w.Snapshot()
	accountedOnce(t, w)
	for range 2 {
		mustRun(t, settings(w), "foo")
		after := w.Snapshot()
		audit(t, before, after, "foo")
		// B's is a fact, so A's is the copy.
		same(t, "sources that are gone", gone(sources(before), after), []string{"foo/A/720p/6.ts"})
		w.clock.advance(day)
	}
	accountedOnce(t, w)
}

// TestDroppedIsNotChosenElsewhere: A's 3 was dropped by the first session. What
// comes in later, and reaches the second, does not bring it up again there.
func TestDroppedIsNotChosenElsewhere(t *testing.T) {
	w := newWorld(false)
	other, restarted := high, high
	other.Content, restarted.Clock = "another", 900000
	w.lay("foo/A/720p", restarted, 3, 3, 0)
	w.lay("foo/B/720p", high, 0, 0, 0)
	w.lay("foo/B/720p", high, 3, 3, 3*time.Second)
	w.lay("foo/B/720p", high, 6, 6, time.Hour)
	w.lay("foo/C/720p", other, 3, 3, time.Minute)
	w.lay("foo/C/720p", restarted, 4, 4, 0)
	mustRun(t, settings(w), "foo")
	w.clock.advance(time.Hour)
	w.lay("foo/C/720p", high, 1, 1, 10*time.Second)
	w.lay("foo/B/720p", other, 3, 3, 10*time.Second)
	before := w.Snapshot()
	accountedOnce(t, w)
	mustRun(t, settings(w), "foo")
	audit(t, before, w.Snapshot(), "foo")
	accountedOnce(t, w)
}

// accountedOnce holds that every listed key stands in one place of the plan.
func accountedOnce(t *testing.T, w *world) {
	t.Helper()
	places := accounts(mustPlan(t, settings(w), "foo"))
	for key := range sources(w.Snapshot()) {
		if len(places[key]) != 1 {
			t.Errorf("%s is in %v", key, places[key])
		}
	}
}

// TestCondemnedMakesNoSession: B's copies came hours later and are condemned.
// When A's are taken away, B's would look like a broadcast of their own: but
// they are going to be deleted, so no session is made of them (I1).
func TestCondemnedMakesNoSession(t *testing.T) {
	w := newWorld(false)
	w.clock.set(onAir.Add(day))
	w.lay("foo/A/720p", high, 0, 5, 0)
	w.lay("foo/B/720p", high, 0, 5, 5*time.Hour)
	cfg := with(settings(w), func(c *finalize.Config) { later(c); c.Formats.HLS, c.MaxDeletePercent = false, 100 })
	mustRun(t, cfg, "foo")
	var copies []string
	for n := range 6 {
		copies = append(copies, fmt.Sprintf("foo/B/720p/%d.ts", n))
		w.remove(t, fmt.Sprintf("foo/A/720p/%d.ts", n))
	}
	same(t, "condemned", read(t, w.Snapshot(), "foo").doomed(), copies)
	before := w.Snapshot()
	for _, wait := range []time.Duration{time.Hour, day} {
		w.clock.advance(wait)
		mustRun(t, cfg, "foo")
		audit(t, before, w.Snapshot(), "foo")
		if n := len(read(t, w.Snapshot(), "foo").Sessions); n != 1 {
			t.Errorf("%d sessions", n)
		}
	}
	// What has their place is gone, so they are the last and stay.
	same(t, "gone", gone(before, w.Snapshot()), nil)
}

// TestOutputsAreNoInput: outputs may lie inside the folder of a recording, and
// those of a run that died are no input either.
func TestOutputsAreNoInput(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	inside := func(s store.Store) finalize.Config {
		return with(only(s, finalize.Formats{HLS: true, MP4: true}), func(c *finalize.Config) { c.OutPath = "foo/out/" })
	}
	_, _ = run(inside(storetest.NewFault(w, storetest.Plan{At: 8, Crash: true})), "foo")
	find(t, w.Snapshot(), "/720p.mp4")
	for range 3 {
		r := mustPlan(t, inside(w), "foo")
		same(t, "unknown", keys(r.Plan.Unknown), []string{"foo/notes.txt"})
		mustRun(t, inside(w), "foo")
	}
}
