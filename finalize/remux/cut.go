package remux

import (
	"slices"

	"recfin/mp4"
)

// cut is a change in the middle of a part that the file cannot hold. From its
// place on everything goes to the next file: sound with the first frame there,
// pictures with the first access point there or just before. Until all tracks have come so far
// it holds what has crossed, so that one file ends before the next begins, and
// nothing is dropped.
type cut struct {
	at      int64 // ticks of clock on the clock of the source
	trigger *unit
	why     *Change
	crossed []*lane
	held    []*unit
	bytes   int
}

// unitCost is what a unit takes beside its payload, about.
const unitCost = 256

// divide begins a cut at a unit that the file cannot take. Pictures that wait
// behind the place are taken back.
func (p *part) divide(u *unit, why *Change) error {
	c := &cut{at: p.time(u), trigger: u, why: why}
	p.cut = c
	for _, l := range p.lanes {
		if l == u.lane || l.track == nil {
			continue
		}
		e, ok := l.track.engine.(*pictures)
		if !ok {
			continue
		}
		back := e.takeBack(p.opens)
		for _, w := range back {
			c.hold(w)
		}
	}
	return p.cross(u)
}

// early is how far before the place of a cut, in ticks of clock, the access point
// may stand with which pictures cross it: frames of sound do not end where
// pictures begin, and a second and more of sound without a picture is worse than
// a blink of it.
const early = clock / 4

// opens says whether the next file may begin with a picture.
func (p *part) opens(u *unit) bool {
	return u.access > mp4.NotAccess && p.time(u) >= p.cut.at-early
}

func (c *cut) hold(u *unit) {
	if !slices.Contains(c.crossed, u.lane) {
		c.crossed = append(c.crossed, u.lane)
	}
	c.held = append(c.held, u)
	c.bytes += len(u.data) + unitCost
}

// crosses says whether a unit belongs to the next file.
func (p *part) crosses(u *unit) bool {
	switch c := p.cut; {
	case u == c.trigger, slices.Contains(c.crossed, u.lane):
		return true
	case u.lane.kind == mp4.Video:
		return p.opens(u)
	default:
		return p.time(u) >= c.at
	}
}

// cross sorts a unit to one side of the cut.
func (p *part) cross(u *unit) error {
	c := p.cut
	if !p.crosses(u) {
		return p.write(u)
	}
	c.hold(u)
	if c.bytes > holdLimit {
		p.j.log.problem(cutPicture, c.trigger.seg)
	} else if p.waitsFor(u) {
		return nil
	}
	return p.pass()
}

// waitsFor says whether a track of the file may still bring what stands before
// the cut. Sound that stays away for long has ended.
func (p *part) waitsFor(u *unit) bool {
	c := p.cut
	late := p.time(u)-c.at > leap*clock
	for _, l := range p.lanes {
		if l.continues() && !slices.Contains(c.crossed, l) && (l.kind == mp4.Video || !late) {
			return true
		}
	}
	return false
}

// pass ends the cut: the file before ends, the next begins with what was held.
func (p *part) pass() error {
	c := p.cut
	p.cut = nil
	for _, l := range p.lanes {
		if l.track == nil {
			continue
		}
		if err := l.track.flush(); err != nil {
			return err
		}
		l.track = nil
	}
	from := p.earliest(c.held) + p.shift
	p.j.log.base += nanoseconds(from, clock)
	if err := p.j.nextFile(c.why, c.trigger); err != nil {
		return err
	}
	return p.launch(c.held, false)
}

// cutPicture is the problem of a track that brings nothing to cross the cut with
// for so long that the next file could not wait.
const cutPicture = "a file begins before all tracks have come to a place to begin with"

// earliest is the first time of units, in ticks of clock.
func (p *part) earliest(units []*unit) (at int64) {
	for i, u := range units {
		if t := p.time(u); i == 0 || t < at {
			at = t
		}
	}
	return at
}
