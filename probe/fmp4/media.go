package fmp4

// holdLimit bounds the payload that waits for samples of other tracks that come
// before it in time.
const holdLimit = 32 << 20

// media takes bytes of an mdat box. They stand at d.pos.
func (d *Demuxer) media(p []byte) error {
	for len(p) > 0 {
		t := d.nearest()
		if t == nil {
			d.pos += int64(len(p))
			return nil
		}
		s := t.await
		from := s.lo + int64(len(t.data))
		switch {
		case from < d.pos: // its place lies behind us
			d.lose(t)
			if err := d.fill(t); err != nil {
				return err
			}
			continue
		case from > d.pos:
			n := min(int64(len(p)), from-d.pos)
			d.pos += n
			p = p[n:]
			continue
		}
		n := min(int64(len(p)), s.size-int64(len(t.data)))
		if t.data == nil {
			t.data = d.buffer(min(s.size, int64(len(p))))
		}
		t.data = append(t.data, p[:n]...)
		d.pos += n
		p = p[n:]
		if int64(len(t.data)) < s.size {
			continue
		}
		if err := d.complete(t); err != nil {
			return err
		}
	}
	return nil
}

// nearest is the track whose next sample comes first in the file.
func (d *Demuxer) nearest() (first *track) {
	for _, t := range d.movie.tracks {
		if t.await != nil && (first == nil || t.await.lo < first.await.lo) {
			first = t
		}
	}
	return first
}

// complete holds the sample that is complete, and hands out what may go.
func (d *Demuxer) complete(t *track) error {
	t.held = append(t.held, held{ref: *t.await, at: t.at, data: t.data})
	d.held += len(t.data)
	t.await, t.data = nil, nil
	if err := d.fill(t); err != nil {
		return err
	}
	return d.deliver(false)
}

// deliver hands out samples in the order of their decode times over all tracks,
// so that a fragment that holds its tracks one behind the other comes out
// interleaved. A sample waits for those before it as long as holdLimit allows;
// all: no longer.
func (d *Demuxer) deliver(all bool) error {
	for {
		t := d.earliest(false)
		if t != nil && len(t.held) == 0 {
			if !all && d.held <= holdLimit {
				return nil
			}
			t = d.earliest(true)
		}
		if t == nil {
			return nil
		}
		h := t.held[0]
		if t.held = t.held[1:]; len(t.held) == 0 {
			t.held = nil
		}
		d.held -= len(h.data)
		if err := d.emit(t, &h); err != nil {
			return err
		}
		d.reuse(h.data)
	}
}

// earliest is the track whose next sample comes first in decode time. there:
// only samples that are complete count.
func (d *Demuxer) earliest(there bool) (first *track) {
	var at int64
	for _, t := range d.movie.tracks {
		var own int64
		switch {
		case len(t.held) > 0:
			own = t.held[0].at
		case t.await != nil && !there:
			own = t.at
		default:
			continue
		}
		if first == nil || own < at {
			first, at = t, own
		}
	}
	return first
}

// maxSpare is how many buffers are kept for reuse.
const maxSpare = 64

// buffer gives an empty buffer for about n bytes.
func (d *Demuxer) buffer(n int64) []byte {
	if k := len(d.spare); k > 0 {
		b := d.spare[k-1]
		d.spare = d.spare[:k-1]
		return b
	}
	return make([]byte, 0, n)
}

func (d *Demuxer) reuse(b []byte) {
	if len(d.spare) < maxSpare && cap(b) <= 1<<20 {
		d.spare = append(d.spare, b[:0])
	}
}
