package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"recfin/internal/broadcast"
)

// A rendition that nothing can join beside one that can: the one is finalized,
// the other is named with its stream type and its key, and the exit code says that
// something is missing. The next run has nothing to do.
func TestStrangeRendition(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := broadcast.Folder(dir)
	broadcast.Lay(t, put, broadcast.Make(t, broadcast.Options{}).Uploads("foo/A/720p", 0, 3, onAir))
	name := filepath.Join(t.TempDir(), "dvd.ts")
	ffmpeg(t, "-f", "lavfi", "-i", "testsrc=size=160x96:rate=25:duration=2", "-c:v", "mpeg2video", name)
	body, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 4 {
		if err := put(fmt.Sprintf("foo/A/dvd/%d.ts", n), body, onAir.Add(time.Duration(n+1)*2*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	before := tree(t, dir)
	r := mustRecfin(t, exitPartly, "run", "--store", dir, "--format", "hls,mp4")
	r.says(t, "foo: done", "720p.mp4", "foo/A/dvd/0.ts", "stream type 0x02 (MPEG-2 video)", "recfin probe")
	after := tree(t, dir)
	for n := range 4 {
		if key := fmt.Sprintf("foo/A/dvd/%d.ts", n); before[key] == "" || after[key] != before[key] {
			t.Errorf("%s has changed", key)
		}
	}
	mustRecfin(t, exitDone, "run", "--store", dir, "--format", "hls,mp4")
}
