package s3

import (
	"context"
	"sync"
	"time"
)

// limiter bounds the calls in flight, over all users of a Store. A store that
// says "slow down" halves it, once in a window however many calls were told;
// then as many calls as may be in flight must succeed for one more to be let in
// (additive increase, multiplicative decrease). No lock is held while a call is
// under way.
type limiter struct {
	most   int           // bound of a store that is well
	window time.Duration // between two cuts

	mu      sync.Mutex
	bound   int
	active  int
	credit  int             // successes since the bound was moved
	cut     time.Time       // of the last time
	waiting []chan struct{} // in order of arrival; closed when its turn has come
}

func newLimiter(most int, window time.Duration) *limiter {
	return &limiter{most: most, window: window, bound: most}
}

// enter waits for a turn, no longer than ctx lives. Who got one leaves again.
func (l *limiter) enter(ctx context.Context) error {
	l.mu.Lock()
	if l.active < l.bound && len(l.waiting) == 0 {
		l.active++
		l.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	l.waiting = append(l.waiting, turn)
	l.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		l.giveUp(turn)
		return ctx.Err()
	}
}

// giveUp takes a place in the queue away, or hands on a turn that has come
// meanwhile.
func (l *limiter) giveUp(turn chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, w := range l.waiting {
		if w == turn {
			l.waiting = append(l.waiting[:i:i], l.waiting[i+1:]...)
			return
		}
	}
	l.active--
	l.next()
}

// leave ends a call. well: the store took it without a word about its pace.
func (l *limiter) leave(well bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.active--
	if well && l.bound < l.most {
		if l.credit++; l.credit >= l.bound && time.Since(l.cut) >= l.window {
			l.bound++
			l.credit = 0
		}
	}
	l.next()
}

// slow notes that the store wants fewer requests.
func (l *limiter) slow() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); l.cut.IsZero() || now.Sub(l.cut) >= l.window {
		l.bound = max(1, min(l.bound, l.active)/2) // what was under way was too much
		l.credit, l.cut = 0, now
	}
}

// next lets in whoever may; the caller holds the lock.
func (l *limiter) next() {
	for l.active < l.bound && len(l.waiting) > 0 {
		close(l.waiting[0])
		l.waiting = l.waiting[1:]
		l.active++
	}
}
