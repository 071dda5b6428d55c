package timeline

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// Writers that stand for all segments without a number: those with a start
// time, and those with nothing but a name. No key begins with such a byte.
const (
	byTime    = "\x00time"
	byName    = "\x00name"
	byNothing = "\x00nothing" // of those that can never be chosen
)

// numberAlike tells whether the numbers of two writers can mean the same.
func numberAlike(x, y string) bool {
	return x == y || x != byTime && x != byName && y != byTime && y != byName
}

// lane is one rendition of what has start times: its candidates and the segments
// that they are, in order of time once they are chosen.
type lane struct {
	segs   []int32
	cands  []candidate
	chosen []int // into segs
}

// numberUnnumbered gives numbers to segments that have none, so that everything
// after can go by numbers: by start time the cover decides what is chosen; what
// only has a name is counted in order of it. It works on a copy of the segments,
// in which one writer stands for all.
func (b *builder) numberUnnumbered() {
	if len(b.unnumbered) == 0 {
		return
	}
	b.ownUnnumbered()
	b.beaten = make([]beaten, len(b.segs))
	for i := range b.segs {
		if b.segs[i].Unnumbered && b.hopeless[i] != 0 {
			b.call(b.segs[i], byNothing)
		}
	}
	lanes := make([]lane, len(b.renditions))
	var named []int32
	for _, i := range b.unnumbered {
		if _, ok := stamp(b.segs[i].Begins); ok {
			l := &lanes[b.rendition[i]]
			l.segs = append(l.segs, i)
		} else {
			named = append(named, i)
		}
	}
	b.numberNamed(named)
	typical := b.usualLength(lanes)
	for r := range lanes {
		if l := &lanes[r]; len(l.segs) > 0 {
			b.fillLane(l, typical)
			for before := range lanes[:r] {
				if lead := &lanes[before]; len(lead.chosen) > 0 {
					l.keepUp(lead)
					break
				}
			}
			l.chosen = cover(l.cands)
		}
	}
	b.numberSlots(lanes, typical)
	var j judgement
	for r := range lanes {
		b.loseTimed(&j, &lanes[r], typical)
	}
	if len(j.unproved) > 0 {
		b.addDoubt("copy", "several segments at the same time, and what they show differs: one was chosen", j.unproved)
	}
	if len(j.beyond) > 0 {
		b.addDoubt("copy", "what was dropped reaches beyond what was chosen in its place", j.beyond)
	}
}

// ownUnnumbered gives the builder segments of its own in the place of those that have
// no number.
func (b *builder) ownUnnumbered() {
	count := 0
	for _, s := range b.segs {
		if s.Unnumbered {
			count++
		}
	}
	own := make([]Segment, 0, count)
	b.segs = slices.Clone(b.segs)
	for i, s := range b.segs {
		if s.Unnumbered {
			own = append(own, *s)
			b.segs[i] = &own[len(own)-1]
		}
	}
}

// call gives a segment of the builder's own another writer.
func (b *builder) call(s *Segment, nonce string) {
	called := Writer{s.Store, nonce, s.Rendition}
	w := b.called[called]
	if w == nil {
		if b.called == nil {
			b.called = map[Writer]*Writer{}
		}
		w = &called
		b.called[called] = w
	}
	s.Writer = w
}

// usualLength puts the lanes in order of start and their lengths in agreement with
// it. It is the median of what is known of lengths, else of the steps from
// one start to the next.
func (b *builder) usualLength(lanes []lane) time.Duration {
	var known, steps []time.Duration
	for r := range lanes {
		segs := lanes[r].segs
		slices.SortStableFunc(segs, func(i, j int32) int { return cmp.Compare(b.segs[i].Begins, b.segs[j].Begins) })
		b.agreeLengths(segs)
		for k, i := range segs {
			if d := b.segs[i].known(); d > 0 {
				known = append(known, d)
			}
			if k > 0 {
				if d := b.segs[i].Begins.Sub(b.segs[segs[k-1]].Begins); d > tolerance {
					steps = append(steps, d)
				}
			}
		}
	}
	return min(cmp.Or(median(known), median(steps), fallback), longest)
}

