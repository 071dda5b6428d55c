package finalize_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
)

// scrambled is segment n with an encrypted packet behind more than a head: it
// looks well until all of it is read.
func (f feed) scrambled(n int) []byte {
	null := append([]byte{0x47, 0x1f, 0xff, 0x10}, bytes.Repeat([]byte{0xff}, 184)...)
	body := append(bytes.Clone(f.segment(n)), bytes.Repeat(null, 800)...)
	last := append([]byte{0x47, videoPID >> 8, videoPID & 0xff, 0xd0}, bytes.Repeat([]byte{0xaa}, 184)...)
	return append(body, bytes.Repeat(last, 40)...)
}

// slower is segment n with the audio at another rate: no MP4 can hold both.
func (f feed) slower(t *testing.T, n int) []byte {
	s := bytes.ReplaceAll(f.segment(n), []byte{0xff, 0xf1, 0x6c}, []byte{0xff, 0xf1, 0x70}) // 8000 Hz to 7350
	if bytes.Equal(s, f.segment(n)) {
		t.Fatal("the audio of the tests is another now")
	}
	return s
}

// TestManyUndecodable: that a segment cannot be demuxed shows only when it is
// joined. However many they are, the rest is written.
func TestManyUndecodable(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 19, 0)
	for n := range 10 {
		w.Set(fmt.Sprintf("foo/A/720p/%d.ts", 2*n), high.scrambled(2*n), uploaded(2*n), nil)
	}
	r, err := run(only(w, finalize.Formats{MP4: true}), "foo")
	if err != nil || len(r.Committed) == 0 {
		t.Errorf("error %v", err)
	}
}

// TestAddedFormatOfABadSegment: a further format of an old session cannot be
// made. The new session is written all the same.
func TestAddedFormatOfABadSegment(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	w.Set("foo/A/720p/4.ts", high.scrambled(4), uploaded(4), nil)
	mustRun(t, only(w, finalize.Formats{HLS: true}), "foo")
	w.lay("foo/B/720p", feed{Content: "the evening", Width: 1280, Height: 720, Clock: 0}, 0, 9, 4*time.Hour)
	w.clock.set(onAir.Add(8 * time.Hour))
	_, err := run(only(w, finalize.Formats{HLS: true, MP4: true}), "foo")
	if n := len(read(t, w.Snapshot(), "foo").Sessions); n != 2 {
		t.Errorf("%d sessions: %v", n, err)
	}
}

// TestFailedSessionIsNotRewrittenEachNight: a session fails in its second
// rendition, always. The nights after the first look at it alone, without the
// finished one; then nothing is written any more.
func TestFailedSessionIsNotRewrittenEachNight(t *testing.T) {
	for _, mode := range []finalize.DeleteMode{finalize.DeleteNone, finalize.DeleteLeftovers} {
		w := newWorld(false)
		w.lay("foo/A/720p", high, 0, 4, 0)
		w.lay("foo/A/360p", low, 0, 4, 0)
		evening, small := feed{Content: "the evening", Width: 1280, Height: 720, Clock: 0}, feed{Content: "the evening", Width: 640, Height: 352, Clock: 0}
		w.lay("foo/B/720p", evening, 0, 4, 4*time.Hour)
		w.lay("foo/B/360p", small, 0, 9, 4*time.Hour)
		for n := 5; n < 10; n++ {
			w.Set(fmt.Sprintf("foo/B/720p/%d.ts", n), evening.slower(t, n), uploaded(n).Add(4*time.Hour), nil)
		}
		w.clock.set(onAir.Add(8 * time.Hour))
		cfg := with(settings(w), func(c *finalize.Config) { c.Delete, c.Formats.HLS = mode, false })
		for night := range 6 {
			created := 0
			h := &hook{Store: w}
			h.before = func(c call) error {
				if c.op == "create" {
					created++
				}
				return nil
			}
			cfg.Sources = []store.Store{h}
			_, err := run(cfg, "foo")
			a := read(t, w.Snapshot(), "foo")
			if night > 2 && created > 0 {
				t.Errorf("delete %s, night %d: %d movies written, generation %d, %d condemned sets, %v", mode, night, created, a.Generation, len(a.Condemned), err)
			}
			w.clock.advance(day)
		}
	}
}

// TestLivePlaylist: another session is on air, and its playlist changes between
// the listing and the look at it.
func TestLivePlaylist(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	w.Set("foo/live.m3u8", []byte("#EXTM3U\n"), w.clock.now(), nil)
	n := 0
	h := &hook{Store: w}
	h.before = func(c call) error {
		if c.op == "get" && c.key == "foo/live.m3u8" {
			n++
			w.Set("foo/live.m3u8", fmt.Appendf(nil, "#EXTM3U\n#%d\n", n), w.clock.now(), nil)
		}
		return nil
	}
	_, err := run(settings(h), "foo")
	if a := read(t, w.Snapshot(), "foo"); a == nil {
		t.Errorf("nothing is committed: %v", err)
	}
}

