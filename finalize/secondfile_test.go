package finalize_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/mp4check"
	"recfin/store/storetest"
)

var (
	narrow = feed{Content: "the show", Width: 64, Height: 48}
	wide   = feed{Content: "the show", Width: 64, Height: 48, Wide: true}
	moved  = feed{Content: "the show", Width: 64, Height: 48, Wide: true, Clock: 1 << 30}
)

// changed lays out a show whose sound changes its rate with segment 3, on a clock
// that runs on or another one.
func changed(w *world, recording string, to feed) {
	w.lay(recording+"/A/720p", narrow, 0, 2, 0)
	w.lay(recording+"/A/720p", to, 3, 5, 0)
}

var movieOnly = finalize.Formats{MP4: true}

// moviesOf gives the MP4s of a recording in order, as they are in the store.
func moviesOf(t testing.TB, w *world, r *finalize.Report) (outs []finalize.Output, movies []*mp4check.Movie) {
	t.Helper()
	all := w.Snapshot()
	for _, o := range r.Committed[0].Record.Outputs {
		if o.Kind != "mp4" {
			continue
		}
		body := all[o.Key].Body
		m, err := mp4check.Open(bytes.NewReader(body), int64(len(body)))
		if err != nil {
			t.Fatalf("%s: %v", o.Key, err)
		}
		outs, movies = append(outs, o), append(movies, m)
	}
	return outs, movies
}

// TestSecondFile: where the rate of the sound changes another MP4 begins. Each is
// proved and named, together they hold everything, and it is done.
func TestSecondFile(t *testing.T) {
	for name, to := range map[string]feed{"in a run": wide, "at a join": moved} {
		w := newWorld(false)
		changed(w, "foo", to)
		before := w.Snapshot()
		r := mustRun(t, settings(w), "foo")
		audit(t, before, w.Snapshot(), "foo")
		outs, movies := moviesOf(t, w, r)
		if len(outs) != 2 || outs[0].Part != 0 || outs[1].Part != 2 || !strings.HasSuffix(outs[0].Key, "/720p.mp4") || !strings.HasSuffix(outs[1].Key, "/720p-2.mp4") {
			t.Fatalf("%s: outputs %+v", name, outs)
		}
		video, segments := 0, 0
		for i, m := range movies {
			if len(m.Tracks) != 2 || outs[i].Video != len(m.Samples(0)) || outs[i].Rendition != "720p" || outs[i].Segments != 3 {
				t.Errorf("%s: file %d has %d tracks, %+v", name, i+1, len(m.Tracks), outs[i])
			}
			if want := []uint32{8000, 16000}[i]; m.Tracks[1].Timescale != want {
				t.Errorf("%s: file %d has sound of %d Hz", name, i+1, m.Tracks[1].Timescale)
			}
			if first := m.Samples(0)[0]; !first.Sync {
				t.Errorf("%s: file %d does not begin with an access point", name, i+1)
			}
			video, segments = video+outs[i].Video, segments+outs[i].Segments
		}
		if video != 60 || segments != 6 {
			t.Errorf("%s: %d pictures of %d segments", name, video, segments)
		}
		if !slices.ContainsFunc(r.Problems, func(p string) bool {
			return p == "720p: file 2 of it begins at foo/A/720p/3.ts: mp4a.40.2 8000 Hz becomes mp4a.40.2 16000 Hz"
		}) {
			t.Errorf("%s: problems %q", name, r.Problems)
		}
		after := w.Snapshot()
		if again := mustRun(t, settings(w), "foo"); !again.Done() {
			t.Errorf("%s: a second run has something to do", name)
		}
		noDifference(t, w.Snapshot(), after, false)
	}
}

// TestSecondFileGrows: a recording of several files that grows is written anew,
// whole, and what it had is condemned, whole.
func TestSecondFileGrows(t *testing.T) {
	w := newWorld(false)
	changed(w, "foo", wide)
	first := mustRun(t, only(w, movieOnly), "foo")
	w.lay("foo/A/720p", narrow, 6, 6, 0)
	w.clock.advance(time.Hour)
	before := w.Snapshot()
	r := mustRun(t, settings(w), "foo")
	audit(t, before, w.Snapshot(), "foo")
	if outs, _ := moviesOf(t, w, r); len(outs) != 3 || outs[2].Part != 3 {
		t.Fatalf("outputs %+v", outs)
	}
	for _, o := range first.Committed[0].Record.Outputs {
		if w.has(o.Key) {
			t.Errorf("%s is superseded and still there", o.Key)
		}
	}
}

