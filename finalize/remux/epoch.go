package remux

import (
	"slices"
	"time"
)

// The inputs of a part share a clock, as a rule: a packager cuts one encoder's
// pictures and sound apart and leaves their times alone. Where they do not, the
// plan says where each begins.

// epoch is where the clock of an input stands in a part.
type epoch struct {
	input  int
	start  int64         // time of its first unit, in ticks of clock
	at     time.Duration // begin of that unit's segment by the plan
	offset int64         // added to its times, in ticks of clock
}

// wrap is after how many ticks the clock of MPEG-TS begins anew (ISO/IEC
// 13818-1 §2.4.3.7). Two inputs may have begun on either side of that.
const wrap = 1 << 33

// foreignClock is the problem of an input that stands where the plan has it.
const foreignClock = "the clock of one rendition has nothing to do with that of the others, so it stands where the plan has it"

// meet takes note of the first unit of an input.
func (p *part) meet(u *unit, input int) {
	if slices.ContainsFunc(p.clocks, func(e epoch) bool { return e.input == input }) {
		return
	}
	e := epoch{input: input, start: rescale(u.pts, u.scale, clock), at: p.j.log.rows[u.seg].at}
	if p.released && len(p.clocks) > 0 {
		p.align(&e, u.seg)
	}
	p.clocks = append(p.clocks, e)
	if !p.released {
		slices.SortFunc(p.clocks, func(a, b epoch) int { return a.input - b.input })
	}
}

// align finds the offset of an input to the first one.
func (p *part) align(e *epoch, seg int) {
	first := p.clocks[0]
	off := first.start + ticks(e.at-first.at, clock) - e.start
	turns := (off + wrap/2) / wrap
	if off+wrap/2 < 0 {
		turns--
	}
	switch rest := off - turns*wrap; {
	case abs(off) <= leap*clock:
	case abs(rest) <= leap*clock:
		e.offset = turns * wrap
	default:
		e.offset = off
		p.j.log.problem(foreignClock, seg)
	}
}

// alignAll aligns the inputs that a part begins with.
func (p *part) alignAll() {
	for i := 1; i < len(p.clocks); i++ {
		p.align(&p.clocks[i], p.firstOf(p.clocks[i].input))
	}
}

// firstOf is the segment that an input is at.
func (p *part) firstOf(input int) int { return p.j.inputs[input].seg }

// offset is what is added to the times of an input.
func (p *part) offset(input int) int64 {
	for _, e := range p.clocks {
		if e.input == input {
			return e.offset
		}
	}
	return 0
}

// shiftOf is by how much a lane moves, in ticks of a track.
func (p *part) shiftOf(l *lane, t *track) int64 {
	return rescale(p.shift+p.offset(l.input)+l.extra, clock, t.scale)
}
