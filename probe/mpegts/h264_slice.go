package mpegts

// sliceHead is the beginning of a slice header (ITU-T H.264 §7.3.3), as far as
// it tells pictures apart.
type sliceHead struct {
	ok       bool // it could be read
	pps      uint32
	frameNum uint32
	field    bool
	bottom   bool
	hasPOC   bool
	poc      uint32 // pic_order_cnt_lsb
}

// maxSliceHead is how many bytes the fields above need at most.
const maxSliceHead = 32

// sliceStart reads first_mb_in_slice and slice_type, which need no parameter
// set. intra: an I or SI slice.
func sliceStart(nal []byte) (first, intra bool) {
	var b [8]byte
	r := bitReader{b: unescape(b[:], nal[1:min(len(nal), 12)])}
	first = r.ue() == 0 && !r.short
	kind := r.ue()
	return first, !r.short && (kind%5 == 2 || kind%5 == 4)
}

// slicePPS reads the id of the picture parameter set.
func slicePPS(nal []byte) (uint32, bool) {
	var b [16]byte
	r := bitReader{b: unescape(b[:], nal[1:min(len(nal), 24)])}
	r.ue()
	r.ue()
	id := r.ue()
	return id, !r.short
}

// parseSlice reads the beginning of a slice header with its SPS.
func parseSlice(nal []byte, sps *spsInfo) sliceHead {
	var b [maxSliceHead]byte
	r := bitReader{b: unescape(b[:], nal[1:min(len(nal), 2*maxSliceHead)])}
	r.ue()
	r.ue()
	h := sliceHead{pps: r.ue()}
	if sps.planes {
		r.bits(2)
	}
	h.frameNum = r.bits(sps.frameNumBits)
	if !sps.framesOnly {
		if h.field = r.bit() == 1; h.field {
			h.bottom = r.bit() == 1
		}
	}
	if nal[0]&31 == nalIDR {
		r.ue()
	}
	if sps.pocBits > 0 {
		h.hasPOC, h.poc = true, r.bits(sps.pocBits)
	}
	h.ok = !r.short
	return h
}

// hasRecoveryPoint looks for a recovery point in an SEI NAL unit (§7.3.2.3,
// §D.1.8).
func hasRecoveryPoint(nal []byte) bool {
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
