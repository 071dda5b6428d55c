package endless

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"recfin/store"
	"recfin/store/mem"
)

// Recording is the recording that a Store holds, in layout "nonce".
const Recording = "foo"

const (
	folder = Recording + "/A/720p/"
	epoch  = 1772395200 // the broadcast begins: 2026-03-01T20:00:00Z
)

// Store holds the segments of a stream as a live broadcaster left them, each made
// when it is read. Of the movies that are written to it the head is kept, in a
// file, and the body is judged and forgotten: it reads as zeros. All else is kept
// in memory. Nothing can be deleted but what is kept there.
type Store struct {
	*mem.Store
	stream   *Stream
	segments int
	dir      string
	buffers  sync.Pool

	mu     sync.Mutex
	movies map[string]*Movie
	object map[string]store.Object // of movies
}

var _ store.Store = (*Store)(nil)

// NewStore makes a store of so many segments. Its clock stands at an hour after
// the last of them was uploaded. Heads of movies go to dir.
func NewStore(s *Stream, segments int, dir string) *Store {
	now := uploaded(segments).Add(time.Hour)
	return &Store{
		Store: mem.New(mem.Options{Clock: func() time.Time { return now }}), stream: s, segments: segments, dir: dir,
		movies: map[string]*Movie{}, object: map[string]store.Object{},
	}
}

// uploaded is when a live broadcaster has segment n in the store.
func uploaded(n int) time.Time {
	return time.Unix(epoch, 0).UTC().Add(time.Duration(n+1)*2*time.Second + 400*time.Millisecond)
}

// Movie is the only movie that was written.
func (s *Store) Movie() (*Movie, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.movies) != 1 {
		return nil, fmt.Errorf("endless: %d movies were committed", len(s.movies))
	}
	return slices.Collect(maps.Values(s.movies))[0], nil
}

// segment gives a segment as it is listed.
func (s *Store) segment(n int) store.Object {
	return store.Object{
		Store: s.Label(), Key: fmt.Sprintf("%s%06d.ts", folder, n), Size: s.stream.Size(n),
		ETag: fmt.Sprintf("segment-%d", n), Modified: uploaded(n),
	}
}

// number is the number of the segment under a key.
func (s *Store) number(key string) (int, bool) {
	var n int
	if _, err := fmt.Sscanf(key, folder+"%06d.ts", &n); err != nil || n < 0 || n >= s.segments {
		return 0, false
	}
	return n, key == s.segment(n).Key
}

// List yields segments and what was written, in order.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		var written []store.Object
		for o, err := range s.Store.List(ctx, prefix) {
			if err != nil {
				yield(o, err)
				return
			}
			written = append(written, o)
		}
		s.mu.Lock()
		for key, o := range s.object {
			if strings.HasPrefix(key, prefix) {
				written = append(written, o)
			}
		}
		s.mu.Unlock()
		slices.SortFunc(written, func(a, b store.Object) int { return strings.Compare(a.Key, b.Key) })
		for n := range s.segments {
			o := s.segment(n)
			if !strings.HasPrefix(o.Key, prefix) {
				if strings.HasPrefix(folder, prefix) || strings.HasPrefix(prefix, folder) {
					continue
				}
				break
			}
			for len(written) > 0 && written[0].Key < o.Key {
				if !yield(written[0], nil) {
					return
				}
				written = written[1:]
			}
			if !yield(o, ctx.Err()) || ctx.Err() != nil {
				return
			}
		}
		for _, o := range written {
			if !yield(o, nil) {
				return
			}
		}
	}
}

// Folders yields the next elements below prefix.
func (s *Store) Folders(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		last := ""
		for o, err := range s.List(ctx, prefix) {
			if err != nil {
				yield("", err)
				return
			}
			name, _, below := strings.Cut(o.Key[len(prefix):], "/")
			if !below || name == last {
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
	if n, ok := s.number(key); ok {
		return store.Info{Object: s.segment(n)}, nil
	}
	s.mu.Lock()
	o, ok := s.object[key]
	s.mu.Unlock()
	if ok {
		return store.Info{Object: o}, nil
	}
	return s.Store.Head(ctx, key)
}

// Get opens a part of an object. A segment is made for it.
func (s *Store) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	s.mu.Lock()
	movie := s.movies[key]
	s.mu.Unlock()
	n, ok := s.number(key)
	if !ok && movie == nil {
		return s.Store.Get(ctx, key, r, opt)
	}
	info, err := s.Head(ctx, key)
	if err == nil && !opt.Admits(info.Object) {
		err = store.ErrChanged
	}
	if err == nil {
		err = r.Check(info.Size)
	}
	if err != nil {
		return store.Body{}, &store.Error{Op: "get", Store: s.Label(), Key: key, Err: err}
	}
	lo, hi := r.Bounds(info.Size)
	b := store.Body{Info: info, Length: hi - lo}
	if movie != nil {
		b.ReadCloser = io.NopCloser(io.NewSectionReader(movie.file, lo, hi-lo))
		return b, nil
	}
	raw, _ := s.buffers.Get().(*[]byte)
	if raw == nil {
		raw = new([]byte)
	}
	*raw = s.stream.Append((*raw)[:0], n)
	b.ReadCloser = &reading{Reader: bytes.NewReader((*raw)[lo:hi]), done: func() { s.buffers.Put(raw) }}
	return b, nil
}

// reading is an open segment.
type reading struct {
	*bytes.Reader
	done func()
}

// Close gives the buffer back.
func (r *reading) Close() error {
	if r.done != nil {
		r.Reset(nil)
		r.done()
		r.done = nil
	}
	return nil
}
