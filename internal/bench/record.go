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
}

// records are the benchmarks with targets.
var records = []record{
	{point: 4, pkg: "./store/s3", benchmark: "List1M", metric: "cpu-s/1M", what: "listing 1,000,000 objects, s of CPU of the client", most: 2, format: asRatio},
	{point: 4, pkg: "./store/s3", benchmark: "List1M", metric: "cpu-s/1M", over: "List100k", what: "the same for each object, to listing 100,000", most: 1.15, format: asRatio},
	{point: 6, pkg: "./cmd/recfin", benchmark: "ManySmall/10000", metric: "recordings/s", what: "small recordings a second, of 10,000", most: 50, least: true, format: asCount},
}

// recordPattern matches the benchmarks of a package that have targets, of all
// packages where it is empty.
func recordPattern(pkg string) string {
	var names []string
	for _, r := range records {
		for _, name := range []string{r.benchmark, r.over} {
			top, _, _ := strings.Cut(name, "/")
			if top = regexp.QuoteMeta(top); top != "" && (pkg == "" || r.pkg == pkg) && !slices.Contains(names, top) {
				names = append(names, top)
			}
		}
	}
	return "^Benchmark(" + strings.Join(names, "|") + ")$"
}

// recordPackages are the packages of records, each once.
func recordPackages() []string {
	var all []string
	for _, r := range records {
		if !slices.Contains(all, r.pkg) {
			all = append(all, r.pkg)
		}
	}
	return all
}

// benchmark finds a benchmark by package as in a record, and name.
func (f *figures) benchmark(pkg, name string) *benchmark {
	i := slices.IndexFunc(f.Benchmarks, func(b benchmark) bool {
		return b.Name == name && strings.HasSuffix(b.Package, strings.TrimPrefix(pkg, "."))
	})
	if i < 0 {
		return nil
	}
	return &f.Benchmarks[i]
}

// judgeRecords holds the Go benchmarks against their targets.
func judgeRecords(f *figures) []verdict {
	var all []verdict
	for _, r := range records {
		v := verdict{point: r.point, what: r.what, most: r.most, least: r.least, format: r.format}
		b := f.benchmark(r.pkg, r.benchmark)
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
			b := f.benchmark(r.pkg, r.over)
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
