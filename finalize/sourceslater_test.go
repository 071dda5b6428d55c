package finalize_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
)

// deleted is a world in which a recording was finalized and its sources went.
func deleted(t *testing.T) *world {
	t.Helper()
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	mustRun(t, sourceSettings(w), "foo")
	if left := inputs(w.Snapshot()); len(left) > 0 {
		t.Fatalf("left: %v", left)
	}
	w.clock.advance(24 * time.Hour)
	return w
}

// TestSourcesGoneLate: what comes after the sources went is kept and reported, be it
// a new segment, one in the place of a source, or a better copy of one (case 32).
func TestSourcesGoneLate(t *testing.T) {
	for _, c := range []struct {
		name string
		late func(w *world)
		keys []string
	}{
		{"uploaded in time, seen late", func(w *world) { w.lay("foo/A/720p", high, 10, 10, 0) }, []string{"foo/A/720p/10.ts"}},
		{"other bytes under the key of a source", func(w *world) { w.Set("foo/A/720p/4.ts", low.segment(4), uploaded(4).Add(time.Minute), nil) }, []string{"foo/A/720p/4.ts"}},
		{"a copy of one that went", func(w *world) { w.lay("foo/B/720p", high, 4, 5, time.Second) }, []string{"foo/B/720p/4.ts", "foo/B/720p/5.ts"}},
		{"another rendition", func(w *world) { w.lay("foo/A/360p", low, 0, 1, 0) }, []string{"foo/A/360p/0.ts", "foo/A/360p/1.ts"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := deleted(t)
			c.late(w)
			before := w.Snapshot()
			for range 2 {
				w.clock.advance(24 * time.Hour)
				r, err := run(sourceSettings(w), "foo")
				if err != nil || len(r.Deleted) > 0 || r.Condemned > 0 {
					t.Errorf("%v, deleted %v, condemned %d", err, r.Deleted, r.Condemned)
				}
				audit(t, before, w.Snapshot(), "foo")
				same(t, "left", inputs(w.Snapshot()), c.keys)
				if !strings.Contains(r.Plan.Why+strings.Join(r.Plan.Warnings, " "), "late") {
					t.Errorf("not reported as late: %s %v, %s", r.Status(), r.Plan.Warnings, decisionText(r))
				}
				if a := read(t, w.Snapshot(), "foo"); len(a.Sessions) != 1 {
					t.Errorf("%d sessions", len(a.Sessions))
				}
			}
		})
	}
}

// TestSourcesGoneAndBack: a source that is uploaded once more survives. It is no news:
// the MP4 has those very bytes.
func TestSourcesGoneAndBack(t *testing.T) {
	w := deleted(t)
	w.Set("foo/A/720p/4.ts", high.segment(4), w.clock.now(), nil)
	before := w.Snapshot()
	for range 2 {
		w.clock.advance(48 * time.Hour)
		if r := mustRun(t, sourceSettings(w), "foo"); len(r.Deleted)+len(r.Committed)+r.Condemned > 0 {
			t.Errorf("deleted %v, committed %v", r.Deleted, r.Committed)
		}
	}
	equalSnapshots(t, before, w.Snapshot())
}

// TestSourcesGoneInPart: where some sources stayed, a late segment is late all the
// same, also where nothing that is left is near it.
func TestSourcesGoneInPart(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	w.Set("foo/A/720p/0.ts", headless(), uploaded(0), nil) // it and its neighbour stay
	cfg := with(sourceSettings(w), func(c *finalize.Config) { c.SessionGap, c.Settle = 4*time.Second, time.Minute })
	mustRun(t, cfg, "foo")
	same(t, "left", inputs(w.Snapshot()), keysOf("foo/A/720p", 0, 1))
	w.clock.advance(time.Hour)
	if r := mustRun(t, cfg, "foo"); !r.Done() || r.Status() != finalize.Done {
		t.Errorf("nothing new: %s, %s", r.Status(), decisionText(r))
	}
	w.lay("foo/B/720p", high, 7, 7, time.Second)
	before := w.Snapshot()
	w.clock.advance(time.Hour)
	r := mustRun(t, cfg, "foo")
	audit(t, before, w.Snapshot(), "foo")
	if a := read(t, w.Snapshot(), "foo"); len(a.Sessions) != 1 || a.Sessions[0].Version[:2] != "1-" {
		t.Errorf("sessions %+v, %s", a.Sessions, decisionText(r))
	}
}

