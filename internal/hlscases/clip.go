package hlscases

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"recfin/internal/broadcast"
	"recfin/internal/timecode"
)

// form is how a clip is cut into objects.
type form int

const (
	transport form = iota // segments of MPEG-TS
	fragments             // segments of fragmented MP4, and init.mp4
	files                 // fragmented MP4, each with a moov of its own and a clock that begins at 0
)

// clip is what one encoder sends, in segments that begin with an IDR picture.
type clip struct {
	form
	kind          Kind
	first, stream int // numbers that its pictures bear
	seconds       int
	every         int // seconds a segment
	width, height int
	offset        int // of its clock, in seconds
	pid           int // of its first track; 0: 0x100
	bframes       int
	tone          int // Hz
	channels      int
	language      string
}

// object is a segment, or an init segment (n is -1).
type object struct {
	n    int
	ext  string
	body []byte
}

// objects has ffmpeg make the clip.
func (c clip) objects(t testing.TB) []object {
	t.Helper()
	if c.form == files {
		return c.files(t)
	}
	// Sound begins before 0, by what its encoder puts before it: with an offset all
	// clocks are shifted alike.
	args := append(c.inputs(), "-output_ts_offset", strconv.Itoa(10+c.offset))
	ext := ".ts"
	switch c.form {
	case transport:
		args = append(args, "-streamid", fmt.Sprintf("0:%d", max(c.pid, 0x100)))
		if c.kind == Both {
			args = append(args, "-streamid", fmt.Sprintf("1:%d", max(c.pid, 0x100)+1))
		}
	case fragments:
		ext = ".m4s"
		args = append(args, "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4")
	}
	dir := broadcast.Files(t, append(args, "-f", "hls", "-hls_time", strconv.Itoa(c.every), "-hls_list_size", "0",
		"-hls_segment_filename", "%d"+ext, "index.m3u8")...)
	var out []object
	if c.form == fragments {
		out = append(out, object{-1, ".mp4", file(t, dir, "init.mp4")})
	}
	for n := range c.seconds / c.every {
		out = append(out, object{n, ext, file(t, dir, strconv.Itoa(n)+ext)})
	}
	return out
}

// files makes each segment a file of its own, with its init segment in front.
func (c clip) files(t testing.TB) []object {
	t.Helper()
	var out []object
	for n := range c.seconds / c.every {
		one := c
		one.form, one.first, one.seconds = fragments, c.first+n*c.every*Rate, c.every
		made := one.objects(t)
		out = append(out, object{n, ".mp4", append(made[0].body, made[1].body...)})
	}
	return out
}

// inputs are the arguments of ffmpeg up to the form of the output.
func (c clip) inputs() []string {
	var args []string
	if c.kind != Sound {
		code := timecode.Code{Number: c.first, Stream: c.stream}
		args = append(args, "-f", "lavfi", "-i", fmt.Sprintf("color=c=gray:s=%dx%d:r=%d:d=%d,%s,format=yuv420p", c.width, c.height, Rate, c.seconds, code.Filter()))
	}
	if c.kind != Pictures {
		args = append(args, "-f", "lavfi", "-i", fmt.Sprintf("sine=frequency=%d:beep_factor=4:sample_rate=48000:duration=%d", max(c.tone, 440), c.seconds))
	}
	if c.kind != Sound {
		rate := fmt.Sprintf("%dk", 300-100*c.stream) // filled up to it: which is the best does not depend on the encoder
		args = append(args, "-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate, "-nal-hrd", "cbr")
		args = append(args, "-c:v", "libx264", "-preset", "ultrafast", "-threads:v", "1", "-profile:v", "main", "-level:v", "3",
			"-bf", strconv.Itoa(c.bframes), "-sc_threshold", "0", "-flags:v", "+bitexact", "-forced-idr", "1",
			"-g", "1000000", "-force_key_frames", fmt.Sprintf("expr:gte(t,n_forced*%d)", min(c.every, 2)))
	}
	if c.kind != Pictures {
		args = append(args, "-c:a", "aac", "-b:a", "48k", "-ac", strconv.Itoa(max(c.channels, 1)), "-flags:a", "+bitexact")
		if c.language != "" {
			args = append(args, "-metadata:s:a", "language="+c.language)
		}
	}
	return args
}

func file(t testing.TB, dir, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}
