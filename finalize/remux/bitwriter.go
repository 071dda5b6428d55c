package remux

// bitWriter makes a string of bits from the most significant bit on.
type bitWriter struct {
	b []byte
	n int // bits
}

func (w *bitWriter) put(v uint32, n int) {
	for i := n - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(v>>i&1) << (7 - w.n%8)
		w.n++
	}
}

// zero puts n bits of zero.
func (w *bitWriter) zero(n int) { w.put(0, n) }

// flag puts one bit.
func (w *bitWriter) flag(v bool) {
	if v {
		w.put(1, 1)
	} else {
		w.put(0, 1)
	}
}

// crc16 continues the CRC of AC-3 (ETSI TS 102 366 §6.1.1: x^16+x^15+x^2+1).
func crc16(crc uint16, p []byte) uint16 {
	for _, b := range p {
		crc ^= uint16(b) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x8005
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}
