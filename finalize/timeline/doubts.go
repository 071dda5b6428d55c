package timeline

import (
	"slices"
	"time"
)

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

// byTurns tells whether the media time of a run leaps away and back to a clock
// that it left.
func (b *builder) byTurns(r *run) bool {
	items := r.strands[0].items
	leap, away := -1, time.Duration(0) // the last item before the last leap, and how far that was
	for i := 1; i < len(items); i++ {
		d, want, known := b.step(r, i-1, i)
		if !known || (d-want).Abs() <= max(want/2, tolerance) {
			continue
		}
		by := d - want
		if leap >= 0 && (by > 0) != (away > 0) { // what only goes forward is one clock
			if d, want, known := b.step(r, leap, i); known && (d-want).Abs() <= r.typical/2 {
				return true
			}
		}
		leap, away = i-1, by
	}
	return false
}

// step is how far media time moves between two items of the first strand, and
// how far numbers and lengths say that it should.
func (b *builder) step(r *run, i, j int) (d, want time.Duration, known bool) {
	items := r.strands[0].items
	if items[i].seq == items[j].seq {
		return 0, 0, false
	}
	want = r.told(b, items[i].seg) + span(items[j].seq-items[i].seq-1, r.typical)
	d, known = advance(b.segs[items[i].seg].media(), b.segs[items[j].seg].media(), want)
	return d, want, known
}
