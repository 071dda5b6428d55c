package fmp4

import (
	"recfin/mp4"
	"recfin/probe/avc"
	"recfin/probe/hevc"
)

// nalConfig is the decoder configuration of a codec whose samples are NAL units
// (ISO/IEC 14496-15 §5.3.3.1, §8.3.3.1), and what stands beside it.
type nalConfig struct {
	display
	hevc       bool
	lengthSize int      // bytes of the length of a NAL unit
	sets       [][]byte // parameter sets; none where they come with the pictures
}

// readAVC reads avcC; nil where the parameter sets cannot be read.
func readAVC(parts boxList) *nalConfig {
	f := fields{p: parts.find("avcC").body}
	f.skip(4)
	c := &nalConfig{lengthSize: int(f.u8()&3) + 1}
	for _, mask := range []byte{31, 255} {
		for range f.u8() & mask {
			if set := f.bytes(int(f.u16())); len(set) > 0 {
				c.sets = append(c.sets, set)
			}
		}
	}
	return c.readable(f.short)
}

// readHEVC reads hvcC; nil where the parameter sets cannot be read.
func readHEVC(parts boxList) *nalConfig {
	f := fields{p: parts.find("hvcC").body}
	f.skip(21)
	c := &nalConfig{hevc: true, lengthSize: int(f.u8()&3) + 1}
	for range f.u8() {
		typ := f.u8() & 63
		for range f.u16() {
			set := f.bytes(int(f.u16()))
			if f.short {
				return nil
			}
			if hevc.IsSet(typ) && hevc.Type(set) == typ {
				c.sets = append(c.sets, set)
			}
		}
	}
	return c.readable(f.short)
}

// readable gives the configuration if its sets can be used, or if there are none.
func (c *nalConfig) readable(short bool) *nalConfig {
	if short {
		return nil
	}
	s := c.stream()
	for _, set := range c.sets {
		s.take(set)
	}
	if len(c.sets) > 0 && s.activate(nil) == unknown {
		return nil
	}
	return c
}

// stream makes the reader of its pictures.
func (c *nalConfig) stream() stream {
	if c.hevc {
		return &hevcStream{}
	}
	return &avcStream{}
}

// picture is what the NAL units of one sample say.
type picture struct {
	access   mp4.Access // by the type of the first slice
	recovery bool
	intra    bool   // all slices are I or SI
	sets     uint8  // kinds of parameter sets in it: a bit for each
	slice    []byte // the first; nil: none
	damaged  bool
}

// stream reads the pictures of one codec.
type stream interface {
	// take stores a parameter set.
	take(nal []byte)
	// look takes note of a NAL unit, which has a byte at least, and says whether
	// it is kept.
	look(p *picture, nal []byte) bool
	// activate finds the sets that a slice needs, or any sets for none.
	activate(slice []byte) activity
	// entry describes the stream with what is active.
	entry(c *display) mp4.SampleEntry
	// whole reports whether a picture brings a set of each kind that the stream was
	// described with.
	whole(p *picture) bool
}

// activity is what is known of the sets that a picture needs.
type activity uint8

const (
	unknown   activity = iota // there are none
	unchanged                 // since the stream was described
	changed
)

// Kinds of parameter sets.
const (
	hasVPS = 1 << iota
	hasSPS
	hasPPS
)

// knownSets are the parameter sets of a codec, whose sequence parameter sets are S.
type knownSets[S any] interface {
	Active(pps uint32) *S
	Any() *S
	Changed() bool
}

// activate finds the sequence parameter set that a picture parameter set uses, if
// ok, or else the one in force, or any.
func activate[S any](sets knownSets[S], now *S, pps uint32, ok bool) (*S, activity) {
	active := now
	if ok {
		if a := sets.Active(pps); a != nil {
			active = a
		}
	}
	if active == nil {
		active = sets.Any()
	}
	switch {
	case active == nil:
		return nil, unknown
	case active == now && !sets.Changed():
		return active, unchanged
	}
	return active, changed
}

// avcStream reads pictures of H.264.
type avcStream struct {
	sets   avc.Sets
	active *avc.SPS
}

func (s *avcStream) take(nal []byte) { s.sets.Take(nal) }

func (s *avcStream) look(p *picture, nal []byte) bool {
	switch t := nal[0] & 31; t {
	case avc.NALDelimiter, avc.NALFiller, avc.NALEndOfSeq, avc.NALEndOfStrm:
		return false
	case avc.NALSPS:
		p.sets |= hasSPS
		s.sets.Take(nal)
	case avc.NALPPS:
		p.sets |= hasPPS
		s.sets.Take(nal)
	case avc.NALSEI:
		p.recovery = p.recovery || avc.HasRecoveryPoint(nal)
	case avc.NALSlice, avc.NALPartitionA, avc.NALIDR:
		if p.slice == nil {
			p.slice = nal
			if t == avc.NALIDR {
				p.access = mp4.Sync
			}
		}
		if p.intra {
			_, p.intra = avc.SliceStart(nal)
		}
	}
	return true
}

func (s *avcStream) activate(slice []byte) (a activity) {
	id, ok := uint32(0), false
	if slice != nil {
		id, ok = avc.SlicePPS(slice)
	}
	s.active, a = activate(&s.sets, s.active, id, ok)
	return a
}

func (s *avcStream) entry(v *display) mp4.SampleEntry {
	if s.active == nil {
		return &mp4.AVC{}
	}
	e := s.sets.Entry(s.active)
	e.ParWidth, e.ParHeight, e.Colour = v.over(e.ParWidth, e.ParHeight, e.Colour)
	return e
}

func (s *avcStream) whole(p *picture) bool { return p.sets == hasSPS|hasPPS }

// hevcStream reads pictures of H.265.
type hevcStream struct {
	sets   hevc.Sets
	active *hevc.SPS
	vps    bool // the stream was described with one
}

func (s *hevcStream) take(nal []byte) { s.sets.Take(nal) }

func (s *hevcStream) look(p *picture, nal []byte) bool {
	switch t := hevc.Type(nal); {
	case t >= hevc.NALDelimiter && t <= hevc.NALFiller:
		return false
	case hevc.Layer(nal) != 0: // it belongs to the picture of the base layer
	case hevc.IsSet(t):
		p.sets |= hasVPS << (t - hevc.NALVPS)
		s.sets.Take(nal)
	case t == hevc.NALPrefixSEI:
		p.recovery = p.recovery || hevc.HasRecoveryPoint(nal)
	case hevc.IsSlice(t):
		if p.slice == nil {
			p.slice, p.access = nal, hevc.Access(t)
		}
		if p.intra && p.access == mp4.NotAccess {
			h := s.sets.Slice(nal)
			p.intra = h.OK && (h.Intra || h.Dependent)
		}
	}
	return true
}

func (s *hevcStream) activate(slice []byte) (a activity) {
	id, ok := uint32(0), false
	if slice != nil {
		id, ok = hevc.SlicePPS(slice)
	}
	s.active, a = activate(&s.sets, s.active, id, ok)
	return a
}

func (s *hevcStream) entry(v *display) mp4.SampleEntry {
	if s.active == nil {
		return &mp4.HEVC{}
	}
	e := s.sets.Entry(s.active)
	e.ParWidth, e.ParHeight, e.Colour = v.over(e.ParWidth, e.ParHeight, e.Colour)
	s.vps = len(e.VPS) > 0
	return e
}

func (s *hevcStream) whole(p *picture) bool {
	want := uint8(hasSPS | hasPPS)
	if s.vps {
		want |= hasVPS
	}
	return p.sets&want == want
}
