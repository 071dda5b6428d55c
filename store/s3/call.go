package s3

import (
	"context"
	"math/rand/v2"
	"time"

	"recfin/store"
)

// tries is how a call went.
type tries struct {
	count int  // attempts
	lost  bool // one that failed may have taken effect all the same
}

// call runs f until it succeeds or fails for good. What it returns is nil or a
// fault. limit ends the call as a whole; f gets a context with that deadline.
//
// The time spent on failing is what ends a call early: each failed attempt
// counts for at most the idle deadline, so that a long transfer that breaks
// near its end is still tried again, and a store that is silent is given up
// within the minute.
func (s *Store) call(ctx context.Context, limit time.Duration, f func(context.Context) error) (tries, error) {
	var t tries
	inner, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for spent := time.Duration(0); ; {
		t.count++
		start := time.Now()
		err := f(inner)
		if err == nil {
			return t, nil
		}
		fault := s.classify(ctx, err)
		t.lost = t.lost || fault.lost
		delay := s.delay(t.count)
		spent += min(time.Since(start), s.tune.idle) + delay
		if !fault.transient || t.count >= s.tune.maxAttempts || spent+s.tune.idle > s.tune.giveUp {
			return t, fault
		}
		if !sleep(inner, delay) {
			if ctx.Err() != nil {
				return t, s.classify(ctx, ctx.Err())
			}
			return t, fault
		}
	}
}

// delay is the wait behind the n-th attempt: anything up to a bound that
// doubles ("full jitter"), so that parallel requests do not come back together.
func (s *Store) delay(n int) time.Duration {
	bound := s.tune.backoff << min(n-1, 20)
	return rand.N(min(bound, s.tune.maxBackoff) + 1)
}

// sleep waits, and reports whether ctx is still alive.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// unavailable is a fault of our own making.
func unavailable(text string) *fault {
	return &fault{kind: store.ErrUnavailable, text: text, transient: true}
}
