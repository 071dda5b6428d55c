package timeline

import (
	"slices"
	"time"
)

// outOfLine is how much longer than usual the step to the next segment may be
// (as a fraction) before the end of a segment has to be read to explain it; it
// may be half as short.
const outOfLineNum, outOfLineDen = 3, 2

// level is how much of a segment was read, or will be.
func (b *builder) level(seg int32) Level {
	l := b.segs[seg].media().Level
	if b.want != nil {
		l = max(l, b.want[seg])
	}
	return l
}

// ask asks for a segment to be read.
func (b *builder) ask(seg int32, l Level) {
	if b.segs[seg].media().Level >= l {
		return
	}
	if b.want == nil {
		b.want = make([]Level, len(b.segs))
	}
	b.want[seg] = max(b.want[seg], l)
}

// needs is all that was asked for.
func (b *builder) needs() []Need {
	var needs []Need
	for i, l := range b.want {
		if l > Unread {
			needs = append(needs, Need{Segment: i, Level: l})
		}
	}
	return needs
}

// spared tells whether a segment is not read unless something asks for it: its
// key or a sidecar tells its length.
func (b *builder) spared(s *Segment) bool { return s.told() > 0 && b.opt.Durations != Probe }

// firstNeeds asks for what has to be read before anything can be decided: the
// head of each segment whose length nothing tells, and the whole of each of them
// whose number some other segment of its rendition has too; of the others both
// ends of each run and whatever is out of line.
func (b *builder) firstNeeds() []Need {
	if b.opt.Durations == Probe {
		for i := range b.segs {
			if b.hopeless[i] == 0 {
				b.ask(int32(i), ReadWhole)
			}
		}
		return b.needs()
	}
	b.askUntold()
	if b.opt.Durations == Auto {
		for _, r := range b.runs {
			for k := range r.strands {
				b.askEdges(r, &r.strands[k])
			}
		}
	}
	if needs := b.needs(); len(needs) > 0 || b.opt.Durations != Auto {
		return needs
	}
	for _, r := range b.runs {
		for k := range r.strands {
			b.askBetween(r, &r.strands[k])
		}
	}
	return b.needs()
}

// askUntold asks for segments whose length nothing tells: at once for the whole
// of those that may have copies, so that none is read twice.
func (b *builder) askUntold() {
	var untold []entry
	for _, e := range b.order {
		if s := b.segs[e.seg]; !b.spared(s) && s.media().Level < ReadWhole {
			untold = append(untold, e)
		}
	}
	if len(untold) == 0 {
		return
	}
	count := make(map[cell]int32, len(b.order))
	for _, e := range b.order {
		count[cell{b.rendition[e.seg], e.seq}]++
	}
	for _, e := range untold {
		if b.ask(e.seg, ReadHead); count[cell{b.rendition[e.seg], e.seq}] > 1 {
			b.ask(e.seg, ReadWhole)
		}
	}
}

// cell is one number of one rendition.
type cell struct {
	rendition int32
	seq       int64
}

// askEdges asks for the ends of a strand, the two sides of each hole, and
// segments of unusual length or size.
func (b *builder) askEdges(r *run, s *strand) {
	rates := slices.Grow(b.scratch.rates[:0], len(s.items))
	for _, e := range s.items {
		rates = append(rates, b.rate(e.seg))
	}
	b.scratch.rates = rates
	for i := 0; i < len(s.items); {
		j := s.next(i)
		begins := i == 0 || s.items[i-1].seq != s.items[i].seq-1
		ends := j == len(s.items) || s.items[j].seq != s.items[i].seq+1
		for k := i; k < j; k++ {
			switch e := s.items[k]; {
			case !b.spared(b.segs[e.seg]), b.segs[e.seg].laid(): // what is laid was looked at around it
			case ends || k > i && !sameObject(b.segs[s.items[i].seg], b.segs[e.seg]) || b.odd(r, s, k) || smallHere(rates, k):
				b.ask(e.seg, ReadWhole)
			case begins:
				b.ask(e.seg, ReadHead)
			}
		}
		i = j
	}
}

// odd tells whether the length of an item is out of line.
func (b *builder) odd(r *run, s *strand, k int) bool {
	d := b.segs[s.items[k].seg].told()
	return d < r.typical/2 || d > r.typical/outOfLineDen*outOfLineNum
}

// around is how many segments on each side are looked at for the size that is
// usual in a place: slides are small, and all alike.
const around = 4

