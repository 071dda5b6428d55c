package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"
	"pgregory.net/rapid"

	"recfin/finalize"
	"recfin/store"
)

// tabled is what a table shows of reports.
func tabled(all bool, width int, reports ...*finalize.Report) string {
	t := &table{all: all, unsaid: map[string]int{}}
	for _, r := range reports {
		t.report(r, 0)
	}
	return t.text(width)
}

// reported is a report of a recording of which nothing is to be said.
func reported(name string, change func(*finalize.Report)) *finalize.Report {
	r := &finalize.Report{Recording: name, Plan: &finalize.Plan{Recording: name, Status: finalize.Done}, Cost: finalize.Cost{Get: 2, BytesRead: 2048}}
	change(r)
	return r
}

// written is one with a session of ten seconds.
func written(name string) *finalize.Report {
	return reported(name, func(r *finalize.Report) {
		rec := &finalize.Record{Recording: name, Session: "20250601T180000Z"}
		for i := range 5 {
			rec.Slots.Seq, rec.Slots.DurationNS = append(rec.Slots.Seq, int64(i)), append(rec.Slots.DurationNS, int64(2*time.Second))
		}
		rec.Renditions = []finalize.RenditionRecord{{Name: "720p", ObjectColumns: finalize.ObjectColumns{Key: make([]string, 5)}}, {Name: "360p", ObjectColumns: finalize.ObjectColumns{Key: make([]string, 4)}}}
		rec.Holes = []finalize.HoleRow{{DurationNS: int64(6 * time.Second)}}
		rec.Outputs = []finalize.Output{{Kind: "mp4", Size: 3 << 20}, {Kind: "iframes", Size: 1}, {Kind: "hls", Size: 512}}
		r.Committed = []finalize.Committed{{Version: "1-0", Record: rec}}
	})
}

func TestTable(t *testing.T) {
	t.Parallel()
	nothing := func(*finalize.Report) {}
	idle := func(name string) *finalize.Report { return reported(name, nothing) }
	waiting := reported("live", func(r *finalize.Report) { r.Plan.Status = finalize.NotSettled })
	held := reported("held", func(r *finalize.Report) { r.Err = fmt.Errorf("held: %w", finalize.ErrLeased) })
	broken := reported("broken", func(r *finalize.Report) { r.Err = errors.New("broken: no such luck\nat all") })
	deleted := reported("gone", func(r *finalize.Report) { r.Deleted = make([]store.Object, 7) })
	marked := reported("due", func(r *finalize.Report) { r.Condemned = 3 })
	unsure, known := written("unsure"), idle("known")
	unsure.Plan.Uncertain = []finalize.UncertainRow{{What: "order", Why: "two clocks", Keys: []string{"a"}}, {What: "copy", Why: "who knows", Keys: []string{"b"}}}
	known.Plan.Uncertain = unsure.Plan.Uncertain[1:]
	lacking := written("lacking")
	rec := lacking.Committed[0].Record
	rec.Holes = append(rec.Holes, finalize.HoleRow{Rendition: "360p", DurationNS: int64(time.Second)}, finalize.HoleRow{Rendition: "360p", DurationNS: int64(460 * time.Millisecond)})
	for _, c := range []struct {
		name    string
		all     bool
		width   int
		reports []*finalize.Report
		want    string
	}{
		{"nothing", false, 80, nil, ""},
		{"a night without work", false, 80, []*finalize.Report{idle("a"), idle("b"), waiting}, `
1 recording: not settled
2 recordings: nothing to do
`},
		{"named", true, 80, []*finalize.Report{idle("b"), waiting, idle("a")}, `
RECORDING  SESSION                       COST
a          nothing to do  2 requests, 2.0 KiB
b          nothing to do  2 requests, 2.0 KiB
live       not settled    2 requests, 2.0 KiB
`},
		{"worked on", false, 120, []*finalize.Report{written("foo"), idle("idle"), deleted, marked, held}, `
RECORDING  SESSION                   DURATION  SEGMENTS  HOLES      OUTPUT           DELETED                 COST
due        3 marked for deletion                                                              2 requests, 2.0 KiB
foo        20250601T180000Z       0:00:10.000         9  1 (6.0 s)  hls+mp4 3.0 MiB           2 requests, 2.0 KiB
gone       7 deleted                                                                       7  2 requests, 2.0 KiB
1 recording: another run holds it
1 recording: nothing to do
`},
		{"80 columns", false, 80, []*finalize.Report{written("foo")}, `
RECORDING  SESSION              DURATION  SEGMENTS  HOLES      OUTPUT
foo        20250601T180000Z  0:00:10.000         9  1 (6.0 s)  hls+mp4 3.0 MiB
`},
		{"80 columns and a long name", false, 80, []*finalize.Report{written("foo"), written("a-recording-with-a-name-longer-than-most-of-them"), lacking}, `
RECORDING                SESSION              DURATION  HOLES
a-recording-with-a-nam…  20250601T180000Z  0:00:10.000  1 (6.0 s)
foo                      20250601T180000Z  0:00:10.000  1 (6.0 s)
lacking                  20250601T180000Z  0:00:10.000  1 (6.0 s) +2 GAP (1.5 s)
`},
		{"50 columns", false, 50, []*finalize.Report{written("foo")}, `
RECORDING  SESSION              DURATION
foo        20250601T180000Z  0:00:10.000
`},
		{"20 columns", false, 20, []*finalize.Report{written("a rather long name")}, `
RECORDING     SESSION
a rather lo…  20250601T18…
`},
		{"known since it was written", false, 80, []*finalize.Report{known}, "1 recording: nothing to do\n"},
		{"known, but asked for", true, 80, []*finalize.Report{known}, `
RECORDING  SESSION                       COST
known      nothing to do  2 requests, 2.0 KiB
look at known: uncertain (copy): who knows
`},
		{"a look", false, 40, []*finalize.Report{unsure, broken}, `
RECORDING  SESSION              DURATION
broken     failed
unsure     20250601T180000Z  0:00:10.000
look at broken: no such luck; at all
look at unsure: uncertain (order): two clocks; and 1 more: recfin plan unsure
`},
		{"names", true, 80, []*finalize.Report{idle("漢字"), idle("e\u0301a"), idle("esc\x1b[31m\nred")}, `
RECORDING           SESSION                       COST
"esc\x1b[31m\nred"  nothing to do  2 requests, 2.0 KiB
éa                  nothing to do  2 requests, 2.0 KiB
漢字                nothing to do  2 requests, 2.0 KiB
`},
	} {
		if got := tabled(c.all, c.width, c.reports...); got != strings.TrimPrefix(c.want, "\n") {
			t.Errorf("%s: got\n%s", c.name, got)
		}
	}
}

