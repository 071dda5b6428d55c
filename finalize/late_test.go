package finalize_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store/storetest"
)

// TestLateSegmentGrows: a segment that comes into a committed session makes a
// new version with all that the old one had; the old files are condemned (I9).
func TestLateSegmentGrows(t *testing.T) {
	for _, deleting := range []bool{false, true} {
		t.Run(fmt.Sprintf("deleting %v", deleting), func(t *testing.T) {
			w, _ := marked(t, func(c *finalize.Config) { c.Delete = finalize.DeleteNone })
			first := read(t, w.Snapshot(), "foo")
			id := first.Sessions[0].ID
			w.Set("foo/B/720p/7.ts", high.segment(7), w.clock.now(), nil)
			w.Set("foo/B/360p/8.ts", low.segment(8), w.clock.now(), nil)
			before := w.Snapshot()
			cfg := settings(w)
			if !deleting {
				cfg.Delete = finalize.DeleteNone
			}
			if r := mustRun(t, cfg, "foo"); r.Status() != finalize.NotSettled {
				t.Errorf("status %s: the late segment is a minute old", r.Status())
			}
			noDifference(t, w.Snapshot(), before, false)
			w.clock.advance(time.Hour)
			mustRun(t, cfg, "foo")
			after := w.Snapshot()
			audit(t, before, after, "foo")
			a := read(t, after, "foo")
			e := a.Sessions[0]
			if len(a.Sessions) != 1 || e.ID != id || e.Highest != 2 || !strings.HasPrefix(e.Version, "2-") || a.Generation != 2 {
				t.Errorf("%d sessions, the first %s at %s, highest %d, generation %d", len(a.Sessions), e.ID, e.Version, e.Highest, a.Generation)
			}
			want := append(first.chosen(id), "foo/B/720p/7.ts", "foo/B/360p/8.ts")
			slices.Sort(want)
			same(t, "chosen", a.chosen(id), want)
			shown := played(t, after, "foo", id)
			if n := len(shown["720p.m3u8"]); n != 10 || !slices.Contains(shown["720p.m3u8"], "foo/B/720p/7.ts") {
				t.Errorf("720p plays %v", shown["720p.m3u8"])
			}
			if !slices.Contains(shown["360p.m3u8"], "foo/B/360p/8.ts") {
				t.Errorf("360p plays %v", shown["360p.m3u8"])
			}
			old := outPath + "foo/" + id + "/" + first.Sessions[0].Version + "/"
			var doomed, lost []string
			for _, k := range a.doomed() {
				if strings.HasPrefix(k, outPath) {
					doomed = append(doomed, k)
				}
			}
			for _, f := range []string{"360p.m3u8", "360p.mp4", "360p/iframes.m3u8", "720p.m3u8", "720p.mp4", "720p/iframes.m3u8", "segments.json.gz"} {
				lost = append(lost, old+f)
			}
			same(t, "condemned outputs", doomed, lost)
			if !deleting {
				lost = nil
			} else {
				lost = append(losers("foo"), lost...)
			}
			same(t, "gone", gone(before, after), lost)
		})
	}
}

// TestAnotherFormatIsAdded: HLS first, MP4 on a later day. Nothing is decided
// again, and the later settings reach no known segment.
func TestAnotherFormatIsAdded(t *testing.T) {
	hls, mp4 := finalize.Formats{HLS: true}, finalize.Formats{MP4: true}
	for _, order := range [][2]finalize.Formats{{hls, mp4}, {mp4, hls}} {
		t.Run(order[0].String()+" first", func(t *testing.T) {
			w := newWorld(false)
			w.takeover("foo")
			before := w.Snapshot()
			mustRun(t, only(w, order[0]), "foo")
			one := read(t, w.Snapshot(), "foo")
			id := one.Sessions[0].ID
			if f := one.Sessions[0].Formats; f != order[0].String() {
				t.Errorf("formats %s", f)
			}
			w.clock.advance(day)
			changed := with(only(w, order[1]), func(c *finalize.Config) { c.Selection.Exclude = []string{"360p"} })
			if r := mustRun(t, changed, "foo"); len(r.Committed) != 1 {
				t.Errorf("committed %v", r.Committed)
			}
			after := w.Snapshot()
			audit(t, before, after, "foo")
			two := read(t, after, "foo")
			if f := two.Sessions[0].Formats; f != "hls,mp4" {
				t.Errorf("formats %s", f)
			}
			same(t, "chosen", two.chosen(id), one.chosen(id))
			kinds := map[string]int{}
			for _, o := range two.records[id].Outputs {
				kinds[o.Kind]++
			}
			if kinds["hls"] != 2 || kinds["mp4"] != 2 {
				t.Errorf("outputs %v", kinds)
			}
			for _, f := range []finalize.Formats{hls, mp4, {HLS: true, MP4: true}} {
				if r := mustRun(t, only(w, f), "foo"); !r.Done() {
					t.Errorf("with %s something is to be done", f)
				}
			}
		})
	}
}

