package remux

import (
	"cmp"
	"slices"

	"recfin/mp4"
)

// part is a stretch in which media time runs on. It holds its first units until
// it knows where each of its tracks starts, because all of them move by one
// shift.
type part struct {
	j        *Joiner
	lanes    []*lane
	queue    []*unit
	bytes    int
	ends     int // segments that ended while it waits
	released bool
	shift    int64 // ticks of clock
}

// lane is one track of the output in one part.
type lane struct {
	kind    mp4.Kind
	ordinal int    // among its kind, by order of appearance
	track   *track // nil until the part is released
	shift   int64  // ticks of the track
	gate    gate
	shown   bool
	start   int64 // where its first unit stands, in ticks of clock, not shifted
}

// lane makes the next track of a kind.
func (p *part) lane(s *source) *lane {
	l := &lane{kind: s.kind()}
	for _, o := range p.lanes {
		if o.kind == l.kind {
			l.ordinal++
		}
	}
	p.lanes = append(p.lanes, l)
	return l
}

// admit takes the next unit.
func (p *part) admit(u *unit) error {
	u.lane = u.src.lane
	if p.released {
		return p.place(u)
	}
	u.lane.gate.look(u)
	p.queue = append(p.queue, u)
	p.bytes += len(u.data)
	if p.complete() || p.bytes > holdLimit {
		return p.release()
	}
	return nil
}

// complete says whether every track that the output has stands in the queue
// with a place to start from. A first part waits for the end of its segment.
func (p *part) complete() bool {
	if len(p.j.tracks) == 0 || !p.startable() {
		return false
	}
	for _, t := range p.j.tracks {
		if !slices.ContainsFunc(p.lanes, t.fits) {
			return false
		}
	}
	return true
}

// startable says whether every picture track has shown an access point.
func (p *part) startable() bool {
	return len(p.lanes) > 0 && !slices.ContainsFunc(p.lanes, func(l *lane) bool {
		return l.kind == mp4.Video && !l.gate.found
	})
}

// segmentEnd releases what can start. A track that was announced but is still
// being put together gets one segment more.
func (p *part) segmentEnd(announced int) error {
	if p.released || !p.startable() {
		return nil
	}
	if p.ends++; p.ends == 1 && announced > len(p.lanes) {
		return nil
	}
	return p.release()
}

// close ends the part.
func (p *part) close() error {
	if !p.released && len(p.queue) > 0 {
		if err := p.release(); err != nil {
			return err
		}
	}
	for _, l := range p.lanes {
		if l.track == nil {
			continue
		}
		if err := l.track.flush(); err != nil {
			return err
		}
	}
	return nil
}

// release finds the shift and lets everything go that was held.
func (p *part) release() error {
	p.released = true
	p.j.log.parts++
	for _, l := range p.lanes {
		if l.kind == mp4.Video && !l.gate.found {
			l.gate.openAll()
			p.j.log.problem("part without a random access point is kept whole", p.queue[0].seg)
		}
	}
	queue := p.queue
	p.queue = nil
	kept := queue[:0]
	for _, u := range queue {
		if p.passes(u) {
			kept = append(kept, u)
		}
	}
	starting := slices.Clone(p.lanes)
	slices.SortStableFunc(starting, func(a, b *lane) int { return cmp.Compare(a.kind, b.kind) })
	for _, l := range starting {
		if err := p.bind(l, kept); err != nil {
			return err
		}
	}
	p.shift = shift(p.lanes, p.j.tracks)
	for _, l := range p.lanes {
		if l.track != nil {
			l.shift = rescale(p.shift, clock, l.track.scale)
		}
	}
	for _, u := range kept {
		if err := p.push(u); err != nil {
			return err
		}
	}
	return nil
}

// bind gives a lane its track and finds where it starts: sound with its first
// frame, pictures with the earliest.
func (p *part) bind(l *lane, units []*unit) error {
	var first *unit
	for _, u := range units {
		if u.lane != l {
			continue
		}
		if at := rescale(u.pts, u.scale, clock); first == nil || l.kind == mp4.Video && at < l.start {
			l.start = at
		}
		if first == nil {
			first = u
		}
	}
	if first == nil {
		return nil
	}
	l.shown = true
	return p.attach(l, first)
}

// attach gives a lane its track of the output.
func (p *part) attach(l *lane, first *unit) error {
	at := slices.IndexFunc(p.j.tracks, func(t *track) bool { return t.fits(l) })
	if at < 0 {
		t, err := newTrack(p.j, first)
		if err != nil {
			return err
		}
		t.ordinal = l.ordinal
		p.j.tracks = append(p.j.tracks, t)
		at = len(p.j.tracks) - 1
	}
	l.track = p.j.tracks[at]
	l.track.bare = true
	return nil
}

// place passes a unit of a part that runs.
func (p *part) place(u *unit) error {
	if !p.passes(u) {
		return nil
	}
	l := u.lane
	if l.track == nil {
		if err := p.attach(l, u); err != nil {
			return err
		}
		l.shift = rescale(p.shift, clock, l.track.scale)
	}
	return p.push(u)
}

// stray is how far, in seconds, a unit may stand from the end of the output.
// The intake lets nothing through that is further off in any real stream; this
// bounds what a malicious one can make of a few packets.
const stray = 60

// push hands a unit to its track.
func (p *part) push(u *unit) error {
	l := u.lane
	if now, known := p.j.reach(); known {
		here := rescale(now, clock, l.track.scale)
		at := l.track.position(u.pts, u, l.shift)
		if abs(at-here) > stray*int64(l.track.scale) {
			l.shift += here - at
			p.j.log.problem(strayClock, u.seg)
		}
	}
	return l.track.push(u, l.shift)
}

// passes drops what cannot be decoded.
func (p *part) passes(u *unit) bool {
	if u.lane.gate.pass(u) {
		return true
	}
	p.j.log.leading(u.seg)
	p.j.pool.release(u)
	return false
}
