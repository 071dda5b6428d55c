package mpegts

import (
	"recfin/mp4"
	"recfin/probe/hevc"
)

// h265 is the syntax of H.265 (ITU-T H.265 §7). Where a sequence codes fields
// (field_seq_flag), each of them is a coded picture of its own with its own
// timestamps and so a sample of its own, other than in H.264: so ISO/IEC
// 14496-15 has it, and decoders hand them out one by one.
type h265 struct {
	sets   hevc.Sets
	active *hevc.SPS // that the stream was last described by; nil: not described
	bare   bool      // described without sets
}

func newH265(d *Demuxer, s *stream) parser { return newAnnexB(d, s, &h265{}, hasVPS|hasSPS|hasPPS) }

func (c *h265) look(b []byte) nalFacts {
	t := hevc.Type(b)
	switch t {
	case hevc.NALFiller:
		return nalFacts{role: roleDrop}
	case 255: // half a header
		return nalFacts{role: roleDrop}
	}
	if hevc.Layer(b) != 0 { // a further view or quality of the picture that is open
		if t == hevc.NALDelimiter || t == hevc.NALEndOfSeq || t == hevc.NALEndOfStrm {
			return nalFacts{role: roleDrop}
		}
		return nalFacts{}
	}
	switch {
	case hevc.IsSlice(t):
		return nalFacts{
			role: roleSlice, first: hevc.FirstSlice(b), intra: true, access: hevc.Access(t),
			kind: uint16(b[0])<<8 | uint16(b[1]), // equal type and TemporalId (§7.4.2.2)
		}
	case t == hevc.NALDelimiter:
		return nalFacts{role: roleDelimiter}
	case t == hevc.NALEndOfSeq, t == hevc.NALEndOfStrm:
		return nalFacts{role: roleEnd}
	case hevc.IsSet(t):
		return nalFacts{role: roleEarly, sets: hasVPS << (t - hevc.NALVPS)}
	case t == hevc.NALPrefixSEI:
		f := nalFacts{role: roleEarly}
		if hevc.HasRecoveryPoint(b) {
			f.access = mp4.Recovery
		}
		return f
	case t >= 41 && t <= 44, t >= 48 && t <= 55: // reserved and unspecified
		return nalFacts{role: roleEarly}
	}
	return nalFacts{}
}

func (c *h265) store(b []byte) bool {
	c.sets.Take(b)
	return c.active != nil || c.sets.Any() != nil
}

// read looks at all slices of a picture that may be a lone I picture.
func (c *h265) read(es *es, p *picture) {
	b := es.at(p.slice.lo, p.slice.hi)
	p.head = sliceHead{}
	p.pps, p.hasPPS = hevc.SlicePPS(b)
	h := c.sets.Slice(b)
	sps := c.sets.Active(p.pps)
	p.intra = h.OK && h.Intra
	if !h.OK || sps == nil {
		return
	}
	t := hevc.Type(b)
	p.head = sliceHead{
		ok: true, restart: hevc.IsIDR(t) || hevc.IsBLA(t), poc: h.POC, pocBits: sps.POCBits, pocStep: 1,
	}
	for _, n := range p.nals {
		if !p.intra {
			return
		}
		b := es.at(n.lo, n.hi)
		if n.lo == p.slice.lo || !hevc.IsSlice(hevc.Type(b)) || hevc.Layer(b) != 0 {
			continue
		}
		h := c.sets.Slice(b)
		p.intra = h.OK && (h.Dependent || h.Intra)
	}
}

func (c *h265) entry(p *picture) mp4.SampleEntry {
	active := inForce(&c.sets, c.active, p)
	switch {
	case active == nil && c.bare, active != nil && active == c.active && !c.sets.Changed():
		return nil
	case active == nil:
		c.bare = true
		return &mp4.HEVC{}
	}
	c.active = active
	return c.sets.Entry(active)
}

func (c *h265) duration() int64 {
	sps := lastInForce(&c.sets, c.active)
	if sps == nil {
		return 0
	}
	return sps.FrameDuration
}
