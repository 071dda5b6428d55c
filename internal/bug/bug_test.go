package bug_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"recfin/internal/bug"
)

func index(list []int, i int) int { return list[i] }

// TestContain: a panic is an error that says what the runtime says, and where, and
// nothing that a panic may have been given.
func TestContain(t *testing.T) {
	plain := errors.New("plain")
	for name, c := range map[string]struct {
		work func() error
		what string // of the Error; empty: there is none
		err  error
	}{
		"nothing":         {func() error { return nil }, "", nil},
		"an error":        {func() error { return plain }, "", plain},
		"a runtime error": {func() error { index(nil, 3); return nil }, "runtime error: index out of range [3] with length 0", nil},
		"a text":          {func() error { panic("s3://key:secret@bucket") }, "string", nil},
		"an error thrown": {func() error { panic(fmt.Errorf("secret %w", plain)) }, "*fmt.wrapError", nil},
		"nil":             {func() error { panic(nil) }, "panic called with nil argument", nil},
	} {
		err := bug.Contain(c.work)
		var is *bug.Error
		if !errors.As(err, &is) {
			if c.what != "" || err != c.err {
				t.Errorf("%s: error %v", name, err)
			}
			continue
		}
		if c.what == "" || !strings.HasPrefix(is.What, c.what) || !strings.Contains(string(is.Stack), "bug_test.go") || !strings.Contains(err.Error(), "report") {
			t.Errorf("%s: %v at\n%s", name, err, is.Stack)
		}
		if strings.Contains(err.Error()+string(is.Stack), "secret") {
			t.Errorf("%s: %v tells a secret", name, err)
		}
	}
}

// TestGroup: a panic in a goroutine ends its group like an error, the others go on
// to their end, and the first error is the one that is told.
func TestGroup(t *testing.T) {
	g, ctx := bug.WithContext(context.Background())
	g.SetLimit(4)
	var ended atomic.Int32
	for range 3 {
		g.Go(func() error {
			<-ctx.Done()
			ended.Add(1)
			return ctx.Err()
		})
	}
	g.Go(func() error { index([]int{1}, 1); return nil })
	var is *bug.Error
	if err := g.Wait(); !errors.As(err, &is) || ended.Load() != 3 {
		t.Errorf("error %v, %d ended", err, ended.Load())
	}
	if cause := context.Cause(ctx); cause != error(is) {
		t.Errorf("cause %v", cause)
	}
}

// TestGroupPlain: without a context the others are not stopped, and a group that
// met nothing has no error.
func TestGroupPlain(t *testing.T) {
	var g bug.Group
	var done atomic.Int32
	for i := range 5 {
		g.Go(func() error {
			if i == 2 {
				panic(i)
			}
			done.Add(1)
			return nil
		})
	}
	if err := g.Wait(); err == nil || done.Load() != 4 {
		t.Errorf("error %v, %d done", err, done.Load())
	}
	calm, ctx := bug.WithContext(context.Background())
	calm.Go(func() error { return nil })
	if err := calm.Wait(); err != nil || ctx.Err() == nil {
		t.Errorf("error %v, context %v", err, ctx.Err())
	}
}

// TestGroupLimit: no more goroutines work at once than were allowed, all work is done
// whatever ended before it, one that leaves its goroutine among it, and a group can be
// used again.
func TestGroupLimit(t *testing.T) {
	for limit := 1; limit <= 4; limit++ {
		var g bug.Group
		g.SetLimit(limit)
		var now, most, done atomic.Int32
		for round := range 2 {
			for i := range 200 {
				g.Go(func() error {
					n := now.Add(1)
					defer now.Add(-1)
					for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
					}
					runtime.Gosched()
					done.Add(1)
					switch i % 50 {
					case 7:
						runtime.Goexit()
					case 9:
						panic(i)
					case 11:
						return errors.New("one of many")
					}
					return nil
				})
			}
			if err := g.Wait(); err == nil || done.Load() != int32(200*(round+1)) {
				t.Errorf("limit %d: error %v, %d done", limit, err, done.Load())
			}
		}
		if n := most.Load(); n > int32(limit) || limit > 1 && n == 1 {
			t.Errorf("%d worked at once, the limit is %d", n, limit)
		}
	}
}

// TestGroupWorkers: under a limit goroutines are used again, and none is left.
func TestGroupWorkers(t *testing.T) {
	before := runtime.NumGoroutine()
	var g bug.Group
	g.SetLimit(3)
	var mu sync.Mutex
	stacks := map[string]bool{} // by the number of the goroutine
	for range 300 {
		g.Go(func() error {
			head, _, _ := strings.Cut(string(debug.Stack()), " [")
			mu.Lock()
			defer mu.Unlock()
			stacks[head] = true
			return nil
		})
	}
	if err := g.Wait(); err != nil || len(stacks) > 3 {
		t.Errorf("error %v, %d goroutines", err, len(stacks))
	}
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines, there were %d", runtime.NumGoroutine(), before)
}
