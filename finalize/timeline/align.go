package timeline

import (
	"slices"
	"time"
)

// align makes the discontinuities of all renditions of a session as many, in the
// same order: players count them. One that only some slots have is put into the
// others at the nearest boundary, where media simply goes on. It reports false
// where there is no boundary left for one.
func align(s *Session) bool {
	sets := [][]Slot{s.Slots}
	for r := range s.Renditions {
		own := s.Renditions[r].Slots
		if own != nil && !slices.ContainsFunc(sets, func(o []Slot) bool { return &o[0] == &own[0] }) {
			sets = append(sets, own)
		}
	}
	if len(sets) == 1 {
		return true
	}
	var all []time.Time // of each discontinuity of the session, in order
	at := make([][]int, len(sets))
	for k, slots := range sets {
		all, at[k] = merge(all, at[:k], slots)
	}
	fits := true
	for k, slots := range sets {
		fits = place(slots, all, at[k]) && fits
	}
	return fits
}

// merge adds the discontinuities of some slots to those of others: the ones that
// are nearest to each other, less than a segment away, are the same. It gives for
// each of all the slot that it stands before (0: none yet), and brings the lists
// of the others up to that.
func merge(all []time.Time, others [][]int, slots []Slot) ([]time.Time, []int) {
	mine := make([]int, len(all))
	n := 0
	for i := range slots {
		if i == 0 || !slots[i].Discontinuity {
			continue
		}
		wall := slots[i].Wall
		near := max(slots[i].Duration, slots[i-1].Duration, fallback)
		for n < len(all) && all[n].Before(wall.Add(-near)) {
			n++
		}
		best := -1
		for k := n; k < len(all) && !all[k].After(wall.Add(near)); k++ {
			if best < 0 || all[k].Sub(wall).Abs() < all[best].Sub(wall).Abs() {
				best = k
			}
		}
		if best < 0 {
			for best = n; best < len(all) && all[best].Before(wall); best++ {
			}
			all, mine = slices.Insert(all, best, wall), slices.Insert(mine, best, 0)
			for k := range others {
				others[k] = slices.Insert(others[k], best, 0)
			}
		}
		mine[best], n = i, best+1
	}
	return all, mine
}

// place puts the discontinuities that slots lack before the nearest of them. The
// list has the slot of each, ascending; 0: none yet.
func place(slots []Slot, all []time.Time, at []int) bool {
	for k := range at {
		if at[k] > 0 {
			continue
		}
		lo, hi := 1, len(slots)-(len(at)-k) // between the ones before and after
		if k > 0 {
			lo = at[k-1] + 1
		}
		for j := k + 1; j < len(at); j++ {
			if at[j] > 0 {
				hi = at[j] - (j - k)
				break
			}
		}
		if lo > hi {
			return false
		}
		i, _ := slices.BinarySearchFunc(slots, all[k], func(s Slot, t time.Time) int { return s.Wall.Compare(t) })
		if i > 0 && (i == len(slots) || all[k].Sub(slots[i-1].Wall) <= slots[i].Wall.Sub(all[k])) {
			i--
		}
		at[k] = min(max(i, lo), hi)
		slots[at[k]].Discontinuity = true
	}
	return true
}
