package timeline

import "slices"

// places are all segments of a numbering by number, then by rendition: what
// choosing works on, once it is known which runs share the numbering.
type places struct {
	seqs []int64 // distinct numbers, ascending
	segs []int32 // by number, then rendition, then canonical order
	at   []int32 // of each number, and the end: its first entry in segs
}

// arrange fills the places of a numbering from its runs.
func (b *builder) arrange(n *numbering) {
	total := 0
	for _, i := range n.runs {
		total += b.runs[i].count()
	}
	all := slices.Grow(b.scratch.all[:0], total)
	for _, i := range n.runs {
		for k := range b.runs[i].strands {
			s := &b.runs[i].strands[k]
			for _, e := range s.items {
				all = append(all, entry{e.seq, e.seg, int32(s.rendition)})
			}
		}
	}
	b.scratch.all = all
	b.sortPlaces(all)
	count := 0
	for k := range all {
		if k == 0 || all[k].seq != all[k-1].seq {
			count++
		}
	}
	p := &n.places
	p.segs, p.seqs, p.at = make([]int32, len(all)), make([]int64, 0, count), make([]int32, 0, count+1)
	for k, e := range all {
		if p.segs[k] = e.seg; k == 0 || e.seq != all[k-1].seq {
			p.seqs, p.at = append(p.seqs, e.seq), append(p.at, int32(k))
		}
	}
	p.at = append(p.at, int32(len(all)))
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

// find is the index of a number, or where it would stand. Most numberings lack few
// numbers, or none.
func (p *places) find(seq int64) (k int, ok bool) {
	if n := len(p.seqs); n > 0 {
		if at := uint64(seq) - uint64(p.seqs[0]); at < uint64(n) && p.seqs[at] == seq {
			return int(at), true
		}
	}
	return slices.BinarySearch(p.seqs, seq)
}