// TestShrunkenIsKept: where chosen segments are gone, a late one makes no
// version that would hold less than the committed one (I9).
func TestShrunkenIsKept(t *testing.T) {
	for _, lost := range [][]string{{"foo/A/720p/2.ts"}, {"foo/A/720p/2.ts", "foo/A/360p/2.ts"}, nil} {
		t.Run(fmt.Sprint(lost), func(t *testing.T) {
			w := newWorld(false)
			w.takeover("foo")
			mustRun(t, only(w, finalize.Formats{MP4: true}), "foo")
			committed := w.Snapshot()
			if lost == nil { // all of them
				for key := range sources(committed) {
					if strings.HasSuffix(key, ".ts") {
						lost = append(lost, key)
					}
				}
			}
			w.remove(t, lost...)
			w.Set("foo/B/720p/7.ts", high.segment(7), uploaded(7), nil)
			w.clock.advance(time.Hour)
			before := w.Snapshot()
			for k, f := range []finalize.Formats{{MP4: true}, {MP4: true}, {HLS: true, MP4: true}} {
				rec := storetest.NewRecorder(w)
				r, err := run(with(settings(rec), func(c *finalize.Config) { c.Formats = f; c.Delete = finalize.DeleteNone }), "foo")
				if err != nil && !errors.Is(err, finalize.ErrRefused) {
					t.Errorf("%s: %v", f, err)
				}
				if k > 0 { // the first one notes what it has seen
					same(t, "mutations", rec.Mutations(), []string{})
				}
				late := slices.IndexFunc(r.Plan.Dropped, func(d finalize.Dropped) bool { return d.Key == "foo/B/720p/7.ts" })
				if err == nil && (late < 0 || r.Plan.Dropped[late].Reason != "late" || r.Plan.Dropped[late].Leftover) {
					t.Errorf("%s: the late segment is not reported as late: %v", f, r.Plan.Dropped)
				}
			}
			mustRun(t, with(settings(w), func(c *finalize.Config) { c.Formats.HLS = false }), "foo")
			after := w.Snapshot()
			audit(t, before, after, "foo")
			if !w.has("foo/B/720p/7.ts") {
				t.Error("the late segment is gone")
			}
			for key, e := range committed {
				if strings.HasSuffix(key, ".mp4") && string(after[key].Body) != string(e.Body) {
					t.Errorf("%s was changed", key)
				}
			}
		})
	}
}

