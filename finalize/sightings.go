package finalize

import (
	"recfin/finalize/remux"
	"recfin/probe"
)

// sightings gathers what the segments of a rendition show of their pictures, in the
// order of rows. Whoever reads segments says it by them: the plan, and what joins them
// all, which sees more.
type sightings struct {
	rows      int
	dependent bool // a segment does not begin with an IDR, or was not looked at
	unread    bool // a segment was not read, or does not describe its I pictures
	iframes   IFrameColumns
}

// begins takes whether the next segment begins with an IDR; false too where it was not
// looked at.
func (s *sightings) begins(independent bool) {
	s.dependent = s.dependent || !independent
	s.rows++
}

// shows takes the I pictures of the segment that begins took last, read says that all of it was
// read, described that what stands before them suffices for all.
func (s *sightings) shows(frames []probe.IFrame, read, described bool) {
	s.unread = s.unread || !read || len(frames) > 0 && !described
	if !s.unread {
		s.iframes.add(s.rows-1, frames)
	}
}

// tell writes it down. A rendition of which one segment is not known has no I
// pictures: its playlist would leave out what is there.
func (s *sightings) tell(q *RenditionRecord) {
	q.Independent, q.IFrames = s.rows > 0 && !s.dependent, nil
	if !s.unread && len(s.iframes.Row) > 0 {
		q.IFrames = &s.iframes
	}
}

// sighted takes over what joining saw of the segments, all of which it read.
func (q *RenditionRecord) sighted(segments []remux.Measured) {
	var s sightings
	for _, m := range segments {
		s.begins(m.Independent)
		s.shows(m.IFrames, true, m.Described)
	}
	s.tell(q)
}

// oldRow is a segment in the record of a version that is superseded.
type oldRow struct {
	q   *RenditionRecord
	row int
}

// sightedBefore finds the segments of which earlier versions say what they show: what
// is known of them is not read again.
func sightedBefore(before []*Record, rendition string) map[rowID]oldRow {
	known := map[rowID]oldRow{}
	for _, r := range before {
		for i := range r.Renditions {
			q := &r.Renditions[i]
			if q.Name != rendition || !q.Independent && q.IFrames == nil {
				continue
			}
			for row := range q.Key {
				known[q.row(row)] = oldRow{q, row}
			}
		}
	}
	return known
}

// sight takes what is known of a segment: what was read of it today, l and s, or what the
// record of an earlier version says of it.
func (to *sightings) sight(l *look, s stills, old oldRow) {
	to.begins(l != nil && l.independent || l == nil && old.q != nil && old.q.Independent)
	switch {
	case s.read():
		to.shows(s.frames(), true, s.described())
	case old.q != nil && old.q.IFrames != nil:
		to.shows(old.q.IFrames.of(old.row), true, true)
	default:
		to.shows(nil, false, false)
	}
}
