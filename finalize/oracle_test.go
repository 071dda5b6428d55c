package finalize_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/mp4check"
	"recfin/internal/testenv"
)

// checkDemoMovie holds the MP4 against what ffmpeg reads from the segments: the
// joined parts, never segment by segment. Every coded picture and every audio
// frame is there, in order and unchanged; what is more are silent frames.
func checkDemoMovie(t *testing.T, w *world, r *finalize.Report, body []byte) {
	t.Helper()
	m, err := mp4check.Open(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	var out finalize.Output
	for _, o := range r.Committed[0].Record.Outputs {
		if o.Kind == "mp4" {
			out = o
		}
	}
	var pictures, frames []string
	q := r.Plan.Sessions[0].Record.Renditions[0]
	part := []byte(nil)
	for i, key := range q.Key {
		part = append(part, w.Snapshot()[key].Body...)
		if i+1 == q.Len() || q.Seq[i+1] != q.Seq[i]+1 {
			pictures = append(pictures, annexB(elementary(t, part, "0:v", "h264"))...)
			frames = append(frames, adtsFrames(t, elementary(t, part, "0:a", "adts"))...)
			part = nil
		}
	}
	if len(pictures) != 19*30 || len(frames) < 38*48000/1024 {
		t.Fatalf("the sources have %d pictures and %d frames: the test is wrong", len(pictures), len(frames))
	}
	for i, track := range m.Tracks {
		switch track.Handler {
		case "vide":
			got := slicesOf(t, m, i)
			if !slices.Equal(got, pictures) {
				t.Errorf("the movie has %d slices, the sources %d, the first difference is at %s", len(got), len(pictures), firstDifference(got, pictures))
			}
			if out.Video != len(m.Samples(i)) || out.Video != 19*30 {
				t.Errorf("%d pictures in the movie, %d in the record", len(m.Samples(i)), out.Video)
			}
		case "soun":
			extra := missing(t, m, i, frames)
			if out.Audio != len(m.Samples(i)) || out.Silent != extra || out.Skipped != 0 {
				t.Errorf("%d frames in the movie, %d of them not of the sources; the record has %d, %d silent, %d skipped", len(m.Samples(i)), extra, out.Audio, out.Silent, out.Skipped)
			}
		case "text":
			if got := chapters(t, m, i); !slices.Equal(got, []string{"0s 2025-06-01T18:00:00Z", "28s 2025-06-01T18:00:30Z"}) {
				t.Errorf("chapters %q", got)
			}
		default:
			t.Errorf("a track of kind %s", track.Handler)
		}
	}
	if len(m.Tracks) != 3 {
		t.Errorf("%d tracks", len(m.Tracks))
	}
}

// chapters gives the samples of a text track, with their times.
func chapters(t *testing.T, m *mp4check.Movie, track int) []string {
	t.Helper()
	var out []string
	for _, s := range m.Samples(track) {
		raw, err := m.Payload(s)
		if err != nil {
			t.Fatal(err)
		}
		n := int(raw[0])<<8 | int(raw[1])
		at := time.Duration(s.DTS) * time.Second / time.Duration(m.Tracks[track].Timescale)
		out = append(out, fmt.Sprintf("%s %s", at.Round(100*time.Millisecond), raw[2:2+n]))
	}
	return out
}

// elementary has ffmpeg copy one stream of a transport stream out of it.
func elementary(t *testing.T, ts []byte, stream, format string) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "part.ts")
	if err := os.WriteFile(name, ts, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(testenv.Need(t, "ffmpeg"), "-v", "error", "-i", name, "-map", stream, "-c", "copy", "-copyinkf", "-f", format, "-")
	var fail bytes.Buffer
	cmd.Stderr = &fail
	raw, err := cmd.Output()
	if err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, fail.Bytes())
	}
	return raw
}

// annexB gives the slices of an H.264 byte stream.
func annexB(raw []byte) []string {
	var out []string
	for _, nal := range bytes.Split(raw, []byte{0, 0, 1}) {
		if nal = bytes.TrimRight(nal, "\x00"); isSlice(nal) {
			out = append(out, string(nal))
		}
	}
	return out
}

func isSlice(nal []byte) bool {
	return len(nal) > 0 && nal[0]&31 >= 1 && nal[0]&31 <= 5
}

// slicesOf gives the slices of a track of the movie.
func slicesOf(t *testing.T, m *mp4check.Movie, track int) []string {
	t.Helper()
	var out []string
	for _, s := range m.Samples(track) {
		p, err := m.Payload(s)
		if err != nil {
			t.Fatal(err)
		}
		nals, err := mp4check.NALUnits(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, nal := range nals {
			if isSlice(nal) {
				out = append(out, string(bytes.TrimRight(nal, "\x00")))
			}
		}
	}
	return out
}

// adtsFrames gives the raw data blocks of ADTS frames (ISO/IEC 14496-3 §1.A.2.2).
func adtsFrames(t *testing.T, raw []byte) []string {
	t.Helper()
	var out []string
	for len(raw) >= 7 {
		n := int(raw[3]&3)<<11 | int(raw[4])<<3 | int(raw[5])>>5
		head := 7
		if raw[1]&1 == 0 {
			head = 9
		}
		if raw[0] != 0xff || raw[1]&0xf6 != 0xf0 || n < head || n > len(raw) {
			t.Fatalf("no ADTS frame: %x", raw[:7])
		}
		out = append(out, string(raw[head:n]))
		raw = raw[n:]
	}
	return out
}

// missing holds that all frames are in a track, in order, and returns how many
// others it has.
func missing(t *testing.T, m *mp4check.Movie, track int, frames []string) int {
	t.Helper()
	extra, next := 0, 0
	for _, s := range m.Samples(track) {
		p, err := m.Payload(s)
		if err != nil {
			t.Fatal(err)
		}
		if next < len(frames) && string(p) == frames[next] {
			next++
		} else {
			extra++
		}
	}
	if next < len(frames) {
		t.Errorf("frame %d of %d of the sources is not in the movie", next, len(frames))
	}
	return extra
}

func firstDifference(a, b []string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprint(i)
		}
	}
	return fmt.Sprint(min(len(a), len(b)))
}
