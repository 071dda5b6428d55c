package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"recfin/store"
)

// Fault wraps a store and lets one operation of it fail, or the process that
// uses it die there. A sweep runs once with Never, and then for every number
// below Count with Plan{At: i, Crash: true} and with After besides.
//
// A failed Commit or Copy keeps its contract: before the effect nothing remains (an
// upload is aborted), after it the error is store.ErrUnknown. A List or Get that goes wrong after
// its effect ends half-way. Numbers are given in order of arrival, so a sweep
// over concurrent operations is complete only in the sense of that order.
type Fault struct {
	inner store.Store
	*process
}

var _ store.Store = (*Fault)(nil)

// NewFault wraps s.
func NewFault(s store.Store, plan Plan) *Fault {
	if plan.Err == nil {
		plan.Err = store.ErrUnavailable
	}
	return &Fault{inner: s, process: &process{plan: plan}}
}

// Also wraps a further store that the same process uses: the plan is one over the
// operations on all of them, and a process that dies is dead for each.
func (f *Fault) Also(s store.Store) *Fault { return &Fault{inner: s, process: f.process} }

// Label is that of the wrapped store.
func (f *Fault) Label() string { return f.inner.Label() }

// fail wraps the planned error as a store would.
func (f *Fault) fail(op, key string, err error) error {
	return &store.Error{Op: op, Store: f.Label(), Key: key, Err: err}
}

// Put stores an object.
func (f *Fault) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	when, planned := f.step(true)
	if when == before {
		return store.Object{}, f.fail("put", key, planned)
	}
	o, err := f.inner.Put(ctx, key, body, opt)
	if when == after {
		return store.Object{}, f.fail("put", key, planned)
	}
	return o, err
}

// Copy copies an object. A copy whose answer is lost is store.ErrUnknown.
func (f *Fault) Copy(ctx context.Context, from store.Object, key string, opt store.PutOptions) (store.Object, error) {
	when, planned := f.step(true)
	if when == before {
		return store.Object{}, f.fail("copy", key, planned)
	}
	o, err := f.inner.Copy(ctx, from, key, opt)
	if when == after {
		return store.Object{}, f.fail("copy", key, unheard(planned))
	}
	return o, err
}

// unheard is the error of a write that took effect, and whose answer is lost.
func unheard(planned error) error {
	if errors.Is(planned, ErrCrashed) || errors.Is(planned, store.ErrUnknown) {
		return planned
	}
	return fmt.Errorf("%w: %w", store.ErrUnknown, planned)
}

// Sweep aborts unfinished uploads.
func (f *Fault) Sweep(ctx context.Context, prefix string, age time.Duration) (int, error) {
	when, planned := f.step(true)
	if when == before {
		return 0, f.fail("sweep", prefix, planned)
	}
	n, err := f.inner.Sweep(ctx, prefix, age)
	if when == after {
		return 0, f.fail("sweep", prefix, planned)
	}
	return n, err
}

// Delete hands the victims on one by one.
func (f *Fault) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		for i, v := range victims {
			if !yield(v, f.deleteOne(ctx, victims[i:i+1], opt)) {
				return
			}
		}
	}
}

func (f *Fault) deleteOne(ctx context.Context, victim []store.Object, opt store.DeleteOptions) error {
	when, planned := f.step(true)
	if when == before {
		return f.fail("delete", victim[0].Key, planned)
	}
	err := fmt.Errorf("delete %s: no outcome", victim[0].Key)
	for _, err = range f.inner.Delete(ctx, victim, opt) {
	}
	if when == after {
		return f.fail("delete", victim[0].Key, planned)
	}
	return err
}

// Create begins an upload.
func (f *Fault) Create(ctx context.Context, key string, opt store.CreateOptions) (store.Upload, error) {
	when, planned := f.step(true)
	if when == before {
		return nil, f.fail("create", key, planned)
	}
	u, err := f.inner.Create(ctx, key, opt)
	if when == after {
		return nil, f.fail("create", key, planned)
	}
	if err != nil {
		return nil, err
	}
	return &faultUpload{f: f, key: key, inner: u}, nil
}

