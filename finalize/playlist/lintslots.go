package playlist

import "time"

// dateTolerance is how far dates may lie apart that are one date, cut to
// milliseconds.
const dateTolerance = time.Millisecond

// renditions compares all renditions with the first one.
func (l *setReader) renditions() {
	if l.first < 0 {
		return
	}
	one := &l.set.Members[l.first]
	shared := []int{l.first} // those that have the same slots
	for i := range l.set.Members {
		m := &l.set.Members[i]
		if i == l.first || m.Media.IFramesOnly || len(m.Media.Segments) == 0 || len(one.Media.Segments) == 0 {
			continue
		}
		r := &l.reports[i]
		if m.Media.Discontinuity != one.Media.Discontinuity {
			r.add(RuleSetDiscontinuities, 0, "EXT-X-DISCONTINUITY-SEQUENCE is %d, that of %s is %d", m.Media.Discontinuity, one.Media.Name, one.Media.Discontinuity)
		}
		if apart := m.OwnSlots || one.OwnSlots; !apart && len(m.Media.Segments) == len(one.Media.Segments) {
			shared = append(shared, i)
			continue
		} else if !apart {
			r.add(RuleSetCount, 0, "it has %d segments, %s has %d", len(m.Media.Segments), one.Media.Name, len(one.Media.Segments))
		}
		compareParts(r, m.Media, one.Media, l.partTolerances())
	}
	l.gaps(shared)
	for _, i := range shared[1:] {
		l.compareSlots(i)
	}
}

// partTolerances: content of one rendition that another lacks stands at its begin or
// end and lasts at most as long as the target duration (RFC 8216 §6.2.4), and a
// discontinuity inside a segment stands at the nearest boundary.
func (l *setReader) partTolerances() tolerances {
	target := time.Duration(max(l.set.Members[l.first].Media.Target, 1)) * time.Second
	return tolerances{RuleSetDuration, target, target}
}

// gaps: a gap lasts as long as the segment that it stands beside in some rendition.
func (l *setReader) gaps(shared []int) {
	all := l.renditionCount()
	for k := range l.set.Members[l.first].Media.Segments {
		missing := 0
		for _, i := range shared {
			if l.set.Members[i].Media.Segments[k].Gap {
				missing++
			}
		}
		switch {
		case missing == 0:
		case missing == all:
			l.reports[l.first].add(RuleSetGapAll, l.set.Members[l.first].Media.Segments[k].Line, "a gap in all renditions")
		case missing < len(shared):
			for _, i := range shared {
				if s := &l.set.Members[i].Media.Segments[k]; s.Gap && !l.beside(shared, k, s.Duration) {
					l.reports[i].add(RuleSetGap, s.Line, "a gap of %v, and no segment beside it lasts as long", s.Duration)
				}
			}
		}
	}
}

// beside reports whether a rendition has a segment at a slot that lasts as long.
func (l *setReader) beside(shared []int, slot int, d time.Duration) bool {
	for _, i := range shared {
		if s := &l.set.Members[i].Media.Segments[slot]; !s.Gap && (s.Duration-d).Abs() <= slotTolerance {
			return true
		}
	}
	return false
}

// renditionCount is how many members are no lists of pictures.
func (l *setReader) renditionCount() int {
	n := 0
	for i := range l.set.Members {
		if !l.set.Members[i].Media.IFramesOnly {
			n++
		}
	}
	return n
}

// slotsApart is how far apart the ends of one slot may lie, counted from the begin of
// its part: both boundaries may be off, one this way and one that way.
const slotsApart = 2 * slotTolerance

// compareSlots compares a rendition, slot by slot, with the first one. Inside of a
// part its boundaries lie where those of the other lie; the last segments of a part
// may end apart, which the part behind mends.
func (l *setReader) compareSlots(i int) {
	r, m, one := &l.reports[i], l.set.Members[i].Media, l.set.Members[l.first].Media
	most := l.partTolerances().lasts
	var t, u, apart time.Duration // ends of the slot in its part, and how far apart they were already found
	for k := range m.Segments {
		a, b := &m.Segments[k], &one.Segments[k]
		if a.Discontinuity != b.Discontinuity {
			r.add(RuleSetDiscontinuities, a.Line, "EXT-X-DISCONTINUITY %v, in %s (line %d) %v", a.Discontinuity, one.Name, b.Line, b.Discontinuity)
		}
		if beyond(a.ProgramDateTime, b.ProgramDateTime, dateTolerance) {
			r.add(RuleSetDate, a.Line, "the date is %v after that of %s (line %d)", a.ProgramDateTime.Sub(b.ProgramDateTime), one.Name, b.Line)
		}
		t, u = later(t, a.Duration), later(u, b.Duration)
		ends := k+1 == len(m.Segments) || one.Segments[k+1].Discontinuity
		if off := t - u; (off - apart).Abs() > slotsApart {
			apart = off
			switch {
			case ends && off.Abs() > most:
				r.add(RuleSetDuration, a.Line, "what ends here lasts %v, in %s (line %d) %v", t, one.Name, b.Line, u)
			case a.Gap != b.Gap: // see gaps
			case ends:
				r.add(RuleSetEnds, a.Line, "it ends %v after %s (line %d)", off, one.Name, b.Line)
			default:
				r.add(RuleSetSlots, a.Line, "EXTINF %v ends %v after that of %s (line %d, %v)", a.Duration, off, one.Name, b.Line, b.Duration)
			}
		}
		if ends {
			t, u, apart = 0, 0, 0
		}
	}
}

// beyond reports whether two dates, where both are known, lie too far apart.
func beyond(a, b time.Time, most time.Duration) bool {
	return !a.IsZero() && !b.IsZero() && a.Sub(b).Abs() > most
}

// tolerances are how far parts may differ, and the rule that is broken otherwise.
type tolerances struct {
	rule        Rule
	lasts, date time.Duration
}

// compareParts compares two playlists from one discontinuity to the next.
func compareParts(r *report, m, one *MediaText, t tolerances) {
	a, b := partsOf(m), partsOf(one)
	if len(a) != len(b) {
		r.add(RuleSetDiscontinuities, 0, "it has %d discontinuities, %s has %d", len(a)-1, one.Name, len(b)-1)
		if d, e := m.Duration(), one.Duration(); (d - e).Abs() > t.lasts {
			r.add(t.rule, 0, "it lasts %v, %s %v", d, one.Name, e)
		}
		return
	}
	for k := range a {
		s, u := &m.Segments[a[k].segment], &one.Segments[b[k].segment]
		if (a[k].lasts - b[k].lasts).Abs() > t.lasts {
			r.add(t.rule, s.Line, "what begins here lasts %v, in %s (line %d) %v", a[k].lasts, one.Name, u.Line, b[k].lasts)
		}
		if beyond(s.ProgramDateTime, u.ProgramDateTime, t.date) {
			r.add(RuleSetDate, s.Line, "the date is %v after that of %s (line %d)", s.ProgramDateTime.Sub(u.ProgramDateTime), one.Name, u.Line)
		}
	}
}
