package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/storetest"
)

const week = 7 * day

// sparse are settings that make little of a recording.
func sparse(s store.Store) finalize.Config { return only(s, finalize.Formats{HLS: true}) }

// aNight is a run over all that is found, as the command makes it.
func aNight(t tester, cfg finalize.Config, every time.Duration, names ...string) (*finalize.Search, []*finalize.Report) {
	t.Helper()
	s := search(t, cfg, every, names...)
	reports := workOn(s)
	if err := s.Save(context.Background()); err != nil {
		t.Fatalf("save: %v", err)
	}
	return s, reports
}

func search(t tester, cfg finalize.Config, every time.Duration, names ...string) *finalize.Search {
	t.Helper()
	f, err := finalize.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Search(context.Background(), finalize.SearchOptions{Recheck: every, Names: names})
	if err != nil {
		t.Fatalf("search: %v", err)
	}
	return s
}

// workOn works on everything that a search gives, and on what it is a part of.
func workOn(s *finalize.Search) (reports []*finalize.Report) {
	whole := map[string]bool{}
	for _, name := range s.Work {
		r, _ := s.Run(context.Background(), name)
		reports = append(reports, r)
		var claimed *finalize.ClaimedError
		if !errors.As(r.Err, &claimed) {
			continue
		}
		if !whole[claimed.As] {
			whole[claimed.As] = true
			r, _ = s.Run(context.Background(), claimed.As)
			reports = append(reports, r)
		}
		s.Part(name, claimed.As)
	}
	return reports
}

// asked gives the operations on anything below a prefix.
func asked(r *storetest.Recorder, below string) (ops []string) {
	for _, line := range r.Ops() {
		if words := strings.Fields(line); len(words) > 1 && strings.HasPrefix(words[1], below) {
			ops = append(ops, line)
		}
	}
	return ops
}

// two lays out two segments of a recording.
func (w *world) two(name string, late time.Duration) {
	w.lay(name+"/A/720p", feed{Content: name, Width: 1280, Height: 720}, 0, 1, late)
}

// A recording is worked on in full until 48 hours after its last commit, and then nothing
// of it is asked for but its look.
func TestClosedIsSkipped(t *testing.T) {
	w := newWorld(false)
	w.two("foo", 0)
	rec := storetest.NewRecorder(w)
	cfg := sparse(rec)
	aNight(t, cfg, week)
	for _, c := range []struct {
		wait time.Duration
		work []string
	}{
		{time.Hour, []string{"foo"}}, {46 * time.Hour, []string{"foo"}},
		{time.Hour, nil}, {day, nil},
	} {
		w.clock.advance(c.wait)
		rec.Reset()
		s, _ := aNight(t, cfg, week)
		same(t, "work", s.Work, c.work)
		if c.work == nil && (s.Skipped != 1 || len(asked(rec, "foo/")) > 0 || len(asked(rec, "recordings/foo/")) > 0) {
			t.Errorf("skipped %d, asked %q", s.Skipped, rec.Ops())
		}
		if !s.Known("foo") || s.Closed("foo") != (c.work == nil) {
			t.Errorf("known %v, closed %v", s.Known("foo"), s.Closed("foo"))
		}
	}
	w.clock.advance(week)
	rec.Reset()
	s, reports := aNight(t, cfg, week)
	if s.Looks != 1 || len(reports) != 1 || !reports[0].Unchanged || reports[0].Status() != finalize.Done {
		t.Errorf("looks %d, %+v", s.Looks, reports)
	}
	same(t, "a look", append(asked(rec, "foo/"), asked(rec, "recordings/foo/")...), []string{"list foo/"})
	if n, cost := s.Passed(); n != 1 || cost.List != 1 {
		t.Errorf("passed %d, %+v", n, cost)
	}
	if s, _ := aNight(t, cfg, 0); len(s.Work) != 1 {
		t.Errorf("without --recheck: %q", s.Work)
	}
}

// What comes to a closed recording is met within a round, and then all of the work is
// done.
func TestLateForClosed(t *testing.T) {
	w := newWorld(false)
	w.two("foo", 0)
	w.two("bar", 0)
	cfg := sparse(w)
	aNight(t, cfg, week)
	w.clock.advance(50 * time.Hour)
	aNight(t, cfg, week)
	w.lay("foo/A/720p", feed{Content: "another", Width: 1280, Height: 720}, 2, 3, 50*time.Hour)
	committed := -1
	for n := range 9 {
		w.clock.advance(day)
		_, reports := aNight(t, cfg, week)
		for _, r := range reports {
			if r.Err != nil || len(r.Committed) > 0 && (r.Recording != "foo" || committed >= 0) {
				t.Fatalf("night %d: %s: %v, %+v", n, r.Recording, r.Err, r.Committed)
			} else if len(r.Committed) > 0 {
				committed = n
			}
		}
	}
	if committed < 0 || committed > 7 {
		t.Errorf("committed in night %d", committed)
	}
}

