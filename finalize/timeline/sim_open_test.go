package timeline_test

import (
	"fmt"

	"recfin/finalize/timeline"
)

// simDoubts: nothing can settle a history of this kind, so something must be
// called uncertain.
func simDoubts(_ *simHistory, _ []*simObject, p *simPlan) []string {
	if len(p.Uncertain) == 0 {
		return []string{"undoubted: nothing is uncertain"}
	}
	return nil
}

// simTurns: two encoders that write one key by turns are in the order of the
// numbers, with a discontinuity at every change, doubted, and all kept.
func simTurns(h *simHistory, objs []*simObject, p *simPlan) []string {
	steps, _ := simSteps(objs, p)
	for i := 1; i < len(steps); i++ {
		a, b := steps[i-1], steps[i]
		if a.any.Seq >= b.any.Seq {
			return []string{fmt.Sprintf("turns: %s before %s", a.any.Key, b.any.Key)}
		}
		if a.session == b.session && a.any.number != b.any.number && !p.Sessions[b.session].Slots[b.slot].Discontinuity {
			return []string{fmt.Sprintf("turns: no discontinuity before %s", b.any.Key)}
		}
	}
	for _, d := range p.Dropped {
		if d.Reason != timeline.Empty {
			return []string{"turns: dropped " + objs[d.Segment].Key}
		}
	}
	return simDoubts(h, objs, p)
}

// simSilent judges where the evidence does not suffice: what stands in the wrong
// order or is there twice is named by an uncertainty, on one side at least.
// (What is dropped though nothing else holds it is the business of simLaws.)
func simSilent(objs []*simObject, p *simPlan) []string {
	named := map[*simObject]bool{}
	for i, doubt := range p.doubted(len(objs)) {
		named[objs[i]] = doubt
	}
	steps, names := simSteps(objs, p)
	for r := range names {
		var last *simObject
		for _, s := range steps {
			o := s.objs[r]
			if o == nil {
				continue
			}
			if last != nil && !named[o] && !named[last] {
				wrong := last.number == o.number && last.from > o.from ||
					last.stream.begin(last.from)-o.stream.begin(o.from) > 3*simLongest(o)
				twice := last.number == o.number && last.from < o.to && o.from < last.to
				if wrong || twice {
					return []string{fmt.Sprintf("silent: nothing is uncertain of %s and then %s", last.Key, o.Key)}
				}
			}
			last = o
		}
	}
	return nil
}
