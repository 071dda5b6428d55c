package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/mem"
	"recfin/store/storetest"
)

// swapped gives two stores of one recording of which the second has copies that
// are no worse, so that the order of the stores decides which of them stay.
func swapped() (p, q *world) {
	p = newWorld(false)
	q = &world{mem.New(mem.Options{Name: "q", Clock: p.clock.now}), p.clock}
	p.lay("foo/A/720p", high, 0, 14, 0)
	for n := 12; n < 15; n++ {
		q.Set(fmt.Sprintf("foo/A/720p/%d.ts", n), high.segment(n), uploaded(n).Add(-1), nil)
	}
	return p, q
}

// into gives settings that finalize into a folder of a store and delete what they
// may. The order of the sources is that of the command line: the first is home.
func into(out store.Store, dir string, sources ...store.Store) finalize.Config {
	return with(both(out, sources...), func(c *finalize.Config) {
		c.OutPath, c.Formats, c.MaxDeletePercent = dir, finalize.Formats{HLS: true}, 100
	})
}

// refusedWith runs and plans, which both have to be refused with words, and holds
// that nothing is gone and nothing is written but by a run that is interrupted.
func refusedWith(t *testing.T, cfg finalize.Config, id string, worlds []*world, words ...string) {
	t.Helper()
	var before []snapshot
	for _, w := range worlds {
		before = append(before, w.Snapshot())
	}
	for what, do := range map[string]func(finalize.Config, string) (*finalize.Report, error){"run": run, "plan": plan} {
		r, err := do(cfg, id)
		if !errors.Is(err, finalize.ErrRefused) {
			t.Fatalf("%s: %v", what, err)
		}
		for _, word := range words {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %q is not said: %v", what, word, err)
			}
		}
		if r.Status() != finalize.Refused {
			t.Errorf("%s: status %q", what, r.Status())
		}
	}
	for i, w := range worlds {
		after := w.Snapshot()
		same(t, "gone", gone(before[i], after), nil)
		same(t, "new", gone(after, before[i]), nil)
	}
}

// TestFinalizedElsewhere: where a recording was finalized into one place, no run
// begins anew in another: not with another order of the stores, not with another
// --out. Its playlists would name what that run deletes (I8).
func TestFinalizedElsewhere(t *testing.T) {
	p, q := swapped()
	mustRun(t, into(p, outPath, p), "foo")
	worlds := []*world{p, q}
	for name, cfg := range map[string]finalize.Config{
		"stores swapped":       into(q, outPath, q, p),
		"another folder":       into(p, "done/", p),
		"another, both stores": into(q, "done/", p, q),
		"inside the recording": into(p, "foo/done/", p, q),
	} {
		t.Run(name, func(t *testing.T) {
			refusedWith(t, cfg, "foo", worlds, "--out "+p.Label()+outPath, "recordings/foo/recording.json")
			refusedWith(t, with(cfg, func(c *finalize.Config) { c.Delete = finalize.DeleteNone }), "foo", worlds, p.Label()+outPath)
		})
	}
	t.Run("the same place", func(t *testing.T) {
		mustRun(t, into(p, outPath, q, p), "foo")
		if r := mustPlan(t, into(p, outPath, p, q), "foo"); r.Status() != finalize.Done {
			t.Errorf("status %s", r.Status())
		}
	})
}

// TestFinalizedElsewhereIsFound at places that only the settings of today tell.
func TestFinalizedElsewhereIsFound(t *testing.T) {
	t.Run("in its own folder", func(t *testing.T) {
		p, _ := swapped()
		mustRun(t, into(p, "foo/done/", p), "foo")
		refusedWith(t, into(p, outPath, p), "foo", []*world{p}, "--out "+p.Label()+"foo/done/")
	})
	t.Run("in the same folder of another store", func(t *testing.T) {
		p, q := swapped()
		mustRun(t, into(p, "done/", p), "foo")
		refusedWith(t, into(q, "done/", q, p), "foo", []*world{p, q}, "--out "+p.Label()+"done/")
	})
	t.Run("a layout that begins with the folder that was the store", func(t *testing.T) {
		w := newWorld(false)
		w.lay("live/foo/A/720p", high, 0, 9, 0)
		w.lay("foo/A/720p", high, 0, 9, 0) // as the store live/ shows it
		mustRun(t, into(w, outPath, w), "foo")
		for key, e := range w.Snapshot() {
			if strings.HasPrefix(key, outPath) {
				w.Set("live/"+key, e.Body, e.Modified, nil)
				w.remove(t, key)
			}
		}
		l, err := finalize.ParseLayouts([]string{"live/{recording}/{nonce}/{rendition}/{seq}.ts"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		refusedWith(t, with(into(w, "out/", w), func(c *finalize.Config) { c.Layouts = l }), "foo", []*world{w}, "--out "+w.Label()+"live/recordings/")
	})
	t.Run("as a part of another", func(t *testing.T) {
		p, q := swapped()
		f, err := finalize.New(into(p, outPath, p))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.RunAs(context.Background(), "match", []string{"foo"}); err != nil {
			t.Fatal(err)
		}
		refusedWith(t, into(q, outPath, q, p), "foo", []*world{p, q}, "a part of match", p.Label()+outPath)
	})
	t.Run("before it is put with others", func(t *testing.T) {
		p, q := swapped()
		mustRun(t, into(p, outPath, p), "foo")
		f, err := finalize.New(into(q, outPath, q, p))
		if err != nil {
			t.Fatal(err)
		}
		before := q.Snapshot()
		for what, do := range map[string]func(context.Context, string, []string) (*finalize.Report, error){"plan": f.PlanAs, "run": f.RunAs} {
			if _, err := do(context.Background(), "match", []string{"foo"}); !errors.Is(err, finalize.ErrRefused) {
				t.Errorf("%s: %v", what, err)
			}
		}
		same(t, "claims", gone(q.Snapshot(), before), nil)
	})
}

// TestFinalizedTwice: two archives of one recording, made before anybody looked.
// Neither may delete, and neither grows.
func TestFinalizedTwice(t *testing.T) {
	p, q := swapped()
	mustRun(t, into(p, outPath, p), "foo")
	first := p.Snapshot()
	for key := range first {
		if strings.HasPrefix(key, outPath) {
			p.remove(t, key)
		}
	}
	none := func(c *finalize.Config) { c.Delete = finalize.DeleteNone }
	mustRun(t, with(into(q, outPath, q, p), none), "foo")
	for key, e := range first {
		if strings.HasPrefix(key, outPath) {
			p.Set(key, e.Body, e.Modified, nil)
		}
	}
	worlds := []*world{p, q}
	refusedWith(t, into(q, outPath, q, p), "foo", worlds, p.Label()+outPath, q.Label()+outPath, "apart from that")
	r := mustRun(t, with(into(q, outPath, q, p), none), "foo")
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0], "apart from that") {
		t.Errorf("problems %q", r.Problems)
	}
	p.lay("foo/A/720p", high, 15, 16, 0)
	refusedWith(t, with(into(q, outPath, q, p), none), "foo", worlds, "apart from that")
}

