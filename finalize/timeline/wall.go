package timeline

import "time"

// dayLeap is the longest hole that missing numbers alone can make; more is a
// leap in the numbering.
const dayLeap = 24 * time.Hour

// stretch is a sequence of rows on one media clock.
type stretch struct {
	from, to int
	length   time.Duration
	anchor   int64 // wall time of its start by its fastest upload
	live     bool  // anchor is known
	after    time.Duration
}

// clockWall gives each row its wall time: the anchor of its stretch plus media
// time, never before the end of the row before.
func (b *builder) clockWall(rows []row, picks [][]int) {
	if len(rows) == 0 {
		return
	}
	stretches := b.merge(rows, picks, b.pieces(rows))
	bounded := b.bound(rows, stretches)
	b.beforeLive(rows, stretches)
	end := stretches[0].anchor
	for k := range stretches {
		s := &stretches[k]
		start := later(end, s.after)
		if s.live {
			if k > 0 && !together(&rows[s.from-1], &rows[s.from]) {
				b.doubtOverlap(rows[s.from-1].num, rows[s.from].num, time.Duration(end-s.anchor))
			}
			start = max(start, s.anchor)
		}
		if n := rows[s.from].num; bounded[k] && s.to-s.from >= 3 && !n.uncertain {
			b.doubt("order", "numbers and upload times contradict each other", n, n)
		}
		for i := s.from; i < s.to; i++ {
			r := &rows[i]
			r.wall = later(start, time.Duration(r.wall))
			if i > 0 && r.wall > end {
				r.gap = time.Duration(r.wall - end)
			}
			end = later(r.wall, r.length)
		}
	}
}

// pieces cuts the rows at every join and hole and where the source stood still,
// and finds the anchor of each piece. Row.wall is the offset in its piece for the
// time being.
func (b *builder) pieces(rows []row) []stretch {
	var out []stretch
	x := &b.scratch
	x.reset()
	from := 0
	var length time.Duration
	for i := range rows {
		r := &rows[i]
		if i > 0 && (r.join || !rows[i-1].clocked(r)) {
			out = b.piece(out, rows, from, i)
			x.reset()
			from, length = i, 0
		}
		r.wall = int64(length)
		length = min(length+r.length, farthest)
		if up, of, ok := b.rowMark(r); ok {
			x.ends, x.ups = append(x.ends, length), append(x.ups, up)
			x.index, x.who = append(x.index, int32(i)), append(x.who, of)
		}
	}
	return b.piece(out, rows, from, len(rows))
}

// rowMark is the earliest wall time of the end of a row, and the run that it is
// of.
func (b *builder) rowMark(r *row) (first int64, of int32, known bool) {
	for _, seg := range r.num.all(r.place) {
		home := b.runs[b.home[seg]]
		if !home.timed() {
			continue
		}
		if up, ok := b.mark(home, seg, r.length); ok && (!known || up < first) {
			first, of, known = up, b.home[seg], true
		}
	}
	return first, of, known
}

// piece adds the piece of rows from–to, whose stamps lie in the scratch, or one
// for each stretch between two stops of the source.
func (b *builder) piece(out []stretch, rows []row, from, to int) []stretch {
	x := &b.scratch
	k := 0
	for _, stop := range append(b.stops(x.ends, x.ups, x.who), len(x.ups)) {
		end := to
		if stop < len(x.ups) {
			end = int(x.index[stop])
		}
		s := stretch{from: from, to: end}
		base := rows[from].wall
		for i := from; i < end; i++ {
			rows[i].wall -= base
		}
		s.length = min(time.Duration(rows[end-1].wall)+rows[end-1].length, farthest)
		for ; k < stop; k++ {
			if a := x.ups[k] - int64(x.ends[k]) + base; !s.live || a < s.anchor {
				s.anchor, s.live = a, true
			}
		}
		out, from = append(out, s), end
	}
	return out
}

// merge joins pieces whose clock runs on over the join or hole between them,
// and finds what holes last.
func (b *builder) merge(rows []row, picks [][]int, pieces []stretch) []stretch {
	out := pieces[:1]
	for _, p := range pieces[1:] {
		s := &out[len(out)-1]
		first := &rows[p.from]
		if !rows[p.from-1].clocked(first) {
			out = append(out, p)
			continue
		}
		typical := first.num.typical
		want := first.want()
		jump, known := b.jumpBefore(rows, picks, p.from, want)
		onNumbers := want > 0 && (jump-want).Abs() <= max(want/4, typical)
		onUploads := s.live && p.live && jump > 0 &&
			time.Duration(p.anchor-later(s.anchor, s.length+jump)).Abs() <= 2*typical
		torn := known && want == 0 && cutShort(&rows[p.from-1], first, jump)
		if known && jump >= 0 && (onNumbers || onUploads || torn) {
			for i := p.from; i < p.to; i++ {
				rows[i].wall += int64(s.length + jump)
			}
			if p.live {
				if a := p.anchor - int64(s.length+jump); !s.live || a < s.anchor {
					s.anchor, s.live = a, true
				}
			}
			if want > 0 || torn && !b.someRunOn(picks, p.from) {
				first.hole = jump
			}
			s.to, s.length = p.to, min(s.length+jump+p.length, farthest)
			continue
		}
		if s.live && p.live && want > b.opt.SessionGap { // a run of its own: numbers make no time
			first.hole = min(want, max(0, time.Duration(p.anchor-later(s.anchor, s.length))))
		} else if !leaps(want, s, &p) {
			first.hole, p.after = want, want
		}
		out = append(out, p)
	}
	return out
}

