package mpegts

import "slices"

// mark is the place in a stream where the payload of a PES packet begins.
type mark struct {
	off      int64
	from     spot  // the packet with which the PES packet begins
	pts, dts int64 // unwrapped
	timed    bool  // pts and dts are there
	used     bool  // an access unit has taken them
}

// es is the payload of one PID as one stream of bytes. Offsets count from the
// beginning of the stream and never step back; only a window is in memory.
type es struct {
	buf   []byte
	base  int64 // offset of buf[0]
	marks []mark

	packets packets // of pictures, in the window
}

func (e *es) end() int64 { return e.base + int64(len(e.buf)) }

// append adds payload.
func (e *es) append(b []byte) {
	if len(b) > cap(e.buf)-len(e.buf) {
		e.grow(len(b))
	}
	e.buf = append(e.buf, b...)
}

// grow makes place for n bytes more. The buffer doubles while it is small: to
// measure the heads of many segments is to fill many new buffers.
func (e *es) grow(n int) {
	const first, large = 4 << 10, 1 << 20
	if len(e.buf) >= large {
		e.buf = slices.Grow(e.buf, n)
		return
	}
	e.buf = append(make([]byte, 0, max(first, 2*cap(e.buf), len(e.buf)+n)), e.buf...)
}

// from gives the bytes from an offset on.
func (e *es) from(off int64) []byte { return e.buf[off-e.base:] }

// at gives the bytes [lo, hi).
func (e *es) at(lo, hi int64) []byte { return e.buf[lo-e.base : hi-e.base] }

// discard gives up everything before off. The buffer moves only when at least
// half of it is dead, so that each byte moves once on average.
func (e *es) discard(off int64) {
	dead := int(min(off, e.end()) - e.base)
	if dead <= 0 || dead < len(e.buf)/2 {
		return
	}
	e.buf = e.buf[:copy(e.buf, e.buf[dead:])]
	e.base += int64(dead)
	e.packets.discard(e.base)
}

// reset gives up everything.
func (e *es) reset() {
	e.base = e.end()
	e.buf, e.marks, e.packets = e.buf[:0], e.marks[:0], e.packets[:0]
}

// markAt is the mark of the PES packet in which off lies, or nil. Marks before
// it are given up: offsets must not step back from call to call.
func (e *es) markAt(off int64) *mark {
	n := 0
	for n+1 < len(e.marks) && e.marks[n+1].off <= off {
		n++
	}
	if n > 0 {
		e.marks = e.marks[:copy(e.marks, e.marks[n:])]
	}
	if len(e.marks) == 0 || e.marks[0].off > off {
		return nil
	}
	return &e.marks[0]
}
