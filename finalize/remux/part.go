package remux

import (
	"cmp"
	"math"
	"slices"
	"time"

	"recfin/mp4"
)

// part is a stretch in which media time runs on. It holds its first units until
// it knows where each of its tracks starts, because all of them move by one
// shift.
type part struct {
	j        *Joiner
	from     time.Duration // where it begins, by the plan
	number   int           // from 1, once it was released
	lanes    []*lane
	queue    []*unit
	ended    [mostInputs]int // segments of each input that ended while it waits
	released bool
	shift    int64   // ticks of clock
	clocks   []epoch // of the inputs that have shown themselves
}

// lane is one track of the output in one part.
type lane struct {
	input   int
	kind    mp4.Kind
	ordinal int    // among its kind and input, by order of appearance
	track   *track // nil until the part is released
	shift   int64  // ticks of the track
	gate    gate
	shown   bool
	start   int64 // where its first unit stands, in ticks of clock, not shifted
}

// lane makes the next track of a kind.
func (p *part) lane(s *source, input int) *lane {
	l := &lane{input: input, kind: s.kind()}
	for _, o := range p.lanes {
		if o.kind == l.kind && o.input == input {
			l.ordinal++
		}
	}
	p.lanes = append(p.lanes, l)
	return l
}

// admit takes the next unit.
func (p *part) admit(u *unit) error {
	u.lane = u.src.lane
	p.meet(u, u.lane.input)
	if p.released {
		return p.place(u)
	}
	u.lane.gate.look(u)
	p.queue = append(p.queue, u)
	p.j.held += len(u.data)
	switch {
	case p.j.held > holdLimit:
		return p.release()
	case p.mayStart() && p.complete():
		return p.release()
	}
	return nil
}

// mayStart says whether it could be released: no input is in the part before it,
// and every picture track has shown an access point.
func (p *part) mayStart() bool {
	if p.released || p == p.j.part && p.j.before != nil {
		return false
	}
	return len(p.lanes) > 0 && !slices.ContainsFunc(p.lanes, func(l *lane) bool {
		return l.kind == mp4.Video && !l.gate.found
	})
}

// complete says whether every track that the output has stands in the queue. A
// first part waits for the end of its segments.
func (p *part) complete() bool {
	if len(p.j.tracks) == 0 {
		return false
	}
	for _, t := range p.j.tracks {
		if !slices.ContainsFunc(p.lanes, t.fits) {
			return false
		}
	}
	return true
}

// segmentEnd releases what can start.
func (p *part) segmentEnd(x *input) error {
	if p.released {
		return nil
	}
	p.ended[x.number]++
	return p.tryRelease()
}

// tryRelease releases what can start: every input has ended a segment. A track
// that was announced but is still being put together gets one segment more.
func (p *part) tryRelease() error {
	if !p.mayStart() {
		return nil
	}
	announced, fewest := 0, math.MaxInt
	for _, x := range p.j.inputs {
		fewest = min(fewest, p.ended[x.number])
		if x.part == p {
			announced += x.in.announced()
		}
	}
	if p.complete() || fewest > 1 || fewest == 1 && announced <= len(p.lanes) {
		return p.release()
	}
	return nil
}

// finish ends the part.
func (p *part) finish() error {
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
	if p == p.j.part {
		if err := p.j.finishBefore(); err != nil {
			return err
		}
	}
	p.released = true
	p.j.log.parts++
	p.number = p.j.log.parts
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
		p.j.held -= len(u.data)
		if p.passes(u) {
			kept = append(kept, u)
		}
	}
	starting := slices.Clone(p.lanes)
	slices.SortStableFunc(starting, func(a, b *lane) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.input, b.input))
	})
	for _, l := range starting {
		if err := p.bind(l, kept); err != nil {
			return err
		}
	}
	p.alignAll()
	p.shift = shift(p.lanes, p.j.tracks)
	for _, l := range p.lanes {
		if l.track != nil {
			l.shift = p.shiftOf(l)
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
		t.ordinal, t.input = l.ordinal, l.input
		p.j.tracks = append(p.j.tracks, t)
		at = len(p.j.tracks) - 1
	}
	l.track = p.j.tracks[at]
	l.track.bare, l.track.part = true, p.number
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
		l.shift = p.shiftOf(l)
	}
	return p.push(u)
}

// stray is how far, in seconds, a unit may stand from what the output has. The
// intake lets nothing through that is further off in any real stream; this bounds
// what a malicious one can make of a few packets.
const stray = 60

// push hands a unit to its track.
func (p *part) push(u *unit) error {
	l := u.lane
	if now, known := p.j.reach(everyInput); known {
		own, _ := p.j.reach(l.input)
		at, far := l.track.position(u.pts, u, l.shift), stray*int64(l.track.scale)
		here := rescale(now, clock, l.track.scale)
		if at > here+far || at < rescale(own, clock, l.track.scale)-far {
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
