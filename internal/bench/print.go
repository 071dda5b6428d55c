package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// print writes the tables of all sections that were run, for a terminal.
func (f *figures) print(to io.Writer) {
	for _, s := range sections {
		if results := f.Sections[s.name]; len(results) > 0 {
			fmt.Fprintf(to, "\n%s\n\n", s.title)
			printResults(to, results)
		}
	}
	fmt.Fprintln(to)
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, v := range f.verdicts() {
		if v.most == 0 {
			fmt.Fprintf(w, "%d\t\t%s\t%s\n", v.point, v.what, v.show(v.got))
			continue
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t(target %s)\n", v.point, v.word(), v.what, v.show(v.got), v.show(v.most))
	}
	w.Flush()
}

func printResults(to io.Writer, results []result) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, strings.Join(columns, "\t")+"\t")
	for i := range results {
		fmt.Fprintf(w, "%s\t  %s\n", strings.Join(cells(&results[i]), "\t"), results[i].Name)
	}
	w.Flush()
}

// columns are the figures of a contender: medians, and least and most of the wall time.
var columns = []string{"wall s", "(min–max)", "CPU s", "server s", "peak MiB", "files MiB", "read MiB", "requests"}

// cells are the figures of one, in the order of columns.
func cells(r *result) []string {
	s := func(n int64) string { return fmt.Sprintf("%.2f", time.Duration(n).Seconds()) }
	mib := func(n int64) string { return fmt.Sprint((n + 1<<19) >> 20) }
	w := r.over(wall)
	return []string{
		s(w.median), s(w.least) + "–" + s(w.most), s(r.over(cpu).median), s(r.over(server).median),
		mib(r.over(peak).median), mib(r.over(files).median), mib(r.over(read).median), fmt.Sprint(r.over(asked()).median),
	}
}