// TestForeignPlaylistAfterTheMark: what a playlist names by the time of the
// delete stays.
func TestForeignPlaylistAfterTheMark(t *testing.T) {
	w, _ := marked(t, later)
	w.Set("foo/B/720p/index.m3u8", []byte("#EXTM3U\n#EXTINF:2,\n4.ts\n"), w.clock.now(), nil)
	w.clock.advance(2 * day)
	mustRun(t, with(settings(w), later), "foo")
	if !w.has("foo/B/720p/4.ts") {
		t.Error("foo/B/720p/4.ts is deleted, and foo/B/720p/index.m3u8 names it")
	}
}

// TestNextBroadcastIsNotLate: the first session had a slow uplink, so its end
// was put too late. The next one, of the same encoder, begins just more than a
// session gap after it. It is a session of its own, and not late for the first.
func TestNextBroadcastIsNotLate(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 30*time.Second)
	cfg := only(w, finalize.Formats{HLS: true})
	mustRun(t, cfg, "foo")
	w.lay("foo/A/720p", high, 465, 474, 0) // the camera ran on, and 15:10 were not sent
	w.clock.advance(3 * time.Hour)
	r := mustRun(t, cfg, "foo")
	if a := read(t, w.Snapshot(), "foo"); len(a.Sessions) != 2 {
		t.Errorf("%d sessions, status %s: %s", len(a.Sessions), r.Status(), r.Plan.Why)
	}
}

// TestWinnerGoneIsNotCondemned: of two copies the chosen one is gone, only an
// MP4 has it. The other is the last source, so it is no leftover.
func TestWinnerGoneIsNotCondemned(t *testing.T) {
	mp4 := func(c *finalize.Config) { c.Delete, c.Formats.HLS = finalize.DeleteNone, false }
	w, _ := marked(t, mp4)
	w.remove(t, "foo/A/720p/4.ts")
	r, err := run(with(settings(w), func(c *finalize.Config) { c.Formats.HLS = false }), "foo")
	a := read(t, w.Snapshot(), "foo")
	for _, k := range a.doomed() {
		if k == "foo/B/720p/4.ts" {
			t.Errorf("condemned for ever: %s (%v, kept %v)", k, err, r.Kept)
		}
	}
}

// TestListedButNotThere: a segment of an old session is listed and answers 404.
// A further format of it cannot be made; the new session is written all the same.
func TestListedButNotThere(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	mustRun(t, only(w, finalize.Formats{HLS: true}), "foo")
	w.lay("foo/B/720p", feed{Content: "the evening", Width: 1280, Height: 720, Clock: 0}, 0, 9, 4*time.Hour)
	w.clock.set(onAir.Add(8 * time.Hour))
	gets := 0
	h := &hook{Store: w}
	h.before = func(c call) error {
		if c.op == "get" && strings.HasPrefix(c.key, "foo/") {
			gets++
			if c.key == "foo/A/720p/8.ts" {
				return store.ErrNotExist
			}
		}
		return nil
	}
	_, err := run(only(h, finalize.Formats{HLS: true, MP4: true}), "foo")
	if n := len(read(t, w.Snapshot(), "foo").Sessions); n != 2 {
		t.Errorf("%d sessions, %d reads of segments: %v", n, gets, err)
	}
}

// TestPlanSaysWhatCannotBeMade: plan and run agree.
func TestPlanSaysWhatCannotBeMade(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	mustRun(t, only(w, finalize.Formats{MP4: true}), "foo")
	w.remove(t, "foo/A/720p/2.ts")
	p, perr := plan(only(w, finalize.Formats{HLS: true}), "foo")
	r, err := run(only(w, finalize.Formats{HLS: true}), "foo")
	if p.Status() != r.Status() || (perr == nil) != (err == nil) {
		t.Errorf("plan: %s, %q, %v; run: %s, %v", p.Status(), p.Plan.Why, perr, r.Status(), err)
	}
}

// TestArchivedPastDoesNotStopTheFuture: the segments of an old session went to
// an archive. The new session is written all the same.
func TestArchivedPastDoesNotStopTheFuture(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	mustRun(t, only(w, finalize.Formats{MP4: true}), "foo")
	w.lay("foo/B/720p", feed{Content: "the evening", Width: 1280, Height: 720, Clock: 0}, 0, 9, 4*time.Hour)
	w.clock.set(onAir.Add(8 * time.Hour))
	h := &hook{Store: w}
	h.before = func(c call) error {
		if c.op == "get" && strings.HasPrefix(c.key, "foo/A/") {
			return store.ErrArchived
		}
		return nil
	}
	_, err := run(only(h, finalize.Formats{MP4: true}), "foo")
	if n := len(read(t, w.Snapshot(), "foo").Sessions); n != 2 {
		t.Errorf("%d sessions: %v", n, err)
	}
}

// TestRestartEnds: a retry came into the folder after the mark. A month later
// the writer is not about to overwrite anything.
func TestRestartEnds(t *testing.T) {
	w, _ := marked(t, later)
	w.Set("foo/B/720p/3.ts", high.segment(3), w.clock.now().Add(time.Second), nil)
	w.clock.advance(30 * day)
	r := mustRun(t, with(settings(w), later), "foo")
	if w.has("foo/B/720p/4.ts") {
		t.Errorf("kept after a month: %v", r.Kept)
	}
}
