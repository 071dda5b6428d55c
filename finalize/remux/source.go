package remux

import "recfin/mp4"

// source is a track of the current demuxer, and what is known of its clock.
type source struct {
	id    int
	track mp4.Track
	lane  *lane // in the current part; nil until its first sample there

	timed bool
	last  int64 // time of the last unit
	step  int64 // between the last two that went forward; 0: not known
	next  int64 // where the next unit is expected
	fix   int64 // added to its times in this part, see intake.mend

	begun int   // units since the segment began, but for a picture left open
	mark  int64 // next when the segment began
	slack int64 // half of a planned hole before the segment
	open  bool  // its last picture is still open at the start of the segment

	// While the intake hesitates.
	jumped   bool
	from, to int64   // the expected time and the time that came
	calm     int64   // next when the hesitation began
	pred     *source // whose place it may take
	claim    int     // pred.begun at that moment: more, and pred is alive
}

func (s *source) kind() mp4.Kind { return kindOf(s.track.Entry) }

// second is one second of its clock.
func (s *source) second() int64 { return int64(s.track.Timescale) }

// clock90 converts a time of the source.
func (s *source) clock90(t int64) int64 { return rescale(t, s.track.Timescale, clock) }

// advance takes note of a unit.
func (s *source) advance(u *unit) {
	t := u.time()
	if d := t - s.last; s.timed && d > 0 && d <= leap*s.second() {
		s.step = d
	}
	s.timed, s.last, s.next = true, t, t+s.step
	if !u.open {
		s.begun++
	}
}

// expects gives the time at which the next unit should stand.
func (s *source) expects() (at int64, known bool) {
	if s.timed {
		return s.next, true
	}
	if p := s.pred; p != nil && p.timed {
		return rescale(p.next, p.track.Timescale, s.track.Timescale), true
	}
	return 0, false
}

// edgeTolerance is what two segments of a contiguous run may differ by.
func (s *source) edgeTolerance() int64 {
	step := s.step
	if p := s.pred; !s.timed && p != nil {
		step = rescale(p.step, p.track.Timescale, s.track.Timescale)
	}
	tolerance := max(s.second()/20, step*3/2)
	if step == 0 {
		tolerance = s.second()
	}
	if s.begun == 0 {
		tolerance = max(tolerance, s.slack)
	}
	return tolerance
}

// leaps says whether a time cannot belong to the clock so far. Between two
// segments that is the boundary test; inside a segment only what no loss of
// packets and no reordering explains.
func (s *source) leaps(t int64, edge bool) bool {
	at, known := s.expects()
	if !known {
		return false
	}
	if edge {
		return abs(t-at) > s.edgeTolerance()
	}
	return t-at > leap*s.second() || t-at < -s.backward()
}

// backward is how far decode times may step back inside a segment where a
// producer sends none of its own.
func (s *source) backward() int64 { return max(s.second(), reorder*s.step) }

// begin resets what belongs to one segment.
func (s *source) begin(missing int64) {
	s.begun, s.slack = 0, missing/2
	s.next += missing
	s.mark = s.next
	s.open = s.timed && missing == 0 && s.kind() == mp4.Video
}

// restart forgets the clock for a new part.
func (s *source) restart() {
	*s = source{id: s.id, track: s.track}
}
