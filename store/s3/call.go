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
// within the minute. The time spent in the queue of a store that is slow counts
// for nothing.
func (s *Store) call(ctx context.Context, limit time.Duration, f func(context.Context) error) (tries, error) {
	if err := s.limit.enter(ctx); err != nil {
		return tries{}, s.classify(ctx, err)
	}
	c := calling{s: s, ctx: ctx}
	defer func() { s.limit.leave(!c.slowed) }()
	inner, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		c.count++
		start := time.Now()
		err := f(c.attempt(inner))
		if err == nil {
			return c.tries, nil
		}
		fault := s.classify(ctx, err)
		wait, again := c.failed(fault, time.Since(start))
		if !again {
			return c.tries, fault
		}
		if !sleep(inner, wait) {
			if ctx.Err() != nil {
				return c.tries, s.classify(ctx, ctx.Err())
			}
			return c.tries, fault
		}
	}
}

// calling is a call under way.
type calling struct {
	tries
	s         *Store
	ctx       context.Context
	spent     time.Duration // on failing
	slowed    bool          // the store wants fewer requests
	broken    bool          // the last attempt had no answer
	refreshed bool          // new credentials were asked for
}

// attempt is the context of the next attempt. After one without an answer the
// connections in the pool may lead to the same dead end.
func (c *calling) attempt(ctx context.Context) context.Context {
	if c.broken {
		return withFresh(ctx)
	}
	return ctx
}

// failed says whether to try again, and when.
func (c *calling) failed(f *fault, took time.Duration) (wait time.Duration, again bool) {
	c.lost = c.lost || f.lost
	c.broken = f.status == 0
	if f.slow {
		c.slowed = true
		c.s.limit.slow()
	}
	if f.expired && !c.refreshed && c.s.keys != nil && c.s.keys.refresh(c.ctx) {
		c.refreshed = true
		return 0, true
	}
	wait = max(c.s.delay(c.count), min(f.after, c.s.tune.maxWait))
	c.spent += min(took, c.s.tune.idle) + wait
	return wait, f.transient && c.count < c.s.tune.maxAttempts && c.spent+c.s.tune.idle <= c.s.tune.giveUp
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
