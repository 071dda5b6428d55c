package hevc

import "recfin/probe/avc"

// SliceHead is the beginning of a slice segment header (§7.3.6.1).
type SliceHead struct {
	OK        bool // it could be read
	PPS       uint32
	First     bool // first_slice_segment_in_pic_flag
	Dependent bool // what follows is as in the slice segment before
	Intra     bool // an I slice
	HasPOC    bool
	POC       uint32 // slice_pic_order_cnt_lsb; 0 in an IDR picture
}

// maxSliceHead is how many bytes the fields above need at most.
const maxSliceHead = 32

// FirstSlice reads first_slice_segment_in_pic_flag, which needs no parameter set.
func FirstSlice(nal []byte) bool { return len(nal) > header && nal[header]&0x80 != 0 }

// SlicePPS reads the id of the picture parameter set of a slice segment.
func SlicePPS(nal []byte) (uint32, bool) {
	var b [8]byte
	r := sliceBits(b[:], nal)
	_, id := sliceStart(&r, nal)
	return id, !r.Short()
}

// sliceBits reads from the head of a slice segment.
func sliceBits(dst, nal []byte) avc.Bits {
	return avc.NewBits(avc.Unescape(dst, nal[min(header, len(nal)):min(len(nal), header+2*len(dst))]))
}

func sliceStart(r *avc.Bits, nal []byte) (first bool, pps uint32) {
	first = r.Flag()
	if IsIRAP(Type(nal)) {
		r.Bit() // no_output_of_prior_pics_flag
	}
	return first, r.UE()
}

// Slice reads the beginning of a slice segment header with the sets in force.
func (p *Sets) Slice(nal []byte) SliceHead {
	var b [maxSliceHead]byte
	r := sliceBits(b[:], nal)
	first, id := sliceStart(&r, nal)
	h := SliceHead{First: first, PPS: id}
	sps := p.Active(id)
	if sps == nil || r.Short() {
		return h
	}
	set := p.pps[id]
	if !first {
		if set.dependent {
			h.Dependent = r.Flag()
		}
		r.Bits(sps.addressBits)
	}
	if h.Dependent {
		h.OK = !r.Short()
		return h
	}
	r.Bits(set.extra)
	h.Intra = r.UE() == 2
	if set.output {
		r.Bit()
	}
	if sps.planes {
		r.Bits(2)
	}
	h.HasPOC = true
	if !IsIDR(Type(nal)) {
		h.POC = r.Bits(sps.POCBits)
	}
	h.OK = !r.Short()
	return h
}
