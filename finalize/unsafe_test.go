package finalize_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/mem"
)

// worldOf is a world in a store of some kind.
func worldOf(opt mem.Options) *world {
	w := newWorld(opt.Opaque)
	opt.Clock = w.clock.now
	w.Store = mem.New(opt)
	return w
}

func alone(c *finalize.Config) { c.AssumeSingleWriter = true }

// TestStoreWithoutConditions: a store that deletes whatever version is there.
// Nothing goes there unless what is deleted can be brought back, or the caller
// promises to be alone; and what was uploaded anew before the last look survives
// everywhere.
func TestStoreWithoutConditions(t *testing.T) {
	const key = "foo/B/720p/4.ts"
	deaf := mem.Options{IgnoreDeleteIf: true, IgnoreBatchIf: true}
	hides := deaf
	hides.Versioned = true
	for _, c := range []struct {
		name    string
		opt     mem.Options
		change  func(*finalize.Config)
		deletes bool
		says    string
	}{
		{"refused, and what to type is said", deaf, nil, false, "--assume-single-writer"},
		{"alone", deaf, alone, true, ""},
		{"versioned", hides, nil, true, "lifecycle rule"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worldOf(c.opt)
			w.takeover("foo")
			before := w.Snapshot()
			cfg := with(settings(w), later)
			if c.change != nil {
				c.change(&cfg)
			}
			mustRun(t, cfg, "foo")
			w.clock.advance(day)
			w.Set(key, []byte("between marking and deleting"), w.clock.now().Add(-time.Hour), nil)
			r := mustRun(t, cfg, "foo")
			want := losers("foo")[:3]
			if !c.deletes {
				same(t, "kept", failed(r), want)
				want = nil
			}
			same(t, "gone", gone(before, w.Snapshot()), want)
			if string(w.Snapshot()[key].Body) != "between marking and deleting" {
				t.Error("what was uploaded anew is gone")
			}
			text := strings.Join(r.Problems, "\n")
			for _, k := range r.Kept {
				text += "\n" + k.Why
			}
			if !strings.Contains(text, c.says) {
				t.Errorf("it does not say %q: %s", c.says, text)
			}
			audit(t, before, w.Snapshot(), "foo")
		})
	}
	t.Run("versioned, overwritten between the last look and the delete", func(t *testing.T) {
		w := worldOf(hides)
		w.takeover("foo")
		cfg := with(settings(w), later)
		mustRun(t, cfg, "foo")
		w.clock.advance(day)
		h := &hook{Store: w, before: once("delete", key, func() { w.Set(key, []byte("at the last moment"), w.clock.now(), nil) })}
		cfg.Sources, cfg.Out = []store.Store{h}, nil
		mustRun(t, cfg, "foo")
		if w.has(key) {
			t.Fatal("the test proves nothing: the new one was not deleted")
		}
		if !w.Restore(key) || string(w.Snapshot()[key].Body) != "at the last moment" {
			t.Error("what was uploaded anew cannot be brought back")
		}
	})
}

// TestStoreWithoutConditionalPut: versions and a first marker are written; a
// marker is replaced, and anything deleted, only by who promises to be alone.
func TestStoreWithoutConditionalPut(t *testing.T) {
	w := worldOf(mem.Options{IgnorePutIf: true})
	w.takeover("foo")
	before := w.Snapshot()
	r := mustRun(t, settings(w), "foo") // the first marker condemns, and nothing goes
	same(t, "gone", gone(before, w.Snapshot()), nil)
	same(t, "kept", failed(r), losers("foo"))
	w.Set("foo/B/720p/7.ts", high.segment(7), w.clock.now(), nil)
	w.Set("foo/B/360p/7.ts", low.segment(7), w.clock.now(), nil)
	w.clock.advance(time.Hour)
	if _, err := run(settings(w), "foo"); !errors.Is(err, finalize.ErrRefused) || !strings.Contains(err.Error(), "--assume-single-writer") {
		t.Errorf("a marker was replaced: %v", err)
	}
	same(t, "gone", gone(before, w.Snapshot()), nil)
	mustRun(t, with(settings(w), alone), "foo")
	a := read(t, w.Snapshot(), "foo")
	if len(gone(before, w.Snapshot())) < 4 || a.Generation != 2 || len(a.chosen(a.Sessions[0].ID)) != 19 {
		t.Errorf("gone %v, generation %d, %d chosen", gone(before, w.Snapshot()), a.Generation, len(a.chosen(a.Sessions[0].ID)))
	}
	audit(t, before, w.Snapshot(), "foo")
}

