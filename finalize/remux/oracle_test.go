package remux

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"recfin/internal/testenv"
	"recfin/mp4"
)

// units is a track by an outside reading: payloads and presentation times.
type units struct {
	payload []string
	pts     []int64 // 90 kHz
}

// sourceUnits reads the segments of a part, joined by cat.
func sourceUnits(t *testing.T, kind mp4.Kind, path string) units {
	t.Helper()
	sel, format := "v:0", "h264"
	if kind == mp4.Audio {
		sel, format = "a:0", "adts"
	}
	var u units
	probed := run(t, testenv.Need(t, "ffprobe"), "-v", "error", "-select_streams", sel, "-show_entries", "packet=pts", "-of", "csv=p=0", path)
	for _, line := range strings.Fields(string(probed)) {
		n, err := strconv.ParseInt(strings.Trim(line, ","), 10, 64)
		if err != nil {
			t.Fatalf("pts %q", line)
		}
		u.pts = append(u.pts, n)
	}
	if len(u.pts) == 0 {
		return u
	}
	raw := ffmpeg(t, "-i", path, "-map", "0:"+sel, "-c", "copy", "-copyinkf", "-f", format, "-")
	if kind == mp4.Video {
		u.payload = coded(raw)
	} else {
		u.payload = frames(t, raw)
	}
	return u
}

// coded gives the coded slices of a byte stream (ITU-T H.264 annex B).
func coded(raw []byte) []string {
	var list []string
	for _, nal := range bytes.Split(raw, []byte{0, 0, 1}) {
		if nal = bytes.TrimRight(nal, "\x00"); len(nal) > 0 && (nal[0]&31 == 1 || nal[0]&31 == 5) {
			list = append(list, string(nal))
		}
	}
	return list
}

// frames gives the raw frames of an ADTS stream.
func frames(t *testing.T, raw []byte) []string {
	var list []string
	for len(raw) > 7 {
		n := int(raw[3]&3)<<11 | int(raw[4])<<3 | int(raw[5])>>5
		if n < 7 || n > len(raw) {
			t.Fatalf("ADTS frame of %d bytes", n)
		}
		list = append(list, string(raw[7:n]))
		raw = raw[n:]
	}
	return list
}

// decoded gives the hashes of decoded pictures.
func decoded(t *testing.T, path string) []string {
	t.Helper()
	var args []string
	if strings.HasSuffix(path, ".mp4") {
		args = append(args, "-ignore_editlist", "1")
	}
	out := ffmpeg(t, append(args, "-i", path, "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-")...)
	var list []string
	for _, line := range strings.Split(string(out), "\n") {
		if f := strings.Split(line, ","); !strings.HasPrefix(line, "#") && len(f) > 1 {
			list = append(list, strings.TrimSpace(f[len(f)-1]))
		}
	}
	return list
}
