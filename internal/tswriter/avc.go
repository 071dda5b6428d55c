package tswriter

// SPS describes a sequence parameter set of Main profile with
// pic_order_cnt_type 0, frame_num and pic_order_cnt_lsb of 8 bits each.
type SPS struct {
	ID            uint32
	Width, Height int // multiples of 16; Height of 32 with Fields
	Fields        bool
	FrameTicks    uint32 // 90 kHz duration of a frame; 0: no VUI
}

// NAL gives the NAL unit.
func (s SPS) NAL() []byte {
	var w bits
	w.put(77, 8)
	w.put(0, 8)
	w.put(30, 8)
	w.ue(s.ID)
	w.ue(4) // log2_max_frame_num 8
	w.ue(0)
	w.ue(4) // log2_max_pic_order_cnt_lsb 8
	w.ue(4)
	w.put(0, 1)
	w.ue(uint32(s.Width/16 - 1))
	if s.Fields {
		w.ue(uint32(s.Height/32 - 1))
		w.put(0, 2) // frame_mbs_only_flag, mb_adaptive_frame_field_flag
	} else {
		w.ue(uint32(s.Height/16 - 1))
		w.put(1, 1)
	}
	w.put(1, 1)
	w.put(0, 1) // no cropping
	if s.FrameTicks > 0 {
		w.put(1, 1)
		w.put(0, 4) // aspect, overscan, signal type, chroma location
		w.put(1, 1)
		w.put(s.FrameTicks, 32)
		w.put(2*90000, 32)
		w.put(1, 1)
		w.put(0, 4) // HRDs, pic_struct, restrictions
	} else {
		w.put(0, 1)
	}
	return w.nal(0x67)
}

// PPS gives a picture parameter set; variant makes sets differ in content.
func PPS(id, sps, variant uint32) []byte {
	var w bits
	w.ue(id)
	w.ue(sps)
	w.put(0, 2)
	w.ue(0)
	w.ue(0)
	w.ue(0)
	w.put(0, 3)
	w.ue(variant)
	w.ue(0)
	w.ue(0)
	w.put(0, 3)
	return w.nal(0x68)
}

// Slice types.
const (
	P = 0
	B = 1
	I = 2
)

// Slice describes a slice.
type Slice struct {
	IDR      bool
	NonRef   bool
	Type     uint32 // P, B or I
	FirstMB  uint32
	PPS      uint32
	FrameNum uint32
	POC      uint32
	Field    bool // only with an SPS that has Fields
	Bottom   bool
	Fields   bool   // the SPS has Fields
	Data     []byte // arbitrary payload
}

// NAL gives the NAL unit.
func (s Slice) NAL() []byte {
	var w bits
	w.ue(s.FirstMB)
	w.ue(s.Type)
	w.ue(s.PPS)
	w.put(s.FrameNum, 8)
	if s.Fields {
		w.flag(s.Field)
		if s.Field {
			w.flag(s.Bottom)
		}
	}
	if s.IDR {
		w.ue(0)
	}
	w.put(s.POC, 8)
	w.put(0x2a, 7) // stands for the rest of the header
	w.put(1, 1)
	for w.n%8 != 0 {
		w.put(1, 1)
	}
	for _, b := range s.Data {
		w.put(uint32(b), 8)
	}
	head := byte(0x61)
	switch {
	case s.IDR:
		head = 0x65
	case s.NonRef:
		head = 0x01
	}
	return w.nal(head)
}

// RecoveryPoint is an SEI NAL unit with a recovery point; CaptionSEI is one with
// user data that holds an emulation prevention byte.
var (
	RecoveryPoint = []byte{0x06, 0x06, 0x01, 0xc4, 0x80}
	CaptionSEI    = []byte{0x06, 0x05, 0x06, 0xaa, 0x00, 0x00, 0x03, 0x01, 0xbb, 0xcc, 0x80}
	Delimiter     = []byte{0x09, 0xf0}
	Filler        = []byte{0x0c, 0xff, 0xff, 0x80}
	EndOfSequence = []byte{0x0a}
)

// AnnexB joins NAL units with start codes: of four bytes, or of three where
// short is set (for all but the first).
func AnnexB(short bool, nals ...[]byte) []byte {
	var b []byte
	for i, n := range nals {
		if i == 0 || !short {
			b = append(b, 0)
		}
		b = append(append(b, 0, 0, 1), n...)
	}
	return b
}
