package hevc

import (
	"bytes"
	"math"

	"recfin/mp4"
	"recfin/probe/avc"
)

const (
	maxVPS = 16
	maxSPS = 16
	maxPPS = 64
	// maxSet is the longest parameter set that fits into an hvcC box.
	maxSet = math.MaxUint16
)

type vps struct {
	nal   []byte
	order int
}

type pps struct {
	nal   []byte
	order int
	sps   uint32

	dependent bool // dependent_slice_segments_enabled_flag
	output    bool // output_flag_present_flag
	extra     int  // num_extra_slice_header_bits
}

// Sets are the parameter sets of the base layer of a stream, by id; a set with
// new content replaces the one with its id.
type Sets struct {
	vps   [maxVPS]*vps
	sps   [maxSPS]*SPS
	pps   [maxPPS]*pps
	order int
	dirty bool // changed since Entry was called
}

// Changed reports whether a set has changed since Entry was called.
func (p *Sets) Changed() bool { return p.dirty }

// Take stores a VPS, SPS or PPS. Other NAL units, those of other layers and what
// cannot be read change nothing.
func (p *Sets) Take(nal []byte) {
	if len(nal) > maxSet || len(nal) <= header || Layer(nal) != 0 {
		return
	}
	switch Type(nal) {
	case NALVPS:
		p.takeVPS(nal)
	case NALSPS:
		p.takeSPS(nal)
	case NALPPS:
		p.takePPS(nal)
	}
}

func (p *Sets) takeVPS(nal []byte) {
	old := &p.vps[nal[header]>>4]
	switch {
	case *old == nil:
		*old = &vps{order: p.next()}
	case bytes.Equal((*old).nal, nal):
		return
	}
	(*old).nal, p.dirty = bytes.Clone(nal), true
}

func (p *Sets) takeSPS(nal []byte) {
	for _, s := range p.sps {
		if s != nil && bytes.Equal(s.nal, nal) {
			return // most are repeated: they need not be read again
		}
	}
	s, id, ok := parseSPS(nal)
	if !ok {
		return
	}
	if old := p.sps[id]; old != nil {
		s.order = old.order
	} else {
		s.order = p.next()
	}
	s.nal = bytes.Clone(nal)
	p.sps[id], p.dirty = s, true
}

// takePPS reads a picture parameter set (§7.3.2.3.1) as far as slice segment
// headers need it.
func (p *Sets) takePPS(nal []byte) {
	var b [16]byte
	r := avc.NewBits(avc.Unescape(b[:], nal[header:]))
	id, sps := r.UE(), r.UE()
	s := &pps{sps: sps, dependent: r.Flag(), output: r.Flag(), extra: int(r.Bits(3))}
	if r.Short() || id >= maxPPS || sps >= maxSPS {
		return
	}
	if old := p.pps[id]; old != nil {
		if bytes.Equal(old.nal, nal) {
			return
		}
		s.order = old.order
	} else {
		s.order = p.next()
	}
	s.nal = bytes.Clone(nal)
	p.pps[id], p.dirty = s, true
}

func (p *Sets) next() int {
	p.order++
	return p.order
}

// Active is the SPS that a slice with this PPS id uses, or nil.
func (p *Sets) Active(id uint32) *SPS {
	if id >= maxPPS || p.pps[id] == nil {
		return nil
	}
	return p.sps[p.pps[id].sps]
}

// Any is the first SPS that some PPS uses, or nil: nothing can be decoded yet.
func (p *Sets) Any() *SPS {
	var best *pps
	for _, s := range p.pps {
		if s != nil && p.sps[s.sps] != nil && (best == nil || s.order < best.order) {
			best = s
		}
	}
	if best == nil {
		return nil
	}
	return p.sps[best.sps]
}

// Entry describes the stream with all sets that are known and what the active
// SPS says. It has no VPS if none came: decoders do without.
func (p *Sets) Entry(active *SPS) *mp4.HEVC {
	p.dirty = false
	e := active.entry()
	for order := 1; order <= p.order; order++ {
		for _, s := range p.vps {
			if s != nil && s.order == order {
				e.VPS = append(e.VPS, s.nal)
			}
		}
		for _, s := range p.sps {
			if s != nil && s.order == order {
				e.SPS = append(e.SPS, s.nal)
			}
		}
		for _, s := range p.pps {
			if s != nil && s.order == order {
				e.PPS = append(e.PPS, s.nal)
			}
		}
	}
	return e
}
