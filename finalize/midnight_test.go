package finalize_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
)

// onAndOn lays out a stream that never ends, from one hour to another: a new
// writer every two hours, two segments each, so that little stands for much. Its
// settings have a session gap to match.
func (w *world) onAndOn(from, to int) {
	for h := from; h < to; h += 2 {
		f := feed{Content: fmt.Sprintf("hour %d", h), Width: 640, Height: 352, Clock: int64(h) * 1000000}
		w.lay(fmt.Sprintf("foo/%02d/720p", h), f, 0, 1, time.Duration(h)*time.Hour)
	}
}

func endless(split finalize.Split) func(*finalize.Config) {
	return func(c *finalize.Config) {
		c.Split, c.SessionGap, c.Settle, c.Formats.HLS, c.Delete = split, 3*time.Hour, time.Hour, false, finalize.DeleteNone
	}
}

func sessionsOf(a *archive) []string {
	var ids []string
	for _, s := range a.Sessions {
		ids = append(ids, s.ID)
	}
	return ids
}

// TestCase32AfterMidnight: a piece is finished when its midnight is past,
// whatever is still uploaded. The next one is named by that midnight, also when
// the sources of the first are gone; and what comes late for the first is kept
// and reported (case 32).
func TestCase32AfterMidnight(t *testing.T) {
	for _, gone := range []bool{false, true} {
		t.Run(fmt.Sprintf("sources gone %v", gone), func(t *testing.T) {
			w := newWorld(false)
			cfg := with(settings(w), endless(finalize.SplitMidnight))
			night := func(hour int) *finalize.Report { // hours since 20:00
				w.clock.set(onAir.Add(time.Duration(hour) * time.Hour))
				before := w.Snapshot()
				r := mustRun(t, cfg, "foo")
				audit(t, before, w.Snapshot(), "foo")
				grown(t, before, w.Snapshot())
				return r
			}
			w.onAndOn(0, 6)
			if r := night(6); r.Status() != finalize.NotSettled {
				t.Errorf("after 6 h: %s", r.Status())
			}
			w.onAndOn(6, 30)
			night(30) // 02:00: two hours after the second midnight
			same(t, "after 30 h", sessionsOf(read(t, w.Snapshot(), "foo")), []string{"20260301T200000Z"})
			if gone {
				for key := range sources(w.Snapshot()) {
					if strings.HasPrefix(key, "foo/00/") || strings.HasPrefix(key, "foo/02/") {
						w.remove(t, key)
					}
				}
			}
			w.onAndOn(30, 34)
			night(34)
			same(t, "after 34 h", sessionsOf(read(t, w.Snapshot(), "foo")), []string{"20260301T200000Z", "20260302T000000Z"})
			if gone {
				for key := range sources(w.Snapshot()) {
					if key < "foo/28/" {
						w.remove(t, key)
					}
				}
			}
			w.onAndOn(34, 40) // and it ends
			night(60)
			want := []string{"20260301T200000Z", "20260302T000000Z", "20260303T000000Z"}
			is := read(t, w.Snapshot(), "foo")
			same(t, "at last", sessionsOf(is), want)
			for i, n := range []int{4, 24, 12} {
				if got := is.chosen(want[i]); len(got) != n {
					t.Errorf("%s has %d segments: %v", want[i], len(got), got)
				}
			}
			w.Set("foo/late/720p/0.ts", feed{Content: "23:59", Width: 640, Height: 352, Clock: 0}.segment(0), onAir.Add(4*time.Hour-time.Minute), nil)
			for range 2 {
				r := night(70)
				at := slices.IndexFunc(r.Plan.Dropped, func(d finalize.Dropped) bool { return d.Key == "foo/late/720p/0.ts" })
				switch chosen := slices.Contains(read(t, w.Snapshot(), "foo").chosen(want[0]), "foo/late/720p/0.ts"); {
				case gone && (at < 0 || r.Plan.Dropped[at].Reason != "late" || r.Plan.Dropped[at].Leftover):
					t.Errorf("the late segment is not reported: %v", r.Plan.Dropped)
				case !gone && !chosen:
					t.Error("the late segment is in no session")
				}
				same(t, "with a late one", sessionsOf(read(t, w.Snapshot(), "foo")), want)
			}
			if !w.has("foo/late/720p/0.ts") {
				t.Error("the late segment is gone")
			}
			never := with(settings(w), endless(finalize.SplitNever))
			if r := mustRun(t, never, "foo"); !r.Done() {
				t.Error("--split never changes what is finished")
			}
		})
	}
}

// TestSplitLater: a finished session of days stays whole when --split is set.
func TestSplitLater(t *testing.T) {
	w := newWorld(false)
	w.onAndOn(0, 40)
	w.clock.set(onAir.Add(60 * time.Hour))
	mustRun(t, with(settings(w), endless(finalize.SplitNever)), "foo")
	before := w.Snapshot()
	later := with(settings(w), endless(finalize.SplitMidnight))
	mustRun(t, later, "foo")
	noDifference(t, w.Snapshot(), before, false)
	w.Set("foo/late/720p/0.ts", feed{Content: "late", Width: 640, Height: 352, Clock: 0}.segment(0), onAir.Add(4*time.Hour-time.Minute), nil)
	r := mustRun(t, later, "foo")
	audit(t, before, w.Snapshot(), "foo")
	grown(t, before, w.Snapshot())
	same(t, "sessions", sessionsOf(read(t, w.Snapshot(), "foo")), []string{"20260301T200000Z"})
	if n := accounts(r)["foo/late/720p/0.ts"]; len(n) != 1 {
		t.Errorf("the late segment is in %v", n)
	}
}

// TestEndless: a stream that goes on for more than 48 h and is not split is
// reported.
func TestEndless(t *testing.T) {
	for _, c := range []struct {
		hours int
		split finalize.Split
		want  bool
	}{{46, finalize.SplitNever, false}, {52, finalize.SplitNever, true}, {52, finalize.SplitMidnight, false}} {
		w := newWorld(false)
		w.onAndOn(0, c.hours)
		w.clock.set(onAir.Add(time.Duration(c.hours) * time.Hour))
		r := mustPlan(t, with(settings(w), endless(c.split)), "foo")
		if got := slices.Contains(r.Plan.Warnings, "endless"); got != c.want || got && !strings.Contains(r.Plan.Why, "--split midnight") {
			t.Errorf("%d hours, split %s: warnings %v, why %s", c.hours, c.split, r.Plan.Warnings, r.Plan.Why)
		}
	}
}
