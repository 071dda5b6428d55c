package main

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// loads are the segments a day that the page works out.
var loads = []float64{10e3, 1e6, 100e6}

// operation is the kind of a request without what it is about.
func operation(kind string) string {
	_, operation, _ := strings.Cut(kind, " ")
	return operation
}

// scalePage is docs/scale.md: what the figures mean for many segments a day.
func (f *figures) scalePage() string {
	units := f.units()
	var p strings.Builder
	fmt.Fprintf(&p, `# Many segments a day: what it takes

For whoever plans machines and pays the bill. It is worked out from [what was measured](benchmarks.md) by %s; nothing on this page is typed by hand, and the formulas stand below for numbers of your own.

A recording here is what was measured: %d segments of %d s, %.0f MB. A hundred million segments a day are %s such recordings a day, or %s broadcasters that never sleep.

## One recording

What one takes, without sidecar playlists: one read of each segment to learn how long it is, where a playlist refers to it; all of it, where it is written anew.

`, "`make bench`", f.Media.Segments, segmentSeconds, float64(f.Media.Bytes)/1e6, number(100e6/float64(max(f.Media.Segments, 1))), number(100e6*segmentSeconds/86400))
	rows := table{{"output", "GET, HEAD", "PUT, COPY, POST", "LIST", "DELETE", "dollars a thousand recordings", "processor s", "MB read", "MB written"}}
	for _, u := range units {
		rows = append(rows, []string{
			u.mode, number(u.asked.get), number(u.asked.put), number(u.asked.list), number(u.asked.free),
			money(1000 * u.asked.dollars()), fmt.Sprintf("%.2f", u.cpu), number(u.read / 1e6), number(u.sent / 1e6),
		})
	}
	p.WriteString(rows.String())
	for _, segments := range loads {
		fmt.Fprintf(&p, "\n## %s segments a day\n\n%s", number(segments), f.loadTable(units, segments))
	}
	if len(units) > 0 {
		p.WriteString(f.firstText(units[0]))
	}
	p.WriteString(formulaText())
	return p.String()
}

// loadTable has a row for each kind of output.
func (f *figures) loadTable(units []unit, segments float64) string {
	rows := table{{"output", "recordings", "requests", "dollars a day", "processor hours", "one machine takes", "machines = shards", "what comes first"}}
	for _, u := range units {
		d := u.scale(segments, f.Machine.Cores)
		first := d.first()
		rows = append(rows, []string{
			u.mode, number(math.Ceil(d.recordings)), number(d.asked.plus(d.again).plus(d.names.times(d.machines())).all()), money(d.dollars()), fmt.Sprintf("%.1f", d.cpuHours),
			length(d.alone()), number(d.machines()), fmt.Sprintf("%s (%s of the night)", first.what, percent(first.share)),
		})
	}
	return rows.String()
}

// firstText says what the largest load meets first, in order.
func (f *figures) firstText(u unit) string {
	d := u.scale(loads[len(loads)-1], f.Machine.Cores)
	var p strings.Builder
	fmt.Fprintf(&p, "\n## Which limit comes first\n\nAt %s segments a day and %s, in shares of what one machine, or one prefix of the store, gives in %s:\n\n", number(d.segments), u.mode, length(night))
	rows := table{{"limit", "taken", "what helps"}}
	for _, n := range d.needs {
		rows = append(rows, []string{n.what, percent(n.share), remedies[n.what]})
	}
	p.WriteString(rows.String())
	fmt.Fprintf(&p, "\nMemory does not grow with the day: `--memory` bounds the segments in flight, and the tables of a recording grow with its length alone. What grows with the years is [finding work](finding-work.md): names and looks, %s requests a night here for what is kept of a year. `--ids -` from a queue of events needs neither.\n", number(d.names.plus(d.again).all()))
	return p.String()
}

// remedies say what one does about a limit.
var remedies = map[string]string{
	"processors":                            "more shards",
	"network":                               "more shards, or a playlist that refers to segments",
	"reading, by the second, of one prefix": "sidecar playlists (one request for many segments); S3 splits a prefix that is busy for long, at names that differ early",
	"writing, by the second, of one prefix": "a single file instead of copies; the same",
	"waiting for answers":                   "more shards; a larger `--concurrency`; sidecar playlists",
	"looking again":                         "more shards, a longer `--recheck`, `--ids -`",
	"listing names":                         "`--ids -`, or `--from` and `--to`; shards do not help: each lists all names",
}

func formulaText() string {
	return fmt.Sprintf(`
## With your own numbers

With S segments a day, R = S / segments of a recording, and the first table (requests, processor seconds c, bytes):

- dollars a day = R × (GET × 0.0000004 + (PUT + LIST) × 0.000005) + 0.000005 × (names / 1000 × machines + looks)
- names = R × days that are kept (here %d); looks = names / `+"`--recheck`"+` in days (here %d) × pages of 1,000 segments
- machines = the largest of these, each divided by the seconds of the night (here %s), rounded up:
  R × c / cores; R × bytes / bytes a second of the line (here %s MB); requests × %d ms / %d; looks × the same
- the least time that one prefix allows = R × (GET + LIST) / %d, or R × (PUT + DELETE) / %d, seconds

Dollars are those of the requests, with the prices of S3 in us-east-1 (PUT, COPY, POST, LIST $0.005 a thousand, GET and HEAD $0.0004, DELETE nothing); reading and writing inside a region costs nothing more, and storage costs what it costs. Prices and limits were looked up, not measured, like the time of an answer and the line.

The processor seconds are those of the machine of [the measurement](benchmarks.md#the-machine), which also ran the server.

Next: [what a nightly run costs](finding-work.md), [many recordings on many machines](shards.md), [measured side by side](benchmarks.md).
`, keptDays, recheckDays, length(night), number(lineRate/1e6), answer.Milliseconds(), together, mostGets, mostPuts)
}

// number is a count with commas, or with two digits where it is small and broken.
func number(x float64) string {
	if x < 10 && x != math.Trunc(x) {
		return fmt.Sprintf("%.1f", x)
	}
	digits := fmt.Sprintf("%.0f", x)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func money(x float64) string {
	switch {
	case x >= 100:
		return "$" + number(x)
	case x >= 1:
		return fmt.Sprintf("$%.2f", x)
	}
	return fmt.Sprintf("$%.4f", x)
}

func percent(x float64) string {
	switch {
	case x < 0.0005:
		return "under 0.1 %"
	case x < 0.1:
		return fmt.Sprintf("%.1f %%", 100*x)
	case x > 10:
		return number(math.Round(x)) + " ×"
	}
	return fmt.Sprintf("%.0f %%", 100*x)
}

// length is a time as a person says it.
func length(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%.1f days", d.Hours()/24)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%s h", strings.TrimSuffix(fmt.Sprintf("%.1f", d.Hours()), ".0"))
	case d >= 2*time.Minute:
		return fmt.Sprintf("%.0f min", d.Minutes())
	}
	return fmt.Sprintf("%.0f s", d.Seconds())
}
