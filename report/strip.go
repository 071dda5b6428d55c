package report

import (
	"strconv"
	"strings"

	"recfin/finalize"
)

// strip is the coverage of a recording in one line: its sessions one behind the
// other, each as long as it was on air.
type strip struct {
	Label  string
	Shapes []pictureShape
}

// Sizes of a strip, in units of its viewBox.
const (
	stripWide = 600
	stripHigh = 14
	stripGap  = 4 // between sessions, where there is room
)

func stripOf(records []*finalize.Record) strip {
	var total int64
	for _, r := range records {
		total += max(wallOf(r), 1)
	}
	s := strip{Label: stripLabel(records)}
	if total == 0 {
		return s
	}
	gap := 0
	if n := len(records); n > 1 && n*stripGap*3 < stripWide {
		gap = stripGap
	}
	wide := int64(stripWide - gap*(len(records)-1))
	var back, full, lack, hole spans
	var cuts strings.Builder
	var before int64
	last := -3
	for n, r := range records {
		x := func(ns int64) int {
			ns = min(max(ns, 0), wallOf(r))
			return n*gap + int(((before+ns)/1000)*wide/max(1, total/1000))
		}
		back.add(x(0), x(wallOf(r)))
		for k := range r.Slots.StartNS {
			full.add(x(r.Slots.StartNS[k]), x(r.Slots.StartNS[k]+r.Slots.DurationNS[k]))
		}
		for _, h := range holesOf(r) {
			to := &lack
			if h.Rendition < 0 {
				to = &hole
			}
			to.add(x(h.Start), max(x(h.Start+h.Duration), x(h.Start)+2))
		}
		for _, k := range r.Slots.Discontinuity {
			if k >= 0 && k < len(r.Slots.StartNS) && x(r.Slots.StartNS[k]) > last+2 {
				last = x(r.Slots.StartNS[k])
				cuts.WriteString("M" + strconv.Itoa(last) + " 0v" + strconv.Itoa(stripHigh))
			}
		}
		before += max(wallOf(r), 1)
	}
	s.shape("back", back, 2, stripHigh-4)
	s.shape("full", full, 2, stripHigh-4)
	s.shape("gap", lack, 8, stripHigh-10)
	s.shape("hole", hole, 0, stripHigh)
	if cuts.Len() > 0 {
		s.Shapes = append(s.Shapes, pictureShape{"join", cuts.String()})
	}
	return s
}

// add takes the next stretch, merged with the last one where they touch.
func (s *spans) add(from, to int) {
	to = max(to, from+1)
	if n := len(s.list) - 1; n >= 0 && from >= s.list[n][0] && from <= s.list[n][1] {
		s.list[n][1] = max(s.list[n][1], to)
		return
	}
	s.list = append(s.list, [2]int{from, to})
}

// path draws the stretches as boxes.
func (s *spans) path(y, high int) string {
	var b strings.Builder
	for _, x := range s.list {
		b.WriteString("M" + strconv.Itoa(x[0]) + " " + strconv.Itoa(y) + "h" + strconv.Itoa(x[1]-x[0]) + "v" + strconv.Itoa(high) + "h" + strconv.Itoa(x[0]-x[1]) + "z")
	}
	return b.String()
}

func (s *strip) shape(class string, x spans, y, high int) {
	if len(x.list) > 0 {
		s.Shapes = append(s.Shapes, pictureShape{class, x.path(y, high)})
	}
}

func stripLabel(records []*finalize.Record) string {
	var wall int64
	cuts := 0
	for _, r := range records {
		wall += wallOf(r)
		cuts += len(r.Slots.Discontinuity)
	}
	m := missingOf(records)
	return count(len(records), "session") + ", " + spoken(wall) + " on air, " + joinsText(cuts) + ", " + count(m.holes, "hole") + ", " + m.note()
}
