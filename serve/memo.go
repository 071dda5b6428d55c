package serve

import (
	"container/list"
	"context"
	"sync"
	"time"

	"recfin/internal/bug"
)

// memo holds what was made of names, the last used ones, and makes what is missing:
// each name once at a time, for all who wait for it, and few names at once. What the
// last waiter leaves is given up.
type memo[T any] struct {
	build  func(ctx context.Context, name string) (T, error)
	weigh  func(T) int64
	most   int64 // weight that is held; the last used one is, whatever it weighs
	making gate

	mu      sync.Mutex
	held    map[string]*list.Element
	order   *list.List // the last used first
	weight  int64
	flights map[string]*flight[T]
}

type kept[T any] struct {
	name   string
	value  T
	weight int64
	made   time.Time
}

// flight is one making.
type flight[T any] struct {
	done    chan struct{}
	value   T
	err     error
	waiting int
	cancel  context.CancelFunc
}

func newMemo[T any](build func(context.Context, string) (T, error), atOnce int, most int64, weigh func(T) int64) *memo[T] {
	if weigh == nil {
		weigh = func(T) int64 { return 0 }
	}
	return &memo[T]{build: build, weigh: weigh, most: most, making: make(gate, atOnce), held: map[string]*list.Element{}, order: list.New(), flights: map[string]*flight[T]{}}
}

// peek gives what is held, however old.
func (m *memo[T]) peek(name string) (T, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.held[name]; ok {
		return e.Value.(*kept[T]).value, true
	}
	var none T
	return none, false
}

// get gives what is held if it is no older than age, else what is made now. A failure
// is told to all who wait for it, and not held.
func (m *memo[T]) get(ctx context.Context, name string, age time.Duration) (T, error) {
	m.mu.Lock()
	if e, ok := m.held[name]; ok && time.Since(e.Value.(*kept[T]).made) <= age {
		m.order.MoveToFront(e)
		m.mu.Unlock()
		return e.Value.(*kept[T]).value, nil
	}
	f := m.flights[name]
	if f == nil {
		// The values of the first who asks are those of the work, its end is not.
		work, cancel := context.WithCancel(context.WithoutCancel(ctx))
		f = &flight[T]{done: make(chan struct{}), cancel: cancel}
		m.flights[name] = f
		go m.fly(work, name, f)
	}
	f.waiting++
	m.mu.Unlock()
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		f.cancel()
		if m.flights[name] == f {
			delete(m.flights, name)
		}
	}
	var none T
	return none, context.Cause(ctx)
}

// fly makes one value and keeps it.
func (m *memo[T]) fly(ctx context.Context, name string, f *flight[T]) {
	defer f.cancel()
	f.err = bug.Contain(func() (err error) {
		if err := m.making.enter(ctx); err != nil {
			return err
		}
		defer m.making.leave()
		f.value, err = m.build(ctx, name)
		return err
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.flights[name] == f {
		delete(m.flights, name)
	}
	if f.err == nil && ctx.Err() == nil {
		m.keep(&kept[T]{name: name, value: f.value, weight: m.weigh(f.value), made: time.Now()})
	}
	close(f.done)
}

// keep holds a value and lets go of the ones that were not used for longest.
func (m *memo[T]) keep(k *kept[T]) {
	m.drop(k.name)
	m.held[k.name] = m.order.PushFront(k)
	for m.weight += k.weight; m.weight > m.most && m.order.Len() > 1; {
		m.drop(m.order.Back().Value.(*kept[T]).name)
	}
}

func (m *memo[T]) drop(name string) {
	if e, ok := m.held[name]; ok {
		m.weight -= e.Value.(*kept[T]).weight
		m.order.Remove(e)
		delete(m.held, name)
	}
}

// outdate makes what is held of a name older than age.
func (m *memo[T]) outdate(name string, age time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.held[name]; ok {
		k := e.Value.(*kept[T])
		if old := time.Now().Add(-age - time.Millisecond); old.Before(k.made) {
			k.made = old
		}
	}
}
