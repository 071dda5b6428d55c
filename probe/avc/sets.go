package avc

import (
	"bytes"
	"math"
	"slices"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"

	"recfin/mp4"
)

const (
	maxSPS = 32
	maxPPS = 256
	// An avcC box holds fewer sets than there are ids.
	maxEntrySPS = 31
	maxEntryPPS = 255
	// maxSet is the longest parameter set that fits into an avcC box.
	maxSet = math.MaxUint16
	// clock is the timescale of FrameDuration.
	clock = 90000
	// maxParsed is how much of a set is looked at: the longest legal SPS, with
	// all scaling lists and both HRDs, is far below it.
	maxParsed = 4096
	// maxSide is the largest width and height that a track header can hold.
	maxSide = math.MaxUint16
)

// SPS is what is used of a sequence parameter set (ITU-T H.264 §7.3.2.1).
type SPS struct {
	id            uint32
	nal           []byte
	order         int // of first appearance
	Width, Height int // luma samples after cropping
	ParWidth      int // sample aspect ratio; 0:0: not told
	ParHeight     int
	Colour        *mp4.Colour // nil: not told

	frameNumBits  int
	POCBits       int // log2_max_pic_order_cnt_lsb; 0: pic_order_cnt_type is not 0
	framesOnly    bool
	planes        bool  // separate_colour_plane_flag
	FrameDuration int64 // ticks of 90 kHz by the VUI; 0: not told
}

type ppsInfo struct {
	id    uint32
	nal   []byte
	order int
	sps   uint32
}

// Sets are the parameter sets of a stream, by id; a set with new content replaces
// the one with its id.
type Sets struct {
	sps   []*SPS // hardly ever more than one of a kind
	pps   []*ppsInfo
	order int
	dirty bool // changed since Entry was called
}

// Changed reports whether a set has changed since Entry was called.
func (p *Sets) Changed() bool { return p.dirty }

// Take stores a set. One that cannot be read changes nothing.
func (p *Sets) Take(nal []byte) {
	if len(nal) > maxSet {
		return
	}
	if nal[0]&31 == NALSPS {
		p.takeSPS(nal)
	} else {
		p.takePPS(nal)
	}
}

func (p *Sets) takeSPS(nal []byte) {
	for _, old := range p.sps { // sets are repeated before each random access point
		if bytes.Equal(old.nal, nal) {
			return
		}
	}
	s, id, ok := parseSPS(nal)
	if !ok {
		return
	}
	s.id, s.nal, p.dirty = id, bytes.Clone(nal), true
	if i := slices.IndexFunc(p.sps, func(s *SPS) bool { return s.id == id }); i >= 0 {
		s.order = p.sps[i].order
		p.sps[i] = s
		return
	}
	s.order = p.next()
	p.sps = append(p.sps, s)
}

// spsOf is the set with an id, or nil.
func (p *Sets) spsOf(id uint32) *SPS {
	for _, s := range p.sps {
		if s.id == id {
			return s
		}
	}
	return nil
}

func (p *Sets) takePPS(nal []byte) {
	var b [16]byte
	r := NewBits(Unescape(b[:], nal[1:]))
	id, sps := r.UE(), r.UE()
	if r.Short() || id >= maxPPS || sps >= maxSPS {
		return
	}
	i := slices.IndexFunc(p.pps, func(s *ppsInfo) bool { return s.id == id })
	if i >= 0 && bytes.Equal(p.pps[i].nal, nal) {
		return
	}
	s := &ppsInfo{id: id, sps: sps, nal: bytes.Clone(nal)}
	p.dirty = true
	if i >= 0 {
		s.order = p.pps[i].order
		p.pps[i] = s
		return
	}
	s.order = p.next()
	p.pps = append(p.pps, s)
}

func (p *Sets) next() int {
	p.order++
	return p.order
}

// Active is the SPS that a slice with this PPS id uses, or nil.
func (p *Sets) Active(pps uint32) *SPS {
	for _, s := range p.pps {
		if s.id == pps {
			return p.spsOf(s.sps)
		}
	}
	return nil
}

// Any is the first SPS that some PPS uses, or nil: nothing can be decoded yet.
func (p *Sets) Any() *SPS {
	var best *ppsInfo
	for _, s := range p.pps {
		if p.spsOf(s.sps) != nil && (best == nil || s.order < best.order) {
			best = s
		}
	}
	if best == nil {
		return nil
	}
	return p.spsOf(best.sps)
}

// Entry describes the stream with all sets that are known and the picture size
// of the active one.
func (p *Sets) Entry(active *SPS) *mp4.AVC {
	p.dirty = false
	e := &mp4.AVC{
		Width: active.Width, Height: active.Height,
		ParWidth: active.ParWidth, ParHeight: active.ParHeight, Colour: active.Colour,
	}
	for order := 1; order <= p.order; order++ {
		for _, s := range p.sps {
			if s.order == order && len(e.SPS) < maxEntrySPS {
				e.SPS = append(e.SPS, s.nal)
			}
		}
		for _, s := range p.pps {
			if s.order == order && len(e.PPS) < maxEntryPPS {
				e.PPS = append(e.PPS, s.nal)
			}
		}
	}
	return e
}