// TestOutputsWithoutConditions: the marker is in another store than the segments,
// and that one would take any write. What the segments' store honours is not
// enough to delete there.
func TestOutputsWithoutConditions(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	before := w.Snapshot()
	out := mem.New(mem.Options{Name: "out", Clock: w.clock.now, IgnorePutIf: true})
	cfg := with(settings(w), func(c *finalize.Config) {
		c.Out, c.OutPath, c.Formats = out, "", finalize.Formats{MP4: true}
	})
	r := mustRun(t, cfg, "foo")
	same(t, "kept", failed(r), losers("foo"))
	same(t, "gone", gone(before, w.Snapshot()), nil)
}

// TestDeniedDelete: a delete that is denied leaves the recording done. The keys are
// told, and the rest of the store is not tried.
func TestDeniedDelete(t *testing.T) {
	t.Run("everywhere", func(t *testing.T) {
		w := worldOf(mem.Options{DenyDelete: true})
		w.takeover("foo")
		before := w.Snapshot()
		r := mustRun(t, settings(w), "foo")
		same(t, "kept", failed(r), losers("foo"))
		if len(r.Committed) != 1 || !strings.Contains(r.Kept[0].Why, "s3:DeleteObject") {
			t.Errorf("committed %d, why %q", len(r.Committed), r.Kept[0].Why)
		}
		same(t, "gone", gone(before, w.Snapshot()), nil)
		// Without --delete nobody needs the right.
		if r := mustRun(t, only(w, finalize.Formats{HLS: true, MP4: true}), "foo"); r.Err != nil || len(r.Problems) > 0 {
			t.Errorf("problems %q", r.Problems)
		}
	})
	t.Run("the segments alone", func(t *testing.T) {
		w, victims := crowd(t, 2500, mem.Options{})
		tried := 0
		h := &hook{Store: w, before: func(c call) error {
			if c.op == "delete" && strings.HasPrefix(c.key, "foo/") {
				tried++
				return fmt.Errorf("delete %s: %w", c.key, store.ErrDenied)
			}
			return nil
		}}
		r := mustRun(t, deleting(h), "foo")
		if tried != 1000 || len(failed(r)) != len(victims) || len(r.Deleted) > 0 {
			t.Errorf("%d tried, %d kept, %d deleted", tried, len(failed(r)), len(r.Deleted))
		}
	})
}

// TestDueGoesFirst: what is due goes before anything new is written, and neither
// keeps the other back.
func TestDueGoesFirst(t *testing.T) {
	grown := func(t *testing.T) (*world, snapshot) {
		w, _ := marked(t, later)
		w.clock.advance(day)
		second := feed{Content: "the next day", Width: 1280, Height: 720}
		for n := range 5 {
			w.Set(fmt.Sprintf("foo/C/720p/%d.ts", n), second.segment(n), w.clock.now().Add(time.Duration(n)*2*time.Second), nil)
		}
		w.clock.advance(2 * time.Hour)
		return w, w.Snapshot()
	}
	t.Run("in order", func(t *testing.T) {
		w, before := grown(t)
		wrote, deleted := 0, 0
		h := &hook{Store: w, before: func(c call) error {
			switch {
			case strings.Contains(c.key, store.Private):
			case c.op == "create", c.op == "put":
				wrote++
			case c.op == "delete":
				if deleted++; wrote > 0 {
					t.Errorf("%s is deleted after something was written", c.key)
				}
			}
			return nil
		}}
		r := mustRun(t, with(settings(h), later), "foo")
		same(t, "gone", gone(before, w.Snapshot()), losers("foo"))
		if len(r.Committed) != 1 || deleted != 4 || len(r.Deleted) != 4 {
			t.Errorf("committed %d, %d deletes", len(r.Committed), deleted)
		}
	})
	t.Run("new segments cannot be written", func(t *testing.T) {
		w, before := grown(t)
		h := &hook{Store: w, before: func(c call) error {
			if c.op == "create" && !strings.Contains(c.key, store.Private) {
				return store.ErrFull
			}
			return nil
		}}
		if _, err := run(with(settings(h), later), "foo"); !errors.Is(err, store.ErrFull) {
			t.Errorf("error %v", err)
		}
		same(t, "gone", gone(before, w.Snapshot()), losers("foo"))
	})
	t.Run("nothing may be deleted", func(t *testing.T) {
		w, before := grown(t)
		low := with(settings(w), func(c *finalize.Config) { later(c); c.MaxDeletePercent = 1 })
		r, err := run(low, "foo")
		if !errors.Is(err, finalize.ErrRefused) || len(r.Committed) != 1 {
			t.Errorf("committed %d, error %v", len(r.Committed), err)
		}
		same(t, "gone", gone(before, w.Snapshot()), nil)
	})
}

