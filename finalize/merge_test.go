package finalize_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
)

// apart lays out two sessions of one encoder, 25 minutes from each other, each
// with copies of another broadcaster, and finalizes them. What joins them is
// segment 375: 12 minutes from both.
func apart(t testing.TB, opaque bool, cfg func(*finalize.Config)) *world {
	w := newWorld(opaque)
	for _, q := range []struct {
		name string
		feed
	}{{"720p", high}, {"360p", low}} {
		w.lay("foo/A/"+q.name, q.feed, 0, 4, 0)
		w.lay("foo/A/"+q.name, q.feed, 750, 754, 0)
		w.lay("foo/B/"+q.name, q.feed, 3, 4, 3*time.Second)
		w.lay("foo/B/"+q.name, q.feed, 753, 754, 3*time.Second)
	}
	mustRun(t, with(settings(w), cfg), "foo")
	if a := read(t, w.Snapshot(), "foo"); len(a.Sessions) != 2 {
		t.Fatalf("%d sessions", len(a.Sessions))
	}
	w.lay("foo/A/720p", high, 374, 375, time.Hour)
	w.lay("foo/A/360p", low, 374, 375, time.Hour)
	w.clock.advance(2 * time.Hour)
	return w
}

func keepAll(c *finalize.Config) { c.Delete = finalize.DeleteNone }

// TestMerge is the last row of the table of sessions: late segments make one of
// two. The first keeps its id, has all that both had, and the door of the second
// leads to it; the outputs of both are superseded.
func TestMerge(t *testing.T) {
	for _, cfg := range []func(*finalize.Config){keepAll, func(*finalize.Config) {}, later} {
		w := apart(t, false, cfg)
		before := w.Snapshot()
		was := read(t, before, "foo")
		first, second := was.Sessions[0].ID, was.Sessions[1].ID
		all := append(was.chosen(first), was.chosen(second)...)
		for _, q := range []string{"720p", "360p"} {
			all = append(all, "foo/A/"+q+"/374.ts", "foo/A/"+q+"/375.ts")
		}
		slices.Sort(all)
		r := mustRun(t, with(settings(w), cfg), "foo")
		after := w.Snapshot()
		audit(t, before, after, "foo")
		grown(t, before, after)
		is := read(t, after, "foo")
		if len(is.Sessions) != 1 || is.Sessions[0].ID != first || !slices.Equal(is.Sessions[0].Absorbed, []string{second}) || len(r.Committed) != 1 {
			t.Fatalf("sessions %+v", is.Sessions)
		}
		same(t, "chosen", is.chosen(first), all)
		want := played(t, after, "foo", first)
		if n := len(want["720p.m3u8"]); n != 12 {
			t.Errorf("720p plays %d segments", n)
		}
		if got := played(t, after, "foo", second); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("the door of the second session plays %v", got)
		}
		for _, e := range was.Sessions {
			if dir := outPath + "foo/" + e.ID + "/" + e.Version + "/"; !slices.ContainsFunc(is.doomed(), func(k string) bool { return strings.HasPrefix(k, dir) }) {
				t.Errorf("nothing of %s is condemned", dir)
			}
		}
		w.clock.advance(2 * day)
		mustRun(t, with(settings(w), cfg), "foo") // deletes what is due
		audit(t, before, w.Snapshot(), "foo")
		if got := played(t, w.Snapshot(), "foo", second); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("then the door of the second session plays %v", got)
		}
		if w.has("foo/B/720p/4.ts") == (settingsOf(cfg).Delete == finalize.DeleteLeftovers) {
			t.Errorf("delete %s: foo/B/720p/4.ts is there: %v", settingsOf(cfg).Delete, w.has("foo/B/720p/4.ts"))
		}
		if r := mustRun(t, with(settings(w), cfg), "foo"); !r.Done() {
			t.Error("there is always something to do")
		}
		find(t, w.Snapshot(), second+"/index.m3u8")
	}
}

