package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// page is docs/benchmarks.md: all that was measured, and nothing else.
func (f *figures) page() string {
	var p strings.Builder
	p.WriteString(`# Measured side by side

For whoever wants to know what it takes, and what to compare with; and for who wants to repeat it.

` + "`make bench`" + ` makes the inputs, runs everything below by turns, and writes this page; nothing on it is typed by hand. How it is measured stands [below](#how-it-is-measured).

## What came out

`)
	p.WriteString(f.verdictTable().String())
	p.WriteString("\nThe numbers on the left are those of the targets: 1 and 2 store to store, 3 in a folder, 4 listing and planning, 5 playlists that refer to segments, 6 many small recordings, 7 a store that is far away, 8 a second run.\n")
	p.WriteString("\n## What we lose\n\n" + bullets(f.losses()))
	for _, s := range sections {
		results := f.Sections[s.name]
		if len(results) == 0 {
			continue
		}
		fmt.Fprintf(&p, "\n## %s\n\n%s\n\n%s", s.title, s.about(f), resultTable(results))
		p.WriteString("\nThe commands:\n\n")
		for i := range results {
			fmt.Fprintf(&p, "- %s: %s\n", results[i].Name, commands(results[i].Command))
		}
		p.WriteString(requestTable(results))
	}
	p.WriteString(f.benchmarkText())
	p.WriteString(f.countText())
	p.WriteString(f.machineText())
	p.WriteString(howText)
	return p.String()
}

// verdictTable has a row for each figure that has a target, or is given beside one.
func (f *figures) verdictTable() table {
	rows := table{{"", "what", "measured", "target", ""}}
	for _, v := range f.verdicts() {
		target := "–"
		if v.most != 0 {
			target = "at most " + v.show(v.most)
			if v.least {
				target = "at least " + v.show(v.most)
			}
		}
		word := v.word()
		if word == "missed" {
			word = "**missed**"
		}
		rows = append(rows, []string{fmt.Sprint(v.point), v.what, v.show(v.got), target, word})
	}
	return rows
}

// front is the table in README.md: the main ones of them.
func (f *figures) front() string {
	rows := table{{"", "measured", "target", ""}}
	for i, row := range f.verdictTable()[1:] {
		if f.verdicts()[i].front {
			rows = append(rows, row[1:])
		}
	}
	return fmt.Sprintf("%s\nOn %d cores (%s), a recording of %d min in %d segments, %s.\n",
		rows, f.Machine.Cores, f.Machine.CPU, f.Media.Seconds/60, f.Media.Segments, f.Date)
}

// resultTable has a row for each contender.
func resultTable(results []result) table {
	rows := table{append([]string{""}, columns...)}
	for i := range results {
		rows = append(rows, append([]string{results[i].Name}, cells(&results[i])...))
	}
	return rows
}

// requestTable has the requests by kind of those that made any, empty where none did.
func requestTable(results []result) string {
	rows := table{{"", "of segments", "of outputs", "for itself"}}
	for i := range results {
		r := &results[i]
		var of [3][]string
		for _, kind := range r.kinds() {
			where, operation, _ := strings.Cut(kind, " ")
			n := max(0, slices.Index([]string{sources, outs, private}, where))
			of[n] = append(of[n], fmt.Sprintf("%d %s", r.over(asked(kind)).median, operation))
		}
		if all := slices.Concat(of[:]...); len(all) > 0 {
			rows = append(rows, []string{r.Name, strings.Join(of[0], ", "), strings.Join(of[1], ", "), strings.Join(of[2], ", ")})
		}
	}
	if len(rows) == 1 {
		return ""
	}
	return "\nWhat the server was asked for (*for itself*: what the store honours, leases, the state of what is finished):\n\n" + rows.String()
}

// commands are commands as code, one after the other.
func commands(list []string) string {
	var all []string
	for _, c := range list {
		all = append(all, "`"+c+"`")
	}
	return strings.Join(all, ", then ")
}

func bullets(list []string) string {
	if len(list) == 0 {
		return "Nothing, in what was measured here.\n"
	}
	return "- " + strings.Join(list, "\n- ") + "\n"
}