// A deletion that waits is carried out when it is due, also where no listing shows the
// recording any more.
func TestDueOfClosed(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	cfg := with(sparse(w), func(c *finalize.Config) {
		c.Delete, c.DeleteDelay, c.HLS = finalize.DeleteLeftovers, 30*day, finalize.HLSCopy
	})
	aNight(t, cfg, week)
	aNight(t, cfg, week)
	w.clock.advance(20 * day)
	if s, _ := aNight(t, cfg, week); s.Skipped+s.Looks != 1 {
		t.Errorf("it is not closed: %q", s.Work)
	}
	if s := search(t, with(cfg, func(c *finalize.Config) { c.DeleteDelay = day }), week); s.Skipped+s.Looks != 0 {
		t.Error("with a shorter delay it is skipped")
	}
	w.clock.advance(11 * day)
	_, reports := aNight(t, cfg, week)
	if len(reports) != 1 || len(reports[0].Deleted) == 0 {
		t.Fatalf("nothing was deleted: %+v", reports)
	}
	w.clock.advance(3 * day)
	s, reports := aNight(t, cfg, week)
	if s.Skipped+s.Looks != 1 || len(reports) > 0 && !reports[0].Unchanged {
		t.Errorf("what is left is not what was there less what was deleted: %q %+v", s.Work, reports)
	}
}

// Where the sources are gone and a deletion waits, the name is in the state alone.
func TestDueWithoutSources(t *testing.T) {
	w := newWorld(false)
	w.two("foo", 0)
	cfg := with(only(w, finalize.Formats{MP4: true}), func(c *finalize.Config) {
		c.Delete, c.DeleteDelay = finalize.DeleteSources, 3*day
	})
	aNight(t, cfg, week)
	aNight(t, cfg, week)
	late := with(cfg, func(c *finalize.Config) { c.DeleteDelay = day })
	w.clock.advance(50 * time.Hour)
	w.remove(t, "foo/A/720p/0.ts", "foo/A/720p/1.ts") // by somebody else
	s := search(t, late, week)
	same(t, "work", s.Work, []string{"foo"})
	same(t, "names", s.Names, []string{"foo"})
	if s := search(t, cfg, week); len(s.Work) != 0 {
		t.Errorf("not due, and to be worked on: %q", s.Work)
	}
	w.clock.advance(2 * day)
	if _, reports := aNight(t, cfg, week); len(reports) != 1 || reports[0].Err != nil {
		t.Errorf("due: %+v", reports)
	}
	if s, _ := aNight(t, cfg, week); len(s.Work) != 0 {
		t.Errorf("for ever: %q", s.Work)
	}
}

// What is damaged, refused or failed is never closed, and a recording that becomes so
// under a look is met by every run from then on.
func TestTroubleIsNeverClosed(t *testing.T) {
	w := newWorld(false)
	w.two("foo", 0)
	cfg := sparse(w)
	aNight(t, cfg, week)
	w.clock.advance(50 * time.Hour)
	aNight(t, cfg, week)
	w.remove(t, "foo/A/720p/0.ts")
	w.clock.advance(8 * day)
	for range 3 {
		_, reports := aNight(t, cfg, week)
		if len(reports) != 1 || reports[0].Status() != finalize.Damaged {
			t.Fatalf("%+v", reports)
		}
		w.clock.advance(time.Hour)
	}
	w.two("foo", 0) // put back
	_, reports := aNight(t, cfg, week)
	if len(reports) != 1 || reports[0].Err != nil {
		t.Fatalf("%+v", reports)
	}
	if s, _ := aNight(t, cfg, week); s.Skipped != 1 {
		t.Errorf("it is not closed again: %q", s.Work)
	}
}

// Other settings are met by the look, with all of the work; other stores or layouts know
// of nothing.
func TestClosedForOthers(t *testing.T) {
	w := newWorld(false)
	w.two("foo", 0)
	aNight(t, sparse(w), week)
	w.clock.advance(50 * time.Hour)
	other := only(w, finalize.Formats{HLS: true, MP4: true})
	if s, _ := aNight(t, other, week); s.Skipped != 1 || s.Other != 1 {
		t.Errorf("skipped %d, of other settings %d", s.Skipped, s.Other)
	}
	w.clock.advance(week)
	if _, reports := aNight(t, other, week); len(reports) != 1 || len(reports[0].Committed) != 1 {
		t.Errorf("%+v", reports)
	}
	zone := with(sparse(w), func(c *finalize.Config) { c.TimeZone = "Europe/Berlin" })
	if s, _ := aNight(t, zone, week); len(s.Work) != 1 || s.Known("foo") {
		t.Errorf("other objects: %q", s.Work)
	}
	w.clock.advance(50 * time.Hour)
	for _, cfg := range []finalize.Config{zone, other} { // each has rows of its own
		if s, _ := aNight(t, cfg, week); s.Skipped+s.Looks != 1 {
			t.Errorf("%q", s.Work)
		}
	}
	accept := with(other, func(c *finalize.Config) { c.Accept = []string{"foo"} })
	if s := search(t, accept, week); len(s.Work) != 1 || s.Closed("foo") {
		t.Errorf("what somebody has accepted is skipped")
	}
}

