package finalize_test

import (
	"strings"
	"testing"

	"recfin/finalize"
)

// TestOutputsAreNoFolders: no output lies below another one, whatever renditions are
// called: in a folder a name is that of a file or of a folder.
func TestOutputsAreNoFolders(t *testing.T) {
	for _, mode := range []finalize.HLSMode{finalize.HLSReference, finalize.HLSCopy, finalize.HLSSingle} {
		t.Run(string(mode), func(t *testing.T) {
			w := newWorld(false)
			for _, name := range []string{"720p", "720p.mp4", "720p.M3U8", "720p.media.ts", "segments.json.gz", "index", "42"} {
				w.lay("foo/A/"+name, high, 0, 2, 0)
			}
			mustRun(t, with(settings(w), func(c *finalize.Config) { c.HLS = mode }), "foo")
			all := w.Snapshot()
			written := 0
			for key := range all {
				if !strings.HasPrefix(key, outPath) {
					continue
				}
				written++
				for other := range all {
					if strings.HasPrefix(strings.ToLower(other), strings.ToLower(key)+"/") {
						t.Errorf("%s lies below %s", other, key)
					}
				}
			}
			if written < 7*3 {
				t.Errorf("only %d outputs", written)
			}
		})
	}
}
