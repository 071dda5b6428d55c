package remux

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"recfin/internal/testenv"
	"recfin/mp4"
)

// program is a stream of the size that live streams have: 1920x1080 at 30
// pictures a second in 4 Mbit/s with AAC, in segments of 2 s.
type program struct {
	init     []byte // nil: the segments describe themselves
	segments [][]byte
}

func (p program) bytes() (n int64) {
	for _, s := range p.segments {
		n += int64(len(s))
	}
	return n
}

const (
	programSeconds = 10 // that are encoded
	programTurns   = 8  // they are repeated, with timestamps that go on
)

// programs are made once a run.
var programs = sync.OnceValues(func() (map[string]program, error) {
	dir, err := os.MkdirTemp("", "program")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	base := filepath.Join(dir, "base.ts")
	if err := encode(
		"-f", "lavfi", "-i", fmt.Sprintf("testsrc2=s=1920x1080:r=30:d=%d,noise=alls=20:allf=t", programSeconds),
		"-f", "lavfi", "-i", fmt.Sprintf("sine=f=440:r=48000:d=%d", programSeconds),
		"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "60", "-keyint_min", "60", "-sc_threshold", "0",
		"-b:v", "3850k", "-maxrate", "3850k", "-bufsize", "3850k", "-c:a", "aac", "-b:a", "128k", base); err != nil {
		return nil, err
	}
	loop := []string{"-stream_loop", fmt.Sprint(programTurns - 1), "-i", base, "-c", "copy"}
	list := filepath.Join(dir, "list")
	if err := encode(slices.Concat(loop, []string{"-f", "segment", "-segment_time", "2", "-segment_format", "mpegts", filepath.Join(dir, "%d.ts")})...); err != nil {
		return nil, err
	}
	if err := encode(slices.Concat(loop, []string{"-bsf:a", "aac_adtstoasc", "-f", "hls", "-hls_segment_type", "fmp4", "-hls_time", "2", "-hls_playlist_type", "vod",
		"-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", filepath.Join(dir, "%d.m4s"), list})...); err != nil {
		return nil, err
	}
	all := map[string]program{}
	for _, ext := range []string{"ts", "m4s"} {
		var p program
		for i := range programSeconds * programTurns / 2 {
			raw, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d.%s", i, ext)))
			if err != nil {
				return nil, err
			}
			p.segments = append(p.segments, raw)
		}
		if ext == "m4s" {
			if p.init, err = os.ReadFile(filepath.Join(dir, "init.mp4")); err != nil {
				return nil, err
			}
		}
		all[ext] = p
	}
	return all, nil
})

func encode(args ...string) error {
	out, err := exec.Command("ffmpeg", append([]string{"-v", "error", "-nostdin", "-y"}, args...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ffmpeg: %w\n%s", err, out)
	}
	return nil
}

func programOf(t testing.TB, ext string) program {
	t.Helper()
	testenv.Need(t, "ffmpeg")
	all, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	return all[ext]
}

// joinProgram joins a program turns times, one behind the other, into nothing. It
// returns how many pictures the movie has.
func joinProgram(t testing.TB, p program, turns int) int {
	t.Helper()
	m := mp4.NewMovie(io.Discard)
	j := New(m, Options{})
	for turn := range turns {
		for i, s := range p.segments {
			b := Boundary{Name: "s", Same: true, Join: turn > 0 && i == 0}
			if i == 0 {
				b.Init = p.init
			}
			if err := j.Begin(b); err != nil {
				t.Fatal(err)
			}
			if _, err := j.Write(s); err != nil {
				t.Fatal(err)
			}
			if err := j.End(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := j.Finish(); err != nil {
		t.Fatal(err)
	}
	head, err := m.Finish(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range head.Summary().Tracks {
		if x.Kind == mp4.Video {
			return x.Samples
		}
	}
	return 0
}

// mallocs counts the allocations of a call.
func mallocs(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}

func benchmarkJoin(b *testing.B, ext string) {
	p := programOf(b, ext)
	b.SetBytes(p.bytes())
	b.ReportAllocs()
	n := mallocs(func() {
		for b.Loop() {
			joinProgram(b, p, 1)
		}
	})
	b.ReportMetric(float64(n)/float64(b.N*len(p.segments)), "allocs/segment")
}

// Demuxing, joining and muxing in memory, by what is read.
func BenchmarkJoinTS(b *testing.B) { benchmarkJoin(b, "ts") }

// Demuxing, joining and muxing in memory, by what is read.
func BenchmarkJoinFMP4(b *testing.B) { benchmarkJoin(b, "m4s") }