// TestSourcesGoneSettings: what cannot be made any more is said, and nothing is
// rewritten.
func TestSourcesGoneSettings(t *testing.T) {
	w := deleted(t)
	before := w.Snapshot()
	_, err := run(only(w, finalize.Formats{HLS: true, MP4: true}), "foo")
	if !errors.Is(err, finalize.ErrRefused) || !strings.Contains(err.Error(), "cannot be made") {
		t.Errorf("a playlist wanted: %v", err)
	}
	for _, change := range []func(*finalize.Config){
		func(c *finalize.Config) { c.Selection.Exclude = []string{"720p"} },
		func(c *finalize.Config) { c.SessionGap = time.Hour },
		func(c *finalize.Config) { c.Gaps = finalize.GapsKeep },
	} {
		if r := mustRun(t, with(sourceSettings(w), change), "foo"); !r.Done() {
			t.Errorf("%+v", r)
		}
	}
	equalSnapshots(t, before, w.Snapshot())
}

// TestSourcesCondemnedAreNotChosen: a marked source is there until it is deleted, and
// no version is ever made of it again.
func TestSourcesCondemnedAreNotChosen(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	wait := with(sourceSettings(w), func(c *finalize.Config) { c.DeleteDelay = 24 * time.Hour })
	r := mustRun(t, wait, "foo")
	if r.Condemned != 10 || len(inputs(w.Snapshot())) != 10 {
		t.Fatalf("%d condemned", r.Condemned)
	}
	before := w.Snapshot()
	if _, err := run(only(w, finalize.Formats{HLS: true, MP4: true}), "foo"); !errors.Is(err, finalize.ErrRefused) || !strings.Contains(err.Error(), "marked for deletion") {
		t.Errorf("a playlist wanted: %v", err)
	}
	equalSnapshots(t, before, w.Snapshot())
	// Without its MP4 the recording is damaged, and then nothing is deleted.
	for key := range w.Snapshot() {
		if strings.HasSuffix(key, ".mp4") {
			w.remove(t, key)
		}
	}
	w.clock.advance(48 * time.Hour)
	r, err := run(sourceSettings(w), "foo")
	if err == nil || r.Plan.Status != finalize.Damaged || len(inputs(w.Snapshot())) != 10 {
		t.Errorf("%v, %s, left %v", err, r.Plan.Status, inputs(w.Snapshot()))
	}
}

// TestSourcesUncertain: what was decided without evidence keeps the sources, and what
// was not chosen of it stays for ever.
func TestSourcesUncertain(t *testing.T) {
	w := newWorld(false)
	other := high
	other.Content, other.Clock = "the other camera", 7777777
	w.lay("foo/A/720p", high, 0, 9, 0)
	w.lay("foo/B/720p", other, 100, 109, 100*time.Millisecond)
	for n := range 10 { // numbers of its own, at the same time
		e := w.Snapshot()[fmt.Sprintf("foo/B/720p/%d.ts", 100+n)]
		w.Set(fmt.Sprintf("foo/B/720p/%d.ts", 100+n), e.Body, uploaded(n).Add(100*time.Millisecond), nil)
	}
	before := w.Snapshot()
	r := mustRun(t, sourceSettings(w), "foo")
	if len(r.Plan.Uncertain) == 0 {
		t.Fatalf("nothing is uncertain: %s", decisionText(r))
	}
	if len(inputs(w.Snapshot())) != 20 || !strings.Contains(strings.Join(r.Problems, "\n"), "--accept foo") {
		t.Errorf("left %d, problems %q", len(inputs(w.Snapshot())), r.Problems)
	}
	mustRun(t, with(sourceSettings(w), func(c *finalize.Config) { c.Accept = []string{"foo"} }), "foo")
	audit(t, before, w.Snapshot(), "foo")
	if left := inputs(w.Snapshot()); len(left) != 10 {
		t.Errorf("left: %v", left)
	}
}

