package storetest

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"
	"time"

	"recfin/store"
)

// Hung wraps a store behind a peer that takes a request and never answers. An
// operation that hangs ends with its context, or when GiveUp says that the deadline
// of the client has passed: then the store is unavailable.
//
// The operations are "list", "folders", "head", "get", "read" (of a body: the peer
// sent the header and then nothing), "now", "put", "copy", "sweep", "create",
// "write", "commit", "abort" and "delete" (of all victims together). The effect of none that
// hangs takes place. An Abort has no context: it fails at once instead.
type Hung struct {
	store.Store
	which func(ctx context.Context, op, key string) bool

	mu      sync.Mutex
	waiting int
	begun   chan struct{} // closed when the first one hangs
	over    chan struct{} // closed by GiveUp
}

var _ store.Store = (*Hung)(nil)

// NewHung wraps s. which says of every operation whether it hangs; it is called
// from the goroutines of the operations, several at once.
func NewHung(s store.Store, which func(ctx context.Context, op, key string) bool) *Hung {
	return &Hung{Store: s, which: which, begun: make(chan struct{}), over: make(chan struct{})}
}

// Begun is closed as soon as the first operation hangs.
func (h *Hung) Begun() <-chan struct{} { return h.begun }

// Waiting is how many operations hang now.
func (h *Hung) Waiting() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.waiting
}

// GiveUp ends all operations that hang, and those to come fail at once.
func (h *Hung) GiveUp() {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.over:
	default:
		close(h.over)
	}
}

// pass lets an operation through, or hangs it and says why it ended.
func (h *Hung) pass(ctx context.Context, op, key string) error {
	if !h.which(ctx, op, key) {
		return nil
	}
	h.mu.Lock()
	h.waiting++
	select {
	case <-h.begun:
	default:
		close(h.begun)
	}
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.waiting--
	}()
	err := store.ErrUnavailable
	if op != "abort" {
		select {
		case <-h.over:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	return &store.Error{Op: op, Store: h.Label(), Key: key, Err: err}
}

// List lists.
func (h *Hung) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return hungList(ctx, h, "list", prefix, h.Store.List(ctx, prefix))
}

// Folders lists.
func (h *Hung) Folders(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return hungList(ctx, h, "folders", prefix, h.Store.Folders(ctx, prefix))
}

func hungList[T any](ctx context.Context, h *Hung, op, prefix string, seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := h.pass(ctx, op, prefix); err != nil {
			var none T
			yield(none, err)
			return
		}
		seq(yield)
	}
}

// Head gives what is known of one object.
func (h *Hung) Head(ctx context.Context, key string) (store.Info, error) {
	if err := h.pass(ctx, "head", key); err != nil {
		return store.Info{}, err
	}
	return h.Store.Head(ctx, key)
}

// Get opens a part of an object.
func (h *Hung) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	if err := h.pass(ctx, "get", key); err != nil {
		return store.Body{}, err
	}
	b, err := h.Store.Get(ctx, key, r, opt)
	if err == nil {
		b.ReadCloser = &hungBody{b.ReadCloser, func() error { return h.pass(ctx, "read", key) }}
	}
	return b, err
}

type hungBody struct {
	io.ReadCloser
	pass func() error
}

func (b *hungBody) Read(p []byte) (int, error) {
	if err := b.pass(); err != nil {
		return 0, err
	}
	return b.ReadCloser.Read(p)
}

// Now asks the clock.
func (h *Hung) Now(ctx context.Context) (time.Time, error) {
	if err := h.pass(ctx, "now", ""); err != nil {
		return time.Time{}, err
	}
	return h.Store.Now(ctx)
}

// Put stores an object.
func (h *Hung) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	if err := h.pass(ctx, "put", key); err != nil {
		return store.Object{}, err
	}
	return h.Store.Put(ctx, key, body, opt)
}

// Copy copies an object.
func (h *Hung) Copy(ctx context.Context, from store.Object, key string, opt store.PutOptions) (store.Object, error) {
	if err := h.pass(ctx, "copy", key); err != nil {
		return store.Object{}, err
	}
	return h.Store.Copy(ctx, from, key, opt)
}

// Sweep aborts unfinished uploads.
func (h *Hung) Sweep(ctx context.Context, prefix string, age time.Duration) (int, error) {
	if err := h.pass(ctx, "sweep", prefix); err != nil {
		return 0, err
	}
	return h.Store.Sweep(ctx, prefix, age)
}

// Delete deletes.
func (h *Hung) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		if len(victims) > 0 {
			if err := h.pass(ctx, "delete", victims[0].Key); err != nil {
				for _, v := range victims {
					if !yield(v, err) {
						return
					}
				}
				return
			}
		}
		h.Store.Delete(ctx, victims, opt)(yield)
	}
}

// Create begins an upload.
func (h *Hung) Create(ctx context.Context, key string, opt store.CreateOptions) (store.Upload, error) {
	if err := h.pass(ctx, "create", key); err != nil {
		return nil, err
	}
	u, err := h.Store.Create(ctx, key, opt)
	if err != nil {
		return nil, err
	}
	return &hungUpload{u, h, ctx, key}, nil
}

type hungUpload struct {
	store.Upload
	h   *Hung
	ctx context.Context
	key string
}

func (u *hungUpload) Write(p []byte) (int, error) {
	if err := u.h.pass(u.ctx, "write", u.key); err != nil {
		return 0, err
	}
	return u.Upload.Write(p)
}

func (u *hungUpload) Commit(ctx context.Context, head store.Headed) (store.Object, error) {
	if err := u.h.pass(ctx, "commit", u.key); err != nil {
		return store.Object{}, errors.Join(err, u.Upload.Abort())
	}
	return u.Upload.Commit(ctx, head)
}

func (u *hungUpload) Abort() error {
	if err := u.h.pass(context.Background(), "abort", u.key); err != nil {
		return err
	}
	return u.Upload.Abort()
}