// losses are the targets that were missed, and the figures in which a rival that
// does as much is better, however small the difference.
func (f *figures) losses() []string {
	var all []string
	for _, v := range f.verdicts() {
		if v.word() == "missed" {
			all = append(all, fmt.Sprintf("Missed (%d): %s: %s, the target %s.", v.point, v.what, v.show(v.got), v.show(v.most)))
		}
	}
	for _, s := range sections {
		for _, pair := range s.rivals {
			us, them := f.of(s.name, pair[0]), f.of(s.name, pair[1])
			if us == nil || them == nil {
				continue
			}
			for _, m := range []struct {
				what, format string
				unit         float64
				get          func(cost) int64
			}{
				{"wall time", "%.2f s", float64(time.Second), wall},
				{"processor time", "%.2f s", float64(time.Second), cpu},
				{"peak memory", "%.0f MiB", 1 << 20, peak},
				{"requests", "%.0f", 1, asked()},
			} {
				a, b := us.over(m.get).median, them.over(m.get).median
				if b < a && b > 0 {
					show := func(x int64) string { return fmt.Sprintf(m.format, float64(x)/m.unit) }
					all = append(all, fmt.Sprintf("%s: %s of `%s` %s, of `%s` %s.", s.title, m.what, pair[1], show(b), pair[0], show(a)))
				}
			}
		}
	}
	return all
}

// benchmarkText has the Go benchmarks that have targets, with all they report.
func (f *figures) benchmarkText() string {
	if len(f.Benchmarks) == 0 {
		return ""
	}
	rows := table{{"", "reports"}}
	for _, b := range f.Benchmarks {
		var said []string
		for _, unit := range slices.Sorted(maps.Keys(b.Metrics)) {
			x, _ := b.median(unit)
			said = append(said, fmt.Sprintf("%s %s", short(x), unit))
		}
		rows = append(rows, []string{"`" + b.Name + "`", strings.Join(said, ", ")})
	}
	text := "\n## Go benchmarks\n\nThose that have targets, with the medians of what they report:\n\n" + rows.String()
	return text + "\nAll others, and each single run of these, are in `bin/bench.txt` after `make bench`, in the form that `benchstat` reads. `BENCH=Join` runs only those of that name, `BENCHCOUNT=10` each ten times.\n"
}

// countText has what tests have counted.
func (f *figures) countText() string {
	if len(f.Counts) == 0 {
		return ""
	}
	rows := table{{"", "counted"}}
	for _, c := range f.Counts {
		rows = append(rows, []string{fmt.Sprint(c.Point), c.Text})
	}
	return "\n## Counts that tests hold\n\nA test fails where one of these is over its target, so all of them are reached:\n\n" + rows.String()
}

// short is a number with at most four digits that count.
func short(x float64) string {
	switch {
	case x >= 1000 || x == float64(int64(x)):
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.3g", x)
}

// machineText says on what it was measured.
func (f *figures) machineText() string {
	m := f.Machine
	rows := table{{"", ""},
		{"date", f.Date},
		{"processor", fmt.Sprintf("%s, %d cores", m.CPU, m.Cores)},
		{"memory", fmt.Sprintf("%.0f GiB", float64(m.Memory)/(1<<30))},
		{"disk", m.Disk},
		{"kernel", m.Kernel},
	}
	for _, program := range slices.Sorted(maps.Keys(m.Versions)) {
		rows = append(rows, []string{program, m.Versions[program]})
	}
	rows = append(rows, []string{"recording", fmt.Sprintf("%d s, %d segments, %d bytes", f.Media.Seconds, f.Media.Segments, f.Media.Bytes)})
	if f.Media.Thin != "" {
		rows = append(rows, []string{"recording of 48 hours", f.Media.Thin})
	}
	return "\n## The machine\n\n" + rows.String()
}

const howText = `
## How it is measured

- **By turns.** The contenders of a section run one after the other, a round at a time, so that what else the machine does falls on all of them. The figures are medians; what reads a list of files with *ffmpeg -f concat* is slow and runs in the first round alone; beside the wall time stand the shortest and the longest.
- **New each time.** Each run has an empty folder and an empty bucket of its own, which go afterwards; before it the disk is synced. In a folder a run is over when its output is on the disk (fsync); store to store when the last command ends.
- **Processor time, peak memory and files** are what the system says of the processes of a contender when they have ended: user and system time of all of them, resident memory of the largest (where it is less than that of the process which started it, some 17 MiB, that one's), bytes written into files of this machine. A pipeline of three commands has the sum of their times, and the peak of the largest.
- **The server** (versitygw over a folder, on the same machine) takes its part of the same processors: *server s* is what it took meanwhile. So wall times store to store are those of client and server together, and a client that computes less leaves it more.
- **Requests** are counted in the access log of the server, **bytes read** by recfin itself: bodies, without headers.
- **Latency** is added by a proxy (a process of this program) that holds back what a client sends; each request waits so much longer, and each new connection too. Its own processor time is in both contenders that are compared.
- **What it is not**: a network, and a service with limits. All reads come from the page cache, and requests cost the server little.

To repeat it:

` + "```sh" + `
make help | grep bench    # make bench: 20 minutes on two cores at rest, 20 GB below bin/
` + "```" + `

` + "`make bench ONLY=store ROUNDS=1`" + ` runs one section once and prints its tables; only a run of everything writes this page.

Next: [what that means for many segments a day](scale.md), [where the time goes](speed.md).
`
