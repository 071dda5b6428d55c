package finalize_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
)

// eachMoment runs once for every operation of a run, and has something happen
// just before it. It gives the world, what it held at first, and how the run
// ended. Of the reads of segments, which follow each other, it takes some.
func eachMoment(t *testing.T, cfg func(store.Store) finalize.Config, happen func(w *world), then func(t tester, w *world, before snapshot, err error)) {
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			start := s.lay(t, false)
			before := start.Snapshot()
			one := func(w *world, h *hook) error {
				h.Store = w
				_, err := run(with(cfg(h), func(c *finalize.Config) { c.Concurrency = 1 }), "foo")
				return err
			}
			var ops []string
			if err := one(start.clone(), &hook{before: func(c call) error { ops = append(ops, c.op+" "+c.key); return nil }}); err != nil {
				t.Fatal(err)
			}
			defer start.clock.set(start.clock.now())
			now := start.clock.now()
			for at, op := range ops {
				if strings.HasPrefix(op, "get foo/") && at%20 != 0 {
					continue
				}
				start.clock.set(now)
				w, happened := start.clone(), false
				err := one(w, &hook{before: func(c call) error {
					if c.n == at {
						happened = true
						happen(w)
					}
					return nil
				}})
				if happened {
					then(t, w, before, err)
				}
				if t.Failed() {
					t.Fatalf("at operation %d of %d, %s", at, len(ops), op)
				}
			}
			if len(ops) < 50 {
				t.Errorf("only %d operations", len(ops))
			}
		})
	}
}

// TestRivalAtAnyMoment lets a second complete run go by at every operation of
// the first.
func TestRivalAtAnyMoment(t *testing.T) {
	t.Parallel()
	quiet := func(s store.Store) finalize.Config { return only(s, finalize.Formats{HLS: true, MP4: true}) }
	hls := func(s store.Store) finalize.Config { return only(s, finalize.Formats{HLS: true}) }
	for _, c := range []struct {
		name         string
		first, rival func(store.Store) finalize.Config
	}{
		{"both delete", settings, settings},
		{"the rival deletes", quiet, settings},
		{"the rival writes hls alone", settings, hls},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachMoment(t, c.first, func(w *world) {
				if _, err := run(c.rival(w), "foo"); err != nil {
					t.Errorf("the rival: %v", err)
				}
			}, func(t tester, w *world, before snapshot, err error) {
				if err != nil {
					t.Errorf("the first: %v", err)
				}
				audit(t, before, w.Snapshot(), "foo")
				finish(t, w, before)
			})
		})
	}
}

// finish runs until nothing is to be done, and holds that the recording has all
// that was there, and that only what lost is gone.
func finish(t tester, w *world, before snapshot) {
	t.Helper()
	for n := 0; ; n++ {
		r, err := run(settings(w), "foo")
		if err != nil || n == 4 {
			t.Errorf("run %d behind it: %v", n+1, err)
			return
		}
		audit(t, before, w.Snapshot(), "foo")
		if r.Done() {
			break
		}
	}
	after := w.Snapshot()
	same(t, "sources that are gone", gone(sources(before), after), losers("foo"))
	a := read(t, after, "foo")
	if len(a.Sessions) != 1 || a.Sessions[0].Formats != "hls,mp4" {
		t.Fatalf("sessions %v", a.Sessions)
	}
	chosen := a.chosen(a.Sessions[0].ID)
	for key, e := range sources(after) {
		if len(e.Body) > 0 && key != "foo/notes.txt" && !slices.Contains(chosen, key) {
			t.Errorf("%s is not in the recording", key)
		}
	}
	if left := w.Uploads(); len(left) > 0 {
		t.Errorf("unfinished uploads %v", left)
	}
}

// TestUploadAtAnyMoment lets a late segment come in at every operation: it is
// in the recording at last, whichever version that makes.
func TestUploadAtAnyMoment(t *testing.T) {
	t.Parallel()
	eachMoment(t, settings, func(w *world) {
		w.Set("foo/B/360p/8.ts", low.segment(8), w.clock.now(), nil)
	}, func(t tester, w *world, before snapshot, err error) {
		if err != nil && !finalize.Retry(err) {
			t.Errorf("the run: %v", err)
		}
		audit(t, before, w.Snapshot(), "foo")
		w.clock.advance(time.Hour)
		finish(t, w, before)
	})
}

// TestOverwrittenAtAnyMoment lets a chosen segment be overwritten at every
// operation. Nothing but what lost is deleted, and what was committed is
// either right or reported as damaged.
func TestOverwrittenAtAnyMoment(t *testing.T) {
	t.Parallel()
	const key = "foo/A/720p/2.ts"
	other := feed{Content: "another match", Width: 1280, Height: 720, Clock: 0}.segment(2)
	eachMoment(t, settings, func(w *world) { w.Set(key, other, uploaded(2), nil) }, func(t tester, w *world, before snapshot, err error) {
		if err != nil && !finalize.Retry(err) && !errors.Is(err, finalize.ErrRefused) {
			t.Errorf("the run: %v", err)
		}
		r, err := run(settings(w), "foo")
		after := w.Snapshot()
		for _, k := range gone(sources(before), after) {
			if !slices.Contains(losers("foo"), k) {
				t.Errorf("%s is gone", k)
			}
		}
		a := read(t, after, "foo")
		switch {
		case err == nil:
			for _, q := range a.records[a.Sessions[0].ID].Renditions {
				for _, o := range q.versions() {
					if o.Key == key && o.ETag != after[key].ETag {
						t.Error("the run says nothing of a segment that it committed and that is another one now")
					}
				}
			}
		case r.Plan.Status != finalize.Damaged:
			t.Errorf("the next run: %v", err)
		}
		if string(after[key].Body) != string(other) {
			t.Error("the new segment is gone")
		}
	})
}
