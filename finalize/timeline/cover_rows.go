package timeline

import (
	"cmp"
	"slices"
	"time"
)

// beaten is what became of a segment of a row that was not chosen: the segment
// that has its time, and what is proved of the two.
type beaten struct {
	lost     bool
	winner   int // index of a segment, or -1
	reason   Reason
	leftover bool
	fill     *Fill
}

// coverNumberings chooses, of numberings that were written at the same time, the
// rows that together hold most, once for all renditions. What is chosen comes
// back in order of time; what has to be read first, as needs.
func (b *builder) coverNumberings(rows []row, picks [][]int) ([]row, [][]int, []Need) {
	if len(b.nums) < 2 {
		return rows, picks, nil
	}
	st := newStage(b, rows, picks)
	bundles := st.gather()
	several := false
	for _, k := range bundles {
		if len(k.nums) > 1 {
			several = true
			st.askBounds(k)
		}
	}
	if len(st.needs) > 0 || !several {
		return rows, picks, st.asked()
	}
	if b.beaten == nil {
		b.beaten = make([]beaten, len(b.segs))
	}
	var order []int32
	for _, k := range bundles {
		if len(k.nums) > 1 && !st.place(k) {
			st.dissolve(k)
		}
		order = append(order, st.chooseRows(k)...)
	}
	if len(st.needs) > 0 {
		return rows, picks, st.asked()
	}
	rows, picks = st.emit(order)
	return rows, picks, nil
}

// asked are the needs in order of segment, the highest level of each.
func (st *stage) asked() []Need {
	slices.SortFunc(st.needs, func(x, y Need) int {
		return cmp.Or(cmp.Compare(x.Segment, y.Segment), cmp.Compare(y.Level, x.Level))
	})
	return slices.CompactFunc(st.needs, func(x, y Need) bool { return x.Segment == y.Segment })
}

// askBounds asks for what tells the bounds of the rows of a block, where every
// boundary counts: the beginnings of what a key or sidecar gives the length of,
// and the ends of what no other row continues.
func (st *stage) askBounds(k *bundle) {
	if st.b.opt.Durations == Trust {
		return
	}
	for _, n := range k.nums {
		for i := n.from; i < n.to; i++ {
			seg, timed := st.speaker(i)
			if !timed {
				st.ask(seg, ReadHead)
			}
			if st.b.segs[seg].known() == 0 && !st.bounded(i, n) {
				st.ask(seg, ReadWhole)
			}
		}
	}
}

// bounded tells whether a row ends where the next one of its piece begins.
func (st *stage) bounded(i int, n *numbering) bool {
	return i+1 < n.to && st.of[i] == st.of[i+1] && st.rows[i+1].missing == 0 && st.at[i]+st.len[i] == st.at[i+1]
}

// dissolve leaves the numberings of a bundle one after another.
func (st *stage) dissolve(k *bundle) {
	for _, n := range k.nums[1:] {
		st.b.doubt("order", "numbers and times of writers at the same time contradict each other", k.nums[0], n)
		n.bundle = &bundle{nums: []*numbering{n}}
	}
	k.apart = true // nothing of it shares a clock any more
	for _, n := range k.nums {
		for i := range st.own(n) {
			st.own(n)[i].axis = -1
		}
	}
}

// chooseRows gives the rows of a bundle that are chosen, in order.
func (st *stage) chooseRows(k *bundle) []int32 {
	all := st.rowsOf(k)
	if len(k.nums) == 1 || k.nums[1].bundle != k {
		return all
	}
	slices.SortStableFunc(all, func(i, j int32) int {
		from, _ := st.span(int(i))
		other, _ := st.span(int(j))
		return cmp.Compare(from, other)
	})
	taken := make([]bool, len(all))
	for _, c := range cover(st.candidates(k, all)) {
		taken[c] = true
	}
	var chosen, lost []int32
	for c, i := range all {
		if taken[c] {
			chosen = append(chosen, i)
		} else {
			lost = append(lost, i)
		}
	}
	st.lose(chosen, lost)
	return chosen
}

func (st *stage) rowsOf(k *bundle) []int32 {
	var all []int32
	for _, n := range k.nums {
		for i := n.from; i < n.to; i++ {
			all = append(all, int32(i))
		}
	}
	return all
}

