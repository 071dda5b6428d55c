package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"

	"recfin/finalize"
)

// listColumn is a column of the table of a list. Its width is fixed, because lines are
// printed while the next recordings are read.
type listColumn struct {
	title string
	width int
	rank  int // in a narrow terminal those with the highest go first; 0 stays
	right bool
}

// listColumns are behind the name of the recording.
var listColumns = []listColumn{
	{"SESSION", 16, 0, false}, {"DURATION", 10, 3, true}, {"OUTPUT", 7, 6, false}, {"SIZE", 11, 5, true},
	{"HOLES", 14, 4, false}, {"DROPPED", 7, 7, true}, {"LOOK AT", 17, 2, false}, {"DELETION DUE", 17, 1, false},
}

// listTable prints one line for each session.
type listTable struct {
	name    int // width of names
	columns []bool
}

// newListTable fits a table of these names into a terminal of so many columns.
func newListTable(names []string, width int) *listTable {
	t := &listTable{name: len("RECORDING"), columns: make([]bool, len(listColumns))}
	for _, name := range names {
		t.name = min(mostTitle, max(t.name, runewidth.StringWidth(printable(name))))
	}
	for i := range t.columns {
		t.columns[i] = true
	}
	long := t.name
	t.name = min(long, max(long-(t.width()-width), fairName))
	for rank := len(listColumns); rank > 0 && t.width() > width; rank-- {
		for i, c := range listColumns {
			t.columns[i] = t.columns[i] && c.rank != rank
		}
	}
	t.name = min(long, t.name+max(width-t.width(), 0))
	if over := t.width() - width; over > 0 {
		t.name = max(t.name-over, min(t.name, leastName))
	}
	return t
}

func (t *listTable) width() int {
	n := t.name
	for i, c := range listColumns {
		if t.columns[i] {
			n += 2 + c.width
		}
	}
	return n
}

// line aligns a name and a cell for each of listColumns.
func (t *listTable) line(name string, cells []string) string {
	line := runewidth.FillRight(runewidth.Truncate(name, t.name, "…"), t.name)
	for i, c := range listColumns {
		if !t.columns[i] {
			continue
		}
		cell := runewidth.Truncate(cells[i], c.width, "…")
		if c.right {
			cell = runewidth.FillLeft(cell, c.width)
		} else {
			cell = runewidth.FillRight(cell, c.width)
		}
		line += "  " + cell
	}
	return strings.TrimRight(line, " ") + "\n"
}

func (t *listTable) title() string {
	var titles []string
	for _, c := range listColumns {
		titles = append(titles, c.title)
	}
	return t.line("RECORDING", titles)
}

// text has a line for each session of a recording. What is of all of it stands in the
// first.
func (t *listTable) text(x *standing) string {
	name := printable(x.recording)
	cells := make([]string, len(listColumns))
	if x.err != nil {
		cells[0] = "not readable"
		return t.line(name, cells)
	}
	if len(x.json.Sessions) == 0 {
		cells[0] = string(x.json.Status)
		return t.line(name, cells)
	}
	var b strings.Builder
	for i := range x.json.Sessions {
		s := &x.json.Sessions[i]
		var bytes int64
		for _, o := range s.Outputs {
			bytes += o.Size
		}
		cells := []string{s.ID, roughly(time.Duration(s.Duration)), s.Formats, size(bytes), listHoles(s), "", listLook(s), ""}
		if n := dropped(s.Dropped); n > 0 {
			cells[5] = fmt.Sprint(n)
		}
		if i == 0 {
			if len(x.json.Late) > 0 {
				cells[6] = strings.TrimPrefix(cells[6]+", late", ", ")
			}
			cells[7] = listDue(x.json.Due)
		}
		b.WriteString(t.line(name, cells))
	}
	return b.String()
}

// roughly is a duration in whole seconds.
func roughly(d time.Duration) string {
	s := int64((d + time.Second/2) / time.Second)
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// listHoles counts the holes of a session; what one rendition lacks that others have is
// a GAP.
func listHoles(s *finalize.StandingSessionJSON) string {
	holes, gaps, length := 0, 0, time.Duration(0)
	for _, h := range s.Holes {
		if h.Rendition != "" {
			gaps++
			continue
		}
		holes, length = holes+1, length+time.Duration(h.Duration)
	}
	switch {
	case holes > 0 && gaps > 0:
		return fmt.Sprintf("%d, +%d GAP", holes, gaps)
	case gaps > 0:
		return fmt.Sprintf("+%d GAP", gaps)
	case holes > 0:
		return fmt.Sprintf("%d (%s)", holes, roughly(length))
	}
	return ""
}

func dropped(list []finalize.DroppedCountJSON) (n int) {
	for _, d := range list {
		n += d.Segments
	}
	return n
}

// listLook names what of a session a person should look at.
func listLook(s *finalize.StandingSessionJSON) string {
	var words []string
	if len(s.Unmade) > 0 {
		words = append(words, "not made")
	}
	if len(s.Uncertain) > 0 {
		words = append(words, "uncertain")
	}
	return strings.Join(words, ", ")
}

// listDue is when the first of some sets may be deleted.
func listDue(sets []finalize.StandingDueJSON) string {
	var at *time.Time
	kept := false
	for _, d := range sets {
		kept = kept || d.Kept
		if d.At != nil && (at == nil || d.At.Before(*at)) {
			at = d.At
		}
	}
	switch {
	case at != nil:
		return at.UTC().Format("2006-01-02T15:04Z")
	case kept:
		return "kept"
	}
	return ""
}
