package finalize_test

import (
	"fmt"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store/storetest"
)

// lastUpload is that of the takeover.
var lastUpload = uploaded(9)

// TestNotSettled: a session is published when nothing of it was uploaded for
// long enough, by the store's clock (I5).
func TestNotSettled(t *testing.T) {
	for _, c := range []struct {
		settle, gap, quiet time.Duration
		ready              bool
	}{
		{30 * time.Minute, 15 * time.Minute, 0, false},
		{30 * time.Minute, 15 * time.Minute, 29 * time.Minute, false},
		{30 * time.Minute, 15 * time.Minute, 30*time.Minute - 1, false},
		{30 * time.Minute, 15 * time.Minute, 30 * time.Minute, true},
		{30 * time.Minute, time.Hour, 45 * time.Minute, false},
		{30 * time.Minute, time.Hour, time.Hour, true},
		{0, 0, -time.Hour, false}, // uploads in the future
	} {
		t.Run(fmt.Sprintf("settle %v, gap %v, quiet %v", c.settle, c.gap, c.quiet), func(t *testing.T) {
			w := newWorld(false)
			w.takeover("foo")
			w.clock.set(lastUpload.Add(c.quiet))
			rec := storetest.NewRecorder(w)
			r := mustRun(t, with(settings(rec), func(cfg *finalize.Config) { cfg.Settle, cfg.SessionGap = c.settle, c.gap }), "foo")
			if c.ready {
				if r.Status() != finalize.Done || len(r.Committed) != 1 {
					t.Errorf("status %s, committed %v", r.Status(), r.Committed)
				}
				return
			}
			if r.Status() != finalize.NotSettled || r.Plan.Why == "" {
				t.Errorf("status %s because %q", r.Status(), r.Plan.Why)
			}
			same(t, "mutations", rec.Mutations(), []string{})
		})
	}
}

// TestLiveSessionStays: of two sessions the one that is over is written, and
// the one that is on air is not touched.
func TestLiveSessionStays(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	evening := func(prefix string, first, last int) {
		for n := first; n <= last; n++ {
			w.Set(fmt.Sprintf("%s/%d.ts", prefix, n), feed{Content: "the evening", Width: 1280, Height: 720, Clock: 0}.segment(n), uploaded(n).Add(4*time.Hour), nil)
		}
	}
	evening("foo/C/720p", 0, 9)
	evening("foo/D/720p", 8, 9) // copies that lost, on air
	w.clock.set(uploaded(9).Add(4*time.Hour + 10*time.Minute))
	before := w.Snapshot()
	r := mustRun(t, settings(w), "foo")
	after := w.Snapshot()
	audit(t, before, after, "foo")
	same(t, "gone", gone(before, after), losers("foo"))
	a := read(t, after, "foo")
	if len(a.Sessions) != 1 || len(r.Plan.Sessions) != 2 {
		t.Fatalf("%d sessions committed, %d planned", len(a.Sessions), len(r.Plan.Sessions))
	}
	w.clock.advance(time.Hour)
	mustRun(t, settings(w), "foo")
	last := w.Snapshot()
	audit(t, after, last, "foo")
	a = read(t, last, "foo")
	if len(a.Sessions) != 2 {
		t.Fatalf("%d sessions committed", len(a.Sessions))
	}
	same(t, "gone then", gone(after, last), []string{"foo/D/720p/8.ts", "foo/D/720p/9.ts"})
	if n := len(a.chosen(a.Sessions[1].ID)); n != 10 {
		t.Errorf("%d segments in the evening", n)
	}
}

// TestForceNeverDeletes: Force writes what is not settled. It deletes nothing
// of it, not even what it superseded itself (I5).
func TestForceNeverDeletes(t *testing.T) {
	forced := func(c *finalize.Config) { c.Force = true }
	t.Run("leftovers", func(t *testing.T) {
		w := newWorld(false)
		w.takeover("foo")
		w.clock.set(lastUpload.Add(time.Minute))
		before := w.Snapshot()
		for range 2 {
			r := mustRun(t, with(settings(w), forced), "foo")
			if len(r.Deleted) > 0 {
				t.Errorf("deleted %v", keys(r.Deleted))
			}
			same(t, "gone", gone(before, w.Snapshot()), nil)
		}
		a := read(t, w.Snapshot(), "foo")
		if len(a.Sessions) != 1 || len(a.condemned) > 0 {
			t.Errorf("%d sessions, condemned %v", len(a.Sessions), a.doomed())
		}
		w.clock.advance(time.Hour)
		mustRun(t, settings(w), "foo")
		same(t, "gone when it is settled", gone(before, w.Snapshot()), losers("foo"))
		audit(t, before, w.Snapshot(), "foo")
	})
	t.Run("superseded outputs", func(t *testing.T) {
		w := newWorld(false)
		w.takeover("foo")
		w.clock.set(lastUpload.Add(time.Minute))
		mustRun(t, with(settings(w), forced), "foo")
		w.Set("foo/B/720p/7.ts", high.segment(7), w.clock.now(), nil)
		w.clock.advance(time.Minute)
		before := w.Snapshot()
		r := mustRun(t, with(settings(w), forced), "foo")
		if len(r.Committed) != 1 {
			t.Errorf("committed %v", r.Committed)
		}
		same(t, "gone", gone(before, w.Snapshot()), nil)
		audit(t, before, w.Snapshot(), "foo")
	})
	t.Run("condemned while it was quiet", func(t *testing.T) {
		for _, force := range []bool{false, true} {
			w, before := marked(t, later)
			w.clock.advance(day)
			// The broadcast goes on in the same session: it is not settled any more.
			w.Set("foo/B/720p/7.ts", high.segment(7), w.clock.now(), nil)
			w.clock.advance(time.Minute)
			mustRun(t, with(settings(w), func(c *finalize.Config) { later(c); c.Force = force }), "foo")
			same(t, fmt.Sprintf("gone (force %v)", force), gone(before, w.Snapshot()), nil)
		}
	})
}
