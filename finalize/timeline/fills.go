package timeline

import (
	"slices"
	"time"
)

// fillOf finds the longest stretch of a segment of a lost row that nothing chosen
// covers, behind something chosen on the same clock. It is of use where both are
// proved to show the same, or where what is chosen on one side goes on with it: of
// that writer it is the next segment, or the one before. Nil: it is of none.
func (st *stage) fillOf(i, seg int, near []int32, proved bool) *Fill {
	var best *Fill
	from, to := st.segmentSpan(i, seg)
	after, at, num := int32(-1), from, st.rows[i].num
	ps := st.picks[st.b.rendition[seg]]
	look := func(next int32, until int64, meets bool) {
		gap := time.Duration(until - at)
		if gap <= tolerance || after < 0 || !st.oneAxis(i, after) || !st.alike(seg, ps[after]) || best != nil && best.Uncovered >= gap {
			return
		}
		if meets = meets && st.oneAxis(i, next) && st.alike(seg, ps[next]); proved || st.rows[after].num == num || meets && st.rows[next].num == num {
			best = &Fill{After: ps[after], Uncovered: gap, Meets: meets}
		}
	}
	for _, c := range near {
		if ps[c] < 0 {
			continue
		}
		start, end := st.segmentSpan(int(c), ps[c])
		look(c, min(start, to), start <= to)
		after, at = c, max(at, end)
	}
	look(-1, to, false)
	return best
}

// alike tells whether nothing that is known of the parameters of two segments
// differs: one track can hold both.
func (st *stage) alike(i, j int) bool { return sameParams(st.b.segs[i].media(), st.b.segs[j].media()) }

// oneAxis tells whether two rows are on one media clock.
func (st *stage) oneAxis(i int, j int32) bool {
	x := st.all[st.of[i]].axis
	return x >= 0 && x == st.all[st.of[j]].axis
}

// oneFill leaves one fill a hole, in the session of that hole: that which has most of it, else the one with the
// smaller key.
func oneFill(t *Timeline, segs []*Segment) {
	if !slices.ContainsFunc(t.Dropped, func(d Drop) bool { return d.Fill != nil }) {
		return
	}
	best := map[int]int{} // by Fill.After: index into Dropped
	home := map[int]int{} // of what is chosen: its session
	for k := range t.Sessions {
		for _, q := range t.Sessions[k].Renditions {
			for _, p := range q.Picks {
				home[p.Segment] = k
			}
		}
	}
	for i := range t.Dropped {
		d := &t.Dropped[i]
		if d.Fill == nil {
			continue
		}
		if k, ok := home[d.Fill.After]; !ok || k != d.Session {
			d.Fill = nil
			continue
		}
		k, ok := best[d.Fill.After]
		if !ok {
			best[d.Fill.After] = i
			continue
		}
		o := &t.Dropped[k]
		if d.Fill.Uncovered > o.Fill.Uncovered || d.Fill.Uncovered == o.Fill.Uncovered && canonical(segs[d.Segment], segs[o.Segment]) < 0 {
			best[d.Fill.After] = i
			d = o
		}
		d.Fill = nil
	}
}
