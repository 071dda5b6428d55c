package avc

// bitReader reads the raw byte sequence payload of a NAL unit (ITU-T H.264
// §7.2) from a short copy without emulation prevention bytes. Past the end it
// reads zeros and sets short.
type bitReader struct {
	b     []byte
	pos   int // in bits
	short bool
}

// unescape copies b without emulation prevention bytes (§7.4.1) into dst, as far
// as dst goes.
func unescape(dst, b []byte) []byte {
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

func (r *bitReader) bit() uint32 {
	if r.pos>>3 >= len(r.b) {
		r.short = true
		return 0
	}
	v := r.b[r.pos>>3] >> (7 - r.pos&7) & 1
	r.pos++
	return uint32(v)
}

// bits reads n bits, at most 32.
func (r *bitReader) bits(n int) uint32 {
	var v uint32
	for range n {
		v = v<<1 | r.bit()
	}
	return v
}

// ue reads an Exp-Golomb code (§9.1).
func (r *bitReader) ue() uint32 {
	zeros := 0
	for r.bit() == 0 {
		if zeros++; r.short || zeros > 31 {
			r.short = true
			return 0
		}
	}
	return 1<<zeros - 1 + r.bits(zeros)
}
