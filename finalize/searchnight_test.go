package finalize_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/testenv"
	"recfin/store/storetest"
)

// TestSecondNight: a night costs what is new in it: beside that the names, the state and
// a seventh of the looks.
func TestSecondNight(t *testing.T) {
	const fresh = 10
	finished := 1000
	if n := thoroughNight(); n > 0 {
		finished = n
	}
	few, pages, _ := secondNight(t, 7, fresh)
	ofThem := few - pages - 1 // without the state of the seven, and the look at one of them
	got, _, s := secondNight(t, finished, fresh)
	most := int64(finished/1000+256+finished/7) + ofThem
	if s.Looks != finished/7 || s.Skipped+s.Looks != finished || got > most {
		t.Errorf("%d looks, %d skipped, %d requests, at most %d", s.Looks, s.Skipped, got, most)
	}
	testenv.Figure(t, "second-night", "%d finished recordings and %d new ones: %d requests, at most %d (names %d, state 256, looks %d, the new ones %d)",
		finished, fresh, got, most, finished/1000, finished/7, ofThem)
}

// secondNight gives the requests of a run a day after that which finished all
// recordings but some new ones, and how many pages of the state that had written.
func secondNight(t *testing.T, finished, fresh int) (all, pages int64, s *finalize.Search) {
	t.Helper()
	w := newWorld(false)
	w.clock.set(onAir.Add(29*day + 2*time.Hour))
	for i := range finished {
		for n := range 3 {
			w.Set(fmt.Sprintf("show-%06d/A/720p/%d.ts", i, n), []byte("x"), onAir, nil)
		}
	}
	s = search(t, sparse(w), week)
	for _, name := range s.Work {
		if err := s.Lay(context.Background(), name, onAir); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Save(context.Background()); err != nil {
		t.Fatal(err)
	}
	for key := range w.Snapshot() {
		if strings.HasPrefix(key, private+"state/") && !strings.HasPrefix(key, private+"state/looks/") {
			pages++
		}
	}
	for i := range fresh {
		w.two(fmt.Sprintf("tonight-%d", i), 30*day)
	}
	w.clock.set(onAir.Add(30*day + 2*time.Hour))
	rec := storetest.NewRecorder(w)
	s, reports := aNight(t, sparse(rec), week)
	if len(reports) != fresh+s.Looks {
		t.Errorf("%d reports", len(reports))
	}
	for _, r := range reports {
		if r.Err != nil || r.Unchanged == strings.HasPrefix(r.Recording, "tonight") {
			t.Errorf("%s: %v, unchanged %v", r.Recording, r.Err, r.Unchanged)
		}
	}
	return allRequests(rec), pages, s
}

// thoroughNight is how many finished recordings a night is to meet; 0: few.
func thoroughNight() int {
	n, _ := strconv.Atoi(os.Getenv("RECFIN_TEST_NIGHT"))
	return n
}

// allRequests are all that were made, with a page of a listing as one.
func allRequests(r *storetest.Recorder) int64 {
	c := r.Counters
	n := c.List.Load() + c.Get.Load() + c.Head.Load() + c.Put.Load() + c.Copy.Load() + c.Delete.Load()
	for _, line := range r.Ops() {
		if line == "now" {
			n++
		}
	}
	return n
}

// TestShardsListNoPageTwice: shares list no page of segments that another one lists, and
// look at nothing twice.
func TestShardsListNoPageTwice(t *testing.T) {
	const shards = 8
	w := newWorld(false)
	for i := range 60 {
		w.two(fmt.Sprintf("show-%02d", i), 0)
	}
	w.Set("junk/readme", []byte("x"), onAir, nil)
	for night := range 4 {
		by := map[string]int{}
		pages := map[string]int{}
		for k := range shards {
			rec := storetest.NewRecorder(w)
			cfg := with(sparse(rec), func(c *finalize.Config) { c.Shard = finalize.Shard{Index: k, Count: shards} })
			s, _ := aNight(t, cfg, week)
			if _, err := s.Unread(context.Background(), s.Names); err != nil {
				t.Fatal(err)
			}
			for _, line := range rec.Ops() {
				key, isPage := strings.CutPrefix(line, "get "+private+"state/")
				if isPage && !strings.HasPrefix(key, "looks/") {
					if other, ok := pages[key]; ok && other != k {
						t.Errorf("night %d: page %s is read by %d and by %d", night, key, other, k)
					}
					pages[key] = k
				}
				prefix, ok := strings.CutPrefix(line, "list ")
				if !ok || strings.HasPrefix(prefix, outPath) {
					continue
				}
				if other, again := by[prefix]; again && other != k {
					t.Errorf("night %d: %q is listed by %d and by %d", night, prefix, other, k)
				}
				if by[prefix] = k; prefix == "" {
					t.Errorf("night %d: share %d lists everything", night, k)
				}
			}
		}
		if want := 61; night == 0 && len(by) != want { // junk too
			t.Errorf("%d folders were listed, want %d", len(by), want)
		}
		w.clock.advance(3 * day)
	}
}
