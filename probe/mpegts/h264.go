package mpegts

import (
	"recfin/mp4"
	"recfin/probe/avc"
)

// h264 is the syntax of H.264 (ITU-T H.264 §7).
type h264 struct {
	sets   avc.Sets
	active *avc.SPS // that the stream was last described by; nil: not described
	bare   bool     // described without sets
}

func newH264(d *Demuxer, s *stream) parser { return newAnnexB(d, s, &h264{}, hasSPS|hasPPS) }

func (c *h264) look(b []byte) nalFacts {
	switch t := b[0] & 31; t {
	case avc.NALFiller:
		return nalFacts{role: roleDrop}
	case avc.NALDelimiter:
		return nalFacts{role: roleDelimiter}
	case avc.NALEndOfSeq, avc.NALEndOfStrm:
		return nalFacts{role: roleEnd}
	case avc.NALPrefix:
		return nalFacts{role: rolePrefix}
	case avc.NALSlice, avc.NALPartitionA, avc.NALIDR:
		first, intra := avc.SliceStart(b)
		f := nalFacts{role: roleSlice, first: first, intra: intra, ref: b[0]&0x60 != 0}
		if t == avc.NALIDR {
			f.access = mp4.Sync
		}
		return f
	case avc.NALSPS:
		return nalFacts{role: roleLeading, sets: hasSPS}
	case avc.NALPPS:
		return nalFacts{role: roleLeading, sets: hasPPS}
	case avc.NALSEI:
		f := nalFacts{role: roleLeading}
		if avc.HasRecoveryPoint(b) {
			f.access = mp4.Recovery
		}
		return f
	case 13, 15, 16, 17, 18:
		return nalFacts{role: roleLeading}
	}
	return nalFacts{}
}

func (c *h264) store(b []byte) bool {
	if t := b[0] & 31; t == avc.NALSPS || t == avc.NALPPS {
		c.sets.Take(b)
	}
	return c.active != nil || c.sets.Any() != nil
}

func (c *h264) read(es *es, p *picture) {
	b := es.at(p.slice.lo, p.slice.hi)
	p.head = sliceHead{}
	if p.pps, p.hasPPS = avc.SlicePPS(b); !p.hasPPS {
		return
	}
	sps := c.sets.Active(p.pps)
	if sps == nil {
		if sps = c.active; sps == nil {
			return
		}
	}
	h := avc.ParseSlice(b, sps)
	p.head = sliceHead{
		ok: h.OK, field: h.Field, bottom: h.Bottom, frameNum: h.FrameNum,
		restart: p.access == mp4.Sync, poc: h.POC, pocBits: sps.POCBits, pocStep: 2,
	}
}

func (c *h264) entry(p *picture) mp4.SampleEntry {
	active := inForce(&c.sets, c.active, p)
	switch {
	case active == nil && c.bare, active != nil && active == c.active && !c.sets.Changed():
		return nil
	case active == nil:
		c.bare = true
		return &mp4.AVC{}
	}
	c.active = active
	return c.sets.Entry(active)
}

func (c *h264) duration() int64 {
	sps := lastInForce(&c.sets, c.active)
	if sps == nil {
		return 0
	}
	return sps.FrameDuration
}
