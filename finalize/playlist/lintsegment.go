package playlist

import (
	"strings"
	"time"
)

// segmentTag takes a tag of the segment to come (RFC 8216 §4.3.2).
func (r *mediaReader) segmentTag(name, value string) {
	if r.before[name] {
		r.add(RuleTagRepeated, r.line, "%s once more before one segment", name)
		return
	}
	if r.before == nil {
		r.before = map[string]bool{}
	}
	r.before[name] = true
	if name != "EXT-X-MAP" {
		r.open, r.openLine = name, r.line
	}
	switch name {
	case "EXTINF":
		r.takeInf(value)
	case "EXT-X-BYTERANGE":
		r.takeRange(value)
	case "EXT-X-DISCONTINUITY":
		r.next.Discontinuity, r.joined = true, true
	case "EXT-X-MAP":
		r.takeMap(value)
	case "EXT-X-PROGRAM-DATE-TIME":
		r.takeDate(value)
	case "EXT-X-GAP":
		r.next.Gap = true
		// The draft of version 8 brought it. It can be passed over by older clients,
		// which then fail on each gap.
		r.need(8, name)
	}
}

// takeInf takes EXTINF (§4.3.2.1): a number, a comma, a title.
func (r *mediaReader) takeInf(value string) {
	number, title, comma := strings.Cut(value, ",")
	d, ok := infDuration(number)
	switch {
	case !ok:
		r.add(RuleInf, r.line, "EXTINF %.60q is no duration", number)
		return
	case !comma:
		r.add(RuleInf, r.line, "EXTINF %.60q has no comma", value)
	case title != "" && title[0] >= '0' && title[0] <= '9':
		r.add(RuleInf, r.line, "EXTINF %.60q has a comma where the decimal point belongs", value)
		return
	}
	r.next.Duration = d
	_, decimals, point := strings.Cut(number, ".")
	if point {
		r.need(3, "EXTINF with decimals")
	}
	if len(decimals) < 5 {
		r.add(RuleInfDecimals, r.line, "EXTINF %.60q has %d decimals", number, len(decimals))
	}
}

// infDuration reads a decimal number of seconds. What stands behind the ninth
// decimal is cut off; a time above 292 years is none.
func infDuration(s string) (time.Duration, bool) {
	if !decimalFloat(s) {
		return 0, false
	}
	whole, frac, _ := strings.Cut(s, ".")
	const nano = "000000000"
	frac = (frac + nano)[:len(nano)]
	n, ok := number(whole + frac)
	return time.Duration(n), ok
}

// takeRange takes EXT-X-BYTERANGE (§4.3.2.2).
func (r *mediaReader) takeRange(value string) {
	r.need(4, "EXT-X-BYTERANGE")
	part, placed, ok := byteRange(value)
	if !ok {
		r.add(RuleByteRange, r.line, "EXT-X-BYTERANGE %.60q is no range", value)
		return
	}
	r.next.Range, r.placed = part, placed
}

// takeMap takes EXT-X-MAP (§4.3.2.5).
func (r *mediaReader) takeMap(value string) {
	r.maps = true
	list := r.list("EXT-X-MAP", value)
	uri, ok := list.find("URI")
	if ok {
		r.reference("EXT-X-MAP", uri.value)
	}
	m := &MapText{URI: uri.value, Line: r.line}
	if part, ok := list.find("BYTERANGE"); ok {
		var placed bool
		if m.Range, placed, ok = byteRange(part.value); !ok {
			m.Range = ByteRange{}
			r.add(RuleByteRange, r.line, "EXT-X-MAP: BYTERANGE %.60q is no range", part.value)
		} else if !placed {
			r.add(RuleMapRange, r.line, "EXT-X-MAP: BYTERANGE %.60q has no offset", part.value)
		}
	}
	r.initial = m
}

// uri takes the URI of a segment, which ends it.
func (r *mediaReader) uri(line string) {
	if r.out.Ended {
		r.add(RuleEndList, r.line, "a segment behind EXT-X-ENDLIST")
	}
	if len(r.out.Segments) >= maxEntries {
		r.add(RuleTooLong, r.line, "more than %d segments", maxEntries)
		return
	}
	r.reference("segment", line)
	if !r.before["EXTINF"] {
		r.add(RuleInfMissing, r.line, "%.120q has no EXTINF", line)
	}
	s := r.next
	s.URI, s.Line, s.Map = line, r.line, r.initial
	s.ranged, s.dated = r.before["EXT-X-BYTERANGE"], r.before["EXT-X-PROGRAM-DATE-TIME"]
	if s.Range.Length > 0 && !r.placed {
		r.place(&s)
	}
	r.out.Segments = append(r.out.Segments, s)
	r.next, r.open, r.placed = SegmentText{}, "", false
	clear(r.before)
}

// place gives a range without an offset its own: it goes on where the one of the
// segment before ended, which is a range of the same object.
func (r *mediaReader) place(s *SegmentText) {
	n := len(r.out.Segments)
	if n == 0 {
		r.add(RuleByteRangeStart, r.line, "the byte range has no offset, and no segment stands before it")
		s.Range = ByteRange{}
		return
	}
	last := &r.out.Segments[n-1]
	end := last.Range.Offset + last.Range.Length
	if last.URI != s.URI || last.Range.Length == 0 {
		r.add(RuleByteRangeStart, r.line, "the byte range has no offset, and the segment before is no range of %.120q", s.URI)
		s.Range = ByteRange{}
		return
	}
	if end+s.Range.Length < end {
		r.add(RuleByteRange, r.line, "the byte range ends behind anything")
		s.Range = ByteRange{}
		return
	}
	s.Range.Offset = end
}
