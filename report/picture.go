package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"recfin/finalize"
)

// picture is the timeline of a session as a drawing that stands: what a page shows
// where no script runs, and on paper. All numbers are units of its viewBox.
type picture struct {
	Width, Height int
	Label         string // the drawing in words
	Texts         []pictureText
	Shapes        []pictureShape
}

type pictureText struct {
	X, Y  int
	Class string
	Text  string
}

// pictureShape is a path of one class.
type pictureShape struct{ Class, D string }

// Sizes of a picture.
const (
	pictureLeft   = 170
	pictureWide   = 1000
	laneHigh      = 16
	writerHigh    = 9
	laneGap       = 4
	groupGap      = 12
	axisHigh      = 26
	mostLanes     = 6 // writers of one rendition that get a lane each
	pictureColors = 8
)

// draft is a picture while it is drawn.
type draft struct {
	picture
	from, length int64 // of the axis, ns since the session's start
	y            int
}

func pictureOf(r *finalize.Record, dropped []finalize.DroppedAt) picture {
	by := map[[2]string][]*finalize.DroppedAt{}
	d := draft{length: wallOf(r)}
	for i := range dropped {
		x := &dropped[i]
		if x.Session != r.Session {
			continue
		}
		by[[2]string{x.Session, x.Rendition}] = append(by[[2]string{x.Session, x.Rendition}], x)
	}
	d.Width = pictureLeft + pictureWide + 10
	d.axis(r)
	colors := colorsOf(r, dropped)
	for i := range r.Renditions {
		q := &r.Renditions[i]
		d.result(r, i, colors)
		d.writers(q, r.SlotsOf(q), by[[2]string{r.Session, q.Name}], colors)
		d.y += groupGap
	}
	for _, name := range lacking(r, by) {
		d.label(short(name, 24), "name", laneHigh)
		d.y += laneHigh + laneGap
		d.writers(&finalize.RenditionRecord{}, &r.Slots, by[[2]string{r.Session, name}], colors)
		d.y += groupGap
	}
	d.Height = max(d.y, axisHigh+laneHigh)
	d.Label = fmt.Sprintf("Timeline of session %s: %s on air from %s, %s, %s, %s.", shown(r.Session), spoken(wallOf(r)), stampOf(r.Start).Text,
		count(len(r.Renditions), "rendition"), count(missingOf([]*finalize.Record{r}).holes, "hole"), joinsText(len(r.Slots.Discontinuity)))
	return d.picture
}

func joinsText(n int) string {
	if n == 1 {
		return "1 discontinuity"
	}
	return digits(int64(n)) + " discontinuities"
}

// colorsOf numbers the writers of a session in the order in which they come.
func colorsOf(r *finalize.Record, dropped []finalize.DroppedAt) map[string]int {
	colors := map[string]int{}
	add := func(nonce string) {
		if _, ok := colors[nonce]; !ok {
			colors[nonce] = len(colors) % pictureColors
		}
	}
	for i := range r.Renditions {
		for _, nonce := range r.Renditions[i].Nonce {
			add(nonce)
		}
	}
	for i := range dropped {
		if dropped[i].Session == r.Session {
			add(dropped[i].Nonce)
		}
	}
	return colors
}

// x is the place of a time on the axis, within the picture.
func (d *draft) x(ns int64) int {
	if d.length <= 0 {
		return pictureLeft
	}
	share := (ns - d.from) / 1000 * pictureWide / max(1, d.length/1000)
	return pictureLeft + int(min(max(share, 0), pictureWide))
}

// axis draws ticks at round times of the day.
func (d *draft) axis(r *finalize.Record) {
	step := steps[len(steps)-1]
	for _, s := range steps {
		if d.length/int64(s) <= 8 {
			step = s
			break
		}
	}
	for d.length/int64(step) > 8 { // months, or what a record claims
		step *= 2
	}
	form := "15:04"
	if step < time.Minute {
		form = "15:04:05"
	}
	var grid strings.Builder
	for at := r.Start.UTC().Truncate(step); !at.After(r.End); at = at.Add(step) {
		if at.Before(r.Start) {
			continue
		}
		x := d.x(int64(at.Sub(r.Start)))
		fmt.Fprintf(&grid, "M%d %dV100000", x, axisHigh-6)
		d.Texts = append(d.Texts, pictureText{X: x, Y: 14, Class: "tick", Text: at.Format(form)})
	}
	d.Shapes = append(d.Shapes, pictureShape{"grid", grid.String()})
	d.y = axisHigh
}

