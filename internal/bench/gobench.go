package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// benchmark is what a Go benchmark has reported, one figure of each metric for
// each time that it ran.
type benchmark struct {
	Package string               `json:"package"`
	Name    string               `json:"name"` // without "Benchmark" and the number of processors
	Metrics map[string][]float64 `json:"metrics"`
}

// median of a metric; ok is false where it was not reported.
func (b *benchmark) median(metric string) (value float64, ok bool) {
	list := slices.Sorted(slices.Values(b.Metrics[metric]))
	if len(list) == 0 {
		return 0, false
	}
	return list[(len(list)-1)/2], true
}

// everyBenchmark is the pattern of all; with another one, but for the empty one, those
// with targets do not run.
const everyBenchmark = "."

// goBenchmarks runs the Go benchmarks: first those of the hot paths, then those of
// record. What they print goes into file, as benchstat reads it.
func (l *lab) goBenchmarks(ctx context.Context, o *options) ([]benchmark, error) {
	var all bytes.Buffer
	if o.pattern != "" {
		packages, err := withBenchmarks(".")
		if err != nil {
			return nil, err
		}
		args := []string{"test", "-run", "^$", "-bench", o.pattern, "-skip", recordsTogether(), "-benchmem", "-cpu", "1", "-count", strconv.Itoa(o.count)}
		if l.quick {
			args = append(args, "-benchtime", "1x")
		}
		if err := l.goTest(ctx, &all, nil, append(args, packages...)...); err != nil {
			return nil, err
		}
	}
	if o.ofRecord() && !l.quick {
		for _, one := range recordRuns() {
			fmt.Fprintf(os.Stderr, "  %s\n", one.pattern)
			count := l.rounds
			if one.once {
				count = 1
			}
			err := l.goTest(ctx, &all, nil, "test", "-run", "^$", "-bench", one.pattern, "-benchmem", "-benchtime", "1x", "-count", strconv.Itoa(count), "-timeout", "30m", one.pkg)
			if err != nil {
				return nil, err
			}
		}
	}
	if err := os.WriteFile(o.saved, all.Bytes(), 0o644); err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "What the Go benchmarks printed is in %s: benchstat reads it.\n", o.saved)
	return withTargets(parseBenchmarks(all.String())), nil
}

// withTargets are the benchmarks that records are about.
func withTargets(all []benchmark) []benchmark {
	return slices.DeleteFunc(all, func(b benchmark) bool {
		return !slices.ContainsFunc(records, func(r record) bool {
			return r.in(b.Package) && (b.Name == r.benchmark || b.Name == r.over)
		})
	})
}

// goTest runs go test and keeps what it prints.
func (l *lab) goTest(ctx context.Context, to *bytes.Buffer, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(append(os.Environ(), "TMPDIR="+l.dir), env...)
	cmd.Stderr = os.Stderr
	endTogether(cmd)
	said, err := cmd.Output()
	to.Write(said)
	if err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, last(said, 4000))
	}
	return nil
}

// withBenchmarks are the packages below a folder that have benchmarks.
func withBenchmarks(root string) ([]string, error) {
	var packages []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "bin") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if pkg := "./" + filepath.ToSlash(filepath.Dir(path)); err == nil && bytes.Contains(text, []byte("\nfunc Benchmark")) && !slices.Contains(packages, pkg) {
			packages = append(packages, pkg)
		}
		return err
	})
	return packages, err
}

// processors ends the name of a benchmark that ran on more than one.
var processors = regexp.MustCompile(`-\d+$`)

// parseBenchmarks reads what go test -bench prints.
func parseBenchmarks(text string) []benchmark {
	var all []benchmark
	pkg := ""
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 2 && fields[0] == "pkg:" {
			pkg = fields[1]
		}
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		if _, err := strconv.Atoi(fields[1]); err != nil {
			continue
		}
		name := processors.ReplaceAllString(strings.TrimPrefix(fields[0], "Benchmark"), "")
		i := slices.IndexFunc(all, func(b benchmark) bool { return b.Package == pkg && b.Name == name })
		if i < 0 {
			i, all = len(all), append(all, benchmark{Package: pkg, Name: name, Metrics: map[string][]float64{}})
		}
		for value, unit := range pairs(fields[2:]) {
			if x, err := strconv.ParseFloat(value, 64); err == nil {
				all[i].Metrics[unit] = append(all[i].Metrics[unit], x)
			}
		}
	}
	return all
}

// pairs gives values and units by turns.
func pairs(fields []string) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for i := 0; i+1 < len(fields); i += 2 {
			if !yield(fields[i], fields[i+1]) {
				return
			}
		}
	}
}
