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
		whole := n == s.size
		if whole {
			t.data = p[:n:n]
		} else {
			t.data = d.spare.add(t.data, p[:n], s.size)
		}
		d.pos += n
		p = p[n:]
		if int64(len(t.data)) < s.size {
			continue
		}
		if err := d.complete(t, whole); err != nil {
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

// complete holds the sample that is complete, and hands out what may go. lent:
// its payload lies in what Write was given.
func (d *Demuxer) complete(t *track, lent bool) error {
	t.held.push(held{ref: *t.await, at: t.at, data: t.data, lent: lent})
	d.held += len(t.data)
	d.lent = d.lent || lent
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
		if t != nil && t.held.empty() {
			if !all && d.held <= holdLimit {
				return nil
			}
			t = d.earliest(true)
		}
		if t == nil {
			return nil
		}
		h := t.held.pop()
		d.held -= len(h.data)
		if err := d.emit(t, h); err != nil {
			return err
		}
		if !h.lent {
			d.spare.put(h.data)
		}
	}
}

// own copies what waits and lies in the bytes that Write was given, which are
// the caller's again once it returns.
func (d *Demuxer) own() {
	d.ownEarly()
	if !d.lent || d.movie == nil {
		return
	}
	d.lent = false
	for _, t := range d.movie.tracks {
		t.held.forget()
		for i := t.held.first; i < len(t.held.list); i++ {
			if h := &t.held.list[i]; h.lent {
				h.data, h.lent = d.spare.add(nil, h.data, int64(len(h.data))), false
			}
		}
	}
}

// earliest is the track whose next sample comes first in decode time. there:
// only samples that are complete count.
func (d *Demuxer) earliest(there bool) (first *track) {
	var at int64
	for _, t := range d.movie.tracks {
		var own int64
		switch {
		case !t.held.empty():
			own = t.held.front().at
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