// someRunOn tells whether in some rendition the segment before a row reaches up
// to it: then nothing is missing from all of them.
func (b *builder) someRunOn(picks [][]int, i int) bool {
	for _, ps := range picks {
		if ps[i] < 0 || ps[i-1] < 0 {
			continue
		}
		_, fits, known := jumps(b.segs[ps[i-1]].media(), b.segs[ps[i]].media(), 0)
		if fits || !known && (b.runsOn(ps[i-1], ps[i]) || b.inLine(ps[i-1], ps[i])) {
			return true
		}
	}
	return false
}

// cutShort tells whether the end of a row is lost: the next number begins when it
// usually would, and what lies there ended before, by more than the tolerance.
func cutShort(r, next *row, jump time.Duration) bool {
	typical := r.num.typical
	return r.num == next.num && jump > tolerance && r.length < typical && r.length+jump <= typical/outOfLineDen*outOfLineNum
}

// together tells whether two rows were chosen together: what is doubtful about
// that is said already.
func together(x, y *row) bool {
	return x.num == y.num || x.num.bundle != nil && x.num.bundle == y.num.bundle
}

// leaps tells whether missing numbers are no missing time: the numbering
// leapt.
func leaps(want time.Duration, s, next *stretch) bool {
	if s.live && next.live {
		between := max(0, time.Duration(next.anchor-later(s.anchor, s.length)))
		return want > min(between, farthest)*2+skew
	}
	return want > dayLeap
}

// jumpBefore is how far media time moves over the boundary before a row, by the
// first rendition that can tell.
func (b *builder) jumpBefore(rows []row, picks [][]int, i int, want time.Duration) (time.Duration, bool) {
	for _, ps := range picks {
		if ps[i] < 0 || ps[i-1] < 0 {
			continue
		}
		if jump, _, known := jumps(b.segs[ps[i-1]].media(), b.segs[ps[i]].media(), want); known {
			return min(max(jump, -farthest), farthest) + want, true
		}
	}
	return 0, false
}

// bound takes anchors back to what later stretches of the same numbering allow:
// late uploads can only delay an anchor. It tells where that was by more than a
// session's gap.
func (b *builder) bound(rows []row, stretches []stretch) []bool {
	far := make([]bool, len(stretches))
	limit, have := int64(0), false
	for k := len(stretches) - 1; k >= 0; k-- {
		s := &stretches[k]
		if k+1 < len(stretches) && !rows[s.from].clocked(&rows[stretches[k+1].from]) {
			have = false
		}
		if have {
			limit -= int64(s.length)
			if s.live && s.anchor > limit {
				far[k] = time.Duration(s.anchor-limit) > b.opt.SessionGap
				s.anchor = limit
			}
		}
		if s.live {
			limit, have = s.anchor, true
		}
		limit -= int64(s.after)
	}
	return far
}

// beforeLive anchors a first stretch whose upload times are no evidence: right
// before the first that is, else by the earliest upload, which says at least
// that the media is older.
func (b *builder) beforeLive(rows []row, stretches []stretch) {
	first := &stretches[0]
	if first.live {
		return
	}
	var before time.Duration
	for k := range stretches {
		if stretches[k].live {
			first.anchor = stretches[k].anchor - int64(min(before+stretches[k].after, farthest))
			return
		}
		before = min(before+stretches[k].after+stretches[k].length, farthest)
	}
	known := false
	for i := range b.segs {
		if b.hopeless[i] != 0 {
			continue
		}
		if up, ok := stamp(b.segs[i].uploaded()); ok && (!known || up-int64(before) < first.anchor) {
			first.anchor, known = up-int64(before), true
		}
	}
}

// doubtOverlap records that two numberings were written at the same time. The
// order of the two is a guess, and one may hold what the other holds.
func (b *builder) doubtOverlap(x, y *numbering, over time.Duration) {
	if x.uncertain && y.uncertain {
		return
	}
	few := 4 * max(x.typical, y.typical) // what uploads of two streams that follow each other may be off by
	if over > max(2*y.typical, min(skew, few, x.length()/2, y.length()/2)) {
		b.doubt("order", "two numberings at the same time", x, y)
	}
}
