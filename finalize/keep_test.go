package finalize_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/storetest"
)

func mustKeep(t testing.TB, s store.Store, recording string) *finalize.Cancelled {
	t.Helper()
	f, err := finalize.New(settings(s))
	if err != nil {
		t.Fatal(err)
	}
	k, err := f.Keep(context.Background(), recording)
	if err != nil {
		t.Fatalf("keep: %v", err)
	}
	return k
}

func TestKeep(t *testing.T) {
	t.Run("nothing of it goes, whatever comes", func(t *testing.T) {
		w, before := marked(t, later)
		bytes := int64(0)
		for _, key := range losers("foo") {
			bytes += int64(len(before[key].Body))
		}
		k := mustKeep(t, w, "foo")
		if k.Sets != 1 || k.Objects != 4 || k.Bytes != bytes || k.Already != 0 || k.Recording != "foo" {
			t.Errorf("kept %+v, want %d bytes", k, bytes)
		}
		audit(t, before, w.Snapshot(), "foo")
		marker := w.Snapshot()[markerKey("foo")].ETag
		if k := mustKeep(t, w, "foo"); k.Sets+k.Objects != 0 || k.Already != 4 {
			t.Errorf("kept again: %+v", k)
		}
		if w.Snapshot()[markerKey("foo")].ETag != marker {
			t.Error("the marker was swapped although nothing was to be kept")
		}
		w.clock.advance(30 * day)
		for range 2 {
			r := mustRun(t, settings(w), "foo")
			if !r.Done() || r.Due != nil || len(r.Kept) > 0 {
				t.Errorf("done %v, due %v, kept %v", r.Done(), r.Due, r.Kept)
			}
		}
		same(t, "gone", gone(before, w.Snapshot()), nil)
		same(t, "condemned", read(t, w.Snapshot(), "foo").doomed(), losers("foo"))
	})
	t.Run("what is condemned later goes", func(t *testing.T) {
		w, before := marked(t, later)
		mustKeep(t, w, "foo")
		w.Set("foo/C/720p/4.ts", high.segment(4), uploaded(4).Add(day), nil)
		w.clock.advance(2 * day)
		mustRun(t, settings(w), "foo")
		if w.has("foo/C/720p/4.ts") {
			t.Error("a copy that came after the keeping is there")
		}
		same(t, "gone", gone(before, w.Snapshot()), nil)
	})
	t.Run("half of it is gone", func(t *testing.T) {
		w, _ := marked(t, later)
		w.remove(t, losers("foo")[:3]...)
		if k := mustKeep(t, w, "foo"); k.Objects != 1 {
			t.Errorf("kept %+v", k)
		}
	})
	t.Run("all of it is gone", func(t *testing.T) {
		w, _ := marked(t, nil)
		mustRun(t, settings(w), "foo")
		rec := storetest.NewRecorder(w)
		if k := mustKeep(t, rec, "foo"); k.Sets+k.Objects+k.Already != 0 {
			t.Errorf("kept %+v", k)
		}
		same(t, "mutations", rec.Mutations(), nil)
	})
	t.Run("no marker", func(t *testing.T) {
		f, err := finalize.New(settings(newWorld(false)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Keep(context.Background(), "foo"); !errors.Is(err, finalize.ErrNothing) {
			t.Errorf("error %v", err)
		}
		if _, err := f.Keep(context.Background(), "../foo"); !errors.Is(err, finalize.ErrUsage) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a run swaps meanwhile", func(t *testing.T) {
		w, before := marked(t, later)
		w.Set("foo/C/720p/7.ts", high.segment(7), w.clock.now(), nil)
		w.clock.advance(12 * time.Hour)
		h := &hook{Store: w, before: once("put", markerKey("foo"), func() { mustRun(t, with(settings(w), later), "foo") })}
		k := mustKeep(t, h, "foo")
		if k.Objects < 4 {
			t.Errorf("kept %+v", k)
		}
		w.clock.advance(30 * day)
		mustRun(t, settings(w), "foo")
		for _, key := range losers("foo") {
			if !w.has(key) {
				t.Errorf("%s was kept and is gone", key)
			}
		}
		audit(t, before, w.Snapshot(), "foo")
	})
}

// TestKeepCrashes lets the process die at each operation of keep, before and after
// its effect: nothing is kept or all of it, and it can be kept again.
func TestKeepCrashes(t *testing.T) {
	start, before := marked(t, later)
	for at := range 40 {
		for _, after := range []bool{false, true} {
			w := start.clone()
			f := storetest.NewFault(w, storetest.Plan{At: at, After: after, Crash: true, All: true})
			fin, err := finalize.New(settings(f))
			if err != nil {
				t.Fatal(err)
			}
			_, err = fin.Keep(context.Background(), "foo")
			if f.Crashed() && err == nil {
				t.Errorf("died at operation %d, after %v, and says nothing", at, after)
			}
			audit(t, before, w.Snapshot(), "foo")
			mustKeep(t, w, "foo")
			same(t, "gone", gone(before, w.Snapshot()), nil)
			if !f.Crashed() && at < 8 {
				t.Fatalf("only %d operations", at)
			}
		}
	}
}
