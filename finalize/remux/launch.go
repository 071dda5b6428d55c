package remux

import "recfin/mp4"

// launch starts the part, or what is left of it, with units of its tracks: in
// the file that is written, or in another one where that cannot hold them. whole
// says that they are the first of the part: only then they begin with priming.
func (p *part) launch(units []*unit, whole bool) error {
	primed := whole && len(p.j.tracks) == 0
	if whole {
		p.alignAll()
	}
	for {
		p.locate(units, primed)
		p.shift = shift(p.lanes, p.j.tracks, p.keep)
		l, why := p.conflict()
		if why == nil {
			break
		}
		p.j.log.base += nanoseconds(p.j.latest(), clock)
		if err := p.j.nextFile(why, l.first); err != nil {
			return err
		}
		primed = whole
	}
	for _, l := range p.inOrder() {
		if err := p.attach(l, l.first); err != nil {
			return err
		}
		if primed && l.kind == mp4.Audio {
			l.track.priming = l.first.priming(l.track.scale)
		}
	}
	p.mark()
	for _, u := range units {
		if err := p.push(u); err != nil {
			return err
		}
	}
	return nil
}

// locate finds where each lane starts: sound with its first frame, pictures with
// the earliest. What is primed starts with what is heard.
func (p *part) locate(units []*unit, primed bool) {
	for _, l := range p.lanes {
		l.first, l.shown, l.track = nil, false, nil
	}
	for _, u := range units {
		l, at := u.lane, p.time(u)
		if l.first == nil && primed {
			at += u.priming(clock)
		}
		if l.first == nil || l.kind == mp4.Video && at < l.start {
			l.start = at
		}
		if l.first == nil {
			l.first, l.shown = u, true
		}
	}
	p.match()
}

// conflict finds a lane that its track cannot go on with.
func (p *part) conflict() (*lane, *Change) {
	for _, l := range p.lanes {
		if l.track == nil {
			continue
		}
		at := min(l.start+p.shift, p.j.latest()+p.keep+stray*clock) // what is further off is no hole
		if why := l.track.change(l.first, rescale(at, clock, l.track.scale)); why != nil {
			return l, why
		}
	}
	return nil, nil
}

// mark notes where the part begins in its file: with its first picture, or with
// its first sound where it has none.
func (p *part) mark() {
	var first, lead *lane
	seg := 0
	for _, l := range p.lanes {
		if !l.shown {
			continue
		}
		if first == nil || l.start < first.start {
			first = l
		}
		if lead == nil || l.kind < lead.kind {
			lead = l
		}
		seg = max(seg, l.first.seg)
	}
	if first == nil {
		return
	}
	p.j.from = max(first.start+p.shift, 0)
	at := max(lead.start+p.shift, 0)
	if len(p.j.log.now.Marks) == 0 {
		at = 0
	}
	p.j.log.mark(at, seg)
}

// attach gives a lane its track of the output.
func (p *part) attach(l *lane, first *unit) error {
	if l.track = p.continued(first); l.track == nil {
		t, err := newTrack(p.j, first)
		if err != nil {
			return err
		}
		t.input = l.input
		p.j.tracks = append(p.j.tracks, t)
		l.track = t
	}
	l.track.bare, l.track.part = true, p.number
	l.shift = p.shiftOf(l, l.track)
	return nil
}
