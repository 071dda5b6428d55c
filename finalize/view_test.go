package finalize_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize"
	"recfin/finalize/timeline"
)

// lostIn is what dropped segments are placed at, by key.
func lostIn(t *testing.T, r *finalize.Report) map[string]finalize.DroppedAt {
	t.Helper()
	out := map[string]finalize.DroppedAt{}
	all := r.DroppedAt()
	if len(all) != len(r.Plan.Dropped) {
		t.Fatalf("%d of %d dropped segments", len(all), len(r.Plan.Dropped))
	}
	for i, x := range all {
		if x.Object != r.Plan.Dropped[i].Object || x.Reason != r.Plan.Dropped[i].Reason {
			t.Fatalf("the order is another one: %s for %s", x.Key, r.Plan.Dropped[i].Key)
		}
		out[x.Key] = x
	}
	return out
}

// placeOf is a line for one dropped segment. Times are in tenths of a second.
func placeOf(x finalize.DroppedAt) string {
	if !x.Placed {
		return fmt.Sprintf("%s %s/%s nowhere", x.Reason, x.Nonce, x.Rendition)
	}
	return fmt.Sprintf("%s %s/%s %.1f+%.1f", x.Reason, x.Nonce, x.Rendition, x.Start.Seconds(), x.Duration.Seconds())
}

// TestDroppedAt: where the copies, the broken and the late ones of a broadcast lie.
func TestDroppedAt(t *testing.T) {
	exclude := func(c *finalize.Config) { c.Selection = finalize.Selection{Exclude: []string{"360p"}} }
	for _, c := range []struct {
		name   string
		lay    func(w *world)
		change func(*finalize.Config)
		want   map[string]string
	}{
		{"a takeover", func(w *world) { w.takeover("foo") }, nil, map[string]string{
			"foo/B/720p/4.ts": "identical B/720p 8.0+2.0",
			"foo/A/720p/6.ts": "empty A/720p 12.0+0.0",
			"foo/A/720p/5.ts": "truncated A/720p 10.0",
		}},
		{"a rendition that is left out", func(w *world) { w.takeover("foo") }, exclude, map[string]string{
			"foo/A/360p/3.ts": "excluded A/360p 6.0+2.0",
			"foo/B/360p/9.ts": "excluded B/360p 18.0+2.0",
		}},
		{"bytes that are no media", func(w *world) {
			w.lay("foo/A/720p", high, 0, 4, 0)
			w.Set("foo/A/720p/5.ts", []byte(strings.Repeat("no media at all ", 300)), uploaded(5), nil)
			w.lay("foo/A/720p", high, 6, 9, 0)
		}, nil, map[string]string{"foo/A/720p/5.ts": "unreadable A/720p 10.0+2.0"}},
		{"nothing behind the last one but what is empty", func(w *world) {
			w.lay("foo/A/720p", high, 0, 4, 0)
			w.Set("foo/A/720p/6.ts", nil, uploaded(6), nil)
		}, nil, map[string]string{"foo/A/720p/6.ts": "empty A/720p 12.0+0.0"}},
		{"a writer of which nothing was chosen", func(w *world) {
			w.lay("foo/A/720p", high, 0, 9, 0)
			w.Set("foo/C/720p/70.ts", nil, uploaded(7), nil)
		}, nil, map[string]string{"foo/C/720p/70.ts": "empty C/720p 14.0+0.0"}},
		{"a rendition of which nothing can be used", func(w *world) {
			w.lay("foo/A/720p", high, 0, 9, 0)
			for n := range 10 {
				w.Set(fmt.Sprintf("foo/A/360p/%d.ts", n), nil, uploaded(n), nil)
			}
		}, nil, map[string]string{"foo/A/360p/0.ts": "empty A/360p 0.0+0.0", "foo/A/360p/9.ts": "empty A/360p 18.0+0.0"}},
		{"two cameras with numbers of their own", func(w *world) {
			w.lay("foo/A/720p", high, 0, 9, 0)
			for n := range 8 { // begins two seconds later, another picture, another clock
				f := feed{Content: "the other camera", Width: 1280, Height: 720, Clock: 9000000}
				w.Set(fmt.Sprintf("foo/B/720p/%d.ts", 100+n), f.segment(n), uploaded(n+1), nil)
			}
		}, nil, map[string]string{"foo/B/720p/100.ts": "overlap B/720p 2.0+2.0", "foo/B/720p/107.ts": "overlap B/720p 16.0+2.0"}},
		{"an empty one a day later", func(w *world) {
			w.lay("foo/A/720p", high, 0, 9, 0)
			w.Set("foo/C/720p/70.ts", nil, uploaded(0).Add(-day), nil)
		}, nil, map[string]string{"foo/C/720p/70.ts": "empty C/720p nowhere"}},
		{"a number that is far away", func(w *world) {
			w.lay("foo/A/720p", high, 0, 9, 0)
			w.Set("foo/A/720p/4000000000.ts", nil, uploaded(3), nil)
		}, nil, map[string]string{"foo/A/720p/4000000000.ts": "empty A/720p 6.0+0.0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(false)
			c.lay(w)
			cfg := only(w, finalize.Formats{HLS: true})
			if c.change != nil {
				c.change(&cfg)
			}
			r := mustPlan(t, cfg, "foo")
			got := lostIn(t, r)
			for key, want := range c.want {
				if x := got[key]; !strings.HasPrefix(placeOf(x), want) {
					t.Errorf("%s: %s, want %s", key, placeOf(x), want)
				} else if x.Placed && x.Session != r.Plan.Sessions[0].Record.Session {
					t.Errorf("%s is of session %q", key, x.Session)
				}
			}
			if again := r.DroppedAt(); !reflect.DeepEqual(again, r.DroppedAt()) {
				t.Error("asked twice, it answers differently")
			}
		})
	}
}

