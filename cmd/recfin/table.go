package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/urfave/cli/v2"

	"recfin/finalize"
)

// column is one of the columns of a table. In a narrow terminal those are left out
// first whose rank is highest; rank 0 always stays.
type column struct {
	title string
	rank  int
	right bool
}

var tableColumns = []column{
	{"RECORDING", 0, false}, {"SESSION", 0, false}, {"DURATION", 1, true}, {"SEGMENTS", 4, true}, {"DROPPED", 5, true},
	{"HOLES", 2, false}, {"OUTPUT", 3, false}, {"DELETED", 6, true}, {"COST", 7, true},
}

// leastName is what is left of the names of recordings in a narrow terminal.
const leastName = 12

// fairName is to what names are cut before a column is left out for them: one long name
// among a hundred must not cost all of them their holes.
const fairName = 20

// mostTitle is how long a name in a table may be.
const mostTitle = 40

// table gathers what a person at a terminal sees when the work is done: a line for
// each session that was written and for each recording of which something else is to
// be said, and advice on those that need a look.
type table struct {
	mu     sync.Mutex // a command may be cut off while it reports
	ended  bool
	out    io.Writer
	file   *os.File
	all    bool           // the recordings were named: also what had nothing to do has a line
	rows   [][]string     // a cell for each of tableColumns
	unsaid map[string]int // how many recordings have no line, by headline
	failed []string       // lines of advice on recordings that failed
	looks  []string       // and on others
}

// newTable is a table where standard output is a terminal; nil: texts or JSON are
// wanted, or the command writes no recordings.
func newTable(c *cli.Context) *table {
	file := terminal(c.App.Writer)
	switch c.Command.Name {
	case "run", "finalize", "recover":
	default:
		return nil
	}
	if file == nil || c.Bool(flagJSON) {
		return nil
	}
	return &table{out: c.App.Writer, file: file, all: c.Command.Name == "finalize", unsaid: map[string]int{}}
}

func (t *table) event(finalize.Event) {}

// report adds the lines of a recording.
func (t *table) report(r *finalize.Report, _ time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	look := t.look(r)
	switch {
	case look != "" && r.Err != nil:
		t.failed = append(t.failed, look)
	case look != "":
		t.looks = append(t.looks, look)
	}
	if idle := r.Done() || r.Status() == finalize.Leased; idle && !t.all && look == "" {
		t.unsaid[shortHeadline(r)]++
		return
	}
	t.rows = append(t.rows, tableRows(r)...)
}

// closed counts what was passed over.
func (t *table) closed(n int, _ finalize.Cost) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n > 0 {
		t.unsaid["closed"] += n
	}
}

// end prints the table, once.
func (t *table) end(int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return
	}
	t.ended = true
	_, _ = io.WriteString(t.out, t.text(columns(t.file))) // a terminal that is gone reads nothing
}

// text is the table and the advice, for a terminal of so many columns.
func (t *table) text(width int) string {
	var b strings.Builder
	if len(t.rows) > 0 {
		slices.SortStableFunc(t.rows, func(x, y []string) int { return strings.Compare(x[0], y[0]) })
		b.WriteString(tableText(t.rows, width))
	}
	var unsaid []string
	for what, n := range t.unsaid {
		unsaid = append(unsaid, fmt.Sprintf("%s: %s", count(n, "recording"), what))
	}
	slices.Sort(unsaid)
	for _, line := range unsaid {
		b.WriteString(line + "\n")
	}
	slices.Sort(t.failed)
	slices.Sort(t.looks)
	if n := len(t.looks) - mostDoubts; n > 0 {
		t.looks = append(t.looks[:mostDoubts:mostDoubts], count(n, "more recording")+": recfin plan shows each")
	}
	for _, line := range append(slices.Clone(t.failed), t.looks...) {
		b.WriteString("look at " + line + "\n")
	}
	return b.String()
}

// tableRows are the lines of a recording: one for each session that was written, or
// one that says what else became of it. What is of all of it stands in the first.
func tableRows(r *finalize.Report) [][]string {
	var rows [][]string
	for _, c := range r.Committed {
		rec := c.Record
		rows = append(rows, []string{printable(r.Recording), rec.Session, clock(slotsNS(rec)), segmentsCell(rec), "", holesCell(rec), outputCell(rec), "", ""})
	}
	if len(rows) == 0 {
		rows = [][]string{{printable(r.Recording), shortHeadline(r), "", "", "", "", "", "", ""}}
	}
	first := rows[0]
	if n := len(r.Plan.Dropped); n > 0 {
		first[4] = fmt.Sprint(n)
	}
	if n := len(r.Deleted); n > 0 {
		first[7] = fmt.Sprint(n)
	}
	first[8] = costCell(r.Cost)
	return rows
}

func slotsNS(r *finalize.Record) int64 {
	var ns int64
	for _, d := range r.Slots.DurationNS {
		ns += d
	}
	return ns
}

// segmentsCell counts the segments of a session, in all renditions.
func segmentsCell(r *finalize.Record) string {
	n := 0
	for i := range r.Renditions {
		n += r.Renditions[i].Len()
	}
	return fmt.Sprint(n)
}

