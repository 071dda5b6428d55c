package avc

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Bits reads the raw byte sequence payload of a NAL unit (ITU-T H.264 §7.2) from
// a short copy without emulation prevention bytes. H.265 codes it the same way.
// Past the end it reads zeros and says so.
type Bits struct {
	b     []byte
	pos   int // in bits
	short bool
}

// NewBits reads b, which has no emulation prevention bytes.
func NewBits(b []byte) Bits { return Bits{b: b} }

// escape is where an emulation prevention byte stands.
var escape = []byte{0, 0, 3}

// Unescape gives b without emulation prevention bytes (§7.4.1), as far as dst goes:
// in dst, or where there are none, which is the rule, the beginning of b itself.
func Unescape(dst, b []byte) []byte {
	if head := b[:min(len(b), len(dst))]; !bytes.Contains(head, escape) {
		return head
	}
	n, zeros := 0, 0
	for _, c := range b {
		if zeros >= 2 && c == 3 {
			zeros = 0
			continue
		}
		if n == len(dst) {
			break
		}
		if c == 0 {
			zeros++
		} else {
			zeros = 0
		}
		dst[n] = c
		n++
	}
	return dst[:n]
}

// Short reports whether something was read past the end, or a code had no end.
func (r *Bits) Short() bool { return r.short }

// Bit reads one bit.
func (r *Bits) Bit() uint32 {
	if r.pos>>3 >= len(r.b) {
		r.short = true
		return 0
	}
	v := r.b[r.pos>>3] >> (7 - r.pos&7) & 1
	r.pos++
	return uint32(v)
}

// Flag reads one bit as a truth value.
func (r *Bits) Flag() bool { return r.Bit() == 1 }

// ahead gives the next 57 bits or more, from the highest one on; false: not as many
// are left.
func (r *Bits) ahead() (uint64, bool) {
	at := r.pos >> 3
	if at+8 > len(r.b) {
		return 0, false
	}
	return binary.BigEndian.Uint64(r.b[at:]) << (r.pos & 7), true
}

// Bits reads n bits, at most 32.
func (r *Bits) Bits(n int) uint32 {
	if w, ok := r.ahead(); ok {
		r.pos += n
		return uint32(w >> (64 - n))
	}
	var v uint32
	for range n {
		v = v<<1 | r.Bit()
	}
	return v
}

// UE reads an unsigned Exp-Golomb code (§9.1).
func (r *Bits) UE() uint32 {
	if w, ok := r.ahead(); ok && !r.short {
		if zeros := bits.LeadingZeros64(w); zeros <= 28 {
			r.pos += 2*zeros + 1
			return uint32(w>>(63-2*zeros)) - 1
		}
	}
	zeros := 0
	for r.Bit() == 0 {
		if zeros++; r.short || zeros > 31 {
			r.short = true
			return 0
		}
	}
	return 1<<zeros - 1 + r.Bits(zeros)
}
