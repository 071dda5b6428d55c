package finalize_test

import (
	"context"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"recfin/store"
)

// call is one operation on a hooked store.
type call struct {
	ctx      context.Context
	op       string // "list", "get", "head", "now", "put", "copy", "create", "commit", "abort", "sweep", "delete"
	key      string
	mutation bool
	n        int // number of the operation in the hook, from 0
}

// hook calls before ahead of every operation, and fails with its error; and
// after behind it. Either may be nil. Both are called one at a time, and may
// use the store below.
type hook struct {
	store.Store
	before func(call) error
	after  func(call)

	mu   sync.Mutex
	n    int
	list func([]store.Object) []store.Object // changes a listing
}

func (h *hook) enter(c *call) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	c.n = h.n
	h.n++
	if h.before == nil {
		return nil
	}
	return h.before(*c)
}

func (h *hook) leave(c call) {
	if h.after == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.after(c)
}

func (h *hook) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		c := call{ctx: ctx, op: "list", key: prefix, mutation: false}
		if err := h.enter(&c); err != nil {
			yield(store.Object{}, err)
			return
		}
		var all []store.Object
		for o, err := range h.Store.List(ctx, prefix) {
			if err != nil {
				yield(o, err)
				return
			}
			all = append(all, o)
		}
		h.leave(c)
		if h.list != nil {
			all = h.list(all)
		}
		for _, o := range all {
			if !yield(o, nil) {
				return
			}
		}
	}
}

func (h *hook) Head(ctx context.Context, key string) (store.Info, error) {
	c := call{ctx: ctx, op: "head", key: key, mutation: false}
	if err := h.enter(&c); err != nil {
		return store.Info{}, err
	}
	defer h.leave(c)
	return h.Store.Head(ctx, key)
}

func (h *hook) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	c := call{ctx: ctx, op: "get", key: key, mutation: false}
	if err := h.enter(&c); err != nil {
		return store.Body{}, err
	}
	defer h.leave(c)
	return h.Store.Get(ctx, key, r, opt)
}

func (h *hook) Now(ctx context.Context) (time.Time, error) {
	c := call{ctx: ctx, op: "now", key: "", mutation: false}
	if err := h.enter(&c); err != nil {
		return time.Time{}, err
	}
	defer h.leave(c)
	return h.Store.Now(ctx)
}

func (h *hook) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	c := call{ctx: ctx, op: "put", key: key, mutation: true}
	if err := h.enter(&c); err != nil {
		return store.Object{}, err
	}
	defer h.leave(c)
	return h.Store.Put(ctx, key, body, opt)
}

func (h *hook) Copy(ctx context.Context, from store.Object, key string, opt store.PutOptions) (store.Object, error) {
	c := call{ctx: ctx, op: "copy", key: key, mutation: true}
	if err := h.enter(&c); err != nil {
		return store.Object{}, err
	}
	defer h.leave(c)
	return h.Store.Copy(ctx, from, key, opt)
}

func (h *hook) Sweep(ctx context.Context, prefix string, age time.Duration) (int, error) {
	c := call{ctx: ctx, op: "sweep", key: prefix, mutation: true}
	if err := h.enter(&c); err != nil {
		return 0, err
	}
	defer h.leave(c)
	return h.Store.Sweep(ctx, prefix, age)
}

func (h *hook) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		for i, v := range victims {
			c := call{ctx: ctx, op: "delete", key: v.Key, mutation: true}
			err := h.enter(&c)
			if err == nil {
				for _, err = range h.Store.Delete(ctx, victims[i:i+1], opt) {
				}
				h.leave(c)
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

func (h *hook) Create(ctx context.Context, key string, opt store.CreateOptions) (store.Upload, error) {
	c := call{ctx: ctx, op: "create", key: key, mutation: true}
	if err := h.enter(&c); err != nil {
		return nil, err
	}
	defer h.leave(c)
	u, err := h.Store.Create(ctx, key, opt)
	if err != nil {
		return nil, err
	}
	return &hookedUpload{u, h, key}, nil
}

type hookedUpload struct {
	store.Upload
	h   *hook
	key string
}

func (u *hookedUpload) Commit(ctx context.Context, head store.Headed) (store.Object, error) {
	c := call{ctx: ctx, op: "commit", key: u.key, mutation: true}
	if err := u.h.enter(&c); err != nil {
		_ = u.Upload.Abort()
		return store.Object{}, err
	}
	defer u.h.leave(c)
	return u.Upload.Commit(ctx, head)
}

func (u *hookedUpload) Abort() error {
	c := call{ctx: context.Background(), op: "abort", key: u.key, mutation: true}
	if err := u.h.enter(&c); err != nil {
		return err
	}
	defer u.h.leave(c)
	return u.Upload.Abort()
}

// view is a store whose listings lack some keys, until they are revealed: they
// came in behind the listing.
type view struct {
	*hook
	revealed bool
}

func without(s store.Store, keys ...string) *view {
	v := &view{hook: &hook{Store: s}}
	v.list = func(all []store.Object) []store.Object {
		return slices.DeleteFunc(all, func(o store.Object) bool { return !v.revealed && slices.Contains(keys, o.Key) })
	}
	return v
}

// shuffled lists in an order of its own each time.
func shuffled(s store.Store, seed uint64) *hook {
	r := rand.New(rand.NewPCG(seed, 1))
	return &hook{Store: s, list: func(all []store.Object) []store.Object {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		return all
	}}
}

// once gives a function that does something the first time that an operation
// with this name and this end of its key comes.
func once(op, suffix string, do func()) func(call) error {
	done := false
	return func(c call) error {
		if !done && c.op == op && strings.HasSuffix(c.key, suffix) {
			done = true
			do()
		}
		return nil
	}
}
