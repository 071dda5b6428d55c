package avc

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

// Unescape copies b without emulation prevention bytes (§7.4.1) into dst, as far
// as dst goes.
func Unescape(dst, b []byte) []byte {
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

// Bits reads n bits, at most 32.
func (r *Bits) Bits(n int) uint32 {
	var v uint32
	for range n {
		v = v<<1 | r.Bit()
	}
	return v
}

// UE reads an unsigned Exp-Golomb code (§9.1).
func (r *Bits) UE() uint32 {
	zeros := 0
	for r.Bit() == 0 {
		if zeros++; r.short || zeros > 31 {
			r.short = true
			return 0
		}
	}
	return 1<<zeros - 1 + r.Bits(zeros)
}
