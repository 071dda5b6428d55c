package serve_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// segment serves a world and gives the path of one of its segments, and its bytes.
func segment(t *testing.T) (*browser, string, string) {
	t.Helper()
	b := serving(t, lay(t, "restart"), nil)
	at := b.segments(play(lay(t, "restart"), "index.m3u8"))[0]
	return b, at, b.get(at).body
}

// TestRanges: any range is what it says of the object (RFC 9110 §14).
func TestRanges(t *testing.T) {
	b, at, body := segment(t)
	size := len(body)
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.IntRange(-1, size+3).Draw(t, "first")
		last := rapid.IntRange(-1, 2*size).Draw(t, "last")
		var ask string
		lo, hi := first, min(last+1, size)
		switch {
		case first < 0 && last < 0:
			ask = "bytes=-"
		case first < 0:
			ask = fmt.Sprintf("bytes=-%d", last)
			lo, hi = max(0, size-last), size
		case last < 0:
			ask = fmt.Sprintf("bytes=%d-", first)
			hi = size
		default:
			ask = fmt.Sprintf("bytes=%d-%d", first, last)
		}
		method := rapid.SampledFrom([]string{"GET", "HEAD"}).Draw(t, "method")
		a, err := b.try(method, at, "Range", ask)
		if err != nil {
			t.Fatal(err)
		}
		empty := ask == "bytes=-" || first < 0 && last == 0 || first >= size || last >= 0 && first > last
		if empty {
			if a.StatusCode != http.StatusRequestedRangeNotSatisfiable && !(a.StatusCode == http.StatusOK && ask == "bytes=-") {
				t.Fatalf("%s %s: %s", method, ask, a.Status)
			}
			return
		}
		want := body[lo:hi]
		if a.StatusCode != http.StatusPartialContent || a.ContentLength != int64(len(want)) || a.Header.Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", lo, hi-1, size) {
			t.Fatalf("%s %s: %s %v", method, ask, a.Status, a.Header)
		}
		if method == "GET" && a.body != want || method == "HEAD" && a.body != "" {
			t.Fatalf("%s %s: other bytes", method, ask)
		}
	})
}

// TestConditions: what a client has is not sent again, and a range only of what it
// knows.
func TestConditions(t *testing.T) {
	b, at, body := segment(t)
	h := b.get(at).Header
	tag, made := h.Get("ETag"), h.Get("Last-Modified")
	for _, c := range []struct {
		name   string
		fields []string
		want   int
		long   int
	}{
		{"the same tag", []string{"If-None-Match", tag}, 304, 0},
		{"one of several", []string{"If-None-Match", `"x", ` + tag}, 304, 0},
		{"another tag", []string{"If-None-Match", `"x"`}, 200, len(body)},
		{"not modified", []string{"If-Modified-Since", made}, 304, 0},
		{"If-Match", []string{"If-Match", tag}, 200, len(body)},
		{"If-Match of another", []string{"If-Match", `"x"`}, 412, 0},
		{"a range of it", []string{"Range", "bytes=0-9", "If-Range", tag}, 206, 10},
		{"a range since", []string{"Range", "bytes=0-9", "If-Range", made}, 206, 10},
		{"a range of another", []string{"Range", "bytes=0-9", "If-Range", `"x"`}, 200, len(body)},
		{"several ranges", []string{"Range", "bytes=0-9,20-29"}, 200, len(body)},
		{"an unknown unit", []string{"Range", "pictures=1-2"}, 416, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, method := range []string{"GET", "HEAD"} {
				a := b.do(method, at, c.fields...)
				if a.StatusCode != c.want || method == "GET" && c.long >= 0 && len(a.body) != c.long {
					t.Errorf("%s: %s, %d bytes", method, a.Status, len(a.body))
				}
				if method == "HEAD" && a.body != "" {
					t.Errorf("HEAD has %q", a.body)
				}
			}
		})
	}
	if a := b.do("GET", at, "Range", "bytes=99999999-"); a.Header.Get("Content-Range") != fmt.Sprintf("bytes */%d", len(body)) {
		t.Errorf("behind its end: %s %v", a.Status, a.Header)
	}
	if !strings.HasPrefix(tag, `"`) || made == "" {
		t.Errorf("tag %s, made %s", tag, made)
	}
}
