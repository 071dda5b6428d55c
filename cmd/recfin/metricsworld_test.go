package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"recfin/internal/demo"
	"recfin/internal/metrics"
)

// metricsIn are the values of a text of metrics by series, without labels of their own:
// "name" or "name{label}".
func metricsIn(t *testing.T, text string) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		at := strings.LastIndexByte(line, ' ')
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		n, err := strconv.ParseFloat(line[at+1:], 64)
		if _, twice := all[line[:at]]; err != nil || twice {
			t.Fatalf("the line %q: %v", line, err)
		}
		all[line[:at]] = n
	}
	return all
}

// metricsOf reads a metrics file.
func metricsOf(t *testing.T, path string) map[string]float64 {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return metricsIn(t, string(raw))
}

// metricSeries are all that a run writes that succeeds.
func metricSeries(labels string) map[string]bool {
	all := map[string]bool{}
	for _, f := range metrics.Families() {
		if f.Label == "" {
			all[f.Name+"{"+labels+"}"] = true
		}
		for _, v := range f.Values {
			all[f.Name+"{"+labels+","+f.Label+`="`+v+`"}`] = true
		}
	}
	return all
}

// demoStore is a folder with a broadcast that needs no ffmpeg.
func demoStore(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := demo.Write(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// pushes are those to a server: by group, the values of the last.
type pushes struct {
	*httptest.Server
	mu      sync.Mutex
	byGroup map[string]map[string]float64 // by "label=value ...", sorted
	user    *url.Userinfo                 // of the last
}

func newPushes(t *testing.T) *pushes {
	t.Helper()
	p := &pushes{byGroup: map[string]map[string]float64{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost {
			t.Errorf("%s: %v", r.Method, err)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		var group []string
		for pair := range slices.Chunk(strings.Split(strings.TrimPrefix(r.URL.Path, "/metrics/"), "/"), 2) { // in any order
			group = append(group, strings.Join(pair, "="))
		}
		slices.Sort(group)
		p.byGroup[strings.Join(group, " ")] = metricsIn(t, string(body))
		if name, password, ok := r.BasicAuth(); ok {
			p.user = url.UserPassword(name, password)
		}
	}))
	t.Cleanup(p.Close)
	return p
}
