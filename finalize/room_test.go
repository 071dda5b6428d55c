package finalize

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestRoom: jobs that list any number of objects at once all come to their end, and no
// more room is given than there is.
func TestRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		memory := rapid.Int64Range(0, 64<<20).Draw(t, "memory")
		sizes := rapid.SliceOfN(rapid.IntRange(0, 40*firstRoom), 1, 12).Draw(t, "sizes")
		b := newBudget(memory)
		var wg sync.WaitGroup
		var held atomic.Int64
		for _, size := range sizes {
			wg.Go(func() {
				r := &room{budget: b}
				defer r.end()
				for range 2 { // a recording is listed twice
					if err := r.begin(t.Context()); err != nil {
						t.Error(err)
					}
					for range size {
						if err := r.add(t.Context()); err != nil {
							t.Error(err)
						}
					}
					if r.held < min(int64(size), b.most) || r.held > b.most {
						t.Errorf("room for %d of %d objects, at most %d", r.held, size, b.most)
					}
					if n := held.Add(r.held); n > b.most {
						t.Errorf("room for %d objects was given, there is some for %d", n, b.most)
					}
					held.Add(-r.held)
				}
			})
		}
		wg.Wait()
		if !b.objects.TryAcquire(b.most) {
			t.Error("room was not given back")
		}
	})
}

// TestRoomWaits: whoever finds no room waits for it, as long as its context allows.
func TestRoomWaits(t *testing.T) {
	b := newBudget(0)
	first, second := &room{budget: b}, &room{budget: b}
	if err := first.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(10*time.Millisecond, func() { cancel(nil) })
	if err := second.begin(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	second.end()
	first.end()
	if err := second.begin(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestUploading: the media of as many recordings are written at once as there is memory
// for, and of one in any case.
func TestUploading(t *testing.T) {
	for memory, want := range map[int64]int{0: 1, 64 << 20: 1, 256 << 20: 2, 1 << 30: 8} {
		b := newBudget(memory)
		for range want {
			if _, err := b.uploading(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Millisecond, cancel)
		if _, err := b.uploading(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%d bytes: one more than %d recordings: error %v", memory, want, err)
		}
	}
}
