package main

import (
	"strings"
	"testing"
	"time"

	"recfin/finalize"
)

// TestOutputLines: a hundred thousand copies are one line a rendition.
func TestOutputLines(t *testing.T) {
	var outputs []finalize.Output
	for _, name := range []string{"720p", "360p"} {
		for range 3 {
			outputs = append(outputs, finalize.Output{Kind: "copy", Rendition: name, Store: "mem://x/", Key: "r/foo/v/" + name + "/0.ts", Size: 1 << 20, DurationNS: int64(2 * time.Second)})
		}
		outputs = append(outputs, finalize.Output{Kind: "hls", Rendition: name, Store: "mem://x/", Key: "r/foo/v/" + name + ".m3u8", Size: 100, DurationNS: int64(6 * time.Second)})
	}
	var b strings.Builder
	outputLines(&b, outputs)
	want := `    copy  mem://x/r/foo/v/720p/  0:00:06.000  3.0 MiB in 3 objects
    hls  mem://x/r/foo/v/720p.m3u8  0:00:06.000  100 B
    copy  mem://x/r/foo/v/360p/  0:00:06.000  3.0 MiB in 3 objects
    hls  mem://x/r/foo/v/360p.m3u8  0:00:06.000  100 B
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}
