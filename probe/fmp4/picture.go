package fmp4

import (
	"recfin/mp4"
	"recfin/probe/avc"
)

// pictures is what is known of the H.264 pictures of a track.
type pictures struct {
	sets   avc.Sets
	active *avc.SPS // that the track was last described by
	bare   bool     // described without sets
}

// picture is what the NAL units of one sample say.
type picture struct {
	idr, recovery bool
	intra         bool // all slices are I or SI
	sps, pps      bool
	slice         []byte // the first; nil: none
	damaged       bool
}

// emitPicture hands out a sample of H.264: NAL units behind four bytes of length,
// without delimiters, fillers and ends of sequence, as an MP4 of ours holds them.
func (d *Demuxer) emitPicture(t *track, e *desc, h *held) error {
	c := t.coding
	if c.video == nil {
		c.video = &pictures{}
	}
	if c.desc != e {
		c.desc, c.video.active = e, nil
		for _, set := range e.avc.sets {
			c.video.sets.Take(set)
		}
	}
	s := &d.sample
	p := d.split(h.data, e.avc.lengthSize, &c.video.sets)
	switch {
	case p.slice == nil:
	case p.idr:
		s.Access = mp4.Sync
	case p.recovery:
		s.Access = mp4.Recovery
	case p.intra:
		s.Access = mp4.Intra
	default:
		s.Access = mp4.NotAccess
	}
	s.InBand = p.sps && p.pps
	if p.damaged && !d.opt.Partial {
		d.stats.Damaged++
	}
	if len(s.Pieces) == 0 && !d.opt.Partial {
		d.stats.Empty++
		return nil
	}
	ok, err := d.describePictures(t, e, p)
	if !ok || err != nil {
		return err
	}
	return d.sink.Sample(int(t.id), s)
}

// split cuts a sample into its NAL units, takes the parameter sets among them,
// and puts what is kept into the pieces of the sample. A unit that is longer
// than the sample ends with it.
func (d *Demuxer) split(b []byte, size int, sets *avc.Sets) (p picture) {
	p.intra = true
	s := &d.sample
	d.lengths = d.lengths[:0]
	last := -1 // end of the last piece in b, where it lies there whole
	for at := 0; at < len(b); {
		if len(b)-at < size {
			p.damaged = true
			break
		}
		n := 0
		for _, c := range b[at : at+size] {
			n = n<<8 | int(c)
		}
		lo := at + size
		if n > len(b)-lo {
			p.damaged, n = true, len(b)-lo
		}
		at = lo + n
		nal := b[lo:at]
		if n == 0 || !p.look(nal, sets) {
			continue
		}
		if size == 4 && !p.damaged {
			if k := len(s.Pieces) - 1; last == lo-4 {
				s.Pieces[k] = s.Pieces[k][:len(s.Pieces[k])+4+n]
			} else {
				s.Pieces = append(s.Pieces, b[lo-4:at])
			}
			last = at
			continue
		}
		k := len(d.lengths)
		d.lengths = be.AppendUint32(d.lengths, uint32(n))
		s.Pieces = append(s.Pieces, d.lengths[k:k+4:k+4], nal)
		last = -1
	}
	return p
}

// look takes note of a NAL unit and says whether it is kept.
func (p *picture) look(nal []byte, sets *avc.Sets) bool {
	switch t := nal[0] & 31; t {
	case avc.NALDelimiter, avc.NALFiller, avc.NALEndOfSeq, avc.NALEndOfStrm:
		return false
	case avc.NALSPS:
		p.sps = true
		sets.Take(nal)
	case avc.NALPPS:
		p.pps = true
		sets.Take(nal)
	case avc.NALSEI:
		p.recovery = p.recovery || avc.HasRecoveryPoint(nal)
	case avc.NALSlice, avc.NALPartitionA, avc.NALIDR:
		_, intra := avc.SliceStart(nal)
		p.intra = p.intra && intra
		if p.slice == nil {
			p.slice, p.idr = nal, t == avc.NALIDR
		}
	}
	return true
}

// describePictures announces the track where its sets have changed since. false:
// the picture cannot be decoded.
func (d *Demuxer) describePictures(t *track, e *desc, p picture) (bool, error) {
	v := t.coding.video
	active := v.active
	if p.slice != nil {
		if id, ok := avc.SlicePPS(p.slice); ok {
			if s := v.sets.Active(id); s != nil {
				active = s
			}
		}
	}
	if active == nil {
		active = v.sets.Any()
	}
	switch {
	case active == nil && !d.opt.Bare:
		d.stats.NoParameters++
		return false, nil
	case active == nil && v.bare:
		return true, nil
	case active == nil:
		v.bare = true
		return true, d.announce(t, &mp4.AVC{})
	case active == v.active && !v.sets.Changed():
		return true, nil
	}
	v.active = active
	entry := v.sets.Entry(active)
	if e.avc.parWidth > 0 && e.avc.parHeight > 0 {
		entry.ParWidth, entry.ParHeight = e.avc.parWidth, e.avc.parHeight
	}
	if e.avc.colour != nil {
		entry.Colour = e.avc.colour
	}
	return true, d.announce(t, entry)
}
