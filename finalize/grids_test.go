package finalize_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
)

// grids lays out a minute in 360p by segments of 3 s, of which 10 is lost.
func grids() *world {
	w := newWorld(false)
	made.Lock()
	defer made.Unlock()
	long := feed{Content: "the match in long segments", Width: low.Width, Height: low.Height}
	delete(made.counters, long)
	for n := range 20 {
		if body := long.makeOf(n, 15); n != 10 {
			w.Set("foo/A/360p/"+strconv.Itoa(n)+".ts", body, onAir.Add(time.Duration(n+1)*3*time.Second+400*time.Millisecond), nil)
		}
	}
	return w
}

// lasting adds up a playlist: how long it is, how much of that is GAP, and its
// discontinuities.
func lasting(t *testing.T, text string) (all, gaps time.Duration, cuts int) {
	t.Helper()
	gap := false
	for _, line := range strings.Split(text, "\n") {
		switch {
		case line == "#EXT-X-GAP":
			gap = true
		case line == "#EXT-X-DISCONTINUITY":
			cuts++
		case strings.HasPrefix(line, "#EXTINF:"):
			d, err := time.ParseDuration(strings.TrimSuffix(strings.TrimPrefix(line, "#EXTINF:"), ",") + "s")
			if err != nil {
				t.Fatal(err)
			}
			if all += d; gap {
				gaps += d
			}
			gap = false
		}
	}
	return all, gaps, cuts
}

// TestGridsApart: renditions whose segments have other boundaries last as long as
// each other, and lack what they lack; what comes later closes a hole.
func TestGridsApart(t *testing.T) {
	w := grids()
	w.lay("foo/A/720p", high, 0, 5, 0)
	w.lay("foo/A/720p", high, 8, 29, 0)
	cfg := with(settings(w), func(c *finalize.Config) { c.Delete = finalize.DeleteNone })
	check := func(want map[string]time.Duration) {
		t.Helper()
		r := mustRun(t, cfg, "foo")
		if len(r.Plan.Sessions) != 1 || len(r.Plan.Dropped) != 0 || slices.Contains(r.Plan.Warnings, "renditions-unaligned") {
			t.Fatalf("%d sessions, %d dropped, %v", len(r.Plan.Sessions), len(r.Plan.Dropped), r.Plan.Warnings)
		}
		version := read(t, w.Snapshot(), "foo").Sessions[0]
		for name, lost := range want {
			text := string(w.Snapshot()[outPath+"foo/"+version.ID+"/"+version.Version+"/"+name+".m3u8"].Body)
			all, gaps, cuts := lasting(t, text)
			if (all-time.Minute).Abs() > 40*time.Millisecond || (gaps-lost).Abs() > 40*time.Millisecond || cuts != 0 {
				t.Errorf("%s lasts %v, lacks %v, %d discontinuities:\n%s", name, all, gaps, cuts, text)
			}
		}
		if r := mustRun(t, cfg, "foo"); len(r.Committed) != 0 {
			t.Error("the second run wrote something")
		}
	}
	check(map[string]time.Duration{"720p": 4 * time.Second, "360p": 3 * time.Second})
	w.Set("foo/A/720p/6.ts", high.segment(6), w.clock.now(), nil)
	w.Set("foo/A/720p/7.ts", high.segment(7), w.clock.now(), nil)
	w.clock.advance(time.Hour)
	check(map[string]time.Duration{"720p": 0, "360p": 3 * time.Second})
}

// TestGridsOfFFmpeg: what an encoder cut at other times plays whole in each
// rendition, for as long.
func TestGridsOfFFmpeg(t *testing.T) {
	w := newWorld(false)
	for name, seconds := range map[string]int{"720p": 2, "360p": 3} {
		gop := strconv.Itoa(25 * seconds)
		dir := encode(t, 24, "-g", gop, "-keyint_min", gop, "-f", "segment", "-segment_time", strconv.Itoa(seconds), "-segment_format", "mpegts", "%d.ts")
		w.upload(t, dir, "foo/A/"+name+"/", func(file string) time.Time {
			n, err := strconv.Atoi(strings.TrimSuffix(file, ".ts"))
			if err != nil {
				t.Fatal(err)
			}
			return onAir.Add(time.Duration((n+1)*seconds)*time.Second + 400*time.Millisecond)
		})
	}
	r := mustRun(t, settings(w), "foo")
	for _, q := range r.Plan.Sessions[0].Record.Renditions {
		if own := q.Name == "360p"; own == (q.Slots == nil) {
			t.Errorf("%s has slots of its own: %v", q.Name, q.Slots != nil)
		}
	}
	if len(r.Plan.Sessions) != 1 || len(r.Plan.Sessions[0].Record.Holes) != 0 {
		t.Errorf("%+v", r.Plan.Sessions)
	}
	playsFor(t, w, "foo", 24*time.Second)
}
