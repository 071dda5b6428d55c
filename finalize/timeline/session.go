package timeline

import (
	"slices"
	"strings"
	"time"
)

// sessions cuts the rows where the gap in wall time is longer than the session
// gap (one that is exactly as long still joins), and gives the first row of each
// session.
func (b *builder) sessions(t *Timeline, rows []row, picks [][]int, links [][]linked) []int {
	var cuts []int
	for i := range rows {
		if i == 0 || rows[i].gap > b.opt.SessionGap {
			cuts = append(cuts, i)
		}
	}
	for k, from := range cuts {
		to := len(rows)
		if k+1 < len(cuts) {
			to = cuts[k+1]
		}
		t.Sessions = append(t.Sessions, b.session(rows[from:to], picks, links, from))
	}
	return cuts
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
				s.Holes = append(s.Holes, Hole{
					AfterSeq: rows[i-1].seq, BeforeSeq: r.seq, AfterSlot: i - 1, Duration: r.hole,
				})
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