// TestSourcesOfFragments: fragments go with their init segment, which stays as long
// as anything that it may describe does; one file of parts goes as a whole; files
// that are complete go one by one.
func TestSourcesOfFragments(t *testing.T) {
	parts := func(seconds int) string {
		return encode(t, seconds, "-f", "hls", "-hls_time", "2", "-hls_list_size", "0", "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", "%d.m4s", "x.m3u8")
	}
	many := parts(6)
	lay := func(t *testing.T) *world {
		w := newWorld(false)
		w.upload(t, many, "rec/A/720p/", func(name string) time.Time {
			n, _ := strconv.Atoi(strings.TrimSuffix(name, ".m4s"))
			return uploaded(n)
		})
		w.remove(t, "rec/A/720p/x.m3u8")
		return w
	}
	finish := func(t *testing.T, w *world, cfg finalize.Config, id string, want []string) *finalize.Report {
		t.Helper()
		before := w.Snapshot()
		r := mustRun(t, cfg, id)
		audit(t, before, w.Snapshot(), id)
		same(t, "left", inputs(w.Snapshot()), want)
		w.clock.advance(time.Hour)
		if r := mustRun(t, cfg, id); !r.Done() {
			t.Errorf("once more: %+v", r)
		}
		return r
	}
	t.Run("with their init segment", func(t *testing.T) {
		w := lay(t)
		if r := finish(t, w, sourceSettings(w), "rec", []string{}); len(r.Problems) > 0 {
			t.Errorf("problems %q", r.Problems)
		}
	})
	t.Run("one that is not held", func(t *testing.T) {
		w := lay(t)
		e := w.Snapshot()["rec/A/720p/2.m4s"]
		w.Set("rec/A/720p/2.m4s", e.Body[:len(e.Body)-50], e.Modified, nil)
		finish(t, w, sourceSettings(w), "rec", []string{"rec/A/720p/1.m4s", "rec/A/720p/2.m4s", "rec/A/720p/init.mp4"})
	})
	t.Run("an init segment that two sessions need", func(t *testing.T) {
		w := newWorld(false)
		w.clock.advance(30 * time.Hour)
		w.upload(t, parts(20), "rec/A/720p/", func(name string) time.Time {
			n, _ := strconv.Atoi(strings.TrimSuffix(name, ".m4s"))
			return uploaded(n).Add(time.Duration(n/5) * 24 * time.Hour)
		})
		w.remove(t, "rec/A/720p/x.m3u8")
		if r := finish(t, w, sourceSettings(w), "rec", []string{"rec/A/720p/init.mp4"}); len(r.Committed) != 2 {
			t.Errorf("%d sessions", len(r.Committed))
		}
	})
	t.Run("files that are complete", func(t *testing.T) {
		w := newWorld(false)
		for n := range 3 {
			w.upload(t, encode(t, 2, "-f", "mp4", fmt.Sprintf("%d.mp4", n)), "rec/A/720p/", func(string) time.Time { return uploaded(n) })
		}
		finish(t, w, sourceSettings(w), "rec", []string{})
	})
	t.Run("parts of one file, and a playlist that names them", func(t *testing.T) {
		w, _ := oneFile(0, 9)
		finish(t, w, with(laid(t, "hls", w), letGo), "rec", []string{})
	})
	t.Run("parts of one file, one not held", func(t *testing.T) {
		w, at := oneFile(0, 9)
		e := w.Snapshot()["rec/all.ts"]
		e.Body[at[4]+188*6+1] |= 0x80 // transport_error_indicator
		w.Set("rec/all.ts", e.Body, e.Modified, nil)
		finish(t, w, with(laid(t, "hls", w), letGo), "rec", []string{"rec/all.ts", "rec/index.m3u8"})
	})
	t.Run("a folder of ffmpeg", func(t *testing.T) {
		w := ffmpegFolder(t)
		finish(t, w, with(laid(t, "hls", w), letGo), "show", []string{})
	})
}

