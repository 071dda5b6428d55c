package finalize_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

// TestPartsOfOneObject: parts of one object have one upload time. That is no sign
// of a bucket that was copied.
func TestPartsOfOneObject(t *testing.T) {
	w := newWorld(false)
	var media bytes.Buffer
	list := "#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-TARGETDURATION:2\n"
	for n := range 60 {
		list += fmt.Sprintf("#EXTINF:2,\n#EXT-X-BYTERANGE:%d@%d\nall.ts\n", len(high.segment(n)), media.Len())
		media.Write(high.segment(n))
	}
	w.Set("foo/all.ts", media.Bytes(), uploaded(60), nil)
	w.Set("foo/index.m3u8", []byte(list+"#EXT-X-ENDLIST\n"), uploaded(60), nil)
	r := mustPlan(t, laid(t, "hls", w), "foo")
	if n := r.Plan.Sessions[0].Record.Renditions[0].Len(); n != 60 {
		t.Fatalf("%d segments: the test proves nothing", n)
	}
	if slices.Contains(r.Plan.Warnings, "uploads-not-live") {
		t.Errorf("warnings %q", r.Plan.Warnings)
	}
}
