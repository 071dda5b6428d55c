package storetest_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"testing"

	"recfin/store"
	"recfin/store/mem"
	"recfin/store/storetest"
)

// TestCalmStorm: in good weather, and at a peer that answers, a store is what it was.
func TestCalmStorm(t *testing.T) {
	for name, wrap := range map[string]func(store.Store) store.Store{
		"storm": func(s store.Store) store.Store { return storetest.NewStorm(s, 1, storetest.Weather{}) },
		"hung": func(s store.Store) store.Store {
			return storetest.NewHung(s, func(context.Context, string, string) bool { return false })
		},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(*testing.T) store.Store { return wrap(mem.New(mem.Options{})) })
		})
	}
}

// tries asks a store for a few things and says what it did.
func tries(t *testing.T, s store.Store) map[string]bool {
	t.Helper()
	ctx := t.Context()
	_, put := s.Put(ctx, "new", []byte("x"), store.PutOptions{IfAbsent: true})
	_, head := s.Head(ctx, "old")
	_, now := s.Now(ctx)
	var list error
	for _, list = range s.List(ctx, "") {
	}
	b, get := s.Get(ctx, "old", store.Whole, store.GetOptions{Prove: true})
	if get == nil {
		_, get = io.ReadAll(b)
	}
	made, _ := s.Copy(ctx, store.Object{Store: s.Label(), Key: "old", Size: 10, ETag: "781e5e245d69b566979b86e28d23f2c7"}, "copy", store.PutOptions{})
	failed := map[string]bool{"copy": made.Key == ""}
	for what, err := range map[string]error{"put": put, "head": head, "now": now, "list": list, "get": get} {
		if failed[what] = err != nil; failed[what] && !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
	return failed
}

// TestStormFails: what the weather says comes true, the same for the same seed.
func TestStormFails(t *testing.T) {
	begin := func() *mem.Store {
		m := mem.New(mem.Options{})
		m.Set("old", []byte("0123456789"), mem.Start, nil)
		return m
	}
	for name, c := range map[string]struct {
		w    storetest.Weather
		want map[string]bool
	}{
		"all fails":  {storetest.Weather{Fail: 1000}, map[string]bool{"copy": true, "put": true, "head": true, "now": true, "list": true, "get": true}},
		"all cut":    {storetest.Weather{Cut: 1000}, map[string]bool{"copy": false, "put": false, "head": false, "now": false, "list": false, "get": true}},
		"all wrong":  {storetest.Weather{Wrong: 1000}, map[string]bool{"copy": false, "put": false, "head": false, "now": false, "list": false, "get": true}},
		"all slowly": {storetest.Weather{Slow: 1000}, map[string]bool{"copy": false, "put": false, "head": false, "now": false, "list": false, "get": false}},
	} {
		if got := tries(t, storetest.NewStorm(begin(), 7, c.w)); !maps.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	b, err := storetest.NewStorm(begin(), 7, storetest.Weather{Wrong: 1000}).Get(t.Context(), "old", store.Whole, store.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := io.ReadAll(b); err != nil || string(raw) == "0123456789" || len(raw) != 10 {
		t.Errorf("who does not ask for a proof reads %q, %v", raw, err)
	}
	for seed := range uint64(20) {
		w := storetest.Weather{Fail: 500, Cut: 500}
		if one, two := tries(t, storetest.NewStorm(begin(), seed, w)), tries(t, storetest.NewStorm(begin(), seed, w)); !maps.Equal(one, two) {
			t.Errorf("seed %d: %v, and then %v", seed, one, two)
		}
	}
}

// TestStormIsLate: a write that failed takes effect later, some at the end of the
// storm, and its condition is looked at then.
func TestStormIsLate(t *testing.T) {
	came, late := 0, 0
	for seed := range uint64(40) {
		m := mem.New(mem.Options{})
		s := storetest.NewStorm(m, seed, storetest.Weather{Fail: 1000, Late: 1000})
		if from := m.Set("late", []byte("late"), mem.Start, nil); seed%4 < 2 {
			_, err := s.Copy(t.Context(), from, "x", store.PutOptions{IfAbsent: true})
			if !errors.Is(err, store.ErrUnknown) {
				t.Errorf("seed %d: a copy that nobody heard of: %v", seed, err)
			}
		} else {
			_, _ = s.Put(t.Context(), "x", []byte("late"), store.PutOptions{IfAbsent: true})
		}
		if _, there := m.Snapshot()["x"]; there {
			continue // the answer was lost
		}
		late++
		if seed%2 == 0 {
			m.Set("x", []byte("another"), mem.Start, nil)
		}
		s.Rest()
		switch body := string(m.Snapshot()["x"].Body); {
		case seed%2 == 0 && body != "another":
			t.Errorf("seed %d: it replaced what was there: %q", seed, body)
		case seed%2 == 1 && body == "late":
			came++
		}
	}
	if late < 10 || came == 0 {
		t.Errorf("%d were late, %d came", late, came)
	}
}

// TestHungEnds: what hangs ends with its context, and when it is given up.
func TestHungEnds(t *testing.T) {
	h := storetest.NewHung(mem.New(mem.Options{}), func(_ context.Context, op, _ string) bool { return op == "put" })
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-h.Begun()
		cancel()
	}()
	if _, err := h.Put(ctx, "x", nil, store.PutOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	h.GiveUp()
	if _, err := h.Put(t.Context(), "x", nil, store.PutOptions{}); !errors.Is(err, store.ErrUnavailable) || h.Waiting() != 0 {
		t.Errorf("given up: %v, %d hang", err, h.Waiting())
	}
	if _, err := h.Head(t.Context(), "x"); !errors.Is(err, store.ErrNotExist) {
		t.Errorf("it took effect: %v", err)
	}
}