// fillLane makes the candidates of a lane, whose segments come in order of
// start. Where no length is known a segment ends where the next one begins, if
// that is in line.
func (b *builder) fillLane(l *lane, typical time.Duration) {
	bounds := make([]int64, 0, 2*len(l.segs))
	within := lap
	for k, i := range l.segs {
		from, _ := stamp(b.segs[i].Begins)
		d := b.spanned(i)
		if d == 0 {
			d = typical
			if k+1 < len(l.segs) {
				next := b.segs[l.segs[k+1]].Begins.Sub(b.segs[i].Begins)
				if next > tolerance && next <= typical/outOfLineDen*outOfLineNum {
					d = next
				}
			}
		} else if b.segs[i].LengthSource != FromKey {
			d = b.untilNext(l.segs[k:], d)
		}
		bounds = append(bounds, from, later(from, d))
		within = min(within, d/2)
	}
	settled := settle(bounds, within)
	writers := map[string]int32{}
	l.cands = make([]candidate, len(l.segs))
	for k, i := range l.segs {
		s := b.segs[i]
		w, ok := writers[s.Nonce]
		if !ok {
			w = int32(len(writers))
			writers[s.Nonce] = w
		}
		c := &l.cands[k]
		*c = candidate{start: bounds[2*k], end: bounds[2*k+1], writer: w, access: s.media().Level < ReadHead || s.media().Access}
		weight := settled[2*k+1] - settled[2*k]
		c.worth[coveredTime] = weight
		switch s.Quality {
		case Full:
			c.worth[fullTime] = weight
		case Suspect:
			c.worth[suspectTime] = weight
		}
		if s.Committed {
			c.worth[held] = 1
		}
		c.worth[usual] = -int64((time.Duration(c.end-c.start) - typical).Abs())
		c.worth[bulk] = s.Size
	}
	b.rankLane(l, settled)
}

// slack is the part of a segment by which a start time of a key may be off: it
// is that of the clock of the writer's machine, the length that of the media.
const slack = 8

// untilNext is the length of the first of some segments, which come in order of
// start: one that ends a little after another begins ends where that begins.
func (b *builder) untilNext(segs []int32, d time.Duration) time.Duration {
	first := b.segs[segs[0]].Begins
	k := sort.Search(len(segs), func(k int) bool { return b.segs[segs[k]].Begins.Sub(first) >= d-d/slack })
	if k == len(segs) {
		return d
	}
	return min(d, b.segs[segs[k]].Begins.Sub(first))
}

// keepUp makes what is whole and has the bounds of the leading rendition worth
// more than all else.
func (l *lane) keepUp(lead *lane) {
	for k := range l.cands {
		c := &l.cands[k]
		lo, _ := slices.BinarySearchFunc(lead.chosen, c.start, func(n int, at int64) int { return cmp.Compare(lead.cands[n].start, at) })
		for n := max(0, lo-1); n < min(len(lead.chosen), lo+1); n++ {
			if o := &lead.cands[lead.chosen[n]]; c.full() && c.bounds(o.start, o.end) {
				c.worth[abreast] = c.end - c.start
			}
		}
	}
}

// full tells whether the writer of a candidate calls it whole.
func (c *candidate) full() bool { return c.worth[fullTime] > 0 }

// bounds tells whether a candidate has these bounds, within the tolerance.
func (c *candidate) bounds(from, to int64) bool {
	return time.Duration(from-c.start).Abs() <= tolerance && time.Duration(to-c.end).Abs() <= tolerance
}

