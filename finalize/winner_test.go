package finalize_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/tswriter"
	"recfin/store"
	"recfin/store/mem"
)

// TestWinnerStandsWhenItsCopyGoes: a copy is deleted because another has its
// place. If that one is gone by the time of the delete, the copy is the last.
func TestWinnerStandsWhenItsCopyGoes(t *testing.T) {
	t.Run("between the plan and the delete", func(t *testing.T) {
		w, _ := marked(t, later)
		w.clock.advance(day)
		h := &hook{Store: w}
		seen := 0
		h.before = func(c call) error {
			if c.op == "list" && c.key == "foo/" {
				if seen++; seen == 2 { // the first look of the cleaning
					w.remove(t, "foo/A/720p/4.ts")
				}
			}
			return nil
		}
		_, err := run(with(settings(h), later), "foo")
		if !w.has("foo/B/720p/4.ts") {
			t.Errorf("both copies are gone, and the playlist names A's (%v)", err)
		}
	})
	t.Run("only an MP4 holds it", func(t *testing.T) {
		mp4 := func(c *finalize.Config) { later(c); c.Formats.HLS = false }
		w, _ := marked(t, mp4)
		w.clock.advance(day)
		w.remove(t, "foo/A/720p/4.ts")
		_, err := run(with(settings(w), mp4), "foo")
		if !w.has("foo/B/720p/4.ts") {
			t.Errorf("the last source of the segment is gone (%v)", err)
		}
	})
}

// TestWinnerIsAVersion: the names of yesterday's segments are written anew
// today. What lost against one of today's is no leftover of yesterday's, and a
// session on air is never cleaned (I5).
func TestWinnerIsAVersion(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	cfg := with(settings(w), func(c *finalize.Config) {
		c.Formats.HLS = false
		c.Settle, c.SessionGap = 30*time.Second, 20*time.Second
	})
	mustRun(t, cfg, "foo")
	today := feed{Content: "another match", Width: 1280, Height: 720, Clock: 0}
	w.lay("foo/A/720p", today, 0, 59, day)
	w.lay("foo/B/720p", today, 4, 4, day+3*time.Second)
	w.clock.set(uploaded(59).Add(day + time.Second))
	cfg.Force = true
	r := mustRun(t, cfg, "foo")
	if len(read(t, w.Snapshot(), "foo").Sessions) != 2 {
		t.Fatalf("the test proves nothing: %v", r.Plan.Sessions)
	}
	if !w.has("foo/B/720p/4.ts") {
		t.Error("a copy was deleted from a session that is on air")
	}
}

// TestLateKeepsTheChoice: what a committed version chose is chosen again, so
// that a late segment can fill its hole.
func TestLateKeepsTheChoice(t *testing.T) {
	w := newWorld(false)
	other := high
	other.Content = "the match, in B"
	w.lay("foo/A/720p", high, 0, 5, 0)
	w.lay("foo/B/720p", other, 6, 6, 0)
	w.lay("foo/B/720p", other, 8, 9, 0)
	cfg := settings(w)
	mustRun(t, cfg, "foo")
	w.lay("foo/A/720p", high, 6, 7, time.Second)
	w.clock.advance(time.Hour)
	r := mustRun(t, cfg, "foo")
	a := read(t, w.Snapshot(), "foo")
	if !slices.Contains(a.chosen(a.Sessions[0].ID), "foo/A/720p/7.ts") {
		t.Errorf("the hole stays; dropped: %v", r.PlanJSON().Dropped)
	}
}

// TestLostOutputIsNotDone: a committed MP4 is gone and cannot be made again.
func TestLostOutputIsNotDone(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	cfg := only(w, finalize.Formats{MP4: true})
	mustRun(t, cfg, "foo")
	w.remove(t, "foo/A/720p/2.ts", find(t, w.Snapshot(), "/720p.mp4"))
	r, err := run(cfg, "foo")
	if err == nil {
		t.Errorf("no error, status %s: the marker names a file that is not there", r.Status())
	}
}

