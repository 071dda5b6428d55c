package fmp4

import "encoding/binary"

var be = binary.BigEndian

// box is a box that is in memory.
type box struct {
	raw  []byte // with its header
	body []byte
}

// is reports whether b has a type.
func (b box) is(typ string) bool { return len(b.raw) >= 8 && string(b.raw[4:8]) == typ }

// typ is the type of b, which is not empty.
func (b box) typ() string { return string(b.raw[4:8]) }

// boxList is boxes one behind the other. It is walked, never spread out: a box of
// eight bytes costs nothing but these.
type boxList []byte

// cut takes the first box off; false: what is left is none that is whole.
func (p boxList) cut() (b box, rest boxList, ok bool) {
	if len(p) < 8 {
		return box{}, p, false
	}
	head, n := 8, uint64(be.Uint32(p))
	switch {
	case n == 1 && len(p) >= 16:
		head, n = 16, be.Uint64(p[8:])
	case n == 0:
		n = uint64(len(p))
	}
	if n < uint64(head) || n > uint64(len(p)) {
		return box{}, p, false
	}
	return box{raw: p[:n], body: p[head:n]}, p[n:], true
}

// all yields the boxes, as far as they are whole.
func (p boxList) all(yield func(box) bool) {
	for b, rest, ok := p.cut(); ok && yield(b); b, rest, ok = rest.cut() {
	}
}

// find is the first box of a type; its body is nil where there is none.
func (p boxList) find(typ string) box {
	for b := range p.all {
		if b.is(typ) {
			return b
		}
	}
	return box{}
}

// ragged reports whether bytes follow the last whole box.
func (p boxList) ragged() bool {
	for ok := true; ok; {
		_, p, ok = p.cut()
	}
	return len(p) > 0
}

// list are the boxes in the body of b.
func (b box) list() boxList { return b.body }

// inside is the first box of a type in the body of b, and so on down the path.
func (b box) inside(path ...string) box {
	for _, typ := range path {
		b = b.list().find(typ)
	}
	return b
}

// fields reads integers from the body of a box. Behind the end it reads zeros
// and sets short.
type fields struct {
	p     []byte
	short bool
}

func (f *fields) bytes(n int) []byte {
	if n > len(f.p) || n < 0 {
		f.p, f.short = nil, true
		return nil
	}
	b := f.p[:n]
	f.p = f.p[n:]
	return b
}

func (f *fields) skip(n int) { f.bytes(n) }

func (f *fields) u8() uint8 {
	if b := f.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

func (f *fields) u16() uint16 {
	if b := f.bytes(2); b != nil {
		return be.Uint16(b)
	}
	return 0
}

func (f *fields) u32() uint32 {
	if b := f.bytes(4); b != nil {
		return be.Uint32(b)
	}
	return 0
}

func (f *fields) u64() uint64 {
	if b := f.bytes(8); b != nil {
		return be.Uint64(b)
	}
	return 0
}

// long reads a field that has 64 bits in version 1 of its box and 32 else.
func (f *fields) long(version uint8) uint64 {
	if version == 1 {
		return f.u64()
	}
	return uint64(f.u32())
}

// full reads version and flags of a full box (ISO/IEC 14496-12 §4.2).
func (f *fields) full() (version uint8, flags uint32) {
	v := f.u32()
	return uint8(v >> 24), v & 0xffffff
}

// rows reads a count and gives the rows of that width behind it, as many as
// there really are.
func (f *fields) rows(width int) []byte {
	n := min(uint64(f.u32())*uint64(width), uint64(len(f.p))/uint64(width)*uint64(width))
	return f.bytes(int(n))
}

// Bounds of all times: 272 years, which a time.Duration still holds, and 2^61
// ticks, so that no sum overflows.
const (
	maxSeconds = 1 << 33
	maxTicks   = 1 << 61
)

// ranged reports whether a number of ticks is a time that can be handed on.
func ranged(ticks int64, scale uint32) bool {
	limit := int64(maxTicks)
	if scale < maxTicks/maxSeconds {
		limit = maxSeconds * int64(scale)
	}
	return ticks >= -limit && ticks <= limit
}
