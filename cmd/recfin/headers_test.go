package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"recfin/internal/broadcast"
	"recfin/internal/mp4check"
)

// TestHeadersInFirstSegmentOnly: some encoders send the parameter sets once. What
// comes after a hole is decoded with those from before it, so no picture is lost.
func TestHeadersInFirstSegmentOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := broadcast.Make(t, broadcast.Options{Seconds: 12, Rate: "30", GOP: 60, BFrames: 2, Video: []string{"-x264-params", "open-gop=1:repeat-headers=0", "-flags:v", "+global_header"}})
	uploads := broadcast.Without(s.Uploads("foo/A/720p", 0, 5, onAir), 2)
	sets := 0
	for seq := range 6 {
		if bytes.Contains(s.Body(t, seq), []byte{0, 0, 1, 0x67}) {
			sets++
		}
	}
	broadcast.Lay(t, broadcast.Folder(dir), uploads)
	r := document[reportDoc](t, mustRecfin(t, exitDone, "finalize", "--json", "--store", dir, "--format", "mp4", "foo"))
	video := r.output(t, "mp4", "720p")
	body, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(video.Key)))
	if err != nil {
		t.Fatal(err)
	}
	if err := mp4check.File(bytes.NewReader(body), int64(len(body))); err != nil {
		t.Error(err)
	}
	if sets > 1 {
		t.Fatalf("the parameter sets are in %d segments: the test proves nothing", sets)
	}
	if video.Video+video.Skipped < 300 || video.Video < 298 {
		t.Errorf("%d pictures and %d left out, want 300 (sets in %d of 6 segments)", video.Video, video.Skipped, sets)
	}
	t.Logf("parameter sets in %d of 6 segments, %d pictures, %d left out", sets, video.Video, video.Skipped)
}