func settingsOf(change func(*finalize.Config)) finalize.Config {
	return with(finalize.Config{Delete: finalize.DeleteLeftovers}, change)
}

// TestMergeNeedsAll: where a source of either session is gone, both stay as they
// are, and the late segments are kept and reported.
func TestMergeNeedsAll(t *testing.T) {
	for _, lost := range []string{"foo/A/720p/2.ts", "foo/A/360p/752.ts"} {
		movies := func(c *finalize.Config) { keepAll(c); c.Formats.HLS = false }
		w := apart(t, false, movies)
		w.remove(t, lost)
		before := w.Snapshot()
		r := mustRun(t, with(settings(w), movies), "foo")
		audit(t, before, w.Snapshot(), "foo")
		grown(t, before, w.Snapshot())
		if is := read(t, w.Snapshot(), "foo"); len(is.Sessions) != 2 || len(r.Committed) > 0 {
			t.Errorf("without %s: %d sessions, committed %v", lost, len(is.Sessions), r.Committed)
		}
		late := 0
		for _, d := range r.Plan.Dropped {
			if d.Reason == "late" && !d.Leftover {
				late++
			}
		}
		if late != 4 || !strings.Contains(r.Plan.Why, "4 segments came too late") {
			t.Errorf("without %s: %d late segments: %s", lost, late, r.Plan.Why)
		}
		same(t, "gone", gone(before, w.Snapshot()), nil)
	}
}

// TestSettingsDoNotMerge: a longer session gap makes nothing of two finished
// sessions.
func TestSettingsDoNotMerge(t *testing.T) {
	w := apart(t, false, keepAll)
	w.remove(t, "foo/A/720p/374.ts", "foo/A/720p/375.ts", "foo/A/360p/374.ts", "foo/A/360p/375.ts")
	longer := func(c *finalize.Config) { keepAll(c); c.SessionGap, c.Settle = time.Hour, time.Hour }
	before := w.Snapshot()
	mustRun(t, with(settings(w), longer), "foo")
	noDifference(t, w.Snapshot(), before, false)
	w.Set("foo/A/720p/755.ts", high.segment(755), w.clock.now(), nil)
	w.clock.advance(2 * time.Hour)
	mustRun(t, with(settings(w), longer), "foo")
	audit(t, before, w.Snapshot(), "foo")
	grown(t, before, w.Snapshot())
	if is := read(t, w.Snapshot(), "foo"); len(is.Sessions) != 2 {
		t.Errorf("%d sessions", len(is.Sessions))
	}
}

// TestBetterCopy: a chosen segment was cut off, and the whole of it comes late:
// the next version has it in the place of the other (semantics §7).
func TestBetterCopy(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 8, 0)
	w.Set("foo/A/720p/9.ts", high.cut(9), uploaded(9), nil)
	cfg := with(settings(w), keepAll)
	mustRun(t, cfg, "foo")
	w.Set("foo/B/720p/9.ts", high.segment(9), uploaded(9).Add(time.Hour), nil)
	w.clock.advance(2 * time.Hour)
	before := w.Snapshot()
	mustRun(t, cfg, "foo")
	after := w.Snapshot()
	audit(t, before, after, "foo")
	grown(t, before, after)
	is := read(t, after, "foo")
	if got := is.chosen(is.Sessions[0].ID); len(is.Sessions) != 1 || !slices.Contains(got, "foo/B/720p/9.ts") || slices.Contains(got, "foo/A/720p/9.ts") {
		t.Errorf("%d sessions, the first has %v", len(is.Sessions), got)
	}
	r := is.records[is.Sessions[0].ID]
	if i := slices.Index(r.Dropped.Key, "foo/A/720p/9.ts"); i < 0 || r.Dropped.Reason[i] != "truncated" {
		t.Errorf("dropped %v", r.Dropped)
	}
	if r := mustRun(t, cfg, "foo"); !r.Done() {
		t.Error("there is always something to do")
	}
}
