package finalize

import (
	"fmt"
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
	chosen := map[objectID]bool{}
	owners, losers := map[string]bool{}, map[string]bool{}
	for _, r := range s.Renditions {
		for _, p := range r.Picks {
			if p.Segment >= 0 {
				id := idOf(d.m.Segments[p.Segment].Object)
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
		d.add(i, sessionID(s.Start, d.taken), nil)
		return true
	}
	for id := range owners {
		delete(losers, id) // what a session dropped itself it may take when it grows
		return len(owners) == 1 && len(losers) == 0 && d.grow(i, id, chosen)
	}
	return false
}

// overlaps reports whether a session lies inside the bounds of a committed one,
// widened by the session gap: it belongs there, and there nothing is left to
// extend.
func (d *decision) overlaps(s *timeline.Session) bool {
	if d.m.Committed == nil {
		return false
	}
	for _, e := range d.m.Committed.marker.Sessions {
		gap := d.f.cfg.SessionGap
		if !s.Start.After(e.End.Add(gap)) && !s.End.Before(e.Start.Add(-gap)) {
			return true
		}
	}
	return false
}

// grow takes session i as the successor of a committed one, if it holds all
// that the committed one chose.
func (d *decision) grow(i int, id string, chosen map[objectID]bool) bool {
	e := d.m.Committed.marker.session(id)
	had := 0
	for _, q := range d.m.Committed.record[id].Renditions {
		for j := range q.Key {
			if !chosen[idOf(q.Object(j))] {
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

// keepRest keeps every committed session that nothing grows. One that lacks a
// wanted format, or of which an output is gone, is written again from what was
// decided then, as long as its sources are there.
func (d *decision) keepRest() {
	c := d.m.Committed
	if c == nil {
		return
	}
	there := map[objectID]bool{}
	for _, s := range d.m.Segments {
		there[idOf(s.Object)] = true
	}
	written := map[objectID]bool{}
	for _, o := range d.m.Outputs {
		written[idOf(o)] = true
	}
	for i := range c.marker.Sessions {
		e := &c.marker.Sessions[i]
		if d.owned[e.ID] {
			continue
		}
		ps := PlannedSession{Action: Keep, Record: c.record[e.ID], Replaces: e, Why: "committed as " + e.Version}
		if again := c.record[e.ID].again(d.f.cfg.Formats, there, written); again != nil {
			ps.Action, ps.Record, ps.Hash, ps.Why = Write, again, again.hash(), ""
		}
		d.p.Sessions = append(d.p.Sessions, ps)
	}
	sortSessions(d.p.Sessions)
}

// again gives the record to write a session once more, or nil if that is not
// needed or its sources are not all there.
func (r *Record) again(want Formats, there, written map[objectID]bool) *Record {
	had, err := ParseFormats(r.Settings.Formats)
	if err != nil {
		return nil
	}
	whole := had.Has(want)
	for _, o := range r.Outputs {
		whole = whole && written[idOf(o.object())]
	}
	if whole {
		return nil
	}
	for i := range r.Renditions {
		for j := range r.Renditions[i].Key {
			if !there[idOf(r.Renditions[i].Object(j))] {
				return nil
			}
		}
	}
	again := *r
	again.Outputs = nil
	again.Settings.Formats = had.Union(want).String()
	return &again
}

// drop lists what is not in the recording, from the timeline and from the
// records of the sessions that stand.
func (d *decision) drop(late map[int]bool) {
	done := map[objectID]bool{} // chosen, or listed already
	for _, ps := range d.p.Sessions {
		ps.Record.chosen(done)
	}
	add := func(x Dropped) {
		if id := idOf(x.Object); !done[id] {
			done[id] = true
			d.p.Dropped = append(d.p.Dropped, x)
		}
	}
	for _, o := range d.m.Condemned {
		if x := d.m.Committed.dead[idOf(o)]; x.Reason != "" {
			add(x)
		}
	}
	there := map[objectID]bool{}
	for _, s := range d.m.Segments {
		there[idOf(s.Object)] = true
	}
	for _, ps := range d.p.Sessions {
		if r := ps.Record; ps.Action == Keep || ps.Replaces != nil {
			for j := range r.Dropped.Key {
				if o := r.Dropped.Object(j); there[idOf(o)] {
					add(Dropped{Object: o, Reason: r.Dropped.Reason[j], Kept: r.Dropped.Kept[j], Leftover: r.Dropped.Leftover[j]})
				}
			}
		}
	}
	for _, x := range d.m.Timeline.Dropped {
		add(d.dropped(x))
	}
	for i, s := range d.m.Timeline.Sessions {
		if !late[i] {
			continue
		}
		for _, r := range s.Renditions {
			for _, p := range r.Picks {
				if p.Segment < 0 {
					continue
				}
				add(Dropped{Object: d.m.Segments[p.Segment].Object, Reason: timeline.Late})
			}
		}
	}
	sortDropped(d.p.Dropped)
}

func (d *decision) dropped(x timeline.Drop) Dropped {
	out := Dropped{Object: d.m.Segments[x.Segment].Object, Reason: x.Reason, Leftover: x.Leftover}
	if x.Winner >= 0 {
		out.Kept = d.m.Segments[x.Winner].Key
	}
	return out
}

func (d *decision) uncertain() {
	for _, u := range d.m.Timeline.Uncertain {
		d.p.Uncertain = append(d.p.Uncertain, d.uncertainRow(u))
	}
	if len(d.m.Timeline.Sessions) == 0 {
		for _, ps := range d.p.Sessions {
			d.p.Uncertain = append(d.p.Uncertain, ps.Record.Uncertain...)
		}
	}
}

func (d *decision) uncertainRow(u timeline.Uncertainty) UncertainRow {
	row := UncertainRow{What: u.What, Why: u.Why}
	for _, i := range u.Segments {
		row.Keys = append(row.Keys, d.m.Segments[i].Key)
	}
	return row
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
	case len(p.Sessions) == 0 && len(d.m.Segments) > 0:
		p.Status = Refused
		p.Why = d.nothingChosen()
	default:
		p.Status = Done
	}
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
			keys = append(keys, store.Printable(x.Key)+" ("+string(x.Reason)+d.detail(x.Object)+")")
		}
	}
	return fmt.Sprintf("none of its %d segments can be used: %s: look at them with recfin probe", len(d.p.Dropped), joinSome(keys))
}
