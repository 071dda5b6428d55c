package timeline

import (
	"sort"
	"time"
)

// drops gives the reason for every segment that was not chosen, and tells each
// session when anything of it was uploaded last.
func (b *builder) drops(t *Timeline, rows []row, picks [][]int, cuts []int) {
	byNonce := map[string][]int{}
	for i, r := range b.runs {
		byNonce[r.nonce] = append(byNonce[r.nonce], i)
	}
	names := map[string]int{}
	for i, name := range b.renditions {
		names[name] = i
	}
	rendition := func(i int) (r int, ok bool) {
		if r := b.rendition[i]; r >= 0 {
			return int(r), true
		}
		r, ok = names[b.segs[i].Rendition]
		return r, ok
	}
	of := b.numberingOf()
	latest := make([]Instant, len(t.Sessions))
	for k := range latest {
		latest[k] = InstantOf(t.Sessions[k].Uploaded)
	}
	doubts := map[int32][]int{} // by run
	for i := range b.segs {
		s := b.segs[i]
		row, winner := -1, -1
		if n := b.numberingNear(i, byNonce, of); n != nil {
			var exact bool
			row, exact = nearestRow(n, s.Seq)
			if exact {
				if r, ok := rendition(i); ok {
					winner = picks[r][row]
				}
			}
		}
		session := b.sessionOf(t, cuts, row, s)
		if session >= 0 {
			latest[session] = max(latest[session], s.uploaded())
		}
		if winner == i {
			continue
		}
		d := Drop{Segment: i, Reason: hopelessReasons[b.hopeless[i]], Winner: winner, Session: session}
		if b.beaten != nil && b.beaten[i].lost {
			b.tellBeaten(&d, of)
		} else if d.Reason == "" {
			d.Reason, d.Leftover = b.lost(i, winner)
			d.Why = b.why(i, winner)
			d.Leftover = d.Leftover && !rows[row].num.uncertain
			if home := b.home[i]; d.Reason == Duplicate && home == b.home[winner] {
				doubts[home] = append(doubts[home], i)
			}
		}
		t.Dropped = append(t.Dropped, d)
	}
	for k := range latest {
		t.Sessions[k].Uploaded = latest[k].Time()
	}
	for i := range b.runs {
		if doubts := doubts[int32(i)]; len(doubts) > 0 {
			b.addDoubt("copy", "one writer has two objects under one number, and their content differs", doubts)
		}
	}
}

// lost says why a healthy segment lost to the chosen one, and whether it is
// proved to hold nothing that the chosen one lacks.
func (b *builder) lost(i, winner int) (Reason, bool) {
	s, w := b.segs[i], b.segs[winner]
	switch compare(s, w) {
	case equal:
		return Identical, true
	case prefix:
		return Truncated, true
	}
	return Duplicate, b.provedCopy(s, w, b.runs[b.home[i]], b.runs[b.home[winner]])
}

// provedCopy tells whether number, media time and upload delay together prove
// that two transcodes are of the same segment. The source is not transcoded:
// other content there is another segment.
func (b *builder) provedCopy(s, w *Segment, r, o *run) bool {
	if s.Rendition == b.opt.Source || r == o || !r.timed() || !o.timed() {
		return false
	}
	d, known := advance(s.media(), w.media(), 0)
	if !known || d.Abs() > tolerance {
		return false
	}
	if s.media().Level < ReadWhole || w.media().Level < ReadWhole || s.media().Duration > w.media().Duration+tolerance {
		return false // the end of what was not read whole may be lost
	}
	lag := time.Duration(r.wallAt(s.Seq) - o.wallAt(s.Seq))
	if own := s.uploaded().Sub(w.uploaded()) - lag; own.Abs() > retried {
		return false // too late for a retry: perhaps a writer that starts over
	}
	first := o
	if lag < 0 {
		first = r
	}
	if first.last-first.first+1 < fewest {
		return false
	}
	return lag.Abs() < span(first.last-first.first+1, first.typical)/2
}

// numberingOf gives the numbering of each run.
func (b *builder) numberingOf() []*numbering {
	of := make([]*numbering, len(b.runs))
	for _, n := range b.nums {
		for _, i := range n.runs {
			of[i] = n
		}
	}
	return of
}

// numberingNear is the numbering of a segment: that of its run or, for one that
// is in no run, that of the run of its writer whose numbers are nearest.
func (b *builder) numberingNear(i int, byNonce map[string][]int, of []*numbering) *numbering {
	if b.home[i] >= 0 {
		return of[b.home[i]]
	}
	var best *numbering
	var least uint64
	for _, k := range byNonce[b.segs[i].Nonce] {
		r, seq := b.runs[k], b.segs[i].Seq
		var d uint64
		switch {
		case seq < r.first:
			d = uint64(r.first) - uint64(seq)
		case seq > r.last:
			d = uint64(seq) - uint64(r.last)
		}
		if best == nil || d < least {
			best, least = of[k], d
		}
	}
	return best
}

// nearestRow is the row of a number, or of the next above, or the last; exact:
// that of the number itself.
func nearestRow(n *numbering, seq int64) (row int, exact bool) {
	k, exact := n.find(seq)
	if k = min(k, len(n.seqs)-1); n.rowOf != nil {
		return int(n.rowOf[k]), exact
	}
	return n.from + k, exact
}

// tellBeaten says what the cover decided about a segment.
func (b *builder) tellBeaten(d *Drop, of []*numbering) {
	x := &b.beaten[d.Segment]
	d.Reason, d.Winner, d.Leftover, d.Fill = x.reason, x.winner, x.leftover, x.fill
	for _, s := range []int{d.Segment, x.winner} {
		if s >= 0 && b.home[s] >= 0 && of[b.home[s]].uncertain {
			d.Leftover = false
		}
	}
	switch {
	case x.winner < 0:
		d.Why = "another writer was chosen for its time, which has nothing of this rendition"
	case x.reason == Overlap:
		d.Why = "overlaps what is chosen"
	case x.reason == Partial:
		d.Why = "its writer calls it partial; what is chosen has its time"
	default:
		d.Why = b.why(d.Segment, x.winner)
	}
}

// sessionOf is the session of a row or, where nothing of the writer is there,
// the first whose bounds, widened by the session gap, hold the upload.
func (b *builder) sessionOf(t *Timeline, cuts []int, row int, s *Segment) int {
	if row >= 0 {
		return sort.SearchInts(cuts, row+1) - 1
	}
	at := s.uploaded()
	if _, known := stamp(s.Begins); known {
		at = s.Begins
	}
	if _, known := stamp(at); !known {
		return -1
	}
	when := at.Time()
	gap := b.opt.SessionGap
	k := sort.Search(len(t.Sessions), func(k int) bool { return !t.Sessions[k].End.Add(gap).Before(when) })
	if k < len(t.Sessions) && !when.Add(gap).Before(t.Sessions[k].Start) {
		return k
	}
	return -1
}
