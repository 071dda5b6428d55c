package timeline

import (
	"cmp"
	"slices"
)

// places are all segments of a numbering by number, then by rendition: what
// choosing works on, once it is known which runs share the numbering.
type places struct {
	seqs []int64 // distinct numbers, ascending
	segs []int32 // by number, then rendition, then canonical order
	at   []int32 // of each number, and the end: its first entry in segs
}

// arrange fills the places of a numbering from its runs.
func (b *builder) arrange(n *numbering) {
	p := &n.places
	for _, i := range n.runs {
		for k := range b.runs[i].strands {
			for _, e := range b.runs[i].strands[k].items {
				p.segs = append(p.segs, e.seg)
			}
		}
	}
	slices.SortFunc(p.segs, func(i, j int32) int {
		s, t := &b.segs[i], &b.segs[j]
		return cmp.Or(cmp.Compare(s.Seq, t.Seq), cmp.Compare(b.rendition[i], b.rendition[j]), canonical(s, t))
	})
	for k, i := range p.segs {
		if seq := b.segs[i].Seq; k == 0 || seq != p.seqs[len(p.seqs)-1] {
			p.seqs, p.at = append(p.seqs, seq), append(p.at, int32(k))
		}
	}
	p.at = append(p.at, int32(len(p.segs)))
}

// all are the segments that have number seqs[k], in every rendition.
func (p *places) all(k int) []int32 { return p.segs[p.at[k]:p.at[k+1]] }

// copies are those of one rendition.
func (p *places) copies(b *builder, k, rendition int) []int32 {
	all := p.all(k)
	lo := 0
	for lo < len(all) && int(b.rendition[all[lo]]) < rendition {
		lo++
	}
	hi := lo
	for hi < len(all) && int(b.rendition[all[hi]]) == rendition {
		hi++
	}
	return all[lo:hi]
}

// find is the index of a number, or where it would stand.
func (p *places) find(seq int64) (k int, ok bool) { return slices.BinarySearch(p.seqs, seq) }