type faultUpload struct {
	f     *Fault
	key   string
	inner store.Upload
	ended bool
}

// Write is no mutation: nothing of it is visible.
func (u *faultUpload) Write(p []byte) (int, error) {
	if u.f.Crashed() {
		return 0, u.f.fail("write", u.key, ErrCrashed)
	}
	return u.inner.Write(p)
}

func (u *faultUpload) Commit(ctx context.Context, head store.Headed) (store.Object, error) {
	when, planned := u.f.step(true)
	if when == before {
		if !u.f.Crashed() {
			u.ended = true
			_ = u.inner.Abort() // the planned error says more
		}
		return store.Object{}, u.f.fail("commit", u.key, planned)
	}
	o, err := u.inner.Commit(ctx, head)
	u.ended = true
	if when == after {
		return store.Object{}, u.f.fail("commit", u.key, unheard(planned))
	}
	return o, err
}

func (u *faultUpload) Abort() error {
	if u.ended && !u.f.Crashed() {
		return u.inner.Abort()
	}
	when, planned := u.f.step(true)
	if when == before {
		return u.f.fail("abort", u.key, planned)
	}
	u.ended = true
	err := u.inner.Abort()
	if when == after {
		return u.f.fail("abort", u.key, planned)
	}
	return err
}

// Head gives what is known of one object.
func (f *Fault) Head(ctx context.Context, key string) (store.Info, error) {
	if when, planned := f.step(false); when != clean {
		return store.Info{}, f.fail("head", key, planned)
	}
	return f.inner.Head(ctx, key)
}

// Now asks the clock of the wrapped store.
func (f *Fault) Now(ctx context.Context) (time.Time, error) {
	if when, planned := f.step(false); when != clean {
		return time.Time{}, f.fail("ask the time", "", planned)
	}
	return f.inner.Now(ctx)
}

// List lists; going wrong after its effect, it ends behind the first object.
func (f *Fault) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return faultList(f, prefix, f.inner.List(ctx, prefix))
}

// Folders lists; going wrong after its effect, it ends behind the first name.
func (f *Fault) Folders(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return faultList(f, prefix, f.inner.Folders(ctx, prefix))
}

func faultList[T any](f *Fault, prefix string, seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		when, planned := f.step(false)
		if when == before {
			yield(none, f.fail("list", prefix, planned))
			return
		}
		for item, err := range seq {
			if when == clean && f.Crashed() {
				planned = ErrCrashed
				break
			}
			if !yield(item, err) {
				return
			}
			if when == after {
				break
			}
		}
		if planned != nil {
			yield(none, f.fail("list", prefix, planned))
		}
	}
}

// Get opens a part of an object; going wrong after its effect, its body breaks
// off half-way.
func (f *Fault) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	when, planned := f.step(false)
	if when == before {
		return store.Body{}, f.fail("get", key, planned)
	}
	b, err := f.inner.Get(ctx, key, r, opt)
	if err != nil {
		return b, err
	}
	fb := &faultBody{f: f, key: key, inner: b.ReadCloser, left: -1}
	if when == after {
		fb.left, fb.planned = b.Length/2, planned
	}
	b.ReadCloser = fb
	return b, nil
}

type faultBody struct {
	f       *Fault
	key     string
	inner   io.ReadCloser
	left    int64 // bytes until it breaks off; negative: it does not
	planned error
}

func (b *faultBody) Read(p []byte) (int, error) {
	switch {
	case b.left == 0:
		return 0, b.f.fail("get", b.key, b.planned)
	case b.left > 0 && int64(len(p)) > b.left:
		p = p[:b.left]
	case b.left < 0 && b.f.Crashed():
		return 0, b.f.fail("get", b.key, ErrCrashed)
	}
	n, err := b.inner.Read(p)
	if b.left > 0 {
		b.left -= int64(n)
	}
	return n, err
}

func (b *faultBody) Close() error { return b.inner.Close() }
