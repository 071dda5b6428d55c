package report

import (
	"fmt"
	"slices"
	"time"

	"recfin/finalize"
)

// index is what the template of the index shows.
type index struct {
	Head
	Facts    []fact
	Statuses []statusCount
	Rows     []indexRow
}

type statusCount struct {
	Status finalize.Status
	Tone   string
	N      string
}

// indexRow is one recording. The numbers are what columns are sorted by.
type indexRow struct {
	Name       string
	URL        string
	Status     finalize.Status
	Tone       string
	Why        string
	Strip      strip
	Length     string
	LengthNS   int64
	Sessions   int
	Holes      int
	Hole       string // how much they miss
	HoleNS     int64
	Doubts     int // uncertainties, warnings and outputs that could not be made
	Renditions string
	Last       stamp
	LastUnix   int64
	Due        stamp
	DueUnix    int64
	missing    missing
}

func indexOf(rows []Row, opt Options) (index, error) {
	x := index{}
	x.Title = opt.Title
	if x.Title == "" {
		x.Title = "Recordings"
	}
	counts := map[finalize.Status]int{}
	var length int64
	var all missing
	sessions := 0
	for i := range rows {
		if err := checkURL(rows[i].URL); err != nil {
			return index{}, err
		}
		r := indexRowOf(&rows[i])
		x.Rows = append(x.Rows, r)
		counts[r.Status]++
		length, sessions = length+r.LengthNS, sessions+r.Sessions
		all.holes, all.ns, all.gaps, all.gapNS = all.holes+r.missing.holes, all.ns+r.missing.ns, all.gaps+r.missing.gaps, all.gapNS+r.missing.gapNS
	}
	for _, s := range []finalize.Status{finalize.Damaged, finalize.Refused, finalize.Failed, finalize.Ready, finalize.NotSettled, finalize.Leased, finalize.Left, finalize.Done, partOfAnother} {
		if counts[s] > 0 {
			x.Statuses = append(x.Statuses, statusCount{s, tone(s), digits(int64(counts[s]))})
		}
	}
	x.Facts = []fact{
		{"Recordings", digits(int64(len(rows))), count(sessions, "session")},
		{"Duration", spoken(length), "of all together"},
		{"Holes", digits(int64(all.holes)), all.note()},
	}
	return x, x.fill(opt, indexStyle, indexScript, nil)
}

// partOfAnother is the status of an ID whose segments another recording holds.
const partOfAnother finalize.Status = "part"

func indexRowOf(row *Row) indexRow {
	if row.view != nil && row.Report == nil && row.Standing == nil {
		out := *row.view
		out.URL = row.URL
		return out
	}
	out := indexRow{Name: shown(row.Recording), URL: row.URL}
	var records []*finalize.Record
	switch {
	case row.Report != nil:
		r := row.Report
		out.Status = statusOf(r)
		if plan := r.Plan; plan != nil {
			records = recordsOf(r, plan)
			out.Doubts = len(plan.Uncertain) + len(plan.Warnings)
		}
		out.Why = whyOf(r)
		if r.Due != nil {
			out.Due, out.DueUnix = stampOf(*r.Due), r.Due.Unix()
		}
	case row.Standing != nil:
		s := row.Standing
		out.Status = finalize.Done
		if s.As != "" {
			out.Status, out.Why = partOfAnother, "a part of "+short(s.As, 80)
		}
		for i := range s.Sessions {
			if rec := s.Sessions[i].Record; rec != nil {
				records = append(records, rec)
				out.Doubts += len(rec.Uncertain)
			}
		}
	}
	if row.Report == nil && row.Standing == nil {
		out.Why = "not looked at yet"
	}
	if s := row.Standing; s != nil && out.DueUnix == 0 {
		for i := range s.Due {
			if at := s.Due[i].At; !s.Due[i].Kept && !at.IsZero() && (out.DueUnix == 0 || at.Unix() < out.DueUnix) {
				out.Due, out.DueUnix = stampOf(at), at.Unix()
			}
		}
	}
	for _, rec := range records {
		out.Doubts += len(rec.Unmade)
	}
	out.Tone = tone(out.Status)
	out.records(records)
	return out
}

func (out *indexRow) records(records []*finalize.Record) {
	var names []string
	var last time.Time
	for _, r := range records {
		out.LengthNS += lengthOf(r)
		for i := range r.Renditions {
			if name := r.Renditions[i].Name; !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if r.Start.After(last) {
			last = r.Start
		}
	}
	out.Sessions, out.Renditions = len(records), list(names, 6)
	if len(records) > 0 {
		out.Length = clock(out.LengthNS)
	}
	m := missingOf(records)
	out.missing, out.Holes, out.HoleNS = m, m.holes, m.ns
	if m.holes > 0 {
		out.Hole = fmt.Sprintf("%d (%s)", m.holes, spoken(m.ns))
	}
	if m.gaps > 0 {
		out.Hole += fmt.Sprintf(" +%d GAP", m.gaps)
	}
	if !last.IsZero() {
		out.Last, out.LastUnix = stampOf(last), last.Unix()
	}
	out.Strip = stripOf(records)
}