// TestDroppedAtTruncated: what was cut off is no longer than what has its place.
func TestDroppedAtTruncated(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	for key, x := range lostIn(t, mustPlan(t, only(w, finalize.Formats{HLS: true}), "foo")) {
		if x.Reason == timeline.Truncated && (!x.Placed || x.Start != 10*time.Second || x.Duration <= 0 || x.Duration >= 2*time.Second) {
			t.Errorf("%s: %s", key, placeOf(x))
		}
	}
}

// TestDroppedAtOverlap: two recorders cut at other times; what lost lies where its
// own key says, not where the winner begins.
func TestDroppedAtOverlap(t *testing.T) {
	w := newWorld(false)
	for n := range 8 {
		for _, late := range []time.Duration{0, 700 * time.Millisecond} {
			at := onAir.Add(time.Duration(n)*2*time.Second + late)
			f := high
			f.Clock = int64(late) * 90 / int64(time.Millisecond)
			key := fmt.Sprintf("chan/source/%s/%s-2.000-full-aGFzaA%d%d.ts", at.Format("2006-01-02T15"), at.Format("04:05.000000"), n, late/time.Millisecond)
			w.Set(key, f.segment(n), uploaded(n).Add(late), nil)
		}
	}
	r := mustPlan(t, laid(t, "wubloader", w), "chan")
	start := r.Plan.Sessions[0].Record.Start
	odd := 0
	for key, x := range lostIn(t, r) {
		says := start.Add(x.Start).Format("04:05.000000")
		if !x.Placed || x.Duration != 2*time.Second || !strings.Contains(key, "/"+says+"-2.000-") {
			t.Errorf("%s: %s after %s", key, placeOf(x), start)
		}
		if x.Reason == timeline.Overlap {
			odd++
		}
	}
	if odd == 0 {
		t.Error("nothing overlaps")
	}
}

// TestDroppedAtOfTheMarker: what a marker knows, and what was deleted of it, has its
// place too.
func TestDroppedAtOfTheMarker(t *testing.T) {
	w, _ := marked(t, func(c *finalize.Config) { c.Delete = finalize.DeleteNone })
	got := lostIn(t, mustPlan(t, settings(w), "foo"))
	if len(got) == 0 {
		t.Fatal("nothing is dropped")
	}
	for key, x := range got {
		if !x.Placed || x.Session == "" || x.Nonce == "" || x.Rendition == "" || !x.HasSeq {
			t.Errorf("%s: %s in %q", key, placeOf(x), x.Session)
		}
	}
}

// TestDroppedAtLate: what came too late lies in the session that it came too late for,
// where its number says.
func TestDroppedAtLate(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 4, 0)
	w.lay("foo/A/720p", high, 15, 19, 0)
	cfg := with(settings(w), func(c *finalize.Config) { c.SessionGap, c.Formats.HLS = 10*time.Second, false })
	mustRun(t, cfg, "foo")
	w.remove(t, "foo/A/720p/17.ts")
	w.lay("foo/A/720p", high, 5, 14, time.Second)
	w.clock.advance(time.Hour)
	late := 0
	r := mustRun(t, cfg, "foo")
	for key, x := range lostIn(t, r) {
		if x.Reason != timeline.Late {
			continue
		}
		late++
		start := time.Time{}
		for _, ps := range r.Plan.Sessions {
			if ps.Record.Session == x.Session {
				start = ps.Record.Start
			}
		}
		want := onAir.Add(400*time.Millisecond + time.Duration(x.Seq)*2*time.Second)
		if got := start.Add(x.Start); x.Session == "" || x.Placed && got.Sub(want).Abs() > 2*time.Second {
			t.Errorf("%s: %s of session %q, at %s for %s", key, placeOf(x), x.Session, got, want)
		}
	}
	if late != 10 {
		t.Errorf("%d came too late", late)
	}
}

