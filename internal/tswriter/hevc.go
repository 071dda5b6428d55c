package tswriter

// TypeHEVC is the stream type of H.265.
const TypeHEVC = 0x24

// NAL unit types of H.265 (ITU-T H.265 Table 7-1) that the helpers know.
const (
	HEVCTrail   = 1 // TRAIL_R
	HEVCRADL    = 7 // RADL_R
	HEVCRASL    = 9 // RASL_R
	HEVCBLA     = 16
	HEVCIDR     = 20 // IDR_N_LP
	HEVCCRA     = 21
	hevcVPS     = 32
	hevcSPS     = 33
	hevcPPS     = 34
	hevcLayered = 1 << 3 // in the second byte: nuh_layer_id 1
)

// Slice types of H.265.
const (
	HEVCTypeB = 0
	HEVCTypeP = 1
	HEVCTypeI = 2
)

// HEVC NAL units that are always the same: delimiter, ends, filler, a recovery
// point in a prefix SEI, a prefix SEI with user data that holds an emulation
// prevention byte, and the same as a suffix SEI.
var (
	HEVCDelimiter     = []byte{35 << 1, 1, 0x50}
	HEVCEndOfSequence = []byte{36 << 1, 1}
	HEVCEndOfStream   = []byte{37 << 1, 1}
	HEVCFiller        = []byte{38 << 1, 1, 0xff, 0xff, 0x80}
	HEVCRecoveryPoint = []byte{39 << 1, 1, 0x06, 0x01, 0xd0, 0x80}
	HEVCPrefixSEI     = []byte{39 << 1, 1, 0x05, 0x06, 0xaa, 0x00, 0x00, 0x03, 0x01, 0xbb, 0xcc, 0x80}
	HEVCSuffixSEI     = []byte{40 << 1, 1, 0x05, 0x06, 0xaa, 0x00, 0x00, 0x03, 0x01, 0xbb, 0xcc, 0x80}
)

// Layered gives a NAL unit of H.265 with nuh_layer_id 1.
func Layered(nal []byte) []byte {
	b := append([]byte(nil), nal...)
	b[1] |= hevcLayered
	return b
}

// level writes profile_tier_level of Main profile, level 3, one layer.
func (w *bits) level() {
	w.put(1, 8)
	w.put(0x60000000, 32)
	w.put(0x90000000, 32)
	w.put(0, 16)
	w.put(90, 8)
}

// HEVCVPS gives a video parameter set; variant makes sets differ in content.
func HEVCVPS(id, variant uint32) []byte {
	var w bits
	w.put(id, 4)
	w.put(3, 2)
	w.put(0, 6+3)
	w.put(1, 1)
	w.put(0xffff, 16)
	w.level()
	w.put(1, 1)
	w.ue(4)
	w.ue(2)
	w.ue(0)
	w.put(0, 6)
	w.ue(variant) // vps_num_layer_sets_minus1 in a real one
	w.put(0, 2)
	return w.nal(hevcVPS<<1, 1)
}

// HEVCSPS describes a sequence parameter set of Main profile with coding tree
// blocks of 16 and slice_pic_order_cnt_lsb of 8 bits.
type HEVCSPS struct {
	ID, VPS       uint32
	Width, Height int    // multiples of 8
	CropRight     uint32 // in units of two samples
	CropBottom    uint32
	Fields        bool   // field_seq_flag
	FrameTicks    uint32 // 90 kHz duration of a picture; 0: no VUI
	Aspect        uint32 // aspect_ratio_idc; 0: not told
	Colour        bool   // BT.709, limited range
	References    bool   // two reference picture sets, one told by the other, and long-term ones
}