// candidates are the rows of a bundle as the cover sees them. Boundaries that
// differ by less than the tolerance of media time are the same.
func (st *stage) candidates(k *bundle, all []int32) []candidate {
	bounds := make([]int64, 0, 2*len(all))
	within, lead := tolerance, len(st.picks)
	for _, i := range all {
		from, to := st.span(int(i))
		bounds = append(bounds, from, to)
		within = min(within, time.Duration(to-from)/2)
		for r := range st.picks[:lead] {
			if st.picks[r][i] >= 0 {
				lead = r
				break
			}
		}
	}
	bounds = settle(bounds, max(within, 0))
	ranks, writers := st.ranks(k, st.b.opt.LaterWins), st.writers(k)
	earliest := ranks
	if st.b.opt.LaterWins {
		earliest = st.ranks(k, false)
	}
	out := make([]candidate, len(all))
	for c, i := range all {
		n := st.rows[i].num
		at := slices.Index(k.nums, n)
		from, to := bounds[2*c], max(bounds[2*c+1], bounds[2*c]+1)
		out[c] = candidate{start: from, end: to, writer: writers[at], access: true}
		w := &out[c].worth
		if slices.Index(writers, writers[at]) != at || slices.Contains(writers[at+1:], writers[at]) {
			w[steady] = -earliest[at] // of equal bytes those of one writer, as far as it has them
		}
		for r, ps := range st.picks {
			if ps[i] < 0 {
				continue
			}
			s := st.b.segs[ps[i]]
			w[coveredTime] += to - from
			if s.Committed {
				w[held]++
			}
			w[bulk] += s.Bytes()
			if r != lead {
				continue
			}
			switch s.Quality {
			case Full:
				w[fullTime] = to - from
			case Suspect:
				w[suspectTime] = to - from
			}
			out[c].access = s.media().Level < ReadHead || s.media().Access
		}
		w[usual] = -int64((time.Duration(st.len[i]) - n.typical).Abs())
		w[early] = -ranks[at]
	}
	return out
}

// writers tells the numberings of a bundle apart. Those that are proved to show
// the same stream, with the same parameters, are one: their segments are copies
// of equal content, and going over from one to the other is no switch.
func (st *stage) writers(k *bundle) []int32 {
	out := make([]int32, len(k.nums))
	for i, n := range k.nums {
		out[i] = int32(i)
		for j, m := range k.nums[:i] {
			if st.oneStream(m, n) {
				out[i] = out[j]
				break
			}
		}
	}
	return out
}

// oneStream tells whether all of two numberings is on one proved axis, and
// nothing that is known of their parameters differs.
func (st *stage) oneStream(n, m *numbering) bool {
	at := st.own(n)[0].axis
	for _, p := range slices.Concat(st.own(n), st.own(m)) {
		if p.axis < 0 || p.axis != at || !st.axes[p.axis].proved {
			return false
		}
	}
	s, _ := st.speaker(n.from)
	t, _ := st.speaker(m.from)
	return sameParams(st.b.segs[s].media(), st.b.segs[t].media())
}

// ranks orders the numberings of a bundle by preference of their first segments.
func (st *stage) ranks(k *bundle, later bool) []int64 {
	order := make([]int, len(k.nums))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		s, _ := st.speaker(k.nums[i].from)
		t, _ := st.speaker(k.nums[j].from)
		return st.b.prefer(st.b.segs[s], st.b.segs[t], later)
	})
	ranks := make([]int64, len(order))
	for rank, i := range order {
		ranks[i] = int64(rank)
	}
	return ranks
}

// emit makes the rows and picks of what was chosen, and tells each numbering
// where its places went.
func (st *stage) emit(order []int32) ([]row, [][]int) {
	rows := make([]row, len(order))
	picks := make([][]int, len(st.picks))
	for r := range picks {
		picks[r] = make([]int, len(order))
	}
	for _, n := range st.b.nums {
		n.rowOf = slices.Repeat([]int32{-1}, n.to-n.from)
	}
	for k, i := range order {
		rows[k] = st.rows[i]
		for r := range picks {
			picks[r][k] = st.picks[r][i]
		}
		n := rows[k].num
		n.rowOf[int(i)-n.from] = int32(k)
		rows[k].axis = int32(st.all[st.of[i]].axis + 1)
		if k > 0 {
			st.distance(&rows[k-1], &rows[k], int(order[k-1]), int(i))
		}
	}
	for _, n := range st.b.nums {
		for place, k := range n.rowOf {
			if k < 0 {
				h := st.heir[n.from+place]
				m := st.rows[h].num
				n.rowOf[place] = m.rowOf[int(h)-m.from]
			}
		}
	}
	return rows, picks
}

// distance finds what is missing between two rows that follow each other.
func (st *stage) distance(before, r *row, i, j int) {
	switch {
	case before.num == r.num:
		r.missing = r.seq - before.seq - 1
	case before.clocked(r):
		_, end := st.span(i)
		from, _ := st.span(j)
		if r.missing = 0; time.Duration(from-end) > tolerance {
			r.lack = time.Duration(from - end)
		}
	default:
		r.missing = 0
	}
}
