package report

import (
	"fmt"
	"strconv"

	"recfin/finalize"
)

// sessionView is one session in the tables.
type sessionView struct {
	ID         string
	Start, End stamp
	Wall       string // how long it was on air
	Length     string // how long its outputs are
	Slots      string
	Action     string // what becomes of it, or became
	Why        string
	Version    string
	Committed  stamp
	Until      stamp // the midnight at which it was cut
	Picture    picture
	Renditions []renditionView
	Runs       []runRow
	RunsMore   int
	Holes      []holeRow
	HolesMore  int
}

// renditionView is one rendition of a session.
type renditionView struct {
	Name, Output string
	Codecs       string
	Resolution   string
	Rate         string
	Bandwidth    string // average of its segments
	Segments     string
	Length       string
	Sources      string // where the durations come from
	Gaps         string // slots that it has not
}

// holeRow is one hole in the table.
type holeRow struct {
	Rendition string // empty: all
	Start     string // in what is played, where the hole is closed
	Wall      stamp
	Duration  string
	Between   string
}

const (
	mostRuns  = 1000
	mostHoles = 1000
)

func sessionOf(r *finalize.Report, ps *finalize.PlannedSession, rec *finalize.Record, dropped []finalize.DroppedAt) sessionView {
	v := sessionView{
		ID: shown(rec.Session), Start: stampOf(rec.Start), End: stampOf(rec.End), Wall: spoken(wallOf(rec)), Length: clock(lengthOf(rec)),
		Slots: digits(int64(len(rec.Slots.Seq))), Why: shown(ps.Why), Picture: pictureOf(rec, dropped),
	}
	switch c := committedOf(r, rec.Session); {
	case c != nil:
		v.Action, v.Version, v.Committed = "written", c.Version, stampOf(c.At)
	case ps.Action == finalize.Keep:
		v.Action = "finalized"
	case ps.Action == finalize.Wait:
		v.Action = "not settled"
	case ps.Action == finalize.Outside:
		v.Action = "of another day"
	default:
		v.Action = "to be written"
	}
	if v.Version == "" && ps.Replaces != nil {
		v.Version = ps.Replaces.Version
	}
	if rec.Until != nil {
		v.Until = stampOf(*rec.Until)
	}
	for i := range rec.Renditions {
		v.Renditions = append(v.Renditions, renditionOf(rec, &rec.Renditions[i]))
	}
	v.Runs = runsOf(rec)
	if n := len(v.Runs); n > mostRuns {
		v.Runs, v.RunsMore = v.Runs[:mostRuns], n-mostRuns
	}
	for _, h := range holesOf(rec) {
		if len(v.Holes) == mostHoles {
			v.HolesMore++
			continue
		}
		row := holeRow{Start: clock(playedUntil(rec, &h)), Wall: wallAt(rec, h.Start), Duration: spoken(h.Duration), Between: fmt.Sprintf("%d and %d", h.Row.AfterSeq, h.Row.BeforeSeq)}
		if h.Rendition >= 0 {
			row.Rendition = shown(rec.Renditions[h.Rendition].Name)
		}
		v.Holes = append(v.Holes, row)
	}
	return v
}

func renditionOf(rec *finalize.Record, q *finalize.RenditionRecord) renditionView {
	v := renditionView{Name: shown(q.Name), Codecs: shown(q.Codecs), Segments: digits(int64(q.Len()))}
	if q.Output != q.Name {
		v.Output = shown(q.Output)
	}
	if q.Width > 0 && q.Height > 0 {
		v.Resolution = fmt.Sprintf("%d×%d", q.Width, q.Height)
	}
	if q.FrameNum > 0 && q.FrameDen > 0 {
		v.Rate = rate(int64(q.FrameNum), int64(q.FrameDen))
	}
	var ns, bytes int64
	sources := map[string]int{}
	var order []string
	for i := range q.Key {
		ns += q.DurationNS[i]
		bytes += partOf(q, i)
		s := q.Source[i].String()
		if sources[s]++; sources[s] == 1 {
			order = append(order, s)
		}
	}
	v.Length = clock(ns)
	if ms := ns / 1_000_000; ms > 0 {
		v.Bandwidth = bits(bytes * 8 / ms)
	}
	for i, s := range order {
		if i > 0 {
			v.Sources += ", "
		}
		v.Sources += s
		if len(order) > 1 {
			v.Sources += " (" + digits(int64(sources[s])) + ")"
		}
	}
	if n := len(rec.SlotsOf(q).Seq) - q.Len(); n > 0 {
		v.Gaps = digits(int64(n))
	}
	return v
}

// partOf is the size of the segment of a row.
func partOf(q *finalize.RenditionRecord, i int) int64 {
	if n := q.Part(i).Length; n > 0 {
		return n
	}
	return q.Size[i]
}

// rate is a frame rate with two decimals at most.
func rate(num, den int64) string {
	n := (num*100 + den/2) / den
	s := strconv.FormatInt(n/100, 10)
	switch {
	case n%100 == 0:
		return s + " fps"
	case n%10 == 0:
		return fmt.Sprintf("%s.%d fps", s, n%100/10)
	}
	return fmt.Sprintf("%s.%02d fps", s, n%100)
}

// bits is a bandwidth, from kbit/s.
func bits(kilo int64) string {
	if kilo >= 1000 {
		return fmt.Sprintf("%d.%d Mbit/s", kilo/1000, kilo%1000/100)
	}
	return fmt.Sprintf("%d kbit/s", kilo)
}
