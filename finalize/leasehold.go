package finalize

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"recfin/internal/bug"
	"recfin/store"
)

// Times of leases. Their age is told by the clock of the store, from the upload
// of the version that is there.
const (
	leaseAge     = 2 * time.Minute  // not renewed for so long: its process is gone
	leaseRenewal = 30 * time.Second // so often a lease is renewed
	leaseRelease = 10 * time.Second // so long a release may take
)

// ErrLeased: another run works on the recording. Again, later.
var ErrLeased = errors.New("another run holds this recording")

// LeasedError is an ErrLeased that says who.
type LeasedError struct {
	Recording string
	Lease     *Lease    // nil: this program does not understand it
	Renewed   time.Time // by the clock of the store; zero: unknown
}

// Error says who, since when, and what to do.
func (e *LeasedError) Error() string {
	who := "by something that this program does not know"
	if l := e.Lease; l != nil {
		who = fmt.Sprintf("on host %s, process %d, since %s", store.Printable(l.Host), l.PID, l.Since.UTC().Format(time.RFC3339))
	}
	return fmt.Sprintf("%s: %v: %s: wait for it (where it has died, its lease ends %v after it was last renewed), or write beside it with --force",
		store.Printable(e.Recording), ErrLeased, who, leaseAge)
}

// Unwrap gives ErrLeased.
func (e *LeasedError) Unwrap() error { return ErrLeased }

// leases are what the jobs of a Finalizer share about them.
type leases struct {
	without sync.Once // it was said that the store can hold none
}

// holding is what a job has of the lease of its recording.
type holding struct {
	settled   bool         // the lease was asked for
	lease     *Lease       // ours as it was last written; nil: we have none
	object    store.Object // its version in the store
	inherited bool         // its holder had died
	rival     *LeasedError // who holds it instead, while Config.Force waives that
	patient   bool         // the lease of another is respected although Config.Force is set

	lost context.CancelCauseFunc // ends the work of the job
	stop context.CancelFunc      // ends the renewing
	g    *bug.Group              // which renews; the fields above are its own until it has ended
}

// underLease does the work of a job, which takes the lease of its recording when
// it comes to write. The lease is renewed meanwhile and released at the end. Where
// it is lost, the work is stopped, and a [LeasedError] is the reason.
func (j *job) underLease(ctx context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	j.held.lost, j.life = cancel, ctx
	err := bug.Contain(func() error { return work(ctx) })
	if failed := j.asking.Wait(); err == nil {
		err = failed
	}
	j.stopRenewing()
	var lost *LeasedError
	if err != nil && errors.As(context.Cause(ctx), &lost) {
		return lost
	}
	if err != nil && ctx.Err() == nil {
		err = j.overtaken(ctx, err)
	}
	j.release(ctx)
	return err
}

// overtaken is the error of a run that failed because another one took its lease
// over while it stood still, and with that its uploads; err is what it met.
func (j *job) overtaken(ctx context.Context, err error) error {
	h := &j.held
	if h.lease == nil || h.g == nil {
		return err
	}
	there, readErr := readLease(ctx, j.f.cfg.Out, j.f.cfg.leaseKey(j.recording))
	switch {
	case readErr != nil || there.is(h.lease):
		return err
	case there.ok:
		return &LeasedError{Recording: j.recording, Lease: there.lease, Renewed: there.object.Modified}
	}
	return fmt.Errorf("finalize %s: %w: another run took it over while this one stood still: %w", store.Printable(j.recording), ErrAgain, err)
}

