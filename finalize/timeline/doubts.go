package timeline

import "slices"

// doubtOrder records that run i, which has numbering n for itself, may belong
// to another. It names the run and what the other has under the same numbers.
func (b *builder) doubtOrder(i int, n *numbering, d doubtful) {
	n.uncertain, d.n.uncertain = true, true
	r := b.runs[i]
	segs := r.all(nil)
	for _, o := range b.overlapping(d.n, r.first, r.last) {
		for k := range b.runs[o].strands {
			s := &b.runs[o].strands[k]
			mine := r.of(s.rendition)
			if mine == nil {
				continue
			}
			for _, e := range s.items[s.search(r.first):] {
				if e.seq > r.last {
					break
				}
				if len(mine.find(e.seq)) > 0 {
					segs = append(segs, int(e.seg))
				}
			}
		}
	}
	b.addDoubt("order", d.why, segs)
}

// all adds the segments of a run to a list.
func (r *run) all(segs []int) []int {
	for k := range r.strands {
		for _, e := range r.strands[k].items {
			segs = append(segs, int(e.seg))
		}
	}
	return segs
}

// doubt records that two numberings cannot be told apart in some respect.
func (b *builder) doubt(what, why string, x, y *numbering) {
	x.uncertain, y.uncertain = true, true
	var segs []int
	for _, n := range []*numbering{x, y} {
		for _, i := range n.runs {
			segs = b.runs[i].all(segs)
		}
	}
	b.addDoubt(what, why, segs)
}

func (b *builder) addDoubt(what, why string, segs []int) {
	slices.Sort(segs)
	b.doubts = append(b.doubts, Uncertainty{What: what, Why: why, Segments: slices.Compact(segs)})
}

// returns is how often media time must come back to a clock that was left
// before it is said that two encoders write by turns. Once is a segment with
// odd timestamps.
const returns = 2

// doubtTurns records writers in whose runs two clocks alternate: two encoders
// push the same keys, and of each number the later upload is left.
func (b *builder) doubtTurns() {
	var of []*numbering
	for _, r := range b.runs {
		if !b.byTurns(r) {
			continue
		}
		if of == nil {
			of = b.numberingOf()
		}
		n := of[b.home[r.strands[0].items[0].seg]]
		b.doubt("order", "two clocks by turns under the keys of one writer", n, n)
	}
}

// byTurns tells whether the media time of a run leaps away and back again more
// than once.
func (b *builder) byTurns(r *run) bool {
	if len(r.leaps) < 2*returns-1 {
		return false
	}
	items := r.strands[0].items
	back := 0
	for k := 1; k < len(r.leaps); k++ { // the last of a stretch, and the first after the next one
		from, to := r.leaps[k-1]-1, r.leaps[k]
		want := r.at[to] - r.at[from]
		d, ok := advance(&b.segs[items[from].seg].Media, &b.segs[items[to].seg].Media, want)
		if ok && (d-want).Abs() <= 2*r.typical {
			back++
		}
	}
	return back >= returns
}
