package matrix

import "fmt"

// pairwise gives a few cells in which each pair of values occurs that occurs in
// any: greedily the cell with the most pairs that are still to come; of several the
// first of the container that had the fewest cells so far.
func pairwise(all []cell) []cell {
	open := map[string]bool{}
	for _, c := range all {
		for _, p := range c.pairs() {
			open[p] = true
		}
	}
	had := map[string]int{}
	var chosen []cell
	for len(open) > 0 {
		best, most := cell{}, 0
		for _, c := range all {
			n := 0
			for _, p := range c.pairs() {
				if open[p] {
					n++
				}
			}
			if n > most || n == most && n > 0 && had[c.container] < had[best.container] {
				best, most = c, n
			}
		}
		for _, p := range best.pairs() {
			delete(open, p)
		}
		had[best.container]++
		chosen = append(chosen, best)
	}
	return chosen
}

// pairs names the pairs of values of a cell.
func (c cell) pairs() []string {
	v := []string{"v:" + c.video, "a:" + c.audio, "c:" + c.container, "h:" + c.shape}
	var all []string
	for i := range v {
		for _, w := range v[i+1:] {
			all = append(all, fmt.Sprint(v[i], " ", w))
		}
	}
	return all
}
