package timeline

import (
	"cmp"
	"slices"
	"time"
)

// mostApart is how many common numbers lie between two that are compared: far
// enough that a small difference of every length shows, near enough that few
// comparisons reach over a restart.
const mostApart = 32

// classes are the renditions by the boundaries of their segments: those that cut
// the stream at the same times share the first class, that of the rendition that
// leads, or another one. Where nothing tells, a rendition is of the first.
func (b *builder) classes(segs []*Segment) [][]int {
	if len(b.renditions) == 0 {
		return nil
	}
	out := [][]int{{0}}
	for r := 1; r < len(b.renditions); r++ {
		at := 0
		if b.grid(segs, 0, r) == no {
			at = len(out)
			for k := 1; k < len(out); k++ {
				if b.grid(segs, out[k][0], r) == yes {
					at = k
					break
				}
			}
		}
		if at == len(out) {
			out = append(out, nil)
		}
		out[at] = append(out[at], r)
	}
	return out
}

// tally counts comparisons of boundaries.
type tally struct{ agree, differ int }

// verdict is that of most comparisons. Some differ wherever a clock starts over,
// keys were used again or a writer lost its way, so that three of four must do to
// say that the boundaries are others.
func (v *tally) verdict() verdict {
	switch {
	case v.differ >= 3 && v.differ > 3*v.agree:
		return no
	case v.agree > 0:
		return yes
	}
	return unknown
}

// grid tells whether two renditions are cut at the same times: under equal
// numbers both have moved on by as much, for most numbers. That one is cut off,
// lacks some, or has a clock of its own makes no difference.
func (b *builder) grid(segs []*Segment, x, y int) verdict {
	var v tally
	left, right := b.grouped(x), b.grouped(y)
	for nonce, xs := range left {
		if ys := right[nonce]; len(ys) > 0 {
			b.compareNumbers(&v, xs, ys)
		}
	}
	if v == (tally{}) && len(left) == 1 && len(right) == 1 { // one writer each, as source and transcodes have
		for _, xs := range left {
			for _, ys := range right {
				b.compareNumbers(&v, xs, ys)
			}
		}
	}
	b.compareTimes(&v, segs, x, y)
	if v.agree == 0 && v.differ > 0 {
		// Sound of its own is seldom cut where pictures are: where there is little to
		// compare, little must do.
		if x, y := b.pictures(x), b.pictures(y); x != unknown && y != unknown && x != y {
			return no
		}
	}
	return v.verdict()
}

// pictures tells whether a rendition has any, as far as its segments were read.
func (b *builder) pictures(rendition int) verdict {
	seen := unknown
	for i := range b.segs {
		if int(b.rendition[i]) != rendition || b.segs[i].media().Level == Unread {
			continue
		}
		for _, t := range b.segs[i].media().Tracks {
			if t.Video {
				return yes
			}
			seen = no
		}
	}
	return seen
}

// grouped are the numbered segments of a rendition by writer, in order of number.
func (b *builder) grouped(rendition int) map[string][]entry {
	out := map[string][]entry{}
	for lo := 0; lo < len(b.order); {
		g := b.order[lo].group
		hi := lo
		for hi < len(b.order) && b.order[hi].group == g {
			hi++
		}
		if b.groups[g].rendition == rendition && b.groups[g].nonce != byTime {
			out[b.groups[g].nonce] = b.order[lo:hi]
		}
		lo = hi
	}
	return out
}

// crossing is the meeting of two renditions at a number that both have: the segments of each.
type crossing struct{ xs, ys []entry }

// gridWork is what comparing reuses from one writer to the next.
type gridWork struct {
	both   []crossing
	more   []time.Duration
	untold []int
}

// compareNumbers compares how far two renditions of one writer move on between
// common numbers.
func (b *builder) compareNumbers(v *tally, xs, ys []entry) {
	work := &b.scratch.grid
	both := crossings(work.both[:0], xs, ys)
	apart := max(1, min(mostApart, len(both)/3))
	more := append(work.more[:0], make([]time.Duration, len(both)+1)...) // of all before: how much longer those of y are told to be
	untold := append(work.untold[:0], make([]int, len(both)+1)...)
	work.both, work.more, work.untold = both, more, untold
	for k, c := range both {
		x, y := b.segs[c.xs[0].seg].told(), b.segs[c.ys[0].seg].told()
		more[k+1], untold[k+1] = min(max(more[k]+y-x, -farthest), farthest), untold[k]
		if x == 0 || y == 0 {
			untold[k+1]++
		}
	}
	for k := 0; k+apart < len(both); k++ {
		switch d, known := b.movesAway(&both[k], &both[k+apart]); {
		case known:
			v.add(d)
		case untold[k] == untold[k+apart]:
			v.add(more[k+apart] - more[k])
		}
	}
}

