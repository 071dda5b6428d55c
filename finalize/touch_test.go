package finalize_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
)

// reads counts the reads of segments, by the folder of their writer.
func reads(s store.Store) (*hook, map[string]int) {
	n := map[string]int{}
	h := &hook{Store: s}
	h.before = func(c call) error {
		if c.op == "get" && strings.HasPrefix(c.key, "foo/") {
			n[path.Dir(path.Dir(c.key))]++
		}
		return nil
	}
	return h, n
}

// night is the nonce of one evening of a daily broadcast.
func night(k int) string { return fmt.Sprintf("foo/N%03d", k) }

// evenings lays out one broadcast a day, each with a nonce of its own: 12
// segments, numbered from 0.
func (w *world) evenings(first, last int) {
	for k := first; k <= last; k++ {
		w.lay(night(k)+"/720p", feed{Content: fmt.Sprint("evening ", k), Width: 1280, Height: 720, Clock: 0}, 0, 11, time.Duration(k)*day)
	}
	w.clock.set(onAir.Add(time.Duration(last)*day + 2*time.Hour))
}

// TestCase30YearOfEvenings is case 30: one ID every day for a year, a new nonce a day.
// Tonight one session is new, and the others are not read again.
func TestCase30YearOfEvenings(t *testing.T) {
	const days = 365
	w := newWorld(false)
	w.evenings(0, days-2)
	h, n := reads(w)
	cfg := with(only(h, finalize.Formats{HLS: true}), func(c *finalize.Config) { c.Concurrency = 8 })
	first := mustRun(t, cfg, "foo")
	if len(first.Committed) != days-1 {
		t.Fatalf("%d sessions of %d evenings", len(first.Committed), days-1)
	}
	w.evenings(days-1, days-1)
	clear(n)
	tonight := mustRun(t, cfg, "foo")
	if len(tonight.Committed) != 1 || len(read(t, w.Snapshot(), "foo").Sessions) != days {
		t.Errorf("%d sessions committed, %d in all", len(tonight.Committed), len(read(t, w.Snapshot(), "foo").Sessions))
	}
	for writer, k := range n {
		if writer != night(days-1) || k > 20 {
			t.Errorf("%d reads of segments of %s", k, writer)
		}
	}
	// A record and a door for each session, before and after the swap.
	if most := int64(4*days + 40); tonight.Cost.Get > most {
		t.Errorf("%d GETs tonight, want at most %d", tonight.Cost.Get, most)
	}
	t.Logf("first run: %+v; tonight: %+v, %d of them of segments", first.Cost, tonight.Cost, n[night(days-1)])
	places := accounts(tonight)
	for key := range sources(w.Snapshot()) {
		if len(places[key]) != 1 {
			t.Errorf("%s is in %v", key, places[key])
		}
	}
	clear(n)
	if r := mustRun(t, cfg, "foo"); !r.Done() || len(n) > 0 {
		t.Errorf("once more: done %v, reads %v", r.Done(), n)
	}
}

// TestTouched: what is new is compared with the sessions that it may belong to,
// and with no other.
func TestTouched(t *testing.T) {
	evening := func(k int) feed { return feed{Content: fmt.Sprint("evening ", k), Width: 1280, Height: 720, Clock: 0} }
	for _, c := range []struct {
		what string
		lay  func(w *world)
		read []int // evenings that are read again
	}{
		{"a segment of its writer, days late", func(w *world) {
			w.Set(night(1)+"/720p/12.ts", evening(1).segment(12), w.clock.now(), nil)
		}, []int{1}},
		{"a copy of another writer, days late", func(w *world) {
			w.Set("foo/X/720p/5.ts", evening(2).segment(5), w.clock.now(), nil)
		}, []int{0, 1, 2, 3}}, // all have a number 5 of that size
		{"a missing number of another writer, days late", func(w *world) {
			w.Set("foo/X/720p/12.ts", evening(2).segment(12), w.clock.now(), nil)
		}, []int{0, 1, 2, 3}},
		{"a whole evening once more, under another nonce", func(w *world) {
			w.lay("foo/X/720p", evening(2), 0, 11, 10*day)
		}, []int{2}},
		{"a retry within the hour", func(w *world) {
			w.Set("foo/X/720p/500.ts", feed{Content: "x", Width: 1280, Height: 720, Clock: 0}.segment(5), uploaded(11).Add(2*day+30*time.Minute), nil)
		}, []int{2}},
		{"a broadcast of its own", func(w *world) { w.lay("foo/X/720p", evening(9), 0, 11, 9*day) }, nil},
		{"an empty object", func(w *world) { w.Set("foo/X/720p/5.ts", nil, w.clock.now(), nil) }, nil},
		{"a bucket that was copied", func(w *world) {
			for k := range 40 {
				w.Set(fmt.Sprintf("foo/X/720p/%d.ts", k), feed{Content: "old", Width: 1280, Height: 720, Clock: 0}.segment(k), onAir.Add(9*day).Add(time.Duration(k)*10*time.Millisecond), nil)
			}
		}, []int{0, 1, 2, 3}},
	} {
		t.Run(c.what, func(t *testing.T) {
			w := newWorld(false)
			w.evenings(0, 3)
			h, n := reads(w)
			cfg := only(h, finalize.Formats{HLS: true})
			mustRun(t, cfg, "foo")
			w.clock.set(onAir.Add(12 * day))
			before := w.Snapshot()
			c.lay(w)
			w.clock.advance(day)
			clear(n)
			r := mustRun(t, cfg, "foo")
			audit(t, before, w.Snapshot(), "foo")
			grown(t, before, w.Snapshot())
			var got []int
			for k := range 4 {
				if n[night(k)] > 0 {
					got = append(got, k)
				}
			}
			if !slices.Equal(got, c.read) {
				t.Errorf("evenings %v were read again, want %v", got, c.read)
			}
			places := accounts(r)
			for key := range sources(w.Snapshot()) {
				if len(places[key]) != 1 {
					t.Errorf("%s is in %v", key, places[key])
				}
			}
			clear(n)
			if r := mustRun(t, cfg, "foo"); !r.Done() || len(n) > 0 {
				t.Errorf("the night after: done %v, reads %v", r.Done(), n)
			}
		})
	}
}
