// Package chrome has a real player judge movies in tests: headless Chromium plays
// them, seeks in them and listens to them, and tells what it saw and heard.
//
//	b := chrome.Start(t)
//	film := b.Serve(movie)
//	found := film.Play(t, 4)
//
// The browser is driven by a page of ours, which asks this process for work; no
// protocol of the browser is used.
package chrome

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"recfin/internal/hlsjs"
	"recfin/internal/testenv"
)

//go:embed page.html
var page []byte

//go:embed stream.js
var streamScript []byte

const (
	program = "chromium"
	// starts is how often a browser that does not ask for work is started again. What
	// it says of a movie is never asked for twice.
	starts = 3
	ready  = 60 * time.Second
	// patience is how long a job may take, beyond what it plays. The page gives it up
	// a little earlier, and is there for the next one.
	patience = 120 * time.Second
	earlier  = 30 * time.Second
)

// Browser is one browser with one page. It does one job at a time.
type Browser struct {
	server *httptest.Server
	jobs   chan job
	found  chan []byte
	asked  chan struct{} // closed with the first question
	once   sync.Once

	mu     sync.Mutex
	movies [][]byte
	files  []http.Handler // of streams
	last   int            // job
	lost   bool           // the page did not even give up a job
}

type job struct {
	ID    int       `json:"id"`
	Kind  string    `json:"kind"`
	URL   string    `json:"url"`
	Limit int64     `json:"limit"` // ms, then the page gives it up
	Rate  float64   `json:"rate,omitempty"`
	Seeks []float64 `json:"seeks,omitempty"`

	// Of streams.
	Start    float64 `json:"start,omitempty"`
	Switches []int   `json:"switches,omitempty"`
	Hear     bool    `json:"hear,omitempty"`
	Track    string  `json:"track,omitempty"`
}

// Start starts a browser for a test. Without Chromium the test is skipped, see
// testenv.Need.
func Start(t testing.TB) *Browser {
	t.Helper()
	path := testenv.Need(t, program)
	var err error
	for range starts {
		b := &Browser{jobs: make(chan job), found: make(chan []byte), asked: make(chan struct{})}
		b.server = httptest.NewServer(b)
		if err = b.run(t, path); err == nil {
			return b
		}
		b.server.Close()
		t.Logf("start %s: %v", program, err)
	}
	t.Fatalf("start %s: %v", program, err)
	return nil
}

// run starts the program and waits until its page asks for work.
func (b *Browser) run(t testing.TB, path string) error {
	// Not t.TempDir: what a killed browser leaves behind may resist, and that is no
	// failure.
	dir, err := os.MkdirTemp("", "recfin-chromium-")
	if err != nil {
		return err
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	cmd := exec.Command(path,
		"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
		"--window-size=400,300", "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--autoplay-policy=no-user-gesture-required", "--mute-audio",
		"--user-data-dir="+dir, b.server.URL+"/")
	var said bytes.Buffer // read only when the program has ended
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &said, &said, 5*time.Second
	ended, kill, err := start(cmd)
	if err != nil {
		return err
	}
	select {
	case <-b.asked:
		t.Cleanup(func() {
			kill()
			<-ended
			b.server.CloseClientConnections()
			b.server.Close()
		})
		return nil
	case err := <-ended:
		return fmt.Errorf("it ended at once: %v\n%s", err, said.Bytes())
	case <-time.After(ready):
		kill()
		<-ended
		b.server.CloseClientConnections()
		return fmt.Errorf("it did not open its page in %v\n%s", ready, said.Bytes())
	}
}

// ServeHTTP serves the page, its jobs and the movies, these with ranges.
func (b *Browser) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var n int
	switch {
	case r.URL.Path == "/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page)
	case r.URL.Path == "/stream.js":
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = w.Write(streamScript)
	case r.URL.Path == "/hls.js":
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = w.Write(hlsjs.Script)
	case r.URL.Path == "/job":
		b.once.Do(func() { close(b.asked) })
		select {
		case j := <-b.jobs:
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(j)
		case <-r.Context().Done():
		case <-time.After(20 * time.Second):
			w.WriteHeader(http.StatusNoContent)
		}
	case r.URL.Path == "/found":
		var raw bytes.Buffer
		if _, err := raw.ReadFrom(r.Body); err == nil {
			select {
			case b.found <- raw.Bytes():
			case <-r.Context().Done():
			case <-time.After(patience):
			}
		}
	case strings.HasSuffix(r.URL.Path, ".mp4"):
		if _, err := fmt.Sscanf(r.URL.Path, "/%d.mp4", &n); err == nil {
			if movie := b.movie(n); movie != nil {
				w.Header().Set("Content-Type", "video/mp4")
				http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(movie))
				return
			}
		}
		fallthrough
	default:
		if b.serveStream(w, r) {
			return
		}
		http.NotFound(w, r)
	}
}

func (b *Browser) movie(n int) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n < 0 || n >= len(b.movies) {
		return nil
	}
	return b.movies[n]
}

// do has the page do a job, which plays for so long.
func (b *Browser) do(t testing.TB, j job, long time.Duration, found any) {
	t.Helper()
	b.mu.Lock()
	b.last++
	j.ID = b.last
	j.Limit = (patience + long - earlier).Milliseconds()
	lost := b.lost
	b.mu.Unlock()
	if lost {
		t.Fatalf("%s %s: the page is lost", j.Kind, j.URL)
	}
	limit := time.After(patience + long)
	select {
	case b.jobs <- j:
	case <-limit:
		b.lose()
		t.Fatalf("%s %s: the page does not ask for it", j.Kind, j.URL)
	}
	for {
		select {
		case raw := <-b.found:
			var is struct{ ID int }
			err := json.Unmarshal(raw, &is)
			if err == nil && is.ID != j.ID {
				continue // of a job that was given up
			}
			if err == nil {
				err = json.Unmarshal(raw, found)
			}
			if err != nil {
				t.Fatalf("%s %s: the page answers %.200q: %v", j.Kind, j.URL, raw, err)
			}
			return
		case <-limit:
			b.lose()
			t.Fatalf("%s %s: it has not ended after %v", j.Kind, j.URL, patience+long)
		}
	}
}

// lose has every later job fail at once.
func (b *Browser) lose() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lost = true
}