// crossings appends the numbers that two renditions have in common. Of very many
// copies the first speak for all.
func crossings(out []crossing, xs, ys []entry) []crossing {
	const most = 3
	for i, j := 0, 0; i < len(xs) && j < len(ys); {
		switch c := cmp.Compare(xs[i].seq, ys[j].seq); {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			k, l := i, j
			for k < len(xs) && xs[k].seq == xs[i].seq {
				k++
			}
			for l < len(ys) && ys[l].seq == ys[j].seq {
				l++
			}
			out = append(out, crossing{xs[i:min(k, i+most)], ys[j:min(l, j+most)]})
			i, j = k, l
		}
	}
	return out
}

// movesAway is by how much more the media of y moves on between two numbers than
// that of x: of several copies by those that fit best. A clock that starts over
// tells nothing.
func (b *builder) movesAway(from, to *crossing) (best time.Duration, known bool) {
	for _, x := range from.xs {
		for _, p := range to.xs {
			dx, ok := advance(b.segs[x.seg].media(), b.segs[p.seg].media(), 0)
			if !ok || dx <= 0 {
				continue
			}
			for _, y := range from.ys {
				for _, q := range to.ys {
					dy, ok := advance(b.segs[y.seg].media(), b.segs[q.seg].media(), 0)
					if d := dy - dx; ok && dy > 0 && (!known || d.Abs() < best.Abs()) {
						best, known = d, true
					}
				}
			}
		}
	}
	return best, known
}

func (v *tally) add(d time.Duration) {
	if d.Abs() <= tolerance {
		v.agree++
	} else {
		v.differ++
	}
}

// timedSpan is a segment on the wall clock, by its start time.
type timedSpan struct {
	from int64
	d    time.Duration
}

// compareTimes compares the bounds of segments without numbers whose start times
// are known. A segment where the other rendition has nothing says nothing, nor
// does one that is off by less than start times may be.
func (b *builder) compareTimes(v *tally, segs []*Segment, x, y int) {
	xs, ys := b.timesOf(segs, x), b.timesOf(segs, y)
	for _, s := range ys {
		// What lasts much longer than a segment has other bounds, wherever it begins.
		lo, _ := slices.BinarySearchFunc(xs, s.from-int64(4*s.d), func(o timedSpan, at int64) int { return cmp.Compare(o.from, at) })
		near, agree, maybe := false, false, false
		for k := lo; k < len(xs) && xs[k].from < later(s.from, s.d); k++ {
			o := &xs[k]
			from, to := time.Duration(o.from-s.from).Abs(), time.Duration(later(o.from, o.d)-later(s.from, s.d)).Abs()
			near = near || later(o.from, o.d) > s.from+int64(tolerance) && o.from < later(s.from, s.d)-int64(tolerance)
			agree = agree || from <= tolerance && to <= tolerance
			maybe = maybe || max(from, to) <= s.d/slack
		}
		switch {
		case agree:
			v.agree++
		case near && !maybe:
			v.differ++
		}
	}
}

// timesOf are the segments of a rendition that have start times but no numbers, in
// order of start. One whose length nothing tells ends where the next begins.
func (b *builder) timesOf(segs []*Segment, rendition int) []timedSpan {
	var out []timedSpan
	for _, i := range b.unnumbered {
		at, ok := stamp(segs[i].Begins)
		if ok && int(b.rendition[i]) == rendition {
			out = append(out, timedSpan{at, b.spanned(i)})
		}
	}
	slices.SortFunc(out, func(s, t timedSpan) int { return cmp.Or(cmp.Compare(s.from, t.from), cmp.Compare(s.d, t.d)) })
	for k := range out {
		if out[k].d == 0 && k+1 < len(out) {
			out[k].d = min(time.Duration(out[k+1].from-out[k].from), longest)
		}
	}
	return slices.DeleteFunc(out, func(s timedSpan) bool { return s.d <= 0 })
}
