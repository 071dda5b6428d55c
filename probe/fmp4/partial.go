package fmp4

// maxDescribed bounds how many samples are handed out without payload.
const maxDescribed = 1 << 22

// describe hands out what a head describes, with the payload that came. What
// would lie behind the end of the segment is not there.
func (d *Demuxer) describe() error {
	complete := d.covered()
	if err := d.deliver(true); err != nil {
		return err
	}
	left := maxDescribed
	for _, t := range d.movie.tracks {
		for t.await != nil {
			if d.opt.Size > 0 && t.await.lo+t.await.size > d.opt.Size || t.await.lo < 0 {
				d.loseAll(t)
				complete = false
				break
			}
			if left--; left < 0 {
				complete = false
				t.await, t.lists = nil, nil
				break
			}
			h := held{ref: *t.await, at: t.at, data: t.data}
			t.await, t.data = nil, nil
			if err := d.emit(t, &h); err != nil {
				return err
			}
			if err := d.fill(t); err != nil {
				return err
			}
		}
	}
	d.exact = complete
	return nil
}

// covered reports whether the boxes that were read describe all of a segment.
func (d *Demuxer) covered() bool {
	switch b := &d.box; {
	case !d.described || d.junk || b.body != nil || b.n > 0 && !b.open:
		return false
	case d.sampled != nil && !d.movie.fragments:
		return true // all is in the tables
	}
	return d.opt.Size > 0 && d.reach >= d.opt.Size
}

// Exact reports whether the samples that a partial demuxer handed out up to
// Flush are all of the segment, as far as its boxes tell.
func (d *Demuxer) Exact() bool { return d.exact }
