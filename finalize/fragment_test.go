package finalize_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/golden"
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

// TestGoldenFFmpeg: what is committed plays, and references exactly
// what it rests on.
func TestGoldenFFmpeg(t *testing.T) {
	w := ffmpegFolder(t)
	all := w.Snapshot()
	cfg := laid(t, "hls", w)
	golden.Check(t, "cases/ffmpeg/objects.txt", namesText(all))
	r := mustPlan(t, cfg, "show")
	golden.Check(t, "cases/ffmpeg/want.plan", decisionText(r))
	everyObjectOnce(t, r, w)
	cfg.Formats.MP4 = true
	mustRun(t, cfg, "show")
	playsFor(t, w, "show", 20*time.Second)
	// I11: an init segment that is gone is damage.
	w.remove(t, "show/360p/360p_init.mp4")
	if r, err := run(cfg, "show"); r.Plan.Status != finalize.Damaged || err == nil || !strings.Contains(err.Error(), "360p_init.mp4") {
		t.Errorf("without the init segment: %s, %v", r.Plan.Status, err)
	}
}

// mediaMTXFolder is what MediaMTX leaves of 12 s: three fragmented files, each
// with a moov of its own and a clock that begins at 0.
func mediaMTXFolder(t *testing.T) *world {
	w := newWorld(false)
	for n := range 3 {
		dir := encode(t, 4, "-vf", fmt.Sprintf("hue=h=%d", 60*n), "-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4", "out.mp4")
		at := onAir.Add(time.Duration(n) * 4050 * time.Millisecond)
		w.upload(t, dir, "", func(string) time.Time { return at.Add(4400 * time.Millisecond) })
		body := w.Snapshot()["out.mp4"]
		w.remove(t, "out.mp4")
		w.Set(fmt.Sprintf("cam/%s-%06d.mp4", at.Format("2006-01-02_15-04-05"), at.Nanosecond()/1000), body.Body, body.Modified, nil)
	}
	return w
}

// Files that bring their own headers, under an ID of two path elements.
func TestGoldenMediaMTX(t *testing.T) {
	w := mediaMTXFolder(t)
	cfg := laid(t, "mediamtx", w)
	golden.Check(t, "cases/mediamtx/objects.txt", namesText(w.Snapshot()))
	r := mustPlan(t, cfg, "cam")
	golden.Check(t, "cases/mediamtx/want.plan", decisionText(r))
	everyObjectOnce(t, r, w)
	cfg.Formats.MP4 = true
	mustRun(t, cfg, "cam")
	playsFor(t, w, "cam", 12*time.Second)
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

// playsFor lays the store out as files and has ffmpeg read every playlist and
// movie of the recording: it finds pictures for so long, and decodes every movie
// without a complaint.
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
		name := filepath.Join(dir, filepath.FromSlash(key))
		args := []string{"-v", "error", "-select_streams", "v:0", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", name}
		if strings.HasSuffix(key, ".m3u8") {
			args = append([]string{"-allowed_extensions", "ALL"}, args...)
		}
		out, err := exec.Command(testenv.Need(t, "ffprobe"), args...).Output()
		frames, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		if n, bad := strconv.Atoi(strings.Trim(frames, ",")); err != nil || bad != nil || time.Duration(n)*40*time.Millisecond != want {
			t.Errorf("%s has %q pictures of 40 ms (%v); it should last %s", key, out, err, want)
		}
		if !strings.HasSuffix(key, ".mp4") {
			continue
		}
		var complaints bytes.Buffer
		cmd := exec.Command(testenv.Need(t, "ffmpeg"), "-v", "warning", "-nostdin", "-i", name, "-f", "null", "-")
		cmd.Stderr = &complaints
		if err := cmd.Run(); err != nil || complaints.Len() > 0 {
			t.Errorf("%s: %v: %s", key, err, complaints.String())
		}
	}
	if played == 0 {
		t.Error("nothing was written")
	}
}

