package finalize_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/storetest"
)

// startOver has the node N of a livepeer bucket stream twice: 0 to 9, and three
// hours later 0 to 4 over the same keys.
func startOver(t *testing.T, f finalize.Formats) (*world, finalize.Config) {
	w := newWorld(false)
	w.lay("foo/N/source", high, 0, 9, 0)
	cfg := with(laid(t, "livepeer", w), func(c *finalize.Config) { c.Formats, c.Delete = f, finalize.DeleteNone })
	mustRun(t, cfg, "foo")
	w.lay("foo/N/source", feed{Content: "the evening", Width: 1280, Height: 720, Clock: 0}, 0, 4, 3*time.Hour)
	w.clock.set(onAir.Add(6 * time.Hour))
	return w, cfg
}

// TestCase28KeysOverwritten is case 28: the head of a finished recording is
// overwritten. It is damaged, the keys are named, and there is no second
// recording of the old tail.
func TestCase28KeysOverwritten(t *testing.T) {
	w, cfg := startOver(t, finalize.Formats{HLS: true})
	before := w.Snapshot()
	rec := storetest.NewRecorder(w)
	cfg.Sources = []store.Store{rec}
	r, err := run(cfg, "foo")
	if !errors.Is(err, finalize.ErrRefused) || !strings.Contains(err.Error(), "foo/N/source/0.ts") || r.Status() != finalize.Damaged {
		t.Errorf("status %s, %v", r.Status(), err)
	}
	same(t, "mutations", rec.Mutations(), []string{})
	noDifference(t, w.Snapshot(), before, false)
	changed := 0
	for _, d := range r.Plan.Dropped {
		if d.Reason == "changed" && !d.Leftover {
			changed++
		}
	}
	if changed != 5 || len(r.Plan.Dropped) != 5 {
		t.Errorf("dropped %v", r.Plan.Dropped)
	}
}

// TestCase28KeysOverwrittenUnderMovies: as case 28, but an MP4 has the first stream.
// The second one is a session of its own, and the first stays what it is.
func TestCase28KeysOverwrittenUnderMovies(t *testing.T) {
	w, cfg := startOver(t, finalize.Formats{MP4: true})
	before := w.Snapshot()
	mustRun(t, cfg, "foo")
	audit(t, before, w.Snapshot(), "foo")
	grown(t, before, w.Snapshot())
	is := read(t, w.Snapshot(), "foo")
	if len(is.Sessions) != 2 || len(is.chosen(is.Sessions[0].ID)) != 10 || len(is.chosen(is.Sessions[1].ID)) != 5 {
		t.Errorf("sessions %v", sessionsOf(is))
	}
	if r := mustRun(t, cfg, "foo"); !r.Done() {
		t.Error("there is always something to do")
	}
}

// TestReusedKeysAreNotReferenced: a node that starts over uses its keys again, so
// no playlist may refer to them once it was seen to.
func TestReusedKeysAreNotReferenced(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/N/source", high, 50, 59, 0) // the tail of the first stream
	w.lay("foo/N/source", feed{Content: "the evening", Width: 1280, Height: 720, Clock: 0}, 0, 9, 3*time.Hour)
	w.clock.set(onAir.Add(6 * time.Hour))
	cfg := with(laid(t, "livepeer", w), func(c *finalize.Config) { c.Formats = finalize.Formats{HLS: true, MP4: true} })
	before := w.Snapshot()
	if r, err := run(cfg, "foo"); !errors.Is(err, finalize.ErrRefused) || !strings.Contains(err.Error(), "--format mp4") || r.Status() != finalize.Refused {
		t.Errorf("status %s, %v", r.Status(), err)
	}
	noDifference(t, w.Snapshot(), before, false)
	cfg.Formats.HLS = false
	mustRun(t, cfg, "foo")
	if is := read(t, w.Snapshot(), "foo"); len(is.Sessions) != 2 {
		t.Errorf("sessions %v", sessionsOf(is))
	}
}

