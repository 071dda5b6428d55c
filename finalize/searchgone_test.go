package finalize_test

import (
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/mem"
)

// A recording whose sources are gone and whose deletion waits is met through its row
// alone: a night that cannot finish it must not take that row away.
func TestDueOutlivesTrouble(t *testing.T) {
	w := newWorld(false)
	w.two("foo", 0)
	cfg := with(only(w, finalize.Formats{MP4: true}), func(c *finalize.Config) {
		c.Delete, c.DeleteDelay = finalize.DeleteSources, 3*day
	})
	aNight(t, cfg, week)
	aNight(t, cfg, week)
	w.remove(t, "foo/A/720p/0.ts", "foo/A/720p/1.ts") // by somebody else
	w.clock.advance(4 * day)
	broken := &hook{Store: w, before: func(c call) error {
		if c.key == "recordings/foo/recording.json" {
			return store.ErrUnavailable
		}
		return nil
	}}
	for range 2 {
		_, reports := aNight(t, with(cfg, func(c *finalize.Config) { c.Sources, c.Out = []store.Store{broken}, broken }), week)
		if len(reports) != 1 || reports[0].Err == nil {
			t.Fatalf("it is not met, or nothing was in its way: %+v", reports)
		}
		w.clock.advance(time.Hour)
	}
	_, reports := aNight(t, cfg, week)
	if len(reports) != 1 || reports[0].Err != nil {
		t.Fatalf("it is not met again: %+v", reports)
	}
	if s, _ := aNight(t, cfg, week); len(s.Work) != 0 {
		t.Errorf("for ever: %q", s.Work)
	}
}

// A look lists segments alone. That all that was made of a recording went, with its
// marker, is met at the end of the round all the same, and it is made again.
func TestOutputsThatWentAreMadeAgain(t *testing.T) {
	w := newWorld(false)
	for _, name := range []string{"bar", "foo"} {
		w.two(name, 0)
	}
	aNight(t, sparse(w), week)
	w.clock.advance(3 * day)
	if s, _ := aNight(t, sparse(w), week); s.Skipped+s.Looks != 2 {
		t.Fatalf("they are not closed: %q", s.Work)
	}
	for key := range w.Snapshot() {
		if strings.HasPrefix(key, "recordings/foo/") {
			w.remove(t, key)
		}
	}
	made := 0
	for range 9 {
		w.clock.advance(day)
		_, reports := aNight(t, sparse(w), week)
		for _, r := range reports {
			if r.Err != nil || r.Recording != "foo" && !r.Unchanged {
				t.Errorf("%s: %v, unchanged %v", r.Recording, r.Err, r.Unchanged)
			}
			made += len(r.Committed)
		}
	}
	if _, ok := w.Snapshot()["recordings/foo/recording.json"]; !ok || made != 1 {
		t.Errorf("%d sessions were made", made)
	}
	nothingLeft(t, w)
}

// Where the outputs have a store of their own, the state and the index of days lie in
// the private folder of that, and are listed there.
func TestStateInAStoreOfItsOwn(t *testing.T) {
	w := newWorld(false)
	for _, name := range []string{"bar", "foo"} {
		w.two(name, 0)
	}
	cfg := with(only(w, finalize.Formats{MP4: true}), func(c *finalize.Config) {
		c.Out, c.OutPath = mem.New(mem.Options{Name: "other", Clock: w.clock.now}), ""
	})
	aNight(t, cfg, week)
	w.clock.advance(3 * day)
	if s, _ := aNight(t, cfg, week); s.Skipped+s.Looks != 2 {
		t.Errorf("they are not closed: %q", s.Work)
	}
	for from, want := range map[time.Time][]string{onAir.Truncate(day): {"bar", "foo"}, onAir.Truncate(day).Add(day): nil} {
		f, err := finalize.New(with(cfg, func(c *finalize.Config) { c.Days = finalize.Days{From: from} }))
		if err != nil {
			t.Fatal(err)
		}
		got, odd, err := f.OnDays(t.Context())
		if err != nil || len(odd) > 0 {
			t.Fatal(odd, err)
		}
		same(t, "since "+from.String(), got, want)
	}
}
