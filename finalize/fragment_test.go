package finalize_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/testenv"
)

// encode runs ffmpeg in a folder of its own on a test picture and a tone, and
// returns the folder.
func encode(t *testing.T, seconds int, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	all := []string{
		"-v", "error", "-f", "lavfi", "-i", fmt.Sprintf("testsrc2=size=160x90:rate=25:duration=%d", seconds),
		"-f", "lavfi", "-i", fmt.Sprintf("sine=frequency=440:sample_rate=48000:duration=%d", seconds),
		"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-bf", "0", "-g", "50", "-keyint_min", "50", "-sc_threshold", "0", "-threads", "1",
		"-c:a", "aac", "-b:a", "48k", "-fflags", "+bitexact",
	}
	cmd := exec.Command(testenv.Need(t, "ffmpeg"), append(all, args...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, out)
	}
	return dir
}

// upload puts the files of a folder under a prefix, at a time that depends on the
// name.
func (w *world) upload(t *testing.T, dir, prefix string, at func(name string) time.Time) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		body, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		w.Set(prefix+f.Name(), body, at(f.Name()), nil)
	}
}

// ffmpegFolder is what ffmpeg's hls muxer leaves of 20 s: 720p as one file of
// fragments with MAP and BYTERANGE, 360p as fragments with an init segment.
func ffmpegFolder(t *testing.T) *world {
	w := newWorld(false)
	end := onAir.Add(20 * time.Second)
	one := encode(t, 20, "-f", "hls", "-hls_time", "2", "-hls_list_size", "0", "-hls_segment_type", "fmp4", "-hls_flags", "single_file", "-hls_segment_filename", "media.mp4", "index.m3u8")
	w.upload(t, one, "show/720p/", func(string) time.Time { return end })
	many := encode(t, 20, "-f", "hls", "-hls_time", "2", "-hls_list_size", "0", "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "360p_init.mp4", "-hls_segment_filename", "360p_%03d.m4s", "360p.m3u8")
	w.upload(t, many, "show/360p/", func(name string) time.Time {
		var n int
		if _, err := fmt.Sscanf(name, "360p_%03d.m4s", &n); err == nil {
			return uploaded(n)
		}
		return end.Add(time.Second)
	})
	return w
}

// TestGoldenFFmpeg: Must-show 5. What is committed plays, and references exactly
// what it rests on.
func TestGoldenFFmpeg(t *testing.T) {
	w := ffmpegFolder(t)
	all := w.Snapshot()
	cfg := laid(t, "hls", w)
	golden(t, "ffmpeg/objects.txt", namesText(all))
	r := mustPlan(t, cfg, "show")
	golden(t, "ffmpeg/want.plan", decisionText(r))
	everyObjectOnce(t, r, w)
	cfg.Formats.MP4 = true
	r = mustRun(t, cfg, "show")
	playsFor(t, w, "show", 20*time.Second)
	// I11: an init segment that is gone is damage.
	w.remove(t, "show/360p/360p_init.mp4")
	if r, err := run(cfg, "show"); r.Plan.Status != finalize.Damaged || err == nil || !strings.Contains(err.Error(), "360p_init.mp4") {
		t.Errorf("without the init segment: %s, %v", r.Plan.Status, err)
	}
}

// namesText lists keys with upload times; what an encoder made has other sizes
// with each version.
func namesText(all snapshot) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(objectsText(all)), "\n") {
		f := strings.Fields(line)
		fmt.Fprintf(&b, "%s %s\n", f[0], f[3])
	}
	return b.String()
}

// playsFor lays the store out as files and has ffmpeg decode every playlist and
// movie of the recording: without a complaint, and for so long.
func playsFor(t *testing.T, w *world, recording string, want time.Duration) {
	t.Helper()
	dir := t.TempDir()
	for key, e := range w.Snapshot() {
		name := filepath.Join(dir, filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, e.Body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	played := 0
	for key := range w.Snapshot() {
		if !strings.HasPrefix(key, outPath+recording+"/") || strings.Count(key, "/") != 4 || strings.HasSuffix(key, ".gz") {
			continue
		}
		played++
		cmd := exec.Command(testenv.Need(t, "ffmpeg"), "-v", "warning", "-nostdin", "-allowed_extensions", "ALL", "-i", filepath.Join(dir, filepath.FromSlash(key)),
			"-map", "0:v:0", "-f", "framecrc", "-")
		if strings.HasSuffix(key, ".mp4") {
			cmd.Args = append(cmd.Args[:4], cmd.Args[6:]...)
		}
		var out, complaints bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &complaints
		if err := cmd.Run(); err != nil || strings.Contains(complaints.String(), "rror") {
			t.Errorf("%s: %v: %s", key, err, complaints.String())
		}
		frames := 0
		for _, line := range strings.Split(out.String(), "\n") {
			if strings.HasPrefix(line, "0,") {
				frames++
			}
		}
		if got := time.Duration(frames) * 40 * time.Millisecond; got != want {
			t.Errorf("%s has %d pictures, %s; it should have %s", key, frames, got, want)
		}
	}
	if played == 0 {
		t.Error("nothing was written")
	}
}
