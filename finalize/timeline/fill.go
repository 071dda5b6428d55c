package timeline

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// stay is a stretch of wall time in which a share has something.
type stay struct{ from, to int64 }

// stays are those of a share, in order, with nothing between two that touch.
func (h *share) stays() []stay {
	var out []stay
	for i := range h.rows {
		r := &h.rows[i]
		out = addStay(out, stay{r.wall, later(r.wall, r.length)})
	}
	return out
}

// addStay adds one that does not begin before the last.
func addStay(all []stay, s stay) []stay {
	if n := len(all); n > 0 && s.from <= all[n-1].to {
		all[n-1].to = max(all[n-1].to, s.to)
		return all
	}
	return append(all, s)
}

// others are the stays of all shares but one.
func others(had [][]stay, but int) []stay {
	var all, out []stay
	for k := range had {
		if k != but {
			all = append(all, had[k]...)
		}
	}
	slices.SortFunc(all, func(s, t stay) int { return cmp.Or(cmp.Compare(s.from, t.from), cmp.Compare(s.to, t.to)) })
	for _, s := range all {
		out = addStay(out, s)
	}
	return out
}

// filled is a list of rows that is being made of another one.
type filled struct {
	rows  []row
	picks [][]int
	links [][]linked
	now   []int32 // by old row: where it is now
}

// fill puts rows without segments where the others have something and the share
// has not: those are GAPs. What nobody has stays a hole of the share, which is
// closed, with a discontinuity. Where the wall times of some share are not exact
// (media time tells them), only what is longer than uploads may be off is filled.
func (h *share) fill(there []stay, exact bool) {
	f := filled{picks: make([][]int, len(h.picks)), links: make([][]linked, len(h.picks)), now: make([]int32, len(h.rows))}
	end := int64(math.MinInt64)
	for i := range h.rows {
		r := h.rows[i]
		least := 2 * tolerance
		if !exact {
			least = max(least, r.num.typical/2)
		}
		if i == 0 || r.gap > least {
			if rest, some := f.gaps(h, i, clip(there, end, r.wall, least), least); some {
				lost := r.hole > 0
				if r.hole, r.gap = 0, 0; rest > 0 {
					if r.gap, r.join = rest, true; lost {
						r.hole = rest
					}
				} else if i > 0 {
					r.join = !h.runsOver(i, time.Duration(r.wall-end))
				}
			}
		}
		f.now[i] = int32(len(f.rows))
		f.rows = append(f.rows, r)
		for k := range h.picks {
			f.picks[k], f.links[k] = append(f.picks[k], h.picks[k][i]), append(f.links[k], h.links[k][i])
		}
		end = later(r.wall, r.length)
	}
	if n := len(h.rows); n > 0 {
		least := 2 * tolerance
		if !exact {
			least = max(least, h.rows[n-1].num.typical/2)
		}
		f.gaps(h, n, clip(there, end, math.MaxInt64, least), least)
	}
	for _, n := range h.b.nums {
		if n.rowOf == nil {
			n.rowOf = slices.Clone(f.now[n.from:n.to])
			continue
		}
		for k, was := range n.rowOf {
			if was >= 0 {
				n.rowOf[k] = f.now[was]
			}
		}
	}
	h.rows, h.picks, h.links = f.rows, f.picks, f.links
}

// clip gives the parts of some stays that lie between two times, but those that
// are too short.
func clip(all []stay, from, to int64, least time.Duration) []stay {
	k, _ := slices.BinarySearchFunc(all, from, func(s stay, at int64) int { return cmp.Compare(s.to, at) })
	var out []stay
	for ; k < len(all) && all[k].from < to; k++ {
		s := stay{max(all[k].from, from), min(all[k].to, to)}
		if time.Duration(s.to-s.from) > least {
			out = append(out, s)
		}
	}
	return out
}

// gaps adds rows without segments before row i of a share. It gives the time
// between the last of them and that row that nobody has. What is not longer than
// least is added to them.
func (f *filled) gaps(h *share, i int, there []stay, least time.Duration) (rest time.Duration, some bool) {
	if len(there) == 0 {
		return 0, false
	}
	beside := &h.rows[min(i, len(h.rows)-1)]
	typical := max(beside.num.typical, time.Millisecond)
	seq, end := beside.seq, int64(0)
	if i > 0 {
		before := &h.rows[i-1]
		seq, end = before.seq+1, later(before.wall, before.length)
	}
	for k, s := range there {
		if (k > 0 || i > 0) && time.Duration(s.from-end) <= least {
			s.from = end
		}
		if k == len(there)-1 && i < len(h.rows) && time.Duration(beside.wall-s.to) <= least {
			s.to = beside.wall
		}
		length := time.Duration(s.to - s.from)
		count := max(1, min(int64((length+typical/2)/typical), mostFilled))
		if k == 0 && i == 0 {
			seq, end = beside.seq-count, s.from
		} else if i < len(h.rows) && beside.wall == s.to {
			seq = max(seq, beside.seq-count) // what is lost came before
		}
		for n := range count {
			from := s.from + int64(length)/count*n
			r := row{num: beside.num, place: -1, seq: seq, wall: from, length: length / time.Duration(count), source: FromNeighbour}
			if n == count-1 {
				r.length = time.Duration(s.to - from)
			}
			if gone := time.Duration(from - end); n == 0 && gone > 0 {
				r.join, r.gap, r.hole = true, gone, gone
			}
			f.rows = append(f.rows, r)
			for q := range f.picks {
				f.picks[q], f.links[q] = append(f.picks[q], -1), append(f.links[q], linked{})
			}
			seq++
		}
		end = s.to
	}
	if i < len(h.rows) {
		rest = time.Duration(h.rows[i].wall - end)
	}
	return rest, true
}

// mostFilled is how many rows fill one stretch at most.
const mostFilled = 1 << 16

// runsOver tells whether media runs on from the row before over a time in which
// only others have something.
func (h *share) runsOver(i int, lack time.Duration) bool {
	on := false
	for _, ps := range h.picks {
		if ps[i] < 0 || ps[i-1] < 0 {
			continue
		}
		_, fits, known := jumps(h.b.segs[ps[i-1]].media(), h.b.segs[ps[i]].media(), lack)
		if known && !fits {
			return false
		}
		on = on || known
	}
	return on
}
