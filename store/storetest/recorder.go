package storetest

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"recfin/store"
)

// Recorder wraps a store and keeps one readable line for each call:
//
//	list foo/            folders foo/         head foo/x
//	get foo/x 0-65535    (both ends included; the whole: "get foo/x")
//	put foo/x 123        (bytes; then " if-absent" or " if-match ETAG")
//	copy foo/y foo/x     (from foo/x to foo/y; then " if-absent")
//	create foo/x         commit foo/x 5000 (bytes of the head)      abort foo/x
//	delete foo/x 123     (one line for each victim)
//	sweep foo/           now
//
// An operation that failed has " -> " and the error without its preamble at the
// end. Lines stand in order of the end of the calls, those of List and Folders
// in order of their beginning.
type Recorder struct {
	store.Store // the wrapped store, with counters
	Counters    *store.Counters

	mu  sync.Mutex
	ops []op
}

var _ store.Store = (*Recorder)(nil)

type op struct {
	line     string
	mutation bool
}

// NewRecorder wraps s.
func NewRecorder(s store.Store) *Recorder {
	counted, counters := store.Count(s)
	return &Recorder{Store: counted, Counters: counters}
}

// Ops gives the lines of all operations so far.
func (r *Recorder) Ops() []string { return r.lines(false) }

// Mutations gives the lines of put, copy, create, commit, abort, delete, and of a
// sweep that found something.
func (r *Recorder) Mutations() []string { return r.lines(true) }

// Reset forgets the lines; the counters go on.
func (r *Recorder) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ops = nil
}

func (r *Recorder) lines(mutations bool) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	lines := []string{}
	for _, o := range r.ops {
		if o.mutation || !mutations {
			lines = append(lines, o.line)
		}
	}
	return slices.Clip(lines)
}

func (r *Recorder) note(mutation bool, line string, err error) {
	if err != nil {
		cause := err
		if e, ok := err.(*store.Error); ok {
			cause = e.Err
		}
		line += " -> " + cause.Error()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ops = append(r.ops, op{line: line, mutation: mutation})
}

// List lists.
func (r *Recorder) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		r.note(false, "list "+store.Printable(prefix), nil)
		r.Store.List(ctx, prefix)(yield)
	}
}

// Folders lists the next elements below prefix.
func (r *Recorder) Folders(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		r.note(false, "folders "+store.Printable(prefix), nil)
		r.Store.Folders(ctx, prefix)(yield)
	}
}

// Head gives what is known of one object.
func (r *Recorder) Head(ctx context.Context, key string) (store.Info, error) {
	info, err := r.Store.Head(ctx, key)
	r.note(false, "head "+store.Printable(key), err)
	return info, err
}

// Get opens a part of an object.
func (r *Recorder) Get(ctx context.Context, key string, rg store.Range, opt store.GetOptions) (store.Body, error) {
	b, err := r.Store.Get(ctx, key, rg, opt)
	line := "get " + store.Printable(key)
	switch {
	case rg.Off < 0:
		line += fmt.Sprintf(" %d", rg.Off)
	case rg.Len > 0:
		line += fmt.Sprintf(" %d-%d", rg.Off, rg.Off+rg.Len-1)
	case rg.Off > 0:
		line += fmt.Sprintf(" %d-", rg.Off)
	}
	r.note(false, line, err)
	return b, err
}

// Now asks the clock of the store.
func (r *Recorder) Now(ctx context.Context) (time.Time, error) {
	t, err := r.Store.Now(ctx)
	r.note(false, "now", err)
	return t, err
}

// Put stores an object.
func (r *Recorder) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	o, err := r.Store.Put(ctx, key, body, opt)
	line := fmt.Sprintf("put %s %d", store.Printable(key), len(body))
	if opt.IfAbsent {
		line += " if-absent"
	}
	if opt.IfMatch != "" {
		line += " if-match " + opt.IfMatch
	}
	r.note(true, line, err)
	return o, err
}

// Copy copies an object.
func (r *Recorder) Copy(ctx context.Context, from store.Object, key string, opt store.PutOptions) (store.Object, error) {
	o, err := r.Store.Copy(ctx, from, key, opt)
	line := "copy " + store.Printable(key) + " " + store.Printable(from.Key)
	if opt.IfAbsent {
		line += " if-absent"
	}
	r.note(true, line, err)
	return o, err
}

// Sweep aborts unfinished uploads.
func (r *Recorder) Sweep(ctx context.Context, prefix string, age time.Duration) (int, error) {
	n, err := r.Store.Sweep(ctx, prefix, age)
	r.note(n > 0 || err != nil, "sweep "+store.Printable(prefix), err)
	return n, err
}

// Delete notes a line for each outcome.
func (r *Recorder) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		for o, err := range r.Store.Delete(ctx, victims, opt) {
			r.note(true, fmt.Sprintf("delete %s %d", store.Printable(o.Key), o.Size), err)
			if !yield(o, err) {
				return
			}
		}
	}
}

// Create begins an upload.
func (r *Recorder) Create(ctx context.Context, key string, opt store.CreateOptions) (store.Upload, error) {
	u, err := r.Store.Create(ctx, key, opt)
	line := "create " + store.Printable(key)
	if opt.IfAbsent {
		line += " if-absent"
	}
	r.note(true, line, err)
	if err != nil {
		return nil, err
	}
	return &recordedUpload{Upload: u, r: r, key: key}, nil
}

type recordedUpload struct {
	store.Upload
	r         *Recorder
	key       string
	committed bool
}

func (u *recordedUpload) Commit(ctx context.Context, head store.Headed) (store.Object, error) {
	o, err := u.Upload.Commit(ctx, head)
	u.committed = err == nil
	u.r.note(true, fmt.Sprintf("commit %s %d", store.Printable(u.key), head.Size()), err)
	return o, err
}

// Abort after a Commit that returned nil does nothing, and is no line.
func (u *recordedUpload) Abort() error {
	err := u.Upload.Abort()
	if !u.committed {
		u.r.note(true, "abort "+store.Printable(u.key), err)
	}
	return err
}
