package fmp4

import "recfin/mp4"

// pictures is what is known of the pictures of a track that are NAL units.
type pictures struct {
	stream stream
	bare   bool // described without sets
	sent   bool // a picture brought sets
}

// emitPicture hands out a sample of NAL units: behind four bytes of length,
// without delimiters, fillers and ends of sequence, as an MP4 of ours holds them.
func (d *Demuxer) emitPicture(t *track, e *desc, h *held) error {
	v := t.coding.pictures(e)
	s, p := &d.sample, &d.picture
	d.split(h.data, e.nal.lengthSize, v.stream)
	switch {
	case p.slice == nil:
	case p.access > mp4.NotAccess:
		s.Access = p.access
	case p.recovery:
		s.Access = mp4.Recovery
	case p.intra:
		s.Access = mp4.Intra
	default:
		s.Access = mp4.NotAccess
	}
	if p.damaged && !d.opt.Partial {
		d.stats.Damaged++
	}
	if len(s.Pieces) == 0 && !d.opt.Partial {
		d.stats.Empty++
		return nil
	}
	ok, err := d.describePictures(t, e, v)
	if !ok || err != nil {
		return err
	}
	s.InBand = v.stream.whole(p)
	if v.sent = v.sent || p.sets != 0; v.intra(p, e, s.InBand) {
		s.Alone = h.alone()
	}
	return d.sink.Sample(int(t.id), s)
}

// pictures gives what is known of the pictures of a track. A sample entry that
// is new adds its sets to those that are known.
func (c *coding) pictures(e *desc) *pictures {
	if c.desc == e {
		return c.video
	}
	if c.video == nil || c.desc.nal == nil || c.desc.nal.hevc != e.nal.hevc {
		c.video = &pictures{stream: e.nal.stream()}
	}
	c.desc, c.stale = e, true
	for _, set := range e.nal.sets {
		c.video.stream.take(set)
	}
	return c.video
}

// split cuts a sample into its NAL units, takes the parameter sets among them,
// and puts what is kept into the pieces of the sample. A unit that is longer
// than the sample ends with it.
func (d *Demuxer) split(b []byte, size int, v stream) {
	d.picture = picture{intra: true}
	p, s := &d.picture, &d.sample
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
		if n == 0 || !v.look(p, nal) {
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
}

// describePictures announces the track where its sets have changed since. false:
// the picture cannot be decoded.
func (d *Demuxer) describePictures(t *track, e *desc, v *pictures) (bool, error) {
	c := t.coding
	switch a := v.stream.activate(d.picture.slice); {
	case a == unknown && !d.opt.Bare:
		d.stats.NoParameters++
		return false, nil
	case a == unknown && v.bare, a == unchanged && !c.stale:
		return true, nil
	case a == unknown:
		v.bare = true
	}
	c.stale = false
	return true, d.announce(t, e, v.stream.entry(&e.nal.display))
}
