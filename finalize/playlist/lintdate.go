package playlist

import (
	"regexp"
	"time"
)

// slotTolerance is how far the boundaries of renditions may lie apart that share
// their slots.
const slotTolerance = 50 * time.Millisecond

// isoDate is a date and a time of day of ISO 8601 in its extended form, with the
// fraction of the second and the zone apart.
var isoDate = regexp.MustCompile(`^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)([.,]\d+)?(Z|[+-]\d\d(?::?\d\d)?)?$`)

// zones are the layouts of a time zone.
var zones = [...]string{"", "Z07:00", "Z0700", "Z07"}

// takeDate takes EXT-X-PROGRAM-DATE-TIME (RFC 8216 §4.3.2.6).
func (r *mediaReader) takeDate(value string) {
	parts := isoDate.FindStringSubmatch(value)
	var t time.Time
	ok := parts != nil
	if ok {
		ok = false
		for _, zone := range zones {
			// The layout takes any number of decimals behind the seconds.
			at, err := time.Parse("2006-01-02T15:04:05"+zone, value)
			if err == nil {
				t, ok = at.UTC(), true
				break
			}
		}
	}
	switch {
	case !ok:
		r.add(RuleDate, r.line, "EXT-X-PROGRAM-DATE-TIME %.60q is no date and time of ISO 8601", value)
		return
	case parts[3] == "":
		r.add(RuleDateForm, r.line, "EXT-X-PROGRAM-DATE-TIME %.60q has no time zone", value)
	case len(parts[2]) < len(".000"):
		r.add(RuleDateForm, r.line, "EXT-X-PROGRAM-DATE-TIME %.60q has no milliseconds", value)
	}
	r.next.ProgramDateTime = t
}

// judgeDates: dates never run backwards, and stand where media time begins anew.
func (r *mediaReader) judgeDates() {
	segments := r.out.Segments
	any := false
	var wall time.Time // by the dates and durations so far; zero: unknown
	for i := range segments {
		s := &segments[i]
		any = any || s.dated
		if t := s.ProgramDateTime; !t.IsZero() {
			// The one before is cut too, and durations are rounded.
			if t.Before(wall.Add(-2*dateTolerance)) && !wall.IsZero() {
				r.add(RuleDateBack, s.Line, "the date is %v below the one before it plus the durations", wall.Sub(t))
			}
			wall = t
		}
		if !wall.IsZero() {
			wall = wall.Add(s.Duration)
		}
	}
	if !any {
		return
	}
	for i := range segments {
		s := &segments[i]
		switch {
		case s.dated:
		case i == 0:
			r.add(RuleDateMissing, s.Line, "the first segment has no date, others have")
		case s.Discontinuity:
			r.add(RuleDateMissing, s.Line, "no date behind a discontinuity")
		case segments[i-1].Gap && !s.Gap:
			r.add(RuleDateMissing, s.Line, "no date behind a gap")
		}
	}
}
