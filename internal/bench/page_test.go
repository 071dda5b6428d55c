package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/internal/golden"
	"recfin/internal/testenv"
)

// sample are figures as a run leaves them, small enough to check by hand.
func sample() *figures {
	const s = time.Second
	us, them := runs(nameStore, 6*s, 5*s, 7*s), runs(nameTuned, 10*s, 11*s, 9*s)
	us.Command, them.Command = []string{"recfin finalize --format mp4 foo"}, []string{"rclone copy a b", "ffmpeg -i b c", "rclone copyto c d"}
	for i := range us.Runs {
		us.Runs[i].Asked = requests{"segments GetObject": 1800, "segments ListObjectsV2": 2, "outputs PutObject": 9}
		us.Runs[i].Read, us.Runs[i].Server = 1803e6, 3*s
		them.Runs[i].Files = 3600e6
	}
	mode := runs(modeReference, s)
	mode.Runs[0].Asked, mode.Runs[0].Read = requests{"segments GetObject": 1802, "outputs PutObject": 20, "outputs ListObjectsV2": 4}, 120e6
	written := runs(modeMP4, 5*s)
	written.Runs[0].Asked, written.Runs[0].Read, written.Runs[0].Sent = requests{"segments GetObject": 1800, "outputs UploadPart": 230}, 1800e6, 1750e6
	return &figures{
		Date: "2026-11-22", Rounds: 3,
		Machine:  machine{CPU: "A Processor", Cores: 2, Memory: 8 << 30, Disk: "virtual disk, ext4", Kernel: "linux 6.1", Versions: map[string]string{"Go": "go1.26", "rclone": "1.60"}},
		Media:    media{Segments: 1800, Bytes: 1800e6, Seconds: 3600, Hours: 4, Thin: "86400 segments, 3000 MB"},
		Sections: map[string][]result{"store": {us, them}, "modes": {mode, written}},
		Counts:   []count{{8, "second night: 7 requests, at most 9"}},
		Benchmarks: withTargets(parseBenchmarks("pkg: recfin/store/s3\nBenchmarkList100k-2 1 5 ns/op 1.4 cpu-s/1M\nBenchmarkList1M-2 1 5 ns/op 1.50 cpu-s/1M\n" +
			"BenchmarkList1M-2 1 5 ns/op 1.30 cpu-s/1M\nBenchmarkList1M-2 1 5 ns/op 1.40 cpu-s/1M\nBenchmarkScan-2 1 5 ns/op\n")),
	}
}

