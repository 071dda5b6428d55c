package probe

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"recfin/internal/testenv"
)

// pictured are segments that ffmpeg makes; ffmpeg judges what is said of them.
var pictured = []struct {
	name, file string
	args       []string
	few        int // I pictures that must be found, at least
}{
	{"b-frames and sound", "a.ts", []string{"-c:v", "libx264", "-preset", "fast", "-g", "10", "-bf", "3", "-c:a", "aac"}, 5},
	{"open gop", "a.ts", []string{"-c:v", "libx264", "-x264-params", "open-gop=1:keyint=10:bframes=3:b-pyramid=normal", "-c:a", "aac"}, 4},
	{"scene cuts that are no IDR", "a.ts", []string{"-c:v", "libx264", "-x264-params", "keyint=25:min-keyint=25", "-force_key_frames", "expr:eq(mod(n,7),0)", "-an"}, 2},
	{"slices, short PES", "a.ts", []string{"-c:v", "libx264", "-profile:v", "baseline", "-x264-params", "slices=4:keyint=10", "-c:a", "aac", "-pes_payload_size", "200"}, 5},
	{"interlaced", "a.ts", []string{"-c:v", "libx264", "-flags", "+ildct", "-x264-params", "tff=1:keyint=10", "-c:a", "aac"}, 5},
	{"intra refresh", "a.ts", []string{"-c:v", "libx264", "-x264-params", "intra-refresh=1:keyint=10", "-an"}, 1},
	{"all intra", "a.ts", []string{"-c:v", "libx264", "-x264-params", "keyint=1", "-c:a", "aac"}, 50},
	{"wrap", "a.ts", []string{"-c:v", "libx264", "-g", "10", "-c:a", "aac", "-output_ts_offset", "95442.5", "-muxdelay", "0"}, 5},
	{"HEVC, CRA", "a.ts", []string{"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=10:min-keyint=10:bframes=4:open-gop=1:repeat-headers=1", "-c:a", "aac"}, 4},
	{"HEVC, IDR, slices", "a.ts", []string{"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=10:slices=3:open-gop=0:bframes=2", "-an"}, 4},
	{"fragment a GOP", "a.mp4", []string{"-c:v", "libx264", "-g", "10", "-bf", "2", "-c:a", "aac", "-movflags", "empty_moov+default_base_moof+frag_keyframe"}, 5},
	{"fragments of half a second", "a.mp4", []string{"-c:v", "libx264", "-g", "10", "-bf", "2", "-c:a", "aac", "-frag_duration", "500000", "-movflags", "empty_moov+default_base_moof"}, 1},
	{"fragments that move tracks apart", "a.mp4", []string{"-c:v", "libx264", "-g", "10", "-c:a", "aac", "-movflags", "empty_moov+separate_moof+default_base_moof+frag_keyframe"}, 5},
	{"HEVC fragments", "a.mp4", []string{"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=10:open-gop=1:bframes=3", "-an", "-movflags", "empty_moov+default_base_moof+frag_keyframe"}, 4},
	{"AV1 fragments", "a.mp4", []string{"-c:v", "libaom-av1", "-cpu-used", "8", "-g", "10", "-an", "-movflags", "delay_moov+default_base_moof+frag_keyframe"}, 4},
	{"VP9 fragments", "a.mp4", []string{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-g", "10", "-an", "-movflags", "empty_moov+default_base_moof+frag_keyframe"}, 4},
}

// TestIFramesDecodeAlone cuts each I picture out of its segment, puts what stands
// before the first one in front, as a client does (RFC 8216 §4.3.3.6), and has ffmpeg
// decode it: there must be one picture, equal to that of the whole segment at the same
// time.
func TestIFramesDecodeAlone(t *testing.T) {
	ffmpeg := testenv.Need(t, "ffmpeg")
	for _, c := range pictured {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), c.file)
			args := append([]string{"-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=192x128:rate=25", "-f", "lavfi", "-i", "sine=440:sample_rate=48000", "-t", "2", "-threads", "1", "-pix_fmt", "yuv420p"}, c.args...)
			if b, err := exec.Command(ffmpeg, append(args, file)...).CombinedOutput(); err != nil {
				t.Fatalf("ffmpeg: %v\n%s", err, b)
			}
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if n := judgeIFrames(t, ffmpeg, raw); n < c.few {
				t.Errorf("%d I pictures were found, fewer than %d", n, c.few)
			}
		})
	}
}

// judgeIFrames holds what is said of a segment against ffmpeg.
func judgeIFrames(t *testing.T, ffmpeg string, raw []byte) int {
	t.Helper()
	m, err := File(bytes.NewReader(raw), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.IFrames) == 0 {
		t.Fatal("no I picture")
	}
	if !m.Described {
		t.Fatal("not described")
	}
	whole := pictures(t, ffmpeg, raw)
	start, _ := m.Start()
	front := raw[:m.IFrames[0].Offset]
	if m.Container == MP4 {
		front = raw[:m.Header]
	}
	end := int64(0)
	for i, f := range m.IFrames {
		if f.Offset < end || f.Length <= 0 || f.Offset+f.Length > int64(len(raw)) {
			t.Fatalf("I picture %d lies at %d+%d behind %d of %d bytes", i, f.Offset, f.Length, end, len(raw))
		}
		end = f.Offset + f.Length
		got := pictures(t, ffmpeg, append(bytes.Clone(front), raw[f.Offset:end]...))
		if len(got) != 1 {
			t.Fatalf("I picture %d at %v: %d pictures: %v", i, f.At, len(got), got)
		}
		at := (int64(start+f.At) + 5e5) / 1e6
		for pts, sum := range got {
			if want := whole[pts]; want != sum {
				t.Fatalf("I picture %d at %v: picture %s at %d ms, want %s", i, f.At, sum, pts, want)
			}
			const wrap = 1 << 33 / 90 // ffmpeg counts from 0 where the clock wraps
			if d := (pts - at) % wrap; min(wrap-max(d, -d), max(d, -d)) > 2 {
				t.Fatalf("I picture %d is said to be at %d ms, and is at %d ms", i, at, pts)
			}
		}
	}
	return len(m.IFrames)
}

// pictures decodes the video of a segment: the checksums of its pictures by time in
// milliseconds.
func pictures(t *testing.T, ffmpeg string, raw []byte) map[int64]string {
	t.Helper()
	cmd := exec.Command(ffmpeg, "-v", "fatal", "-copyts", "-threads", "1", "-i", "-", "-map", "0:v:0", "-fps_mode", "passthrough", "-enc_time_base", "1:90000", "-f", "framemd5", "-")
	cmd.Stdin = bytes.NewReader(raw)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, errs.Bytes())
	}
	list := map[int64]string{}
	for _, line := range strings.Split(string(out), "\n") {
		if strings.HasPrefix(line, "#") || line == "" {
			continue
		}
		col := strings.Split(strings.ReplaceAll(line, " ", ""), ",")
		pts, err := strconv.ParseInt(col[2], 10, 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		list[(pts*1000+45000)/90000] = col[5]
	}
	return list
}
