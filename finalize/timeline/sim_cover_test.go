package timeline_test

import (
	"cmp"
	"fmt"
	"slices"
)

// simCovers: whole segments in order, nothing twice beyond the 10 ms that may
// overlap, and no other choice of whole segments of the source covers more.
func simCovers(h *simHistory, objs []*simObject, p *simPlan) []string {
	steps, names := simSteps(objs, p)
	for r, name := range names {
		if out := simOrder(steps, r, name, !slices.Contains(p.Warnings, "renditions-unaligned")); len(out) > 0 {
			return out
		}
	}
	var mine []*simObject
	for _, o := range objs {
		if o.Rendition == h.Source && !o.bad {
			mine = append(mine, o)
		}
	}
	slices.SortFunc(mine, func(a, b *simObject) int {
		return cmp.Or(cmp.Compare(a.stream.At, b.stream.At), cmp.Compare(a.to, b.to), cmp.Compare(a.from, b.from))
	})
	best := make([]int, len(mine)+1) // pictures by the first so many of mine
	for i, o := range mine {
		j := i
		for j > 0 && mine[j-1].number == o.number && mine[j-1].to > o.from {
			j--
		}
		best[i+1] = max(best[i], best[j]+o.to-o.from)
	}
	got := 0
	for i, ok := range p.chosen(len(objs)) {
		if ok && objs[i].Rendition == h.Source {
			got += objs[i].to - objs[i].from
		}
	}
	// The end of a segment is known within a GOP where only its head was read.
	if got+50 < best[len(mine)] {
		return []string{fmt.Sprintf("cover: %d pictures, %d were to be had", got, best[len(mine)])}
	}
	return nil
}
