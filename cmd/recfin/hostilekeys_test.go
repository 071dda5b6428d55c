package main

import (
	"bytes"
	"encoding/json"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"recfin/internal/broadcast"
	"recfin/store/storetest/s3double"
)

// hostileNames are path elements that somebody may upload to.
var hostileNames = []string{
	"a\nFORGED", "a\r\nFORGED", "a\tb", "\x1b[2J\x1b[31mred", "a\u009b31m", "a\u202egnp.4pm", "a\u2028FORGED", "a\u2066b", "\u200b", "a\x7f", "a\aFORGED", "\U000e0001x",
	"<script>alert(1)", `"quoted"`, `'; rm -rf ~; '`, "$(id)", "a%0aFORGED", "%2e%2e", "a%2fb", "%", "a#EXTINF:1", "#EXT-X-ENDLIST", "a?b#c", `a\b`, "a,b", "a=b", "...",
	"recording.json", "index.m3u8", "segments.json.gz", "-rf", "--store", "20250601T180000Z", "a\ufffdb", strings.Repeat("x", 300), "ü\u0301",
}

// TestHostileKeys: whatever names strangers give, what is printed is text on its own
// line, JSON is JSON, a playlist has no line of theirs, and all of it is finalized.
func TestHostileKeys(t *testing.T) {
	d := s3double.New(t, s3double.Options{})
	s := broadcast.Make(t, broadcast.Options{})
	put := func(key string, body []byte, uploaded time.Time) error {
		d.SetObject(s3double.Object{Key: "live/" + key, Body: body, Modified: uploaded})
		return nil
	}
	for _, name := range hostileNames {
		broadcast.Lay(t, put, s.Uploads(name+"/"+name+"/"+name, 0, 2, onAir))
		broadcast.Lay(t, put, broadcast.Without(s.Uploads(name+"/"+name+"2/"+name, 0, 2, onAir), 1)) // copies
		_ = put(name+"/"+name+"/"+name+"/3.ts", []byte("no media"), onAir)
		_ = put(name+"/"+name, []byte("of no form"), onAir)
	}
	for _, key := range []string{"x/../0.ts", "x/./720p/0.ts", "x//720p/0.ts", "../x/A/720p/0.ts", "x/A/../../../0.ts"} {
		_ = put(key, []byte("x"), onAir)
	}
	at := d.URL("live")
	for _, args := range [][]string{
		{"plan"}, {"plan", "--json", "--log-format", "json"}, {"run", "--log-level", "debug", "--format", "hls,mp4", "--delete", "leftovers"},
		{"run", "--json", "--log-format", "json", "--log-level", "debug", "--format", "hls,mp4", "--delete", "leftovers", "--delete-delay", "0"}, {"recover"},
	} {
		r := recfin(append(args, "--store", at)...)
		staysOnItsLine(t, r)
		for line := range strings.Lines(r.out) {
			if strings.Contains(strings.Join(args, " "), "--json") && !json.Valid([]byte(line)) {
				t.Errorf("recfin %q: no JSON: %.300q", args, line)
			}
		}
		if r.code != exitDone && r.code != exitPartly {
			t.Errorf("recfin %q: exit code %d\n%.3000s", args, r.code, r.text())
		}
	}
	for _, name := range hostileNames {
		r := recfin("plan", "--store", at, "--explain", name+"/"+name+"/"+name+"/0.ts", "--", name)
		staysOnItsLine(t, r)
		if d.Body("live/recordings/"+name+"/recording.json") == "" {
			t.Errorf("%q has no marker", name)
		}
	}
	outputsAreClean(t, d)
}

// outputsAreClean checks what was written: documents are JSON, and a line of a
// playlist is a known tag or the percent-encoded name of an object that is there.
func outputsAreClean(t *testing.T, d *s3double.Server) {
	t.Helper()
	objects, playlists := d.Objects(), 0
	for key, o := range objects {
		rest, ours := strings.CutPrefix(key, "live/recordings/")
		switch {
		case !ours || len(o.Body) == 3*188:
		case path.Base(key) == "recording.json" && !json.Valid(o.Body):
			t.Errorf("%q is no JSON", key)
		case bytes.HasPrefix(o.Body, []byte("#EXTM3U")):
			playlists++
			for line := range strings.SplitSeq(strings.TrimSuffix(string(o.Body), "\n"), "\n") {
				switch {
				case strings.ContainsFunc(line, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }):
					t.Errorf("%q has the line %q", key, line)
				case strings.HasPrefix(line, "#EXT"):
					if strings.Count(line, `"`)%2 != 0 || strings.HasPrefix(line, "#EXTINF:1,") {
						t.Errorf("%q has the line %q", key, line)
					}
				default:
					ref, err := url.Parse(line)
					if err != nil || ref.IsAbs() || ref.Host != "" || ref.RawQuery != "" || ref.Fragment != "" {
						t.Errorf("%q has the line %q: %v", key, line, err)
						continue
					}
					to := (&url.URL{Path: "/" + key}).ResolveReference(ref).Path
					if _, there := objects[strings.TrimPrefix(to, "/")]; !there {
						t.Errorf("%q leads to %q, which is not there", key, to)
					}
				}
			}
		}
		if ours && (strings.Contains(rest, "/../") || strings.HasPrefix(rest, "../")) {
			t.Errorf("written: %q", key)
		}
	}
	if playlists < len(hostileNames) {
		t.Errorf("%d playlists", playlists)
	}
}
