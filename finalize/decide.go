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
	f       *Finalizer
	m       *Measured
	p       *Plan
	now     time.Time
	known   known
	owned   map[string]bool // committed sessions that a session of the timeline took up
	taken   map[string]bool // session ids in use
	of      map[int]string  // by session of the timeline: the session that it is, or came too late for
	refused string          // why nothing may be written
	// uploaded is the latest upload of anything that the timeline or the marker counts
	// to a committed session, chosen or not.
	uploaded map[string]time.Time
}

func (d *decision) run() {
	if c := d.m.Committed; c != nil {
		for i := range c.marker.Sessions {
			for _, id := range c.marker.Sessions[i].ids() {
				d.taken[id] = true
			}
		}
	}
	d.known.uploads(d.m.Segments, d.now, d.uploaded)
	late := map[int]bool{} // sessions of the timeline that came too late
	for i := range d.m.Timeline.Sessions {
		if !d.session(i) {
			late[i] = true
		}
	}
	d.keepRest()
	d.limit()
	d.reused()
	d.drop(late)
	d.uncertain()
	d.handovers()
	d.status()
	if len(d.p.Advice()) > 0 {
		d.p.Warnings = append(slices.Clone(d.p.Warnings), unusable)
	}
}

// session decides on one session of the timeline. It reports false if its
// segments came too late to be taken.
func (d *decision) session(i int) bool {
	s := &d.m.Timeline.Sessions[i]
	if d.m.Committed == nil {
		d.add(i, sessionID(d.begins(s), d.taken), nil)
		return true
	}
	chosen := map[rowID]bool{}
	owners, losers := map[string]bool{}, map[string]bool{}
	for _, r := range s.Renditions {
		for _, p := range r.Picks {
			if p.Segment >= 0 {
				id := d.m.Segments[p.Segment].id()
				chosen[id] = true
				if owner, ok := d.known.chosen[id]; ok {
					owners[owner] = true
				} else if loser, ok := d.known.dropped[id]; ok && loser != "" {
					losers[loser] = true
				}
			}
		}
	}
	inside := d.overlaps(s)
	if len(owners) == 0 && len(losers) == 0 && inside == "" {
		d.add(i, sessionID(d.begins(s), d.taken), nil)
		return true
	}
	for id := range owners {
		if up := d.lastUpload(i); up.After(d.uploaded[id]) {
			d.uploaded[id] = up
		}
		delete(losers, id) // what a session dropped itself it may take when it grows
	}
	switch {
	case len(owners) > 0:
		d.of[i] = slices.Min(sortedNames(owners))
	case inside != "":
		d.of[i] = inside
	default:
		d.of[i] = slices.Min(sortedNames(losers))
	}
	return len(owners) > 0 && len(losers) == 0 && d.grow(i, d.entries(owners), chosen)
}

// entries are committed sessions by their ids, in order of time.
func (d *decision) entries(ids map[string]bool) []*MarkerSession {
	var out []*MarkerSession
	sessions := d.m.Committed.marker.Sessions
	for i := range sessions {
		if ids[sessions[i].ID] {
			out = append(out, &sessions[i])
		}
	}
	slices.SortStableFunc(out, func(a, b *MarkerSession) int { return a.Start.Compare(b.Start) })
	return out
}

// begins is what names a session: its start, or the midnight that it follows
// where a session before it was cut there, be it today or when that was
// committed.
func (d *decision) begins(s *timeline.Session) time.Time {
	if !s.From.IsZero() {
		return s.From
	}
	if c := d.m.Committed; c != nil {
		for _, e := range c.marker.Sessions {
			until := c.record[e.ID].Until
			if until != nil && !s.Start.Before(*until) && s.Start.Sub(*until) <= d.f.cfg.SessionGap {
				return *until
			}
		}
	}
	return s.Start
}

// overlaps gives the committed session inside the bounds of which, widened by
// the session gap, a session lies: it belongs there, and there nothing is left
// to extend. Empty: there is none.
func (d *decision) overlaps(s *timeline.Session) string {
	if d.m.Committed == nil {
		return ""
	}
	stands := map[string]bool{} // of these the timeline knew, and told this one from them
	for i := range d.m.Segments {
		stands[d.known.chosen[d.m.Segments[i].id()]] = !d.m.torn[d.known.chosen[d.m.Segments[i].id()]]
	}
	for id := range d.m.Committed.final {
		stands[id] = false // what the timeline knew of it is not all that there was
	}
	for _, e := range d.m.Committed.marker.Sessions {
		gap := d.f.cfg.SessionGap
		until := d.m.Committed.record[e.ID].Until
		if stands[e.ID] || until != nil && !s.Start.Before(*until) {
			continue
		}
		if !s.Start.After(e.End.Add(gap)) && !s.End.Before(e.Start.Add(-gap)) {
			return e.ID
		}
	}
	return ""
}

