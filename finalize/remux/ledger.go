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
	files    []File        // those that ended
	now      File          // the one that is written
	file     int           // its number, from 0
	base     time.Duration // where it begins, as if all files were one
	problems map[string]*problem
	readings []reading // of the demuxers, by number from 1
	sampled  int       // samples that demuxers handed out
	admitted int       // of those, what is booked to a segment
}

// row is one segment. Spans are positions in the output.
type row struct {
	Measured
	name        string
	in          incoming
	input       int
	at          time.Duration // by the plan
	missing     time.Duration // the hole before it, by the plan
	shared      bool          // it overlaps the one before, on one clock
	heads       bool          // the next one overlaps it
	first, last int           // parts of its first and of its last sample, from 1; 0: no sample
	pictures    span
	sound       span
	sight       sight
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

// open starts the row of the next segment and gives its index.
func (l *ledger) open(b Boundary, input int) int {
	l.rows = append(l.rows, row{name: b.Name, input: input, at: b.At, missing: max(b.MissingBefore, 0),
		shared: b.Shared, heads: b.NextShared})
	return len(l.rows) - 1
}

func (l *ledger) name(seg int) string { return l.rows[seg].name }

// written notes a sample of a segment at a place of its track, in the part of
// the track.
func (l *ledger) written(seg int, t *track, start int64) *row {
	r := &l.rows[seg]
	if r.first == 0 {
		r.first, r.File = t.part, l.file
		if n := len(l.now.Marks); r.missing > 0 && (n == 0 || l.now.Marks[n-1].Segment != seg) {
			l.mark(max(rescale(start, t.scale, clock), 0), seg)
		}
	}
	r.last, r.LastFile = t.part, l.file
	return r
}

func (l *ledger) video(seg int, t *track, start, end int64) {
	r := l.written(seg, t, start)
	r.Video++
	l.now.Video++
	r.pictures.add(l.base+nanoseconds(start, t.scale), l.base+nanoseconds(end, t.scale))
}

func (l *ledger) audio(seg int, t *track, start, end int64) {
	r := l.written(seg, t, start)
	r.Audio++
	l.now.Audio++
	r.sound.add(l.base+nanoseconds(start, t.scale), l.base+nanoseconds(end, t.scale))
}

// mark notes a place of the file, in ticks of clock. One that is marked keeps
// its first mark.
func (l *ledger) mark(at int64, seg int) {
	if n := len(l.now.Marks); n > 0 && at <= l.now.Marks[n-1].At {
		return
	}
	m := Mark{At: at, Segment: seg}
	if lead := l.rows[seg].lead(); lead.known {
		m.Into = max(l.base+nanoseconds(at, clock)-lead.start, 0)
	}
	l.now.Marks = append(l.now.Marks, m)
}

// endFile closes the books of a file.
func (l *ledger) endFile() File {
	f := l.now
	f.First, f.Last = -1, -1
	for i := range l.rows {
		if r := &l.rows[i]; r.first > 0 && r.LastFile == l.file {
			if f.Segments++; f.First < 0 {
				f.First = i
			}
			f.Last = i
		}
	}
	l.files = append(l.files, f)
	l.now, l.file = File{}, l.file+1
	return f
}

func (l *ledger) leading(seg int) {
	l.rows[seg].DroppedLeading++
	l.now.Dropped++
}

func (l *ledger) overlap(seg int) {
	l.rows[seg].DroppedAudio++
	l.now.Dropped++
}

func (l *ledger) silence(seg, count int) {
	l.rows[seg].Silent += count
	l.now.Silent += count
}

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

func (l *ledger) overlapping(seg int) {
	l.rows[seg].Overlapping++
	l.now.Dropped++
}

// hole says whether a hole that stays open lies between two segments.
func (l *ledger) hole(before, after int) bool {
	return before != after && l.rows[after].missing > 0
}

// lost books what the demuxer of a part had to drop, with the last segment of it.
func (l *ledger) lost(seg int, n int64) {
	l.rows[seg].DroppedLeading += int(n)
	l.now.Dropped += int(n)
	l.problem(undecodable, seg)
	l.problems[undecodable].count += int(n) - 1
}

// undecodable is the problem of pictures without parameter sets, and of units
// that were cut or have no time.
const undecodable = "access units that cannot be decoded or placed were left out"

// result closes the books.
func (l *ledger) result() Result {
	l.endFile()
	l.hold()
	res := Result{Parts: l.parts, Files: l.files, Segments: make([]Measured, len(l.rows))}
	l.measure()
	l.sights()
	for i := range l.rows {
		m := l.rows[i].Measured
		res.Segments[i] = m
		res.Video += m.Video
		res.Audio += m.Audio
		res.DroppedLeading += m.DroppedLeading
		res.DroppedAudio += m.DroppedAudio
		res.Overlapping += m.Overlapping
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
	var next [mostInputs]*row // the next row of each input that brought something
	for i := len(l.rows) - 1; i >= 0; i-- {
		r := &l.rows[i]
		if r.first == 0 {
			continue
		}
		own := r.lead()
		r.Start, r.Duration = own.start, own.end-own.start
		if after := next[r.input]; after != nil && after.first == r.last && after.missing == 0 {
			r.Duration = max(after.Start-r.Start, 0)
		}
		next[r.input] = r
	}
	var end [mostInputs]time.Duration
	for i := range l.rows {
		r := &l.rows[i]
		if r.first == 0 {
			r.Start = end[r.input]
		}
		end[r.input] = r.Start + r.Duration
	}
}
