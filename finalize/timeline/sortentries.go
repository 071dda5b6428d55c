package timeline

import (
	"cmp"
	"slices"
)

// sortEntries sorts entries by group, then number, then canonically. Groups and most
// numbers are dense, and most that have both in common are one: so they are counted
// into their places rather than compared.
func (b *builder) sortEntries(all []entry) {
	b.countOut(all, func(e *entry) int64 { return int64(e.group) })
	for lo := 0; lo < len(all); {
		hi := lo + 1
		for hi < len(all) && all[hi].group == all[lo].group {
			hi++
		}
		b.countOut(all[lo:hi], numberOf)
		lo = hi
	}
	b.settleTies(all)
}

// sortPlaces sorts entries by number, then group, then canonically. They come in order
// of number by stretches.
func (b *builder) sortPlaces(all []entry) {
	b.countOut(all, numberOf)
	b.settleTies(all)
}

func numberOf(e *entry) int64 { return e.seq }

// settleTies puts neighbours in order that have one number. It is for entries that are
// in order but for those.
func (b *builder) settleTies(all []entry) {
	compare := func(x, y entry) int {
		return cmp.Or(cmp.Compare(x.group, y.group), canonical(b.segs[x.seg], b.segs[y.seg]))
	}
	for lo := 0; lo < len(all); {
		hi := lo + 1
		for hi < len(all) && all[hi].seq == all[lo].seq {
			hi++
		}
		if tied := all[lo:hi]; len(tied) > 1 && !apartByGroup(tied) {
			slices.SortFunc(tied, compare)
		}
		lo = hi
	}
}

// apartByGroup tells whether entries are in order of group, each of another one.
func apartByGroup(tied []entry) bool {
	for i := 1; i < len(tied); i++ {
		if tied[i-1].group >= tied[i].group {
			return false
		}
	}
	return true
}

// countOut sorts entries by a key and keeps the order of equals: in linear time where
// the keys are dense, or there in order.
func (b *builder) countOut(all []entry, key func(*entry) int64) {
	if len(all) == 0 {
		return
	}
	low, high, sorted := key(&all[0]), key(&all[0]), true
	for i := 1; i < len(all); i++ {
		k := key(&all[i])
		sorted = sorted && k >= key(&all[i-1])
		low, high = min(low, k), max(high, k)
	}
	const sparse = 4
	switch width := uint64(high) - uint64(low); {
	case sorted:
		return
	case width >= sparse*uint64(len(all)):
		slices.SortStableFunc(all, func(x, y entry) int { return cmp.Compare(key(&x), key(&y)) })
		return
	default:
		x := &b.scratch
		x.counts = slices.Grow(x.counts[:0], int(width)+2)[:width+2]
		clear(x.counts)
		for i := range all {
			x.counts[key(&all[i])-low+1]++
		}
		for k := 1; k < len(x.counts); k++ {
			x.counts[k] += x.counts[k-1]
		}
		x.sorted = slices.Grow(x.sorted[:0], len(all))[:len(all)]
		for i := range all {
			at := &x.counts[key(&all[i])-low]
			x.sorted[*at] = all[i]
			*at++
		}
		copy(all, x.sorted)
	}
}
