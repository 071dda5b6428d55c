package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/store/storetest"
)

// halves lays out one broadcast under two IDs: the encoder was given the second
// in the middle, and the same node took it.
func halves(opaque bool) *world {
	w := newWorld(opaque)
	w.lay("foo/A/720p", high, 0, 4, 0)
	second := high
	second.Content, second.Clock = "the second half", 0
	for n := range 5 {
		w.Set(fmt.Sprintf("bar/A/720p/%d.ts", n), second.segment(n), uploaded(n+5), nil)
	}
	return w
}

func runAs(cfg finalize.Config, name string, ids ...string) (*finalize.Report, error) {
	f, err := finalize.New(cfg)
	if err != nil {
		return nil, err
	}
	return f.RunAs(context.Background(), name, ids)
}

// wholeHalves are all keys of halves in order of time.
func wholeHalves() []string {
	var all []string
	for _, id := range []string{"foo", "bar"} {
		for n := range 5 {
			all = append(all, fmt.Sprintf("%s/A/720p/%d.ts", id, n))
		}
	}
	return all
}

// TestSeveralIDsAsOne: equal numbers of one node under two IDs are no copies, and
// from then on each ID leads to the one recording and has none of its own.
func TestSeveralIDsAsOne(t *testing.T) {
	for name, ids := range map[string][]string{"match": {"foo", "bar"}, "foo": {"bar", "foo"}, "bar": {"foo"}} {
		t.Run(name, func(t *testing.T) {
			w := halves(false)
			before := w.Snapshot()
			if _, err := runAs(settings(w), name, ids...); err != nil {
				t.Fatal(err)
			}
			audit(t, before, w.Snapshot(), name)
			same(t, "gone", gone(before, w.Snapshot()), nil)
			a := read(t, w.Snapshot(), name)
			same(t, "720p", played(t, w.Snapshot(), name, a.Sessions[0].ID)["720p.m3u8"], wholeHalves())
			if !slices.Contains(a.records[a.Sessions[0].ID].Renditions[0].Nonce, "foo/A") {
				t.Errorf("writers %q", a.records[a.Sessions[0].ID].Renditions[0].Nonce)
			}
			done := w.Snapshot()
			for _, id := range []string{"foo", "bar", name} {
				r, err := run(settings(w), id)
				var claimed *finalize.ClaimedError
				if id != name && (!errors.As(err, &claimed) || claimed.As != name || claimed.ID != id) || id == name && (err != nil || !r.Done()) {
					t.Errorf("run %s: %v", id, err)
				}
			}
			if r, err := runAs(settings(w), name, ids...); err != nil || !r.Done() {
				t.Errorf("the same once more: %v", err)
			}
			noDifference(t, w.Snapshot(), done, false)
		})
	}
}

// TestLateForOneOfSeveral: what comes later under any of the IDs, or under the
// name itself, is the recording's.
func TestLateForOneOfSeveral(t *testing.T) {
	w := halves(false)
	if _, err := runAs(settings(w), "match", "foo", "bar"); err != nil {
		t.Fatal(err)
	}
	third := high
	third.Content = "extra time"
	for n := range 2 {
		w.Set(fmt.Sprintf("match/A/720p/%d.ts", n), third.segment(n), uploaded(n+10), nil)
	}
	mustRun(t, settings(w), "match")
	a := read(t, w.Snapshot(), "match")
	if n := len(a.chosen(a.Sessions[0].ID)); n != 12 {
		t.Errorf("%d of 12 segments", n)
	}
}

// TestRefusedTogether: IDs that are something already are refused before
// anything is written.
func TestRefusedTogether(t *testing.T) {
	for _, c := range []struct {
		name, as string
		ids      []string
		before   func(w *world) error
		want     error
		says     string
	}{
		{"an ID was finalized", "match", []string{"bar", "foo"}, func(w *world) error { _, err := run(settings(w), "foo"); return err }, finalize.ErrRefused, "foo was finalized on its own"},
		{"the name was finalized", "foo", []string{"bar", "foo"}, func(w *world) error { _, err := run(settings(w), "foo"); return err }, finalize.ErrRefused, "another name"},
		{"an ID is another's", "final", []string{"bar", "foo"}, func(w *world) error { _, err := runAs(settings(w), "match", "foo"); return err }, finalize.ErrRefused, "part of the recording match"},
		{"the name is a part", "foo", []string{"bar"}, func(w *world) error { _, err := runAs(settings(w), "match", "foo"); return err }, finalize.ErrRefused, "part of the recording match"},
		{"an ID is made of several", "final", []string{"bar", "match"}, func(w *world) error { _, err := runAs(settings(w), "match", "foo"); return err }, finalize.ErrRefused, "made of several"},
		{"no ID", "match", nil, nil, finalize.ErrUsage, "needs the IDs"},
		{"no name", "..", []string{"foo"}, nil, finalize.ErrUsage, ".."},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := halves(false)
			if c.before != nil {
				if err := c.before(w); err != nil {
					t.Fatal(err)
				}
			}
			before := w.Snapshot()
			f, err := finalize.New(settings(w))
			if err != nil {
				t.Fatal(err)
			}
			for what, do := range map[string]func(context.Context, string, []string) (*finalize.Report, error){"run": f.RunAs, "plan": f.PlanAs} {
				if _, err := do(context.Background(), c.as, c.ids); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %v", what, err)
				}
			}
			noDifference(t, w.Snapshot(), before, false)
		})
	}
}

