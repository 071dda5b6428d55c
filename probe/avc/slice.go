package avc

// SliceHead is the beginning of a slice header (ITU-T H.264 §7.3.3), as far as
// it tells pictures apart.
type SliceHead struct {
	OK       bool // it could be read
	PPS      uint32
	FrameNum uint32
	Field    bool
	Bottom   bool
	HasPOC   bool
	POC      uint32 // pic_order_cnt_lsb
}

// maxSliceHead is how many bytes the fields above need at most.
const maxSliceHead = 32

// SliceStart reads first_mb_in_slice and slice_type, which need no parameter
// set. intra: an I or SI slice.
func SliceStart(nal []byte) (first, intra bool) {
	var b [8]byte
	r := bitReader{b: unescape(b[:], nal[1:min(len(nal), 12)])}
	first = r.ue() == 0 && !r.short
	kind := r.ue()
	return first, !r.short && (kind%5 == 2 || kind%5 == 4)
}

// SlicePPS reads the id of the picture parameter set.
func SlicePPS(nal []byte) (uint32, bool) {
	var b [16]byte
	r := bitReader{b: unescape(b[:], nal[1:min(len(nal), 24)])}
	r.ue()
	r.ue()
	id := r.ue()
	return id, !r.short
}

// ParseSlice reads the beginning of a slice header with its SPS.
func ParseSlice(nal []byte, sps *SPS) SliceHead {
	var b [maxSliceHead]byte
	r := bitReader{b: unescape(b[:], nal[1:min(len(nal), 2*maxSliceHead)])}
	r.ue()
	r.ue()
	h := SliceHead{PPS: r.ue()}
	if sps.planes {
		r.bits(2)
	}
	h.FrameNum = r.bits(sps.frameNumBits)
	if !sps.framesOnly {
		if h.Field = r.bit() == 1; h.Field {
			h.Bottom = r.bit() == 1
		}
	}
	if nal[0]&31 == NALIDR {
		r.ue()
	}
	if sps.POCBits > 0 {
		h.HasPOC, h.POC = true, r.bits(sps.POCBits)
	}
	h.OK = !r.short
	return h
}

// HasRecoveryPoint looks for a recovery point in an SEI NAL unit (§7.3.2.3,
// §D.1.8).
func HasRecoveryPoint(nal []byte) bool {
	b := nal[1:]
	for len(b) > 2 {
		kind, n1 := seiNumber(b)
		size, n2 := seiNumber(b[n1:])
		if kind == 6 && size > 0 {
			return true
		}
		// Emulation prevention bytes inside the message are not part of its size.
		at, zeros := n1+n2, 0
		for ; size > 0 && at < len(b); at++ {
			if zeros >= 2 && b[at] == 3 {
				zeros = 0
				continue
			}
			if b[at] == 0 {
				zeros++
			} else {
				zeros = 0
			}
			size--
		}
		b = b[min(at, len(b)):]
	}
	return false
}

// seiNumber reads a number coded as bytes of 255 and a last one.
func seiNumber(b []byte) (v, n int) {
	for n < len(b) && b[n] == 0xff {
		v += 255
		n++
	}
	if n < len(b) {
		v += int(b[n])
		n++
	}
	return v, n
}
