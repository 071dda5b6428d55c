package timeline

import "time"

// kinship is how a run relates to a numbering, the closer the greater.
type kinship uint8

const (
	restart   kinship = iota // it counts another stream, or the same from the start again
	unsure                   // nothing tells
	continues                // it goes on with the numbers
	completes                // it fills a hole of the numbers exactly, and its media fits on both sides
	copies                   // it has the same numbers for the same segments
)

type relation struct {
	kind     kinship
	distance int64 // in time (or numbers × length), to choose the nearest
	why      string
	// ahead is by how much the run's uploads lie after what the numbering says of
	// the same segments, if that is more than a session may pause: it is the
	// difference of two clocks, or it came late, and says nothing of the stream.
	ahead time.Duration
}

// relate applies the rules in their order.
func (b *builder) relate(r *run, n *numbering) relation {
	if n.mixes(r) {
		return relation{kind: restart}
	}
	e := b.gather(r, n)
	if e.common == 0 {
		if e.numbers > 0 {
			return b.beside(r, n, &e)
		}
		return b.onwards(r, n)
	}
	lag, timed := b.lag(r, &e)
	near := relation{kind: copies, distance: lag.Abs().Nanoseconds()}
	if b.sample(&e, timed && lag.Abs() < b.firstLength(r, &e, lag)/2) {
		return near // until what is asked for was read
	}
	like, unlike := e.like[1], e.unlike[1]
	if like+unlike == 0 && e.unlike[0] == 0 {
		like = e.like[0]
	}
	switch {
	case like > 0 && unlike == 0:
		if timed && lag.Abs() > b.opt.SessionGap {
			near.ahead = lag
		}
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