// rankLane orders those that begin together by preference.
func (b *builder) rankLane(l *lane, settled []int64) {
	order := make([]int32, len(l.segs))
	for k := range order {
		order[k] = int32(k)
	}
	slices.SortFunc(order, func(x, y int32) int {
		s, t := b.segs[l.segs[x]], b.segs[l.segs[y]]
		up := cmp.Compare(s.uploaded(), t.uploaded())
		if b.opt.LaterWins {
			up = -up
		}
		return cmp.Or(
			cmp.Compare(settled[2*x], settled[2*y]), boolCompare(s.Named, t.Named),
			boolCompare(s.Store == b.opt.Home, t.Store == b.opt.Home), up, canonical(s, t),
		)
	})
	rank := int64(0)
	for n, k := range order {
		if n > 0 && settled[2*k] != settled[2*order[n-1]] {
			rank = 0
		}
		l.cands[k].worth[early] = -rank
		rank++
	}
}

// slotSpan is a slot of what has start times.
type slotSpan struct {
	from, to int64
	full     bool   // its writers call all of it whole
	has      []bool // by rendition
	lane     int    // the rendition that made it
	k        int    // its candidate there
}

// numberSlots counts the slots: those of the rendition that leads, and of others
// what agrees with none of them. Where time is missing as many numbers are left
// out as usual segments fit, one at least.
func (b *builder) numberSlots(lanes []lane, typical time.Duration) {
	var slots []slotSpan
	of := make([][]int32, len(lanes)) // by rendition, of each chosen one: its slot
	for r := range lanes {
		l := &lanes[r]
		of[r] = make([]int32, len(l.chosen))
		made := len(slots) // of the renditions before, in order of start
		for n, k := range l.chosen {
			c := &l.cands[k]
			at := fitting(slots[:made], r, c)
			if at < 0 {
				at = len(slots)
				slots = append(slots, slotSpan{from: c.start, to: c.end, full: c.full(), has: make([]bool, len(lanes)), lane: r, k: k})
			}
			s := &slots[at]
			s.has[r], s.full, s.to = true, s.full && c.full(), max(s.to, c.end)
			of[r][n] = int32(at)
		}
		if made > 0 && len(slots) > made {
			b.warnings[warnUnaligned] = true
			resort(slots, of[:r+1])
		}
	}
	seqs := make([]int64, len(slots))
	end := int64(0)
	for i := range slots {
		if i > 0 {
			seqs[i] = seqs[i-1] + 1
			if gap := time.Duration(slots[i].from - end); gap > tolerance {
				seqs[i] += max(1, int64((gap+typical/2)/typical))
			}
		}
		end = max(end, slots[i].to)
	}
	for r := range lanes {
		for n, k := range lanes[r].chosen {
			s := b.segs[lanes[r].segs[k]]
			b.call(s, byTime)
			s.Seq, s.Unnumbered = seqs[of[r][n]], false
		}
	}
}

// fitting finds the slot that a candidate shares: the one with the same bounds or,
// where one of the two is not whole, the same start. -1: none.
func fitting(slots []slotSpan, r int, c *candidate) int {
	lo, _ := slices.BinarySearchFunc(slots, c.start, func(s slotSpan, at int64) int { return cmp.Compare(s.from, at) })
	for i := max(0, lo-1); i < min(len(slots), lo+1); i++ {
		if s := &slots[i]; !s.has[r] && (c.bounds(s.from, s.to) || !(s.full && c.full()) && c.bounds(s.from, c.end)) {
			return i
		}
	}
	return -1
}

// resort puts slots in order of start and keeps what points to them.
func resort(slots []slotSpan, of [][]int32) {
	order := make([]int32, len(slots))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(i, j int32) int { return cmp.Compare(slots[i].from, slots[j].from) })
	old, to := slices.Clone(slots), make([]int32, len(slots))
	for now, was := range order {
		slots[now], to[was] = old[was], int32(now)
	}
	for _, l := range of {
		for n := range l {
			l[n] = to[l[n]]
		}
	}
}

// warnUnaligned: renditions have boundaries of their own.
const warnUnaligned = "renditions-unaligned"