var steps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
	10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour,
}

func (d *draft) label(text, class string, high int) {
	d.Texts = append(d.Texts, pictureText{X: pictureLeft - 8, Y: d.y + high/2 + 4, Class: class, Text: text})
}

// spans are stretches that are drawn alike, merged where they touch.
type spans struct {
	class string
	list  [][2]int
}

// marksByClass gathers spans by class in the order in which the classes come.
type marksByClass []spans

func (m *marksByClass) add(class string, from, to int) {
	i := slices.IndexFunc(*m, func(s spans) bool { return s.class == class })
	if i < 0 {
		i = len(*m)
		*m = append(*m, spans{class: class})
	}
	(*m)[i].add(from, to)
}

// boxes draws the spans as boxes from y on.
func (d *draft) boxes(m marksByClass, y, high int) {
	for _, s := range m {
		d.Shapes = append(d.Shapes, pictureShape{s.class, s.path(y, high)})
	}
}

// result draws what the recording has of a rendition.
func (d *draft) result(r *finalize.Record, i int, colors map[string]int) {
	q := &r.Renditions[i]
	slots := r.SlotsOf(q)
	d.label(short(q.Name, 24), "name", laneHigh)
	var m marksByClass
	row := 0
	for k := range slots.Seq {
		from, to := d.x(slots.StartNS[k]), d.x(slots.StartNS[k]+slots.DurationNS[k])
		if row < q.Len() && q.Slot[row] == k {
			m.add("w"+strconv.Itoa(colors[q.Nonce[row]]), from, to)
			row++
			continue
		}
		m.add("gap", from, max(to, from+2))
	}
	for _, h := range holesOf(r) {
		if h.Rendition < 0 {
			from := d.x(h.Start)
			m.add("hole", from, max(d.x(h.Start+h.Duration), from+2))
		}
	}
	d.boxes(m, d.y, laneHigh)
	d.cuts(slots)
	d.y += laneHigh + laneGap
}

// cuts draws discontinuities: a filled diamond where media does not continue.
func (d *draft) cuts(slots *finalize.SlotColumns) {
	joins := set(slots.Join)
	var cut, join strings.Builder
	last := -1
	for _, k := range slots.Discontinuity {
		if k < 0 || k >= len(slots.StartNS) {
			continue
		}
		if x := d.x(slots.StartNS[k]); x > last+2 {
			to := &cut
			if joins[k] {
				to = &join
			}
			fmt.Fprintf(to, "M%d %dv%dM%d %dl3 -4l-3 -4l-3 4z", x, d.y-2, laneHigh+4, x, d.y)
			last = x
		}
	}
	d.Shapes = append(d.Shapes, pictureShape{"join", cut.String()}, pictureShape{"join full", join.String()})
}

// writers draws a lane for each writer of a rendition, or one for all of many.
func (d *draft) writers(q *finalize.RenditionRecord, slots *finalize.SlotColumns, dropped []*finalize.DroppedAt, colors map[string]int) {
	lanes, at := map[string]*marksByClass{}, []string{}
	lane := func(nonce string) *marksByClass {
		if lanes[nonce] == nil {
			lanes[nonce] = &marksByClass{}
			at = append(at, nonce)
		}
		return lanes[nonce]
	}
	for i, k := range q.Slot {
		lane(q.Nonce[i]).add("w"+strconv.Itoa(colors[q.Nonce[i]]), d.x(slots.StartNS[k]), d.x(slots.StartNS[k]+slots.DurationNS[k]))
	}
	inTime := slices.Clone(dropped)
	slices.SortStableFunc(inTime, func(a, b *finalize.DroppedAt) int { return cmp.Compare(a.Start, b.Start) })
	for _, x := range inTime {
		if x.Placed {
			from := d.x(int64(x.Start))
			lane(x.Nonce).add(markOf(x.Reason), from, max(d.x(int64(x.Start+x.Duration)), from+2))
		}
	}
	if len(at) > mostLanes {
		d.label(count(len(at), "writer"), "writer", writerHigh)
		for _, nonce := range at {
			d.boxes(*lanes[nonce], d.y, writerHigh)
		}
		d.y += writerHigh + laneGap
		return
	}
	for _, nonce := range at {
		d.label(short(writerName(nonce), 22), "writer", writerHigh)
		d.boxes(*lanes[nonce], d.y, writerHigh)
		d.y += writerHigh + laneGap
	}
}
