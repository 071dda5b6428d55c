package bug

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Group is errgroup.Group, except that a panic in one of its goroutines is an error
// like any other. The zero value has no limit and cancels nothing.
type Group struct {
	g      errgroup.Group
	cancel context.CancelCauseFunc
	once   sync.Once
	err    error // the first one
}

// WithContext gives a group, and a context that ends with its first error, or with
// Wait.
func WithContext(ctx context.Context) (*Group, context.Context) {
	ctx, cancel := context.WithCancelCause(ctx)
	return &Group{cancel: cancel}, ctx
}

// SetLimit bounds how many goroutines work at once. It is called before the first
// Go.
func (g *Group) SetLimit(n int) { g.g.SetLimit(n) }

// Go does some work in a goroutine of its own, as soon as the limit allows one.
func (g *Group) Go(work func() error) {
	g.g.Go(func() error {
		if err := Contain(work); err != nil {
			g.once.Do(func() {
				g.err = err
				if g.cancel != nil {
					g.cancel(err)
				}
			})
		}
		return nil
	})
}

// Wait waits for all of them and gives the first error.
func (g *Group) Wait() error {
	_ = g.g.Wait() // errors are kept here
	if g.cancel != nil {
		g.cancel(g.err)
	}
	return g.err
}
