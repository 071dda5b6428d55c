package finalize

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"recfin/internal/bug"
	"recfin/store"
)

// leases finishes what dead runs held, newest first, each with the settings in its
// lease. Where these cannot be had the recording is left, and it is said why.
func (v *recovery) leases(ctx context.Context) error {
	out := v.f.cfg.Out
	var there []store.Object
	for o, err := range out.List(ctx, v.f.cfg.leaseDir()) {
		if err != nil {
			return err
		}
		if strings.HasSuffix(o.Key, ".json") {
			there = append(there, o)
		}
	}
	slices.SortFunc(there, newest)
	now, err := out.Now(ctx)
	if err != nil || len(there) == 0 {
		return err
	}
	tasks := make([]*task, len(there))
	g, within := bug.WithContext(ctx)
	g.SetLimit(v.f.cfg.Concurrency)
	for i, o := range there {
		g.Go(func() (err error) {
			tasks[i], err = v.dead(within, o.Key, now)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	var todo []task
	for _, t := range tasks {
		if t != nil {
			todo = append(todo, *t)
		}
	}
	return v.carry(ctx, todo)
}

// newest orders objects by their upload, the last one first.
func newest(a, b store.Object) int {
	if c := b.Modified.Compare(a.Modified); c != 0 {
		return c
	}
	return strings.Compare(a.Key, b.Key)
}

// dead gives the work that a dead run left, or nil where there is none: the lease
// is gone, released, or held by a living run, which is reported.
func (v *recovery) dead(ctx context.Context, key string, now time.Time) (*task, error) {
	there, err := readLease(ctx, v.f.cfg.Out, key)
	if err != nil || !there.ok {
		return nil, err
	}
	l := there.lease
	if l != nil && !v.f.cfg.Shard.Takes(l.Recording) || l == nil && !v.f.cfg.Shard.Takes(key) {
		return nil, nil
	}
	dead := there.dead(v.f.cfg.Identity, now)
	switch {
	case !dead && l != nil && v.meet(l.Recording): // or nobody can see that it is not
		leased := &LeasedError{Recording: l.Recording, Lease: l, Renewed: there.object.Modified}
		v.done(&Report{Recording: l.Recording, Plan: &Plan{Recording: l.Recording}, Err: leased})
		return nil, nil
	case !dead, l != nil && l.Released:
		return nil, nil
	case l == nil:
		v.left(key, fmt.Errorf("nobody renews this lease, and it cannot be read: %w: delete it, and finalize its recording", there.why))
		return nil, nil
	}
	cfg, err := l.Settings.into(v.f.cfg)
	if err == nil {
		var f *Finalizer
		if f, err = New(cfg); err == nil {
			f.abilities, f.leases, f.memory, f.budget = v.f.abilities, v.f.leases, v.f.memory, v.f.budget
			return &task{recording: l.Recording, ids: l.Settings.IDs, f: f}, nil
		}
	}
	if v.meet(l.Recording) {
		v.left(l.Recording, errors.Join(err))
	}
	return nil, nil
}
