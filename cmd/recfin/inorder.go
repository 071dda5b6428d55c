package main

import (
	"context"
	"sync"

	"recfin/internal/bug"
)

// readAhead is how many results inOrder may hold for each worker.
const readAhead = 4

// inOrder does something with every name, several at once, and hands the results over
// one at a time, in the order of the names, each as soon as those before it are handed
// over. However many names there are, only a few results are held. It ends with the
// first error of then.
func inOrder[T any](ctx context.Context, names []string, workers int, do func(context.Context, string) T, then func(string, T) error) error {
	var mu sync.Mutex // of what follows
	held, next := map[int]T{}, 0
	room := make(chan struct{}, readAhead*workers)
	g, within := bug.WithContext(ctx)
	g.SetLimit(workers)
	for i, name := range names {
		select {
		case room <- struct{}{}:
		case <-within.Done():
		}
		if within.Err() != nil {
			break
		}
		g.Go(func() error {
			x := do(within, name)
			mu.Lock()
			defer mu.Unlock()
			for held[i] = x; within.Err() == nil; next++ {
				x, ok := held[next]
				if !ok {
					break
				}
				delete(held, next)
				<-room
				if err := then(names[next], x); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}
