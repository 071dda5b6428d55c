package finalize_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/internal/hlscases"
	"recfin/internal/testenv"
)

// infs are the lines of a playlist that say how long something lasts.
var infs = regexp.MustCompile(`(?m)^#EXT(INF|-X-DISCONTINUITY|-X-GAP|-X-PROGRAM).*$`)

// TestSingleCases: all cases of playlists in one object. What the playlists say of
// time is what they say beside an MP4 of the same segments, which measures them too.
func TestSingleCases(t *testing.T) {
	for _, c := range hlscases.All() {
		t.Run(c.Name, func(t *testing.T) {
			w := c.Lay(t)
			w.Config.HLS = finalize.HLSSingle
			beside := w.Store.Clone()
			w.Finalize(t)
			all := w.Store.Snapshot()
			for _, x := range onePieces(t, all, c.Recording) {
				if n := x.check(t, all); n != 0 {
					t.Errorf("%d bytes of %s were cut off", n, x.Name)
				}
			}
			cfg := w.Config
			cfg.Formats.MP4 = true
			cfg.Sources[0] = beside
			mustRun(t, cfg, c.Recording)
			if one, two := timesOf(all, c.Recording), timesOf(beside.Snapshot(), c.Recording); one != two {
				t.Errorf("beside an MP4:\n%s\nalone:\n%s", two, one)
			}
		})
	}
}

// timesOf is what all playlists of a recording say of time.
func timesOf(all snapshot, recording string) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if strings.HasPrefix(key, outPath+recording+"/") && strings.HasSuffix(key, ".m3u8") {
			fmt.Fprintf(&b, "%s\n%s\n", path.Base(key), strings.Join(infs.FindAllString(string(all[key].Body), -1), "\n"))
		}
	}
	return b.String()
}

// TestSingleDecodes: ffmpeg finds in the object the very frames that it finds in the
// segments.
func TestSingleDecodes(t *testing.T) {
	decoded := []string{"inits", "selfinit", "audio", "failover"}
	for _, c := range hlscases.All() {
		if !slices.Contains(decoded, c.Name) {
			continue
		}
		decoded = slices.DeleteFunc(decoded, func(name string) bool { return name == c.Name })
		t.Run(c.Name, func(t *testing.T) {
			var frames [2]map[string]string
			for i, mode := range []finalize.HLSMode{finalize.HLSReference, finalize.HLSSingle} {
				w := c.Lay(t)
				w.Config.HLS = mode
				w.Finalize(t)
				frames[i] = decodeAll(t, w.Store.Snapshot(), c.Recording)
			}
			if len(frames[0]) == 0 || len(frames[0]) != len(frames[1]) {
				t.Errorf("%d playlists of segments, %d of the object", len(frames[0]), len(frames[1]))
			}
			for name, want := range frames[0] {
				if got := frames[1][name]; got != want {
					t.Errorf("%s: %d lines about the frames of the segments, %d of the object: %s", name, strings.Count(want, "\n"), strings.Count(got, "\n"), firstOther(got, want))
				}
			}
		})
	}
	if len(decoded) > 0 {
		t.Errorf("there are no cases %q", decoded)
	}
}

// firstOther is the first line in which two texts differ.
func firstOther(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d: %q, want %q", i, a[i], b[i])
		}
	}
	return "one goes on"
}

// decodeAll lays a store out as files and gives the digests of all frames of each
// media playlist.
func decodeAll(t *testing.T, all snapshot, recording string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	for key, e := range all {
		name := filepath.Join(dir, filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, e.Body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	frames := map[string]string{}
	for key := range all {
		if !strings.HasPrefix(key, outPath+recording+"/") || !strings.HasSuffix(key, ".m3u8") || path.Base(key) == "index.m3u8" || path.Base(key) == "iframes.m3u8" {
			continue // I pictures alone are another test
		}
		var complaints bytes.Buffer
		cmd := exec.Command(testenv.Need(t, "ffmpeg"), "-v", "error", "-nostdin", "-threads", "1", "-allowed_extensions", "ALL",
			"-i", filepath.Join(dir, filepath.FromSlash(key)), "-map", "0", "-fps_mode", "passthrough", "-f", "framemd5", "-")
		cmd.Stderr = &complaints
		out, err := cmd.Output()
		if err != nil || len(out) == 0 {
			t.Errorf("%s: %v: %s", key, err, complaints.String())
		}
		frames[path.Base(path.Dir(path.Dir(key)))+"/"+path.Base(key)] = string(out)
	}
	return frames
}
