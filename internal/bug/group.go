package bug

import (
	"context"
	"sync"
)

// Group is errgroup.Group, except that a panic in one of its goroutines is an error
// like any other, and that under a limit goroutines are used again: the stack of one
// that has spoken to a store has grown to some ten times of what it began with. The
// zero value has no limit and cancels nothing.
type Group struct {
	cancel context.CancelCauseFunc
	once   sync.Once
	err    error // the first one

	wg    sync.WaitGroup // of work that was given and has not ended
	limit int            // 0: none

	mu      sync.Mutex
	queue   chan func() error // to whoever has nothing to do; nil: nobody was started
	workers int
}

// WithContext gives a group, and a context that ends with its first error, or with
// Wait.
func WithContext(ctx context.Context) (*Group, context.Context) {
	ctx, cancel := context.WithCancelCause(ctx)
	return &Group{cancel: cancel}, ctx
}

// SetLimit bounds how many goroutines work at once, at least one. It is called before
// the first Go.
func (g *Group) SetLimit(n int) { g.limit = max(n, 1) }

// Go does some work in another goroutine, as soon as the limit allows one.
func (g *Group) Go(work func() error) {
	g.wg.Add(1)
	if g.limit == 0 {
		go g.do(work)
		return
	}
	queue, more := g.room()
	select {
	case queue <- work:
		return
	default:
	}
	if more() {
		go g.work(queue, work)
		return
	}
	queue <- work
}

// room gives the way to the workers, and how one more is counted in.
func (g *Group) room() (queue chan func() error, more func() bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.queue == nil {
		g.queue = make(chan func() error)
	}
	return g.queue, func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.workers == g.limit {
			return false
		}
		g.workers++
		return true
	}
}

// work does some work and whatever comes after it. Where the work ends its goroutine
// (runtime.Goexit, as a test that fails does), another one takes its place.
func (g *Group) work(queue chan func() error, work func() error) {
	ended := false
	defer func() {
		if !ended {
			go g.work(queue, nil)
		}
	}()
	if work != nil {
		g.do(work)
	}
	for work := range queue {
		g.do(work)
	}
	ended = true
}

// do does some work and keeps its error.
func (g *Group) do(work func() error) {
	defer g.wg.Done()
	if err := Contain(work); err != nil {
		g.once.Do(func() {
			g.err = err
			if g.cancel != nil {
				g.cancel(err)
			}
		})
	}
}

// Wait waits for all of them and gives the first error.
func (g *Group) Wait() error {
	g.wg.Wait()
	g.mu.Lock()
	if g.queue != nil {
		close(g.queue)
		g.queue, g.workers = nil, 0
	}
	g.mu.Unlock()
	if g.cancel != nil {
		g.cancel(g.err)
	}
	return g.err
}
