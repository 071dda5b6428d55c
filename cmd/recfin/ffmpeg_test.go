package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"recfin/internal/testenv"
)

// ffmpeg runs the program, which must have nothing to say, and gives its
// standard output.
func ffmpeg(t *testing.T, args ...string) string {
	t.Helper()
	return tool(t, "ffmpeg", append([]string{"-nostdin", "-v", "error"}, args...)...)
}

func tool(t *testing.T, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(testenv.Need(t, program), args...)
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); !strings.HasSuffix(strings.ToLower(name), "_proxy") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil || errs.Len() > 0 {
		t.Fatalf("%s %q: %v\n%s", program, args, err, &errs)
	}
	return out.String()
}

// pictures are the decoded pictures of a file: size and hash of each.
func pictures(t *testing.T, file string) []string {
	t.Helper()
	return frames(t, ffmpeg(t, "-threads", "1", "-i", file, "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-"))
}

// sound is the coded audio of a transport stream: size and hash of each frame.
func sound(t *testing.T, file string) []string {
	t.Helper()
	return frames(t, ffmpeg(t, "-i", file, "-map", "0:a", "-c", "copy", "-bsf:a", "aac_adtstoasc", "-f", "framemd5", "-"))
}

// soundOfMP4 is the coded audio of an MP4, edits left aside.
func soundOfMP4(t *testing.T, file string) []string {
	t.Helper()
	return frames(t, ffmpeg(t, "-ignore_editlist", "1", "-i", file, "-map", "0:a", "-c", "copy", "-f", "framemd5", "-"))
}

// frames takes columns 5 and 6 of a framemd5.
func frames(t *testing.T, text string) []string {
	t.Helper()
	var all []string
	for _, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, ",")
		if len(f) < 6 {
			t.Fatalf("framemd5 line %q", line)
		}
		all = append(all, strings.TrimSpace(f[4])+" "+strings.TrimSpace(f[5]))
	}
	if len(all) == 0 {
		t.Fatal("there are no frames")
	}
	return all
}

// mediaInfo is what ffprobe says of a file.
type mediaInfo struct {
	Format struct {
		Start    string `json:"start_time"`
		Duration string `json:"duration"`
	} `json:"format"`
	Streams []streamInfo `json:"streams"`
}

type streamInfo struct {
	ID         string `json:"id"`
	Type       string `json:"codec_type"`
	Codec      string `json:"codec_name"`
	Width      int    `json:"width"`
	Height     int    `json:"height"`
	SampleRate string `json:"sample_rate"`
	Channels   int    `json:"channels"`
	Packets    string `json:"nb_read_packets"`
	Start      string `json:"start_time"`
	Duration   string `json:"duration"`
}

func ffprobe(t *testing.T, file string) mediaInfo {
	t.Helper()
	var m mediaInfo
	out := tool(t, "ffprobe", "-v", "error", "-count_packets", "-show_format", "-show_streams", "-of", "json", file)
	if err := json.Unmarshal([]byte(out), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// decimal reads a number of ffprobe.
func decimal(t *testing.T, s string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func near(a, b, within float64) bool { return a-b <= within && b-a <= within }
