// Package broadcast makes live streams for tests: MPEG-TS segments of a test
// picture and a tone, cut by ffmpeg, and the folders that broadcasters leave
// behind when they upload them.
//
//	a := broadcast.Make(t, broadcast.Options{Seconds: 20})
//	broadcast.Lay(t, broadcast.Folder(dir), a.Uploads("foo/A/720p", 0, 9, start))
//	broadcast.Lay(t, broadcast.Folder(dir), a.Uploads("foo/B/720p", 8, 19, start))
package broadcast

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"recfin/internal/testenv"
	"recfin/internal/timecode"
)

// Options say what a stream is like. The zero value is 8 s of 320x180 at 15
// frames per second without B-frames and of AAC mono at 48 kHz, in segments of
// 2 s that begin with an IDR picture.
type Options struct {
	Seconds int           // length of the stream; 8
	Segment time.Duration // length of a segment; 2 s

	NoVideo       bool
	Width, Height int      // 320x180
	Rate          string   // frames per second, as "15" or "30000/1001"; "15"
	GOP           int      // pictures from one IDR to the next; 0: one GOP in a segment
	BFrames       int      // B-frames in a row
	Source        string   // lavfi source of the picture, "testsrc" or "testsrc2" for more detail; "testsrc"
	Video         []string // further arguments for the video encoder, as "-x264-params", "open-gop=1"
	// Code is burned into the first picture, and the numbers that follow into those
	// that follow; nil: nothing is.
	Code *timecode.Code

	NoAudio    bool
	SampleRate int // 48000
	Channels   int // 1
	Tone       int // Hz; 440

	Offset   time.Duration // added to all timestamps: near 95,443.7 s the 33-bit clock wraps
	Swapped  bool          // the PIDs of video and audio change places
	FirstPID int           // PID of the first track; 0x100
	FirstSeq int           // number of the first segment
}

// Segment is one file of a stream.
type Segment struct {
	Seq  int
	Path string
	Size int64
}

// Series is a stream that was cut into segments, in order. Its files belong to
// all tests and are only read.
type Series struct {
	Options  Options
	Segments []Segment
}

// withDefaults fills in what is not set.
func (o Options) withDefaults() Options {
	set := func(v *int, to int) {
		if *v == 0 {
			*v = to
		}
	}
	set(&o.Seconds, 8)
	set(&o.Width, 320)
	set(&o.Height, 180)
	set(&o.SampleRate, 48000)
	set(&o.Channels, 1)
	set(&o.Tone, 440)
	set(&o.FirstPID, 0x100)
	if o.Segment == 0 {
		o.Segment = 2 * time.Second
	}
	if o.Rate == "" {
		o.Rate = "15"
	}
	if o.Source == "" {
		o.Source = "testsrc"
	}
	return o
}

// seconds gives a duration as ffmpeg reads it, exactly.
func seconds(d time.Duration) string {
	return strconv.FormatInt(d.Microseconds(), 10) + "us"
}

// arguments are those of ffmpeg, but for the names of the files.
func (o Options) arguments() []string {
	args := []string{"-nostdin", "-v", "error", "-y", "-fflags", "+bitexact"}
	if !o.NoVideo {
		args = append(args, "-f", "lavfi", "-i", fmt.Sprintf("%s=size=%dx%d:rate=%s:duration=%d", o.Source, o.Width, o.Height, o.Rate, o.Seconds))
	}
	if !o.NoAudio {
		args = append(args, "-f", "lavfi", "-i", fmt.Sprintf("sine=frequency=%d:beep_factor=4:sample_rate=%d:duration=%d", o.Tone, o.SampleRate, o.Seconds))
	}
	if !o.NoVideo {
		args = append(args, "-c:v", "libx264", "-preset", "ultrafast", "-threads:v", "1", "-pix_fmt", "yuv420p",
			"-bf", strconv.Itoa(o.BFrames), "-sc_threshold", "0", "-flags:v", "+bitexact")
		if o.GOP > 0 {
			args = append(args, "-g", strconv.Itoa(o.GOP), "-keyint_min", strconv.Itoa(o.GOP))
		} else {
			args = append(args, "-g", "1000000", "-force_key_frames", "expr:gte(t,n_forced*"+strconv.FormatFloat(o.Segment.Seconds(), 'f', -1, 64)+")")
		}
		if o.Code != nil {
			args = append(args, "-vf", o.Code.Filter())
		}
		args = append(args, o.Video...)
	}
	if !o.NoAudio {
		args = append(args, "-c:a", "aac", "-b:a", strconv.Itoa(32*o.Channels)+"k", "-ac", strconv.Itoa(o.Channels), "-flags:a", "+bitexact")
	}
	first, second := o.FirstPID, o.FirstPID+1
	if o.Swapped {
		first, second = second, first
	}
	args = append(args, "-streamid", fmt.Sprintf("0:%d", first))
	if !o.NoVideo && !o.NoAudio {
		args = append(args, "-streamid", fmt.Sprintf("1:%d", second))
	}
	return append(args, "-output_ts_offset", seconds(o.Offset), "-f", "hls", "-hls_segment_type", "mpegts",
		"-hls_time", seconds(o.Segment), "-hls_list_size", "0", "-start_number", strconv.Itoa(o.FirstSeq))
}

