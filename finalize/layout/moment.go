package layout

import "time"

// moment is a time as it stands in a key.
type moment struct {
	value [parts]int
	fixed bool // the key says the offset from UTC
}

// Years of keys. Within them nanoseconds since 1970 fit in an int64.
const firstYear, lastYear = 1970, 2261

// in gives the time in UTC. A local time that a change of the clocks repeats has
// two readings: t is the first, t+fold the second. One that a change leaves out
// is read as if the clocks had not been changed yet. False: there is no such
// date, or the year is out of bounds.
func (m *moment) in(zone *time.Location) (t time.Time, fold time.Duration, ok bool) {
	v := &m.value
	local := time.Date(v[year], time.Month(v[month]), v[day], v[hour], v[minute], v[second], v[nanosecond], time.UTC)
	switch {
	case v[year] < firstYear || v[year] > lastYear || v[month] < 1 || v[month] > 12 || v[day] < 1:
		return t, 0, false
	case v[hour] > 23 || v[minute] > 59 || v[second] > 60: // 60: a leap second
		return t, 0, false
	case v[day] > 28 && time.Date(v[year], time.Month(v[month]), v[day], 0, 0, 0, 0, time.UTC).Day() != v[day]:
		return t, 0, false
	case m.fixed:
		return local.Add(-time.Duration(v[offset]) * time.Second), 0, true
	case zone == time.UTC:
		return local, 0, true
	}
	before, after := offsetAt(local.Add(-aDay), zone), offsetAt(local.Add(aDay), zone)
	early, late := local.Add(-max(before, after)), local.Add(-min(before, after))
	isEarly, isLate := offsetAt(early, zone) == max(before, after), offsetAt(late, zone) == min(before, after)
	switch {
	case isEarly && isLate:
		return early, late.Sub(early), true
	case isEarly:
		return early, 0, true
	case isLate:
		return late, 0, true
	}
	return local.Add(-before), 0, true
}

// aDay is longer than any offset from UTC differs from another, and shorter than
// the time between two changes of the clocks.
const aDay = 24 * time.Hour

// offsetAt is how far a zone is ahead of UTC.
func offsetAt(t time.Time, zone *time.Location) time.Duration {
	_, s := t.In(zone).Zone()
	return time.Duration(s) * time.Second
}
