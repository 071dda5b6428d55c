// Package players has the players of others judge what recfin writes of HLS: hls.js
// in Chromium plays every case of hlscases from its door, and ffmpeg and ffprobe
// read every playlist. What they show is held against the numbers that are burned
// into the pictures, and so against what is known without this program.
package players

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"recfin/store/mem"
)

// Files serves the objects of a store over HTTP as a store for the public does:
// with ranges and the content types that they were stored with, and 404 for what is
// not there. It notes what was asked for.
type Files struct {
	objects map[string]mem.Entry

	mu     sync.Mutex
	missed map[string]bool
	ranged map[string]int
}

// NewFiles serves a snapshot of a store; its keys are the paths.
func NewFiles(objects map[string]mem.Entry) *Files {
	return &Files{objects: objects, missed: map[string]bool{}, ranged: map[string]int{}}
}

// Missed are the keys that were asked for and are not there, in order.
func (f *Files) Missed() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.missed))
}

// Ranged is how often a range of an object was asked for.
func (f *Files) Ranged(key string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ranged[key]
}

// ServeHTTP implements http.Handler.
func (f *Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := strings.TrimPrefix(r.URL.Path, "/")
	e, ok := f.objects[key]
	f.mu.Lock()
	if !ok {
		f.missed[key] = true
	}
	if r.Header.Get("Range") != "" {
		f.ranged[key]++
	}
	f.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	kind := e.ContentType
	if kind == "" {
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(e.Body))
}
