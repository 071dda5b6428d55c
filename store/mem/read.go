package mem

import (
	"context"
	"io"
	"iter"
	"maps"
	"strings"
	"time"

	"recfin/store"
)

// List yields the objects that were there when it began, less those that were
// deleted before their turn came.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		s.mu.Lock()
		keys := s.keys(prefix)
		s.mu.Unlock()
		for _, key := range keys {
			if err := ctx.Err(); err != nil {
				yield(store.Object{}, s.fail("list", prefix, err))
				return
			}
			s.mu.Lock()
			e := s.objects[key]
			s.mu.Unlock()
			if e != nil && !yield(e.info.Object, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(store.Object{}, s.fail("list", prefix, err))
		}
	}
}

// Folders yields the next elements below prefix.
func (s *Store) Folders(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if prefix != "" && !strings.HasSuffix(prefix, "/") {
			yield("", s.fail("list", prefix, errFolder))
			return
		}
		last := ""
		for o, err := range s.List(ctx, prefix) {
			if err != nil {
				yield("", err)
				return
			}
			name, _, below := strings.Cut(o.Key[len(prefix):], "/")
			if !below || name == "" || name == last {
				continue
			}
			last = name
			if !yield(name, nil) {
				return
			}
		}
	}
}

// Head gives what is known of one object.
func (s *Store) Head(ctx context.Context, key string) (store.Info, error) {
	e, err := s.entry(ctx, "head", key)
	if err != nil {
		return store.Info{}, err
	}
	info := e.info
	info.Metadata = maps.Clone(info.Metadata)
	return info, nil
}

// Get opens a part of an object.
func (s *Store) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	e, err := s.entry(ctx, "get", key)
	if err != nil {
		return store.Body{}, err
	}
	if !opt.Admits(e.info.Object) {
		return store.Body{}, s.fail("get", key, store.ErrChanged)
	}
	size := e.info.Size
	if err := r.Check(size); err != nil {
		return store.Body{}, s.fail("get", key, err)
	}
	lo, hi := r.Bounds(size)
	info := e.info
	info.Metadata = maps.Clone(info.Metadata)
	rd := &reading{ctx: ctx, s: s, key: key, entry: e, pinned: opt.IfMatch != "", rest: e.body[lo:hi]}
	proved := opt.Prove && !s.opt.NoChecksums && hi-lo == size
	return store.Body{ReadCloser: rd, Info: info, Length: hi - lo, Proved: proved}, nil
}

// Now asks the clock of the options.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, s.fail("ask the time", "", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now(), nil
}

func (s *Store) entry(ctx context.Context, op, key string) (*entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, s.fail(op, key, err)
	}
	if err := store.CheckKey(key); err != nil {
		return nil, s.fail(op, key, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.objects[key]
	if e == nil {
		return nil, s.fail(op, key, store.ErrNotExist)
	}
	return e, nil
}

// reading is an open body. A pinned one looks again at its last byte.
type reading struct {
	ctx    context.Context
	s      *Store
	key    string
	entry  *entry
	pinned bool
	closed bool
	rest   []byte
}

func (r *reading) Read(p []byte) (int, error) {
	if r.closed {
		return 0, r.s.fail("get", r.key, io.ErrClosedPipe)
	}
	if err := r.ctx.Err(); err != nil {
		return 0, r.s.fail("get", r.key, err)
	}
	n := copy(p, r.rest)
	if n < len(r.rest) {
		r.rest = r.rest[n:]
		return n, nil
	}
	// The last bytes are held back: whoever counts bytes (io.ReadFull) would not
	// look at an error that comes with them.
	if r.pinned && r.replaced() {
		return 0, r.s.fail("get", r.key, store.ErrChanged)
	}
	r.rest = nil
	return n, io.EOF
}

func (r *reading) replaced() bool {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	e := r.s.objects[r.key]
	return e == nil || e.info.ETag != r.entry.info.ETag
}

func (r *reading) Close() error {
	r.closed = true
	return nil
}
