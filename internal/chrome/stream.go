package chrome

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Stream is HLS that hls.js plays in the browser.
type Stream struct {
	b   *Browser
	url string
}

// Stream serves files to hls.js over HTTP; door is the path of the playlist that it
// opens, not escaped.
func (b *Browser) Stream(files http.Handler, door string) *Stream {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.files = append(b.files, files)
	return &Stream{b, (&url.URL{Path: fmt.Sprintf("/s%d/%s", len(b.files)-1, door)}).String()}
}

// serveStream serves what is under /s<number>/.
func (b *Browser) serveStream(w http.ResponseWriter, r *http.Request) bool {
	var n int
	if _, err := fmt.Sscanf(r.URL.Path, "/s%d/", &n); err != nil {
		return false
	}
	b.mu.Lock()
	var files http.Handler
	if n >= 0 && n < len(b.files) {
		files = b.files[n]
	}
	b.mu.Unlock()
	if files == nil {
		return false
	}
	http.StripPrefix(fmt.Sprintf("/s%d", n), files).ServeHTTP(w, r)
	return true
}

// Trouble is an error that hls.js reports.
type Trouble struct {
	Fatal         bool
	Type, Details string // as hls.js names them
	URL, Reason   string
	At            float64 // where the player was
}

// Level is a variant stream as hls.js found it, by rising bit rate.
type Level struct {
	URL           string
	Width, Height int
	Codecs        string
}

// Streamed are what each job with a stream finds. Duration is that at the end, when
// hls.js has seen the segments.
type Streamed struct {
	Facts
	Errors   []Trouble
	Again    []string // looks that had to be taken twice, both
	Levels   []Level
	Tracks   []string                // of sound of its own, their names
	Totals   map[string]float64      // sums of EXTINF of the media playlists that it read, by their address
	Buffered map[string][][2]float64 // by kind of media: stretches that the player holds at the end
}

// Picture is a picture that was shown.
type Picture struct {
	Time          float64 // its own, s; below 0: there are no pictures
	Cells         [16]int // brightness, 0 to 255, see timecode
	Width, Height int
}

// StreamLook is a picture that was sought, or the first after a level was asked for.
type StreamLook struct {
	At     float64 // time, or level, that was asked for
	Seeked bool    // the player said that it is there
	Shown  bool    // and showed a picture of about that time
	Now    float64 // where the player is
	Picture
}

// StreamLooks is what looking found.
type StreamLooks struct {
	Streamed
	Looks []StreamLook
}

// Seek goes to each of the times, in the order given.
func (s *Stream) Seek(t testing.TB, times ...float64) StreamLooks {
	t.Helper()
	return s.look(t, "streamseek", times)
}

// Open opens the stream anew at each of the times.
func (s *Stream) Open(t testing.TB, times ...float64) StreamLooks {
	t.Helper()
	return s.look(t, "streamcold", times)
}

func (s *Stream) look(t testing.TB, kind string, times []float64) StreamLooks {
	t.Helper()
	var l StreamLooks
	s.b.do(t, job{Kind: kind, URL: s.url, Seeks: times}, time.Duration(len(times))*20*time.Second, &l)
	return l
}

// StreamSwitched is what going through levels found: the first look at each, and the
// pictures that were shown while it played and switched.
type StreamSwitched struct {
	Streamed
	Ended    bool
	Looks    []StreamLook
	Pictures []Picture
}

// Switch goes through levels, in the order given, and looks at a time of each; from
// the last it plays to the end, at a rate, and goes back to the first.
func (s *Stream) Switch(t testing.TB, at, rate float64, levels ...int) StreamSwitched {
	t.Helper()
	var l StreamSwitched
	s.b.do(t, job{Kind: "streamlevels", URL: s.url, Start: at, Rate: rate, Switches: levels}, 2*time.Minute, &l)
	return l
}

// String names the error as hls.js does.
func (e Trouble) String() string {
	var b strings.Builder
	if e.Fatal {
		b.WriteString("fatal ")
	}
	fmt.Fprintf(&b, "%s/%s at %.3f s", e.Type, e.Details, e.At)
	if e.URL != "" {
		fmt.Fprintf(&b, " of %s", e.URL)
	}
	if e.Reason != "" {
		fmt.Fprintf(&b, ": %s", e.Reason)
	}
	return b.String()
}
