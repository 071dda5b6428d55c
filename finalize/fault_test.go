package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/storetest"
)

// TestFaults lets each operation fail once, reading ones too: the store is
// unavailable for a moment, or its answer is lost. The run fails as "again" or
// succeeds all the same, and the next one has the result of an undisturbed run.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			start := s.lay(t, false)
			before := start.Snapshot()
			calm := start.clone()
			var ops []string
			mustRun(t, calmly(&hook{Store: calm, before: func(c call) error { ops = append(ops, c.op+" "+c.key); return nil }}), "foo")
			want := outcome{before, calm.Snapshot(), false}
			for at, op := range ops {
				if strings.HasPrefix(op, "get foo/") && at%20 != 0 {
					continue // one read of a segment is like the next
				}
				for _, after := range []bool{false, true} {
					w := start.clone()
					f := storetest.NewFault(w, storetest.Plan{At: at, All: true, After: after})
					name := fmt.Sprintf("operation %d of %d, %s, after %v", at, len(ops), op, after)
					rec := storetest.NewRecorder(f)
					_, err := run(calmly(rec), "foo")
					if err != nil && !finalize.Retry(err) {
						t.Errorf("%s: a fault of the store is no reason to call a human: %v\n%s", name, err, failing(rec))
					}
					audit(t, before, w.Snapshot(), "foo")
					recovers(t, w, want, name)
					if t.Failed() {
						t.Fatalf("fault at %s", name)
					}
				}
			}
		})
	}
}

// calmly does one thing after the other, so that operations have numbers.
func calmly(s store.Store) finalize.Config {
	return with(settings(s), func(c *finalize.Config) { c.Concurrency = 1 })
}

// failing gives the first operation that the fault hit.
func failing(r *storetest.Recorder) string {
	for _, line := range r.Ops() {
		if strings.Contains(line, store.ErrUnavailable.Error()) {
			return line
		}
	}
	return "(a body broke off)"
}

// TestCancelledRunStops cancels at every operation, ahead of it and behind it
// (I7): from then on nothing is written or deleted, and uploads are aborted.
func TestCancelledRunStops(t *testing.T) {
	t.Parallel()
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			start := s.lay(t, false)
			calm := start.clone()
			n := 0
			mustRun(t, calmly(&hook{Store: calm, before: func(call) error { n++; return nil }}), "foo")
			for at := range n {
				for _, after := range []bool{false, true} {
					w := start.clone()
					if why := cancelled(w, at, after, calm.Snapshot()); why != "" {
						t.Errorf("cancelled at operation %d of %d, after %v: %s", at, n, after, why)
					}
				}
			}
		})
	}
}

// cancelled runs, cancels at an operation, and says what was wrong then.
func cancelled(w *world, at int, after bool, done snapshot) string {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var frozen snapshot
	var late []string
	stop := func() {
		cancel()
		frozen = w.Snapshot()
	}
	h := &hook{Store: w}
	h.before = func(c call) error {
		if frozen != nil && c.mutation && c.op != "abort" && c.ctx.Err() == nil {
			late = append(late, c.op+" "+c.key)
		}
		if c.n == at && !after {
			stop()
		}
		return nil
	}
	h.after = func(c call) {
		if c.n == at && after {
			stop()
		}
	}
	f, err := finalize.New(calmly(h))
	if err != nil {
		return err.Error()
	}
	_, err = f.Run(ctx, "foo")
	changed := func(than snapshot) bool {
		now := w.Snapshot()
		return len(gone(now, than))+len(gone(than, now)) > 0
	}
	switch {
	case frozen == nil:
		return "the operation never came"
	case len(late) > 0:
		return "behind it came " + strings.Join(late, ", ")
	case changed(frozen):
		return fmt.Sprintf("the store changed: more %v, less %v", gone(w.Snapshot(), frozen), gone(frozen, w.Snapshot()))
	case len(w.Uploads()) > 0:
		return "an upload is left"
	case err == nil && changed(done):
		return "the run says that all is done"
	case err != nil && !errors.Is(err, context.Canceled):
		return "the error is " + err.Error()
	}
	return ""
}

// TestListingFails lets every listing break off in the middle: that is never an
// empty or a short one (I6).
func TestListingFails(t *testing.T) {
	broken := errors.New("the connection broke")
	for _, s := range scenes {
		start := s.lay(t, false)
		want := start.Snapshot()
		for _, half := range []string{"foo/", outPath + "foo/"} {
			w := start.clone()
			rec := storetest.NewRecorder(w)
			cfg := settings(&brokenList{rec, half, broken})
			r, err := run(cfg, "foo")
			if !errors.Is(err, broken) || len(r.Committed)+len(r.Deleted) > 0 {
				t.Errorf("%s: the listing of %s broke off, and the run says %v", s.name, half, err)
			}
			same(t, "mutations", rec.Mutations(), []string{})
			if _, err := plan(cfg, "foo"); !errors.Is(err, broken) {
				t.Errorf("%s: plan: %v", s.name, err)
			}
			noDifference(t, w.Snapshot(), want, false)
		}
	}
}

// brokenList is a store whose listings of one prefix end in an error half-way.
type brokenList struct {
	store.Store
	prefix string
	err    error
}

func (b *brokenList) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	if prefix != b.prefix {
		return b.Store.List(ctx, prefix)
	}
	return func(yield func(store.Object, error) bool) {
		n := 0
		for o, err := range b.Store.List(ctx, prefix) {
			if n++; n > 5 {
				break
			}
			if !yield(o, err) {
				return
			}
		}
		yield(store.Object{}, b.err)
	}
}

// TestOrphanUploads: an upload that a dead process left is aborted when it is
// old enough, whether or not the next run came sooner, and whatever it wrote.
func TestOrphanUploads(t *testing.T) {
	die := func(w *world) {
		h := &hook{Store: w}
		h.before = func(c call) error {
			if c.op == "commit" || c.op == "abort" {
				return storetest.ErrCrashed
			}
			return nil
		}
		_, _ = run(settings(&leaky{h}), "foo")
		if len(w.Uploads()) == 0 {
			t.Fatal("no upload was left: the test proves nothing")
		}
	}
	for _, c := range []struct {
		name string
		do   func(w *world)
	}{
		{"next run at once", func(w *world) { mustRun(t, settings(w), "foo") }},
		{"next run writes another version", func(w *world) {
			w.Set("foo/B/720p/7.ts", high.segment(7), uploaded(7), nil)
			w.clock.advance(sweepAge)
		}},
		{"next run after a day", func(w *world) { w.clock.advance(sweepAge) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(false)
			w.takeover("foo")
			die(w)
			c.do(w)
			mustRun(t, settings(w), "foo")
			w.clock.advance(sweepAge)
			mustRun(t, settings(w), "foo")
			if left := slices.Compact(w.Uploads()); len(left) > 0 {
				t.Errorf("these uploads stay for ever, and cost: %v", left)
			}
		})
	}
}

// leaky is a store whose failed commits and aborts leave the upload behind, as
// a process does that is killed there.
type leaky struct{ store.Store }

func (l *leaky) Create(ctx context.Context, key string, opt store.CreateOptions) (store.Upload, error) {
	u, err := l.Store.Create(ctx, key, opt)
	if err != nil {
		return nil, err
	}
	return &leakyUpload{u}, nil
}

type leakyUpload struct{ store.Upload }

func (*leakyUpload) Commit(context.Context, store.Headed) (store.Object, error) {
	return store.Object{}, storetest.ErrCrashed
}

func (*leakyUpload) Abort() error { return storetest.ErrCrashed }
