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
	gaps := l.gapsOf(one)
	for i := range l.set.Members {
		m := &l.set.Members[i]
		if i == l.first || m.Media.IFramesOnly || len(m.Media.Segments) == 0 || len(one.Media.Segments) == 0 {
			continue
		}
		r := &l.reports[i]
		if m.OwnSlots || one.OwnSlots {
			gaps = nil
			target := time.Duration(max(m.Media.Target, 1)) * time.Second
			compareParts(r, m.Media, one.Media, tolerances{RuleSetDuration, target, target})
			continue
		}
		compareSlots(r, m.Media, one.Media)
		for k := range gaps {
			gaps[k] = gaps[k] && k < len(m.Media.Segments) && m.Media.Segments[k].Gap
		}
	}
	for k, all := range gaps {
		if all {
			l.reports[l.first].add(RuleSetGapAll, one.Media.Segments[k].Line, "a gap in all renditions")
		}
	}
}

func (l *setReader) gapsOf(m *Member) []bool {
	gaps := make([]bool, len(m.Media.Segments))
	for k := range gaps {
		gaps[k] = m.Media.Segments[k].Gap
	}
	return gaps
}

// compareSlots compares a rendition with one that has the same slots, and notes in r.
func compareSlots(r *report, m, one *MediaText) {
	if m.Discontinuity != one.Discontinuity {
		r.add(RuleSetDiscontinuities, 0, "EXT-X-DISCONTINUITY-SEQUENCE is %d, that of %s is %d", m.Discontinuity, one.Name, one.Discontinuity)
	}
	if len(m.Segments) != len(one.Segments) {
		r.add(RuleSetSlots, 0, "it has %d segments, %s has %d", len(m.Segments), one.Name, len(one.Segments))
		target := time.Duration(max(m.Target, 1)) * time.Second
		compareParts(r, m, one, tolerances{RuleSetDuration, target, target})
		return
	}
	var t, u, apart time.Duration // ends of the slot, and how far apart they were already found
	for k := range m.Segments {
		a, b := &m.Segments[k], &one.Segments[k]
		if a.Discontinuity != b.Discontinuity {
			r.add(RuleSetDiscontinuities, a.Line, "EXT-X-DISCONTINUITY %v, in %s (line %d) %v", a.Discontinuity, one.Name, b.Line, b.Discontinuity)
		}
		if beyond(a.ProgramDateTime, b.ProgramDateTime, dateTolerance) {
			r.add(RuleSetDate, a.Line, "the date is %v after that of %s (line %d)", a.ProgramDateTime.Sub(b.ProgramDateTime), one.Name, b.Line)
		}
		t, u = later(t, a.Duration), later(u, b.Duration)
		if off := t - u; (off - apart).Abs() > slotTolerance {
			rule := RuleSetSlots
			if a.Gap != b.Gap {
				rule = RuleSetGap
			}
			r.add(rule, a.Line, "EXTINF %v ends %v after that of %s (line %d, %v)", a.Duration, off, one.Name, b.Line, b.Duration)
			apart = off
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
