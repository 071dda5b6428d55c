package remux

import (
	"fmt"

	"recfin/mp4"
	"recfin/probe"
)

const (
	// leap is the largest hole, in seconds, that one track may show inside a
	// segment on a clock that still counts as the same.
	leap = 10
	// holdLimit bounds the payload that waits for a decision.
	holdLimit = 32 << 20
	// settled is how far, in seconds, a track must run on inside a segment to
	// prove that a leap of another one is no new part.
	settled = 3
	// mostSources bounds the tracks of one run, those that ended included.
	mostSources = 256
)

// intake is the sink of one demuxer. It maps its tracks to those of the output,
// and makes the boundary test on what is really read: where every track leaps
// at once, a new part begins. While only some have leaped it holds what comes.
type intake struct {
	j       *Joiner
	from    *input
	sources []*source // in the order of announcement
	edge    bool      // a segment of the same run began, and no join was found yet
	shared  bool      // that segment is Boundary.Shared

	held    []*unit
	bytes   int
	near    bool // the hesitation is about the start of the segment
	backlog []*unit
}

// Track implements mp4.Sink.
func (in *intake) Track(id int, t mp4.Track) error {
	if t.Entry == nil || t.Timescale == 0 {
		return fmt.Errorf("track %d has no description or no timescale", id)
	}
	if k := t.Entry.Kind(); k != mp4.Video && k != mp4.Audio {
		return fmt.Errorf("track %d is neither video nor audio", id)
	}
	if e := codec(t.Entry); e != nil {
		i := in.from.seg
		return in.j.fail(&CodecError{Index: i, Name: in.j.log.name(i), Codec: t.Entry.Codec(), Err: e})
	}
	if s := in.source(id); s != nil {
		if s.kind() == t.Entry.Kind() && s.track.Timescale == t.Timescale && !in.moved(s, &t) {
			s.track, s.ended = t, false
			return nil
		}
		s.id, s.ended = -1, true // what it delivered may still be held
	}
	if len(in.sources) == mostSources {
		return fmt.Errorf("more than %d tracks in one run", mostSources)
	}
	in.sources = append(in.sources, &source{id: id, track: t, shared: in.shared})
	return nil
}

// Ended says that a track brings no more under its id, as far as the container
// tells: another program map lacks it.
func (in *intake) Ended(id int) {
	if s := in.source(id); s != nil {
		s.ended = true
	}
}

// codec says why no output can hold samples of an entry; nil: it can.
func codec(e mp4.SampleEntry) error {
	switch e.(type) {
	case *mp4.ForeignVideo, *mp4.ForeignAudio:
		_, err := e.Box()
		return err
	}
	return nil
}

// Sample implements mp4.Sink.
func (in *intake) Sample(id int, s *mp4.Sample) error {
	src := in.source(id)
	if src == nil {
		return fmt.Errorf("track %d: a sample comes before its description", id)
	}
	for _, t := range []int64{s.PTS, s.DTS} {
		if abs(src.clock90(t)) > latest {
			return fmt.Errorf("track %d: timestamp %d is out of range", id, t)
		}
	}
	in.j.log.sampled++
	in.see(src, s)
	u := in.j.pool.copy(s)
	u.src, u.entry, u.scale, u.seg = src, src.track.Entry, src.track.Timescale, in.from.seg
	if src.late(u) {
		u.open, u.seg = true, in.from.last
	}
	if err := in.take(u); err != nil { // there is no backlog between two samples
		return in.j.fail(err)
	}
	return in.j.fail(in.drain())
}

func (in *intake) source(id int) *source {
	for _, s := range in.sources {
		if s.id == id {
			return s
		}
	}
	return nil
}

// begin says that the next segment of the run follows, after a planned hole.
func (in *intake) begin(b Boundary) {
	in.edge, in.shared = true, b.Shared
	open := mostOpen
	if in.from.container == probe.MP4 || b.MissingBefore > 0 || b.Shared {
		open = 0 // samples do not run over
	}
	for _, s := range in.sources {
		s.begin(ticks(max(b.MissingBefore, 0), s.track.Timescale), open)
		s.shared = b.Shared
	}
}