// TestStartOfABroadcast: the first segment is being written. That is no case
// for a human.
func TestStartOfABroadcast(t *testing.T) {
	for what, body := range map[string][]byte{"empty": nil, "half a packet": high.segment(0)[:100]} {
		w := newWorld(false)
		w.Set("foo/A/720p/0.ts", body, w.clock.now(), nil)
		if r, err := run(settings(w), "foo"); err != nil || r.Status() != finalize.NotSettled {
			t.Errorf("%s: status %s, error %v", what, r.Status(), err)
		}
	}
}

// TestGoneForAMoment: a store that once says 404 for an object that it lists
// before and after. The object must not be left out for ever.
func TestGoneForAMoment(t *testing.T) {
	for _, f := range []finalize.Formats{{HLS: true}, {MP4: true}} {
		w := newWorld(false)
		w.lay("foo/A/720p", high, 0, 9, 0)
		h := &hook{Store: w}
		done := false
		h.before = func(c call) error {
			if !done && c.op == "get" && c.key == "foo/A/720p/4.ts" {
				done = true
				return store.ErrNotExist
			}
			return nil
		}
		_, err := run(only(h, f), "foo")
		if err != nil {
			continue // told: again
		}
		a := read(t, w.Snapshot(), "foo")
		if !slices.Contains(a.chosen(a.Sessions[0].ID), "foo/A/720p/4.ts") {
			r := mustRun(t, only(w, f), "foo")
			t.Errorf("%s: left out, and the next run says done %v, dropped %v", f, r.Done(), r.PlanJSON().Dropped)
		}
	}
}

// heedless is a store that ignores If-None-Match.
type heedless struct{ store.Store }

func (h heedless) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	opt.IfAbsent = false
	return h.Store.Put(ctx, key, body, opt)
}

// TestNothingIsDeletedWithoutConditions: where If-None-Match is not honoured a
// first marker may overwrite that of a rival. Then nothing may have been deleted
// that either of them vouches for.
func TestNothingIsDeletedWithoutConditions(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	before := w.Snapshot()
	h := &hook{Store: heedless{w}}
	h.before = once("put", "/recording.json", func() {
		w.Set("foo/B/720p/7.ts", high.segment(7), uploaded(7), nil)
		mustRun(t, settings(heedless{w}), "foo")
	})
	r, err := run(settings(h), "foo")
	if err != nil && !finalize.Retry(err) {
		t.Error(err)
	}
	same(t, "gone", gone(before, w.Snapshot()), nil)
	if err == nil && !slices.ContainsFunc(r.Kept, func(k finalize.Kept) bool { return k.Failed }) {
		t.Error("nothing says that the store does not honour conditions")
	}
	read(t, w.Snapshot(), "foo")
}

// TestOneSessionDoesNotHoldUpTheNext: a session of which no MP4 can be made (its
// audio changes the rate) keeps no other back.
func TestOneSessionDoesNotHoldUpTheNext(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 4, 0)
	for n := 5; n < 10; n++ {
		slower := bytes.ReplaceAll(high.segment(n), []byte{0xff, 0xf1, 0x6c}, []byte{0xff, 0xf1, 0x70}) // 8000 Hz to 7350
		if bytes.Equal(slower, high.segment(n)) {
			t.Fatal("the audio of the tests is another now")
		}
		w.Set(fmt.Sprintf("foo/A/720p/%d.ts", n), slower, uploaded(n), nil)
	}
	w.lay("foo/B/720p", feed{Content: "the evening", Width: 1280, Height: 720, Clock: 0}, 0, 9, 4*time.Hour)
	w.clock.set(onAir.Add(8 * time.Hour))
	_, err := run(only(w, finalize.Formats{MP4: true}), "foo")
	a := read(t, w.Snapshot(), "foo")
	if a == nil || !strings.HasPrefix(a.Sessions[len(a.Sessions)-1].ID, "20260302") {
		t.Errorf("the second session is not committed: %v", err)
	}
}

// TestAnotherLayoutIsNoDamage: what this run's layout does not read is there all
// the same.
func TestAnotherLayoutIsNoDamage(t *testing.T) {
	w, _ := marked(t, func(c *finalize.Config) { c.Delete = finalize.DeleteNone })
	cfg := settings(w)
	layouts(t, "{recording}/{nonce}/{rendition}/{seq}.m4s")(&cfg)
	if r, err := run(cfg, "foo"); r.Status() == finalize.Damaged {
		t.Errorf("%v", err)
	}
}

