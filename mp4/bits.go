package mp4

// rbspBits reads bits of a NAL unit, past emulation prevention bytes (ITU-T
// H.264 §7.3.1). Behind the end it reads zeros and says bad.
type rbspBits struct {
	p     []byte
	bits  int // left in p[0]
	zeros int // bytes of zero before p[0]
	bad   bool
}

func newBits(p []byte) *rbspBits { return &rbspBits{p: p, bits: 8} }

func (r *rbspBits) bit() uint32 {
	if len(r.p) > 0 && r.bits == 8 && r.zeros >= 2 && r.p[0] == 3 {
		r.p, r.zeros = r.p[1:], 0
	}
	if len(r.p) == 0 {
		r.bad = true
		return 0
	}
	r.bits--
	b := uint32(r.p[0]>>r.bits) & 1
	if r.bits == 0 {
		if r.p[0] == 0 {
			r.zeros++
		} else {
			r.zeros = 0
		}
		r.p, r.bits = r.p[1:], 8
	}
	return b
}

// golomb reads an unsigned Exp-Golomb code (ITU-T H.264 §9.1) of up to 31 bits.
func (r *rbspBits) golomb() uint32 {
	n := 0
	for r.bit() == 0 {
		if n++; n > 31 || r.bad {
			r.bad = true
			return 0
		}
	}
	v := uint32(1)
	for range n {
		v = v<<1 | r.bit()
	}
	return v - 1
}
