package remux

import "time"

// Inputs pass from part to part one by one: each finds for itself that its media
// time does not run on. So up to two parts are there at once. The newer one waits
// for its shift until no input is in the older one, because all tracks move by one
// shift that depends on where all of them ended.

// endPart ends the parts that run, of all inputs.
func (j *Joiner) endPart() error {
	for _, x := range j.inputs {
		if x.in == nil {
			continue
		}
		if err := x.drain(); err != nil {
			return err
		}
		x.in, x.part, x.follow = nil, nil, false
	}
	if err := j.finishBefore(); err != nil {
		return err
	}
	p := j.part
	j.part = nil
	if p == nil {
		return nil
	}
	return j.fail(p.finish())
}

// advance puts an input into the part after its own, which begins at a time of
// the plan, behind a planned hole, if it is a new one. Inputs that two parts have left behind go on in
// their own until their next segment, or unit, is there.
func (j *Joiner) advance(x *input, at, missing time.Duration) error {
	if x.part == j.part {
		if err := j.finishBefore(); err != nil {
			return err
		}
		j.before, j.part = j.part, j.newPart(at, missing)
	}
	x.part, x.follow = j.part, false
	for _, y := range j.inputs {
		if y.in != nil && y.part == j.before {
			return nil
		}
	}
	if err := j.finishBefore(); err != nil {
		return err
	}
	return j.fail(j.part.tryRelease())
}

// newPart makes a part that begins at a time of the plan, behind a planned hole.
func (j *Joiner) newPart(at, missing time.Duration) *part {
	p := &part{j: j, from: at}
	if j.opt.KeepGaps {
		p.keep = ticks(missing, clock)
	}
	return p
}

// finishBefore ends the older part. Who is still in it follows as soon as there
// is something of it.
func (j *Joiner) finishBefore() error {
	p := j.before
	if p == nil {
		return nil
	}
	j.before = nil
	for _, y := range j.inputs {
		y.follow = y.follow || y.in != nil && y.part == p
	}
	return j.fail(p.finish())
}

// reach is how far the tracks of the output have come, in ticks of clock: of all
// of them, or of one input.
func (j *Joiner) reach(of int) (latest int64, known bool) {
	for _, t := range j.tracks {
		if of != everyInput && t.input != of {
			continue
		}
		if at, ok := t.reach(); ok {
			latest, known = max(latest, rescale(at, t.scale, clock)), true
		}
	}
	return latest, known
}

const everyInput = -1
