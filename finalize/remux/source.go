package remux

import "recfin/mp4"

// source is a track of the current demuxer, and what is known of its clock.
type source struct {
	id    int
	track mp4.Track
	lane  *lane // in the current part; nil until its first sample there

	first int64 // time of its first unit in the part
	timed bool
	last  int64 // time of the last unit
	step  int64 // between the last two that went forward; 0: not known
	next  int64 // where the next unit is expected
	fix   int64 // added to its times in this part, see intake.mend

	begun   int   // units since the segment began, but for pictures left open
	mark    int64 // next when the segment began
	missing int64 // planned hole before the segment, until it was met
	open    int   // pictures of the segment before that are still to come
	ended   bool  // the container says that it brings no more
	shared  bool  // the segment overlaps the one before, on this clock
	seen    int   // pictures since the segment began

	// While the intake hesitates.
	jumped   bool
	from, to int64   // the expected time and the time that came
	calm     int64   // next when the hesitation began
	pred     *source // whose place it may take
	claim    int     // pred.begun at that moment: more, and pred is alive
}

func (s *source) kind() mp4.Kind { return s.track.Entry.Kind() }

// second is one second of its clock.
func (s *source) second() int64 { return int64(s.track.Timescale) }

// clock90 converts a time of the source.
func (s *source) clock90(t int64) int64 { return rescale(t, s.track.Timescale, clock) }

// advance takes note of a unit.
func (s *source) advance(u *unit) {
	t := u.time()
	if t-s.next > s.missing/2 {
		s.missing = 0
	}
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
	if edge && s.shared && abs(t-at) <= mostShared*s.second() {
		return false
	}
	if edge {
		tolerance := s.edgeTolerance()
		behind := s.missing > 0 && abs(t-at-s.missing) <= max(tolerance, s.missing/2)
		return abs(t-at) > tolerance && !behind
	}
	return t-at > leap*s.second() || t-at < -s.backward()
}

// backward is how far decode times may step back inside a segment where a
// producer sends none of its own.
func (s *source) backward() int64 { return max(s.second(), reorder*s.step) }

// mostOpen is how many pictures a demuxer of MPEG-TS may hold: the last of a
// segment, which only the next one ends, and the one before, where a PES packet
// is read once it is complete.
const mostOpen = 2

// begin resets what belongs to one segment. open is how many pictures of the
// segment before the demuxer may hold.
func (s *source) begin(missing int64, open int) {
	s.begun, s.seen, s.missing, s.mark, s.open = 0, 0, missing, s.next, 0
	if s.timed && s.kind() == mp4.Video {
		s.open = open
	}
}

// late says whether a unit belongs to the segment before: it was open when the
// segment began. Segments begin with an access point, as a rule; where none
// shows, the demuxer is taken to hold all that it may.
func (s *source) late(u *unit) bool {
	if s.open == 0 {
		return false
	}
	if s.seen++; s.seen > 1 && u.access > mp4.NotAccess {
		s.open = 0
		return false
	}
	s.open--
	return true
}

// restart forgets the clock for a new part.
func (s *source) restart() {
	*s = source{id: s.id, track: s.track}
}
