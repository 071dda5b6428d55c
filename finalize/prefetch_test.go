package finalize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"recfin/store"
	"recfin/store/mem"
)

// faraway is a store whose answers take their time. It notes how many are under way.
type faraway struct {
	store.Store
	latency time.Duration
	fail    string // key that cannot be read
	now     atomic.Int64
	most    atomic.Int64
	asked   atomic.Int64
}

func (s *faraway) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	s.asked.Add(1)
	now := s.now.Add(1)
	defer s.now.Add(-1)
	for most := s.most.Load(); now > most && !s.most.CompareAndSwap(most, now); most = s.most.Load() {
	}
	select {
	case <-time.After(s.latency):
	case <-ctx.Done():
		return store.Body{}, ctx.Err()
	}
	if key == s.fail {
		return store.Body{}, fmt.Errorf("read %s: %w", key, store.ErrUnavailable)
	}
	return s.Store.Get(ctx, key, r, opt)
}

// fetching reads n objects of a size from a store of that latency, and has use look
// at each of them.
func fetching(t *testing.T, s *faraway, memory, size int64, n int, use func(f *Finalizer, i int) error) (*Finalizer, error) {
	t.Helper()
	in := mem.New(mem.Options{})
	s.Store = in
	pieces := make([]piece, n)
	for i := range pieces {
		body := make([]byte, size)
		body[0] = byte(i)
		o, err := in.Put(t.Context(), fmt.Sprintf("%03d", i), body, store.PutOptions{})
		if err != nil {
			t.Fatal(err)
		}
		pieces[i].Object = o
	}
	layouts, err := ParseLayouts([]string{"nonce"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := New(Config{Sources: []store.Store{s}, OutPath: "out/", Layouts: layouts, Formats: Formats{MP4: true}, Concurrency: 64, Memory: memory})
	if err != nil {
		t.Fatal(err)
	}
	next := 0
	err = f.fetch(t.Context(), pieces, func(i int, body content) error {
		raw, err := io.ReadAll(body)
		if err != nil || int64(len(raw)) != size || raw[0] != byte(i) || i != next || body.Sum64() != sumOf(raw) {
			return fmt.Errorf("piece %d, as number %d: %d bytes, %w", i, next, len(raw), err)
		}
		next++
		return use(f, i)
	})
	if err == nil && next != n {
		t.Errorf("%d of %d pieces", next, n)
	}
	if whole := max(f.cfg.Memory/2, streamed); !f.memory.TryAcquire(whole) {
		t.Error("not all of the memory was given back")
	}
	return f, err
}

// TestPrefetchDepth: as many requests are under way as it takes for nobody to wait,
// and no more than the bounds allow.
func TestPrefetchDepth(t *testing.T) {
	for _, c := range []struct {
		name         string
		latency, use time.Duration
		memory, size int64
		least, most  int64 // requests under way at the same time
	}{
		{"a store that is near", 2 * time.Millisecond, time.Millisecond, 64 << 20, 1000, shallow, shallow},
		{"latency is what takes the time", 40 * time.Millisecond, time.Millisecond, 64 << 20, 1000, deepest, deepest},
		{"a deeper look is enough", 40 * time.Millisecond, 3 * time.Millisecond, 64 << 20, 1000, shallow + 1, deepest - 8},
		{"the use is what takes the time", 40 * time.Millisecond, 40 * time.Millisecond, 64 << 20, 1000, shallow, shallow + 1},
		{"memory for six", 40 * time.Millisecond, time.Millisecond, 24000, 1000, 6, 6},
		{"pieces larger than the share", 40 * time.Millisecond, time.Millisecond, 400, 1000, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &faraway{latency: c.latency}
				_, err := fetching(t, s, c.memory, c.size, 300, func(*Finalizer, int) error {
					time.Sleep(c.use)
					return nil
				})
				if most := s.most.Load(); err != nil || most < c.least || most > c.most {
					t.Errorf("%d requests at once, want %d to %d (%v)", most, c.least, c.most, err)
				}
				if s.asked.Load() != 300 {
					t.Errorf("%d requests for 300 pieces", s.asked.Load())
				}
			})
		})
	}
}

// TestPrefetchWaits: who does not take the pieces any more has no more of them read
// than were ahead.
func TestPrefetchWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &faraway{latency: time.Millisecond}
		_, err := fetching(t, s, 64<<20, 1000, 100, func(_ *Finalizer, i int) error {
			if i == 5 {
				time.Sleep(time.Hour)
				if n := s.asked.Load(); n > 6+deepest || n < 6 || s.now.Load() != 0 {
					t.Errorf("%d pieces were read while the sixth was in use, %d are under way", n, s.now.Load())
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// TestPrefetchEnds: an error of a read or of the use ends all that
// is under way and gives the memory back (see fetching).
func TestPrefetchEnds(t *testing.T) {
	enough := errors.New("enough")
	for name, c := range map[string]struct {
		fail string
		stop int
		want error
	}{
		"a read fails": {"020", -1, store.ErrUnavailable},
		"the first":    {"000", -1, store.ErrUnavailable},
		"the use":      {"", 20, enough},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &faraway{latency: 40 * time.Millisecond, fail: c.fail}
				_, err := fetching(t, s, 64<<20, 1000, 100, func(_ *Finalizer, i int) error {
					if i == c.stop {
						return enough
					}
					return nil
				})
				if !errors.Is(err, c.want) || s.now.Load() != 0 || s.asked.Load() > 20+2*deepest {
					t.Errorf("%v, %d requests, %d under way", err, s.asked.Load(), s.now.Load())
				}
			})
		})
	}
}
