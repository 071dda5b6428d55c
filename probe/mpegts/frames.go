package mpegts

import (
	"encoding/binary"

	"recfin/mp4"
)

// frames makes samples of coded pictures: it pairs the fields of a frame, gives
// times to pictures that have none, and describes the stream by the parameter
// sets in force. Pictures wait here for the first sets, for the first
// timestamp, and a field for the field behind it.
type frames struct {
	h       *annexB
	ready   bool       // there are sets to describe the stream by
	queue   []*picture // a part of waiting: what was handed out is cut off in front
	waiting []*picture
	timed   bool // one of the queue has a time
	free    []*picture
	started bool // a picture was handed out since the beginning
	times   timeline

	sample mp4.Sample
	pieces [][]byte
	sizes  []byte // lengths of the pieces that have no room before them
}

func (f *frames) get() *picture {
	n := len(f.free)
	if n == 0 {
		return &picture{}
	}
	p := f.free[n-1]
	f.free = f.free[:n-1]
	*p = picture{nals: p.nals[:0]}
	return p
}

func (f *frames) put(p *picture) { f.free = append(f.free, p) }

// first is the oldest picture that waits, or nil.
func (f *frames) first() *picture {
	if len(f.queue) == 0 {
		return nil
	}
	return f.queue[0]
}

// drop gives up what waits.
func (f *frames) drop() { f.take(len(f.queue)) }

// take takes n pictures off the queue.
func (f *frames) take(n int) {
	f.free = append(f.free, f.queue[:n]...)
	if f.queue = f.queue[n:]; len(f.queue) == 0 {
		f.queue = f.waiting[:0]
	}
}

// maxWaiting bounds how many pictures wait for the first sets or times: half an
// hour at 30 pictures a second.
const maxWaiting = 54000

// push takes the next picture in decoding order.
func (f *frames) push(p *picture) error {
	if len(f.queue) >= maxWaiting {
		f.countLost()
		f.drop()
	}
	whole := len(f.queue) == 0
	f.queue = append(f.queue, p)
	if whole {
		f.waiting = f.queue
	}
	f.timed = f.timed || p.time.timed
	return f.drain(false)
}

// countLost counts the pictures that wait as lost.
func (f *frames) countLost() {
	if n := int64(len(f.queue)); f.ready || f.h.d.opt.Bare {
		f.h.d.stats.Timeless += n
	} else {
		f.h.d.stats.NoParameters += n
	}
}

// flush hands out all that waits.
func (f *frames) flush() error {
	if err := f.drain(true); err != nil {
		return err
	}
	f.drop()
	f.started, f.timed = false, false
	f.times = timeline{}
	return nil
}

// drain hands out the pictures that are ready; last: nothing follows.
func (f *frames) drain(last bool) error {
	for len(f.queue) > 0 {
		if !f.ready {
			f.store(f.queue[len(f.queue)-1])
		}
		if !f.ready && !f.h.d.opt.Bare || !f.times.running && !f.timed {
			if last {
				f.countLost()
			}
			return nil
		}
		if !f.times.running {
			f.backdate()
		}
		n, err := f.next(last)
		if err != nil || n == 0 {
			return err
		}
		f.take(n)
	}
	return nil
}

// store takes the parameter sets of p over, once.
func (f *frames) store(p *picture) {
	if p.taken || p.sets == 0 {
		return
	}
	p.taken = true
	for _, n := range p.nals {
		f.ready = f.h.syntax.store(f.h.s.es.at(n.lo, n.hi))
	}
}

// next hands out the first sample of the queue and returns how many pictures it
// took: 0 where another one must be seen first.
func (f *frames) next(last bool) (int, error) {
	p := f.queue[0]
	f.store(p)
	f.h.syntax.read(&f.h.s.es, p)
	if !p.whole && !f.started {
		f.h.d.stats.Truncated++
		f.h.d.tables.cut = true
		return 1, nil
	}
	var second *picture
	if p.head.ok && p.head.field {
		if len(f.queue) == 1 && !last {
			return 0, nil
		}
		if len(f.queue) > 1 {
			f.h.syntax.read(&f.h.s.es, f.queue[1])
			if pairs(p, f.queue[1]) {
				second = f.queue[1]
				f.store(second)
			}
		}
	}
	f.started = true
	if err := f.emit(p, second); err != nil {
		return 0, err
	}
	if second != nil {
		return 2, nil
	}
	return 1, nil
}

// pairs reports whether q is the second field of the frame that p begins
// (§3.30 complementary field pair; frame_num §7.4.3). A non-reference field and
// a reference field behind it are of two frames, even with one frame_num.
func pairs(p, q *picture) bool {
	a, b := p.head, q.head
	return a.ok && b.ok && a.field && b.field && a.bottom != b.bottom && a.frameNum == b.frameNum &&
		q.access != mp4.Sync && (p.ref || !q.ref)
}

// emit hands out a sample of one picture, or of two fields.
func (f *frames) emit(p, second *picture) error {
	if e := f.h.syntax.entry(p); e != nil {
		if err := f.h.d.announce(f.h.s, e); err != nil {
			return err
		}
	}
	t := f.time(p)
	s := &f.sample
	*s = mp4.Sample{PTS: t.pts, DTS: t.dts, Access: access(p), InBand: p.has(f.h.need)}
	f.pieces, f.sizes = f.pieces[:0], f.sizes[:0]
	f.add(p.nals)
	if second != nil {
		f.add(second.nals)
		s.InBand = s.InBand || second.has(f.h.need)
		if second.access == mp4.Recovery {
			s.Access = max(s.Access, mp4.Recovery)
		}
	}
	s.Pieces = f.pieces
	s.Alone = f.alone(p, second, s.Access)
	return f.h.d.sink.Sample(int(f.h.s.info.PID), s)
}

// access says how decoding can start at a picture. Of two fields the first
// decides: an I field with a P field behind it is a usual random access point.
func access(p *picture) mp4.Access {
	if p.access == mp4.NotAccess && p.intra {
		return mp4.Intra
	}
	return p.access
}

// add appends NAL units behind their lengths. The length overwrites the start
// code where that has four bytes, so that neighbours become one piece.
func (f *frames) add(nals []nalRef) {
	es := &f.h.s.es
	var end int64 = -1
	for _, n := range nals {
		if !n.room {
			at := len(f.sizes)
			f.sizes = binary.BigEndian.AppendUint32(f.sizes, uint32(n.hi-n.lo))
			f.pieces = append(f.pieces, f.sizes[at:at+4:at+4], es.at(n.lo, n.hi))
			end = -1
			continue
		}
		lo := n.lo - 4
		binary.BigEndian.PutUint32(es.at(lo, n.lo), uint32(n.hi-n.lo))
		if lo == end {
			k := len(f.pieces) - 1
			f.pieces[k] = f.pieces[k][:len(f.pieces[k])+int(n.hi-lo)]
		} else {
			f.pieces = append(f.pieces, es.at(lo, n.hi))
		}
		end = n.hi
	}
}
