package remux

import (
	"fmt"
	"slices"
	"time"
)

// ledger keeps what becomes of the segments.
type ledger struct {
	rows     []row
	parts    int
	problems map[string]*problem
}

// row is one segment. Spans are positions in the output.
type row struct {
	Measured
	name        string
	first, last int // parts of its first and of its last sample, from 1; 0: no sample
	pictures    span
	sound       span
}

// span is what one kind of track covers.
type span struct {
	known      bool
	start, end time.Duration
}

func (s *span) add(start, end time.Duration) {
	if !s.known {
		s.known, s.start = true, start
	}
	s.end = end
}

// lead is the span that a segment is measured by.
func (r *row) lead() span {
	if r.pictures.known {
		return r.pictures
	}
	return r.sound
}

type problem struct {
	count int
	where string
}

// open starts the row of the next segment.
func (l *ledger) open(name string) { l.rows = append(l.rows, row{name: name}) }

// current is the index of the segment being read.
func (l *ledger) current() int { return len(l.rows) - 1 }

func (l *ledger) name(seg int) string { return l.rows[seg].name }

// written notes a sample of a segment.
func (l *ledger) written(seg int) *row {
	r := &l.rows[seg]
	if r.first == 0 {
		r.first = l.parts
	}
	r.last = l.parts
	return r
}

func (l *ledger) video(seg int, scale uint32, start, end int64) {
	r := l.written(seg)
	r.Video++
	r.pictures.add(nanoseconds(start, scale), nanoseconds(end, scale))
}

func (l *ledger) audio(seg int, scale uint32, start, end int64) {
	r := l.written(seg)
	r.Audio++
	r.sound.add(nanoseconds(start, scale), nanoseconds(end, scale))
}

func (l *ledger) leading(seg int) { l.rows[seg].DroppedLeading++ }

func (l *ledger) overlap(seg int) { l.rows[seg].DroppedAudio++ }

func (l *ledger) silence(seg, count int) { l.rows[seg].Silent += count }

// problem notes something that the reader of a report should know.
func (l *ledger) problem(what string, seg int) {
	if l.problems == nil {
		l.problems = map[string]*problem{}
	}
	p := l.problems[what]
	if p == nil {
		p = &problem{where: l.name(seg)}
		l.problems[what] = p
	}
	p.count++
}

// lost books what the demuxer of a part had to drop.
func (l *ledger) lost(n int64) {
	seg := l.current()
	l.rows[seg].DroppedLeading += int(n)
	l.problem(undecodable, seg)
	l.problems[undecodable].count += int(n) - 1
}

// undecodable is the problem of pictures without parameter sets, and of units
// that were cut or have no time.
const undecodable = "access units that cannot be decoded or placed were left out"

// result closes the books.
func (l *ledger) result() Result {
	res := Result{Parts: l.parts, Segments: make([]Measured, len(l.rows))}
	l.measure()
	for i := range l.rows {
		m := l.rows[i].Measured
		res.Segments[i] = m
		res.Video += m.Video
		res.Audio += m.Audio
		res.DroppedLeading += m.DroppedLeading
		res.DroppedAudio += m.DroppedAudio
		res.Silent += m.Silent
	}
	for what, p := range l.problems {
		res.Problems = append(res.Problems, fmt.Sprintf("%s: %d, first at %s", what, p.count, p.where))
	}
	slices.Sort(res.Problems)
	return res
}

// measure turns spans into starts and durations.
func (l *ledger) measure() {
	next := -1 // the next row that brought something
	for i := len(l.rows) - 1; i >= 0; i-- {
		r := &l.rows[i]
		if r.first == 0 {
			continue
		}
		own := r.lead()
		r.Start, r.Duration = own.start, own.end-own.start
		if next >= 0 && l.rows[next].first == r.last {
			r.Duration = max(l.rows[next].Start-r.Start, 0)
		}
		next = i
	}
	var end time.Duration
	for i := range l.rows {
		r := &l.rows[i]
		if r.first == 0 {
			r.Start = end
		}
		end = r.Start + r.Duration
	}
}
