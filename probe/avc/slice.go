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
	r := NewBits(Unescape(b[:], nal[1:min(len(nal), 12)]))
	first = r.UE() == 0 && !r.Short()
	kind := r.UE()
	return first, !r.Short() && (kind%5 == 2 || kind%5 == 4)
}

// SlicePPS reads the id of the picture parameter set.
func SlicePPS(nal []byte) (uint32, bool) {
	var b [16]byte
	r := NewBits(Unescape(b[:], nal[1:min(len(nal), 24)]))
	r.UE()
	r.UE()
	id := r.UE()
	return id, !r.Short()
}

// ParseSlice reads the beginning of a slice header with its SPS.
func ParseSlice(nal []byte, sps *SPS) SliceHead {
	var b [maxSliceHead]byte
	r := NewBits(Unescape(b[:], nal[1:min(len(nal), 2*maxSliceHead)]))
	r.UE()
	r.UE()
	h := SliceHead{PPS: r.UE()}
	if sps.planes {
		r.Bits(2)
	}
	h.FrameNum = r.Bits(sps.frameNumBits)
	if !sps.framesOnly {
		if h.Field = r.Bit() == 1; h.Field {
			h.Bottom = r.Bit() == 1
		}
	}
	if nal[0]&31 == NALIDR {
		r.UE()
	}
	if sps.POCBits > 0 {
		h.HasPOC, h.POC = true, r.Bits(sps.POCBits)
	}
	h.OK = !r.Short()
	return h
}

// HasRecoveryPoint looks for a recovery point in an SEI NAL unit (§7.3.2.3,
// §D.1.8).
func HasRecoveryPoint(nal []byte) bool { return RecoveryPoint(nal[1:]) }

// RecoveryPoint looks for a recovery point in the messages of an SEI NAL unit:
// what is behind its header. H.265 codes them the same way (ITU-T H.265 §7.3.2.4,
// §D.2.8).
func RecoveryPoint(b []byte) bool {
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
