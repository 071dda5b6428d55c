package timeline

import (
	"cmp"
	"slices"
	"time"
)

// company that a numbering is held against: those that last longest. A stream
// is pushed by a handful of writers at once.
const widest = 2 * reach

// bundle is a set of numberings that are covered together.
type bundle struct {
	nums  []*numbering
	apart bool // some of them have separate clocks
}

// gather sweeps the numberings and puts those into one bundle that are written at
// the same time, or share a clock. Whoever must not be held against a member of
// a bundle has a bundle of its own.
func (st *stage) gather() []*bundle {
	var bundles []*bundle
	var active []*numbering
	for _, n := range st.b.nums {
		st.cut(n)
		if n.walled {
			early := n.wall[0] - int64(2*n.typical)
			active = slices.DeleteFunc(active, func(m *numbering) bool { return m.walled && m.wall[1] < early })
		}
		n.bundle = &bundle{nums: []*numbering{n}}
		bundles = append(bundles, n.bundle)
		st.join(n, active)
		active = append(active, n)
		if len(active) > widest {
			k := 0
			for i, m := range active {
				if m.wall[1] < active[k].wall[1] {
					k = i
				}
			}
			active = slices.Delete(active, k, k+1)
		}
	}
	return slices.DeleteFunc(bundles, func(k *bundle) bool { return len(k.nums) == 0 })
}

// join puts a numbering into the bundles of those that it belongs with.
func (st *stage) join(n *numbering, active []*numbering) {
	type found struct {
		m     *numbering
		how   company
		bonds []bond
	}
	var all []found
	barred := map[*bundle]bool{}
	for _, m := range active {
		if how, bonds := st.meet(m, n); how == kept {
			barred[m.bundle] = true
		} else if how > kept {
			all = append(all, found{m, how, bonds})
		}
	}
	slices.SortStableFunc(all, func(x, y found) int { return cmp.Compare(y.how, x.how) })
	for _, f := range all {
		if barred[f.m.bundle] || f.m.bundle == n.bundle && f.how == parallel {
			continue
		}
		if f.how == parallel && len(n.bundle.nums) > 1 {
			continue // the clock that it shares says more
		}
		for _, bd := range f.bonds {
			st.bind(bd)
		}
		if f.m.bundle != n.bundle {
			st.unite(f.m.bundle, n.bundle)
		}
		n.bundle.apart = n.bundle.apart || f.how == parallel
	}
}

// unite moves all of one bundle to another, earlier one.
func (st *stage) unite(to, from *bundle) {
	for _, n := range from.nums {
		n.bundle = to
	}
	to.nums = append(to.nums, from.nums...)
	to.apart = to.apart || from.apart
	from.nums = nil
}

// bind puts two pieces on one axis, unless a numbering would lie over itself
// there.
func (st *stage) bind(bd bond) {
	p, q := &st.all[bd.p], &st.all[bd.q]
	if p.axis < 0 {
		p.axis, p.start = len(st.axes), p.anchor
		st.axes = append(st.axes, axis{pieces: []int{bd.p}, proved: true})
	}
	if q.axis < 0 {
		q.axis, q.start = len(st.axes), q.anchor
		st.axes = append(st.axes, axis{pieces: []int{bd.q}, proved: true})
	}
	x, y := &st.axes[p.axis], &st.axes[q.axis]
	if x == y {
		x.proved = x.proved && bd.proved
		return
	}
	move := p.start + int64(bd.shift) - q.start
	for _, i := range x.pieces {
		for _, j := range y.pieces {
			a, z := &st.all[i], &st.all[j]
			if a.num == z.num && a.start < z.start+move+int64(z.length) && z.start+move < a.start+int64(a.length) {
				return
			}
		}
	}
	x.proved = x.proved && y.proved && bd.proved
	for _, j := range y.pieces {
		st.all[j].start += move
		st.all[j].axis = p.axis
	}
	x.pieces = append(x.pieces, y.pieces...)
	y.pieces = nil
}

// place gives each piece of a bundle its start on the axis of the bundle. It
// reports false where numbers and times contradict each other.
func (st *stage) place(k *bundle) bool {
	fixed := map[int]bool{}
	for _, n := range k.nums {
		own := st.own(n)
		end := int64(0)
		for i := range own {
			p := &own[i]
			if p.axis < 0 {
				if p.start = p.anchor; !p.timed {
					p.start = end
				}
			}
			if late := end - p.start; i > 0 && late > 0 {
				switch {
				case p.axis < 0:
					p.start = end
				case fixed[p.axis]:
					return false
				default:
					for _, j := range st.axes[p.axis].pieces {
						st.all[j].start += late
					}
				}
			}
			if p.axis >= 0 {
				fixed[p.axis] = true
			}
			end = later(p.start, p.length)
		}
	}
	st.takeTurns(k)
	return true
}

// takeTurns moves a piece that has a clock of its own behind the one before, where
// the two overlap by no more than uploads are good to: those take turns.
func (st *stage) takeTurns(k *bundle) {
	var order []*piece
	for _, n := range k.nums {
		own := st.own(n)
		for i := range own {
			order = append(order, &own[i])
		}
	}
	slices.SortStableFunc(order, func(x, y *piece) int { return cmp.Compare(x.start, y.start) })
	for i := 1; i < len(order); i++ {
		p, q := order[i-1], order[i]
		over := later(p.start, p.length) - q.start
		if q.axis < 0 && p.num != q.num && over > 0 && over <= int64(2*max(p.num.typical, q.num.typical)) && q.length > time.Duration(over) {
			q.start += over
		}
	}
}

// span is the start and the end of a row on the axis of its bundle.
func (st *stage) span(i int) (from, to int64) {
	from = later(st.all[st.of[i]].start, time.Duration(st.at[i]))
	return from, later(from, time.Duration(st.len[i]))
}