// TestDamaged: where a playlist references what is gone or another version now,
// a human is told which keys, and nothing is written or deleted (I11).
func TestDamaged(t *testing.T) {
	const key = "foo/A/720p/2.ts"
	for _, c := range []struct {
		name string
		do   func(t *testing.T, w *world)
	}{
		{"gone", func(t *testing.T, w *world) { w.remove(t, key) }},
		{"overwritten", func(t *testing.T, w *world) {
			w.Set(key, feed{Content: "another match", Width: 1280, Height: 720, Clock: 0}.segment(2), w.clock.now(), nil)
		}},
		{"truncated", func(t *testing.T, w *world) { w.Set(key, nil, w.clock.now(), nil) }},
		{"and a late segment came", func(t *testing.T, w *world) {
			w.remove(t, key)
			w.Set("foo/B/720p/7.ts", high.segment(7), w.clock.now(), nil)
		}},
		{"and another session came", func(t *testing.T, w *world) {
			w.remove(t, key)
			for n := range 5 {
				w.Set(fmt.Sprintf("foo/C/720p/%d.ts", n), feed{Content: "the evening", Width: 1280, Height: 720, Clock: 0}.segment(n), uploaded(n).Add(12*time.Hour), nil)
			}
		}},
		{"and a door is missing", func(t *testing.T, w *world) {
			w.remove(t, key, find(t, w.Snapshot(), "/index.m3u8"))
		}},
		{"and an output is missing", func(t *testing.T, w *world) {
			w.remove(t, key, find(t, w.Snapshot(), "/720p.mp4"))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, _ := marked(t, later)
			w.clock.advance(day)
			c.do(t, w)
			w.clock.advance(time.Hour)
			before := w.Snapshot()
			for _, change := range []func(*finalize.Config){later, func(*finalize.Config) {}, func(c *finalize.Config) { c.Force = true }} {
				rec := storetest.NewRecorder(w)
				r, err := run(with(settings(rec), change), "foo")
				if !errors.Is(err, finalize.ErrRefused) || finalize.Retry(err) || !strings.Contains(err.Error(), key) {
					t.Errorf("error %v", err)
				}
				if r.Plan.Status != finalize.Damaged || r.Status() != finalize.Damaged {
					t.Errorf("status %s, %s", r.Plan.Status, r.Status())
				}
				same(t, "mutations", rec.Mutations(), []string{})
			}
			noDifference(t, w.Snapshot(), before, false)
		})
	}
}

// TestLostMarkerFiles: what the marker vouches for and is gone or changed stops
// everything.
func TestLostMarkerFiles(t *testing.T) {
	for _, suffix := range []string{"/segments.json.gz", "/recording.json", "leftovers"} {
		for _, spoil := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, spoiled %v", suffix, spoil), func(t *testing.T) {
				w, _ := marked(t, later)
				w.clock.advance(day)
				for key := range w.Snapshot() {
					if strings.HasPrefix(key, outPath) && strings.Contains(key, suffix) {
						if spoil {
							w.Set(key, []byte(`{"format":"recfin/recording","version":1,"recording":"foo","surprise":true}`), w.clock.now(), nil)
						} else if suffix != "/recording.json" {
							w.remove(t, key)
						} else {
							t.Skip("a recording without marker is a new one")
						}
					}
				}
				before := w.Snapshot()
				rec := storetest.NewRecorder(w)
				if _, err := run(settings(rec), "foo"); !errors.Is(err, finalize.ErrRefused) || !strings.Contains(err.Error(), "foo/") {
					t.Errorf("error %v", err)
				}
				same(t, "mutations", rec.Mutations(), []string{})
				noDifference(t, w.Snapshot(), before, false)
			})
		}
	}
}

// TestLostOutputIsWrittenAgain: an output that somebody deleted comes back, in
// a version of its own.
func TestLostOutputIsWrittenAgain(t *testing.T) {
	for _, lost := range []string{"/720p.mp4", "/360p.m3u8", "/index.m3u8"} {
		t.Run(lost, func(t *testing.T) {
			w, _ := marked(t, func(*finalize.Config) {})
			id := read(t, w.Snapshot(), "foo").Sessions[0].ID
			want := played(t, w.Snapshot(), "foo", id)
			w.remove(t, find(t, w.Snapshot(), lost))
			w.clock.advance(time.Hour)
			before := w.Snapshot()
			mustRun(t, settings(w), "foo")
			audit(t, before, w.Snapshot(), "foo")
			if got := played(t, w.Snapshot(), "foo", id); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("plays %v, and did %v", got, want)
			}
			find(t, w.Snapshot(), lost)
			if r := mustRun(t, settings(w), "foo"); !r.Done() {
				t.Error("there is always something to do")
			}
		})
	}
}
