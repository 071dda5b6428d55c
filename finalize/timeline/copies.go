package timeline

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// options are the copies of one place that are worth a thought, one of each
// writer, in order of writers.
func (b *builder) options(segs []int32, typical time.Duration, leader int) []option {
	kept := b.collapse(segs)
	longest, named := time.Duration(0), false
	for _, s := range kept {
		longest = max(longest, b.segs[s].known())
		named = named || b.segs[s].Named
	}
	out := make([]option, 0, len(kept))
	for rank, s := range kept {
		m := b.segs[s]
		o := option{seg: s, nonce: m.Nonce}
		o.cost[worseQuality] = int64(m.Quality)
		if named && !m.Named {
			o.cost[notNamed] = 1
		}
		if lost := longest - m.known(); lost > tolerance {
			o.cost[lostTime] = int64(min(lost, time.Hour))
		}
		if !m.Committed {
			o.cost[notKept] = 1
		}
		if leader >= 0 && b.segs[leader].Nonce != m.Nonce {
			o.cost[apart] = 1
		}
		o.cost[offTypical] = int64(min((m.known() - typical).Abs(), time.Hour))
		o.cost[lessBytes] = -m.Bytes()
		o.cost[lateness] = int64(rank)
		out = append(out, o)
	}
	slices.SortFunc(out, func(x, y option) int {
		return cmp.Or(strings.Compare(x.nonce, y.nonce), slices.Compare(x.cost[:], y.cost[:]))
	})
	return slices.CompactFunc(out, func(x, y option) bool { return x.nonce == y.nonce })
}

// collapse leaves out what is a copy of another by content, or is another cut
// off, and orders the rest by preference. Copies with other parameters stay:
// which of them fits its neighbours is for the path to find.
func (b *builder) collapse(segs []int32) []int {
	sorted := make([]int, len(segs))
	for k, s := range segs {
		sorted[k] = int(s)
	}
	if len(sorted) == 1 {
		return sorted
	}
	slices.SortFunc(sorted, func(i, j int) int { return b.prefer(b.segs[i], b.segs[j], false) }) // of equals the earliest stays
	cut := make([]bool, len(sorted))
	var kept []int
	for k, i := range sorted {
		for l := 0; l < min(len(kept), reach) && !cut[k]; l++ {
			j := kept[l]
			switch compare(b.segs[i], b.segs[j]) {
			case prefix:
				cut[k] = true
			case equal:
				cut[k] = sameObject(b.segs[i], b.segs[j]) || sameParams(b.segs[i].media(), b.segs[j].media())
			case extension:
				kept = slices.Delete(kept, l, l+1)
				l--
			}
		}
		if !cut[k] {
			kept = append(kept, i)
		}
	}
	if b.opt.LaterWins && len(kept) > 1 {
		slices.SortFunc(kept, func(i, j int) int { return b.prefer(b.segs[i], b.segs[j], true) })
	}
	return kept
}

// prefer orders copies where nothing else does: what a committed version has,
// what a playlist names, what its writer calls better, the store that is the
// recording's home, then the earlier upload (or the later one), then the name.
func (b *builder) prefer(s, t *Segment, later bool) int {
	c := cmp.Or(
		boolCompare(s.Committed, t.Committed), boolCompare(s.Named, t.Named), cmp.Compare(s.Quality, t.Quality),
		boolCompare(s.Store == b.opt.Home, t.Store == b.opt.Home),
	)
	if c == 0 && b.live {
		if c = cmp.Compare(s.uploaded(), t.uploaded()); later {
			c = -c
		}
	}
	return cmp.Or(c, strings.Compare(s.Key, t.Key), strings.Compare(s.Store, t.Store), strings.Compare(s.ETag, t.ETag))
}
