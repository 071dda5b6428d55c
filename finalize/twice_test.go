package finalize_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store/storetest"
)

// TestRunTwice: where nothing is to be done nothing is written, and the report
// says so.
func TestRunTwice(t *testing.T) {
	cases := []struct {
		name   string
		change func(*finalize.Config)
	}{
		{"deleting nothing", func(c *finalize.Config) { c.Delete = finalize.DeleteNone }},
		{"leftovers deleted at once", func(*finalize.Config) {}},
		{"leftovers condemned", func(c *finalize.Config) { c.DeleteDelay = 24 * time.Hour }},
		{"hls alone", func(c *finalize.Config) { c.Formats.MP4 = false }},
		{"mp4 alone", func(c *finalize.Config) { c.Formats.HLS = false }},
		{"one rendition", func(c *finalize.Config) { c.Selection.Exclude = []string{"360p"} }},
	}
	for _, s := range scenes {
		for _, c := range cases {
			t.Run(s.name+"/"+c.name, func(t *testing.T) {
				w := s.lay(t, false)
				if r := mustRun(t, with(settings(w), c.change), "foo"); r.Done() {
					t.Fatal("the first run says that nothing was to be done")
				}
				for n := range 2 {
					rec := storetest.NewRecorder(w)
					r := mustRun(t, with(settings(rec), c.change), "foo")
					if !r.Done() || r.Status() != finalize.Done {
						t.Errorf("run %d: done %v, status %s, committed %v, deleted %v", n+2, r.Done(), r.Status(), r.Committed, r.Deleted)
					}
					same(t, "mutations", rec.Mutations(), []string{})
					w.clock.advance(time.Hour)
				}
			})
		}
	}
}

// TestDoneReadsNoSegment: a run that has nothing to do knows that from the
// listing and the marker.
func TestDoneReadsNoSegment(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	mustRun(t, settings(w), "foo")
	rec := storetest.NewRecorder(w)
	mustRun(t, settings(rec), "foo")
	for _, line := range rec.Ops() {
		if strings.HasPrefix(line, "get foo/") || strings.HasSuffix(line, ".mp4") {
			t.Error(line)
		}
	}
}

// TestShuffledListing: the order of a listing reaches no output (I4), nor do
// the number of requests at once or the memory.
func TestShuffledListing(t *testing.T) {
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			start := s.lay(t, false)
			calm := start.clone()
			want := mustRun(t, settings(calm), "foo").Plan
			for seed := range uint64(12) {
				w := start.clone()
				cfg := with(settings(shuffled(w, seed)), func(c *finalize.Config) {
					c.Concurrency, c.Memory = 1+int(seed), 1<<(10+seed)
				})
				got := mustRun(t, cfg, "foo").Plan
				noDifference(t, w.Snapshot(), calm.Snapshot(), false)
				if !slices.EqualFunc(got.Dropped, want.Dropped, func(a, b finalize.Dropped) bool { return a == b }) {
					t.Errorf("dropped %v, and in order of key %v", got.Dropped, want.Dropped)
				}
			}
		})
	}
}

// TestPlanChangesNothing: a plan writes nothing, whatever state it meets.
func TestPlanChangesNothing(t *testing.T) {
	for _, s := range scenes {
		w := s.lay(t, false)
		for range 2 { // the second time after a run
			rec := storetest.NewRecorder(w)
			mustPlan(t, settings(rec), "foo")
			same(t, s.name+": mutations", rec.Mutations(), []string{})
			mustRun(t, settings(w), "foo")
		}
		w.remove(t, "foo/A/720p/2.ts")
		rec := storetest.NewRecorder(w)
		if _, err := plan(settings(rec), "foo"); err == nil {
			t.Error("a damaged recording is planned")
		}
		same(t, s.name+": mutations", rec.Mutations(), []string{})
	}
}

// TestPlanIsWhatRunDoes: the plan names what the run then chooses and deletes.
func TestPlanIsWhatRunDoes(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	p := mustPlan(t, settings(w), "foo").PlanJSON()
	r := mustRun(t, settings(w), "foo")
	var planned, deleted []string
	for _, l := range p.Leftovers {
		planned = append(planned, l.Key)
	}
	for _, o := range r.Deleted {
		deleted = append(deleted, o.Key)
	}
	slices.Sort(deleted)
	same(t, "deleted", deleted, planned)
	same(t, "planned to be deleted", planned, losers("foo"))
	a := read(t, w.Snapshot(), "foo")
	if a == nil || len(a.Sessions) != 1 || len(p.Sessions) != 1 || a.Sessions[0].ID != p.Sessions[0].ID {
		t.Fatalf("planned %v", p.Sessions)
	}
	var chosen []string
	for _, q := range p.Sessions[0].Renditions {
		for _, s := range q.Segments {
			if s, ok := s.(finalize.SegmentJSON); ok {
				chosen = append(chosen, s.Key)
			}
		}
	}
	slices.Sort(chosen)
	same(t, "chosen", a.chosen(a.Sessions[0].ID), chosen)
}