func TestPages(t *testing.T) {
	f := sample()
	golden.Check(t, "benchmarks.md", f.page())
	golden.Check(t, "scale.md", f.scalePage())
	dir := filepath.Join(t.TempDir(), "docs")
	readme := filepath.Join(dir, "..", readmeFile)
	if err := errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(readme, []byte("before\n"+frontBegin+"old\n"+frontEnd+"after\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := f.writePages(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "readme.md", string(text))
	if f.intoReadme(string(text)) != string(text) || f.intoReadme("nothing\n") != "nothing\n" {
		t.Error("README.md changes where nothing else does")
	}
	again, err := readFigures(filepath.Join(dir, figuresFile))
	if err != nil {
		t.Fatal(err)
	}
	if again.page() != f.page() || again.scalePage() != f.scalePage() {
		t.Error("figures that were read again make other pages")
	}
	for _, bad := range []string{"", "{"} {
		if err := os.WriteFile(filepath.Join(dir, figuresFile), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := render(dir); err == nil {
			t.Errorf("%q is figures", bad)
		}
	}
}

func TestParseBenchmarks(t *testing.T) {
	all := parseBenchmarks(`goos: linux
pkg: recfin/a
cpu: x
BenchmarkOne-2   	     100	  12.50 ns/op	       0 B/op	       3 allocs/op
BenchmarkOne-2   	     100	  11.50 ns/op	       0 B/op	       3 allocs/op
BenchmarkOne-2   	     100	  99.50 ns/op	       0 B/op	       3 allocs/op
BenchmarkTwo/of-many_10 	 1	 5 ns/op	 50.0 recordings/s
BenchmarkBroken-2 --- FAIL
PASS
pkg: recfin/b
BenchmarkOne 	 1	 7 ns/op
ok  	recfin/b	0.1s
`)
	if len(all) != 3 {
		t.Fatalf("%+v", all)
	}
	for i, want := range []struct {
		pkg, name, metric string
		value             float64
	}{{"recfin/a", "One", "ns/op", 12.5}, {"recfin/a", "Two/of-many_10", "recordings/s", 50}, {"recfin/b", "One", "ns/op", 7}} {
		got, ok := all[i].median(want.metric)
		if all[i].Package != want.pkg || all[i].Name != want.name || !ok || got != want.value {
			t.Errorf("%+v, want %+v", all[i], want)
		}
	}
	if x, ok := all[2].median("B/op"); ok {
		t.Errorf("B/op of one that reports none: %v", x)
	}
}

// TestRecords: what has a target can be run by name, and is not run twice.
func TestRecords(t *testing.T) {
	packages, err := withBenchmarks("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		pkg := "./../../" + strings.TrimPrefix(r.pkg, "./")
		found := false
		for _, p := range packages {
			found = found || filepath.Clean(p) == filepath.Clean(pkg)
		}
		if !found {
			t.Errorf("%s has no benchmarks", r.pkg)
		}
		for _, name := range []string{r.benchmark, r.over} {
			top, _, _ := strings.Cut(name, "/")
			if top != "" && !defined(t, filepath.Join("../..", r.pkg), "func Benchmark"+top+"(") {
				t.Errorf("%s has no Benchmark%s", r.pkg, top)
			}
		}
		if r.most == 0 && r.least || r.format == "" || r.what == "" {
			t.Errorf("%+v", r)
		}
	}
	for _, c := range counted {
		if !defined(t, filepath.Join("../..", c.pkg), "func "+c.test+"(") || c.what == "" {
			t.Errorf("%s has no %s", c.pkg, c.test)
		}
	}
	runs := recordRuns()
	for _, want := range []recordRun{{"./store/s3", "^BenchmarkList1M$", false}, {"./store/s3", "^BenchmarkList100k$", false}, {"./cmd/recfin", "^BenchmarkManySmall$/^10000$", true}} {
		if !slices.Contains(runs, want) {
			t.Errorf("%+v is not run", want)
		}
	}
	if all := recordsTogether(); strings.Count(all, "List1M") != 1 || strings.Contains(all, "/") {
		t.Errorf("together %s", all)
	}
}

// defined reports whether a test file of a folder holds a text.
func defined(t *testing.T, dir, text string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(body), text) {
			return true
		}
	}
	return false
}

func TestFigureLines(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(testenv.Figures, dir)
	testenv.Figure(t, "second", "%d of %d", 2, 3)
	testenv.Figure(t, "first", "one")
	if got, err := figureLines(dir); err != nil || !slices.Equal(got, []string{"first: one", "second: 2 of 3"}) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestChoose(t *testing.T) {
	for only, want := range map[string]int{"": len(sections), "store": 1, "store,long": 2, "go": 0, "local,go": 1} {
		got, withGo, err := choose(only)
		if err != nil || len(got) != want || withGo != (only == "" || strings.Contains(only, "go")) {
			t.Errorf("%q: %d sections, %v, %v", only, len(got), withGo, err)
		}
	}
	if _, _, err := choose("store,nothing"); err == nil {
		t.Error("a section that is not there")
	}
}

// TestDocs: the pages in docs/, and the figures in README.md, are those that the
// figures beside them make.
func TestDocs(t *testing.T) {
	docs := filepath.Join("..", "..", "docs")
	f, err := readFigures(filepath.Join(docs, figuresFile))
	if err != nil {
		t.Fatal(err)
	}
	read := func(file string) string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	const again = "differs from what the figures make: go run ./internal/bench -render -docs docs"
	if read(filepath.Join(docs, pageFile)) != f.page() {
		t.Errorf("docs/%s %s", pageFile, again)
	}
	if read(filepath.Join(docs, scaleFile)) != f.scalePage() {
		t.Errorf("docs/%s %s", scaleFile, again)
	}
	readme := read(filepath.Join(docs, "..", readmeFile))
	if readme != f.intoReadme(readme) || !strings.Contains(readme, f.front()) {
		t.Errorf("%s %s", readmeFile, again)
	}
	for _, s := range sections {
		if len(f.Sections[s.name]) == 0 {
			t.Errorf("no figures of %q", s.title)
		}
	}
}