// TestSecondFileLost: each file counts: without one of them nothing is done.
func TestSecondFileLost(t *testing.T) {
	for i := range 2 {
		w := newWorld(false)
		changed(w, "foo", wide)
		r := mustRun(t, only(w, movieOnly), "foo")
		outs, _ := moviesOf(t, w, r)
		w.remove(t, outs[i].Key)
		r, err := run(settings(w), "foo")
		if err == nil && r.Done() {
			t.Errorf("%s is gone, and there is nothing to do", outs[i].Key)
		}
	}
}

// TestSecondFileNames: no file takes the name of another rendition.
func TestSecondFileNames(t *testing.T) {
	w := newWorld(false)
	changed(w, "foo", wide)
	w.lay("foo/A/720p-2", feed{Content: "small", Width: 32, Height: 32}, 0, 5, 0)
	r := mustRun(t, only(w, movieOnly), "foo")
	outs, _ := moviesOf(t, w, r)
	var names []string
	for _, o := range outs {
		names = append(names, o.Rendition+" "+o.Key[strings.LastIndex(o.Key, "/")+1:])
	}
	same(t, "files", names, []string{"720p 720p.mp4", "720p 720p-2_.mp4", "720p-2 720p-2.mp4"})
}

// TestSecondFileCrash lets the process die at every mutation of a recording of
// two files.
func TestSecondFileCrash(t *testing.T) {
	t.Parallel()
	start := newWorld(false)
	changed(start, "foo", wide)
	before := start.Snapshot()
	calm := start.clone()
	counting := storetest.NewFault(calm, storetest.Never)
	mustRun(t, settings(counting), "foo")
	want := calm.Snapshot()
	for at := range counting.Count() {
		for _, after := range []bool{false, true} {
			w := start.clone()
			crash(w, storetest.Plan{At: at, After: after, Crash: true})
			audit(t, before, w.Snapshot(), "foo")
			recovers(t, w, outcome{before, want, false}, fmt.Sprintf("mutation %d, after %v", at, after))
		}
	}
}

// TestGapsKept: the hole of the takeover lasts in the MP4 as long as it did, and
// in the playlist it is closed all the same.
func TestGapsKept(t *testing.T) {
	lengths := map[finalize.Gaps]int64{}
	for _, gaps := range []finalize.Gaps{finalize.GapsClose, finalize.GapsKeep} {
		w := newWorld(false)
		w.lay("foo/A/720p", high, 0, 2, 0)
		w.lay("foo/A/720p", high, 5, 7, 0)
		cfg := with(settings(w), func(c *finalize.Config) { c.Gaps = gaps })
		r := mustRun(t, cfg, "foo")
		outs, movies := moviesOf(t, w, r)
		lengths[gaps] = outs[0].DurationNS
		if rec := r.Committed[0].Record; rec.Settings.Gaps != string(gaps) || rec.Holes[0].DurationNS != 4e9 {
			t.Errorf("%s: settings %+v, holes %+v", gaps, rec.Settings, rec.Holes)
		}
		if silent := outs[0].Silent; gaps == finalize.GapsKeep && (silent < 30 || silent > 33) || gaps == finalize.GapsClose && silent > 1 {
			t.Errorf("%s: %d silent frames", gaps, silent)
		}
		titles := chapters(t, movies[0], len(movies[0].Tracks)-1)
		second := map[finalize.Gaps]string{finalize.GapsClose: "6", finalize.GapsKeep: "10"}[gaps]
		if len(titles) != 2 || titles[0] != "0s 2026-03-01T20:00:00Z" || !strings.HasPrefix(titles[1], second) || !strings.HasSuffix(titles[1], "s 2026-03-01T20:00:10Z") {
			t.Errorf("%s: chapters %q", gaps, titles)
		}
		text := ""
		for key, e := range w.Snapshot() {
			if strings.HasSuffix(key, "/720p.m3u8") {
				text = string(e.Body)
			}
		}
		if strings.Count(text, "#EXTINF:2.0") != 6 || strings.Count(text, "#EXT-X-DISCONTINUITY\n") != 1 {
			t.Errorf("%s: %s", gaps, text)
		}
	}
	if d := lengths[finalize.GapsKeep] - lengths[finalize.GapsClose]; d < 39e8 || d > 42e8 {
		t.Errorf("a hole of 4 s makes a difference of %d ns", d)
	}
}
