package metrics

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/finalize/layout"
	"recfin/internal/demo"
	"recfin/store"
	"recfin/store/file"
)

// night is when the runs of the tests begin.
var night = time.Date(2025, 6, 2, 3, 0, 0, 0, time.UTC)

// clock moves when it is told to.
type clock struct{ at time.Time }

func (c *clock) now() time.Time          { return c.at }
func (c *clock) pass(some time.Duration) { c.at = c.at.Add(some) }

// begun are metrics of a run that begins at night.
func begun(t testing.TB, opt Options) (*Metrics, *clock) {
	t.Helper()
	c := &clock{night}
	if opt.Command == "" {
		opt.Command = "run"
	}
	opt.Now = c.now
	m, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	return m, c
}

// written are the values of a file by series, and its text.
func written(t testing.TB, m *Metrics) (map[string]float64, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recfin.prom")
	if err := m.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	return valuesIn(t, path)
}

func valuesIn(t testing.TB, path string) (map[string]float64, string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(raw)), string(raw)
}

// parse reads the text format as far as this package writes it.
func parse(t testing.TB, text string) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		n, err := strconv.ParseFloat(line[at+1:], 64)
		if _, twice := all[line[:at]]; err != nil || twice {
			t.Fatalf("the line %q: %v", line, err)
		}
		all[line[:at]] = n
	}
	return all
}

// allSeries is how many series a run has: with that of the last success.
func allSeries() int {
	n := 0
	for _, f := range Families() {
		n += max(1, len(f.Values))
	}
	return n
}

// want compares values by "name" or "name value-of-its-label"; those that are not
// named have to be 0, but for the times of the run itself.
func want(t *testing.T, got map[string]float64, wanted map[string]float64) {
	t.Helper()
	seen := 0
	for _, f := range Families() {
		for _, v := range append([]string(nil), f.Values...) {
			key := f.Name + " " + v
			if _, ok := wanted[key]; ok {
				seen++
			}
			if n, ok := got[fmt.Sprintf(`%s{command="run",%s=%q}`, f.Name, f.Label, v)]; !ok || n != wanted[key] {
				t.Errorf("%s is %v, want %v (there: %v)", key, n, wanted[key], ok)
			}
		}
		if f.Label != "" || strings.Contains(f.Name, "timestamp") || f.Name == "recfin_last_run_duration_seconds" {
			continue
		}
		if _, ok := wanted[f.Name]; ok {
			seen++
		}
		if n, ok := got[f.Name+`{command="run"}`]; !ok || n != wanted[f.Name] {
			t.Errorf("%s is %v, want %v (there: %v)", f.Name, n, wanted[f.Name], ok)
		}
	}
	if seen != len(wanted) {
		t.Errorf("%d of %d wanted values are of metrics that there are", seen, len(wanted))
	}
}

// finalized runs a real broadcast through the finalizer: a hole, copies that lost.
func finalized(t *testing.T, m *Metrics) *finalize.Report {
	t.Helper()
	dir := t.TempDir()
	if _, err := demo.Write(dir); err != nil {
		t.Fatal(err)
	}
	s, err := file.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	nonce, err := layout.Parse("nonce", layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := finalize.New(finalize.Config{
		Sources: []store.Store{s}, OutPath: finalize.DefaultOutPath, Layouts: []*layout.Layout{nonce}, Formats: finalize.Formats{HLS: true},
		SessionGap: 15 * time.Minute, Settle: 30 * time.Minute, Notify: m.Event,
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Run(context.Background(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	m.Report(r)
	return r
}
