package playlist

import (
	"slices"
	"time"
)

// Member is one playlist of a session, with what only the caller knows of it.
type Member struct {
	URI   string     // as the multivariant playlist names it; empty: it does not
	Media *MediaText // what [ParseMedia] gave; nil: it could not be had
	// Sizes has the bytes of the object of each segment, below 0 where they are not
	// known. nil: none is known. A segment with a byte range needs none.
	Sizes []int64
	// OwnSlots: its segments have other boundaries than those of the other
	// renditions, as sound of its own has. It shares only start, end and
	// discontinuities.
	OwnSlots bool
	// Of is the URI of the member whose I pictures this one lists; empty: it lists
	// segments.
	Of string
}

// Set is all that a client finds behind one multivariant playlist.
type Set struct {
	Multi   *MultiText // nil: there is none
	Members []Member
}

// setReader compares the playlists of a set.
type setReader struct {
	set     Set
	multi   report
	reports []report
	byURI   map[string]int // members
	first   int            // the rendition that the others are compared with, -1: none
}

// Lint compares the playlists of a session with each other (RFC 8216 §6.2.4) and with
// what the multivariant playlist says of them. Findings of the multivariant playlist
// come first, then those of the members in their order, each by line.
//
// Two playlists that differ do not tell which of them is wrong: a finding stands at the
// later one, and its text names the other.
func Lint(set Set) []Finding {
	set.Members = slices.DeleteFunc(slices.Clone(set.Members), func(m Member) bool { return m.Media == nil })
	l := &setReader{set: set, reports: make([]report, len(set.Members)), byURI: map[string]int{}, first: -1}
	if set.Multi != nil {
		l.multi.name = set.Multi.Name
	}
	for i := range set.Members {
		m := &set.Members[i]
		l.reports[i].name = m.Media.Name
		if m.URI != "" {
			l.byURI[m.URI] = i
		}
		if l.first < 0 && !m.Media.IFramesOnly && !m.OwnSlots {
			l.first = i
		}
	}
	for i := 0; l.first < 0 && i < len(set.Members); i++ {
		if !set.Members[i].Media.IFramesOnly {
			l.first = i
		}
	}
	l.kinds()
	l.targets()
	l.dates()
	l.renditions()
	l.pictures()
	l.bandwidths()
	l.version()
	all := l.multi.all()
	for i := range l.reports {
		all = append(all, l.reports[i].all()...)
	}
	return all
}

// member gives the playlist that a URI of the multivariant playlist leads to, or nil.
func (l *setReader) member(uri string) *Member {
	if i, ok := l.byURI[uri]; ok && uri != "" {
		return &l.set.Members[i]
	}
	return nil
}

// kinds: what is announced as I pictures is a playlist of them, and nothing else is.
func (l *setReader) kinds() {
	if l.set.Multi == nil {
		return
	}
	check := func(uri string, line int, pictures bool) {
		if m := l.member(uri); m != nil && m.Media.IFramesOnly != pictures {
			l.multi.add(RuleSetKind, line, "%.120q leads to a playlist with EXT-X-I-FRAMES-ONLY %v", uri, m.Media.IFramesOnly)
		}
	}
	for _, v := range l.set.Multi.Variants {
		check(v.URI, v.Line, false)
	}
	for _, q := range l.set.Multi.Media {
		check(q.URI, q.Line, false)
	}
	for _, v := range l.set.Multi.IFrames {
		check(v.URI, v.Line, true)
	}
}

// targets: the target duration is that of the longest segment, in all renditions.
// Playlists of I pictures may have their own.
func (l *setReader) targets() {
	if l.first < 0 {
		return
	}
	one := l.set.Members[l.first].Media
	longest := int64(1)
	for i := range l.set.Members {
		m := l.set.Members[i].Media
		if m.IFramesOnly {
			continue
		}
		if m.Target != one.Target && m.Target > 0 && one.Target > 0 {
			l.reports[i].add(RuleSetTarget, 0, "the target duration is %d s, that of %s is %d s", m.Target, one.Name, one.Target)
			longest = max(longest, int64(one.Target)) // one finding is enough
		}
		for k := range m.Segments {
			longest = max(longest, nearest(m.Segments[k].Duration))
		}
	}
	if l.complete() && int64(one.Target) > longest {
		l.reports[l.first].add(RuleSetTargetHigh, 0, "the target duration is %d s, the longest segment of all renditions %d s", one.Target, longest)
	}
}

// complete reports whether all renditions that the multivariant playlist names are
// there.
func (l *setReader) complete() bool {
	if l.set.Multi == nil {
		return false
	}
	for _, v := range l.set.Multi.Variants {
		if l.member(v.URI) == nil {
			return false
		}
	}
	for _, q := range l.set.Multi.Media {
		if q.URI != "" && l.member(q.URI) == nil {
			return false
		}
	}
	return true
}

// dates: all playlists have dates, or none.
func (l *setReader) dates() {
	with := -1
	for i := range l.set.Members {
		if dated(l.set.Members[i].Media) {
			with = i
			break
		}
	}
	if with < 0 {
		return
	}
	for i := range l.set.Members {
		if m := l.set.Members[i].Media; !dated(m) && len(m.Segments) > 0 {
			l.reports[i].add(RuleSetDateMissing, 0, "it has no EXT-X-PROGRAM-DATE-TIME, and %s has", l.set.Members[with].Media.Name)
		}
	}
}

func dated(m *MediaText) bool {
	for i := range m.Segments {
		if m.Segments[i].dated {
			return true
		}
	}
	return false
}

// version: that of the multivariant playlist may be what its media need, or 4 with
// groups and I pictures (RFC 8216 §7), and otherwise what it needs itself.
func (l *setReader) version() {
	m := l.set.Multi
	if m == nil {
		return
	}
	enough := max(m.needs, 3)
	if len(m.Media)+len(m.IFrames) > 0 {
		enough = max(enough, 4)
	}
	for i := range l.set.Members {
		enough = max(enough, l.set.Members[i].Media.Version)
	}
	if m.Version > enough {
		l.multi.add(RuleVersionHigh, 0, "the version is %d, it and its media need %d", m.Version, enough)
	}
}

// part is what lies between two discontinuities.
type part struct {
	segment int // the first one
	lasts   time.Duration
}

// partsOf gives the parts of a playlist. A discontinuity before its first segment
// begins none.
func partsOf(m *MediaText) []part {
	var parts []part
	for i := range m.Segments {
		s := &m.Segments[i]
		if i == 0 || s.Discontinuity {
			parts = append(parts, part{segment: i})
		}
		p := &parts[len(parts)-1]
		p.lasts = later(p.lasts, s.Duration)
	}
	return parts
}