// TestTouchedFile: other ETags and the same bytes are no damage. What the record
// has keeps its identity: nothing is deleted under the new one, nothing is read
// again the next night, and late segments still come in.
func TestTouchedFile(t *testing.T) {
	w := newWorld(true) // ETags that are no hashes of the content
	w.takeover("foo")
	cfg := with(settings(w), keepAll)
	mustRun(t, cfg, "foo")
	first := read(t, w.Snapshot(), "foo")
	was := w.Snapshot()
	for _, key := range []string{"foo/A/720p/2.ts", "foo/A/360p/2.ts", "foo/A/720p/4.ts", find(t, was, "/720p.mp4"), find(t, was, "/360p.m3u8")} {
		w.Set(key, was[key].Body, w.clock.now(), nil)
		if w.Snapshot()[key].ETag == was[key].ETag {
			t.Fatalf("%s has the ETag that it had", key)
		}
	}
	w.clock.advance(day)
	h, n := reads(w)
	cfg.Sources = []store.Store{h}
	for night := range 3 {
		clear(n)
		r := mustRun(t, cfg, "foo")
		if !r.Done() || r.Status() != finalize.Done {
			t.Errorf("night %d: status %s, committed %v", night, r.Status(), r.Committed)
		}
		if total := n["foo/A"] + n["foo/B"]; (total > 0) != (night == 0) {
			t.Errorf("night %d: %d reads of segments", night, total)
		}
	}
	is := read(t, w.Snapshot(), "foo")
	same(t, "chosen", is.chosen(is.Sessions[0].ID), first.chosen(first.Sessions[0].ID))
	if is.Sessions[0].Version != first.Sessions[0].Version {
		t.Errorf("version %s became %s", first.Sessions[0].Version, is.Sessions[0].Version)
	}
	// foo/B/720p/4.ts lost against foo/A/720p/4.ts, which is another object now.
	mustRun(t, settings(w), "foo")
	for _, key := range []string{"foo/A/720p/4.ts", "foo/B/720p/4.ts", "foo/A/720p/2.ts"} {
		if !w.has(key) {
			t.Errorf("%s is gone", key)
		}
	}
	w.Set("foo/B/720p/7.ts", high.segment(7), w.clock.now(), nil)
	w.clock.advance(day)
	mustRun(t, cfg, "foo")
	if is := read(t, w.Snapshot(), "foo"); !slices.Contains(is.chosen(is.Sessions[0].ID), "foo/B/720p/7.ts") {
		t.Error("a late segment was not taken")
	}
	// One byte is another one: that is damage.
	body := slices.Clone(was["foo/A/720p/2.ts"].Body)
	body[len(body)-1] ^= 1
	w.Set("foo/A/720p/2.ts", body, w.clock.now(), nil)
	if r, err := run(cfg, "foo"); !errors.Is(err, finalize.ErrRefused) || r.Status() != finalize.Damaged {
		t.Errorf("status %s, %v", r.Status(), err)
	}
}

// TestCase7TwoSessionsOneLive is case 7 with the second stream still on air: the first
// session is finished, the second one waits, and both keep their segments.
func TestCase7TwoSessionsOneLive(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 99, 0)
	w.lay("foo/B/720p", feed{Content: "the second half", Width: 1280, Height: 720, Clock: 0}, 0, 49, 200*time.Second+20*time.Minute)
	w.clock.set(uploaded(49).Add(200*time.Second + 20*time.Minute + 15*time.Minute))
	cfg := only(w, finalize.Formats{HLS: true})
	r := mustRun(t, cfg, "foo")
	is := read(t, w.Snapshot(), "foo")
	if len(is.Sessions) != 1 || len(is.chosen(is.Sessions[0].ID)) != 100 || len(r.Plan.Sessions) != 2 || r.Plan.Sessions[1].Action != finalize.Wait {
		t.Fatalf("sessions %v, planned %d", sessionsOf(is), len(r.Plan.Sessions))
	}
	w.clock.advance(time.Hour)
	before := w.Snapshot()
	mustRun(t, cfg, "foo")
	grown(t, before, w.Snapshot())
	if is := read(t, w.Snapshot(), "foo"); len(is.Sessions) != 2 || len(is.chosen(is.Sessions[1].ID)) != 50 {
		t.Errorf("sessions %v", sessionsOf(is))
	}
}
