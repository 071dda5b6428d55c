package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"recfin/internal/broadcast"
	"recfin/internal/golden"
)

// codecNames depend on the encoder that made the media.
var codecNames = regexp.MustCompile(`(avc1|mp4a)\.[0-9a-f.]+(,mp4a\.[0-9a-f.]+)?`)

// planCases are stores and the plan that a person must see of them.
var planCases = []struct {
	name  string
	flags []string
	code  int
	lay   func(t *testing.T, put broadcast.Put)
}{
	{"one-writer", nil, exitDone, func(t *testing.T, put broadcast.Put) {
		broadcast.Lay(t, put, stream(t).Uploads("foo/A/720p", 0, 9, onAir))
	}},
	{"failover-with-copies", nil, exitDone, func(t *testing.T, put broadcast.Put) {
		for _, r := range []string{"source", "720p", "360p"} {
			broadcast.Lay(t, put, stream(t).Uploads("foo/A/"+r, 0, 9, onAir))
			b := stream(t).Uploads("foo/B/"+r, 8, 19, onAir)
			broadcast.Lay(t, put, late(b, 3*time.Second))
		}
	}},
	{"restart", nil, exitDone, func(t *testing.T, put broadcast.Put) {
		broadcast.Lay(t, put, stream(t).Uploads("foo/A/720p", 0, 9, onAir))
		broadcast.Lay(t, put, other(t).Uploads("foo/B/720p", 0, 9, onAir.Add(32*time.Second)))
	}},
	{"hole-in-one-rendition", nil, exitDone, func(t *testing.T, put broadcast.Put) {
		broadcast.Lay(t, put, stream(t).Uploads("foo/A/720p", 0, 9, onAir))
		broadcast.Lay(t, put, broadcast.Without(stream(t).Uploads("foo/A/360p", 0, 9, onAir), 6, 7))
	}},
	{"two-sessions", nil, exitDone, func(t *testing.T, put broadcast.Put) {
		broadcast.Lay(t, put, stream(t).Uploads("foo/A/720p", 0, 9, onAir))
		broadcast.Lay(t, put, other(t).Uploads("foo/B/720p", 0, 9, onAir.Add(time.Hour)))
	}},
	{"hostile-names", nil, exitDone, func(t *testing.T, put broadcast.Put) {
		broadcast.Lay(t, put, stream(t).Uploads("foo/\x1b[2J"+strings.Repeat("n", 120)+"/72\n0p", 0, 9, onAir))
	}},
	{"every-number-from-another", nil, exitDone, func(t *testing.T, put broadcast.Put) {
		for n := range 40 {
			broadcast.Lay(t, put, stream(t).Uploads(fmt.Sprintf("foo/node-%02d/720p", n), n, n, onAir))
		}
	}},
	{"not-settled", []string{"--settle", "1000000h"}, exitNotSettled, func(t *testing.T, put broadcast.Put) {
		broadcast.Lay(t, put, stream(t).Uploads("foo/A/720p", 0, 9, onAir))
	}},
	{"unreadable", nil, exitDone, func(t *testing.T, put broadcast.Put) {
		broadcast.Lay(t, put, broadcast.Without(stream(t).Uploads("foo/A/720p", 0, 9, onAir), 4))
		if err := put("foo/A/720p/4.ts", []byte(strings.Repeat("<html>", 90)), onAir.Add(11*time.Second)); err != nil {
			t.Fatal(err)
		}
	}},
}

func stream(t *testing.T) *broadcast.Series {
	return broadcast.Make(t, broadcast.Options{Seconds: 80, Width: 160, Height: 96})
}

func other(t *testing.T) *broadcast.Series {
	return broadcast.Make(t, broadcast.Options{Seconds: 20, Width: 160, Height: 96, Tone: 880, Source: "testsrc2"})
}

// late delays uploads.
func late(all []broadcast.Upload, by time.Duration) []broadcast.Upload {
	for i := range all {
		all[i].At = all[i].At.Add(by)
	}
	return all
}

// The plan of a recording is a text that a person reads in ten seconds.
func TestPlanText(t *testing.T) {
	t.Parallel()
	for _, c := range planCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c.lay(t, broadcast.Folder(dir))
			args := append([]string{"plan", "--store", dir}, c.flags...)
			got := mustRecfin(t, c.code, append(args, "foo")...).out
			got = codecNames.ReplaceAllString(strings.ReplaceAll(got, dir, "DIR"), "CODECS")
			got = agoWords.ReplaceAllString(got, "was LONG before")
			golden.Check(t, "plans/"+c.name+".txt", got)
			for _, line := range strings.Split(got, "\n") {
				if n := len([]rune(line)); n > 160 {
					t.Errorf("a line of %d characters: %s", n, line)
				}
			}
		})
	}
}

// agoWords are what the clock of the test machine brings in.
var agoWords = regexp.MustCompile(`was [0-9hms.]+ before`)
