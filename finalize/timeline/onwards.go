package timeline

import "time"

// skew is how far the clocks of two writers may be apart where nothing but
// they speaks against an order of numbers.
const skew = time.Minute

// retried is how long writers try to upload a segment: one that fills a hole
// may be that late.
const retried = 20 * time.Minute

// whyAtOnce is what is doubtful of two writers whose numbers are far apart.
const whyAtOnce = "two writers at the same time, under different numbers"

// beside relates a run to a numbering that has the same numbers, but in other
// renditions only: the writer of the source and that of a transcode. They count
// the same stream unless the uploads say that one was long over.
func (b *builder) beside(r *run, n *numbering, e *evidence) relation {
	lag, timed := b.lag(r, e)
	if timed && lag.Abs() > max(b.firstLength(r, e, lag), 4*r.typical) {
		return relation{kind: restart}
	}
	return relation{kind: continues, distance: lag.Abs().Nanoseconds()}
}

// onwards relates a run to a numbering that has none of its numbers: one may go
// on where the other ends, or fill a hole of it, whatever the clocks say within
// reason. Two that are written at the same time under distant numbers do not.
func (b *builder) onwards(r *run, n *numbering) relation {
	timed := r.timed() && n.timed
	var missing int64
	var against, apart time.Duration // by which the wall clock contradicts; that lies between
	var from, to int32               // the neighbours in number
	switch {
	case r.first > n.last:
		missing = r.first - n.last - 1
		from, to = b.edge(b.runs[n.high], n.last), b.edge(r, r.first)
		if timed {
			apart = time.Duration(r.start() - n.end)
		}
		against = -apart
	case r.last < n.first:
		missing = n.first - r.last - 1
		from, to = b.edge(r, r.last), b.edge(b.runs[n.low], n.first)
		if timed {
			apart = time.Duration(n.start - r.end())
		}
		against = -apart
	default:
		late, fits := b.fills(r, n)
		switch over := b.over(r, n); {
		case fits && over:
			return relation{kind: completes, distance: late.Abs().Nanoseconds(), ahead: late}
		case fits:
			return relation{kind: completes, distance: late.Abs().Nanoseconds()}
		case over:
			return relation{kind: restart}
		}
		return relation{kind: continues}
	}
	distance := relation{kind: continues, distance: apart.Abs().Nanoseconds()}
	if !timed {
		distance.distance = span(missing, n.typical).Nanoseconds()
		if !b.follows(from, to, missing, n.typical) { // one whose media runs on is nearer
			distance.distance += int64(farthest)
		}
		return distance
	}
	// So many numbers in so little time were never there: the count began anew.
	if hole := span(missing, n.typical); hole > b.opt.SessionGap && hole > 2*min(apart.Abs(), farthest)+skew {
		return relation{kind: restart}
	}
	// Distant numbers at one time contradict each other, whatever a clock may be
	// off.
	allowed := 2 * n.typical
	if span(missing, n.typical) <= skew {
		allowed = b.opt.SessionGap
	}
	if against <= allowed || span(missing, n.typical) <= b.opt.SessionGap && b.follows(from, to, missing, n.typical) {
		return distance
	}
	if r.start() >= n.end || r.end() <= n.start {
		return relation{kind: restart}
	}
	return relation{kind: unsure, why: whyAtOnce}
}

// fills tells whether a run fills a hole of a numbering exactly, and how late: no
// number is missing on either side of it, and media time runs on into it and out
// of it. Such a one was recovered, whenever that was.
func (b *builder) fills(r *run, n *numbering) (late time.Duration, ok bool) {
	s := &r.strands[0]
	first, last := s.items[0], s.items[len(s.items)-1]
	before, after := b.under(n, s.rendition, first.seq-1), b.under(n, s.rendition, last.seq+1)
	if first.seq != r.first || last.seq != r.last || before < 0 || after < 0 || !b.reaches(before, first.seg) || !b.reaches(last.seg, after) {
		return 0, false
	}
	if o := b.runs[b.home[before]]; r.timed() && o.timed() {
		late = time.Duration(r.wallAt(first.seq) - o.wallAt(first.seq))
	}
	return late, true
}

// under is a segment that a numbering has under a number, or -1.
func (b *builder) under(n *numbering, rendition int, seq int64) int32 {
	for _, o := range b.overlapping(n, seq, seq) {
		if s := b.runs[o].of(rendition); s != nil {
			if found := s.find(seq); len(found) > 0 {
				return found[0].seg
			}
		}
	}
	return -1
}

// reaches tells whether one segment ends where another begins, as far as both were
// read.
func (b *builder) reaches(from, to int32) bool {
	m, next := b.segs[from].media(), b.segs[to].media()
	if m.Level >= ReadWhole {
		_, fits, _ := jumps(m, next, 0)
		return fits
	}
	length := b.runs[b.home[from]].length(b, from)
	d, known := advance(m, next, length)
	return known && (d-length).Abs() <= tolerance
}

// edge is the segment that has a number in the first strand, or its end there.
func (b *builder) edge(r *run, seq int64) int32 {
	items := r.strands[0].items
	if seq <= items[0].seq {
		return items[0].seg
	}
	return items[len(items)-1].seg
}

// follows tells whether media time runs on from one segment to the other over
// the missing numbers.
func (b *builder) follows(from, to int32, missing int64, typical time.Duration) bool {
	want := span(missing+1, typical)
	d, known := advance(b.segs[from].media(), b.segs[to].media(), want)
	return known && (d-want).Abs() <= max(want/100, typical/2)
}
