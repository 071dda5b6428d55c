package timeline

import (
	"cmp"
	"slices"
	"time"
)

// reach is how many numberings a run is compared with: those that were in use
// last. A stream fails over to a handful of writers, not to hundreds at once.
const reach = 8

// numbering is a set of runs that count the same stream.
type numbering struct {
	runs        []int
	cells       map[cell][]int
	has         map[int64]bool
	first, last int64
	low, high   int // runs that hold the first and the last number
	typical     time.Duration
	start, end  int64 // wall time, where timed
	timed       bool
	uncertain   bool // nothing of it is ever a leftover

	places
	from, to int // its rows
}

// number sweeps the runs in order and gives each a numbering: one that it shares
// or one of its own.
func (b *builder) number() {
	var recent []*numbering // last used first
	for i, r := range b.runs {
		n, doubts := b.place(r, recent)
		if n == nil {
			n = b.newNumbering(i)
			recent = append([]*numbering{n}, recent...)
			b.nums = append(b.nums, n)
			for _, d := range doubts {
				b.doubtOrder(i, n, d)
			}
		} else {
			k := slices.Index(recent, n)
			copy(recent[1:k+1], recent[:k])
			recent[0] = n
		}
		recent = recent[:min(len(recent), reach)]
		b.join(n, i)
	}
	for _, n := range b.nums {
		b.arrange(n)
	}
	if !slices.ContainsFunc(b.nums, func(n *numbering) bool { return !n.timed }) {
		slices.SortStableFunc(b.nums, func(x, y *numbering) int { return cmp.Compare(x.start, y.start) })
		return
	}
	for i := 1; i < len(b.nums); i++ {
		b.doubt("order", "separate numberings, and upload times say nothing about their order", b.nums[i-1], b.nums[i])
	}
}

// place finds the numbering that a run shares. Copies decide before a
// continuation, and of several continuations the nearest in time. The doubts are
// the numberings that it may share, if it was given none.
func (b *builder) place(r *run, recent []*numbering) (*numbering, []doubtful) {
	var best *numbering
	var found relation
	var doubts []doubtful
	for _, n := range recent {
		rel := b.relate(r, n)
		switch rel.kind {
		case unsure:
			doubts = append(doubts, doubtful{n, rel.why})
		case copies, continues:
			if best == nil || rel.kind > found.kind || rel.kind == found.kind && rel.distance < found.distance {
				best, found = n, rel
			}
		}
	}
	return best, doubts
}

// doubtful is a numbering that a run may or may not share.
type doubtful struct {
	n   *numbering
	why string
}

func (b *builder) newNumbering(i int) *numbering {
	r := b.runs[i]
	return &numbering{
		cells: map[cell][]int{}, has: map[int64]bool{},
		first: r.first, last: r.last, low: i, high: i, typical: r.typical,
	}
}

// join puts a run into a numbering.
func (b *builder) join(n *numbering, i int) {
	r := b.runs[i]
	for _, s := range r.strands {
		for _, it := range s.items {
			c := cell{s.rendition, it.seq}
			n.cells[c] = append(n.cells[c], it.segs...)
			n.has[it.seq] = true
		}
	}
	if r.first < n.first {
		n.first, n.low = r.first, i
	}
	if r.last > n.last {
		n.last, n.high = r.last, i
	}
	if r.timed() {
		if !n.timed {
			n.start, n.end, n.timed = r.start(), r.end(), true
		}
		n.start, n.end = min(n.start, r.start()), max(n.end, r.end())
	}
	n.runs = append(n.runs, i)
}

// length is the media time that the numbers of a numbering span.
func (n *numbering) length() time.Duration { return span(n.last-n.first+1, n.typical) }

// doubtOrder records that run i, which has numbering n for itself, may belong
// to another. It names the run and what the other has under the same numbers.
func (b *builder) doubtOrder(i int, n *numbering, d doubtful) {
	n.uncertain, d.n.uncertain = true, true
	var segs []int
	for _, s := range b.runs[i].strands {
		for _, it := range s.items {
			segs = append(segs, it.segs...)
			segs = append(segs, d.n.cells[cell{s.rendition, it.seq}]...)
		}
	}
	b.addDoubt("order", d.why, segs)
}

// doubt records that two numberings cannot be told apart in some respect.
func (b *builder) doubt(what, why string, x, y *numbering) {
	x.uncertain, y.uncertain = true, true
	var segs []int
	for _, n := range []*numbering{x, y} {
		for _, i := range n.runs {
			for _, s := range b.runs[i].strands {
				for _, it := range s.items {
					segs = append(segs, it.segs...)
				}
			}
		}
	}
	b.addDoubt(what, why, segs)
}

func (b *builder) addDoubt(what, why string, segs []int) {
	slices.Sort(segs)
	b.doubts = append(b.doubts, Uncertainty{What: what, Why: why, Segments: slices.Compact(segs)})
}
