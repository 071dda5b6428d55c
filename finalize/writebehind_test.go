package finalize

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"
)

// gated is a writer that takes as many writes as it is allowed, then fails or
// waits until its context ends.
type gated struct {
	ctx     context.Context
	got     bytes.Buffer
	calls   atomic.Int64
	fail    int64 // the write that fails, from 1; 0: none
	hang    int64 // the write that waits for the context, from 1; 0: none
	written chan struct{}
}

var errDisk = errors.New("the disk is full")

func (g *gated) Write(p []byte) (int, error) {
	switch n := g.calls.Add(1); n {
	case g.fail:
		return 0, errDisk
	case g.hang:
		close(g.written)
		<-g.ctx.Done()
		return 0, g.ctx.Err()
	}
	return g.got.Write(p)
}

// Everything is written in order, and summed up, whatever the sizes are.
func TestWriteBehind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 3000), rapid.Just(behind/3), rapid.Just(behind+5)), 0, 8).Draw(t, "sizes")
		var want []byte
		g := &gated{}
		b := newWriteBehind(context.Background(), g)
		var p []byte
		for i, n := range sizes {
			p = slices.Grow(p[:0], n)[:n]
			for k := range p {
				p[k] = byte(i + k)
			}
			want = append(want, p...)
			var err error
			if p, err = b.Take(p); err != nil {
				t.Fatal(err)
			}
		}
		sum, err := b.Close()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(g.got.Bytes(), want) {
			t.Fatalf("%d bytes were written, want %d, or others", g.got.Len(), len(want))
		}
		if sum != sumOf(want) {
			t.Fatalf("sum %016x, want %016x", sum, sumOf(want))
		}
		b.Stop() // does nothing now
	})
}

// The first error ends it, Put and Close tell it, and nothing is written after.
func TestWriteBehindFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gated{fail: 3}
		b := newWriteBehind(t.Context(), g)
		for range 10 {
			if err := b.Put(make([]byte, 10)); err != nil && !errors.Is(err, errDisk) {
				t.Errorf("put: %v", err)
			}
		}
		synctest.Wait()
		if err := b.Put(make([]byte, 10)); !errors.Is(err, errDisk) {
			t.Errorf("put after the error: %v, want %v", err, errDisk)
		}
		if _, err := b.Close(); !errors.Is(err, errDisk) {
			t.Errorf("close: %v, want %v", err, errDisk)
		}
		if g.calls.Load() != 3 || g.got.Len() != 20 {
			t.Errorf("%d writes, %d bytes; want the two before the third, which failed", g.calls.Load(), g.got.Len())
		}
	})
}

// Stop waits for the write that is under way and drops the rest. No goroutine
// remains, or the bubble would not end.
func TestWriteBehindStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		g := &gated{ctx: ctx, hang: 2, written: make(chan struct{})}
		b := newWriteBehind(ctx, g)
		for range 5 {
			if err := b.Put(make([]byte, 10)); err != nil {
				t.Fatal(err)
			}
		}
		<-g.written
		stopped := make(chan struct{})
		go func() {
			b.Stop()
			close(stopped)
		}()
		synctest.Wait()
		select {
		case <-stopped:
			t.Error("stopped in the middle of a write")
		default:
		}
		cancel()
		<-stopped
		if n := g.calls.Load(); n != 2 {
			t.Errorf("%d writes, want none after the second", n)
		}
		if err := b.Put(nil); !errors.Is(err, context.Canceled) {
			t.Errorf("put after stop: %v", err)
		}
	})
}

// Who waits for room is let go when the context ends.
func TestWriteBehindCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		g := &gated{ctx: ctx, hang: 1, written: make(chan struct{})}
		b := newWriteBehind(ctx, g)
		go func() {
			synctest.Wait() // the room is full
			cancel()
		}()
		var err error
		for err == nil {
			err = b.Put(make([]byte, behind/4))
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("put that waited: %v", err)
		}
		if _, err := b.Close(); !errors.Is(err, context.Canceled) {
			t.Errorf("close: %v, want that of the context", err)
		}
	})
}

// What waits is bounded, and buffers come back.
func TestWriteBehindBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		g := &gated{ctx: ctx, hang: 1, written: make(chan struct{})}
		b := newWriteBehind(ctx, g)
		puts := 0
		go func() {
			for b.Put(make([]byte, 1<<20)) == nil {
				puts++
			}
		}()
		synctest.Wait()
		if puts != behind>>20 {
			t.Errorf("%d MiB wait, want %d", puts, behind>>20)
		}
		cancel()
		b.Stop()
	})
}

func TestSpares(t *testing.T) {
	var s spares
	for _, n := range []int{100, 4000, 300} {
		s.put(make([]byte, 0, n))
	}
	for _, x := range []struct{ want, cap int }{{200, 300}, {200, 4000}, {200, spareRound}, {100, 100}, {spareRound, 2 * spareRound}} {
		if p := s.get(x.want); cap(p) != x.cap || len(p) != 0 {
			t.Errorf("for %d bytes: a buffer of %d, want %d", x.want, cap(p), x.cap)
		}
	}
	s.put(make([]byte, 0, 40*spareRound))
	if p := s.get(spareRound); cap(p) != 2*spareRound {
		t.Errorf("sound gets a buffer of %d bytes", cap(p))
	}
	s = spares{}
	for range 100 {
		s.put(make([]byte, behind/8))
	}
	if len(s.free) != 12 || s.size != spareMost {
		t.Errorf("%d buffers of %d bytes are kept", len(s.free), s.size)
	}
}