// parseSPS reads a sequence parameter set and its id.
func parseSPS(nal []byte) (*SPS, uint32, bool) {
	var sps h264.SPS
	if len(nal) < 4 || sps.Unmarshal(nal[:min(len(nal), maxParsed)]) != nil {
		return nil, 0, false
	}
	if sps.ID >= maxSPS || sps.Log2MaxFrameNumMinus4 > 12 || sps.Log2MaxPicOrderCntLsbMinus4 > 12 ||
		sps.ChromaFormatIdc > 3 || sps.BitDepthLumaMinus8 > 6 || sps.BitDepthChromaMinus8 > 6 {
		return nil, 0, false
	}
	s := &SPS{
		frameNumBits: int(sps.Log2MaxFrameNumMinus4) + 4,
		framesOnly:   sps.FrameMbsOnlyFlag,
		planes:       sps.SeparateColourPlaneFlag,
	}
	if sps.PicOrderCntType == 0 {
		s.POCBits = int(sps.Log2MaxPicOrderCntLsbMinus4) + 4
	}
	if !s.size(&sps) {
		return nil, 0, false
	}
	s.vui(sps.VUI)
	return s, sps.ID, true
}

// size computes the cropped picture size (§7.4.2.1.1).
func (s *SPS) size(sps *h264.SPS) bool {
	if sps.PicWidthInMbsMinus1 >= maxSide/16 || sps.PicHeightInMapUnitsMinus1 >= maxSide/16 {
		return false
	}
	fields := 2
	if sps.FrameMbsOnlyFlag {
		fields = 1
	}
	s.Width = 16 * int(sps.PicWidthInMbsMinus1+1)
	s.Height = 16 * fields * int(sps.PicHeightInMapUnitsMinus1+1)
	if c := sps.FrameCropping; c != nil {
		unitX, unitY := 1, fields
		if !sps.SeparateColourPlaneFlag {
			if f := sps.ChromaFormatIdc; f == 1 || f == 2 {
				unitX = 2
			}
			if sps.ChromaFormatIdc == 1 {
				unitY *= 2
			}
		}
		if max(c.LeftOffset, c.RightOffset, c.TopOffset, c.BottomOffset) > maxSide {
			return false
		}
		s.Width -= unitX * int(c.LeftOffset+c.RightOffset)
		s.Height -= unitY * int(c.TopOffset+c.BottomOffset)
	}
	return s.Width > 0 && s.Width <= maxSide && s.Height > 0 && s.Height <= maxSide
}

// aspects are the sample aspect ratios of Table E-1.
var aspects = [...][2]int{
	{0, 0}, {1, 1}, {12, 11}, {10, 11}, {16, 11}, {40, 33}, {24, 11}, {20, 11}, {32, 11},
	{80, 33}, {18, 11}, {15, 11}, {64, 33}, {160, 99}, {4, 3}, {3, 2}, {2, 1},
}

// Aspect is the sample aspect ratio that an aspect_ratio_idc stands for; 0:0:
// none. H.265 has the same table.
func Aspect(idc uint8) (width, height int) {
	if int(idc) >= len(aspects) {
		return 0, 0
	}
	return aspects[idc][0], aspects[idc][1]
}

// vui takes what is used of the video usability information (Annex E).
func (s *SPS) vui(v *h264.SPS_VUI) {
	if v == nil {
		return
	}
	if v.AspectRatioInfoPresentFlag {
		s.ParWidth, s.ParHeight = Aspect(v.AspectRatioIdc)
		if v.AspectRatioIdc == 255 && v.SarWidth > 0 && v.SarHeight > 0 {
			s.ParWidth, s.ParHeight = int(v.SarWidth), int(v.SarHeight)
		}
	}
	switch {
	case v.ColourDescriptionPresentFlag:
		s.Colour = &mp4.Colour{
			Primaries: uint16(v.ColourPrimaries), Transfer: uint16(v.TransferCharacteristics),
			Matrix: uint16(v.MatrixCoefficients), FullRange: v.VideoFullRangeFlag,
		}
	case v.VideoSignalTypePresentFlag && v.VideoFullRangeFlag:
		s.Colour = &mp4.Colour{Primaries: 2, Transfer: 2, Matrix: 2, FullRange: true} // 2: unspecified
	}
	if t := v.TimingInfo; t != nil && t.TimeScale > 0 {
		if n := 2 * clock * int64(t.NumUnitsInTick) / int64(t.TimeScale); n > 0 && n <= 10*clock {
			s.FrameDuration = n
		}
	}
}
