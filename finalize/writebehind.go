package finalize

import (
	"context"
	"hash"
	"io"
	"sync"

	"golang.org/x/sync/semaphore"

	"recfin/internal/bug"
)

const (
	// behind bounds the bytes that wait to be written.
	behind = 8 << 20
	// behindMost bounds the buffers that wait to be written.
	behindMost = 256
	// spareMost bounds the bytes that are kept to be used again: all that waited.
	spareMost = behind + behind/2
	// spareRound is what the size of a buffer is a multiple of.
	spareRound = 32 << 10
)

// writeBehind writes buffers in a goroutine of its own, in order, and sums them
// up, so that joining goes on while the disk or the network is busy. The first
// error ends it; nothing is written after that, nor once Stop has returned. It
// is used by one goroutine.
type writeBehind struct {
	ctx   context.Context
	stop  context.CancelFunc
	w     io.Writer
	crc   hash.Hash64
	room  *semaphore.Weighted // bytes that wait
	queue chan []byte
	spare spares
	done  chan struct{} // closed when nothing is written any more
	ended bool

	mu  sync.Mutex
	err error // the first one
}

// newWriteBehind writes to w until Close or Stop, which must be called.
func newWriteBehind(ctx context.Context, w io.Writer) *writeBehind {
	b := &writeBehind{
		w: w, crc: newCRC(), room: semaphore.NewWeighted(behind),
		queue: make(chan []byte, behindMost), done: make(chan struct{}),
	}
	b.ctx, b.stop = context.WithCancel(ctx)
	go b.run()
	return b
}

func (b *writeBehind) run() {
	defer close(b.done)
	for p := range b.queue {
		if b.ctx.Err() == nil {
			b.write(p)
		}
		b.room.Release(weight(p))
		b.spare.put(p)
	}
}

func (b *writeBehind) write(p []byte) {
	err := bug.Contain(func() error {
		n, err := b.w.Write(p)
		if err == nil && n != len(p) {
			err = io.ErrShortWrite
		}
		return err
	})
	if err != nil {
		b.mu.Lock()
		b.err = err
		b.mu.Unlock()
		b.stop()
		return
	}
	b.crc.Write(p)
}

// weight of a buffer among those that wait: one that is larger than all that
// may wait goes alone.
func weight(p []byte) int64 { return min(int64(len(p)), behind) }

// Put hands a buffer over for good. It waits while too much is waiting. An
// error is that of a write of an earlier buffer, or of the context.
func (b *writeBehind) Put(p []byte) error {
	if b.ended || b.room.Acquire(b.ctx, weight(p)) != nil {
		return b.failure()
	}
	select {
	case b.queue <- p:
		return nil
	case <-b.ctx.Done():
		return b.failure()
	}
}

// Take is Put; it gives a buffer for as much again.
func (b *writeBehind) Take(p []byte) (spare []byte, err error) {
	if err := b.Put(p); err != nil {
		return nil, err
	}
	return b.spare.get(len(p)), nil
}

// failure is why the context has ended.
func (b *writeBehind) failure() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return b.err
	}
	return b.ctx.Err()
}

// Close waits until everything is written, and gives the CRC-64/NVME of it.
func (b *writeBehind) Close() (uint64, error) {
	b.end()
	if b.ctx.Err() != nil {
		return 0, b.failure()
	}
	b.stop()
	return b.crc.Sum64(), nil
}

// Stop drops what waits. When it returns nothing is written any more.
func (b *writeBehind) Stop() {
	b.stop()
	b.end()
}

func (b *writeBehind) end() {
	if !b.ended {
		b.ended = true
		close(b.queue)
	}
	<-b.done
}

// spares are buffers that were written and can be used again.
type spares struct {
	mu   sync.Mutex
	free [][]byte
	size int // of all of them
}

// get gives an empty buffer for n bytes: the smallest that there is, unless it is
// one for pictures and this is sound, else a new one. That has a quarter to spare and a round size, because chunks differ a
// little and each buffer should do for the next ones.
func (s *spares) get(n int) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	best := -1
	for i, p := range s.free {
		if cap(p) >= n && cap(p) <= max(4*n, spareRound) && (best < 0 || cap(p) < cap(s.free[best])) {
			best = i
		}
	}
	if best < 0 {
		return make([]byte, 0, (n+n/4+spareRound-1)/spareRound*spareRound)
	}
	p := s.free[best]
	last := len(s.free) - 1
	s.free[best], s.free[last] = s.free[last], nil
	s.free = s.free[:last]
	s.size -= cap(p)
	return p
}

// put keeps a buffer, if there are not enough of them.
func (s *spares) put(p []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.free) < behindMost && s.size+cap(p) <= spareMost {
		s.free, s.size = append(s.free, p[:0]), s.size+cap(p)
	}
}