// TestDoorsProtect: files of a superseded version stay while a door leads to
// them, whoever left it so.
func TestDoorsProtect(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	mustRun(t, with(settings(w), later), "foo")
	old := read(t, w.Snapshot(), "foo").Sessions[0]
	door := outPath + "foo/" + old.ID + "/index.m3u8"
	text := w.Snapshot()[door].Body
	w.Set("foo/B/720p/7.ts", high.segment(7), w.clock.now(), nil)
	w.Set("foo/B/360p/7.ts", low.segment(7), w.clock.now(), nil)
	w.clock.advance(time.Hour)
	mustRun(t, with(settings(w), later), "foo")
	w.clock.advance(2 * day)
	before := w.Snapshot()
	// Behind the run that looks whether its doors are right.
	h := &hook{Store: w}
	h.after = behind("get", markerKey("foo"), func() {})
	looked := false
	h.before = func(c call) error {
		if c.op == "list" && c.key == outPath+"foo/" {
			if looked {
				w.Set(door, text, w.clock.now(), nil)
			}
			looked = true
		}
		return nil
	}
	r := mustRun(t, with(settings(h), later), "foo")
	dir := outPath + "foo/" + old.ID + "/" + old.Version + "/"
	for _, key := range gone(before, w.Snapshot()) {
		if strings.HasPrefix(key, dir) {
			t.Errorf("%s is gone, and the door leads to it", key)
		}
	}
	n := 0
	for _, k := range r.Kept {
		if strings.HasPrefix(k.Key, dir) && strings.Contains(k.Why, "door") && !k.Failed {
			n++
		}
	}
	if n == 0 {
		t.Fatalf("nothing was kept for the door: %v", r.Kept)
	}
	mustRun(t, with(settings(w), later), "foo") // it mends the door first
	for key := range w.Snapshot() {
		if strings.HasPrefix(key, dir) && !strings.HasSuffix(key, ".json.gz") {
			t.Errorf("%s is there", key)
		}
	}
}

// TestProofMustStand: sources go only while every output that holds them is the
// one that was proved, up to the last look.
func TestProofMustStand(t *testing.T) {
	w, victims := crowd(t, 2500, mem.Options{})
	movie := find(t, w.Snapshot(), ".mp4")
	s := &tally{Store: w, before: func(batch int) {
		if batch == 0 {
			w.Set(movie, w.Snapshot()[movie].Body[1:], w.clock.now(), nil)
		}
	}}
	r, err := run(deleting(s), "foo")
	if err != nil && !errors.Is(err, finalize.ErrRefused) {
		t.Errorf("error %v", err)
	}
	if s.batches != 1 || len(r.Deleted) != 1000 || len(failed(r)) != len(victims)-1000 || !strings.Contains(r.Kept[0].Why, movie) {
		t.Errorf("%d batches, %d deleted, %d kept: %+v", s.batches, len(r.Deleted), len(failed(r)), r.Kept[:min(1, len(r.Kept))])
	}
}
