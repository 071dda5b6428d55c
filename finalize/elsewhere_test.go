package finalize_test

import (
	"testing"
	"time"
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
		same(t, "sources that are gone", gone(sources(before), after), nil)
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
