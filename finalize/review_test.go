package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/mem"
	"recfin/store/storetest"
)

// TestWinnerStandsWhenItsCopyGoes: a copy is deleted because another has its
// place. If that one is gone by the time of the delete, the copy is the last.
func TestWinnerStandsWhenItsCopyGoes(t *testing.T) {
	t.Run("between the plan and the delete", func(t *testing.T) {
		w, _ := marked(t, later)
		w.clock.advance(day)
		h := &hook{Store: w}
		h.after = behind("list", outPath+"foo/", func() {})
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
	today := feed{"another match", 1280, 720, 0}
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

// TestFirstMarkerNeedsItsCondition: where If-None-Match is not honoured a first
// marker would overwrite that of a rival.
func TestFirstMarkerNeedsItsCondition(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	h := &hook{Store: heedless{w}}
	var rival string
	h.before = once("put", "/recording.json", func() {
		w.Set("foo/B/720p/7.ts", high.segment(7), uploaded(7), nil)
		mustRun(t, settings(heedless{w}), "foo")
		rival = string(w.Snapshot()[markerKey("foo")].Body)
	})
	_, err := run(settings(h), "foo")
	if after := string(w.Snapshot()[markerKey("foo")].Body); rival != "" && after != rival {
		a := read(t, w.Snapshot(), "foo")
		t.Errorf("the rival's marker was overwritten by generation %d (%v)", a.Generation, err)
	}
}

// TestOneSessionDoesNotHoldUpTheNext: an old session of which no MP4 can be
// made keeps nothing back.
func TestOneSessionDoesNotHoldUpTheNext(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	bad := slices.Clone(high.segment(4))
	for i := 188 * 3; i+188 <= len(bad); i += 188 { // the head is fine
		copy(bad[i+4:i+188], strings.Repeat("\xff", 184))
	}
	w.Set("foo/A/720p/4.ts", bad, uploaded(4), nil)
	mustRun(t, only(w, finalize.Formats{HLS: true}), "foo")
	w.lay("foo/B/720p", feed{"the evening", 1280, 720, 0}, 0, 9, 4*time.Hour)
	w.clock.set(onAir.Add(8 * time.Hour))
	r, err := run(only(w, finalize.Formats{HLS: true, MP4: true}), "foo")
	a := read(t, w.Snapshot(), "foo")
	if len(a.Sessions) != 2 {
		t.Errorf("%d sessions committed, status %s, error %v", len(a.Sessions), r.Status(), err)
	}
}

// TestDiscoverPassesOverOutputs: folders that hold nothing but outputs, or
// nothing of ours, are no recordings that fail.
func TestDiscoverPassesOverOutputs(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	cfg := with(settings(w), func(c *finalize.Config) { c.OutPath = "media/recordings/" })
	mustRun(t, cfg, "foo")
	mustRun(t, with(settings(w), func(c *finalize.Config) { c.OutPath = "old/" }), "foo")
	for _, cfg := range []finalize.Config{cfg, settings(w)} {
		f, err := finalize.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		names, err := f.Discover(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if _, err := plan(cfg, name); errors.Is(err, finalize.ErrNothing) {
				t.Errorf("out %s: %s was discovered: %v", cfg.OutPath, name, err)
			}
		}
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

// TestUnreadLayoutDeletesNothing: with a layout that cannot read the condemned
// keys nothing tells that their writer has started over.
func TestUnreadLayoutDeletesNothing(t *testing.T) {
	mp4 := func(c *finalize.Config) { later(c); c.Formats.HLS = false }
	w, _ := marked(t, mp4)
	w.clock.advance(day)
	w.Set("foo/B/720p/0.ts", feed{"another match", 1280, 720, 0}.segment(0), w.clock.now(), nil)
	w.clock.advance(time.Hour)
	cfg := with(settings(w), mp4)
	layouts(t, "{recording}/{nonce}/{rendition}/{seq}.m4s")(&cfg)
	_, err := run(cfg, "foo")
	if !w.has("foo/B/720p/4.ts") {
		t.Errorf("deleted where the writer has started over (%v)", err)
	}
}

// TestLateCopyIsReadOnce: a copy that came after the commit changes nothing, and
// does not make every later run read all segments again.
func TestLateCopyIsReadOnce(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	cfg := only(w, finalize.Formats{HLS: true})
	mustRun(t, cfg, "foo")
	w.lay("foo/B/720p", high, 3, 3, time.Minute)
	w.clock.advance(time.Hour)
	mustRun(t, cfg, "foo")
	rec := storetest.NewRecorder(w)
	cfg.Source = rec
	mustRun(t, cfg, "foo")
	n := 0
	for _, line := range rec.Ops() {
		if strings.HasPrefix(line, "get foo/") {
			n++
		}
	}
	if n > 0 {
		t.Errorf("%d segments are read again by a run that has nothing to do", n)
	}
}

// TestDelayByTheClockOfTheMarker: the delay is measured from the time of the
// marker, by the clock of the store that holds it.
func TestDelayByTheClockOfTheMarker(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	slow := func() time.Time { return w.clock.now().Add(-25 * time.Hour) }
	cfg := with(settings(w), func(c *finalize.Config) {
		later(c)
		c.Formats.HLS = false
		c.Out, c.OutPath = mem.New(mem.Options{Name: "other", Clock: slow}), ""
	})
	r := mustRun(t, cfg, "foo")
	if len(r.Deleted) > 0 {
		t.Errorf("deleted at once, with --delete-delay 24h: %v", keys(r.Deleted))
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

// TestTwoOutFolders: two --out in one store. What a playlist in one names is no
// leftover of the other (I8).
func TestTwoOutFolders(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 5, 0)
	w.lay("foo/B/720p", high, 4, 9, 3*time.Second)
	first := with(only(without(w, "foo/A/720p/4.ts"), finalize.Formats{HLS: true}), func(c *finalize.Config) { c.OutPath = "first/" })
	mustRun(t, first, "foo")
	mustRun(t, with(settings(w), func(c *finalize.Config) { c.Formats.MP4 = false }), "foo")
	first.Source, first.Out = w, w
	if _, err := run(first, "foo"); err != nil {
		t.Errorf("the first recording: %v", err)
	}
	_ = fmt.Sprint()
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