// TestPlanOfSeveral: a plan claims nothing, and says what the run will do.
func TestPlanOfSeveral(t *testing.T) {
	w := halves(false)
	rec := storetest.NewRecorder(w)
	f, err := finalize.New(settings(rec))
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.PlanAs(context.Background(), "match", []string{"foo", "bar"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "mutations", rec.Mutations(), []string{})
	if n := len(accounts(r)); n != 10 || r.Plan.Status != finalize.Ready {
		t.Errorf("%s, %d of 10 segments", r.Plan.Status, n)
	}
}

// TestCrashSweepOfClaims lets the process die at every mutation of making one
// recording of two IDs. No moment lets an ID be finalized twice: whatever a run
// finds next, each segment is in one recording.
func TestCrashSweepOfClaims(t *testing.T) {
	t.Parallel()
	for _, opaque := range []bool{false, true} {
		start := halves(opaque)
		calm := start.clone()
		counting := storetest.NewFault(calm, storetest.Never)
		if _, err := runAs(settings(counting), "match", "foo", "bar"); err != nil {
			t.Fatal(err)
		}
		want := calm.Snapshot()
		for at := range counting.Count() {
			for _, after := range []bool{false, true} {
				w := start.clone()
				fault := storetest.NewFault(w, storetest.Plan{At: at, After: after, Crash: true})
				_, _ = runAs(settings(fault), "match", "foo", "bar")
				onlyOnce(t, w)
				// Either the same command is given again, or a nightly run comes first.
				v := w.clone()
				at0 := w.clock.now()
				w.clock.advance(sweepAge)
				if _, err := runAs(settings(w), "match", "foo", "bar"); err != nil {
					t.Errorf("the same again: %v", err)
				}
				noDifference(t, w.Snapshot(), want, opaque)
				nightly(t, v)
				onlyOnce(t, v)
				w.clock.set(at0)
				if t.Failed() {
					t.Fatalf("crash at mutation %d of %d, after %v, opaque %v", at, counting.Count(), after, opaque)
				}
			}
		}
	}
}

// nightly runs what a nightly run does: every ID that is found, and the recording
// that it is a part of.
func nightly(t testing.TB, w *world) {
	t.Helper()
	for _, id := range []string{"bar", "foo"} {
		_, err := run(settings(w), id)
		var claimed *finalize.ClaimedError
		if errors.As(err, &claimed) {
			_, err = run(settings(w), claimed.As)
		}
		if err != nil && !errors.Is(err, finalize.ErrRefused) {
			t.Errorf("run %s: %v", id, err)
		}
	}
}

// onlyOnce holds that no segment is in two recordings, and none is gone.
func onlyOnce(t testing.TB, w *world) {
	t.Helper()
	all := w.Snapshot()
	in := map[string]int{}
	for _, name := range []string{"match", "foo", "bar"} {
		if a := read(t, all, name); a != nil {
			for id := range a.records {
				for _, key := range a.chosen(id) {
					in[key]++
				}
			}
		}
	}
	for _, key := range wholeHalves() {
		if _, there := all[key]; !there || in[key] > 1 {
			t.Errorf("%s is in %d recordings, in the store %v", key, in[key], there)
		}
	}
}

// TestClaimMeetsRun: a run of an ID that began before the claim loses the swap.
func TestClaimMeetsRun(t *testing.T) {
	w := halves(false)
	h := &hook{Store: w}
	h.before = once("put", markerKey("foo"), func() {
		if _, err := runAs(settings(w), "match", "foo", "bar"); err != nil {
			t.Error(err)
		}
	})
	_, err := run(settings(h), "foo")
	var claimed *finalize.ClaimedError
	if !errors.As(err, &claimed) || claimed.As != "match" {
		t.Errorf("the run of foo: %v", err)
	}
	onlyOnce(t, w)
	// And the other way round: the run commits between the look and the claim.
	v := halves(false)
	h = &hook{Store: v}
	h.before = once("put", markerKey("foo"), func() { mustRun(t, settings(v), "foo") })
	if _, err := runAs(settings(h), "match", "foo", "bar"); !errors.Is(err, finalize.ErrRefused) {
		t.Errorf("the claim of foo: %v", err)
	}
	onlyOnce(t, v)
	if a := read(t, v.Snapshot(), "match"); len(a.Sessions) != 0 {
		t.Error("match is finalized without foo")
	}
}
