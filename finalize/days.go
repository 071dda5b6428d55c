package finalize

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Days are UTC days, one behind the other: that of From, that of To and all between
// them. A zero From or To is no limit; the zero value is every day.
//
// A session is of the day in its id, which is that on which it began when it was
// committed, for life.
type Days struct{ From, To time.Time }

const (
	dayFormat   = "2006-01-02" // of a day, in flags and in the index
	dayInFormat = "20060102"   // of a day, at the beginning of the id of a session
)

// ParseDays reads the two ends of a span of days, both in it, as 2006-01-02. An empty
// end is open.
func ParseDays(from, to string) (Days, error) {
	var d Days
	for _, end := range []struct {
		flag, text string
		at         *time.Time
	}{{"from", from, &d.From}, {"to", to, &d.To}} {
		if end.text == "" {
			continue
		}
		t, err := time.Parse(dayFormat, end.text)
		if err != nil {
			return Days{}, fmt.Errorf("%w: --%s %q: want a day in UTC such as 2006-01-02", ErrUsage, end.flag, end.text)
		}
		*end.at = t
	}
	return d, d.check()
}

// All reports whether every day is among them.
func (d Days) All() bool { return d == Days{} }

// check refuses days of which there is none.
func (d Days) check() error {
	for _, t := range []time.Time{d.From, d.To} {
		if !t.Equal(t.UTC().Truncate(24 * time.Hour)) {
			return fmt.Errorf("%w: days begin at midnight in UTC, not at %s", ErrUsage, t)
		}
	}
	if !d.From.IsZero() && !d.To.IsZero() && d.To.Before(d.From) {
		return fmt.Errorf("%w: --from %s is behind --to %s", ErrUsage, d.From.Format(dayFormat), d.To.Format(dayFormat))
	}
	return nil
}

// ends gives the two as ParseDays takes them.
func (d Days) ends() (from, to string) {
	for _, end := range []struct {
		at   time.Time
		text *string
	}{{d.From, &from}, {d.To, &to}} {
		if !end.at.IsZero() {
			*end.text = end.at.Format(dayFormat)
		}
	}
	return from, to
}

// String is "2026-03-01", "2026-03-01 to 2026-03-05", "since 2026-03-01" or the like.
func (d Days) String() string {
	from, to := d.ends()
	switch {
	case d.All():
		return "all days"
	case to == "":
		return "since " + from
	case from == "":
		return "up to " + to
	case from == to:
		return from
	}
	return from + " to " + to
}

// take reports whether a session of that id is of these days.
func (d Days) take(session string) bool {
	day := session[:min(len(session), len(dayInFormat))]
	return (d.From.IsZero() || day >= d.From.Format(dayInFormat)) && (d.To.IsZero() || day <= d.To.Format(dayInFormat))
}

// holds is take of a day in the index.
func (d Days) holds(day string) bool { return d.take(strings.ReplaceAll(day, "-", "")) }

// limit leaves alone what is of other days than those that are asked for: nothing of
// such a session is written, and what would take over, or join, one of them waits for a
// run that has both. What is committed of other days stays what it is.
func (d *decision) limit() {
	days := d.f.cfg.Days
	if days.All() {
		return
	}
	for i := range d.p.Sessions {
		s := &d.p.Sessions[i]
		if other := s.besides(days); s.Action != Keep && other != "" {
			s.Action, s.Why = Outside, "session "+other+" is not of "+days.String()
		}
	}
}

// besides gives a session that would change and is not of the days; empty: there is
// none.
func (s *PlannedSession) besides(days Days) string {
	ids := []string{s.Record.Session}
	for _, e := range s.Absorbs {
		ids = append(ids, e.ID)
	}
	if i := slices.IndexFunc(ids, func(id string) bool { return !days.take(id) }); i >= 0 {
		return ids[i]
	}
	return ""
}

// tooOld reports whether nothing that was listed can be of the days, so that none of it
// need be measured: nothing is committed, and no session begins after the upload of its
// first segment. Where a key or a sidecar may tell a time, that is not certain.
func (j *job) tooOld(l *Listing) bool {
	from := j.f.cfg.Days.From.Add(-time.Hour) // ids may be some seconds behind the start
	return !j.f.cfg.Days.From.IsZero() && l.Committed == nil && len(l.Segments) > 0 && len(l.Sidecars) == 0 &&
		!slices.ContainsFunc(l.Segments, func(s Segment) bool { return s.keyTime || !s.Modified().Before(from) })
}

// passOver ends the work on a recording of which nothing can be of the days.
func (j *job) passOver(l *Listing) {
	j.report.Plan = &Plan{Recording: j.recording, Layout: layoutNames(l.Segments), Status: Done, Why: "nothing of it was uploaded since " + j.f.cfg.Days.From.Format(dayFormat), there: l.there()}
}
