package s3

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// TestLimiter holds what is true of it whatever comes: never more calls than its
// bound, nobody waits while there is room, and the bound stays within its limits.
func TestLimiter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		const most = 8
		l := newLimiter(most, 0) // each word of the store counts
		active, queue := 0, []chan struct{}{}
		wait := func() chan struct{} { // what enter does, without blocking
			l.mu.Lock()
			defer l.mu.Unlock()
			turn := make(chan struct{})
			l.waiting = append(l.waiting, turn)
			l.next()
			return turn
		}
		settle := func() {
			for len(queue) > 0 {
				select {
				case <-queue[0]:
					queue = queue[1:]
					active++
				default:
					return
				}
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"enter": func(*rapid.T) { queue = append(queue, wait()); settle() },
			"leave": func(rt *rapid.T) {
				if active == 0 {
					rt.Skip("nobody is in")
				}
				active--
				l.leave(rapid.Bool().Draw(rt, "well"))
				settle()
			},
			"slow": func(*rapid.T) { l.slow() },
			"give up": func(rt *rapid.T) {
				if len(queue) == 0 {
					rt.Skip("nobody waits")
				}
				i := rapid.IntRange(0, len(queue)-1).Draw(rt, "who")
				l.giveUp(queue[i])
				queue = append(queue[:i:i], queue[i+1:]...)
				settle()
			},
			"": func(rt *rapid.T) {
				if l.active != active || l.bound < 1 || l.bound > most || len(l.waiting) != len(queue) {
					rt.Fatalf("%d in flight and %d waiting; the limiter has %d and %d, bound %d", active, len(queue), l.active, len(l.waiting), l.bound)
				}
				if len(queue) > 0 && active < l.bound {
					rt.Fatalf("%d wait, and there is room for %d more", len(queue), l.bound-active)
				}
			},
		})
	})
}

func TestLimiterPace(t *testing.T) {
	l := newLimiter(16, time.Hour)
	for range 12 {
		if err := l.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	l.slow()
	l.slow() // of the same moment
	if l.bound != 6 {
		t.Errorf("bound %d behind a cut with 12 in flight, want 6", l.bound)
	}
	l.window = 0
	for range 6 {
		l.leave(true)
	}
	if l.bound != 7 {
		t.Errorf("bound %d after 6 successes, want 7", l.bound)
	}
	l.leave(false)
	for range 5 {
		l.leave(true)
	}
	if l.bound != 7 || l.active != 0 {
		t.Errorf("bound %d, %d in flight", l.bound, l.active)
	}
}

// TestLimiterCancelled: who waits goes when it has no time any more, and a turn
// that it was given is not lost.
func TestLimiterCancelled(t *testing.T) {
	l := newLimiter(1, time.Hour)
	if err := l.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.enter(ctx); !errors.Is(err, context.Canceled) || len(l.waiting) != 0 {
		t.Errorf("%v, %d waiting", err, len(l.waiting))
	}
	turn := make(chan struct{})
	l.waiting = append(l.waiting, turn)
	l.leave(true) // the turn comes, and the cancellation with it
	l.giveUp(turn)
	if l.active != 0 {
		t.Errorf("%d in flight", l.active)
	}
}

// TestBacksOff: a store that takes four requests at a time and is asked by forty
// gets all of them done, with fewer and fewer in flight.
func TestBacksOff(t *testing.T) {
	d := newDouble(t)
	tune := quick()
	tune.calm, tune.backoff, tune.maxBackoff, tune.maxAttempts = 5*time.Millisecond, 5*time.Millisecond, 40*time.Millisecond, 12
	s := connect(t, d, tune)
	d.Ceiling(4)
	d.Fault(s3double.Fault{Do: s3double.Before(func() { time.Sleep(time.Millisecond) })})
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			for j := range 5 {
				if _, err := s.Put(t.Context(), fmt.Sprintf("%d/%d", i, j), []byte("x"), store.PutOptions{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := len(d.Keys("")); n != 200 {
		t.Errorf("%d objects, want 200", n)
	}
	s.limit.mu.Lock()
	defer s.limit.mu.Unlock()
	if s.limit.bound > 32 || s.limit.active != 0 || len(s.limit.waiting) != 0 {
		t.Errorf("bound %d, %d in flight, %d waiting", s.limit.bound, s.limit.active, len(s.limit.waiting))
	}
}
