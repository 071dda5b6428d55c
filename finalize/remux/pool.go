package remux

import (
	"math/bits"

	"recfin/mp4"
)

const (
	poolUnits = 512     // kept for reuse
	poolBytes = 8 << 20 // of payload buffers kept for reuse
)

// pool lends units and payload buffers, so that joining allocates for what is in
// flight and not for what passes. A Joiner is used by one goroutine, so lists
// are enough. A buffer comes from the list of its size: a picture has a hundred
// times the bytes of a frame of sound, and buffers for both would all grow to
// the size of a picture.
type pool struct {
	units []*unit
	data  [bits.UintSize + 1][][]byte // by the bits of the capacity, a power of two
	bytes int                         // of data
}

// copy takes a sample whose bytes are valid only for the moment.
func (p *pool) copy(s *mp4.Sample) *unit {
	var u *unit
	if n := len(p.units); n > 0 {
		u, p.units = p.units[n-1], p.units[:n-1]
	} else {
		u = new(unit)
	}
	*u = unit{pts: s.PTS, dts: s.DTS, length: s.Duration, access: s.Access, inBand: s.InBand, data: p.buffer(s.Size())}
	for _, piece := range s.Pieces {
		u.data = append(u.data, piece...)
	}
	return u
}

// buffer gives an empty buffer for n bytes.
func (p *pool) buffer(n int) []byte {
	size := bits.Len(uint(max(n, 1) - 1)) // 1<<size is the least power of two that holds n
	list := &p.data[size]
	if k := len(*list); k > 0 {
		b := (*list)[k-1]
		(*list)[k-1] = nil
		*list = (*list)[:k-1]
		p.bytes -= cap(b)
		return b
	}
	return make([]byte, 0, 1<<size)
}

// release takes a unit back.
func (p *pool) release(u *unit) {
	if size := bits.Len(uint(cap(u.data))) - 1; size >= 0 && cap(u.data) == 1<<size && p.bytes+cap(u.data) <= poolBytes {
		p.data[size] = append(p.data[size], u.data[:0])
		p.bytes += cap(u.data)
	}
	if len(p.units) < poolUnits {
		*u = unit{}
		p.units = append(p.units, u)
	}
}
