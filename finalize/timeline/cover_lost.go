package timeline

import (
	"slices"
	"sort"
	"time"
)

// lose finds for each row that was not chosen the one that has its time, lends
// its segments to renditions that have nothing there, and judges the rest.
func (st *stage) lose(chosen, lost []int32) {
	if st.heir == nil {
		st.heir = slices.Repeat([]int32{-1}, len(st.rows))
	}
	for _, i := range lost {
		st.inherit(int(i), st.near(chosen, int(i)))
	}
	var j judgement
	for _, i := range lost {
		near := st.near(chosen, int(i))
		r := &st.rows[i]
		for _, seg := range r.num.all(r.place) {
			st.judge(&j, int(i), int(seg), near)
		}
	}
	for _, n := range j.numberings {
		n.uncertain = true
	}
	if len(j.unproved) > 0 {
		st.b.addDoubt("copy", "several writers at the same time, and nothing read proves that they show the same: one was chosen", j.unproved)
	}
	if len(j.beyond) > 0 {
		st.b.addDoubt("copy", "what was dropped reaches beyond what was chosen in its place", j.beyond)
	}
}

// judgement collects what is doubtful of the rows that lost.
type judgement struct {
	unproved, beyond []int
	numberings       []*numbering
}

// near are the chosen rows that overlap a row, with one more on each side,
// because renditions may begin a little earlier or end later.
func (st *stage) near(chosen []int32, i int) []int32 {
	from, to := st.span(i)
	lo := sort.Search(len(chosen), func(k int) bool {
		_, end := st.span(int(chosen[k]))
		return end > from
	})
	hi := lo
	for hi < len(chosen) {
		if start, _ := st.span(int(chosen[hi])); start >= to {
			break
		}
		hi++
	}
	return chosen[max(0, lo-1):min(len(chosen), hi+1)]
}

// inherit finds the row that has the time of a lost one. Where both have the
// same bounds, the chosen one takes what it has no segment of.
func (st *stage) inherit(i int, near []int32) {
	from, to := st.span(i)
	most := int64(-1 << 62)
	for _, c := range near {
		start, end := st.span(int(c))
		if over := min(to, end) - max(from, start); over > most {
			most, st.heir[i] = over, c
		}
	}
	h := st.heir[i]
	if h < 0 {
		return
	}
	start, end := st.span(int(h))
	if time.Duration(start-from).Abs() > tolerance || time.Duration(end-to).Abs() > tolerance {
		return
	}
	for _, ps := range st.picks {
		if ps[h] < 0 {
			ps[h] = ps[i]
		}
	}
}

// judge decides what becomes of a segment of a lost row.
func (st *stage) judge(j *judgement, i, seg int, near []int32) {
	s := st.b.segs[seg]
	ps := st.picks[st.b.rendition[seg]]
	from, to := st.segmentSpan(i, seg)
	at, missing, most := from, int64(0), int64(-1<<62)
	row, winner, whole := -1, -1, s.media().Level >= ReadWhole
	for _, c := range near {
		p := ps[c]
		if p == seg {
			return // lent
		}
		if p < 0 {
			continue
		}
		start, end := st.segmentSpan(int(c), p)
		if over := min(to, end) - max(from, start); over > most {
			most, row, winner = over, int(c), p
		}
		if m := st.b.segs[p]; m.media().Level >= ReadWhole && m.known() == 0 {
			end = start // all of it was read and shows no length: a single picture holds nothing else
		}
		if over := min(to, end) - max(from, start); over > 0 {
			whole = whole && st.b.segs[p].media().Level >= ReadWhole
		}
		if !st.oneAxis(i, c) && st.of[c] != st.of[i] {
			continue // of another clock: it stands there by its number, and shows another time
		}
		missing += max(0, min(start, to)-at)
		at = max(at, end)
	}
	missing += max(0, to-at)
	out := beaten{lost: true, winner: winner, reason: Overlap}
	beyond := time.Duration(missing) > tolerance
	if winner < 0 {
		j.beyond = append(j.beyond, seg)
		st.b.beaten[seg] = out
		return
	}
	w := st.b.segs[winner]
	start, end := st.segmentSpan(row, winner)
	together := time.Duration(start-from).Abs() <= tolerance
	if together && !sameObject(s, w) {
		st.ask(seg, ReadWhole)
		st.ask(winner, ReadWhole)
	}
	same := together && time.Duration(end-to).Abs() <= tolerance
	x, y := st.all[st.of[i]].axis, st.all[st.of[row]].axis
	proved := x >= 0 && x == y && st.axes[x].proved
	oneClock := together && x >= 0 && x == y // a slate repeats its bytes: only at one time they are a copy
	switch how := compare(s, w); {
	case how == equal && oneClock:
		out.reason, out.leftover = Identical, true
	case how == prefix && oneClock:
		out.reason, out.leftover = Truncated, true
	case how == extension:
		j.beyond = append(j.beyond, seg)
	case !proved, how == different && same && s.Rendition == st.b.opt.Source:
		j.unproved = append(j.unproved, seg, winner)
		j.numberings = append(j.numberings, st.rows[i].num, st.rows[row].num)
	case beyond, same && trackEnds(w.media(), s.media()):
		j.beyond = append(j.beyond, seg)
	case same && how == different && !(st.b.clocked(seg) && st.b.clocked(winner)):
		// Encoders start over at the same time: only uploads tell that from a transcode.
	default:
		out.leftover = whole && s.media().timed() && s.known() > 0
	}
	if out.reason == Overlap && beyond && s.media().timed() && (s.known() > 0 || st.bounded(i, st.rows[i].num)) {
		out.fill = st.fillOf(i, seg, near, proved)
	}
	st.b.beaten[seg] = out
}

// clocked tells whether the upload times of the writer of a segment say when it was written.
func (b *builder) clocked(i int) bool { return b.home[i] >= 0 && b.runs[b.home[i]].timed() }

// trackEnds tells whether some track of a segment ends before the same track of
// another one at the same place: pictures may be whole where the sound broke off.
func trackEnds(m, whole *Media) bool {
	for _, p := range common(m.Tracks, whole.Tracks) {
		a, b := &m.Tracks[p[0]], &whole.Tracks[p[1]]
		if b.Last+b.Delta-b.First > a.Last+a.Delta-a.First+tolerance {
			return true
		}
	}
	return false
}

// segmentSpan is the start and the end of a segment of a row. Renditions of a row
// need not begin together.
func (st *stage) segmentSpan(i, seg int) (from, to int64) {
	from, to = st.span(i)
	speaker, timed := st.speaker(i)
	if m := st.b.segs[seg].media(); timed && speaker != seg && m.timed() {
		if d, ok := advance(st.b.segs[speaker].media(), m, 0); ok && d.Abs() < time.Duration(to-from) {
			from, to = from+int64(d), to+int64(d)
		}
	}
	if d := st.b.segs[seg].known(); d > 0 {
		to = later(from, d)
	}
	return from, to
}
