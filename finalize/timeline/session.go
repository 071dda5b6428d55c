package timeline

import (
	"slices"
	"strings"
	"time"
)

// sessions makes the sessions of the rows, and gives the first row of each.
func (b *builder) sessions(t *Timeline, rows []row, picks [][]int, links [][]linked) []int {
	cuts := b.cutRows(rows)
	firsts := make([]int, len(cuts))
	for k, c := range cuts {
		to := len(rows)
		if k+1 < len(cuts) {
			to = cuts[k+1].row
		}
		s := b.session(rows[c.row:to], picks, links, c.row)
		s.From, s.Until = c.from, c.until
		if !c.until.IsZero() && to < len(rows) && rows[to].hole > 0 {
			s.Holes = append([]Hole{holeBefore(rows, to, c.row)}, s.Holes...)
		}
		t.Sessions = append(t.Sessions, s)
		firsts[k] = c.row
	}
	return firsts
}

// holeBefore is the hole before a row, for the session whose first row is
// given.
func holeBefore(rows []row, i, first int) Hole {
	return Hole{AfterSeq: rows[i-1].seq, BeforeSeq: rows[i].seq, AfterSlot: i - 1 - first, Duration: rows[i].hole}
}

// session makes one session of its rows, the first of which is row `from` of all.
func (b *builder) session(rows []row, picks [][]int, links [][]linked, from int) Session {
	last := &rows[len(rows)-1]
	s := Session{
		Start: wallTime(rows[0].wall), End: wallTime(later(last.wall, last.length)),
		Slots: make([]Slot, len(rows)),
	}
	for i := range rows {
		r := &rows[i]
		slot := Slot{Seq: r.seq, Wall: wallTime(r.wall), Duration: r.length}
		if i > 0 {
			slot.Join, slot.Discontinuity, slot.Gap = r.join, r.join || r.changed, r.gap
			if r.hole > 0 {
				s.Holes = append(s.Holes, holeBefore(rows, i, 0))
			}
		}
		s.Slots[i] = slot
	}
	for r, name := range b.renditions {
		ps := picks[r][from : from+len(rows)]
		if slices.Max(ps) < 0 {
			continue
		}
		s.Renditions = append(s.Renditions, rendition(name, rows, ps, links[r][from:from+len(rows)]))
		s.Holes = append(s.Holes, gaps(name, rows, ps)...)
	}
	slices.SortFunc(s.Renditions, func(x, y Rendition) int { return strings.Compare(x.Name, y.Name) })
	slices.SortStableFunc(s.Holes, func(x, y Hole) int { return strings.Compare(x.Rendition, y.Rendition) })
	return s
}

func wallTime(ns int64) time.Time { return time.Unix(0, ns).UTC() }

// rendition lists the picks of one rendition; where it has nothing, the slot's
// own length stands.
func rendition(name string, rows []row, picks []int, links []linked) Rendition {
	out := Rendition{Name: name, Picks: make([]Pick, len(rows))}
	var at time.Duration
	for i := range rows {
		p := Pick{Segment: picks[i], Start: at, Duration: links[i].length, Source: links[i].source}
		if picks[i] < 0 {
			p.Duration, p.Source = rows[i].length, rows[i].source
		}
		out.Picks[i] = p
		at = min(at+p.Duration, farthest)
	}
	return out
}

// gaps are the holes of one rendition: stretches of slots that only others have.
func gaps(name string, rows []row, picks []int) []Hole {
	var out []Hole
	for i := 0; i < len(rows); i++ {
		if picks[i] >= 0 {
			continue
		}
		h := Hole{Rendition: name, AfterSlot: i - 1, AfterSeq: rows[i].seq - 1}
		if i > 0 {
			h.AfterSeq = rows[i-1].seq
		}
		for ; i < len(rows) && picks[i] < 0; i++ {
			h.Duration = min(h.Duration+rows[i].length, farthest)
			h.BeforeSeq = rows[i].seq + 1
		}
		if i < len(rows) {
			h.BeforeSeq = rows[i].seq
		}
		out = append(out, h)
	}
	return out
}
