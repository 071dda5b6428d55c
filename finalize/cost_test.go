package finalize_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/storetest"
)

// requests are those that a recorder saw, by their first word.
func requests(rec *storetest.Recorder) map[string]int {
	n := map[string]int{}
	for _, line := range rec.Ops() {
		word, _, _ := strings.Cut(line, " ")
		n[word]++
	}
	return n
}

// costly lays three runs of two renditions, 1,002 segments, one broadcaster after
// the other, with or without the playlist of each.
func costly(sidecars bool) (w *world, segments, runs int) {
	w = newWorld(false)
	w.clock.set(onAir.Add(6 * time.Hour))
	const each = 167
	for k, node := range []string{"n1", "n2", "n3"} {
		first, last := k*each, (k+1)*each-1
		for _, q := range []struct {
			name string
			feed
		}{{"source", high}, {"360p", low}} {
			w.lay("rec/"+node+"/"+q.name, q.feed, first, last, 0)
			segments += each
			runs++
		}
		if sidecars {
			ns := upTo(first, last)
			at := uploaded(last).Add(time.Second)
			body := livepeerJSON("rec/"+node, map[string][]int{"source": ns, "360p": ns})
			w.Set(fmt.Sprintf("rec/%s/playlist_%d.json", node, at.UnixNano()), body, at, nil)
		}
	}
	return w, segments, runs
}

// TestRequestsWithSidecars: at most 0.02 requests a segment plus 4 a run,
// listings and the sidecars themselves included.
func TestRequestsWithSidecars(t *testing.T) {
	w, segments, runs := costly(true)
	rec := storetest.NewRecorder(w)
	r := mustPlan(t, laid(t, "livepeer", rec), "rec")
	n := requests(rec)
	all := 0
	for _, k := range n {
		all += k
	}
	most := segments/50 + 4*runs
	t.Logf("%d segments in %d runs: %v, %d requests of %d", segments, runs, n, all, most)
	if all > most || n["head"] > 0 {
		t.Errorf("%v are %d requests, %d are allowed", n, all, most)
	}
	if got := len(r.Plan.Sessions[0].Record.Slots.Seq); got != segments/2 || len(r.Plan.Uncertain)+len(r.Plan.Dropped)+len(r.Plan.Notes) > 0 {
		t.Errorf("%d slots, %d dropped, uncertain %v, notes %v", got, len(r.Plan.Dropped), r.Plan.Uncertain, r.Plan.Notes)
	}
}

// TestRequestsWithoutSidecars: at most 1.02 GETs a segment, and no HEAD.
func TestRequestsWithoutSidecars(t *testing.T) {
	w, segments, runs := costly(false)
	rec := storetest.NewRecorder(w)
	r := mustPlan(t, laid(t, "livepeer", rec), "rec")
	n := requests(rec)
	t.Logf("%d segments in %d runs: %v", segments, runs, n)
	if most := segments + segments/50; n["get"] > most || n["head"] > 0 {
		t.Errorf("%v, and %d GETs are allowed", n, most)
	}
	if got := len(r.Plan.Sessions[0].Record.Slots.Seq); got != segments/2 {
		t.Errorf("%d slots", got)
	}
}

// TestOldSidecarsAreNotRead: an archive of JSON files of other writers, and of
// what the marker knows, costs nothing.
func TestOldSidecarsAreNotRead(t *testing.T) {
	w := newWorld(false)
	w.lay("rec/n1/source", high, 0, 9, 0)
	for n := range 20 { // yesterday, over keys that are written anew today
		at := onAir.Add(-24*time.Hour + time.Duration(n)*time.Minute)
		w.Set(fmt.Sprintf("rec/n1/playlist_%d.json", at.UnixNano()), livepeerJSON("rec/n1", map[string][]int{"source": upTo(0, 30)}), at, nil)
		late := uploaded(20)
		w.Set(fmt.Sprintf("rec/n0/playlist_%d.json", n), livepeerJSON("rec/n0", map[string][]int{"source": {n}}), late, nil)
	}
	rec := storetest.NewRecorder(w)
	cfg := laid(t, "livepeer", rec)
	mustRun(t, cfg, "rec")
	if got := jsonReads(rec); got != 0 {
		t.Errorf("%d old sidecars were read", got)
	}
	at := uploaded(9).Add(time.Second)
	w.Set("rec/n1/playlist_2.json", livepeerJSON("rec/n1", map[string][]int{"source": upTo(0, 9)}), at, nil)
	mustRun(t, cfg, "rec")
	if got := jsonReads(rec); got != 0 {
		t.Errorf("%d sidecars were read of segments that the marker knows", got)
	}
}

// jsonReads counts reads of Livepeer JSON.
func jsonReads(rec *storetest.Recorder) int {
	n := 0
	for _, line := range rec.Ops() {
		if strings.HasPrefix(line, "get rec/") && strings.Contains(line, "playlist_") {
			n++
		}
	}
	return n
}

// TestBrokenStoreIsNoBrokenSidecar: a store that does not answer says nothing
// about a sidecar.
func TestBrokenStoreIsNoBrokenSidecar(t *testing.T) {
	w := livepeerBucket()
	h := &hook{Store: w}
	h.before = func(c call) error {
		if c.op == "get" && strings.Contains(c.key, "playlist_") {
			return store.ErrUnavailable
		}
		return nil
	}
	if _, err := plan(laid(t, "livepeer", h), "video+rec"); !finalize.Retry(err) {
		t.Errorf("error %v", err)
	}
}