// making lets one test at a time run ffmpeg: others may want the same stream.
var making sync.Mutex

// Make gives a stream. The first test that asks for it has ffmpeg make it; it
// is kept in the temporary folder for other tests and later runs of the same
// ffmpeg. Without ffmpeg the test is skipped, see testenv.Need.
func Make(t testing.TB, opt Options) *Series {
	t.Helper()
	ffmpeg := testenv.Need(t, "ffmpeg")
	opt = opt.withDefaults()
	making.Lock()
	defer making.Unlock()
	dir, err := cached(ffmpeg, append(opt.arguments(), "-hls_segment_filename", "%d.ts", "index.m3u8"))
	if err != nil {
		t.Fatalf("make a broadcast: %v", err)
	}
	s := &Series{Options: opt}
	for seq := opt.FirstSeq; ; seq++ {
		path := filepath.Join(dir, strconv.Itoa(seq)+".ts")
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			t.Fatalf("make a broadcast: %v", err)
		}
		s.Segments = append(s.Segments, Segment{Seq: seq, Path: path, Size: info.Size()})
	}
	if len(s.Segments) == 0 {
		t.Fatalf("make a broadcast: ffmpeg cut no segments with %q", opt.arguments())
	}
	return s
}

// Files gives a folder with the files that ffmpeg makes with these arguments, in
// which their names stand alone. They belong to all tests and are only read, as
// those of a [Series].
func Files(t testing.TB, args ...string) string {
	t.Helper()
	ffmpeg := testenv.Need(t, "ffmpeg")
	making.Lock()
	defer making.Unlock()
	dir, err := cached(ffmpeg, append([]string{"-nostdin", "-v", "error", "-y", "-fflags", "+bitexact"}, args...))
	if err != nil {
		t.Fatalf("make files: %v", err)
	}
	return dir
}

// cached gives the folder that holds the files which ffmpeg makes with these
// arguments, and makes them if need be. A folder appears whole, by a rename.
func cached(ffmpeg string, args []string) (string, error) {
	root := filepath.Join(os.TempDir(), "recfin-broadcast-"+strconv.Itoa(os.Getuid()))
	if err := os.Mkdir(root, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	// The folder may be one that everybody can write to: only one of our own will do.
	info, err := os.Lstat(root)
	if err != nil {
		return "", err
	}
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s is not a private folder", root)
	}
	version, err := versionOf(ffmpeg)
	if err != nil {
		return "", err
	}
	hash := sha256.Sum256([]byte(strings.Join(args, "\x00") + "\x00" + version))
	dir := filepath.Join(root, hex.EncodeToString(hash[:12]))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	partial, err := os.MkdirTemp(root, "partial-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(partial)
	command := exec.Command(ffmpeg, args...)
	command.Dir = partial
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%q: %w: %s", command.Args, err, out)
	}
	if err := os.Rename(partial, dir); err != nil {
		if _, there := os.Stat(dir); there != nil {
			return "", err
		}
	}
	return dir, nil
}

// versions are what programs said of themselves, by their path. It takes most of a
// tenth of a second to ask.
var versions sync.Map

// versionOf gives the version of a program, which is asked once.
func versionOf(program string) (string, error) {
	if said, ok := versions.Load(program); ok {
		return said.(string), nil
	}
	said, err := exec.Command(program, "-version").Output()
	if err != nil {
		return "", fmt.Errorf("ask ffmpeg for its version: %w", err)
	}
	versions.Store(program, string(said))
	return string(said), nil
}

// Body reads the segment of that number.
func (s *Series) Body(t testing.TB, seq int) []byte {
	t.Helper()
	body, err := os.ReadFile(s.segment(t, seq).Path)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func (s *Series) segment(t testing.TB, seq int) Segment {
	t.Helper()
	i := seq - s.Options.FirstSeq
	if i < 0 || i >= len(s.Segments) {
		t.Fatalf("there is no segment %d in a series of %d from %d", seq, len(s.Segments), s.Options.FirstSeq)
	}
	return s.Segments[i]
}
