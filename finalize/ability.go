package finalize

import (
	"context"
	"fmt"
	"sync"

	"recfin/store"
)

// abilities remembers what each store was found to honour. It is asked anew in
// each process, and once.
type abilities struct {
	mu sync.Mutex // never held while a store is asked
	by map[string]*inquiry
}

// inquiry is one question to a store. What it found may be read when done is closed.
type inquiry struct {
	done   chan struct{}
	can    store.Capabilities
	err    error
	gaveUp bool // who asked ended before the store answered
}

// of probes a store under dir, by answer and by effect. Jobs that need the same
// answer at the same time wait for one of them, each no longer than its own
// context allows, and share what the store said. A failed probe is not
// remembered; where only the job that asked has ended, another one asks.
func (a *abilities) of(ctx context.Context, s store.Store, dir string) (store.Capabilities, error) {
	for {
		q, mine := a.inquire(s.Label())
		if mine {
			a.answer(ctx, q, s, dir)
			return q.can, q.err
		}
		select {
		case <-q.done:
		case <-ctx.Done():
			return store.Capabilities{}, fmt.Errorf("probe what the store honours: %w", ctx.Err())
		}
		if !q.gaveUp {
			return q.can, q.err
		}
	}
}

// inquire gives the inquiry about a store, and whether the caller has to make it.
func (a *abilities) inquire(label string) (q *inquiry, mine bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if q = a.by[label]; q != nil {
		return q, false
	}
	if a.by == nil {
		a.by = map[string]*inquiry{}
	}
	q = &inquiry{done: make(chan struct{}), gaveUp: true}
	a.by[label] = q
	return q, true
}

// answer makes an inquiry and lets the others go on, whatever comes of it.
func (a *abilities) answer(ctx context.Context, q *inquiry, s store.Store, dir string) {
	defer func() {
		if q.gaveUp || q.err != nil {
			a.mu.Lock()
			delete(a.by, s.Label())
			a.mu.Unlock()
		}
		close(q.done)
	}()
	q.can, q.err = store.Detect(ctx, s, dir)
	q.gaveUp = q.err != nil && ctx.Err() != nil
}

// probeDir is where a store is probed: the private folder of the outputs, or
// of the store where there are none.
func (j *job) probeDir(s store.Store) string {
	if s.Label() == j.f.cfg.Out.Label() {
		return j.f.cfg.OutPath + store.Private
	}
	return store.Private
}

// replacing gives the condition under which a version of a marker or door is
// replaced. A store that would take the put whatever is there is refused: two runs
// would overwrite each other's commits. Only who has promised to be alone may do
// without.
func (j *job) replacing(ctx context.Context, etag string) (store.PutOptions, error) {
	out := j.f.cfg.Out
	can, err := j.f.abilities.of(ctx, out, j.probeDir(out))
	switch {
	case err != nil:
		return store.PutOptions{}, err
	case can.Replace:
		return store.PutOptions{IfMatch: etag}, nil
	case j.f.cfg.AssumeSingleWriter:
		return store.PutOptions{}, nil
	}
	return store.PutOptions{}, fmt.Errorf("commit %s: %w: %s does not honour If-Match on a put, so a marker cannot be replaced safely there: %s", store.Printable(j.recording), ErrRefused, out.Label(), aloneHint)
}
