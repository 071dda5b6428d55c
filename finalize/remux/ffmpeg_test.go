package remux

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"recfin/internal/mp4check"
	"recfin/internal/testenv"
	"recfin/mp4"
	"recfin/probe"
)

// clip is a piece of media that ffmpeg makes: 6 s in three segments.
type clip struct {
	offset string   // of the timestamps, seconds
	swap   bool     // sound has the first PID
	video  []string // encoder flags; nil: no video
	sound  bool
	mute   int // segments from here on have no sound; 0: all have
	from   int // first segment that is there
	to     int // first that is not; 0: all are
}

// plain is H.264 without B-pictures and sound.
func plain() clip { return clip{offset: "10", video: []string{"-bf", "0"}, sound: true} }

func ffmpeg(t *testing.T, args ...string) []byte {
	t.Helper()
	return run(t, testenv.Need(t, "ffmpeg"), append([]string{"-v", "error", "-nostdin", "-y", "-threads", "1"}, args...)...)
}

func run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		t.Fatalf("%s %v: %v\n%s", filepath.Base(name), args, err, errs.Bytes())
	}
	return out.Bytes()
}

// segments makes the clip.
func (c clip) segments(t *testing.T, seed int) [][]byte {
	t.Helper()
	dir := t.TempDir()
	args := []string{"-f", "lavfi", "-i", fmt.Sprintf("testsrc2=s=160x96:r=25:d=6,hue=h=%d", seed*40),
		"-f", "lavfi", "-i", fmt.Sprintf("sine=f=%d:r=48000:d=6", 300+seed*100)}
	v, a := []string{"-map", "0:v"}, []string{"-map", "1:a"}
	if c.video == nil {
		v = nil
	}
	if !c.sound {
		a = nil
	}
	if c.swap {
		v, a = a, v
	}
	args = append(append(args, v...), a...)
	args = append(args, "-c:v", "libx264", "-preset", "veryfast", "-g", "50", "-keyint_min", "50", "-sc_threshold", "0", "-threads:v", "1")
	args = append(args, c.video...)
	args = append(args, "-c:a", "aac", "-ac", "2", "-b:a", "64k", "-output_ts_offset", c.offset, "-muxdelay", "0.5",
		"-f", "segment", "-segment_time", "2", "-segment_format", "mpegts", filepath.Join(dir, "%d.ts"))
	ffmpeg(t, args...)
	var list [][]byte
	for i := 0; ; i++ {
		path := filepath.Join(dir, fmt.Sprintf("%d.ts", i))
		if c.mute > 0 && i >= c.mute {
			quiet := filepath.Join(dir, fmt.Sprintf("q%d.ts", i))
			if _, err := os.Stat(path); err == nil {
				ffmpeg(t, "-copyts", "-i", path, "-map", "0:v", "-c", "copy", "-muxdelay", "0", "-f", "mpegts", quiet)
			}
			path = quiet
		}
		b, err := os.ReadFile(path)
		if err != nil {
			break
		}
		if i >= c.from && (c.to == 0 || i < c.to) {
			list = append(list, b)
		}
	}
	if len(list) == 0 {
		t.Fatalf("%d segments", len(list))
	}
	return list
}

// joinFile joins segments into a file.
func joinFile(t *testing.T, parts [][][]byte, planned bool) (string, Result) {
	t.Helper()
	var segments [][]byte
	var bounds []Boundary
	for p, part := range parts {
		for k, seg := range part {
			segments = append(segments, seg)
			bounds = append(bounds, Boundary{Name: fmt.Sprintf("foo/%d/%d.ts", p, k), Join: planned && p > 0 && k == 0, Container: probe.MPEGTS})
		}
	}
	return joinAll(t, segments, func(i int) Boundary { return bounds[i] })
}

