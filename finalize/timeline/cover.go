package timeline

import (
	"cmp"
	"slices"
	"time"
)

// lap is how far two segments may overlap by what their keys say and still both
// be chosen; never more than half of the earlier one.
const lap = 10 * time.Millisecond

// candidate is something that takes up a stretch of a timeline, so that of two
// which overlap only one can be chosen. end is above start.
type candidate struct {
	start, end int64 // ns
	writer     int32 // from 0 on
	access     bool  // decoding can begin there
	worth      worth
}

// worth is what a choice gains, the most important first.
type worth [9]int64

const (
	abreast     = iota // ns with the bounds of another rendition, where that has decided
	fullTime           // ns of the leading rendition that their writer calls whole
	coveredTime        // ns of any quality, in all renditions
	suspectTime        // ns of the leading rendition that may lack something
	held               // segments that a committed version chose
	steady             // minus the switches of writer; twice where decoding cannot begin there
	usual              // minus the ns from the expected length
	bulk               // bytes
	early              // minus the rank by upload, then key
)

func (w *worth) add(o *worth) {
	for k := range w {
		w[k] += o[k]
	}
}

func (w *worth) compare(o *worth) int { return slices.Compare(w[:], o[:]) }

// chain is the best choice that ends with a candidate.
type chain struct {
	total worth
	prev  int32 // the candidate before, or -1
}

// cover chooses the candidates that do not overlap and together are worth most,
// and gives their indices in order of time. It is weighted interval scheduling:
// in order of start, a candidate extends the best chain of all that end before
// it, or the best one of its own writer, which costs no switch. Of equal choices
// the one that comes first in the input stays. It takes n log n steps.
func cover(all []candidate) []int {
	if len(all) == 0 {
		return nil
	}
	byStart, byEnd := make([]int32, len(all)), make([]int32, len(all))
	writers := int32(0)
	for i := range all {
		byStart[i], byEnd[i] = int32(i), int32(i)
		writers = max(writers, all[i].writer+1)
	}
	slices.SortStableFunc(byStart, func(i, j int32) int { return cmp.Compare(all[i].start, all[j].start) })
	slices.SortStableFunc(byEnd, func(i, j int32) int { return cmp.Compare(all[i].passable(), all[j].passable()) })
	chains := make([]chain, len(all))
	own := slices.Repeat([]int32{-1}, int(writers)) // by writer: the best chain that ends before
	best, ended := int32(-1), 0
	for _, i := range byStart {
		c := &all[i]
		for ; ended < len(byEnd) && all[byEnd[ended]].passable() <= c.start; ended++ {
			j := byEnd[ended]
			if best < 0 || chains[j].total.compare(&chains[best].total) > 0 {
				best = j
			}
			if o := &own[all[j].writer]; *o < 0 || chains[j].total.compare(&chains[*o].total) > 0 {
				*o = j
			}
		}
		chains[i] = extend(all, chains, c, best, own[c.writer])
	}
	end := int32(0)
	for i := range chains {
		if chains[i].total.compare(&chains[end].total) > 0 {
			end = int32(i)
		}
	}
	var out []int
	for i := end; i >= 0; i = chains[i].prev {
		out = append(out, int(i))
	}
	slices.Reverse(out)
	return out
}

// passable is from when on another candidate may begin.
func (c *candidate) passable() int64 { return c.end - min(int64(lap), (c.end-c.start)/2) }

// extend is the better of two chains with one more candidate: the best of all,
// and the best of the same writer. Either may be -1.
func extend(all []candidate, chains []chain, c *candidate, best, own int32) chain {
	out := chain{total: c.worth, prev: best}
	if best < 0 {
		return out
	}
	out.total.add(&chains[best].total)
	if all[best].writer == c.writer {
		return out
	}
	out.total[steady]--
	if !c.access {
		out.total[steady]--
	}
	if own >= 0 {
		same := chain{total: c.worth, prev: own}
		if same.total.add(&chains[own].total); same.total.compare(&out.total) >= 0 {
			return same
		}
	}
	return out
}

// settle gives for each time the first of those that are the same within a
// tolerance, so that what differs by rounding weighs the same. It keeps order.
func settle(times []int64, within time.Duration) []int64 {
	order := make([]int32, len(times))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int { return cmp.Compare(times[i], times[j]) })
	out := make([]int64, len(times))
	first := int64(0)
	for k, i := range order {
		if k == 0 || times[i]-first > int64(within) {
			first = times[i]
		}
		out[i] = first
	}
	return out
}
