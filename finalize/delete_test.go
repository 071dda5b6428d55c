package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/storetest"
)

// day is a delay before deleting.
const day = 24 * time.Hour

func later(c *finalize.Config) { c.DeleteDelay = day }

// sources gives the keys of a snapshot that are not below the outputs.
func sources(all snapshot) snapshot {
	out := snapshot{}
	for key, e := range all {
		if !strings.HasPrefix(key, outPath) {
			out[key] = e
		}
	}
	return out
}

func TestDeleteLeftovers(t *testing.T) {
	t.Run("exactly the copies that lost", func(t *testing.T) {
		w, before := marked(t, nil)
		r := mustRun(t, settings(w), "foo")
		after := w.Snapshot()
		same(t, "gone", gone(before, after), losers("foo"))
		same(t, "reported", keys(r.Deleted), losers("foo"))
		audit(t, before, after, "foo")
	})
	t.Run("nothing unless asked", func(t *testing.T) {
		w, before := marked(t, nil)
		mustRun(t, only(w, finalize.Formats{HLS: true, MP4: true}), "foo")
		same(t, "gone", gone(before, w.Snapshot()), nil)
		if a := read(t, w.Snapshot(), "foo"); len(a.Condemned) > 0 {
			t.Errorf("condemned %v", a.doomed())
		}
	})
	t.Run("asked later", func(t *testing.T) {
		w, before := marked(t, func(c *finalize.Config) { c.Delete = finalize.DeleteNone })
		mustRun(t, settings(w), "foo")
		same(t, "gone", gone(before, w.Snapshot()), losers("foo"))
		audit(t, before, w.Snapshot(), "foo")
	})
	t.Run("not before the delay is over", deletesAfterDelay)
	t.Run("never with none, marked or not", func(t *testing.T) {
		w, before := marked(t, later)
		w.clock.advance(day)
		rec := storetest.NewRecorder(w)
		mustRun(t, only(rec, finalize.Formats{HLS: true, MP4: true}), "foo")
		same(t, "mutations", rec.Mutations(), []string{})
		same(t, "gone", gone(before, w.Snapshot()), nil)
	})
	t.Run("no rendition that is left out", func(t *testing.T) {
		w, before := marked(t, nil)
		r := mustRun(t, with(settings(w), func(c *finalize.Config) {
			var err error
			if c.Selection, err = finalize.ParseSelection([]string{"!360p"}); err != nil {
				t.Fatal(err)
			}
		}), "foo")
		same(t, "gone", gone(before, w.Snapshot()), []string{"foo/A/720p/5.ts", "foo/B/720p/4.ts"})
		for _, d := range r.Plan.Dropped {
			if strings.Contains(d.Key, "360p") && (d.Reason != "excluded" || d.Leftover) {
				t.Errorf("%s is dropped as %s, leftover %v", d.Key, d.Reason, d.Leftover)
			}
		}
		for _, key := range read(t, w.Snapshot(), "foo").doomed() {
			if strings.Contains(key, "360p") {
				t.Errorf("%s is condemned", key)
			}
		}
	})
	t.Run("not above the ceiling", func(t *testing.T) {
		w, before := marked(t, nil)
		low := with(settings(w), func(c *finalize.Config) { c.MaxDeletePercent = 5 })
		for range 2 {
			r, err := run(low, "foo")
			if !errors.Is(err, finalize.ErrRefused) || !strings.Contains(err.Error(), "--max-delete-percent") || len(r.Deleted) > 0 {
				t.Errorf("deleted %v, error %v", keys(r.Deleted), err)
			}
			same(t, "gone", gone(before, w.Snapshot()), nil)
		}
		mustRun(t, settings(w), "foo")
		same(t, "gone with a higher ceiling", gone(before, w.Snapshot()), losers("foo"))
	})
	t.Run("not in a store without conditions", func(t *testing.T) {
		w, before := marked(t, nil)
		r := mustRun(t, settings(&careless{w}), "foo")
		same(t, "gone", gone(before, w.Snapshot()), nil)
		same(t, "kept", failed(r), losers("foo"))
	})
	t.Run("not if an output is wrong", func(t *testing.T) {
		for _, kind := range []string{".mp4", ".m3u8"} {
			w, before := marked(t, later)
			key := find(t, w.Snapshot(), "360p"+kind)
			w.clock.advance(day)
			// Spoiled where only reading it back shows: behind the listing.
			h := &hook{Store: w}
			h.before = once("delete", "", func() { t.Error("something is deleted") })
			h.after = behind("list", outPath+"foo/", func() { w.Set(key, []byte("not what was written"), w.clock.now(), nil) })
			if _, err := run(with(settings(h), later), "foo"); err == nil {
				t.Errorf("%s was replaced, and the run says nothing", key)
			}
			same(t, "gone", gone(before, w.Snapshot()), nil)
		}
	})
	t.Run("not what was written anew", notOverwritten)
	t.Run("not where the writer has started over", func(t *testing.T) {
		w, before := marked(t, later)
		w.clock.advance(day)
		w.Set("foo/B/720p/0.ts", feed{Content: "another match", Width: 1280, Height: 720, Clock: 0}.segment(0), w.clock.now(), nil)
		w.clock.advance(time.Hour)
		r := mustRun(t, with(settings(w), later), "foo")
		same(t, "gone", gone(before, w.Snapshot()), []string{"foo/A/360p/5.ts", "foo/A/720p/5.ts", "foo/B/360p/4.ts"})
		if len(r.Kept) != 1 || r.Kept[0].Key != "foo/B/720p/4.ts" || r.Kept[0].Failed {
			t.Errorf("kept %v", r.Kept)
		}
		audit(t, before, w.Snapshot(), "foo")
	})
}

