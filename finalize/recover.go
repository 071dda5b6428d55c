package finalize

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"recfin/internal/bug"
	"recfin/store"
)

// ErrLeft: the recording was left to a later run.
var ErrLeft = errors.New("left to a later run")

// RecoverOptions say what Recover looks for.
type RecoverOptions struct {
	// Writer is the nonce of a broadcaster that has just started anew, so nothing of
	// it is under way. Empty: only what runs of this program left is finished.
	Writer string
	// Done is called with each report when it ends, one at a time. It may be nil.
	Done func(*Report)
}

// Recovery is what became of what a crash left behind.
type Recovery struct {
	Reports   []*Report // in the order in which they ended; of what was left: ErrLeft
	Elsewhere []string  // recordings of the writer that went on at another one, and are not touched
	Unseen    int       // recordings that the time did not suffice to look at
}

// Left reports whether anything was left to a later run.
func (r *Recovery) Left() bool {
	return r.Unseen > 0 || slices.ContainsFunc(r.Reports, func(x *Report) bool { return errors.Is(x.Err, ErrLeft) })
}

// Recover finishes what crashes left behind, until the context ends: what a dead
// run of this program held, with the settings in its lease, and then what
// opt.Writer left, as if it were settled. The newest comes first. Nothing is
// deleted, whatever the settings say, and what a living run holds, or what went
// on at another writer, is left alone.
//
// It never lists the store as a whole. Leases are as many as runs that are at work
// or died. For a writer the names of recordings are listed by delimiter, and in
// each of them one page of what the writer left; only where there is something,
// the recording itself is listed. Recordings that were never finalized come before
// those that were, and looking takes at most half of the time. Of all of them only
// those in the share of Config.Shard are met.
//
// The error is of the search alone; what became of a recording is in its report.
func Recover(ctx context.Context, cfg Config, opt RecoverOptions) (*Recovery, error) {
	cfg.Delete = DeleteNone
	f, err := New(cfg)
	if err != nil {
		return &Recovery{}, err
	}
	v := &recovery{f: f, opt: opt, result: &Recovery{}, met: map[string]bool{}}
	if err := v.searchable(); err != nil {
		return v.result, err
	}
	if err := v.leases(ctx); err != nil {
		return v.result, err
	}
	if opt.Writer == "" {
		return v.result, nil
	}
	return v.result, v.writer(ctx)
}

// recovery is Recover at work.
type recovery struct {
	f      *Finalizer
	opt    RecoverOptions
	result *Recovery
	found  []string // all recordings of the writer's layouts, sorted, whatever their share

	mu  sync.Mutex      // of what follows, and of result
	met map[string]bool // recordings that have a report
}

// task is one recording to be finished.
type task struct {
	recording string
	ids       []string // that are made one recording
	f         *Finalizer
}

// carry works on tasks in their order, several at once, as long as there is time.
// The error is none of a recording: those are in their reports.
func (v *recovery) carry(ctx context.Context, tasks []task) error {
	var g bug.Group
	g.SetLimit(max(1, v.f.cfg.Concurrency/4))
	for _, t := range tasks {
		g.Go(func() error {
			v.one(ctx, t)
			return nil
		})
	}
	return g.Wait()
}

// one works on a task, and on the recording that it turns out to be a part of.
func (v *recovery) one(ctx context.Context, t task) {
	if !v.meet(t.recording) {
		return
	}
	if ctx.Err() != nil {
		v.left(t.recording, errors.New("out of time"))
		return
	}
	r, err := t.f.resume(ctx, t)
	var claimed *ClaimedError
	switch {
	case errors.As(err, &claimed) && !errors.Is(err, ErrRefused):
		v.one(ctx, task{recording: claimed.As, f: t.f})
		return
	case err != nil && ctx.Err() != nil:
		r.Err = fmt.Errorf("%s: %w: out of time: %w", store.Printable(t.recording), ErrLeft, err)
	}
	v.done(r)
}

// meet reports whether a recording is met for the first time.
func (v *recovery) meet(recording string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	first := !v.met[recording]
	v.met[recording] = true
	return first
}

// left reports a recording that is not worked on.
func (v *recovery) left(recording string, why error) {
	v.done(&Report{Recording: recording, Plan: &Plan{Recording: recording}, Err: fmt.Errorf("%s: %w: %w", store.Printable(recording), ErrLeft, why)})
}

func (v *recovery) done(r *Report) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.result.Reports = append(v.result.Reports, r)
	if v.opt.Done != nil {
		v.opt.Done(r)
	}
}

// resume is Run under a lease that is taken first of all, so that one which a dead
// run left goes also where nothing is left to be done. That of a living run is
// respected whatever Config.Force says.
func (f *Finalizer) resume(ctx context.Context, t task) (*Report, error) {
	j := f.job(t.recording)
	j.ids, j.held.patient = t.ids, true
	return j.do(ctx, func(ctx context.Context) error {
		c, err := f.readMarker(ctx, t.recording, store.GetOptions{})
		if err != nil {
			return err
		}
		if err := j.hold(ctx, c); err != nil && !errors.Is(err, errMoved) { // nothing is planned yet
			return err
		}
		if len(t.ids) > 0 {
			if err := j.found(ctx, t.ids); err != nil {
				return err
			}
		}
		return j.finalize(ctx)
	})
}
