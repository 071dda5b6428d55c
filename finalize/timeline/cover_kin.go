package timeline

import (
	"slices"
	"time"
)

// company is how two numberings stand to each other.
type company uint8

const (
	alone    company = iota // nothing of them is at the same time
	kept                    // at the same time, and nothing tells what they are: both stay
	parallel                // at the same time and of the same length, on separate clocks
	shared                  // on one media clock
)

// bond is a media clock that two pieces share.
type bond struct {
	p, q   int
	shift  time.Duration // of the start of q after that of p
	proved bool
}

// meet finds how two numberings stand to each other, and the clocks that they
// share.
func (st *stage) meet(n, m *numbering) (company, []bond) {
	var bonds []bond
	st.pairs(n, m, func(p, q int) {
		if bd, ok := st.clockOf(p, q); ok {
			bonds = append(bonds, bd)
		}
	})
	if len(bonds) > 0 {
		return shared, bonds
	}
	if !n.walled || !m.walled {
		return alone, nil
	}
	if m.wall[0] < n.wall[0] {
		n, m = m, n
	}
	first, other := time.Duration(n.wall[1]-n.wall[0]), time.Duration(m.wall[1]-m.wall[0])
	over := time.Duration(min(n.wall[1], m.wall[1]) - m.wall[0])
	each := max(n.typical, m.typical)
	switch lag := time.Duration(m.wall[0] - n.wall[0]); {
	case over <= max(2*each, min(skew, first/2, other/2)):
		return alone, nil
	case st.byTurns(n, m, 2*each) && !st.b.countsAlike(n, m):
		return parallel, nil
	case lag < first/2 && !st.b.countsAlike(n, m):
		return parallel, nil
	}
	return kept, nil
}

// byTurns tells whether two numberings lie between each other but at no time both,
// as far as uploads can tell.
func (st *stage) byTurns(n, m *numbering, slack time.Duration) bool {
	turns := true
	st.pairs(n, m, func(i, j int) {
		p, q := &st.all[i], &st.all[j]
		over := min(later(p.anchor, p.length), later(q.anchor, q.length)) - max(p.anchor, q.anchor)
		turns = turns && over <= int64(slack)
	})
	return turns
}

// countsAlike tells whether two numberings may be one: their numbers say so, and
// something else does not.
func (b *builder) countsAlike(n, m *numbering) bool {
	return slices.ContainsFunc(b.pending, func(p pending) bool {
		return p.why != whyAtOnce && (p.n == n && p.doubtful.n == m || p.n == m && p.doubtful.n == n)
	})
}

// pairs visits the pieces of two numberings that are at the same time or follow
// each other; of those without wall time the first few.
func (st *stage) pairs(n, m *numbering, visit func(p, q int)) {
	a, z := st.own(n), st.own(m)
	slack := int64(2 * max(n.typical, m.typical))
	lo := 0
	for i := range a {
		p := &a[i]
		for lo < len(z) && z[lo].timed && p.timed && later(z[lo].anchor, z[lo].length) < p.anchor-slack {
			lo++
		}
		seen := 0
		for j := lo; j < len(z) && seen < reach; j++ {
			if q := &z[j]; q.timed && p.timed {
				if q.anchor > later(p.anchor, p.length)+slack {
					break
				}
			} else if seen++; i >= reach {
				break
			}
			visit(n.pieces[0]+i, m.pieces[0]+j)
		}
	}
}

// clockOf tells whether two pieces share a media clock: their anchors agree
// within two segments, or they hold equal content at the same media time and
// uploads do not say that one was half over before the other began. It asks for
// what has to be read to prove that they show the same.
func (st *stage) clockOf(i, j int) (bond, bool) {
	p, q := &st.all[i], &st.all[j]
	if !p.media || !q.media {
		return bond{}, false
	}
	w := p.wrap
	if q.wrap != w {
		w = 0
	}
	bd := bond{p: i, q: j}
	agree, joins, possible := false, false, true
	each := max(p.num.typical, q.num.typical)
	if p.timed && q.timed {
		apart := time.Duration(q.anchor - p.anchor)
		bd.shift = unwrap(q.clock-p.clock, apart, w)
		off, first := (apart - bd.shift).Abs(), p.length
		if q.anchor < p.anchor {
			first = q.length
		}
		agree, possible = off <= 2*each, off < first/2
		joins = agree
	} else {
		bd.shift = unwrap(q.clock-p.clock, 0, w)
	}
	over := min(p.length, bd.shift+q.length) - max(0, bd.shift)
	if over < -tolerance || over <= tolerance && !joins || over > tolerance && !possible {
		return bond{}, false
	}
	like, unlike := st.sample(p, q, bd.shift)
	bd.proved = like > 0 && unlike == 0
	// Two clocks may agree by chance where one ends and the other begins.
	return bd, bd.proved || agree && (over <= tolerance || over > 2*each)
}

// sample compares the content of up to three pairs of segments of two pieces
// that begin at the same media time, and asks for what was not read of them.
func (st *stage) sample(p, q *piece, shift time.Duration) (like, unlike int) {
	pairs := st.aligned(p, q, shift)
	if len(pairs) == 0 {
		return 0, 0
	}
	ks := []int{len(pairs) / 4, len(pairs) / 2, len(pairs) * 3 / 4}
	for _, k := range slices.Compact(ks) {
		s, t := st.comparable(pairs[k][0], pairs[k][1])
		if s < 0 {
			continue
		}
		a, z := st.b.segs[s], st.b.segs[t]
		if !sameObject(a, z) && (a.media().Level < ReadWhole || z.media().Level < ReadWhole) {
			st.ask(s, ReadWhole)
			st.ask(t, ReadWhole)
			continue
		}
		switch compare(a, z) {
		case equal, prefix, extension:
			like++
		case different:
			if a.Rendition == st.b.opt.Source { // two transcodes of one picture differ
				unlike++
			}
		}
	}
	return like, unlike
}

// comparable are the segments of two rows in the first rendition that both
// have, the source before all others; -1: none.
func (st *stage) comparable(i, j int) (s, t int) {
	for _, ps := range st.picks {
		if ps[i] >= 0 && ps[j] >= 0 {
			return ps[i], ps[j]
		}
	}
	return -1, -1
}

// aligned are the rows of two pieces that begin at the same time.
func (st *stage) aligned(p, q *piece, shift time.Duration) [][2]int {
	var out [][2]int
	j := q.from
	for i := p.from; i < p.to; i++ {
		for j < q.to && st.at[j]+int64(shift) < st.at[i]-int64(tolerance) {
			j++
		}
		if j < q.to && (time.Duration(st.at[j]-st.at[i])+shift).Abs() <= tolerance {
			out = append(out, [2]int{i, j})
		}
	}
	return out
}

func (st *stage) ask(seg int, level Level) {
	if st.b.segs[seg].media().Level < level {
		st.needs = append(st.needs, Need{Segment: seg, Level: level})
	}
}