// The parts of a recording are closed with it.
func TestClosedGroup(t *testing.T) {
	w := newWorld(false)
	w.two("a", 0)
	w.two("b", 0)
	cfg := sparse(w)
	if _, err := runAs(cfg, "match", "a", "b"); err != nil {
		t.Fatal(err)
	}
	aNight(t, cfg, week)
	w.clock.advance(50 * time.Hour)
	s, _ := aNight(t, cfg, week)
	if s.Skipped != 2 {
		t.Errorf("work %q", s.Work)
	}
	w.lay("b/A/720p", feed{Content: "b", Width: 1280, Height: 720}, 2, 2, 50*time.Hour)
	w.clock.advance(8 * day)
	_, reports := aNight(t, cfg, week)
	if !slices.ContainsFunc(reports, func(r *finalize.Report) bool { return r.Recording == "match" && len(r.Committed) > 0 }) {
		t.Errorf("what came to a part was not taken: %d reports", len(reports))
	}
}

// The newest comes first: what is not known, what was committed last, and then looks.
func TestSearchOrder(t *testing.T) {
	w := newWorld(false)
	cfg := sparse(w)
	for i, name := range []string{"closed", "older", "newer"} {
		w.two(name, time.Duration(i)*20*time.Hour)
		w.clock.set(onAir.Add(time.Duration(i)*20*time.Hour + 2*time.Hour))
		aNight(t, cfg, week)
	}
	w.clock.advance(12 * time.Hour)
	w.two("m", 52*time.Hour)
	w.two("n", 52*time.Hour)
	same(t, "work", search(t, cfg, 24*time.Hour).Work, []string{"n", "m", "newer", "older"})
	w.clock.advance(10 * time.Hour)
	s := search(t, cfg, time.Hour, "required", "newer")
	same(t, "work", s.Work, []string{"required", "n", "m", "newer", "older", "closed"}) // looks by their places
	same(t, "names", s.Names, []string{"closed", "m", "n", "newer", "older", "required"})
}

// A page that is lost, damaged or not ours is nothing known, and the next run writes it
// anew; one that cannot be read costs work and no error.
func TestStateIsACache(t *testing.T) {
	dir := private + "state/"
	for _, c := range []struct {
		name  string
		spoil func(w *world, key string)
	}{
		{"lost", func(w *world, key string) { w.remove(t, key) }},
		{"cut off", func(w *world, key string) { w.Set(key, w.Snapshot()[key].Body[:20], w.clock.now(), nil) }},
		{"of somebody else", func(w *world, key string) { w.Set(key, []byte("hello\n"), w.clock.now(), nil) }},
		{"empty", func(w *world, key string) { w.Set(key, nil, w.clock.now(), nil) }},
		{"of another version", func(w *world, key string) {
			w.Set(key, zip(t, []byte(`{"format":"recfin/state","version":2}`)), w.clock.now(), nil)
		}},
	} {
		w := newWorld(false)
		w.two("foo", 0)
		cfg := sparse(w)
		aNight(t, cfg, week)
		w.clock.advance(50 * time.Hour)
		for key := range w.Snapshot() {
			if strings.HasPrefix(key, dir) && !strings.HasPrefix(key, dir+"looks/") {
				c.spoil(w, key)
			}
		}
		if s, reports := aNight(t, cfg, week); len(s.Work) != 1 || s.Known("foo") || reports[0].Err != nil || s.Trouble != nil {
			t.Errorf("%s: %q", c.name, s.Work)
		}
		if s, _ := aNight(t, cfg, week); s.Skipped != 1 {
			t.Errorf("%s: it stays unknown", c.name)
		}
	}
	w := newWorld(false)
	w.two("foo", 0)
	aNight(t, sparse(w), week)
	w.clock.advance(50 * time.Hour)
	ill := &hook{Store: w, before: func(c call) error {
		if strings.HasPrefix(c.key, dir) {
			return fmt.Errorf("%s %s: %w", c.op, c.key, store.ErrDenied)
		}
		return nil
	}}
	s := search(t, sparse(ill), week)
	if len(s.Work) != 1 || !errors.Is(s.Trouble, store.ErrDenied) {
		t.Errorf("work %q, %v", s.Work, s.Trouble)
	}
	for _, r := range workOn(s) {
		if r.Err != nil {
			t.Error(r.Err)
		}
	}
}