// holesCell counts the holes of a session and says how long they are; what one
// rendition lacks that others have is a GAP.
func holesCell(r *finalize.Record) string {
	var cell []string
	count := func(format string, is func(h *finalize.HoleRow) bool) {
		n, ns := 0, int64(0)
		for i := range r.Holes {
			if h := &r.Holes[i]; is(h) {
				n, ns = n+1, ns+h.DurationNS
			}
		}
		if n > 0 {
			cell = append(cell, fmt.Sprintf(format, n, brief(ns)))
		}
	}
	count("%d (%s)", func(h *finalize.HoleRow) bool { return h.Rendition == "" })
	count("+%d GAP (%s)", func(h *finalize.HoleRow) bool { return h.Rendition != "" })
	return strings.Join(cell, " ")
}

// outputCell is what was written of a session: kinds, and how many bytes.
func outputCell(r *finalize.Record) string {
	var kinds []string
	var n int64
	for _, o := range r.Outputs {
		if n += o.Size; !slices.Contains(kinds, o.Kind) && o.Kind != "iframes" {
			kinds = append(kinds, o.Kind)
		}
	}
	slices.Sort(kinds)
	return strings.Join(kinds, "+") + " " + size(n)
}

// costCell is what was asked of the stores: requests and bytes.
func costCell(c finalize.Cost) string {
	n := c.List + c.Get + c.Head + c.Put + c.Copy + c.Delete
	return fmt.Sprintf("%s, %s", count(int(n), "request"), size(c.BytesRead+c.BytesWritten))
}

// shortHeadline is what became of a recording, in a word or three.
func shortHeadline(r *finalize.Report) string {
	switch s := r.Status(); {
	case s == finalize.NotSettled:
		return "not settled"
	case s == finalize.Leased:
		return "another run holds it"
	case s == finalize.Left:
		return "left to a later run"
	case r.Err != nil:
		return string(s)
	case len(r.Deleted) > 0:
		return fmt.Sprintf("%d deleted", len(r.Deleted))
	case r.Condemned > 0:
		return fmt.Sprintf("%d marked for deletion", r.Condemned)
	}
	return "nothing to do"
}

// look is the line of advice on a recording: the worst of what a person should look
// at, and where to read the rest. Empty: nothing needs a look. What was said of a
// recording when it was written is not said again by each run.
func (t *table) look(r *finalize.Report) string {
	var all []string
	news := len(r.Committed) > 0
	if r.Err != nil && r.Status() != finalize.Leased && r.Status() != finalize.Left {
		all = append(all, strings.TrimPrefix(r.Err.Error(), printable(r.Recording)+": ")+advice(r.Err))
	}
	for _, k := range r.Kept {
		if k.Failed {
			all = append(all, "not deleted: "+printable(k.Key)+": "+k.Why)
		}
	}
	if news || t.all {
		all = append(all, r.Plan.Advice()...)
		for _, u := range r.Plan.Uncertain {
			all = append(all, fmt.Sprintf("uncertain (%s): %s", u.What, u.Why))
		}
	}
	if news {
		all = append(all, r.Problems...)
		for _, w := range r.Plan.Warnings {
			if len(r.Plan.Advice()) == 0 || w != "unusable-segments" {
				all = append(all, warningText(w))
			}
		}
	}
	if len(all) == 0 {
		return ""
	}
	line := printable(r.Recording) + ": " + all[0]
	if n := len(all) - 1; n > 0 {
		line += fmt.Sprintf("; and %d more: recfin plan %s", n, printable(r.Recording))
	}
	return strings.ReplaceAll(line, "\n", "; ")
}

// tableText aligns rows under their titles. Columns in which nothing stands are left
// out, and in a narrow terminal those of the highest ranks; then names are cut.
func tableText(rows [][]string, width int) string {
	widths := make([]int, len(tableColumns))
	for i, c := range tableColumns {
		for _, row := range rows {
			if i == 0 {
				row[i] = runewidth.Truncate(row[i], mostTitle, "…")
			}
			widths[i] = max(widths[i], runewidth.StringWidth(row[i]))
		}
		if widths[i] > 0 {
			widths[i] = max(widths[i], len(c.title))
		}
	}
	const gap = 2
	total := func() int {
		n := -gap
		for _, w := range widths {
			if w > 0 {
				n += w + gap
			}
		}
		return n
	}
	long := widths[0]
	widths[0] = min(long, max(long-(total()-width), fairName))
	for rank := len(tableColumns); rank > 0 && total() > width; rank-- {
		for i, c := range tableColumns {
			if c.rank == rank {
				widths[i] = 0
			}
		}
	}
	widths[0] = min(long, widths[0]+max(width-total(), 0))
	for i := range tableColumns[:2] {
		if over := total() - width; over > 0 {
			widths[i] = max(widths[i]-over, min(leastName, widths[i]))
		}
	}
	var b strings.Builder
	titles := make([]string, len(tableColumns))
	for i, c := range tableColumns {
		titles[i] = c.title
	}
	for _, row := range append([][]string{titles}, rows...) {
		line := ""
		for i, c := range tableColumns {
			if widths[i] == 0 {
				continue
			}
			if line != "" {
				line += strings.Repeat(" ", gap)
			}
			cell := runewidth.Truncate(row[i], widths[i], "…")
			if c.right {
				line += runewidth.FillLeft(cell, widths[i])
			} else {
				line += runewidth.FillRight(cell, widths[i])
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}
