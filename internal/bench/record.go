package main

import (
	"regexp"
	"slices"
	"strings"
)

// record is a Go benchmark with a target.
type record struct {
	point     int
	pkg       string // as go test takes it
	benchmark string // without "Benchmark"
	metric    string
	what      string
	most      float64 // target; 0: none
	least     bool    // the target is the least
	over      string  // benchmark (of the same package and metric) that it is a ratio to; empty: none
	overUnit  string  // metric of that; empty: the same
	format    string
	front     bool // it stands in README.md
	once      bool // it takes minutes: one run has to do
}

// records are the benchmarks with targets.
var records = []record{
	{point: 4, pkg: "./store/s3", benchmark: "List1M", metric: "cpu-s/1M", what: "listing 1,000,000 objects, s of CPU of the client", most: 2, format: asRatio, front: true},
	{point: 4, pkg: "./store/s3", benchmark: "List1M", metric: "cpu-s/1M", over: "List100k", what: "the same for each object, to listing 100,000", most: 1.15, format: asRatio},
	{point: 4, pkg: "./finalize", benchmark: "Plan/segments=1000000", metric: "cpu-ns/segment", what: "planning 1,000,000 segments, ns of CPU a segment", most: 2000, format: asCount, front: true},
	{point: 4, pkg: "./finalize", benchmark: "Plan/segments=1000000", metric: "cpu-ns/segment", over: "Plan/segments=100000", what: "the same for each segment, to planning 100,000", most: 1.25, format: asRatio},
	{point: 4, pkg: "./finalize", benchmark: "PlanLive/segments=1000000", metric: "live-B/segment", what: "live memory at the peak of planning 1,000,000, bytes a segment", most: 400, format: asCount, front: true, once: true},
	{point: 5, pkg: "./finalize", benchmark: "References/segments=100000", metric: "cpu-s", what: "a playlist that refers to 100,000 segments, with sidecars: s of CPU", most: 3, format: asRatio, front: true},
	{point: 5, pkg: "./finalize", benchmark: "References/segments=100000", metric: "requests", what: "requests of that", format: asCount},
	{point: 6, pkg: "./cmd/recfin", benchmark: "ManySmall/10000", metric: "recordings/s", what: "small recordings a second, of 10,000", most: 50, least: true, format: asCount, front: true, once: true},
	{point: 6, pkg: "./cmd/recfin", benchmark: "ManySmall/10000", metric: "live-KiB-late", over: "ManySmall/10000", overUnit: "live-KiB-early", what: "live memory at the end of those, to that after a tenth", most: 1.25, format: asRatio, once: true},
}

// recordRun is a benchmark of a package, by a pattern that nothing else there matches.
type recordRun struct {
	pkg, pattern string
	once         bool
}

// recordRuns are the benchmarks with targets and those that they are compared with,
// each once.
func recordRuns() []recordRun {
	var all []recordRun
	for _, r := range records {
		for _, name := range []string{r.benchmark, r.over} {
			var parts []string
			for part := range strings.SplitSeq(name, "/") {
				parts = append(parts, "^"+regexp.QuoteMeta(part)+"$")
			}
			parts[0] = strings.Replace(parts[0], "^", "^Benchmark", 1)
			if run := (recordRun{r.pkg, strings.Join(parts, "/"), r.once}); name != "" && !slices.Contains(all, run) {
				all = append(all, run)
			}
		}
	}
	return all
}

// recordsTogether matches all of them and the other parts of the same benchmarks.
func recordsTogether() string {
	var all []string
	for _, one := range recordRuns() {
		if top, _, _ := strings.Cut(one.pattern, "/"); !slices.Contains(all, top) {
			all = append(all, top)
		}
	}
	return strings.Join(all, "|")
}

// in reports whether the benchmark is in a package, by its whole path.
func (r *record) in(pkg string) bool { return strings.HasSuffix(pkg, strings.TrimPrefix(r.pkg, ".")) }

// benchmark finds a benchmark of the package of a record by name.
func (f *figures) benchmark(r *record, name string) *benchmark {
	i := slices.IndexFunc(f.Benchmarks, func(b benchmark) bool { return b.Name == name && r.in(b.Package) })
	if i < 0 {
		return nil
	}
	return &f.Benchmarks[i]
}

// judgeRecords holds the Go benchmarks against their targets.
func judgeRecords(f *figures) []verdict {
	var all []verdict
	for _, r := range records {
		v := verdict{point: r.point, what: r.what, most: r.most, least: r.least, format: r.format, front: r.front}
		b := f.benchmark(&r, r.benchmark)
		if b == nil {
			continue
		}
		got, ok := b.median(r.metric)
		if !ok {
			continue
		}
		if v.got = got; r.over != "" {
			unit := r.overUnit
			if unit == "" {
				unit = r.metric
			}
			b := f.benchmark(&r, r.over)
			if b == nil {
				continue
			}
			other, ok := b.median(unit)
			if !ok || other == 0 {
				continue
			}
			v.got /= other
		}
		all = append(all, v)
	}
	return all
}
