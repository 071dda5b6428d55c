package playlist_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize/playlist"
	"recfin/internal/testenv"
)

// record lets ffmpeg write 6 s of picture in segments of 2 s.
func record(t *testing.T, dir string, args ...string) *playlist.Sidecar {
	t.Helper()
	all := append([]string{"-v", "error", "-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=6", "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-keyint_min", "50", "-sc_threshold", "0",
		"-f", "hls", "-hls_time", "2", "-hls_list_size", "0"}, args...)
	cmd := exec.Command(testenv.Need(t, "ffmpeg"), append(all, "index.m3u8")...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "index.m3u8"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := playlist.ReadM3U8(raw)
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	return s
}

// What ffmpeg writes is read: names that exist, ranges that fill the files, exact
// durations, and numbers from where it began. What we then write of it plays.
func TestFFmpegPlaylists(t *testing.T) {
	testenv.Need(t, "ffmpeg")
	testenv.Need(t, "ffprobe")
	cases := []struct {
		name   string
		args   []string
		files  []string // that segments and their init segments name
		first  int64
		mapped bool
		ranged bool
		dated  bool
		ended  bool
	}{
		{name: "TS", args: []string{"-hls_segment_filename", "a %d.ts", "-start_number", "5"}, files: []string{"a 5.ts", "a 6.ts", "a 7.ts"}, first: 5, ended: true},
		{name: "TS, one file", args: []string{"-hls_flags", "single_file"}, files: []string{"index.ts"}, ranged: true, ended: true},
		{name: "fMP4", args: []string{"-hls_segment_type", "fmp4", "-hls_flags", "program_date_time+omit_endlist", "-hls_playlist_type", "event"}, files: []string{"index0.m4s", "index1.m4s", "index2.m4s", "init.mp4"}, mapped: true, dated: true},
		{name: "fMP4, one file", args: []string{"-hls_segment_type", "fmp4", "-hls_flags", "single_file"}, files: []string{"index.m4s"}, mapped: true, ranged: true, ended: true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			s := record(t, dir, c.args...)
			if len(s.Entries) != 3 || s.Ended != c.ended {
				t.Fatalf("%+v", s)
			}
			media := &playlist.Media{}
			end := int64(0) // of the last range
			var names []string
			for i, e := range s.Entries {
				if e.Duration != 2*time.Second || !e.Numbered || e.Seq != c.first+int64(i) || e.Wall.IsZero() == c.dated || (e.Map != nil) != c.mapped || (e.Range != playlist.ByteRange{}) != c.ranged {
					t.Errorf("entry %d: %+v", i, e)
				}
				name := exists(t, dir, e.URI)
				names = append(names, name)
				if c.ranged && i > 0 && e.Range.Offset != s.Entries[i-1].Range.Offset+s.Entries[i-1].Range.Length {
					t.Errorf("entry %d begins at %d", i, e.Range.Offset)
				}
				end = e.Range.Offset + e.Range.Length
				seg := playlist.Segment{URI: playlist.RelativeURI("", name), Duration: e.Duration, Range: e.Range}
				if e.Map != nil {
					init := exists(t, dir, e.Map.URI)
					names = append(names, init)
					seg.Map = &playlist.Map{URI: playlist.RelativeURI("", init), Range: e.Map.Range}
				}
				media.Segments = append(media.Segments, seg)
			}
			slices.Sort(names)
			if names = slices.Compact(names); !slices.Equal(names, c.files) {
				t.Errorf("files %q, want %q", names, c.files)
			}
			if c.ranged {
				info, err := os.Stat(filepath.Join(dir, c.files[0]))
				if err != nil {
					t.Fatal(err)
				}
				if info.Size() != end {
					t.Errorf("the ranges end at %d of %d", end, info.Size())
				}
			}
			plays(t, dir, media)
			// EXT-X-MAP once more, where nothing changes.
			media.Segments[1].Discontinuity = true
			plays(t, dir, media)
		})
	}
}

// plays lets ffprobe read the media playlist of files in a folder: 150 frames, 6 s.
func plays(t *testing.T, dir string, media *playlist.Media) {
	t.Helper()
	text, err := media.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ours.m3u8"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	out, err := exec.Command(testenv.Need(t, "ffprobe"), "-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets:format=duration", "-of", "csv=p=0",
		server.URL+"/ours.m3u8").CombinedOutput()
	if got := strings.Fields(string(out)); err != nil || len(got) < 2 || got[0] != "150" || got[len(got)-1] != "6.000000" {
		t.Errorf("ffprobe reads %q (%v) of\n%s", out, err, text)
	}
}

// exists gives the first file that a URI may mean.
func exists(t *testing.T, dir, uri string) string {
	t.Helper()
	for _, key := range playlist.Resolve("index.m3u8", uri) {
		if _, err := os.Stat(filepath.Join(dir, key)); err == nil {
			return key
		}
	}
	t.Fatalf("nothing is called %q", uri)
	return ""
}
