package chrome

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/finalize/layout"
	"recfin/internal/testenv"
	"recfin/store"
	"recfin/store/mem"
)

// clip is what a broadcaster sends: segments of 2 s in one colour each, that
// flash white for 200 ms with a beep of 100 ms at each full second.
type clip struct {
	colours []string // one a segment; red, lime, blue, yellow …
	size    string   // "320x180"
	offset  string   // of the timestamps, s
	video   []string // of the encoder
	audio   []string // of the encoder; nil: AAC
	plain   bool     // no flashes
	fmp4    bool
}

func (c clip) seconds() int { return 2 * len(c.colours) }

// segments makes the clip; those of fMP4 are behind their init segment.
func (c clip) segments(t *testing.T) [][]byte {
	t.Helper()
	dir := t.TempDir()
	if c.size == "" {
		c.size = "320x180"
	}
	if c.offset == "" {
		c.offset = "0"
	}
	if c.video == nil {
		c.video = []string{"-c:v", "libx264", "-preset", "ultrafast", "-tune", "stillimage", "-bf", "2"}
	}
	if c.audio == nil {
		c.audio = []string{"-c:a", "aac", "-b:a", "96k"}
	}
	var args, filters []string
	for i, colour := range c.colours {
		args = append(args, "-f", "lavfi", "-i", fmt.Sprintf("color=c=%s:s=%s:r=25:d=2", colour, c.size))
		filters = append(filters, fmt.Sprintf("[%d:v]", i))
	}
	flash := ",drawbox=x=0:y=0:w=iw:h=ih:color=white:t=fill:enable='lt(mod(t,1),0.19)'"
	if c.plain {
		flash = ""
	}
	beep := fmt.Sprintf("aevalsrc='0.8*sin(2*PI*1000*t)*lt(mod(t,1),0.1)':s=48000:d=%d", c.seconds())
	filter := fmt.Sprintf("%sconcat=n=%d:v=1:a=0%s,format=yuv420p[v]", strings.Join(filters, ""), len(c.colours), flash)
	args = append(args, "-f", "lavfi", "-i", beep, "-filter_complex", filter, "-map", "[v]", "-map", fmt.Sprintf("%d:a", len(c.colours)), "-ac", "2")
	args = append(append(args, c.video...), c.audio...)
	args = append(args, "-g", "50", "-keyint_min", "50", "-output_ts_offset", c.offset, "-muxdelay", "0", "-muxpreload", "0")
	kind, ext := "mpegts", "ts"
	if c.fmp4 {
		kind, ext = "fmp4", "m4s"
	}
	args = append(args, "-f", "hls", "-hls_segment_type", kind, "-hls_time", "2", "-hls_list_size", "0",
		"-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", filepath.Join(dir, "%d."+ext), filepath.Join(dir, "index.m3u8"))
	ffmpeg(t, args...)
	var out [][]byte
	if c.fmp4 {
		out = append(out, file(t, filepath.Join(dir, "init.mp4")))
	}
	for i := range c.colours {
		out = append(out, file(t, filepath.Join(dir, fmt.Sprintf("%d.%s", i, ext))))
	}
	return out
}

func ffmpeg(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command(testenv.Need(t, "ffmpeg"), append([]string{"-nostdin", "-v", "error", "-y"}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg %q: %v\n%s", args, err, out)
	}
}

func file(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// mute takes the sound out of a segment of TS.
func mute(t *testing.T, segment []byte) []byte {
	t.Helper()
	in, out := filepath.Join(t.TempDir(), "in.ts"), filepath.Join(t.TempDir(), "out.ts")
	if err := os.WriteFile(in, segment, 0o600); err != nil {
		t.Fatal(err)
	}
	ffmpeg(t, "-copyts", "-i", in, "-map", "0:v", "-c", "copy", "-muxdelay", "0", "-muxpreload", "0", "-f", "mpegts", out)
	return file(t, out)
}

// take is a piece of what one broadcaster left: nil segments were lost.
type take struct {
	nonce    string
	segments [][]byte
	fmp4     bool
}

// finalizeAll finalizes a recording of takes whose numbers run on.
func finalizeAll(t *testing.T, takes ...take) []byte {
	t.Helper()
	start := time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)
	now := start.Add(3 * time.Hour)
	s := mem.New(mem.Options{Clock: func() time.Time { return now }})
	n := 0
	for _, k := range takes {
		ext := "ts"
		if k.fmp4 {
			ext = "m4s"
			s.Set("foo/"+k.nonce+"/720p/init.mp4", k.segments[0], start, nil)
			k.segments = k.segments[1:]
		}
		for _, b := range k.segments {
			if b != nil {
				s.Set(fmt.Sprintf("foo/%s/720p/%d.%s", k.nonce, n, ext), b, start.Add(time.Duration(n+1)*2*time.Second+400*time.Millisecond), nil)
			}
			n++
		}
	}
	nonce, err := layout.Parse("nonce", layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := finalize.New(finalize.Config{
		Sources: []store.Store{s}, OutPath: finalize.DefaultOutPath, Layouts: []*layout.Layout{nonce},
		Formats: finalize.Formats{MP4: true}, SessionGap: 15 * time.Minute, Settle: 30 * time.Minute,
	}.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Run(context.Background(), "foo")
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Plan.Dropped) > 0 {
		t.Fatalf("dropped: %+v", r.Plan.Dropped)
	}
	var movie []byte
	for key, e := range s.Snapshot() {
		if strings.HasSuffix(key, ".mp4") && strings.HasPrefix(key, finalize.DefaultOutPath) {
			if movie != nil {
				t.Fatal("two movies")
			}
			movie = e.Body
		}
	}
	if movie == nil {
		t.Fatal("no movie")
	}
	return movie
}