// smallHere tells whether an item has less than five eighths of the bytes that
// are usual around it for its length: of their median, which is as much as half of
// them have, rounded up, or more.
func smallHere(rates []int64, k int) bool {
	near := rates[max(0, k-around):min(len(rates), k+around+1)]
	more, limit := 0, rates[k]/5
	for _, r := range near {
		if r/8 > limit { // r/8*5 > rates[k], without a product that could overflow
			more++
		}
	}
	return more >= len(near)-len(near)/2
}

// rate is the bytes of a segment by the second of what is told of its length.
func (b *builder) rate(seg int32) int64 {
	s := b.segs[seg]
	d := max(s.told(), time.Millisecond)
	if s.Bytes() < int64(1e9) {
		return s.Bytes() * int64(time.Second) / int64(d)
	}
	return s.Bytes() / max(1, int64(d/time.Second))
}

// askBetween asks for the middle of each stretch that was not read and whose
// lengths do not add up to the distance of its ends: every further look halves
// the stretch in which the clock leaps, or a length is wrong.
func (b *builder) askBetween(r *run, s *strand) {
	ref := -1
	var want time.Duration
	for i := range s.items {
		seg := b.segs[s.items[i].seg]
		if i > 0 {
			if s.items[i-1].seq != s.items[i].seq {
				missing := span(s.items[i].seq-s.items[i-1].seq-1, r.typical)
				want = min(want+r.told(b, s.items[i-1].seg)+missing, farthest)
			}
			if s.items[i].seq-s.items[i-1].seq > 1 {
				ref = -1
			}
		}
		if !seg.media().timed() {
			continue
		}
		if ref >= 0 && i-ref > 1 {
			d, known := advance(b.segs[s.items[ref].seg].media(), seg.media(), want)
			slack := tolerance + time.Duration(i-ref)*rounding
			if mid := s.items[ref+(i-ref)/2].seg; (!known || (d-want).Abs() > slack) && b.segs[mid].media().Level == Unread {
				b.ask(mid, ReadHead)
			}
		}
		ref, want = i, 0
	}
}

// rounding is what each length in a key or sidecar may be off.
const rounding = time.Millisecond

// told is what is told of the length of a segment: what was measured of a
// truncated one is not the distance to the next.
func (r *run) told(b *builder, seg int32) time.Duration {
	if d := b.segs[seg].told(); d > 0 {
		return d
	}
	return r.length(b, seg)
}

// tailNeeds asks for what the choice needs: the whole of each pick that nothing
// is seen to continue, and the head of what follows it.
func (b *builder) tailNeeds(rows []row, picks [][]int) []Need {
	for _, ps := range picks {
		before := -1
		for i := range rows {
			if ps[i] < 0 {
				continue
			}
			if before >= 0 && (rows[before].num != rows[i].num || !b.runsOn(ps[before], ps[i]) && !b.inLine(ps[before], ps[i])) {
				b.askPick(ps[before], ReadWhole)
				b.askPick(ps[i], ReadHead)
			}
			before = i
		}
		if before >= 0 {
			b.askPick(ps[before], ReadWhole)
		}
	}
	return b.needs()
}

// askPick asks for a chosen segment, unless what its key or a sidecar tells is
// to be trusted.
func (b *builder) askPick(seg int, l Level) {
	if b.opt.Durations != Trust || b.segs[seg].told() == 0 {
		b.ask(int32(seg), l)
	}
}

// inLine tells whether one segment follows another so plainly that their
// beginnings are proof: the same writer, the next number, the usual step.
func (b *builder) inLine(from, to int) bool {
	s, t := b.segs[from], b.segs[to]
	if s.Nonce != t.Nonce || b.home[from] != b.home[to] || t.Seq-s.Seq != 1 || b.small(int32(from)) {
		return false
	}
	typical := b.runs[b.home[from]].typical
	d, known := advance(s.media(), t.media(), typical)
	return known && d >= typical/2 && d <= typical/outOfLineDen*outOfLineNum
}

// small tells whether a segment has less than half of the bytes that are usual
// in its rendition of the run: it may be cut off, and only its end tells.
func (b *builder) small(seg int32) bool {
	at := [2]int32{b.home[seg], b.rendition[seg]}
	usual, ok := b.sizes[at]
	if !ok {
		var sizes []int64
		items := b.runs[at[0]].of(int(at[1])).items
		for i := 0; i < len(items); i += len(items)/samples + 1 {
			sizes = append(sizes, b.segs[items[i].seg].Bytes())
		}
		slices.Sort(sizes)
		usual = sizes[(len(sizes)-1)/2]
		if b.sizes == nil {
			b.sizes = map[[2]int32]int64{}
		}
		b.sizes[at] = usual
	}
	return b.segs[seg].Bytes() < usual/2
}
