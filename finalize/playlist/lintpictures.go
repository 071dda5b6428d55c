package playlist

import (
	"path"
	"slices"
	"sort"
	"strings"
)

// pictures compares each playlist of I pictures with the media playlist that has
// their segments.
func (l *setReader) pictures() {
	for i := range l.set.Members {
		p := &l.set.Members[i]
		m := l.member(p.Of)
		if !p.Media.IFramesOnly || m == nil || m.Media.IFramesOnly || len(p.Media.Segments) == 0 {
			continue
		}
		r := &l.reports[i]
		compareParts(r, p.Media, m.Media, tolerances{RuleIFrameDuration, slotTolerance, slotTolerance})
		if !relative(p.URI) || !relative(m.URI) {
			continue
		}
		spans := spansOf(m)
		for k := range p.Media.Segments {
			s := &p.Media.Segments[k]
			if s.Gap || s.Range.Length == 0 {
				continue
			}
			if !spans.hold(from(p.URI, s.URI), s.Range) {
				r.add(RuleIFrameObject, s.Line, "%d bytes at %d of %.120q lie in no segment of %s", s.Range.Length, s.Range.Offset, s.URI, m.Media.Name)
			}
		}
	}
}

// span is what a segment has of an object, or its init segment.
type span struct {
	uri  string // from where the multivariant playlist is
	part ByteRange
}

// spans are sorted by object and place.
type spans []span

func spansOf(m *Member) spans {
	all := make(spans, 0, len(m.Media.Segments))
	for i := range m.Media.Segments {
		if s := &m.Media.Segments[i]; !s.Gap {
			all = append(all, span{from(m.URI, s.URI), s.Range})
		}
	}
	slices.SortStableFunc(all, func(a, b span) int {
		if c := strings.Compare(a.uri, b.uri); c != 0 {
			return c
		}
		return int(min(max(a.part.Offset-b.part.Offset, -1), 1))
	})
	return all
}

// hold reports whether a range lies within one segment.
func (all spans) hold(uri string, part ByteRange) bool {
	n := sort.Search(len(all), func(i int) bool {
		return all[i].uri > uri || all[i].uri == uri && all[i].part.Offset > part.Offset
	})
	return n > 0 && all[n-1].uri == uri && endOf(part) <= endOf(all[n-1].part)
}

// relative reports whether a reference is relative to the folder of its playlist.
func relative(uri string) bool { return schemeOf(uri) == "" && !strings.HasPrefix(uri, "/") }

// from gives a reference that stands in a playlist as it would stand in the one that
// names the playlist.
func from(base, uri string) string {
	if !relative(uri) {
		return uri
	}
	name, query, asked := strings.Cut(uri, "?")
	name = path.Join(path.Dir(base), name)
	if asked {
		name += "?" + query
	}
	return name
}
