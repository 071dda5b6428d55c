package finalize_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
)

// fragments is a broadcast of ten fragments that two writers share, A 0–5 and
// B 6–9. The init segment of both is the same.
func fragments(t *testing.T) (w *world, init []byte) {
	t.Helper()
	dir := encode(t, 20, "-f", "hls", "-hls_time", "2", "-hls_list_size", "0", "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", "%d.m4s", "x.m3u8")
	all := newWorld(false)
	all.upload(t, dir, "", func(string) time.Time { return onAir })
	w = newWorld(false)
	for key, e := range all.Snapshot() {
		if n, err := strconv.Atoi(strings.TrimSuffix(key, ".m4s")); err == nil {
			writer := "A"
			if n > 5 {
				writer = "B"
			}
			w.Set("rec/"+writer+"/720p/"+key, e.Body, uploaded(n), nil)
		}
	}
	return w, all.Snapshot()["init.mp4"].Body
}

// nightReads are the GETs of a run that finds nothing to do.
func (w *world) nightReads(t *testing.T, cfg finalize.Config) int64 {
	t.Helper()
	r := mustRun(t, cfg, "rec")
	if !r.Done() {
		t.Errorf("there was something to do: %+v", r.Committed)
	}
	return r.Cost.Get
}

// TestInitAfterCommit: the init segment of a writer arrives after the session was
// committed without its segments. They are looked at again and grow it; without
// one, and with one that does not help, nothing is read again.
func TestInitAfterCommit(t *testing.T) {
	w, init := fragments(t)
	w.Set("rec/A/720p/init.mp4", init, onAir, nil)
	cfg := only(w, finalize.Formats{HLS: true})
	r := mustRun(t, cfg, "rec")
	if rec := r.Committed[0].Record; rec.Renditions[0].Len() != 6 || rec.Dropped.Len() != 4 {
		t.Fatalf("%d chosen, %d dropped; it should be 6 and 4", rec.Renditions[0].Len(), rec.Dropped.Len())
	}
	id := r.Committed[0].Record.Session
	idle := w.nightReads(t, cfg)

	// One that is none is looked at once.
	w.Set("rec/B/720p/init.mp4", []byte("no moov"), w.clock.now(), nil)
	w.clock.advance(time.Hour)
	r = mustRun(t, cfg, "rec")
	if r.Cost.Get <= idle || len(r.Plan.Dropped) != 4 || len(r.Plan.Sessions) != 1 {
		t.Errorf("with a broken init segment: %d GETs, %d dropped", r.Cost.Get, len(r.Plan.Dropped))
	}
	for range 2 {
		if got := w.nightReads(t, cfg); got > idle+1 { // the list of what was seen
			t.Errorf("nothing is new, and %d GETs were made, %d on an idle night", got, idle)
		}
	}

	w.Set("rec/B/720p/init.mp4", init, w.clock.now(), nil)
	r = mustRun(t, cfg, "rec")
	if len(r.Committed) != 1 || r.Committed[0].Record.Session != id || r.Committed[0].Record.Renditions[0].Len() != 10 || r.Committed[0].Record.Dropped.Len() != 0 {
		t.Fatalf("with the init segment: %+v, %+v", r.Committed, r.Plan.Dropped)
	}
	if got := w.nightReads(t, cfg); got > idle+1 { // the list of superseded outputs
		t.Errorf("%d GETs on the night after, %d before", got, idle)
	}
}

// TestInitAfterCommitElsewhere: as before, and the session of the segments that
// could not be understood is another one, or cannot grow any more.
func TestInitAfterCommitElsewhere(t *testing.T) {
	t.Run("a session of its own", func(t *testing.T) {
		w, init := fragments(t)
		w.Set("rec/A/720p/init.mp4", init, onAir, nil)
		for n := 6; n < 10; n++ {
			key := "rec/B/720p/" + strconv.Itoa(n) + ".m4s"
			w.Set(key, w.Snapshot()[key].Body, uploaded(n).Add(time.Hour), nil)
		}
		w.clock.advance(time.Hour)
		cfg := only(w, finalize.Formats{HLS: true})
		mustRun(t, cfg, "rec")
		w.Set("rec/B/720p/init.mp4", init, w.clock.now(), nil)
		r := mustRun(t, cfg, "rec")
		if len(r.Committed) != 1 || r.Committed[0].Record.Renditions[0].Len() != 4 || len(r.Plan.Sessions) != 2 {
			t.Errorf("%+v, %d sessions", r.Committed, len(r.Plan.Sessions))
		}
		if !mustRun(t, cfg, "rec").Done() {
			t.Error("the run after that does something")
		}
	})
	t.Run("sources gone", func(t *testing.T) {
		w, init := fragments(t)
		w.Set("rec/A/720p/init.mp4", init, onAir, nil)
		cfg := only(w, finalize.Formats{MP4: true})
		mustRun(t, cfg, "rec")
		w.remove(t, "rec/A/720p/0.m4s")
		w.Set("rec/B/720p/init.mp4", init, w.clock.now(), nil)
		w.clock.advance(time.Hour)
		r := mustRun(t, cfg, "rec")
		late := 0
		for _, d := range r.Plan.Dropped {
			if d.Reason == "late" {
				late++
			}
		}
		if len(r.Committed) != 0 || late != 4 {
			t.Errorf("%d committed, %d late of 4", len(r.Committed), late)
		}
		before := r.Cost.Get
		if r = mustRun(t, cfg, "rec"); r.Cost.Get >= before || len(r.Plan.Dropped) != 4 {
			t.Errorf("%d GETs, and %d the night before; %d dropped", r.Cost.Get, before, len(r.Plan.Dropped))
		}
	})
}
