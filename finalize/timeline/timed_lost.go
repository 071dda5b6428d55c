package timeline

import (
	"sort"
	"time"
)

// loseTimed judges what was not chosen of a lane.
func (b *builder) loseTimed(j *judgement, l *lane, typical time.Duration) {
	taken := make([]bool, len(l.segs))
	for _, k := range l.chosen {
		taken[k] = true
	}
	for k := range l.segs {
		if !taken[k] {
			b.judgeTimed(j, l, k, typical)
		}
	}
}

// judgeTimed decides what becomes of one that was not chosen. Something was
// chosen that overlaps it, or else it would have been.
func (b *builder) judgeTimed(j *judgement, l *lane, k int, typical time.Duration) {
	c := &l.cands[k]
	lo := sort.Search(len(l.chosen), func(n int) bool { return l.cands[l.chosen[n]].end > c.start })
	best, most, missing, at := -1, int64(-1<<62), int64(0), c.start
	for n := max(0, lo-1); n < len(l.chosen); n++ {
		w := &l.cands[l.chosen[n]]
		if w.start >= c.end && best >= 0 {
			break
		}
		if over := min(c.end, w.end) - max(c.start, w.start); over > most {
			best, most = l.chosen[n], over
		}
		missing += max(0, min(w.start, c.end)-at)
		at = max(at, w.end)
	}
	missing += max(0, c.end-at)
	i, winner := l.segs[k], l.segs[best]
	s, w := b.segs[i], b.segs[winner]
	b.call(s, byTime)
	s.Seq = w.Seq
	win := &l.cands[best]
	same := time.Duration(c.start-win.start).Abs() <= tolerance && time.Duration(c.end-win.end).Abs() <= tolerance
	together := time.Duration(c.start-win.start).Abs() <= tolerance
	b.askTimed(i, winner, together)
	out := beaten{lost: true, winner: int(winner), reason: Overlap}
	if same {
		out.reason = Duplicate
	}
	switch how := compare(s, w); {
	case how == equal && together: // a slate repeats its bytes: only at one time they are a copy
		out.reason, out.leftover = Identical, true
	case how == prefix && together:
		out.reason, out.leftover = Truncated, true
	case how == extension || time.Duration(missing) > tolerance:
		j.beyond = append(j.beyond, int(i))
	case how == different && same && s.Quality == w.Quality && s.Rendition == b.opt.Source, otherClock(s, w, typical):
		j.unproved = append(j.unproved, int(i), int(winner))
	}
	if s.Quality == PartialSeg && out.reason != Identical {
		out.reason = Partial
	}
	b.beaten[i] = out
}

// askTimed asks for what tells whether two that overlap show the same: all of
// them where they begin together, else on which clock they are.
func (b *builder) askTimed(i, winner int32, together bool) {
	if b.opt.Durations == Trust || sameObject(b.segs[i], b.segs[winner]) {
		return
	}
	level := ReadHead
	if together {
		level = ReadWhole
	}
	b.ask(i, level)
	b.ask(winner, level)
}

// otherClock tells whether the media clocks of two that overlap by their keys are
// further apart than two segments.
func otherClock(s, w *Segment, typical time.Duration) bool {
	d, known := advance(s.media(), w.media(), w.Begins.Sub(s.Begins))
	return known && (d-w.Begins.Sub(s.Begins)).Abs() > 2*typical
}
