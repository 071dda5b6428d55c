package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recfin/internal/broadcast"
)

// What was finished days ago is passed over and counted, --require finds it all the same,
// and --recheck 0, finalize and --ids work on it.
func TestRecheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := broadcast.Make(t, broadcast.Options{})
	broadcast.Lay(t, broadcast.Folder(dir), s.Uploads("foo/A/720p", 0, 3, onAir))
	mustRecfin(t, exitDone, "run", "--store", dir)
	before := time.Now().Add(-72 * time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "recordings", "foo", "recording.json"), before, before); err != nil {
		t.Fatal(err)
	}
	mustRecfin(t, exitDone, "run", "--store", dir).says(t, "foo: nothing to do")
	for _, more := range [][]string{nil, {"--require", "foo"}, {"--require", "f*"}, {"--recheck", "36h"}} {
		r := mustRecfin(t, exitDone, append([]string{"run", "--store", dir, "--log-level", "info", "--log-format", "json"}, more...)...)
		r.says(t, `"recordings are closed","skipped":1,"looked_at":0`)
		if strings.Contains(r.text(), "nothing found") || strings.Contains(r.out, "foo:") {
			t.Errorf("%q: %s", more, r.text())
		}
	}
	for _, args := range [][]string{{"run", "--recheck", "0"}, {"finalize", "foo"}} {
		mustRecfin(t, exitDone, append(args, "--store", dir)...).says(t, "foo: nothing to do")
	}
	for _, value := range []string{"-1h", "7", "d", "1.5d", "99999d", "soon"} {
		mustRecfin(t, exitUsage, "run", "--store", dir, "--recheck", value).says(t, "--recheck", "7d or 36h")
	}
}