// TestSourcesAndSidecars: sidecars go with the last of what they name, and keep what
// they name as long as they stay.
func TestSourcesAndSidecars(t *testing.T) {
	lay := func() *world {
		w := newWorld(false)
		w.lay("rec/n1/source", high, 0, 9, 0)
		w.Set("rec/n1/playlist_1.json", livepeerJSON("rec/n1", map[string][]int{"source": upTo(0, 9)}), uploaded(10), nil)
		return w
	}
	for _, c := range []struct {
		name   string
		change func(w *world)
		left   []string
	}{
		{"all go", func(*world) {}, []string{}},
		{"one segment stays", func(w *world) { w.Set("rec/n1/source/4.ts", withoutPacket(high.segment(4)), uploaded(4), nil) }, append([]string{"rec/n1/playlist_1.json"}, keysOf("rec/n1/source", upTo(0, 9)...)...)},
		{"it names a segment of others", func(w *world) {
			w.Set("rec/n1/source/9.ts", nil, uploaded(9), nil)
		}, append([]string{"rec/n1/playlist_1.json"}, keysOf("rec/n1/source", upTo(0, 9)...)...)},
		{"its writer has more", func(w *world) {
			w.Set("rec/n1/extra/77.ts", nil, uploaded(9), nil)
		}, append([]string{"rec/n1/extra/77.ts", "rec/n1/playlist_1.json"}, keysOf("rec/n1/source", upTo(0, 9)...)...)},
		{"copies that another sidecar names", func(w *world) {
			w.lay("rec/n2/source", high, 8, 9, 6*time.Second)
			w.Set("rec/n2/playlist_2.json", livepeerJSON("rec/n2", map[string][]int{"source": upTo(8, 9)}), uploaded(14), nil)
		}, append([]string{"rec/n2/playlist_2.json"}, keysOf("rec/n2/source", 8, 9)...)},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := lay()
			c.change(w)
			before := w.Snapshot()
			cfg := with(laid(t, "livepeer", w), letGo)
			cfg.MaxDeletePercent = 60
			r := mustRun(t, with(cfg, func(c *finalize.Config) { c.Accept = []string{"rec"} }), "rec")
			audit(t, before, w.Snapshot(), "rec")
			same(t, "left", inputs(w.Snapshot()), c.left)
			if t.Failed() {
				t.Logf("problems %q, kept %v", r.Problems, r.Kept)
			}
		})
	}
}

// TestSourcesOfAnotherStore: what a playlist cannot reach was copied into the version,
// byte for byte; the originals go, and the playlist still plays.
func TestSourcesOfAnotherStore(t *testing.T) {
	p := newPair(false)
	p.backup.lay("foo/A/720p", high, 0, 9, 0)
	hls := with(p.settings(), func(c *finalize.Config) { c.Formats, c.Delete = finalize.Formats{HLS: true}, finalize.DeleteNone })
	mustRun(t, hls, "foo")
	r := mustRun(t, with(p.settings(), letGo), "foo")
	if left := inputs(p.backup.Snapshot()); len(left) > 0 {
		t.Errorf("left %v, problems %q", left, r.Problems)
	}
	for _, keys := range played(t, p.primary.Snapshot(), "foo", "20260301T200000Z") {
		for n, key := range keys {
			if !bytes.Equal(p.primary.Snapshot()[key].Body, high.segment(n)) {
				t.Errorf("%s is not segment %d", key, n)
			}
		}
		if len(keys) != 10 {
			t.Errorf("the playlist has %d segments", len(keys))
		}
	}
	if r := mustRun(t, with(p.settings(), letGo), "foo"); !r.Done() || r.Status() != finalize.Done {
		t.Errorf("once more: %s", r.Status())
	}
}

// TestCase32SourcesDeleted: a stream without end, cut at midnight; each day's sources
// go when it is finished, the next days are named and cut as if they were there, and a
// segment of 23:59 that comes later is kept and reported (case 32).
func TestCase32SourcesDeleted(t *testing.T) {
	w := newWorld(false)
	cfg := with(with(settings(w), endless(finalize.SplitMidnight)), func(c *finalize.Config) {
		letGo(c)
		c.Accept = []string{"foo"}
	})
	night := func(hour int) *finalize.Report { // hours since 20:00
		w.clock.set(onAir.Add(time.Duration(hour) * time.Hour))
		before := w.Snapshot()
		r := mustRun(t, cfg, "foo")
		audit(t, before, w.Snapshot(), "foo")
		return r
	}
	for hour := 0; hour < 40; hour += 2 {
		w.onAndOn(hour, hour+2)
		night(hour + 2)
	}
	night(60)
	want := []string{"20260301T200000Z", "20260302T000000Z", "20260303T000000Z"}
	is := read(t, w.Snapshot(), "foo")
	same(t, "sessions", sessionsOf(is), want)
	for i, n := range []int{4, 24, 12} {
		if got := is.chosen(want[i]); len(got) != n {
			t.Errorf("%s has %d segments", want[i], len(got))
		}
	}
	same(t, "left", inputs(w.Snapshot()), []string{})
	late := "foo/late/720p/0.ts"
	w.Set(late, feed{Content: "23:59", Width: 640, Height: 352}.segment(0), onAir.Add(4*time.Hour-time.Minute), nil)
	for range 2 {
		r := night(90)
		if !slices.ContainsFunc(r.Plan.Dropped, func(d finalize.Dropped) bool { return d.Key == late && d.Reason == "late" && !d.Leftover }) {
			t.Errorf("not reported: %v", r.Plan.Dropped)
		}
		same(t, "left", inputs(w.Snapshot()), []string{late})
	}
}
