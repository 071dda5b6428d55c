package timeline

import (
	"cmp"
	"slices"
)

// outOfLine is how much longer than usual the step to the next segment may be
// (as a fraction) before the end of a segment has to be read to explain it.
const outOfLineNum, outOfLineDen = 3, 2

// firstNeeds asks for the head of each segment, and for the whole of each whose
// number some other segment of its rendition has too.
func (b *builder) firstNeeds() []Need {
	count := map[cell]int{}
	for _, i := range b.healthy {
		count[cell{b.rendition[i], b.segs[i].Seq}]++
	}
	var needs []Need
	for _, i := range b.healthy {
		want := ReadHead
		if count[cell{b.rendition[i], b.segs[i].Seq}] > 1 {
			want = ReadWhole
		}
		if b.segs[i].Media.Level < want {
			needs = append(needs, Need{Segment: i, Level: want})
		}
	}
	sortNeeds(needs)
	return needs
}

func sortNeeds(needs []Need) {
	slices.SortFunc(needs, func(x, y Need) int { return cmp.Compare(x.Segment, y.Segment) })
}

// tailNeeds asks for the whole of each pick that nothing is seen to continue:
// only there the end of a segment is needed.
func (b *builder) tailNeeds(rows []row, picks [][]int) []Need {
	var needs []Need
	for _, ps := range picks {
		before := -1
		ask := func(i int) {
			if i >= 0 && b.segs[ps[i]].Media.Level < ReadWhole {
				needs = append(needs, Need{Segment: ps[i], Level: ReadWhole})
			}
		}
		for i := range rows {
			if ps[i] < 0 {
				continue
			}
			if before >= 0 && (rows[before].num != rows[i].num || !b.inLine(ps[before], ps[i])) {
				ask(before)
			}
			before = i
		}
		ask(before)
	}
	sortNeeds(needs)
	return needs
}

// inLine tells whether one segment follows another so plainly that their
// beginnings are proof: the same writer, the next number, the usual step.
func (b *builder) inLine(from, to int) bool {
	s, t := &b.segs[from], &b.segs[to]
	if s.Nonce != t.Nonce || t.Seq-s.Seq != 1 || b.small(from) {
		return false
	}
	typical := b.runs[b.home[from]].typical
	d, known := advance(&s.Media, &t.Media, typical)
	return known && d > 0 && d <= typical/outOfLineDen*outOfLineNum
}

// small tells whether a segment has less than half of the bytes that are usual
// in its rendition of the run: it may be cut off, and only its end tells.
func (b *builder) small(seg int) bool {
	at := [2]int{b.home[seg], b.rendition[seg]}
	usual, ok := b.sizes[at]
	if !ok {
		var sizes []int64
		for _, s := range b.runs[at[0]].strands {
			if s.rendition != at[1] {
				continue
			}
			for _, it := range s.items {
				sizes = append(sizes, b.segs[it.segs[0]].Size)
			}
		}
		slices.Sort(sizes)
		usual = sizes[(len(sizes)-1)/2]
		if b.sizes == nil {
			b.sizes = map[[2]int]int64{}
		}
		b.sizes[at] = usual
	}
	return b.segs[seg].Size < usual/2
}