// TestInitBeside: fragments that no playlist names take the init segment that lies
// beside them; without any they cannot be understood, and nothing else is lost.
func TestInitBeside(t *testing.T) {
	dir := encode(t, 6, "-f", "hls", "-hls_time", "2", "-hls_list_size", "0", "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", "%d.m4s", "x.m3u8")
	w := newWorld(false)
	w.upload(t, dir, "rec/A/720p/", func(name string) time.Time {
		n, _ := strconv.Atoi(strings.TrimSuffix(name, ".m4s"))
		return uploaded(n)
	})
	w.remove(t, "rec/A/720p/x.m3u8")
	cfg := only(w, finalize.Formats{HLS: true, MP4: true})
	r := mustRun(t, cfg, "rec")
	rec := r.Committed[0].Record
	if rec.Inits.Len() != 1 || rec.Inits.Key[0] != "rec/A/720p/init.mp4" || rec.Renditions[0].Len() != 3 {
		t.Errorf("init segments %+v, %d rows", rec.Inits, rec.Renditions[0].Len())
	}
	playsFor(t, w, "rec", 6*time.Second)

	bare := newWorld(false)
	bare.upload(t, dir, "rec/A/720p/", func(string) time.Time { return uploaded(3) })
	bare.remove(t, "rec/A/720p/x.m3u8", "rec/A/720p/init.mp4")
	p, err := plan(only(bare, finalize.Formats{HLS: true}), "rec")
	if !errors.Is(err, finalize.ErrRefused) || len(p.Plan.Dropped) != 3 || p.Plan.Dropped[0].Reason != "undecodable" || p.Plan.Dropped[0].Leftover {
		t.Errorf("without init segment: %v, dropped %v", err, p.Plan.Dropped)
	}
}

// TestTransportStreamBehindFragments: a playlist cannot say that an init segment
// holds no more. A session of playlists alone is refused with what to do, and the
// others are not; where an MP4 is wanted too, that is made, and no playlist.
func TestTransportStreamBehindFragments(t *testing.T) {
	fragments := encode(t, 6, "-f", "hls", "-hls_time", "2", "-hls_list_size", "0", "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", "%d.m4s", "x.m3u8")
	packets := encode(t, 6, "-f", "segment", "-segment_time", "2", "-segment_start_number", "3", "%d.ts")
	w := newWorld(false)
	number := func(name string) int {
		n, _ := strconv.Atoi(strings.TrimSuffix(name, filepath.Ext(name)))
		return n
	}
	w.upload(t, fragments, "rec/A/720p/", func(name string) time.Time { return uploaded(number(name)) })
	w.remove(t, "rec/A/720p/x.m3u8")
	w.upload(t, packets, "rec/B/720p/", func(name string) time.Time { return uploaded(number(name)) })
	before := encode(t, 6, "-vf", "negate", "-f", "segment", "-segment_time", "2", "%d.ts")
	w.upload(t, before, "rec/C/720p/", func(name string) time.Time { return uploaded(number(name)).Add(-2 * time.Hour) })
	made := w.clone()
	half := mustRun(t, only(made, finalize.Formats{HLS: true, MP4: true}), "rec")
	if last := half.Committed[1]; len(half.Committed) != 2 || !half.Incomplete() || len(last.Record.Unmade) != 1 || last.Record.Unmade[0].Format != "hls" || made.has(outPath+"rec/"+last.Record.Session+"/index.m3u8") {
		t.Errorf("%d sessions committed, incomplete %v", len(half.Committed), half.Incomplete())
	}
	r, err := run(only(w, finalize.Formats{HLS: true}), "rec")
	if !errors.Is(err, finalize.ErrRefused) || !strings.Contains(err.Error(), "--format mp4") || len(r.Committed) != 1 {
		t.Fatalf("%v, %d sessions committed", err, len(r.Committed))
	}
	r = mustRun(t, only(w, finalize.Formats{MP4: true}), "rec")
	video := 0
	for _, s := range r.Committed {
		for _, o := range s.Record.Outputs {
			video += o.Video
		}
	}
	if len(r.Committed) != 2 || video != 18*25 {
		t.Errorf("%d sessions, %d pictures", len(r.Committed), video)
	}
}

// TestPlainMP4: complete MP4 files are joined; a playlist cannot name them, and
// says so.
func TestPlainMP4(t *testing.T) {
	w := newWorld(false)
	for n := range 3 {
		dir := encode(t, 2, "-f", "mp4", "out.mp4")
		w.upload(t, dir, fmt.Sprintf("rec/A/720p/%d-", n), func(string) time.Time { return uploaded(n) })
		e := w.Snapshot()[fmt.Sprintf("rec/A/720p/%d-out.mp4", n)]
		w.remove(t, fmt.Sprintf("rec/A/720p/%d-out.mp4", n))
		w.Set(fmt.Sprintf("rec/A/720p/%d.mp4", n), e.Body, e.Modified, nil)
	}
	if _, err := run(only(w, finalize.Formats{HLS: true}), "rec"); !errors.Is(err, finalize.ErrRefused) || !strings.Contains(err.Error(), "--format mp4") {
		t.Errorf("as HLS: %v", err)
	}
	mustRun(t, only(w, finalize.Formats{MP4: true}), "rec")
	playsFor(t, w, "rec", 6*time.Second)
}
