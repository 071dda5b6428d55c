package finalize_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"recfin/finalize"
)

// Two runs at once leave each other's rows alone, and what one of them met as trouble
// the other does not close.
func TestTwoRunsAtOnce(t *testing.T) {
	w := newWorld(false)
	for i := range 20 {
		w.two(fmt.Sprint("r", i), 0)
	}
	cfg := sparse(w)
	a, b := search(t, cfg, week), search(t, cfg, week)
	for i, name := range a.Work {
		s := a
		if i%2 == 0 {
			s = b
		}
		if _, err := s.Run(context.Background(), name); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []*finalize.Search{a, b} {
		if err := s.Save(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	w.clock.advance(50 * time.Hour)
	if s, _ := aNight(t, cfg, week); s.Skipped+s.Looks != 20 {
		t.Errorf("%q are not closed", s.Work)
	}
	w.clock.advance(week)
	a, b = search(t, cfg, week), search(t, cfg, week)
	workOn(b) // all is well
	w.remove(t, "r7/A/720p/1.ts")
	workOn(a)
	w.two("r7", 0)
	for _, s := range []*finalize.Search{a, b} {
		if err := s.Save(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if s := search(t, cfg, week); s.Closed("r7") {
		t.Error("what one of two runs met is closed by the other")
	}
}

// A run that is cut short leaves its looks to the next one.
func TestLooksCutShort(t *testing.T) {
	w := newWorld(false)
	for i := range 12 {
		w.two(fmt.Sprint("r", i), 0)
	}
	cfg := sparse(w)
	aNight(t, cfg, week)
	w.clock.advance(50*time.Hour + week)
	seen := map[string]bool{}
	for n := range 4 {
		s := search(t, cfg, week)
		if n == 0 && s.Looks != 12 {
			t.Fatalf("%d looks", s.Looks)
		}
		for _, name := range s.Work[:min(3, len(s.Work))] {
			if _, err := s.Run(context.Background(), name); err != nil || seen[name] {
				t.Errorf("%s: %v, again %v", name, err, seen[name])
			}
			seen[name] = true
		}
		if err := s.Save(context.Background()); err != nil {
			t.Fatal(err)
		}
		w.clock.advance(time.Minute)
	}
	if len(seen) != 12 {
		t.Errorf("%d of 12 were looked at", len(seen))
	}
}

// Another number of shares takes over: what was looked at is not looked at again, and what
// was not is.
func TestLooksOfAnotherNumberOfShares(t *testing.T) {
	w := newWorld(false)
	for i := range 12 {
		w.two(fmt.Sprint("r", i), 0)
	}
	aNight(t, sparse(w), week)
	w.clock.advance(50*time.Hour + week)
	aNight(t, sparse(w), week)
	w.clock.advance(time.Minute)
	for round, wait := range []time.Duration{0, 2 * week} {
		w.clock.advance(wait)
		looks := 0
		for k := range 3 {
			s, _ := aNight(t, with(sparse(w), func(c *finalize.Config) { c.Shard = finalize.Shard{Index: k, Count: 3 + round} }), week)
			looks += s.Looks
		}
		if round == 0 && looks != 0 || round == 1 && looks == 0 {
			t.Errorf("round %d: %d looks", round, looks)
		}
	}
}