// feed writes a segment in slices that fit nothing.
func feed(w io.Writer, b []byte) error {
	for len(b) > 0 {
		n := min(len(b), 10007)
		if _, err := w.Write(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// TestMedia holds the output against ffmpeg's reading of the segments, part by
// part: the same coded units in the same order, the same times, the same
// decoded pictures.
func TestMedia(t *testing.T) {
	b := []string{"-bf", "3", "-x264-params", "b-pyramid=normal"}
	open := []string{"-bf", "2", "-x264-params", "open-gop=1"}
	with := func(change func(*clip)) clip { c := plain(); change(&c); return c }
	for _, c := range []struct {
		name    string
		parts   []clip
		planned bool
	}{
		{"contiguous", []clip{plain()}, true},
		{"b-frames", []clip{with(func(c *clip) { c.video = b })}, true},
		{"open-gop", []clip{with(func(c *clip) { c.video = open })}, true},
		{"clock restart", []clip{with(func(c *clip) { c.offset = "500" }), with(func(c *clip) { c.video = b })}, true},
		{"clock restart, not planned", []clip{with(func(c *clip) { c.offset = "500"; c.video = b }), plain()}, false},
		{"swapped PIDs", []clip{plain(), with(func(c *clip) { c.swap = true; c.offset = "100" })}, true},
		{"swapped PIDs, not planned", []clip{plain(), with(func(c *clip) { c.swap = true; c.offset = "100" })}, false},
		{"hole", []clip{with(func(c *clip) { c.to = 1; c.video = b }), with(func(c *clip) { c.from = 2; c.video = b })}, true},
		{"hole, not planned", []clip{with(func(c *clip) { c.to = 1 }), with(func(c *clip) { c.from = 2 })}, false},
		{"wrap", []clip{with(func(c *clip) { c.offset = "95440.7"; c.video = b })}, true},
		{"video only", []clip{with(func(c *clip) { c.sound = false }), with(func(c *clip) { c.sound = false; c.video = b })}, true},
		{"audio only", []clip{with(func(c *clip) { c.video = nil }), with(func(c *clip) { c.video = nil })}, true},
		{"sound ends early", []clip{with(func(c *clip) { c.mute = 2 }), plain()}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var parts [][][]byte
			var cats []string
			for i, p := range c.parts {
				segments := p.segments(t, i)
				parts = append(parts, segments)
				cat := filepath.Join(t.TempDir(), "part.ts")
				if err := os.WriteFile(cat, bytes.Join(segments, nil), 0o600); err != nil {
					t.Fatal(err)
				}
				cats = append(cats, cat)
			}
			path, res := joinFile(t, parts, c.planned)
			if res.Parts != len(parts) || res.DroppedLeading+res.DroppedAudio != 0 || len(res.Problems) > 0 {
				t.Fatalf("%+v", res)
			}
			for i, m := range res.Segments {
				want := 50
				if c.name == "open-gop" { // pictures follow the access point that they lead
					want = []int{50, 49, 51}[i]
				}
				if c.parts[0].video != nil && (m.Video != want || abs(int64(m.Duration-time.Duration(want)*40*time.Millisecond)) > 20000) {
					t.Errorf("segment %d: %+v", i, m)
				}
			}
			compare(t, path, cats)
		})
	}
}

// compare holds a file against the parts that it was made of.
func compare(t *testing.T, path string, cats []string) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	movie, err := mp4check.Open(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	zero := map[int]int64{} // per part: position − source PTS of the first picture, 90 kHz
	for n, track := range movie.Tracks {
		kind, slack := mp4.Video, int64(0)
		if track.Handler == "soun" {
			kind, slack = mp4.Audio, 180
		}
		got := read(t, movie, n)
		for p, cat := range cats {
			want := sourceUnits(t, kind, cat)
			if len(want.pts) == 0 {
				continue
			}
			if len(got.payload) < len(want.payload) || len(got.pts) < len(want.pts) {
				t.Fatalf("part %d: %d %s left of %d", p, len(got.pts), kind, len(want.pts))
			}
			for i := range want.payload {
				if got.payload[i] != want.payload[i] {
					t.Fatalf("part %d: %s %d differs", p, kind, i)
				}
			}
			for i := range want.pts {
				delta := got.pts[i] - want.pts[i]
				if z, ok := zero[p]; !ok {
					zero[p] = delta
				} else if abs(delta-z) > slack {
					t.Fatalf("part %d: %s %d is off by %d ticks", p, kind, i, delta-z)
				}
			}
			got.payload, got.pts = got.payload[len(want.payload):], got.pts[len(want.pts):]
		}
		if len(got.pts) > 0 || len(got.payload) > 0 {
			t.Fatalf("%d %s too many", len(got.pts), kind)
		}
		if kind == mp4.Video {
			var want []string
			for _, cat := range cats {
				want = append(want, decoded(t, cat)...)
			}
			if got := decoded(t, path); !slices.Equal(got, want) {
				t.Fatalf("decoded pictures differ: %d, want %d", len(got), len(want))
			}
		}
	}
	if out := run(t, testenv.Need(t, "ffmpeg"), "-v", "warning", "-xerror", "-i", path, "-f", "null", "-"); len(out) > 0 {
		t.Fatalf("%s", out)
	}
}

// read gives the samples of a file without silence, as sourceUnits does.
func read(t *testing.T, movie *mp4check.Movie, n int) units {
	track := movie.Tracks[n]
	var offset int64
	if len(track.Edits) > 0 && track.Edits[0].MediaTime < 0 {
		offset = rescale(track.Edits[0].Duration, movie.Timescale, 90000)
	}
	var u units
	for _, s := range movie.Samples(n) {
		b, err := movie.Payload(s)
		if err != nil {
			t.Fatal(err)
		}
		if track.Handler == "soun" {
			if bytes.Equal(b, silentLC[2]) {
				continue
			}
			u.payload = append(u.payload, string(b))
		} else {
			nals, err := mp4check.NALUnits(b)
			if err != nil {
				t.Fatal(err)
			}
			for _, nal := range nals {
				if kind := nal[0] & 31; kind == 1 || kind == 5 {
					u.payload = append(u.payload, string(bytes.TrimRight(nal, "\x00")))
				}
			}
		}
		u.pts = append(u.pts, offset+rescale(s.PTS, track.Timescale, 90000))
	}
	return u
}
