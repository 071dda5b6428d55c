package finalize

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"recfin/internal/bug"
	"recfin/store"
)

// abilities remembers what each store was found to honour. It is asked anew in
// each process, and once.
type abilities struct {
	mu sync.Mutex // never held while a store is asked
	by map[string]*inquiry
}

// inquiry is one question to a store. What it found of writes may be read when early is
// closed, and all of it when done is.
type inquiry struct {
	early, done chan struct{}
	writes      *store.Capabilities // nil behind early: it ended before that was known
	can         store.Capabilities
	err         error
	gaveUp      bool // who asked ended before the store answered
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
		if err := q.wait(ctx, q.done); err != nil {
			return store.Capabilities{}, err
		}
		if !q.gaveUp {
			return q.can, q.err
		}
	}
}

// ofWrites is of for what writes honour (store.DetectEarly). Where nobody has asked yet,
// begin has an inquiry made, which goes on behind that.
func (a *abilities) ofWrites(ctx context.Context, s store.Store, begin func() error) (store.Capabilities, error) {
	for {
		q := a.under(s.Label())
		if q == nil {
			if err := begin(); err != nil {
				return store.Capabilities{}, err
			}
			continue
		}
		if err := q.wait(ctx, q.early); err != nil {
			return store.Capabilities{}, err
		}
		switch {
		case q.writes != nil:
			return *q.writes, nil
		case !q.gaveUp:
			return store.Capabilities{}, q.err
		}
	}
}

// known gives what was found of a store. It waits for what is under way and asks
// nothing.
func (a *abilities) known(ctx context.Context, s store.Store) (can store.Capabilities, ok bool) {
	q := a.under(s.Label())
	if q == nil || q.wait(ctx, q.done) != nil || q.gaveUp || q.err != nil {
		return can, false
	}
	return q.can, true
}

// wait waits for one of the channels.
func (q *inquiry) wait(ctx context.Context, c chan struct{}) error {
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("probe what the store honours: %w", ctx.Err())
	}
}

// ended reports whether all is known that it found.
func (q *inquiry) ended() bool {
	select {
	case <-q.done:
		return true
	default:
		return false
	}
}

// under gives the inquiry about a store; nil: there is none.
func (a *abilities) under(label string) *inquiry {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.by[label]
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
	q = &inquiry{early: make(chan struct{}), done: make(chan struct{}), gaveUp: true}
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
		if q.writes == nil {
			close(q.early)
		}
		close(q.done)
	}()
	q.err = bug.Contain(func() (err error) {
		q.can, err = store.DetectEarly(ctx, s, dir, func(writes store.Capabilities) {
			q.writes = &writes
			close(q.early)
		})
		return err
	})
	q.gaveUp = q.err != nil && ctx.Err() != nil || aBug(q.err) // others may have more luck
}

// aBug reports whether an error is a mistake of ours.
func aBug(err error) bool {
	var is *bug.Error
	return errors.As(err, &is)
}

// foresee begins to find out what the store of the outputs honours, where that will be
// needed if all goes well: it takes a chain of requests, and meanwhile there is enough to
// read. What comes of it is heard by whoever needs it. The work of a job ends no earlier
// than what it has begun. The error is that of a job that made a mistake at it before.
func (j *job) foresee() error {
	if q := j.asked; q != nil && q.ended() && aBug(q.err) {
		return q.err
	}
	out := j.f.cfg.Out
	q, mine := j.f.abilities.inquire(out.Label())
	if !mine {
		return nil
	}
	j.asked = q
	j.asking.Go(func() error {
		j.f.abilities.answer(j.life, q, out, j.probeDir(out))
		if aBug(q.err) {
			return q.err
		}
		return nil
	})
	return nil
}

// writesHonour is what the store of the outputs honours of what is asked of writes.
func (j *job) writesHonour(ctx context.Context) (store.Capabilities, error) {
	if out := j.f.cfg.Out; j.life == nil {
		return j.f.abilities.of(ctx, out, j.probeDir(out))
	}
	return j.f.abilities.ofWrites(ctx, j.f.cfg.Out, j.foresee)
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
	can, err := j.writesHonour(ctx)
	switch {
	case err != nil:
		return store.PutOptions{}, err
	case can.Replace:
		return store.PutOptions{IfMatch: etag}, nil
	case j.f.cfg.AssumeSingleWriter:
		return store.PutOptions{}, nil
	}
	return store.PutOptions{}, fmt.Errorf("commit %s: %w: %s does not honour If-Match on a put, so a marker cannot be replaced safely there: %s", store.Printable(j.recording), ErrRefused, j.f.cfg.Out.Label(), aloneHint)
}
