package finalize

import (
	"context"
	"errors"
	"time"

	"recfin/internal/bug"
	"recfin/store"
)

// keepRenewing renews the lease until release, or until it is lost.
func (j *job) keepRenewing(ctx context.Context) {
	h := &j.held
	ctx, h.stop = context.WithCancel(ctx)
	h.g = &bug.Group{}
	h.g.Go(func() error {
		t := time.NewTicker(leaseRenewal)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-t.C:
			}
			if lost := j.renew(ctx); lost != nil {
				h.lease = nil
				h.lost(lost)
				return nil
			}
		}
	})
}

// renew puts the next version of the lease in the place of the last. An error of
// the store is no loss: the lease stands for as long as nobody takes it over. The
// lease of somebody else in its place is a [LeasedError], and nothing else is.
func (j *job) renew(ctx context.Context) *LeasedError {
	ctx, cancel := context.WithTimeout(ctx, leaseRenewal)
	defer cancel()
	h := &j.held
	next := *h.lease
	next.Renewed++
	if j.putLease(ctx, &next, store.PutOptions{IfMatch: h.object.ETag}) == nil {
		return nil
	}
	there, err := readLease(ctx, j.f.cfg.Out, j.f.cfg.leaseKey(j.recording))
	switch {
	case err != nil:
		return nil
	case there.is(&next): // the answer to this put was lost, or to the one before
		h.lease, h.object = there.lease, there.object
		return nil
	case there.ok:
		return &LeasedError{Recording: j.recording, Lease: there.lease, Renewed: there.object.Modified}
	}
	// Somebody took it away. Whoever works now would have put one of their own.
	_ = j.putLease(ctx, &next, store.PutOptions{IfAbsent: true})
	return nil
}

// stopRenewing ends the renewing, and waits until it has.
func (j *job) stopRenewing() {
	if h := &j.held; h.g != nil {
		h.stop()
		if err := h.g.Wait(); err != nil { // a bug; without a lease the work is as safe as with one
			j.report.problem("the lease was not renewed to the end: " + err.Error())
		}
	}
}

// release gives the lease back, also after the work was stopped: with a context of
// its own. One that cannot be given back ends by its age.
func (j *job) release(ctx context.Context) {
	h := &j.held
	if h.lease == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseRelease)
	defer cancel()
	err := error(store.ErrChanged)
	if h.object.ETag != "" {
		err = j.deleteLease(ctx)
	}
	if errors.Is(err, store.ErrChanged) { // perhaps by a put of which no answer came
		there, readErr := readLease(ctx, j.f.cfg.Out, j.f.cfg.leaseKey(j.recording))
		if readErr != nil || !there.is(h.lease) {
			return
		}
		h.object = there.object
		err = j.deleteLease(ctx)
	}
	if err != nil && !errors.Is(err, store.ErrChanged) && ctx.Err() == nil { // it may be written, and not deleted
		free := *h.lease
		free.Released = true
		_ = j.putLease(ctx, &free, store.PutOptions{IfMatch: h.object.ETag})
	}
}

// deleteLease deletes our lease as it was last written. A store that was seen to honour
// a condition on that is not asked for it first.
func (j *job) deleteLease(ctx context.Context) error {
	out := j.f.cfg.Out
	can, ok := j.f.abilities.known(ctx, out)
	opt := store.DeleteOptions{Blind: ok && can.DeleteIfMatch}
	err := error(store.ErrUnknown)
	for _, err = range out.Delete(ctx, []store.Object{j.held.object}, opt) {
	}
	return err
}
