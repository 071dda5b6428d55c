package serve

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/internal/bug"
)

// TestMemoOnce: many who ask for one name wait for one making.
func TestMemoOnce(t *testing.T) {
	var made atomic.Int64
	begun, go_ := make(chan struct{}), make(chan struct{})
	m := newMemo(func(_ context.Context, name string) (string, error) {
		if made.Add(1) == 1 {
			close(begun)
		}
		<-go_
		return "of " + name, nil
	}, 4, 100, func(s string) int64 { return 1 })
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if v, err := m.get(t.Context(), "a", time.Hour); v != "of a" || err != nil {
				t.Errorf("%q %v", v, err)
			}
		})
	}
	<-begun
	close(go_)
	all.Wait()
	if v, ok := m.peek("a"); !ok || v != "of a" || made.Load() != 1 {
		t.Errorf("%q %v, made %d times", v, ok, made.Load())
	}
	if _, err := m.get(t.Context(), "a", -1); err != nil || made.Load() != 2 {
		t.Errorf("too old: made %d times, %v", made.Load(), err)
	}
	m.outdate("a", time.Minute)
	if _, err := m.get(t.Context(), "a", time.Hour); err != nil || made.Load() != 2 {
		t.Errorf("outdated, and good enough: made %d times, %v", made.Load(), err)
	}
	if _, err := m.get(t.Context(), "a", time.Minute); err != nil || made.Load() != 3 {
		t.Errorf("outdated: made %d times, %v", made.Load(), err)
	}
}

// TestMemoLeft: one who leaves takes the work from nobody who stays; the last one ends
// it, and the next who comes gets it made anew.
func TestMemoLeft(t *testing.T) {
	begun, ended := make(chan struct{}, 9), make(chan struct{}, 9)
	m := newMemo(func(ctx context.Context, _ string) (int, error) {
		begun <- struct{}{}
		<-ctx.Done()
		ended <- struct{}{}
		return 0, ctx.Err()
	}, 1, 100, nil)
	one, leave := context.WithCancel(t.Context())
	two, leaveToo := context.WithCancel(t.Context())
	errs := make(chan error, 2)
	go func() { _, err := m.get(one, "a", 0); errs <- err }()
	<-begun
	go func() { _, err := m.get(two, "a", 0); errs <- err }()
	for m.waiting("a") < 2 {
		time.Sleep(time.Millisecond)
	}
	leave()
	if err := <-errs; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	select {
	case <-ended:
		t.Error("it ended with the first")
	default:
	}
	leaveToo()
	<-errs
	<-ended
	again, stop := context.WithCancel(t.Context())
	go func() { <-begun; stop() }()
	if _, err := m.get(again, "a", 0); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func (m *memo[T]) waiting(name string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f := m.flights[name]; f != nil {
		return f.waiting
	}
	return 0
}

// TestMemoFails: a failure is told and not held, a panic too.
func TestMemoFails(t *testing.T) {
	n := 0
	m := newMemo(func(context.Context, string) (int, error) {
		switch n++; n {
		case 1:
			return 0, fmt.Errorf("first")
		case 2:
			panic("second")
		}
		return n, nil
	}, 1, 100, nil)
	var is *bug.Error
	if _, err := m.get(t.Context(), "a", time.Hour); err == nil || err.Error() != "first" {
		t.Error(err)
	}
	if _, err := m.get(t.Context(), "a", time.Hour); !errors.As(err, &is) {
		t.Error(err)
	}
	if v, err := m.get(t.Context(), "a", time.Hour); v != 3 || err != nil {
		t.Error(v, err)
	}
}

// TestMemoBounds: what is held weighs no more than it may, or is one thing, and is what
// was used last.
func TestMemoBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.Int64Range(0, 100).Draw(t, "most")
		weights := map[string]int64{}
		m := newMemo(func(_ context.Context, name string) (int64, error) { return weights[name], nil }, 1, most, func(w int64) int64 { return w })
		var used []string
		for range rapid.IntRange(1, 40).Draw(t, "asks") {
			name := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "name")
			if _, held := m.peek(name); !held {
				weights[name] = rapid.Int64Range(0, 120).Draw(t, "weight")
			}
			if _, err := m.get(context.Background(), name, time.Hour); err != nil {
				t.Fatal(err)
			}
			used = append(used, name)
			var sum int64
			held := 0
			for name, w := range weights {
				if _, ok := m.peek(name); ok {
					sum, held = sum+w, held+1
				}
			}
			if sum != m.weight || sum > most && held > 1 || held != m.order.Len() {
				t.Fatalf("%d things of %d, counted %d, of at most %d", held, sum, m.weight, most)
			}
			if _, ok := m.peek(used[len(used)-1]); !ok {
				t.Fatal("the last one is not held")
			}
		}
	})
}
