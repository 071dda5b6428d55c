package finalize

import (
	"slices"
	"strings"

	"recfin/finalize/timeline"
	"recfin/store"
)

// drop lists what is not in the recording, from the timeline and from the
// records of the sessions that stand.
func (d *decision) drop(late map[int]bool) {
	all := d.leftOut(late)
	if len(all) == 0 {
		return
	}
	done := make(map[rowID]bool, len(all)) // chosen, or listed already
	for i := range all {
		done[all[i].id()] = false
	}
	for _, ps := range d.p.Sessions {
		ps.Record.mark(done)
	}
	for i := range all {
		if id := all[i].id(); !done[id] {
			done[id] = true
			d.p.Dropped = append(d.p.Dropped, all[i])
		}
	}
	sortDropped(d.p.Dropped)
}

// leftOut is what may not be in the recording, and why: of several that say something of
// one segment the first has it, and what is chosen is not left out.
func (d *decision) leftOut(late map[int]bool) []Dropped {
	var all []Dropped
	for _, o := range d.m.Condemned {
		if x := d.m.Committed.dead[idOf(o)]; x.Reason != "" {
			all = append(all, x)
		}
	}
	stands := d.standing()
	for _, ps := range d.p.Sessions {
		if r := ps.Record; ps.Action == Keep || ps.Replaces != nil {
			winners := r.winners()
			for j := range r.Dropped.Key {
				x := r.Dropped.dropped(j, winners)
				if x.of, x.MP4Takes = r.Session, r.fills(x.id()); stands(&x) {
					all = append(all, x)
				}
			}
		}
	}
	for _, x := range d.m.Timeline.Dropped {
		all = append(all, d.dropped(x))
	}
	for i := range d.m.Timeline.Sessions {
		if late[i] {
			all = d.tooLateAll(all, i)
		}
	}
	if c := d.m.Committed; c != nil {
		for i := range c.seen {
			if stands(&c.seen[i]) {
				all = append(all, c.seen[i])
			}
		}
	}
	for i := range d.m.Segments {
		if s := &d.m.Segments[i]; d.m.noNews(i) {
			all = append(all, Dropped{Object: s.Object(), Part: s.Range(), Reason: d.m.plain(i), news: true})
		}
	}
	return all
}

// standing gives a function that reports whether a drop of the marker is there and a
// fact.
func (d *decision) standing() func(*Dropped) bool {
	if d.m.Committed == nil {
		return func(*Dropped) bool { return false }
	}
	there := &presence{segments: d.m.Segments}
	return func(x *Dropped) bool { return there.has(idOf(x.Object)) && !d.m.Committed.opened(x.id()) }
}

// tooLateAll adds the segments of session i of the timeline, which came too late.
func (d *decision) tooLateAll(all []Dropped, i int) []Dropped {
	for _, r := range d.m.Timeline.Sessions[i].Renditions {
		for _, p := range r.Picks {
			if p.Segment < 0 {
				continue
			}
			seg := &d.m.Segments[p.Segment]
			all = append(all, Dropped{Object: seg.Object(), Part: seg.Range(), Reason: timeline.Late, Why: d.tooLate(i), of: d.of[i]})
		}
	}
	return all
}

func (d *decision) dropped(x timeline.Drop) Dropped {
	s := &d.m.Segments[x.Segment]
	out := Dropped{Object: s.Object(), Part: s.Range(), Reason: x.Reason, Why: fillWhy(x.Why, x.Fill), Leftover: x.Leftover && s.Range().Length == 0}
	out.around = d.m.around(x.Segment, x.Reason)
	if x.Fill != nil {
		out.MP4Takes = x.Fill.Uncovered
	}
	if out.Why == "" && (x.Reason == timeline.UndecodableSeg || x.Reason == timeline.UnreadableSeg) {
		out.Why = d.fault(s)
	}
	_, known := d.known.dropped[s.id()]
	out.news = !known && x.Session < 0
	out.of = d.of[x.Session]
	if x.Winner < 0 {
		return out
	}
	winner := d.m.Segments[x.Winner].Object()
	out.Kept, out.winner = winner.Key, idOf(winner)
	out.Leftover = out.Leftover && !d.losesData(x) && !d.madeEqual(x)
	if out.Leftover && s.namedBy != 0 {
		out.Leftover = false
		out.Why = strings.TrimPrefix(out.Why+"; it stays, because "+store.Printable(d.m.Sidecars[s.namedBy-1].Key)+" names it", "; ")
	}
	return out
}

// undecided lists the segments of a damaged recording of which nothing else is
// said: other versions of what is lost, and what is new.
func (d *decision) undecided(lost []string) {
	said := map[rowID]bool{}
	for _, ps := range d.p.Sessions {
		ps.Record.rows(said)
	}
	for i := range d.p.Dropped {
		said[d.p.Dropped[i].id()] = true
	}
	for i := range d.m.Segments {
		s := &d.m.Segments[i]
		if said[s.id()] {
			continue
		}
		x := Dropped{Object: s.Object(), Part: s.Range(), Reason: timeline.Late, Why: "the recording is damaged: nothing of it is decided before that is mended"}
		if _, changed := slices.BinarySearch(lost, s.Key); changed {
			x.Reason, x.Why = timeline.Changed, "a finished session has another version of it"
		}
		d.p.Dropped = append(d.p.Dropped, x)
	}
	sortDropped(d.p.Dropped)
}

// losesData reports whether something is lost with a copy. Content is what is
// decoded; data beside it (ID3, SCTE-35) is lost with it unless the winner has
// the same bytes.
func (d *decision) losesData(x timeline.Drop) bool {
	lost, has := d.m.looks[x.Segment], d.m.looks[x.Winner]
	return lost != nil && lost.data && (has == nil || lost.sum != has.sum)
}

// madeEqual reports whether a copy is one only by names that a setting made
// equal (--rename, --as). They may have been different things: there content
// alone proves a copy, not number and time.
func (d *decision) madeEqual(x timeline.Drop) bool {
	if x.Reason == timeline.Identical || x.Reason == timeline.Truncated {
		return false
	}
	lost, has := &d.m.Segments[x.Segment], &d.m.Segments[x.Winner]
	return lost.Recording != has.Recording || len(d.f.cfg.Renames) > 0 && d.called(lost) != d.called(has)
}

// called is the rendition as the key has it.
func (d *decision) called(s *Segment) string {
	for _, l := range d.f.cfg.Layouts {
		if fields, ok := l.Match(s.Key); ok {
			return fields.Rendition
		}
	}
	return ""
}

// tooLate says to a person why the segments of session i of the timeline are in
// no recording.
func (d *decision) tooLate(i int) string {
	return "session " + d.of[i] + " is finished and cannot be made again with it"
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
