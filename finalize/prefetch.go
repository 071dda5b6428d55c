package finalize

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"recfin/internal/bug"
	"recfin/store"
)

const (
	// shallow is how many pieces a recording reads ahead to begin with.
	shallow = 8
	// deepest is how many it reads ahead at most: 32 MB of segments of 2 s in 4 Mbit/s.
	deepest = 32
	// near is how long a piece takes at most that more requests would not bring sooner:
	// that is the time of processors, which they would only take from one another.
	near = 20 * time.Millisecond
)

// prefetch reads the pieces of one call of fetch, several ahead. How many is what
// latency times bandwidth takes: it begins with a few, and each time that whoever
// uses the pieces has to wait for one that is far away there is one more, up to
// Config.Concurrency and as long as they fit into a quarter of Config.Memory. Where the use is what is
// slow, nobody waits, and nothing is read that is not soon of use.
type prefetch struct {
	f      *Finalizer
	ctx    context.Context
	g      *bug.Group
	pieces []piece
	queue  chan chan fetched // in the order of pieces
	work   chan order
	spare  buffers
	see    seeing              // nil: nobody looks
	window *semaphore.Weighted // pieces that are under way or wait for their use
	share  *semaphore.Weighted // bytes of them, of this recording
	narrow int64               // by how much the window could still grow
	most   int64               // pieces in the window at most
	quota  int64               // bytes of share
	began  bool                // the first piece came
	held   atomic.Int64        // bytes of the room of all recordings that this call has
}

// order is a piece that is to be read, and where it is waited for.
type order struct {
	i    int
	x    piece
	slot chan fetched
}

type fetched struct {
	raw    []byte
	sum    uint64
	proved bool
	seen   *headSeen
	took   time.Duration // from the request to the last byte
	err    error
}

func (f *Finalizer) newPrefetch(ctx context.Context, pieces []piece) *prefetch {
	p := &prefetch{f: f, pieces: pieces, work: make(chan order), quota: max(f.cfg.Memory/4, 1)}
	p.most = int64(min(max(f.cfg.Concurrency, 1), deepest))
	p.g, p.ctx = bug.WithContext(ctx)
	p.queue, p.spare = make(chan chan fetched, p.most), make(buffers, p.most+2)
	p.window, p.share = semaphore.NewWeighted(p.most), semaphore.NewWeighted(p.quota)
	p.narrow = p.most - min(p.most, shallow)
	p.window.TryAcquire(p.narrow)
	return p
}

// ask has all pieces read, each as soon as there is room for it.
func (p *prefetch) ask() error {
	defer close(p.queue)
	defer close(p.work)
	readers := int64(0)
	for i, x := range p.pieces {
		if err := p.window.Acquire(p.ctx, 1); err != nil {
			return err
		}
		slot := make(chan fetched, 1)
		if x.bytes() > streamed { // read when its turn comes
			p.queue <- slot
			continue
		}
		if err := p.share.Acquire(p.ctx, p.weight(x)); err != nil {
			return err
		}
		if err := p.f.memory.Acquire(p.ctx, x.bytes()); err != nil {
			return err
		}
		p.held.Add(x.bytes())
		p.queue <- slot
		select {
		case p.work <- order{i, x, slot}:
			continue
		default:
		}
		if readers < p.most {
			readers++
			p.g.Go(func() error { return p.read(order{i, x, slot}) })
			continue
		}
		select {
		case p.work <- order{i, x, slot}:
		case <-p.ctx.Done():
			return p.ctx.Err()
		}
	}
	return nil
}

// read reads one piece and then those that nobody else has time for: a goroutine for
// each piece would have its stack grown by each, which costs more than the request.
func (p *prefetch) read(o order) error {
	for more := true; more; {
		began := time.Now()
		raw, proved, err := p.f.readAhead(p.ctx, o.x, p.spare.get(int(o.x.bytes())))
		y := fetched{raw: raw, sum: sumOf(raw), proved: proved, took: time.Since(began), err: err}
		if err == nil && p.see != nil {
			y.seen = p.see(p.ctx, o.i, raw, proved)
		}
		o.slot <- y
		if err != nil {
			return err
		}
		o, more = <-p.work
	}
	return nil
}

// weight of a piece in the share: one that is larger than all of it goes alone.
func (p *prefetch) weight(x piece) int64 { return min(x.bytes(), p.quota) }

// consume hands the pieces over in their order.
func (p *prefetch) consume(use func(i int, body content) error) error {
	for i, x := range p.pieces {
		var slot chan fetched
		select {
		case slot = <-p.queue:
		case <-p.ctx.Done():
		}
		if slot == nil { // also where the queue was closed because of an error
			return p.ctx.Err()
		}
		if x.bytes() > streamed {
			if err := p.pass(x, func(body content) error { return use(i, body) }); err != nil {
				return err
			}
			p.window.Release(1)
			continue
		}
		y, err := p.await(slot)
		if err == nil && int64(len(y.raw)) != x.bytes() {
			err = fmt.Errorf("read %s: %w", store.Printable(x.Key), io.ErrUnexpectedEOF)
		}
		if err == nil {
			err = use(i, &chunk{p: y.raw, sum: y.sum, proved: y.proved, seen: y.seen})
		}
		if err != nil {
			return err
		}
		p.spare.put(y.raw)
		p.f.memory.Release(x.bytes())
		p.held.Add(-x.bytes())
		p.share.Release(p.weight(x))
		p.window.Release(1)
	}
	return nil
}

// await waits for a piece. Where that takes time, more should be under way.
func (p *prefetch) await(slot chan fetched) (fetched, error) {
	waits := p.began
	select {
	case y := <-slot:
		p.began = true
		return y, y.err
	default:
	}
	select {
	case y := <-slot:
		if waits && y.took > near && p.narrow > 0 {
			p.narrow--
			p.window.Release(1)
		}
		p.began = true
		return y, y.err
	case <-p.ctx.Done():
		return fetched{}, p.ctx.Err()
	}
}

// pass hands over a piece that is too large to be held as it comes.
func (p *prefetch) pass(x piece, use func(content) error) error {
	body, err := p.f.openPiece(p.ctx, x)
	if err != nil {
		return err
	}
	defer body.Close()
	sum := newCRC()
	return use(&streaming{Reader: io.TeeReader(body, sum), sum: sum, proved: body.Proved})
}
