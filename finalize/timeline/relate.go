package timeline

import "time"

// kinship is how a run relates to a numbering, the closer the greater.
type kinship uint8

const (
	restart   kinship = iota // it counts another stream, or the same from the start again
	unsure                   // nothing tells
	continues                // it goes on with the numbers
	copies                   // it has the same numbers for the same segments
)

type relation struct {
	kind     kinship
	distance int64 // in time (or numbers × length), to choose the nearest
	why      string
}

// evidence is what the numbers that a run has in common with a numbering tell.
type evidence struct {
	common, numbers int // cells in common; numbers in common
	at              int64
	other           int // a run of the numbering that has the number `at`

	like, unlike    [2]int // contents; [1]: of the source
	unlikeInside    int    // of the source, and not at an end of either run
	timed, agreeing int    // media starts that can be compared; that agree
}

// relate applies the rules in their order.
func (b *builder) relate(r *run, n *numbering) relation {
	e := b.gather(r, n)
	if e.common == 0 {
		if e.numbers > 0 {
			return b.beside(r, n, &e)
		}
		return b.onwards(r, n)
	}
	lag, timed := b.lag(r, &e)
	near := relation{kind: copies, distance: lag.Abs().Nanoseconds()}
	like, unlike := e.like[1], e.unlike[1]
	if like+unlike == 0 && e.unlike[0] == 0 {
		like = e.like[0]
	}
	switch {
	case like > 0 && unlike == 0:
		return near
	case like > 0 && e.unlikeInside == 0 && timed && lag.Abs() < b.firstLength(r, &e, lag): // writers begin and end inside a segment
		return near
	case like > 0:
		return relation{kind: unsure, why: "some segments under the same numbers hold the same content, others do not"}
	case unlike > 0:
		return relation{kind: restart}
	}
	return b.byTime(r, n, &e, lag, timed)
}

// byTime decides about contents that cannot be compared, such as two transcodes
// of one source: by media time and by how far the uploads follow. Encoders
// restart at the same number and the same timestamp, so equal numbers and equal
// times alone prove nothing.
func (b *builder) byTime(r *run, n *numbering, e *evidence, lag time.Duration, timed bool) relation {
	why := "the same numbers, and neither content nor times tell copies from a restart"
	if !timed {
		return relation{kind: unsure, why: why}
	}
	length := b.firstLength(r, e, lag)
	const good = 2 // segments: what delays of uploads are good to
	switch far := lag.Abs(); {
	case e.timed == 0 && far <= good*n.typical:
	case e.timed == 0:
		return relation{kind: unsure, why: why}
	case e.agreeing*2 > e.timed && far < length/2:
	case e.agreeing == e.timed && r.first != b.runs[e.other].first:
		return relation{kind: unsure, why: why}
	case far >= length:
		return relation{kind: restart}
	default:
		return relation{kind: unsure, why: why}
	}
	return relation{kind: copies, distance: lag.Abs().Nanoseconds()}
}

// gather compares what a run and a numbering have under the same numbers.
func (b *builder) gather(r *run, n *numbering) evidence {
	var e evidence
	for _, s := range r.strands {
		source := 0
		if b.renditions[s.rendition] == b.opt.Source {
			source = 1
		}
		for _, it := range s.items {
			if !n.has[it.seq] {
				continue
			}
			if e.numbers++; e.numbers == 1 {
				e.at, e.other = it.seq, b.holder(n, it.seq)
			}
			others := n.cells[cell{s.rendition, it.seq}]
			if len(others) == 0 {
				continue
			}
			o := b.runs[b.home[others[0]]]
			if e.common++; e.common == 1 {
				e.at, e.other = it.seq, b.home[others[0]]
			}
			atEnd := it.seq == r.first || it.seq == r.last || it.seq == o.first || it.seq == o.last
			if b.weigh(&e, source, it, others) == different && source == 1 && !atEnd {
				e.unlikeInside++
			}
		}
	}
	return e
}

// weigh adds one number to the evidence: the likeness of the best pair of
// contents, and whether media times agree. Of very many copies the first few
// speak for all.
func (b *builder) weigh(e *evidence, source int, it item, others []int) likeness {
	best := incomparable
	timed, agree := false, false
	for _, i := range it.segs[:min(len(it.segs), reach)] {
		for _, j := range others[:min(len(others), reach)] {
			best = max(best, compare(&b.segs[i], &b.segs[j]))
			if d, ok := advance(&b.segs[i].Media, &b.segs[j].Media, 0); ok {
				timed = true
				agree = agree || d.Abs() <= tolerance
			}
		}
	}
	switch {
	case best == different:
		e.unlike[source]++
	case best > different:
		e.like[source]++
	}
	if timed {
		e.timed++
	}
	if agree {
		e.agreeing++
	}
	return best
}

// holder is a run that has a number, in whatever rendition.
func (b *builder) holder(n *numbering, seq int64) int {
	for r := range b.renditions {
		if segs := n.cells[cell{r, seq}]; len(segs) > 0 {
			return b.home[segs[0]]
		}
	}
	return n.low
}

// lag is how much later the run has a number than the numbering, by uploads.
func (b *builder) lag(r *run, e *evidence) (time.Duration, bool) {
	o := b.runs[e.other]
	if !r.timed() || !o.timed() {
		return 0, false
	}
	return time.Duration(r.wallAt(e.at) - o.wallAt(e.at)), true
}

// firstLength is how long the run is that began first, of r and the one that it
// is held against.
func (b *builder) firstLength(r *run, e *evidence, lag time.Duration) time.Duration {
	o := b.runs[e.other]
	if lag < 0 {
		o = r
	}
	return span(o.last-o.first+1, o.typical)
}