// TestDroppedAtMany: a hundred thousand of them take one pass.
func TestDroppedAtMany(t *testing.T) {
	const n = 100000
	rec := &finalize.Record{Recording: "foo", Session: "s", Start: onAir, End: onAir.Add(n * time.Second), Settings: finalize.Settings{GapNS: int64(15 * time.Minute)}}
	q := finalize.RenditionRecord{Name: "720p"}
	p := &finalize.Plan{Recording: "foo"}
	for i := range n {
		rec.Slots.Seq = append(rec.Slots.Seq, int64(i))
		rec.Slots.StartNS = append(rec.Slots.StartNS, int64(i)*int64(time.Second))
		rec.Slots.DurationNS = append(rec.Slots.DurationNS, int64(time.Second))
		q.Slot, q.Seq, q.Nonce = append(q.Slot, i), append(q.Seq, int64(i)), append(q.Nonce, "A")
		q.Store, q.ETag, q.Key = append(q.Store, "m"), append(q.ETag, "e"), append(q.Key, fmt.Sprint("foo/A/720p/", i, ".ts"))
		q.Size, q.Seen = append(q.Size, 1), append(q.Seen, onAir.UnixNano())
		q.StartNS, q.DurationNS, q.Source = append(q.StartNS, int64(i)*int64(time.Second)), append(q.DurationNS, int64(time.Second)), append(q.Source, timeline.FromKey)
		x := finalize.Dropped{Reason: timeline.Identical, Kept: q.Key[i]}
		x.Store, x.Key = "m", fmt.Sprint("foo/B/720p/", i, ".ts")
		x.Modified = onAir.Add(time.Duration(i) * time.Second)
		p.Dropped = append(p.Dropped, x)
	}
	rec.Renditions = []finalize.RenditionRecord{q}
	p.Sessions = []finalize.PlannedSession{{Action: finalize.Write, Record: rec}}
	for i, x := range (&finalize.Report{Plan: p}).DroppedAt() {
		if !x.Placed || x.Session != "s" || (x.Start-time.Duration(i)*time.Second).Abs() > time.Second {
			t.Fatalf("%d: %+v", i, x)
		}
	}
}

// TestDroppedAtAnything: whatever is there, each dropped segment is told once, of a
// session that exists, and an identical copy lies exactly on what was kept.
func TestDroppedAtAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Bool().Draw(t, "opaque"))
		for i := range rapid.IntRange(1, 4).Draw(t, "writers") {
			f := rapid.SampledFrom([]feed{high, low, {Content: "another camera", Width: 640, Height: 352, Clock: 7000000}}).Draw(t, "feed")
			first := rapid.IntRange(0, 6).Draw(t, "first")
			late := time.Duration(rapid.Int64Range(-int64(2*time.Hour), int64(2*time.Hour)).Draw(t, "late"))
			prefix := fmt.Sprintf("foo/%c/%s", 'A'+i, rapid.SampledFrom([]string{"720p", "360p"}).Draw(t, "rendition"))
			w.lay(prefix, f, first, first+rapid.IntRange(0, 4).Draw(t, "more"), late)
			if rapid.Bool().Draw(t, "broken") {
				n := rapid.IntRange(0, 12).Draw(t, "broken one")
				w.Set(fmt.Sprintf("%s/%d.ts", prefix, n), rapid.SampledFrom([][]byte{nil, []byte("broken"), f.cut(n)}).Draw(t, "body"), uploaded(n).Add(late), nil)
			}
		}
		cfg := only(w, finalize.Formats{HLS: true})
		if rapid.Bool().Draw(t, "one left out") {
			cfg.Selection.Exclude = []string{"360p"}
		}
		r, _ := plan(cfg, "foo")
		ids := map[string]*finalize.Record{"": nil}
		starts := map[string]time.Duration{}
		for _, ps := range r.Plan.Sessions {
			ids[ps.Record.Session] = ps.Record
			for i := range ps.Record.Renditions {
				q := &ps.Record.Renditions[i]
				for k, key := range q.Key {
					starts[key] = time.Duration(ps.Record.SlotsOf(q).StartNS[q.Slot[k]])
				}
			}
		}
		all := r.DroppedAt()
		if len(all) != len(r.Plan.Dropped) {
			t.Fatalf("%d of %d", len(all), len(r.Plan.Dropped))
		}
		for _, x := range all {
			if _, ok := ids[x.Session]; !ok || x.Placed && x.Session == "" || x.Duration < 0 {
				t.Fatalf("%s: %s of session %q", x.Key, placeOf(x), x.Session)
			}
			if start, ok := starts[x.Kept]; x.Reason == timeline.Identical && (!x.Placed || !ok || x.Start != start) {
				t.Fatalf("%s: %s, and %s is at %v", x.Key, placeOf(x), x.Kept, start)
			}
		}
	})
}
