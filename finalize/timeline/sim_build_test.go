package timeline_test

import (
	"fmt"
	"runtime/debug"
	"slices"

	"recfin/finalize/timeline"
)

// simPlan is a decision and what it cost.
type simPlan struct {
	*timeline.Timeline
	levels      []timeline.Level
	heads, full int // reads by level
	rounds      int
}

// simPlanOf gives the objects in an order to Build and reads what it asks for,
// and nothing more (all: everything is read before). The plan's indices are
// those of objs whatever the order.
func simPlanOf(h *simHistory, objs []*simObject, order []int, all bool) (plan *simPlan, err error) {
	defer func() {
		if r := recover(); r != nil {
			plan, err = nil, fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	in := make([]timeline.Flat, len(objs))
	p := &simPlan{levels: make([]timeline.Level, len(objs))}
	for i, j := range order {
		in[i] = objs[j].Flat
		level := timeline.Unread
		if all && objs[j].Size > 0 {
			level = timeline.ReadWhole
		}
		in[i].Media, p.levels[j] = objs[j].media(level), level
	}
	for {
		tl, needs := timeline.BuildFlat(in, h.options())
		if tl != nil {
			if len(needs) > 0 {
				return nil, fmt.Errorf("needs: a timeline and needs at once")
			}
			p.Timeline = simRename(tl, order)
			return p, nil
		}
		p.rounds++
		if err := p.answer(in, needs, objs, order); err != nil {
			return nil, err
		}
	}
}

func (p *simPlan) answer(in []timeline.Flat, needs []timeline.Need, objs []*simObject, order []int) error {
	if len(needs) == 0 {
		return fmt.Errorf("needs: neither a timeline nor needs")
	}
	if p.rounds > 2*len(in)+2 {
		return fmt.Errorf("needs: no end of them")
	}
	if !slices.IsSortedFunc(needs, func(a, b timeline.Need) int { return a.Segment - b.Segment }) {
		return fmt.Errorf("needs: not in order of Segment")
	}
	for _, n := range needs {
		m := &in[n.Segment].Media
		if m.Fault != timeline.Healthy || m.Level >= n.Level || n.Level > timeline.ReadWhole {
			return fmt.Errorf("needs: asks again for %s", in[n.Segment].Key)
		}
		*m = objs[order[n.Segment]].media(n.Level)
		p.levels[order[n.Segment]] = n.Level
		if n.Level == timeline.ReadHead {
			p.heads++
		} else {
			p.full++
		}
	}
	return nil
}

// simRename gives a timeline the indices of objs, and brings what is in input
// order into theirs.
func simRename(tl *timeline.Timeline, order []int) *timeline.Timeline {
	name := func(i int) int {
		if i < 0 || i >= len(order) {
			return i
		}
		return order[i]
	}
	for _, s := range tl.Sessions {
		for _, r := range s.Renditions {
			for i := range r.Picks {
				r.Picks[i].Segment = name(r.Picks[i].Segment)
			}
		}
	}
	for i := range tl.Dropped {
		tl.Dropped[i].Segment, tl.Dropped[i].Winner = name(tl.Dropped[i].Segment), name(tl.Dropped[i].Winner)
		if fill := tl.Dropped[i].Fill; fill != nil {
			fill.After = name(fill.After)
		}
	}
	slices.SortStableFunc(tl.Dropped, func(a, b timeline.Drop) int { return a.Segment - b.Segment })
	for _, u := range tl.Uncertain {
		for i := range u.Segments {
			u.Segments[i] = name(u.Segments[i])
		}
		slices.Sort(u.Segments)
	}
	return tl
}

func simIdentity(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// chosen is, for every object, whether it is in the plan.
func (p *simPlan) chosen(n int) []bool {
	out := make([]bool, n)
	for _, s := range p.Sessions {
		for _, r := range s.Renditions {
			for _, pick := range r.Picks {
				if pick.Segment >= 0 {
					out[pick.Segment] = true
				}
			}
		}
	}
	return out
}

// doubted is, for every object, whether an uncertainty names it.
func (p *simPlan) doubted(n int) []bool {
	out := make([]bool, n)
	for _, u := range p.Uncertain {
		for _, s := range u.Segments {
			out[s] = true
		}
	}
	return out
}
