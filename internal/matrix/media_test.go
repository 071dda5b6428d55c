package matrix

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"recfin/internal/testenv"
)

// The stream that all cells are cut from: 8 s in segments of 2 s with an access
// point every second.
const (
	width, height = 160, 96
	pictureRate   = 25
	seconds       = 8
	cutEvery      = 2
	overlapAt     = 3 // s: where the second encoder of an overlap begins
)

// encoders of pictures, by value of the matrix.
var encoders = map[string][]string{
	"h264":       {"-c:v", "libx264", "-bf", "0"},
	"h264-b":     {"-c:v", "libx264", "-bf", "3", "-x264-params", "b-pyramid=normal"},
	"h264-open":  {"-c:v", "libx264", "-bf", "2", "-x264-params", "open-gop=1"},
	"hevc":       {"-c:v", "libx265"},
	"interlaced": {"-c:v", "libx264", "-bf", "2", "-flags:v", "+ildct+ilme", "-x264opts", "tff=1"},
}

// sounds says which encoders a value of the matrix means, one for each track.
var sounds = map[string][]string{
	"aac": {"aac"}, "mp3": {"mp3"}, "ac3": {"ac3"}, "eac3": {"eac3"}, "opus": {"opus"},
	"none": {}, "two": {"aac", "ac3"},
}

// soundEncoders with the container that keeps their frames as they are.
var soundEncoders = map[string][]string{
	// Noise substitution has the decoder draw numbers, which a join would shift.
	"aac":  {"-c:a", "aac", "-aac_pns", "0", "-f", "adts"},
	"mp3":  {"-c:a", "libmp3lame", "-write_xing", "0", "-id3v2_version", "0", "-f", "mp3"},
	"ac3":  {"-c:a", "ac3", "-f", "ac3"},
	"eac3": {"-c:a", "eac3", "-f", "eac3"},
	"opus": {"-c:a", "libopus", "-f", "ogg"},
}

// take is one encoding of the programme.
type take struct {
	name  string
	from  int // s of the programme
	seq   int // number of the first segment
	gop   int // pictures
	w, h  int
	tone  int // Hz
	extra []string
}

var (
	first  = take{name: "first", gop: 25, w: width, h: height, tone: 440}
	second = take{name: "second", from: overlapAt, seq: 2, gop: 20, w: width, h: height, tone: 440, extra: []string{"-crf", "30"}} // another encoder, later, with other GOPs
	larger = take{name: "larger", gop: 25, w: 192, h: 128, tone: 440}
)

// studio makes media once and keeps it for all tests of the run.
type studio struct {
	dir string
	mu  sync.Mutex
	on  map[string]*sync.Once
	err map[string]error
}

var theStudio studio

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "recfin-matrix-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	theStudio = studio{dir: dir, on: map[string]*sync.Once{}, err: map[string]error{}}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// make gives a folder that fill has filled, once for each name.
func (s *studio) make(t *testing.T, name string, fill func(dir string) error) string {
	t.Helper()
	dir := filepath.Join(s.dir, name)
	s.mu.Lock()
	once := s.on[name]
	if once == nil {
		once = &sync.Once{}
		s.on[name] = once
	}
	s.mu.Unlock()
	once.Do(func() {
		err := os.MkdirAll(dir, 0o700)
		if err == nil {
			err = fill(dir)
		}
		s.mu.Lock()
		s.err[name] = err
		s.mu.Unlock()
	})
	s.mu.Lock()
	err := s.err[name]
	s.mu.Unlock()
	if err != nil {
		t.Fatalf("make %s: %v", name, err)
	}
	return dir
}

// tool runs a program and gives its standard output.
func tool(t *testing.T, name string, args ...string) ([]byte, error) {
	t.Helper()
	path := testenv.Need(t, name)
	var out, errs bytes.Buffer
	c := exec.Command(path, args...)
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, errs.Bytes()[:min(errs.Len(), 2000)])
	}
	return out.Bytes(), nil
}

func ffmpeg(t *testing.T, args ...string) error {
	t.Helper()
	_, err := tool(t, "ffmpeg", append([]string{"-v", "error", "-nostdin", "-y", "-threads", "1"}, args...)...)
	return err
}

// pictures encodes the programme and gives the file.
func (s *studio) pictures(t *testing.T, encoder string, k take) string {
	t.Helper()
	dir := s.make(t, "v-"+encoder+"-"+k.name, func(dir string) error {
		source := fmt.Sprintf("testsrc2=s=%dx%d:r=%d:d=%d,trim=start=%d,setpts=PTS-STARTPTS", k.w, k.h, pictureRate, seconds, k.from)
		args := append([]string{"-f", "lavfi", "-i", source, "-preset", "ultrafast", "-threads:v", "1"}, encoders[encoder]...)
		if encoder == "hevc" {
			args = append(args, "-preset", "superfast", "-x265-params",
				fmt.Sprintf("log-level=none:pools=1:frame-threads=1:scenecut=0:bframes=2:keyint=%d:min-keyint=%d:open-gop=0", k.gop, k.gop))
		} else {
			args = append(args, "-preset", "veryfast", "-g", fmt.Sprint(k.gop), "-keyint_min", fmt.Sprint(k.gop), "-sc_threshold", "0")
		}
		return ffmpeg(t, append(append(args, k.extra...), "-f", "nut", filepath.Join(dir, "v"))...)
	})
	return filepath.Join(dir, "v")
}

// sound encodes the sound of the programme and gives the file.
func (s *studio) sound(t *testing.T, encoder string, k take) string {
	t.Helper()
	dir := s.make(t, "a-"+encoder+"-"+k.name, func(dir string) error {
		source := fmt.Sprintf("sine=f=%d:beep_factor=4:r=48000:d=%d,atrim=start=%d,asetpts=PTS-STARTPTS", k.tone, seconds, k.from)
		args := append([]string{"-f", "lavfi", "-i", source, "-ac", "2", "-b:a", "64k"}, soundEncoders[encoder]...)
		return ffmpeg(t, append(args, filepath.Join(dir, "a"))...)
	})
	return filepath.Join(dir, "a")
}
