package remux

import "recfin/mp4"

// start begins to hesitate.
func (in *intake) start(u *unit, near bool) error {
	in.near = near
	for _, s := range in.sources {
		s.calm = s.next
	}
	return in.hesitate(u)
}

// hesitate holds a unit and decides as soon as the tracks agree.
func (in *intake) hesitate(u *unit) error {
	s, t := u.src, u.time()
	if s.lane == nil && s.pred == nil && !s.timed {
		in.claims(s, in.near)
	}
	switch {
	case !s.leaps(t, in.near && !s.jumped):
	case s.jumped || s.lane == nil && s.timed: // once more: first decide about what was
		in.backlog = append([]*unit{u}, in.backlog...)
		return in.settle(!in.proved(true) && in.anyJump())
	default:
		s.jumped, s.to = true, t
		s.from, _ = s.expects()
	}
	u.after = s.jumped || s.lane == nil && s.pred == nil
	s.advance(u)
	u.shift(s.fix)
	in.held = append(in.held, u)
	in.bytes += len(u.data)
	switch {
	case in.allJumped():
		return in.settle(true)
	case in.proved(false) && !in.claimed():
		return in.settle(false)
	case in.bytes > holdLimit:
		return in.settle(!in.proved(true) && in.anyJump())
	}
	return nil
}

// voices are the sources that have a say: those of the part, a successor
// instead of the one whose place it takes.
func (in *intake) voices(yield func(*source) bool) {
	for _, s := range in.sources {
		heir := s.lane == nil && s.timed && s.pred != nil && in.succeeded(s.pred)
		if (heir || s.lane != nil && !in.succeeded(s)) && !yield(s) {
			return
		}
	}
}

// claimed says whether a place may change hands, which the end of the segment
// decides.
func (in *intake) claimed() bool {
	for _, s := range in.sources {
		if s.lane == nil && s.pred != nil && !s.pred.ended && in.succeeded(s.pred) {
			return true
		}
	}
	return false
}

func (in *intake) anyJump() bool {
	for s := range in.voices {
		if s.jumped {
			return true
		}
	}
	return false
}

func (in *intake) allJumped() bool {
	for s := range in.voices {
		if !s.jumped {
			return false
		}
	}
	return true
}

// proved says whether a track shows that time runs on. At the end of the
// segment less has to do.
func (in *intake) proved(last bool) bool {
	for s := range in.voices {
		if s.jumped {
			continue
		}
		var ok bool
		switch {
		case s.lane == nil:
			ok = true // a successor whose clock runs on
		case in.near && s.kind() == mp4.Video:
			ok = s.begun >= 1
		case in.near && last:
			ok = s.begun >= 1
		case in.near:
			ok = s.next-s.mark >= s.second()
		case last:
			ok = s.next > s.calm
		default:
			ok = s.next-s.calm >= settled*s.second()
		}
		if ok {
			return true
		}
	}
	return false
}

// settle ends the hesitation.
func (in *intake) settle(join bool) error {
	held := in.held
	in.held, in.bytes = nil, 0
	if join {
		return in.split(held)
	}
	in.succeed(held)
	in.mend(held)
	for _, s := range in.sources {
		s.jumped, s.pred = false, nil
	}
	for i, u := range held {
		if s := u.src; s.lane == nil {
			in.greet(s, u.time(), held[i:])
			s.lane, s.first = in.from.part.lane(s, in.from.number), u.time()
		}
		if err := in.from.part.admit(u); err != nil {
			return err
		}
	}
	return nil
}

// succeed gives the place of a track that fell silent to its successor.
func (in *intake) succeed(held []*unit) {
	for _, s := range in.sources {
		if p := s.pred; s.lane == nil && s.timed && p != nil && in.succeeded(p) {
			s.lane, s.first = p.lane, s.next
			s.move(p.fix, held)
			p.restart()
		}
	}
}

// move adds to the times of a source, in what is held and in what follows.
func (s *source) move(by int64, held []*unit) {
	s.fix += by
	for _, u := range held {
		if u.src == s {
			u.shift(by)
		}
	}
}

// mend moves a track whose clock leaped alone, to where the others prove that
// nothing is missing: a step back, or a hole that they do not share.
func (in *intake) mend(held []*unit) {
	now, known := in.now()
	for _, s := range in.sources {
		if !s.jumped || !known || s.lane == nil {
			continue
		}
		here, from, to := rescale(now, clock, s.track.Timescale), s.from+s.fix, s.to+s.fix
		if to-from >= -s.backward() && to-here <= leap*s.second() {
			continue
		}
		extra := from - to
		if abs(here-from) > leap*s.second() {
			extra = here - to
		}
		s.fix += extra
		for _, u := range held {
			if u.src == s && u.after {
				u.shift(extra)
			}
		}
		in.j.log.problem(strayClock, in.from.seg)
	}
}

// split begins a new part with the units after the leap.
func (in *intake) split(held []*unit) error {
	log, here := &in.j.log, in.from.seg
	var after []*unit
	for _, u := range held {
		if u.after || u.src.lane == nil {
			u.shift(-u.src.fix)
			u.after = false
			if in.near {
				u.seg = here
			}
			after = append(after, u)
			continue
		}
		if in.near {
			u.seg = max(in.from.last, 0)
		}
		if err := in.from.part.admit(u); err != nil {
			return err
		}
	}
	from, missing := log.rows[here].at, log.rows[here].missing
	if in.near {
		log.rows[here].Join = true
	} else {
		log.rows[here].Splits++
		from++ // an input whose segment begins with this one finds its own place in it
		missing = 0
	}
	if err := in.j.advance(in.from, from, missing); err != nil {
		return err
	}
	in.restart(after)
	return nil
}

// move goes on in the part in which the other inputs are.
func (in *intake) move(after []*unit) error {
	if err := in.j.advance(in.from, in.j.part.from, 0); err != nil {
		return err
	}
	in.restart(after)
	return nil
}

// restart begins in a new part with some units.
func (in *intake) restart(after []*unit) {
	in.edge = false
	for _, s := range in.sources {
		s.restart()
	}
	in.backlog = append(after, in.backlog...)
}