// hold takes the lease before a job writes for the first time. c is the marker
// that the work rests on, nil for none: where another one stands by now, the error
// is errMoved, and the work is planned anew under the lease.
func (j *job) hold(ctx context.Context, c *committed) error {
	h := &j.held
	if h.settled || !j.f.cfg.Identity.knows() {
		return nil
	}
	can, err := j.writesHonour(ctx)
	if err != nil {
		return err
	}
	if !can.CreateOnce || !can.Replace {
		h.settled = true
		j.f.leases.without.Do(func() {
			j.report.problem(j.f.cfg.Out.Label() + " does not honour conditions on a put, so nothing keeps another run from doing the same work: start one at a time")
		})
		return nil
	}
	err = j.take(ctx)
	var leased *LeasedError
	if errors.As(err, &leased) && j.f.cfg.Force && !h.patient {
		h.settled, h.rival = true, leased
		j.report.problem("written beside another run, and nothing is deleted: " + leased.Error())
		return nil
	}
	if err != nil {
		return err
	}
	h.settled = true
	j.keepRenewing(ctx)
	now, err := j.f.readMarker(ctx, j.recording, store.GetOptions{})
	if err != nil {
		return err
	}
	j.unmarked = now == nil && c == nil
	if j.unmarked || now != nil && c != nil && string(now.raw) == string(c.raw) {
		return nil
	}
	return fmt.Errorf("take the lease of %s: %w", store.Printable(j.recording), errMoved)
}

// newLease is a lease of ours that nobody has seen.
func (j *job) newLease(now time.Time) *Lease {
	token := make([]byte, 16)
	_, _ = rand.Read(token) // it never fails (crypto/rand)
	id := &j.f.cfg.Identity
	return &Lease{
		Format: leaseFormat, Version: leaseVersion, Recording: j.recording, Token: hex.EncodeToString(token),
		Host: id.Host, Boot: id.Boot, PIDs: id.PIDs, PID: id.PID, Started: id.Started,
		Since: now, Settings: j.f.cfg.leaseSettings(j.ids),
	}
}

// take puts a lease of ours where none is, or where the holder of one is gone.
// Everything else is a [LeasedError].
func (j *job) take(ctx context.Context) error {
	now, err := j.f.cfg.Out.Now(ctx)
	if err != nil {
		return err
	}
	l, opt := j.held.lease, store.PutOptions{IfAbsent: true}
	if l == nil { // nothing came of an earlier put, or nobody knows what
		l = j.newLease(now)
	}
	for range attempts {
		putErr := j.putLease(ctx, l, opt)
		if putErr == nil {
			return nil
		}
		if err := ctx.Err(); err != nil {
			j.held.lease = l // it may be there: release looks
			return err
		}
		there, err := readLease(ctx, j.f.cfg.Out, j.f.cfg.leaseKey(j.recording))
		switch {
		case err != nil:
			j.held.lease = l // it may be there: release looks
			return errors.Join(putErr, err)
		case there.is(l):
			j.held.lease, j.held.object = l, there.object
			return nil
		case !errors.Is(putErr, store.ErrConflict) && (!there.ok || opt.IfMatch == there.object.ETag):
			return putErr // it is as it was, and the store does not take ours
		case !there.ok:
			opt = store.PutOptions{IfAbsent: true}
			continue
		}
		if now, err = j.f.cfg.Out.Now(ctx); err != nil {
			return err
		}
		if !there.dead(j.f.cfg.Identity, now) || !there.object.Strong() {
			return &LeasedError{Recording: j.recording, Lease: there.lease, Renewed: there.object.Modified}
		}
		j.held.inherited = there.lease == nil || !there.lease.Released
		opt = store.PutOptions{IfMatch: there.object.ETag}
	}
	return fmt.Errorf("take the lease of %s: %w: others keep changing it", store.Printable(j.recording), ErrAgain)
}

// putLease writes a lease of ours, and remembers it where that is certain.
func (j *job) putLease(ctx context.Context, l *Lease, opt store.PutOptions) error {
	raw, err := l.encode()
	if err != nil {
		return err
	}
	opt.ContentType = "application/json"
	o, err := j.f.cfg.Out.Put(ctx, j.f.cfg.leaseKey(j.recording), raw, opt)
	if err == nil {
		j.held.lease, j.held.object = l, o
	}
	return err
}