// grow takes session i as the successor of committed ones, if it holds all that
// they chose or something better in its place. Of several, which something new
// joins, the first has the others from now on.
func (d *decision) grow(i int, entries []*MarkerSession, chosen map[rowID]bool) bool {
	replaced := d.replaced(i, chosen)
	had := 0
	for k, e := range entries {
		if d.owned[e.ID] || k > 0 && !d.apart(entries[k-1], e) {
			return false
		}
		for _, q := range d.m.Committed.record[e.ID].Renditions {
			for j := range q.Key {
				row := q.row(j)
				if !chosen[row] && !replaced[row] {
					return false
				}
				if chosen[row] {
					had++
				}
			}
		}
	}
	if had == len(chosen) || len(replaced) > 0 && !d.news(chosen) {
		return true // nothing new was chosen: keepRest takes the committed ones
	}
	for _, e := range entries {
		d.owned[e.ID] = true
	}
	d.add(i, entries[0].ID, entries)
	return true
}

// apart reports whether two committed sessions were told apart by a gap that
// today's settings see too. What was cut at a midnight, or by a shorter session
// gap, stays as it was decided.
func (d *decision) apart(a, b *MarkerSession) bool {
	return d.m.Committed.record[a.ID].Until == nil && b.Start.Sub(a.End) > d.f.cfg.SessionGap
}

// replaced are the segments in the place of which session i has a copy that is
// proved to hold all of them.
func (d *decision) replaced(i int, chosen map[rowID]bool) map[rowID]bool {
	out := map[rowID]bool{}
	for _, x := range d.m.Timeline.Dropped {
		if x.Session != i || x.Winner < 0 || !x.Leftover || d.losesData(x) {
			continue
		}
		s, w := &d.m.Segments[x.Segment], &d.m.Segments[x.Winner]
		if chosen[w.id()] && s.Rendition == w.Rendition {
			out[s.id()] = true
		}
	}
	return out
}

// news reports whether the marker does not know one of the segments at all.
func (d *decision) news(rows map[rowID]bool) bool {
	for row := range rows {
		if _, known := d.known.objects[row.objectID]; !known {
			return true
		}
	}
	return false
}

// add plans session i under an id, in the place of committed ones or as a new
// one.
func (d *decision) add(i int, id string, replaces []*MarkerSession) {
	s := &d.m.Timeline.Sessions[i]
	d.taken[id], d.of[i] = true, id
	formats := d.f.cfg.Formats
	ps := PlannedSession{Action: Write, Uploaded: d.lastUpload(i)}
	for k, e := range replaces {
		if had, err := ParseFormats(e.Formats); err == nil {
			formats = formats.Union(had)
		}
		if k == 0 {
			ps.Replaces = e
		} else {
			ps.Absorbs = append(ps.Absorbs, e)
		}
	}
	ps.Record = d.record(i, &ps, id, formats)
	ps.Record.guessed = d.guessed(i)
	ps.Hash = ps.Record.hash()
	if quiet := d.quiet(s, ps.Uploaded); quiet < d.f.cfg.settleAfter() && !d.f.cfg.Force {
		ps.Action, ps.Why = Wait, settling(quiet, d.f.cfg.settleAfter())
	}
	d.p.Sessions = append(d.p.Sessions, ps)
}

// quiet is for how long a session has been over: since its last upload or, where
// it was cut at a midnight, since that.
func (d *decision) quiet(s *timeline.Session, last time.Time) time.Duration {
	if !s.Until.IsZero() {
		return d.now.Sub(s.Until)
	}
	return d.now.Sub(last)
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
	case d.refused != "":
		p.Status, p.Why = Refused, d.refused
	case p.Status == Ready:
		if wait > 0 {
			p.Why = fmt.Sprintf("%s not settled yet; %s", sessionsAre(wait), p.Why)
		}
	case wait > 0:
		p.Status = NotSettled
	case len(p.Sessions) == 0 && len(d.m.Segments) > 0 && d.now.Sub(d.m.newest(d.now)) < d.f.cfg.settleAfter():
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
	for _, s := range p.Sessions {
		if r := s.Record; s.Action == Wait && r.Until == nil && r.End.Sub(r.Start) > endless {
			p.Warnings = append(slices.Clone(p.Warnings), "endless")
			p.Why += fmt.Sprintf("; session %s has been on air for %s, and nothing of it is finished before it ends: --split midnight cuts it at every midnight", r.Session, r.End.Sub(r.Start).Round(time.Hour))
		}
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

// sessionsAre begins a sentence on n sessions.
func sessionsAre(n int) string {
	if n == 1 {
		return "1 session is"
	}
	return fmt.Sprintf("%d sessions are", n)
}

// endless is for how long a session may be on air before it is called endless.
const endless = 48 * time.Hour

// newest is the latest upload of any listed segment, as far as settling goes.
func (l *Listing) newest(now time.Time) time.Time {
	var t time.Time
	for i := range l.Segments {
		if at := l.Segments[i].Modified(); at.After(t) && !far(at, now) {
			t = at
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
