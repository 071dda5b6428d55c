package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/storetest"
)

// workFor marks the requests of one recording's run, those too that name no key.
type workFor struct{}

// started is a run under way.
type started struct {
	cancel context.CancelFunc
	done   chan struct{}
	report *finalize.Report
	err    error
}

// start runs a recording in the background.
func start(f *finalize.Finalizer, recording string) *started {
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), workFor{}, recording))
	r := &started{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		defer cancel()
		r.report, r.err = f.Run(ctx, recording)
	}()
	return r
}

// hangs is beyond what any run of the tests takes on a busy machine.
const hangs = 2 * time.Minute

// await waits for what must come, and shows all goroutines where it does not.
func await(t testing.TB, done <-chan struct{}, what string) {
	t.Helper()
	timer := time.NewTimer(hangs)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		stacks := make([]byte, 1<<20)
		t.Fatalf("%s hangs:\n%s", what, stacks[:runtime.Stack(stacks, true)])
	}
}

// TestHungPeer lets each operation of one recording's run hang in turn, as at a
// peer that never answers. Meanwhile another recording of the same Finalizer is
// finished: nothing that it needs is held across a call. When the deadline of the
// client passes, the run ends as "again", and the next one brings the result of an
// undisturbed one.
func TestHungPeer(t *testing.T) {
	t.Parallel()
	first := newWorld(false)
	first.takeover("foo")
	first.takeover("bar")
	before := first.Snapshot()
	calm := first.clone()
	var mu sync.Mutex
	var ops []string
	f := finalizer(t, calmly(storetest.NewHung(calm, func(_ context.Context, op, key string) bool {
		mu.Lock()
		defer mu.Unlock()
		ops = append(ops, op+" "+unnamed(key))
		return false
	})))
	mustFinish(t, f, "foo")
	of := slices.Clone(ops)
	mustFinish(t, f, "bar")
	want := calm.Snapshot()
	tried := map[string]bool{}
	for at, op := range of {
		name, _, _ := strings.Cut(op, " ")
		if class := shape(op); !thorough() && tried[class] || name == "abort" {
			continue // one more of its kind
		} else {
			tried[class] = true
		}
		name = fmt.Sprintf("operation %d of %d, %s", at, len(of), op)
		w := first.clone()
		n := earlier(of[:at], op) // what goes on at the same time comes in any order
		h := storetest.NewHung(w, func(ctx context.Context, is, key string) bool {
			mu.Lock()
			defer mu.Unlock()
			if ctx.Value(workFor{}) != "foo" || is+" "+unnamed(key) != op {
				return false
			}
			n--
			return n == -1
		})
		f := finalizer(t, calmly(h))
		foo := start(f, "foo")
		await(t, h.Begun(), name+": the run of foo, which comes to the operation that")
		bar := start(f, "bar")
		if sharesProbe(op) { // the same answer is needed: who waits for it can still be ended
			bar.cancel()
		}
		await(t, bar.done, name+": the run of bar")
		if !sharesProbe(op) && bar.err != nil {
			t.Errorf("%s: bar, which has nothing to do with it: %v", name, bar.err)
		}
		if h.Waiting() != 1 {
			t.Fatalf("%s: it does not hang any more", name)
		}
		h.GiveUp()
		await(t, foo.done, name+": the run of foo")
		if foo.err != nil && !finalize.Retry(foo.err) {
			t.Errorf("%s: %v", name, foo.err)
		}
		for _, id := range []string{"foo", "bar"} {
			mustRun(t, settings(w), id)
			audit(t, part(before, id), part(w.Snapshot(), id), id)
		}
		noDifference(t, w.Snapshot(), want, false)
		if t.Failed() {
			return
		}
	}
}

// earlier is how often an operation is among others.
func earlier(ops []string, op string) int {
	n := 0
	for _, x := range ops {
		if x == op {
			n++
		}
	}
	return n
}

// unnamed is a key without the random name of a probe.
func unnamed(key string) string {
	before, after, ok := strings.Cut(key, store.Private+"probe/")
	if !ok {
		return key
	}
	_, what, _ := strings.Cut(after, "-")
	return before + store.Private + "probe/" + what
}

// shape is a key without what only counts.
func shape(op string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, op)
}

// sharesProbe reports whether an operation belongs to the probe of the store.
func sharesProbe(op string) bool { return strings.Contains(op, store.Private+"probe/") }

func finalizer(t testing.TB, cfg finalize.Config) *finalize.Finalizer {
	t.Helper()
	f, err := finalize.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func mustFinish(t testing.TB, f *finalize.Finalizer, recording string) {
	t.Helper()
	if _, err := f.Run(context.Background(), recording); err != nil {
		t.Fatal(err)
	}
}

// part is what a store holds of one recording, with its outputs.
func part(all snapshot, recording string) snapshot {
	out := snapshot{}
	for key, e := range all {
		if strings.HasPrefix(key, recording+"/") || strings.HasPrefix(key, outPath+recording+"/") {
			out[key] = e
		}
	}
	return out
}

// TestHungProbe: the probe of a store hangs for one recording, and others wait for
// what it finds. One that is cancelled ends at once. When the one that asked is
// cancelled, another asks; when the store is given up, all hear that together
// instead of each waiting for a deadline of its own.
func TestHungProbe(t *testing.T) {
	w := newWorld(false)
	for _, id := range []string{"foo", "bar", "baz"} {
		w.takeover(id)
	}
	// begin starts three runs and returns when the probe of foo hangs and the others
	// wait for it.
	begin := func() (h *storetest.Hung, f *finalize.Finalizer, foo, bar, baz *started) {
		h = storetest.NewHung(w.clone(), func(ctx context.Context, op, key string) bool {
			return ctx.Value(workFor{}) == "foo" && op == "put" && strings.HasPrefix(key, private+"probe/")
		})
		f = finalizer(t, settings(h))
		foo = start(f, "foo")
		synctest.Wait()
		bar, baz = start(f, "bar"), start(f, "baz")
		synctest.Wait()
		for _, r := range []*started{foo, bar, baz} {
			select {
			case <-r.done:
				t.Fatalf("a run did not wait for the probe: %v", r.err)
			default:
			}
		}
		return h, f, foo, bar, baz
	}
	t.Run("cancelled", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, _, foo, bar, baz := begin()
			bar.cancel()
			<-bar.done
			if !errors.Is(bar.err, context.Canceled) {
				t.Errorf("bar: %v", bar.err)
			}
			foo.cancel()
			<-foo.done
			<-baz.done
			if !errors.Is(foo.err, context.Canceled) || baz.err != nil || len(baz.report.Deleted) == 0 {
				t.Errorf("foo: %v; baz: deleted %d, %v", foo.err, len(baz.report.Deleted), baz.err)
			}
		})
	})
	t.Run("given up", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h, f, foo, bar, baz := begin()
			h.GiveUp()
			for _, r := range []*started{foo, bar, baz} {
				if <-r.done; !errors.Is(r.err, store.ErrUnavailable) {
					t.Errorf("%s: %v", r.report.Recording, r.err)
				}
			}
			if r, err := f.Run(t.Context(), "bar"); err != nil || len(r.Deleted) == 0 {
				t.Errorf("a failed probe is remembered: deleted %d, %v", len(r.Deleted), err)
			}
		})
	})
}