// NAL gives the NAL unit.
func (s HEVCSPS) NAL() []byte {
	var w bits
	w.put(s.VPS, 4)
	w.put(0, 3)
	w.put(1, 1)
	w.level()
	w.ue(s.ID)
	w.ue(1)
	w.ue(uint32(s.Width))
	w.ue(uint32(s.Height))
	w.flag(s.CropRight+s.CropBottom > 0)
	if s.CropRight+s.CropBottom > 0 {
		w.ue(0)
		w.ue(s.CropRight)
		w.ue(0)
		w.ue(s.CropBottom)
	}
	w.ue(0)
	w.ue(0)
	w.ue(4) // slice_pic_order_cnt_lsb of 8 bits
	w.put(1, 1)
	w.ue(4)
	w.ue(2)
	w.ue(0)
	w.ue(0) // coding blocks of 8 …
	w.ue(1) // … to 16
	w.ue(0)
	w.ue(2)
	w.ue(1)
	w.ue(1)
	w.put(0, 4) // scaling lists, AMP, SAO, PCM
	s.references(&w)
	w.put(0, 2)
	s.vui(&w)
	w.put(0, 1)
	return w.nal(hevcSPS<<1, 1)
}

func (s HEVCSPS) references(w *bits) {
	if !s.References {
		w.ue(0)
		w.put(0, 1)
		return
	}
	w.ue(2)
	w.ue(2) // the first names two pictures before and one behind
	w.ue(1)
	for range 3 {
		w.ue(0)
		w.put(1, 1)
	}
	w.put(1, 1) // the second is the first, moved by -1
	w.put(1, 1)
	w.ue(0)
	w.put(0xf, 4)
	w.put(1, 1) // one long-term picture
	w.ue(1)
	w.put(5, 8)
	w.put(1, 1)
}

func (s HEVCSPS) vui(w *bits) {
	w.flag(s.FrameTicks > 0)
	if s.FrameTicks == 0 {
		return
	}
	w.flag(s.Aspect > 0)
	if s.Aspect > 0 {
		w.put(s.Aspect, 8)
	}
	w.put(0, 1)
	w.flag(s.Colour)
	if s.Colour {
		w.put(5<<2|1, 5)
		w.put(0x010101, 24)
	}
	w.put(0, 2) // chroma location, neutral chroma
	w.flag(s.Fields)
	w.put(0, 2)
	w.put(1, 1)
	w.put(s.FrameTicks, 32)
	w.put(90000, 32)
	w.put(0, 1+1+1) // POC timing, HRD, restrictions
}

// HEVCPPS gives a picture parameter set with dependent slice segments; variant
// makes sets differ in content.
func HEVCPPS(id, sps, variant uint32) []byte {
	var w bits
	w.ue(id)
	w.ue(sps)
	w.put(1, 1)   // dependent_slice_segments_enabled_flag
	w.put(0, 1+3) // output flag, extra bits
	w.put(0, 2)
	w.ue(variant)
	w.ue(0)
	w.ue(0)
	return w.nal(hevcPPS<<1, 1)
}

// HEVCSlice describes a slice segment of a picture of 320×192: 240 blocks.
type HEVCSlice struct {
	NAL       byte   // its type: HEVCTrail, HEVCIDR, …
	Type      uint32 // HEVCTypeI, …
	Address   uint32 // 0: the first of its picture
	Dependent bool
	PPS       uint32
	POC       uint32
	Data      []byte // arbitrary payload
}

// Bytes gives the NAL unit.
func (s HEVCSlice) Bytes() []byte {
	var w bits
	w.flag(s.Address == 0)
	if s.NAL >= 16 && s.NAL <= 23 {
		w.put(0, 1)
	}
	w.ue(s.PPS)
	if s.Address > 0 {
		w.flag(s.Dependent)
		w.put(s.Address, 8)
	}
	if !s.Dependent {
		w.ue(s.Type)
		if s.NAL != 19 && s.NAL != 20 {
			w.put(s.POC, 8)
		}
	}
	w.put(0x2a, 7) // stands for the rest of the header
	w.put(1, 1)
	for w.n%8 != 0 {
		w.put(1, 1)
	}
	for _, b := range s.Data {
		w.put(uint32(b), 8)
	}
	return w.nal(s.NAL<<1, 1)
}
