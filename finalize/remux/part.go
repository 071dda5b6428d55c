package remux

import (
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
	keep     int64   // of the hole before it, ticks of clock
	cut      *cut    // what is being divided between two files
}

// lane is one track of the output in one part.
type lane struct {
	input int
	kind  mp4.Kind
	src   *source // that it began with
	track *track  // nil until the part is released
	shift int64   // ticks of the track
	extra int64   // by which it is off the clock of the part, ticks of clock
	gate  gate
	shown bool  // it has units to start with
	first *unit // the first of them, while the part starts
	start int64 // where it starts, in ticks of clock, not shifted
	tail  *tail // pictures that another copy overlaps; nil: none
}

// lane makes the next track of a kind.
func (p *part) lane(s *source, input int) *lane {
	l := &lane{input: input, kind: s.kind(), src: s}
	p.lanes = append(p.lanes, l)
	return l
}

// admit takes the next unit.
func (p *part) admit(u *unit) error {
	u.lane = u.src.lane
	p.j.log.taken(u)
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
	case p.mayStart() && (p.complete() || len(p.j.inputs) == 1 && p.settled()):
		return p.release()
	}
	return nil
}

// wait is how much media, in seconds, is held for a track that has not shown
// itself. Sound and pictures of one time stand closer together in any stream.
const wait = 10

// settled says whether what is held is long enough for every track to have shown
// itself. Where segments end plays no part in that: the same stream cut in another
// way is the same part.
func (p *part) settled() bool {
	if len(p.queue) == 0 {
		return false
	}
	at := func(u *unit) int64 { return rescale(u.pts, u.scale, clock) }
	first := at(p.queue[0])
	return at(p.queue[len(p.queue)-1])-first >= wait*clock
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

// complete says whether what every track of the output goes on with stands in the
// queue, by codec and language. A first part, and one whose tracks are others,
// waits for what is to come.
func (p *part) complete() bool {
	if len(p.j.tracks) == 0 {
		return false
	}
	left := slices.Clone(p.lanes)
	for _, t := range p.j.tracks {
		at := slices.IndexFunc(left, func(l *lane) bool {
			return l.kind == t.kind && l.input == t.input && t.isLike(&l.src.track)
		})
		if at < 0 {
			return false
		}
		left = slices.Delete(left, at, at+1)
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

// tryRelease releases what can start: every input has ended a segment, so that
// none of them is waited for in vain.
func (p *part) tryRelease() error {
	if !p.mayStart() {
		return nil
	}
	fewest := math.MaxInt
	for _, x := range p.j.inputs {
		fewest = min(fewest, p.ended[x.number])
	}
	if p.complete() || fewest > 0 && p.settled() {
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
	if err := p.endTails(); err != nil {
		return err
	}
	for p.cut != nil {
		if err := p.pass(); err != nil {
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

// release lets everything go that was held.
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
	return p.launch(kept, true)
}

// time is the place of a unit on the clock of the part, in ticks of clock.
func (p *part) time(u *unit) int64 {
	return rescale(u.pts, u.scale, clock) + p.offset(u.lane.input) + u.lane.extra
}

// place passes a unit of a part that runs.
func (p *part) place(u *unit) error {
	if !p.passes(u) {
		return nil
	}
	return p.push(u)
}

// push sends a unit to its track, or to the next file, or has it wait.
func (p *part) push(u *unit) error {
	if waits, err := p.overlap(u); waits || err != nil {
		return err
	}
	if p.cut != nil {
		return p.cross(u)
	}
	if t := p.continued(u); t != nil {
		at := p.steady(u, t)
		if why := t.change(u, at); why != nil {
			return p.divide(u, why)
		}
	}
	return p.write(u)
}

// write hands a unit to its track.
func (p *part) write(u *unit) error {
	l := u.lane
	if l.track == nil {
		if err := p.attach(l, u); err != nil {
			return err
		}
	}
	p.steady(u, l.track)
	return l.track.push(u, l.shift)
}

// stray is how far, in seconds, a unit may stand from what the output has. The
// intake lets nothing through that is further off in any real stream; this bounds
// what a malicious one can make of a few packets.
const stray = 60

// steady gives the position of a unit in its track. Where that is absurd it
// moves the lane to where the others are.
func (p *part) steady(u *unit, t *track) int64 {
	l := u.lane
	if l.track == nil {
		l.shift = p.shiftOf(l, t)
	}
	at := t.position(u.pts, u, l.shift)
	now, known := p.j.reach(everyInput)
	if !known {
		return at
	}
	own, _ := p.j.reach(l.input)
	here, far := rescale(max(now, p.j.from), clock, t.scale), stray*int64(t.scale)
	if at <= here+far && at >= rescale(own, clock, t.scale)-far {
		return at
	}
	l.extra += rescale(here-at, t.scale, clock)
	l.shift += here - at
	p.j.log.problem(strayClock, u.seg)
	return here
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
