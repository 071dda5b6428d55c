package finalize

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"io"

	"recfin/store"
)

// streamed is the size above which a segment is not held in memory as a whole.
const streamed = 32 << 20

// fetch reads objects or parts of them, several ahead, and hands them to use in
// order, each pinned to the version that was listed. All recordings that are worked on share
// the memory: each takes room for its objects in order, so the next one that it
// needs is always there or on its way.
func (f *Finalizer) fetch(ctx context.Context, pieces []piece, use func(i int, body content) error) error {
	return f.fetchSeen(ctx, pieces, nil, use)
}

// fetchSeen is fetch; see, if there is one, is called with each piece that is held in
// memory as a whole as soon as it is there, by several goroutines, in no order.
// What it gives stands with the piece (chunk).
func (f *Finalizer) fetchSeen(ctx context.Context, pieces []piece, see seeing, use func(i int, body content) error) error {
	p := f.newPrefetch(ctx, pieces)
	p.see = see
	p.g.Go(p.ask)
	p.g.Go(func() error { return p.consume(use) })
	err := p.g.Wait()
	f.memory.Release(p.held.Load()) // of what was read ahead in vain
	return err
}

// seeing looks at a piece, by its number. It must not keep raw.
type seeing func(ctx context.Context, i int, raw []byte, proved bool) *headSeen

// content is what a piece holds.
type content interface {
	io.Reader
	// Sum64 is the CRC-64/NVME of all of it, once it was read to the end.
	Sum64() uint64
	// Proved reports whether what was read, once it was read to the end, was shown
	// to be what the store holds (store.GetOptions).
	Proved() bool
}

// buffers are used again for the next segments: what a recording reads is many
// times what it needs at once.
type buffers chan []byte

func (b buffers) get(n int) []byte {
	select {
	case p := <-b:
		return grow(p, n)
	default:
		return make([]byte, n, n+n/8)
	}
}

func (b buffers) put(p []byte) {
	if cap(p) > 4<<20 {
		return // rare, and too much to keep
	}
	select {
	case b <- p[:0]:
	default:
	}
}

// open opens the whole of a listed object in its own store, pinned to the
// version that was listed.
func (f *Finalizer) open(ctx context.Context, o store.Object) (store.Body, error) {
	return f.openPiece(ctx, piece{Object: o})
}

// openPiece is open for a part of an object. Of a whole one the store is asked to
// prove what it gives.
func (f *Finalizer) openPiece(ctx context.Context, o piece) (store.Body, error) {
	s, err := f.pinnedTo(o.Object)
	if err != nil {
		return store.Body{}, err
	}
	return s.Get(ctx, o.Key, store.Range{Off: o.part.Offset, Len: o.part.Length}, proved(f.today(o.Object)))
}

// proved pins a read to a version and has the store prove it, where all of the
// object is read.
func proved(o store.Object) store.GetOptions {
	opt := store.Pinned(o)
	opt.Prove = true
	return opt
}

// readPiece reads a listed object, or a part of one, into raw, which has its size.
// proved: it was shown to be what the store holds.
//
// What came otherwise than the store has it is read again: an answer that was
// spoilt on the way says nothing about the object.
func (f *Finalizer) readPiece(ctx context.Context, o piece, raw []byte) (read []byte, proved bool, err error) {
	const attempts = 3
	for range attempts {
		opened := false
		if opened, proved, err = f.readOnce(ctx, o, raw); err == nil {
			return raw, proved, nil
		}
		if !opened || !proved || !errors.Is(err, store.ErrUnavailable) || ctx.Err() != nil {
			break
		}
	}
	return nil, false, err
}

// readOnce reads a piece. opened: there was an answer; proved: its end is proved,
// or was not.
func (f *Finalizer) readOnce(ctx context.Context, o piece, raw []byte) (opened, proved bool, err error) {
	body, err := f.openPiece(ctx, o)
	if err != nil {
		return false, false, err
	}
	defer body.Close()
	if _, err := io.ReadFull(body, raw); err != nil {
		return true, body.Proved, fmt.Errorf("read %s: %w", store.Printable(o.Key), err)
	}
	if _, err := io.ReadFull(body, make([]byte, 1)); err != io.EOF { // the end is where the version is checked
		if err == nil {
			err = store.ErrChanged
		}
		return true, body.Proved, fmt.Errorf("read %s: %w", store.Printable(o.Key), err)
	}
	return true, body.Proved, nil
}

// streaming is content that passes by.
type streaming struct {
	io.Reader
	sum    hash.Hash64
	proved bool
}

// Proved implements content.
func (s *streaming) Proved() bool { return s.proved }

// Sum64 implements content.
func (s *streaming) Sum64() uint64 { return s.sum.Sum64() }

// chunk is content that is in memory. It writes itself in one piece.
type chunk struct {
	p      []byte
	sum    uint64
	proved bool
	seen   *headSeen // nil: nobody looked
}

// Proved implements content.
func (c *chunk) Proved() bool { return c.proved }

// Sum64 implements content.
func (c *chunk) Sum64() uint64 { return c.sum }

func (c *chunk) Read(p []byte) (int, error) {
	if len(c.p) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.p)
	c.p = c.p[n:]
	return n, nil
}

func (c *chunk) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(c.p)
	c.p = c.p[n:]
	return int64(n), err
}
