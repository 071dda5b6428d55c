package finalize_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
)

// TestLaterCosts: how often segments are read where only MP4s are made, of broadcasts
// to which the usual things happened.
func TestLaterCosts(t *testing.T) {
	second := high
	second.Clock, second.Content = 987654, "after the restart"
	small := high
	small.Width, small.Height = 320, 176
	for _, c := range []struct {
		name string
		lay  func(w *world)
		more int // GETs beyond one a segment, at most
	}{
		{"two renditions", func(w *world) {
			w.lay("foo/A/720p", high, 0, 99, 0)
			w.lay("foo/A/360p", low, 0, 99, 0)
		}, 0},
		{"another broadcaster takes over, and sends two again", func(w *world) {
			w.lay("foo/A/720p", high, 0, 49, 0)
			w.lay("foo/B/720p", high, 48, 99, 3*time.Second)
		}, 2},
		{"segments are lost", func(w *world) {
			w.lay("foo/A/720p", high, 0, 49, 0)
			w.lay("foo/A/720p", high, 53, 99, 0)
		}, 0},
		{"the encoder starts over, the numbers go on", func(w *world) {
			w.lay("foo/A/720p", high, 0, 36, 0)
			w.lay("foo/A/720p", second, 37, 99, 0)
		}, 4},
		{"two sessions", func(w *world) {
			w.lay("foo/A/720p", high, 0, 49, 0)
			w.lay("foo/B/720p", second, 0, 49, time.Hour)
		}, 0},
		{"another size of picture", func(w *world) {
			w.lay("foo/A/720p", high, 0, 49, 0)
			w.lay("foo/A/720p", small, 50, 99, 0)
		}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(false)
			c.lay(w)
			g := counted(w)
			w.clock.set(onAir.Add(12 * time.Hour))
			mustRun(t, only(g, finalize.Formats{MP4: true}), "foo")
			if got, want := g.total(), len(g.by); got > want+c.more {
				t.Errorf("%d GETs for %d segments", got, want)
			}
		})
	}
}

// TestLaterMeetsTrouble: what the heads would have told beforehand is met while the
// segments are joined. Then all heads are read, once, and what is bad is left out:
// many broken segments cost one more join, not one each.
func TestLaterMeetsTrouble(t *testing.T) {
	for _, c := range []struct {
		name   string
		lay    func(w *world)
		lost   string // a segment that is listed and not there
		found  int    // how often it is not there; 0: always
		reason string
		drops  int
		gets   int // of segments, at most
	}{
		{name: "broken segments", reason: "unreadable", drops: 20, gets: 250, lay: func(w *world) {
			for n := 20; n < 80; n += 3 {
				w.Set(key720(n), []byte(strings.Repeat("no media ", 500)), uploaded(n), nil)
			}
		}},
		{name: "one that is never there", lost: key720(31), reason: "gone", drops: 1, gets: 210},
		{name: "one that is not there once", lost: key720(31), found: 1, gets: 210},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(false)
			w.lay("foo/A/720p", high, 0, 99, 0)
			if c.lay != nil {
				c.lay(w)
			}
			g := counted(w)
			count := g.before
			asked := 0
			g.before = func(x call) error {
				if x.op == "get" && x.key == c.lost {
					if asked++; c.found == 0 || asked <= c.found {
						return fmt.Errorf("get: %w", store.ErrNotExist)
					}
				}
				return count(x)
			}
			r := mustRun(t, only(g, finalize.Formats{MP4: true}), "foo")
			if len(r.Committed) != 1 {
				t.Fatalf("%d sessions were committed", len(r.Committed))
			}
			rec := r.Committed[0].Record
			if got := rec.Dropped.Len(); got != c.drops || got > 0 && string(rec.Dropped.Reason[0]) != c.reason {
				t.Errorf("%d segments were dropped (%v), want %d (%s)", got, rec.Dropped.Reason, c.drops, c.reason)
			}
			if got := rec.Renditions[0].Len(); got != 100-c.drops {
				t.Errorf("%d segments are in it, want %d", got, 100-c.drops)
			}
			if n := g.total(); n > c.gets {
				t.Errorf("%d GETs for 100 segments", n)
			}
		})
	}
}

func key720(n int) string { return fmt.Sprintf("foo/A/720p/%d.ts", n) }

// TestLaterPlansAlike: a plan that is only looked at decides what a run does, and reads
// next to nothing.
func TestLaterPlansAlike(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 199, 0)
	w.lay("foo/B/720p", high, 205, 399, 0)
	g := counted(w)
	cfg := only(g, finalize.Formats{MP4: true})
	p := mustPlan(t, cfg, "foo").Plan
	if n := g.total(); n > 12 {
		t.Errorf("planning 395 segments read %d times", n)
	}
	r := mustRun(t, cfg, "foo")
	got, want := p.Sessions[0].Record, r.Committed[0].Record
	if got.Session != want.Session || !slices.Equal(got.Renditions[0].Key, want.Renditions[0].Key) || !slices.Equal(got.Slots.Join, want.Slots.Join) || len(got.Holes) != len(want.Holes) {
		t.Errorf("planned %s with %d segments, committed %s with %d", got.Session, got.Renditions[0].Len(), want.Session, want.Renditions[0].Len())
	}
}
