package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"recfin/finalize"
	"recfin/internal/bug"
)

// TestPanic lets this program make a mistake in each kind of operation of one
// recording's run, before and after its effect. That recording fails, and says where
// and that it is a bug; the others of the same Finalizer are finished, nothing that
// they need is held for ever, and the next run of the one brings the result of an
// undisturbed one.
func TestPanic(t *testing.T) {
	t.Parallel()
	first := newWorld(false)
	first.takeover("foo")
	first.takeover("bar")
	before := first.Snapshot()
	calm := first.clone()
	var ops []string
	var mu sync.Mutex
	f := finalizer(t, on("here", calmly(&hook{Store: calm, before: func(c call) error {
		mu.Lock()
		defer mu.Unlock()
		ops = append(ops, c.op+" "+c.key)
		return nil
	}})))
	mustFinish(t, f, "foo")
	of := len(ops)
	mustFinish(t, f, "bar")
	want := calm.Snapshot()
	tried := map[string]bool{}
	points := 0
	for at := range of {
		if class := shape(ops[at]); !thorough() && tried[class] {
			continue
		} else {
			tried[class] = true
		}
		for _, after := range []bool{false, true} {
			name := fmt.Sprintf("operation %d of %d, %s, after %v", at, of, ops[at], after)
			w := first.clone()
			n, hit := 0, false
			err := func(now bool, c call) error {
				if c.ctx == nil || c.ctx.Value(workFor{}) != "foo" || now != after || hit {
					return nil
				}
				if n++; n == at+1 {
					hit = true
					return []error{}[n] // the mistake
				}
				return nil
			}
			f := finalizer(t, on("here", calmly(&hook{Store: w, before: func(c call) error { return err(false, c) }, after: func(c call) { _ = err(true, c) }})))
			foo, bar := start(f, "foo"), start(f, "bar")
			await(t, foo.done, name+": the run of foo")
			await(t, bar.done, name+": the run of bar")
			var is *bug.Error
			if hit && !errors.As(foo.err, &is) || hit && (foo.report.Err == nil || foo.report.Status() != finalize.Failed || finalize.Retry(foo.err)) {
				t.Errorf("%s: error %v, report %v", name, foo.err, foo.report)
			}
			if bar.err != nil {
				t.Errorf("%s: bar, which has nothing to do with it: %v", name, bar.err)
			}
			audit(t, part(before, "foo"), part(w.Snapshot(), "foo"), "foo")
			w.clock.advance(sweepAge) // past a lease that was just put, and an upload that nobody could abort
			if _, err := f.Run(context.Background(), "foo"); err != nil {
				t.Errorf("%s: the next run: %v", name, err)
			}
			for _, id := range []string{"foo", "bar"} {
				audit(t, part(before, id), part(w.Snapshot(), id), id)
			}
			w.clock.advance(-sweepAge)
			noDifference(t, w.Snapshot(), want, false)
			left := slices.DeleteFunc(w.Uploads(), func(key string) bool { return strings.HasPrefix(key, private) }) // the next probe sweeps those
			if len(left) > 0 {
				t.Errorf("%s: unfinished uploads stay: %v", name, left)
			}
			if hit {
				points++
			}
			if t.Failed() {
				return
			}
		}
	}
	if points < 20 {
		t.Errorf("only %d places of %d operations were tried", points, of)
	}
}
