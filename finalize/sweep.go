package finalize

import (
	"context"
	"errors"
	"time"

	"recfin/internal/bug"
	"recfin/store"
)

// beginSweep begins to abort uploads of the recording that nobody will finish, once, and
// gives what waits for that: nothing else has to.
func (j *job) beginSweep(ctx context.Context, l *Listing) (wait func() error) {
	if j.f.swept || j.damaged(l) {
		return func() error { return nil }
	}
	var g bug.Group
	var refused error
	g.Go(func() (err error) {
		refused, err = j.f.sweep(ctx, string(j.f.cfg.folder(j.recording)), orphanAge)
		return err
	})
	return func() error {
		err := g.Wait()
		j.f.swept = err == nil
		j.unswept(refused)
		return err
	}
}

// Sweep aborts the unfinished uploads of dead runs below the outputs of all recordings,
// by one listing. Runs of this Finalizer do not look for those of their own recording
// then. It saves a request for each of many recordings, and never has to be called; it
// is called before any of them.
func (f *Finalizer) Sweep(ctx context.Context) error {
	_, err := f.cfg.Out.Sweep(ctx, f.cfg.OutPath, orphanAge)
	if err == nil {
		f.swept = true
	}
	return err
}

// sweep aborts unfinished uploads under a prefix that are older than age. Where
// that is not allowed, or not offered, they only cost: refused says so.
func (f *Finalizer) sweep(ctx context.Context, prefix string, age time.Duration) (refused, err error) {
	_, err = f.cfg.Out.Sweep(ctx, prefix, age)
	if errors.Is(err, store.ErrDenied) || errors.Is(err, store.ErrInvalid) {
		return err, nil
	}
	return nil, err
}

// unswept reports that a sweep was refused.
func (j *job) unswept(refused error) {
	if refused != nil {
		j.report.problem("unfinished uploads cannot be listed: " + refused.Error())
	}
}

// sweepDead aborts the uploads that the dead holder of our lease left in the
// sessions of the plan, once. The folder of the recording as a whole may hold that
// of another one (cam and cam/front), on which another run works.
func (j *job) sweepDead(ctx context.Context, p *Plan) error {
	if !j.held.inherited {
		return nil
	}
	for i := range p.Sessions {
		refused, err := j.f.sweep(ctx, string(j.f.cfg.folder(j.recording))+p.Sessions[i].Record.Session+"/", deadAge)
		if err != nil {
			return err
		}
		j.unswept(refused)
	}
	j.held.inherited = false
	return nil
}

// deadAge takes in what was begun in the same second, and by the clock of a server
// that is ahead of the one that tells us the time. Nothing of our own is under way
// then.
const deadAge = -time.Minute

// orphanAge is how old an unfinished upload of ours must be before another run
// takes it for dead. Aborting a living one would only make that run start over.
const orphanAge = 24 * time.Hour