// TestFinalizedElsewhereMeanwhile: the marker in the other place appears between
// the swap and the deleting.
func TestFinalizedElsewhereMeanwhile(t *testing.T) {
	p, q := swapped()
	other := p.clone()
	mustRun(t, into(other, outPath, other), "foo")
	h := &hook{Store: q}
	h.before = func(c call) error {
		if c.op == "put" && strings.HasSuffix(c.key, "/recording.json") {
			for key, e := range other.Snapshot() {
				if strings.HasPrefix(key, outPath) {
					p.Set(key, e.Body, e.Modified, nil)
				}
			}
		}
		return nil
	}
	before := p.Snapshot()
	r := mustRun(t, into(h, outPath, h, p), "foo")
	same(t, "gone", gone(before, p.Snapshot()), nil)
	if r.Condemned == 0 || len(r.Kept) != r.Condemned || !r.Kept[0].Failed {
		t.Errorf("condemned %d, kept %v", r.Condemned, r.Kept)
	}
}

// TestMirroredMarker: a backup that is a mirror of the whole bucket has our marker
// too. That is no other place, and what its playlists name stays there.
func TestMirroredMarker(t *testing.T) {
	p, _ := swapped()
	p.lay("foo/B/720p", high, 3, 3, 0)
	mustRun(t, with(into(p, outPath, p), func(c *finalize.Config) { c.Delete = finalize.DeleteNone }), "foo")
	q := &world{mem.New(mem.Options{Name: "q", Clock: p.clock.now}), p.clock}
	for key, e := range p.Snapshot() {
		if !strings.HasPrefix(key, private) {
			q.Set(key, e.Body, e.Modified, nil)
		}
	}
	before := q.Snapshot()
	mustRun(t, into(p, outPath, p, q), "foo")
	same(t, "gone from the mirror", gone(before, q.Snapshot()), []string{"foo/B/720p/3.ts"})
}

// TestCostOfLooking: one HEAD for each further store, none where there is one. Only what
// is there is read.
func TestCostOfLooking(t *testing.T) {
	p, q := swapped()
	rp, rq := storetest.NewRecorder(p), storetest.NewRecorder(q)
	markers := func(rec *storetest.Recorder, op string) int {
		n := 0
		for _, line := range rec.Ops() {
			if strings.HasPrefix(line, op+" ") && strings.Contains(line, "/recording.json") {
				n++
			}
		}
		return n
	}
	mustPlan(t, into(rp, outPath, rp), "foo")
	if n, heads := markers(rp, "get"), markers(rp, "head"); n != 1 || heads != 0 {
		t.Errorf("one store: %d GETs of markers, %d HEADs", n, heads)
	}
	mustPlan(t, into(rp, outPath, rp, rq), "foo")
	if n, heads := markers(rq, "get"), markers(rq, "head"); n != 0 || heads != 1 || markers(rp, "get") != 2 || markers(rp, "head") != 0 {
		t.Errorf("the other store: %d GETs of markers, %d HEADs; %d GETs in the first", n, heads, markers(rp, "get")-1)
	}
}

// TestOutputsOfOthersProtect: a folder of outputs in the listing is no input, but
// what its playlists name is no leftover.
func TestOutputsOfOthersProtect(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	w.Set("foo/old/bar/recording.json", []byte(`{"format":"recfin/recording","version":1,"recording":"bar","generation":1,"sessions":[]}`), onAir, nil)
	w.Set("foo/old/bar/20260101T000000Z/1-0000000000000000/720p.m3u8", []byte("#EXTM3U\n#EXTINF:2,\n../../../../A/720p/5.ts\n"), onAir, nil)
	mustRun(t, settings(w), "foo")
	if !w.has("foo/A/720p/5.ts") || w.has("foo/A/360p/5.ts") {
		t.Error("a playlist of another recording names foo/A/720p/5.ts, and nothing names foo/A/360p/5.ts")
	}
}