// A hundred recordings that need a look have six lines; those that failed have all
// of them.
func TestTableManyLooks(t *testing.T) {
	t.Parallel()
	var all []*finalize.Report
	for i := range 50 {
		unsure := written(fmt.Sprintf("unsure-%02d", i))
		unsure.Plan.Uncertain = []finalize.UncertainRow{{What: "order", Why: "two clocks", Keys: []string{"a"}}}
		all = append(all, unsure, reported(fmt.Sprintf("bad-%02d", i), func(r *finalize.Report) { r.Err = finalize.ErrRefused }))
	}
	text := tabled(false, 80, all...)
	if n := strings.Count(text, "look at bad-"); n != 50 {
		t.Errorf("%d lines of 50 that failed", n)
	}
	if n := strings.Count(text, "look at unsure-"); n != mostDoubts || !strings.Contains(text, "look at 44 more recordings: recfin plan shows each\n") {
		t.Errorf("%d lines of others:\n%s", n, text)
	}
}

// However narrow the terminal, columns stand below each other and no name reaches it
// as it is. Below 26 columns it may be too wide.
func TestTableFits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var all []*finalize.Report
		for range rapid.IntRange(1, 5).Draw(t, "recordings") {
			name := rapid.StringOfN(rapid.RuneFrom([]rune("aé漢\u0301🎬-\x1b\n\u202e")), 1, 60, -1).Draw(t, "name")
			r := written(name)
			r.Cost.Get = rapid.Int64Min(0).Draw(t, "get")
			all = append(all, r)
		}
		width := rapid.IntRange(1, 160).Draw(t, "width")
		text := tabled(false, width, all...)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if len(lines) != len(all)+1 {
			t.Fatalf("%d lines:\n%s", len(lines), text)
		}
		at := runewidth.StringWidth(lines[0][:strings.Index(lines[0], "SESSION")])
		for i, line := range lines {
			if n := runewidth.StringWidth(line); n > max(width, 26) {
				t.Fatalf("%q takes %d of %d columns", line, n, width)
			}
			if strings.ContainsAny(line, "\x1b\u202e\t") {
				t.Fatalf("%q", line)
			}
			if i > 0 && runewidth.StringWidth(line[:strings.Index(line, "20250601T")]) != at {
				t.Fatalf("not aligned:\n%s", text)
			}
		}
	})
}

// A hole of 1.9998 s is one of two seconds in the plan, as it is in the report.
func TestBrief(t *testing.T) {
	t.Parallel()
	for ns, want := range map[time.Duration]string{
		0: "0.0 s", 1999966667: "2.0 s", 1160 * time.Millisecond: "1.2 s", 59949 * time.Millisecond: "59.9 s", 59950 * time.Millisecond: "1 min 00 s",
		90 * time.Second: "1 min 30 s", time.Hour - 500*time.Millisecond: "1 h 00 min", 7500 * time.Second: "2 h 05 min",
	} {
		if got := brief(int64(ns)); got != want {
			t.Errorf("%d ns: %s, want %s", ns, got, want)
		}
	}
}
