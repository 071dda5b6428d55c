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
		ps := PlannedSession{Action: Keep, Record: c.record[e.ID], Replaces: e, Why: "committed as " + e.Version, Uploaded: d.uploaded[e.ID]}
		again, missing := c.record[e.ID].again(d.f.cfg.Formats, there, written)
		switch {
		case missing != "":
			ps.Why += "; " + d.f.cfg.Formats.String() + " cannot be made, because " + missing + " and perhaps more of its segments are gone"
			d.p.unmade = append(d.p.unmade, "session "+e.ID+": "+ps.Why)
		case again != nil:
			ps.Action, ps.Record, ps.Hash, ps.Why = Write, again, again.hash(), ""
		}
		d.p.Sessions = append(d.p.Sessions, ps)
	}
	sortSessions(d.p.Sessions)
}

// again gives the record to write a session once more, or nil if that is not
// needed; missing names a source that is needed for it and gone.
func (r *Record) again(want Formats, there, written map[objectID]bool) (again *Record, missing string) {
	had, err := ParseFormats(r.Settings.Formats)
	if err != nil {
		return nil, ""
	}
	whole := had.Has(want)
	for _, o := range r.Outputs {
		whole = whole && written[idOf(o.object())]
	}
	if whole {
		return nil, ""
	}
	for i := range r.Renditions {
		for j := range r.Renditions[i].Key {
			if !there[idOf(r.Renditions[i].Object(j))] {
				return nil, store.Printable(r.Renditions[i].Key[j])
			}
		}
	}
	c := *r
	c.Outputs = nil
	c.Settings.Formats = had.Union(want).String()
	return &c, ""
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
			winners := r.winners()
			for j := range r.Dropped.Key {
				if x := r.dropped(j, winners); there[idOf(x.Object)] {
					add(x)
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
	if x.Winner < 0 {
		return out
	}
	winner := d.m.Segments[x.Winner].Object
	out.Kept, out.winner = winner.Key, idOf(winner)
	// Content is what is decoded. Data beside it (ID3, SCTE-35) is lost with a
	// copy unless the winner has the same bytes.
	if lost, has := d.m.Media[x.Segment], d.m.Media[x.Winner]; lost != nil && lost.Data && (has == nil || lost.Sum != has.Sum) {
		out.Leftover = false
	}
	return out
}

func (d *decision) uncertain() {
	seen := map[string]bool{}
	add := func(row UncertainRow) {
		if id := row.What + "\n" + row.Why + "\n" + strings.Join(row.Keys, "\n"); !seen[id] {
			seen[id] = true
			d.p.Uncertain = append(d.p.Uncertain, row)
		}
	}
	for _, u := range d.m.Timeline.Uncertain {
		add(d.uncertainRow(u))
	}
	for _, ps := range d.p.Sessions {
		for _, row := range ps.Record.Uncertain {
			add(row)
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
	case len(p.Sessions) == 0 && len(d.m.Segments) > 0 && d.now.Sub(d.m.newest()) < d.f.cfg.settleAfter():
		p.Status = NotSettled
		p.Why = "none of its segments can be used yet: run later"
	case len(p.Sessions) == 0 && len(d.m.Segments) > 0:
		p.Status = Refused
		p.Why = d.nothingChosen()
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
			keys = append(keys, store.Printable(x.Key)+" ("+string(x.Reason)+d.detail(x.Object)+")")
		}
	}
	return fmt.Sprintf("none of its %d segments can be used: %s: look at them with recfin probe", len(d.p.Dropped), joinSome(keys))
}
