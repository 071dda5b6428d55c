package bug_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

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
