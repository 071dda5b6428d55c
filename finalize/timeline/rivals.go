package timeline

import "slices"

// rivalry is the sizes of what two runs have under the same numbers of a
// rendition: a pair whose sizes stand out may have lost its end, which a sidecar
// does not know.
type rivalry struct {
	one, other []int32 // segments, in step
	ratios     []int64 // size of one in 1/1024 of that of the other
}

// askRivals asks for the whole of copies that nobody read and that differ in size
// as other copies of the same two runs do not.
func (b *builder) askRivals() {
	if b.opt.Durations != Auto {
		return
	}
	type sides struct{ one, other, rendition int32 }
	found := map[sides]*rivalry{}
	var order []sides
	for _, n := range b.nums {
		for k := range n.seqs {
			all := n.all(k)
			first := all[0]
			for _, seg := range all[1:] {
				if b.rendition[seg] != b.rendition[first] {
					first = seg
					continue
				}
				if b.home[seg] == b.home[first] || b.segs[seg].Bytes() <= 0 {
					continue
				}
				at := sides{b.home[first], b.home[seg], b.rendition[seg]}
				r := found[at]
				if r == nil {
					r = &rivalry{}
					found[at] = r
					order = append(order, at)
				}
				r.one, r.other = append(r.one, first), append(r.other, seg)
				r.ratios = append(r.ratios, ratio(b.segs[first].Bytes(), b.segs[seg].Bytes()))
			}
		}
	}
	for _, at := range order {
		b.askOutliers(found[at])
	}
}

// ratio is x in 1/1024 of y, bounded.
func ratio(x, y int64) int64 {
	const most = int64(1) << 40
	return min(x, most) * 1024 / min(max(y, 1), most)
}

// askOutliers asks for the pairs of which the ratio is not the usual one: the
// sizes of equal bytes are equal, those of two transcodes stray.
func (b *builder) askOutliers(r *rivalry) {
	sorted := slices.Sorted(slices.Values(r.ratios))
	usual := sorted[(len(sorted)-1)/2]
	stray := usual / 4
	if usual == 1024 && sorted[len(sorted)/4] == 1024 && sorted[len(sorted)*3/4] == 1024 {
		stray = 0
	}
	for i, q := range r.ratios {
		if off := q - usual; max(off, -off) <= stray {
			continue
		}
		for _, seg := range []int32{r.one[i], r.other[i]} {
			b.ask(seg, ReadWhole)
		}
	}
}
