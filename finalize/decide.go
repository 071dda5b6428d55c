package finalize

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"recfin/finalize/timeline"
	"recfin/store"
)

// decision sets what was measured against what is committed: a committed
// recording only grows (I9), and what the marker knows is a fact that no
// setting decides again.
type decision struct {
	f     *Finalizer
	m     *Measured
	p     *Plan
	now   time.Time
	known known
	owned map[string]bool // committed sessions that a session of the timeline took up
	taken map[string]bool // session ids in use
	// uploaded is the latest upload of anything that the timeline counts to a
	// committed session, chosen or not.
	uploaded map[string]time.Time
}

func (d *decision) run() {
	if c := d.m.Committed; c != nil {
		for _, e := range c.marker.Sessions {
			d.taken[e.ID] = true
			for _, id := range e.Absorbed {
				d.taken[id] = true
			}
		}
	}
	late := map[int]bool{} // sessions of the timeline that came too late
	for i := range d.m.Timeline.Sessions {
		if !d.session(i) {
			late[i] = true
		}
	}
	d.keepRest()
	d.drop(late)
	d.uncertain()
	d.status()
}

// session decides on one session of the timeline. It reports false if its
// segments came too late to be taken.
func (d *decision) session(i int) bool {
	s := &d.m.Timeline.Sessions[i]
	chosen := map[rowID]bool{}
	owners, losers := map[string]bool{}, map[string]bool{}
	for _, r := range s.Renditions {
		for _, p := range r.Picks {
			if p.Segment >= 0 {
				id := d.m.Segments[p.Segment].id()
				chosen[id] = true
				if owner, ok := d.known.chosen[id]; ok {
					owners[owner] = true
				} else if loser, ok := d.known.dropped[id]; ok {
					losers[loser] = true
				}
			}
		}
	}
	if len(owners) == 0 && len(losers) == 0 && !d.overlaps(s) {
		d.add(i, sessionID(named(s), d.taken), nil)
		return true
	}
	for id := range owners {
		if s.Uploaded.After(d.uploaded[id]) {
			d.uploaded[id] = s.Uploaded
		}
	}
	for id := range owners {
		delete(losers, id) // what a session dropped itself it may take when it grows
		return len(owners) == 1 && len(losers) == 0 && d.grow(i, id, chosen)
	}
	return false
}

// named is the time that names a session: its start, or the midnight that a piece
// of a longer one begins with.
func named(s *timeline.Session) time.Time {
	if !s.From.IsZero() {
		return s.From
	}
	return s.Start
}

// overlaps reports whether a session lies inside the bounds of a committed one,
// widened by the session gap: it belongs there, and there nothing is left to
// extend.
func (d *decision) overlaps(s *timeline.Session) bool {
	if d.m.Committed == nil {
		return false
	}
	stands := map[string]bool{} // of these the timeline knew, and told this one from them
	for i := range d.m.Segments {
		stands[d.known.chosen[d.m.Segments[i].id()]] = true
	}
	for _, e := range d.m.Committed.marker.Sessions {
		gap := d.f.cfg.SessionGap
		if stands[e.ID] {
			continue
		}
		if !s.Start.After(e.End.Add(gap)) && !s.End.Before(e.Start.Add(-gap)) {
			return true
		}
	}
	return false
}

// grow takes session i as the successor of a committed one, if it holds all
// that the committed one chose.
func (d *decision) grow(i int, id string, chosen map[rowID]bool) bool {
	e := d.m.Committed.marker.session(id)
	had := 0
	for _, q := range d.m.Committed.record[id].Renditions {
		for j := range q.Key {
			if !chosen[q.row(j)] {
				return false
			}
			had++
		}
	}
	if d.owned[id] {
		return false
	}
	if had == len(chosen) {
		return true // nothing new was chosen: keepRest takes the committed one
	}
	d.owned[id] = true
	d.add(i, id, e)
	return true
}

// add plans session i under an id.
func (d *decision) add(i int, id string, replaces *MarkerSession) {
	s := &d.m.Timeline.Sessions[i]
	d.taken[id] = true
	formats := d.f.cfg.Formats
	if replaces != nil {
		if had, err := ParseFormats(replaces.Formats); err == nil {
			formats = formats.Union(had)
		}
	}
	ps := PlannedSession{Action: Write, Record: d.record(i, id, formats), Replaces: replaces, Uploaded: s.Uploaded}
	ps.Hash = ps.Record.hash()
	if quiet := d.now.Sub(s.Uploaded); quiet < d.f.cfg.settleAfter() && !d.f.cfg.Force {
		ps.Action = Wait
		ps.Why = fmt.Sprintf("its last upload was %s before now, and %s must pass: run later, or give --force", quiet.Round(time.Second), d.f.cfg.settleAfter())
	}
	d.p.Sessions = append(d.p.Sessions, ps)
}

// status sums up the sessions.
func (d *decision) status() {
	p, wait := d.p, 0
	for _, s := range p.Sessions {
		switch s.Action {
		case Write:
			p.Status = Ready
		case Wait:
			wait++
			p.Why = "session " + s.Record.Session + ": " + s.Why
		}
	}
	switch {
	case p.Status == Ready:
		if wait > 0 {
			p.Why = fmt.Sprintf("%d sessions are not settled yet; %s", wait, p.Why)
		}
	case wait > 0:
		p.Status = NotSettled
	case len(p.Sessions) == 0 && len(d.m.Segments) > 0 && d.now.Sub(d.m.newest()) < d.f.cfg.settleAfter():
		p.Status = NotSettled
		p.Why = "none of its segments can be used yet: run later"
	case len(p.Sessions) == 0 && len(d.m.Segments) > 0:
		p.Status = Refused
		p.Why = d.nothingChosen()
	case len(p.unmade) > 0:
		p.Status, p.Why = Refused, strings.Join(p.unmade, "; ")
	default:
		p.Status = Done
	}
	late := 0
	for _, x := range p.Dropped {
		if x.Reason == timeline.Late {
			late++
		}
	}
	if late > 0 {
		p.Warnings = append(slices.Clone(p.Warnings), "late-segments")
		p.Why = strings.TrimPrefix(p.Why+fmt.Sprintf("; %d segments came too late to be taken into a committed session: they are kept and in no recording", late), "; ")
	}
}

// newest is the latest upload of any listed segment.
func (l *Listing) newest() time.Time {
	var t time.Time
	for _, s := range l.Segments {
		if s.Modified.After(t) {
			t = s.Modified
		}
	}
	return t
}

// nothingChosen explains a recording of which no segment can be taken.
func (d *decision) nothingChosen() string {
	excluded := 0
	for _, x := range d.p.Dropped {
		if x.Reason == timeline.ExcludedSeg {
			excluded++
		}
	}
	if excluded == len(d.p.Dropped) {
		return fmt.Sprintf("--rendition excludes all of its %d segments: look at the globs", excluded)
	}
	var keys []string
	for _, x := range d.p.Dropped {
		if x.Reason != timeline.ExcludedSeg {
			keys = append(keys, store.Printable(x.Key)+" ("+string(x.Reason)+d.detail(&x)+")")
		}
	}
	return fmt.Sprintf("none of its %d segments can be used: %s: look at them with recfin probe", len(d.p.Dropped), joinSome(keys))
}