// end decides what is open with what is there: the end of a segment or run.
func (in *intake) end() error {
	for len(in.held) > 0 {
		if err := in.settle(!in.proved(true) && in.anyJump()); err != nil {
			return err
		}
		if err := in.drain(); err != nil {
			return err
		}
	}
	return nil
}

func (in *intake) drain() error {
	for len(in.backlog) > 0 {
		u := in.backlog[0]
		in.backlog = in.backlog[1:]
		if err := in.take(u); err != nil {
			return err
		}
	}
	in.backlog = nil
	return nil
}

// take passes a unit on, or begins to hesitate.
func (in *intake) take(u *unit) error {
	s, t := u.src, u.time()
	if len(in.held) > 0 {
		return in.hesitate(u)
	}
	if in.from.follow && !u.open {
		return in.move([]*unit{u})
	}
	near := in.edge && in.isNear(s)
	if s.lane == nil {
		if in.claims(s, near) {
			return in.start(u, near && !(s.pred.ended && in.started()))
		}
		in.greet(s, t, nil)
		s.lane, s.first = in.from.part.lane(s, in.from.number), t
	}
	if near = near && (s.shared || s.kind() == mp4.Video || !in.started()); s.leaps(t, near) {
		return in.start(u, near)
	}
	s.advance(u)
	u.shift(s.fix)
	return in.from.part.admit(u)
}

// greet looks at the first time of a track in a part. One that has nothing to
// do with the clock of the others is moved to where they are.
func (in *intake) greet(s *source, t int64, held []*unit) {
	now, known := in.now()
	here, begun := rescale(now, clock, s.track.Timescale), rescale(in.begun(), clock, s.track.Timescale)
	if known && (t > here+leap*s.second() || t < begun-leap*s.second()) {
		s.move(here-t, held)
		in.j.log.problem(strayClock, in.from.seg)
	}
}

// begun is the earliest time of the part so far. A track that is handed out late
// (pictures that wait for their parameter sets) may begin anywhere from there on.
func (in *intake) begun() (at int64) {
	first := true
	for s := range in.voices {
		if t := s.clock90(s.first + s.fix); !s.jumped && (first || t < at) {
			at, first = t, false
		}
	}
	return at
}

// strayClock is the problem of a track that the others contradict.
const strayClock = "the clock of one track leaps alone"

// now is how far the tracks of the part that did not leap have come.
func (in *intake) now() (at int64, known bool) {
	for s := range in.voices {
		if t := s.clock90(s.next + s.fix); !s.jumped && (!known || t > at) {
			at, known = t, true
		}
	}
	return at, known
}

// isNear says whether a leap of the source would be one of the boundary. What a
// demuxer held open when the segment began comes before it: one picture, or the
// frames of one audio packet.
func (in *intake) isNear(s *source) bool {
	if s.kind() == mp4.Video {
		return s.begun == 0
	}
	return s.next-s.mark < s.second()
}

// started says whether a picture of the segment was taken, so that media time runs
// on into it: what leaps now leaps inside.
func (in *intake) started() bool {
	for s := range in.voices {
		if s.kind() == mp4.Video && s.begun > 0 {
			return true
		}
	}
	return false
}

// claims finds the track whose place a new one of the same kind may take: near
// the start of a segment one that has brought nothing in it but what was open, and
// anywhere one that has ended, if it was the same sound or picture. Of several it is
// the one that the new one is most like.
func (in *intake) claims(s *source, near bool) bool {
	best := -1
	for _, o := range in.sources {
		if o == s || o.lane == nil || o.jumped || o.kind() != s.kind() || in.succeeded(o) {
			continue
		}
		n := likeness(&o.track, &s.track)
		const same = likeLanguage | likeCodec
		if (o.ended && n&same == same || near && in.isNear(o)) && n > best {
			best, s.pred, s.claim = n, o, o.begun
		}
	}
	return best >= 0
}

// succeeded says whether another source claims the place of o, and o has been
// silent since.
func (in *intake) succeeded(o *source) bool {
	for _, s := range in.sources {
		if s.pred == o && s.claim == o.begun {
			return true
		}
	}
	return false
}