// TestDelayByTheClockOfTheMarker: the delay is measured from the time of the
// marker, by the clock of the store that holds it.
func TestDelayByTheClockOfTheMarker(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	slow := func() time.Time { return w.clock.now().Add(-time.Hour) }
	cfg := with(settings(w), func(c *finalize.Config) {
		c.DeleteDelay = 30 * time.Minute
		c.Formats.HLS = false
		c.Out, c.OutPath = mem.New(mem.Options{Name: "other", Clock: slow}), ""
	})
	r := mustRun(t, cfg, "foo")
	if len(r.Deleted) > 0 {
		t.Errorf("deleted at once, with a delay of 30 minutes: %v", keys(r.Deleted))
	}
}

// TestCeilingBeforeTheMark: what --max-delete-percent refuses is not condemned
// either, for that is for ever.
func TestCeilingBeforeTheMark(t *testing.T) {
	w, _ := marked(t, nil)
	_, err := run(with(settings(w), func(c *finalize.Config) { c.MaxDeletePercent = 5 }), "foo")
	if a := read(t, w.Snapshot(), "foo"); err != nil && a != nil && len(a.condemned) > 0 {
		t.Errorf("refused, and condemned all the same: %v", a.doomed())
	}
}

// TestNewUploadUnsettles: anything new in a session keeps it from being cleaned.
func TestNewUploadUnsettles(t *testing.T) {
	for what, key := range map[string]string{"empty": "foo/B/720p/7.ts", "excluded": "foo/B/240p/8.ts"} {
		w, before := marked(t, func(c *finalize.Config) { c.Delete = finalize.DeleteNone })
		body := []byte(nil)
		if what == "excluded" {
			body = low.segment(8)
		}
		w.Set(key, body, w.clock.now(), nil)
		cfg := with(settings(w), func(c *finalize.Config) { c.Selection.Exclude = []string{"240p"} })
		mustRun(t, cfg, "foo")
		if lost := gone(before, w.Snapshot()); len(lost) > 0 {
			t.Errorf("%s: %s was uploaded just now, and %v are deleted", what, key, lost)
		}
	}
}

// TestForeignPlaylist: a key that a playlist in the listing names is no leftover.
func TestForeignPlaylist(t *testing.T) {
	w, before := marked(t, nil)
	w.Set("foo/B/720p/index.m3u8", []byte("#EXTM3U\n#EXTINF:2,\n4.ts\n#EXTINF:2,\n5.ts\n"), uploaded(9), nil)
	mustRun(t, settings(w), "foo")
	if slices.Contains(gone(before, w.Snapshot()), "foo/B/720p/4.ts") {
		t.Error("foo/B/720p/4.ts is deleted, and foo/B/720p/index.m3u8 names it")
	}
}

// TestDataIsContent: a copy whose data PID the winner lacks holds more than the
// winner, so it is no leftover.
func TestDataIsContent(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 5, 0)
	w.lay("foo/B/720p", high, 4, 9, 3*time.Second)
	ts := tswriter.New(
		tswriter.Stream{PID: videoPID, Type: tswriter.TypeH264},
		tswriter.Stream{PID: audioPID, Type: tswriter.TypeADTS, StreamID: 0xc0},
		tswriter.Stream{PID: 0x102, Type: tswriter.TypeID3, StreamID: 0xbd},
	)
	ts.Tables()
	at := int64(4 * segmentTicks)
	ts.PES(0x102, tswriter.PES{PTS: at, DTS: at, Bounded: true, Data: []byte("ID3\x04\x00\x00\x00\x00\x00\x00 goal")})
	w.Set("foo/B/720p/4.ts", append(ts.Bytes(), high.segment(4)...), uploaded(4).Add(3*time.Second), nil)
	before := w.Snapshot()
	r := mustRun(t, settings(w), "foo")
	if lost := gone(before, w.Snapshot()); slices.Contains(lost, "foo/B/720p/4.ts") {
		t.Errorf("timed metadata is lost with foo/B/720p/4.ts: %v", r.PlanJSON().Leftovers)
	}
}