// marked lays out the takeover, and finalizes it first if a change to the
// settings is given.
func marked(t *testing.T, change func(*finalize.Config)) (*world, snapshot) {
	t.Helper()
	w := newWorld(false)
	w.takeover("foo")
	before := w.Snapshot()
	if change != nil {
		mustRun(t, with(settings(w), change), "foo")
	}
	return w, before
}

func deletesAfterDelay(t *testing.T) {
	w, before := marked(t, nil)
	r := mustRun(t, with(settings(w), later), "foo")
	due := w.clock.now().Add(day)
	same(t, "gone", gone(before, w.Snapshot()), nil)
	same(t, "condemned", read(t, w.Snapshot(), "foo").doomed(), losers("foo"))
	for _, wait := range []time.Duration{0, time.Hour, 23*time.Hour - time.Nanosecond} {
		w.clock.advance(wait)
		if wait > 0 {
			r = mustRun(t, with(settings(w), later), "foo")
		}
		if r.Due == nil || !r.Due.Equal(due) || len(r.Deleted) > 0 {
			t.Errorf("after %v: due %v, deleted %v", wait, r.Due, keys(r.Deleted))
		}
		same(t, "gone", gone(before, w.Snapshot()), nil)
	}
	w.clock.advance(time.Nanosecond)
	r = mustRun(t, with(settings(w), later), "foo")
	same(t, "deleted", keys(r.Deleted), losers("foo"))
	same(t, "gone", gone(before, w.Snapshot()), losers("foo"))
	if r.Due != nil || r.Done() {
		t.Errorf("due %v, done %v", r.Due, r.Done())
	}
	audit(t, before, w.Snapshot(), "foo")
}

// notOverwritten writes a condemned key anew at each moment between the mark
// and the delete: the new object survives.
func notOverwritten(t *testing.T) {
	const key = "foo/B/720p/4.ts"
	other := feed{Content: "a later match", Width: 1280, Height: 720, Clock: 0}.segment(4)
	total := 0
	for at := 0; at <= total; at++ {
		w, before := marked(t, later)
		w.clock.advance(day + time.Hour)
		n := 0
		h := &hook{Store: w}
		h.before = func(call) error {
			if n == at && w.has(key) {
				w.Set(key, other, w.clock.now().Add(-time.Hour), nil)
			}
			n++
			return nil
		}
		r, err := run(with(settings(h), later), "foo")
		after := w.Snapshot()
		if n > total {
			total = n
		}
		if e, there := after[key]; there && string(e.Body) != string(other) {
			t.Errorf("overwritten at operation %d: the old one is there (%v)", at, err)
		} else if !there && !slices.Contains(keys(r.Deleted), key) {
			t.Errorf("overwritten at operation %d: the new one is gone", at)
		}
		for _, k := range gone(before, after) {
			if !slices.Contains(losers("foo"), k) {
				t.Errorf("overwritten at operation %d: %s is gone", at, k)
			}
		}
		if err != nil && !finalize.Retry(err) {
			t.Errorf("overwritten at operation %d: %v", at, err)
		}
	}
	if total < 20 {
		t.Errorf("only %d operations", total)
	}
}

// careless is a store that ignores the conditions of deletes.
type careless struct{ store.Store }

func (c *careless) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		for _, v := range victims {
			var err error
			if info, e := c.Store.Head(ctx, v.Key); e == nil {
				for _, err = range c.Store.Delete(ctx, []store.Object{info.Object}, store.DeleteOptions{}) {
				}
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// behind gives a function that does something after the first operation with
// this name and key.
func behind(op, key string, do func()) func(call) {
	done := false
	return func(c call) {
		if !done && c.op == op && c.key == key {
			done = true
			do()
		}
	}
}

func keys(objects []store.Object) []string {
	out := []string{}
	for _, o := range objects {
		out = append(out, o.Key)
	}
	slices.Sort(out)
	return out
}

// failed gives the keys that should have gone and did not.
func failed(r *finalize.Report) []string {
	out := []string{}
	for _, k := range r.Kept {
		if k.Failed {
			out = append(out, k.Key)
		}
	}
	slices.Sort(out)
	return out
}

// find gives the one key with an end.
func find(t testing.TB, all snapshot, suffix string) string {
	t.Helper()
	var found []string
	for key := range all {
		if strings.HasSuffix(key, suffix) {
			found = append(found, key)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d keys end in %s: %v", len(found), suffix, found)
	}
	return found[0]
}

// TestUnknownKeys: what no layout reads is reported and survives everything (I6).
func TestUnknownKeys(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	strange := []string{
		"foo/.hidden", "foo/A/720p/", "foo/A/720p/4.ts.bak", "foo/A/720p/x.ts", "foo/A/720p/extra/4.ts",
		"foo/A/playlist_1.json", "foo/B/720p/-1.ts", "foo/index.m3u8",
	}
	for _, key := range strange {
		if err := store.CheckKey(key); err != nil {
			continue
		}
		w.Set(key, []byte("not ours: "+key), onAir, nil)
	}
	strange = slices.DeleteFunc(append(strange, "foo/notes.txt"), func(k string) bool { return !w.has(k) })
	slices.Sort(strange)
	before := w.Snapshot()
	for range 3 {
		r := mustRun(t, settings(w), "foo")
		same(t, "unknown", keys(r.Plan.Unknown), strange)
		same(t, "gone", gone(before, w.Snapshot()), losers("foo"))
		w.clock.advance(day)
	}
	after := w.Snapshot()
	for _, key := range strange {
		if fmt.Sprint(after[key]) != fmt.Sprint(before[key]) {
			t.Errorf("%s was changed", key)
		}
	}
}
