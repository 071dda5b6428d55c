package sound

// reader reads bit fields, most significant bit first. Behind the end it gives
// zeros and notes that.
type reader struct {
	p    []byte
	pos  int // in bits
	over bool
}

// get is the next n bits, at most 32.
func (r *reader) get(n int) uint32 {
	if r.pos+n > 8*len(r.p) {
		r.over = true
		r.pos = 8 * len(r.p)
		return 0
	}
	v := uint64(0)
	first, last := r.pos/8, (r.pos+n+7)/8
	for _, b := range r.p[first:last] {
		v = v<<8 | uint64(b)
	}
	r.pos += n
	return uint32(v >> (8*last - r.pos) & (1<<n - 1))
}

func (r *reader) flag() bool { return r.get(1) != 0 }

// skip passes over n bits.
func (r *reader) skip(n int) {
	if n < 0 || n > r.left() {
		r.over = true
		n = r.left()
	}
	r.pos += n
}

func (r *reader) left() int { return 8*len(r.p) - r.pos }

// copyBits gives n bits from position pos of p on, moved to the beginning of a
// byte and filled up with zeros. They must be there.
func copyBits(dst, p []byte, pos, n int) []byte {
	p = p[pos/8:]
	shift := pos % 8
	if shift == 0 {
		dst = append(dst, p[:(n+7)/8]...)
	} else {
		for i := range (n + 7) / 8 {
			b := p[i] << shift
			if i+1 < len(p) {
				b |= p[i+1] >> (8 - shift)
			}
			dst = append(dst, b)
		}
	}
	if k := n % 8; k > 0 {
		dst[len(dst)-1] &= 0xff << (8 - k)
	}
	return dst
}

// writer writes bit fields.
type writer struct {
	p []byte
	n int // bits
}

// put appends the low n bits of v.
func (w *writer) put(v uint32, n int) {
	for i := n - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.p = append(w.p, 0)
		}
		w.p[w.n/8] |= byte(v>>i&1) << (7 - w.n%8)
		w.n++
	}
}