// TestForeignRecordingJSON: a file of that name that is no marker hides nothing.
func TestForeignRecordingJSON(t *testing.T) {
	for _, key := range []string{"foo/A/720p/recording.json", "foo/recording.json"} {
		w := newWorld(false)
		w.takeover("foo")
		w.Set(key, []byte(`{"title":"the match"}`), onAir, nil)
		r, err := run(settings(w), "foo")
		if err != nil {
			t.Errorf("%s: %v", key, err)
			continue
		}
		places := accounts(r)
		for k := range sources(w.Snapshot()) {
			if len(places[k]) == 0 {
				t.Errorf("with %s nothing says what became of %s", key, k)
				break
			}
		}
	}
}

// TestWantedFormatIsNotDone: a format that was asked for and cannot be made is
// no "done".
func TestWantedFormatIsNotDone(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	mustRun(t, only(w, finalize.Formats{MP4: true}), "foo")
	w.remove(t, "foo/A/720p/2.ts")
	if r, err := run(only(w, finalize.Formats{HLS: true}), "foo"); err == nil {
		t.Errorf("--format hls: status %s, and there is no playlist", r.Status())
	}
}

// TestMarkerEndsWhereItEnds: a marker behind which something stands is none.
func TestMarkerEndsWhereItEnds(t *testing.T) {
	w, _ := marked(t, later)
	key := markerKey("foo")
	w.Set(key, append(w.Snapshot()[key].Body, `{"format":"recfin/recording"}`...), w.clock.now(), nil)
	if _, err := run(with(settings(w), later), "foo"); !errors.Is(err, finalize.ErrRefused) {
		t.Errorf("error %v", err)
	}
}

// TestLateSegmentsBetweenTwo: what comes in between two committed sessions, one
// of which lacks a segment by now, is in none of them. It is kept, and the plan
// says so.
func TestLateSegmentsBetweenTwo(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 4, 0)
	w.lay("foo/A/720p", high, 15, 19, 0)
	cfg := with(settings(w), func(c *finalize.Config) { c.SessionGap, c.Formats.HLS = 10*time.Second, false })
	mustRun(t, cfg, "foo")
	if a := read(t, w.Snapshot(), "foo"); len(a.Sessions) != 2 {
		t.Fatalf("%d sessions", len(a.Sessions))
	}
	w.remove(t, "foo/A/720p/17.ts")
	w.lay("foo/A/720p", high, 5, 14, time.Second)
	before := w.Snapshot()
	w.clock.advance(time.Hour)
	r := mustRun(t, cfg, "foo")
	if !strings.Contains(r.Plan.Why, "10 segments came too late") || !slices.Contains(r.Plan.Warnings, "late-segments") {
		t.Errorf("status %s, why %q, warnings %v", r.Status(), r.Plan.Why, r.Plan.Warnings)
	}
	same(t, "gone", gone(sources(before), w.Snapshot()), nil)
}

// TestDroppedTwice: a rendition was left out of two commits, and both sessions
// recorded its segments as dropped. What becomes of them when it is taken in
// hangs on no order of a map (I4).
func TestDroppedTwice(t *testing.T) {
	results := map[string]bool{}
	for range 24 {
		w := newWorld(false)
		without := with(only(w, finalize.Formats{HLS: true}), func(c *finalize.Config) { c.Selection.Exclude = []string{"360p"} })
		w.lay("foo/A/720p", high, 0, 9, 0)
		w.lay("foo/Z/360p", low, 10, 11, 2*time.Hour)
		w.clock.set(onAir.Add(4 * time.Hour))
		mustRun(t, without, "foo")
		w.lay("foo/C/720p", feed{Content: "the evening", Width: 1280, Height: 720, Clock: 0}, 0, 9, 6*time.Hour)
		w.clock.set(onAir.Add(9 * time.Hour))
		mustRun(t, without, "foo")
		w.lay("foo/A/720p", high, 10, 10, 0)
		r := mustRun(t, only(w, finalize.Formats{HLS: true}), "foo")
		results[fmt.Sprint(len(r.Committed), r.PlanJSON().Dropped)] = true
	}
	if len(results) != 1 {
		t.Errorf("one listing, %d results: %v", len(results), results)
	}
}
