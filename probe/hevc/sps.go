package hevc

import (
	"math"
	"math/bits"

	"recfin/mp4"
	"recfin/probe/avc"
)

const (
	// clock is the timescale of FrameDuration.
	clock = 90000
	// maxParsed is how much of a set is looked at: the longest legal SPS, with
	// all scaling lists and reference picture sets, is far below it.
	maxParsed = 8192
	// maxSide is the largest width and height that a track header can hold.
	maxSide = math.MaxUint16
)

// SPS is what is used of a sequence parameter set (ITU-T H.265 §7.3.2.2).
type SPS struct {
	nal           []byte
	order         int // of first appearance
	Width, Height int // luma samples after the conformance window
	ParWidth      int // sample aspect ratio; 0:0: not told
	ParHeight     int
	Colour        *mp4.Colour // nil: not told

	POCBits       int   // log2_max_pic_order_cnt_lsb
	Fields        bool  // field_seq_flag: every picture is a field
	FrameDuration int64 // ticks of 90 kHz a picture by the VUI; 0: not told

	profile     [12]byte
	chroma      uint32
	planes      bool // separate_colour_plane_flag
	luma, depth int  // bits a sample
	layers      int
	nested      bool
	addressBits int // of slice_segment_address
	codedWidth  uint32
	codedHeight uint32
}

// entry is what the SPS says of the stream, without sets.
func (s *SPS) entry() *mp4.HEVC {
	return &mp4.HEVC{
		Width: s.Width, Height: s.Height,
		ParWidth: s.ParWidth, ParHeight: s.ParHeight, Colour: s.Colour,
		Profile: s.profile, Chroma: int(s.chroma), LumaDepth: s.luma, ChromaDepth: s.depth,
		TemporalLayers: s.layers, TemporalNested: s.nested,
	}
}

// parseSPS reads a sequence parameter set and its id. What it must have is all
// up to the coding block sizes; the rest is taken as far as it can be read,
// because encoders are known that write the end of it wrong.
func parseSPS(nal []byte) (*SPS, uint32, bool) {
	r := avc.NewBits(avc.Unescape(make([]byte, min(len(nal), maxParsed)), nal[header:]))
	s := &SPS{}
	r.Bits(4) // sps_video_parameter_set_id
	sub := int(r.Bits(3))
	s.layers, s.nested = sub+1, r.Flag()
	if sub > 6 {
		return nil, 0, false
	}
	s.profileTierLevel(&r, sub)
	id := r.UE()
	if !s.picture(&r) || !s.coding(&r, sub) || r.Short() || id >= maxSPS {
		return nil, 0, false
	}
	if skipTools(&r) && skipReferences(&r, s.POCBits) {
		s.vui(&r)
	}
	return s, id, true
}

// profileTierLevel reads profile_tier_level() with profilePresentFlag 1 (§7.3.3).
func (s *SPS) profileTierLevel(r *avc.Bits, sub int) {
	for i := range s.profile {
		s.profile[i] = byte(r.Bits(8))
	}
	if sub == 0 {
		return
	}
	var profile, level [8]bool
	for i := range 8 { // behind the last sub-layer there are reserved bits up to eight
		profile[i], level[i] = r.Flag(), r.Flag()
	}
	for i := range sub {
		if profile[i] {
			r.Bits(32)
			r.Bits(32)
			r.Bits(24)
		}
		if level[i] {
			r.Bits(8)
		}
	}
}

// picture reads the format and the size (§7.4.3.2.1).
func (s *SPS) picture(r *avc.Bits) bool {
	s.chroma = r.UE()
	if s.chroma == 3 {
		s.planes = r.Flag()
	}
	s.codedWidth, s.codedHeight = r.UE(), r.UE()
	if s.chroma > 3 || s.codedWidth > maxSide || s.codedHeight > maxSide {
		return false
	}
	s.Width, s.Height = int(s.codedWidth), int(s.codedHeight)
	if r.Flag() {
		left, right, top, bottom := r.UE(), r.UE(), r.UE(), r.UE()
		if max(left, right, top, bottom) > maxSide {
			return false
		}
		unitX, unitY := 1, 1
		if s.chroma == 1 || s.chroma == 2 {
			unitX = 2
		}
		if s.chroma == 1 {
			unitY = 2
		}
		s.Width -= unitX * int(left+right)
		s.Height -= unitY * int(top+bottom)
	}
	return s.Width > 0 && s.Height > 0
}

// coding reads depths, the size of picture order counts and that of blocks.
func (s *SPS) coding(r *avc.Bits, sub int) bool {
	luma, depth, poc := r.UE(), r.UE(), r.UE()
	if luma > 8 || depth > 8 || poc > 12 {
		return false
	}
	s.luma, s.depth, s.POCBits = int(luma)+8, int(depth)+8, int(poc)+4
	first := sub
	if r.Flag() { // sps_sub_layer_ordering_info_present_flag
		first = 0
	}
	for i := first; i <= sub; i++ {
		r.UE()
		r.UE()
		r.UE()
	}
	least, more := r.UE(), r.UE()
	if least > 3 || more > 3 {
		return false
	}
	block := uint32(1) << (least + 3 + more)
	n := ((s.codedWidth + block - 1) / block) * ((s.codedHeight + block - 1) / block)
	s.addressBits = bits.Len32(n - 1)
	return true
}

// vui takes what is used of the video usability information (§E.2.1).
func (s *SPS) vui(r *avc.Bits) {
	r.Bits(2) // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
	if !r.Flag() {
		return
	}
	s.aspect(r)
	if r.Flag() { // overscan_info_present_flag
		r.Bit()
	}
	s.signal(r)
	if r.Flag() { // chroma_loc_info_present_flag
		r.UE()
		r.UE()
	}
	r.Bit() // neutral_chroma_indication_flag
	fields := r.Flag()
	r.Bit()       // frame_field_info_present_flag
	if r.Flag() { // default_display_window_flag
		for range 4 {
			r.UE()
		}
	}
	s.Fields = fields && !r.Short()
	if !r.Flag() { // vui_timing_info_present_flag
		return
	}
	units, scale := int64(r.Bits(32)), int64(r.Bits(32))
	if r.Short() || scale == 0 {
		return
	}
	if n := clock * units / scale; n > 0 && n <= 10*clock {
		s.FrameDuration = n
	}
}

func (s *SPS) aspect(r *avc.Bits) {
	if !r.Flag() {
		return
	}
	idc := r.Bits(8)
	w, h := avc.Aspect(uint8(idc))
	if idc == 255 {
		w, h = int(r.Bits(16)), int(r.Bits(16))
	}
	if w > 0 && h > 0 && !r.Short() {
		s.ParWidth, s.ParHeight = w, h
	}
}

func (s *SPS) signal(r *avc.Bits) {
	if !r.Flag() {
		return
	}
	r.Bits(3)                                                                  // video_format
	c := mp4.Colour{Primaries: 2, Transfer: 2, Matrix: 2, FullRange: r.Flag()} // 2: unspecified
	told := r.Flag()
	if told {
		c.Primaries, c.Transfer, c.Matrix = uint16(r.Bits(8)), uint16(r.Bits(8)), uint16(r.Bits(8))
	}
	if (told || c.FullRange) && !r.Short() {
		s.Colour = &c
	}
}
