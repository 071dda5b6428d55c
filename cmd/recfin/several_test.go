package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"recfin/internal/broadcast"
)

// Several recordings at once: the exit code sums them up.
func TestSeveral(t *testing.T) {
	t.Parallel()
	lay := func(t *testing.T) string {
		t.Helper()
		dir := t.TempDir()
		s := broadcast.Make(t, broadcast.Options{})
		put := broadcast.Folder(dir)
		for _, name := range []string{"one", "two", "one-2"} {
			broadcast.Lay(t, put, s.Uploads(name+"/A/720p", 0, 3, onAir))
		}
		broadcast.Lay(t, put, s.Uploads("live/A/720p", 0, 3, time.Now().Add(-time.Minute)))
		if err := put("bad/A/720p/0.ts", noise(9000), onAir); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		done []string
	}{
		{"run", []string{"run"}, exitPartly, []string{"one", "one-2", "two"}},
		{"one at a time", []string{"run", "--concurrency", "1"}, exitPartly, []string{"one", "one-2", "two"}},
		{"good ones", []string{"finalize", "one", "two"}, exitDone, []string{"one", "two"}},
		{"twice the same", []string{"finalize", "one", "one"}, exitDone, []string{"one"}},
		{"one waits", []string{"finalize", "one", "live"}, exitNotSettled, []string{"one"}},
		{"forced", []string{"finalize", "--force", "one", "live"}, exitDone, []string{"live", "one"}},
		{"one bad", []string{"finalize", "one", "bad"}, exitPartly, []string{"one"}},
		{"one unknown", []string{"finalize", "three", "one"}, exitPartly, []string{"one"}},
		{"one bad, one waits", []string{"finalize", "bad", "live"}, exitPartly, nil},
		{"one bad, one unknown", []string{"finalize", "bad", "three"}, exitFailed, nil},
		{"only bad", []string{"finalize", "bad"}, exitRefused, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := lay(t)
			r := recfin(append(c.args, "--json", "--store", dir)...)
			if r.code != c.code {
				t.Errorf("exit code %d, want %d\n%s", r.code, c.code, r.err)
			}
			var done []string
			for _, d := range documents[reportDoc](t, r) {
				if len(d.Committed) > 0 {
					done = append(done, d.Recording)
				}
			}
			if slices.Sort(done); !slices.Equal(done, c.done) {
				t.Errorf("committed: %q, want %q", done, c.done)
			}
			markers, err := filepath.Glob(filepath.Join(dir, "recordings", "*", "recording.json"))
			if err != nil || len(markers) != len(c.done) {
				t.Errorf("markers: %q", markers)
			}
		})
	}
}

// What is left of a recording decides: an MP4 stands alone, a playlist needs its
// segments.
func TestSourcesGone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		format, gone string
		code         int
		says         []string
	}{
		{"mp4", "foo", exitDone, []string{"foo: nothing to do"}},
		{"mp4", "foo/A/720p/2.ts", exitDone, []string{"foo: nothing to do"}},
		{"hls", "foo/A/720p/2.ts", exitRefused, []string{"foo/A/720p/2.ts", "gone or changed", "restore"}},
		{"hls,mp4", "foo", exitRefused, []string{"foo/A/720p/0.ts", "gone or changed", "restore"}},
	} {
		t.Run(c.format+" without "+filepath.Base(c.gone), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := broadcast.Make(t, broadcast.Options{})
			broadcast.Lay(t, broadcast.Folder(dir), s.Uploads("foo/A/720p", 0, 3, onAir))
			mustRecfin(t, exitDone, "finalize", "--store", dir, "--format", c.format, "foo")
			if err := os.RemoveAll(filepath.Join(dir, filepath.FromSlash(c.gone))); err != nil {
				t.Fatal(err)
			}
			before := tree(t, dir)
			for _, command := range []string{"plan", "finalize"} {
				for _, more := range [][]string{nil, {"--force"}} {
					r := recfin(append([]string{command, "--store", dir, "--format", c.format, "foo"}, more...)...)
					if r.code != c.code {
						t.Errorf("recfin %s %q: exit code %d\n%s", command, more, r.code, r.text())
					}
					if command == "finalize" {
						r.says(t, c.says...)
					}
				}
			}
			unchanged(t, before, dir, "runs without sources")
		})
	}
}
