package remux

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recfin/mp4"
	"recfin/probe"
)

// mp4Source makes 6 s of media with B-pictures and sound, as one MP4.
func mp4Source(t *testing.T, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "source.mp4")
	ffmpeg(t, append(append([]string{"-f", "lavfi", "-i", "testsrc2=s=160x96:r=25:d=6", "-f", "lavfi", "-i", "sine=f=440:r=48000:d=6",
		"-c:v", "libx264", "-preset", "veryfast", "-g", "50", "-keyint_min", "50", "-sc_threshold", "0", "-bf", "3", "-threads:v", "1",
		"-c:a", "aac", "-ac", "2", "-b:a", "64k"}, args...), "-video_track_timescale", "90000", "-movflags", "faststart", path)...)
	return path
}

// mp4Segments cuts a file without coding it again. Each segment stands behind
// its init segment where it has one.
func mp4Segments(t *testing.T, source, how string) (segments [][]byte) {
	t.Helper()
	dir := t.TempDir()
	args := append([]string{"-i", source, "-c", "copy"}, strings.Fields(how)...)
	ffmpeg(t, append(args, filepath.Join(dir, "out.m3u8"))...)
	init, _ := os.ReadFile(filepath.Join(dir, "init.mp4"))
	for i := 0; ; i++ {
		b, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("out%d.m4s", i)))
		if err != nil {
			break
		}
		segments = append(segments, append(slices.Clone(init), b...))
	}
	if len(segments) != 3 {
		t.Fatalf("%d segments", len(segments))
	}
	return segments
}

const (
	hlsFragments  = "-f hls -hls_time 2 -hls_segment_type fmp4 -hls_playlist_type vod -hls_fmp4_init_filename init.mp4 -hls_segment_options video_track_timescale=90000"
	ownMoov       = "-f segment -segment_time 2 -segment_format mp4 -segment_format_options movflags=frag_keyframe+empty_moov+default_base_moof -segment_list_type m3u8"
	completeFiles = "-f segment -segment_time 2 -segment_format mp4 -segment_list_type m3u8"
)

// cutWith gives the arguments that name the segments.
func cutWith(t *testing.T, source, how string) [][]byte {
	t.Helper()
	if how == hlsFragments {
		return mp4Segments(t, source, how)
	}
	dir := t.TempDir()
	args := append([]string{"-i", source, "-c", "copy"}, strings.Fields(how)...)
	ffmpeg(t, append(args, filepath.Join(dir, "%d.mp4"))...)
	var segments [][]byte
	for i := range 3 {
		b, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d.mp4", i)))
		if err != nil {
			t.Fatal(err)
		}
		segments = append(segments, b)
	}
	return segments
}

// joinMP4 joins segments of one run.
func joinMP4(t *testing.T, segments [][]byte, joins bool) (string, Result) {
	t.Helper()
	return joinAll(t, segments, func(i int) Boundary { return Boundary{Join: joins && i > 0} })
}

// joinBeside joins segments with what describes them beside each.
func joinBeside(t *testing.T, segments, inits [][]byte) (string, Result) {
	t.Helper()
	return joinAll(t, segments, func(i int) Boundary { return Boundary{Init: inits[i]} })
}

// joinAll joins segments into a file. A segment that the boundary does not name is
// named by its index.
func joinAll(t *testing.T, segments [][]byte, boundary func(int) Boundary) (string, Result) {
	t.Helper()
	var body bytes.Buffer
	movie := mp4.NewMovie(&body)
	j := New(movie, Options{})
	for i, seg := range segments {
		b := boundary(i)
		if b.Name == "" {
			b.Name = fmt.Sprint(i)
		}
		if err := errors.Join(j.Begin(b), feed(j, seg), j.End()); err != nil {
			t.Fatal(err)
		}
	}
	res, err := j.Finish()
	if err != nil {
		t.Fatal(err)
	}
	head, err := movie.Finish(0)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "out.mp4")
	all, err := io.ReadAll(io.MultiReader(io.NewSectionReader(head, 0, head.Size()), &body))
	if err == nil {
		err = os.WriteFile(path, all, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path, res
}

// Whatever kind of MP4 the segments are, the joined file has every picture and
// every frame of the source, in order, at its time.
func TestMP4Segments(t *testing.T) {
	source := mp4Source(t)
	for name, how := range map[string]string{"fragments with an init segment": hlsFragments, "fragments with a moov of their own": ownMoov, "complete files": completeFiles} {
		for _, planned := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, joins planned %v", name, planned), func(t *testing.T) {
				// Files of their own begin at zero, each: every one is a part, planned or not.
				path, res := joinMP4(t, cutWith(t, source, how), planned && how != hlsFragments)
				if res.Video != 150 || res.DroppedLeading+res.DroppedAudio != 0 || len(res.Problems) > 0 {
					t.Fatalf("%+v", res)
				}
				for i, m := range res.Segments {
					if m.Video != 50 {
						t.Errorf("segment %d: %+v", i, m)
					}
				}
				for _, kind := range []mp4.Kind{mp4.Video, mp4.Audio} {
					want, have := sourceUnits(t, kind, source), sourceUnits(t, kind, path)
					if kind == mp4.Audio && how != hlsFragments { // sound that ends before its pictures is filled at each join
						if res.Audio != len(want.payload) || res.Audio+res.Silent != len(have.payload) {
							t.Errorf("%d frames and %d of silence, want %d", res.Audio, res.Silent, len(want.payload))
						}
						continue
					}
					if !slices.Equal(want.payload, have.payload) || len(want.pts) != len(have.pts) {
						t.Fatalf("%v: %d units of %d, want %d of %d", kind, len(have.payload), len(have.pts), len(want.payload), len(want.pts))
					}
					if how != hlsFragments {
						continue
					}
					for i := range want.pts {
						if want.pts[i]-want.pts[0] != have.pts[i]-have.pts[0] {
							t.Fatalf("%v %d: at %d, want %d", kind, i, have.pts[i]-have.pts[0], want.pts[i]-want.pts[0])
						}
					}
				}
			})
		}
	}
}

// An init segment may be given beside the segment, once or each time, and so may
// the moov of a file that has it behind its media.
func TestDescriptionBeside(t *testing.T) {
	source := mp4Source(t)
	want, _ := joinMP4(t, mp4Segments(t, source, hlsFragments), false)
	for _, again := range []bool{false, true} {
		var segments, inits [][]byte
		for i, b := range mp4Segments(t, source, hlsFragments) {
			at := bytes.Index(b, []byte("moof")) - 4
			segments, inits = append(segments, b[at:]), append(inits, b[:at])
			if i > 0 && !again {
				inits[i] = nil
			}
		}
		have, _ := joinBeside(t, segments, inits)
		if a, b := bytesOf(t, want), bytesOf(t, have); !bytes.Equal(a, b) {
			t.Errorf("again %v: %d bytes, want %d", again, len(b), len(a))
		}
	}
	files := cutWith(t, source, completeFiles)
	moovs := make([][]byte, len(files))
	for i, b := range files {
		moovs[i] = b[bytes.LastIndex(b, []byte("moov"))-4:]
	}
	want, _ = joinMP4(t, files, false)
	have, _ := joinBeside(t, files, moovs)
	if a, b := bytesOf(t, want), bytesOf(t, have); !bytes.Equal(a, b) {
		t.Errorf("moov given: %d bytes, want %d", len(b), len(a))
	}
}

func bytesOf(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A codec that no output can hold yet is no fault of the segment.
func TestCodecThatCannotBeJoined(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "mpeg4.mp4")
	ffmpeg(t, "-f", "lavfi", "-i", "testsrc2=s=160x96:r=25:d=1", "-c:v", "mpeg4",
		"-movflags", "frag_keyframe+empty_moov+default_base_moof", path)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	j := New(mp4.NewMovie(io.Discard), Options{})
	err = errors.Join(j.Begin(Boundary{Name: "foo/0.m4s", Container: probe.MP4}), feed(j, b), j.End())
	var codec *CodecError
	var seg *SegmentError
	if !errors.As(err, &codec) || codec.Codec != "mpeg4" || codec.Name != "foo/0.m4s" || !errors.Is(err, mp4.ErrCodec) || errors.As(err, &seg) {
		t.Errorf("%v", err)
	}
	if _, err := j.Finish(); !errors.Is(err, mp4.ErrCodec) {
		t.Errorf("later: %v", err)
	}
}

// Without its init segment a fragment cannot be joined, and the message says so.
func TestFragmentWithoutInit(t *testing.T) {
	segments := mp4Segments(t, mp4Source(t), hlsFragments)
	at := bytes.Index(segments[0], []byte("moof")) - 4
	j := New(mp4.NewMovie(io.Discard), Options{})
	err := errors.Join(j.Begin(Boundary{Name: "foo/0.m4s", Container: probe.MP4}), feed(j, segments[0][at:]), j.End())
	var seg *SegmentError
	if !errors.As(err, &seg) || !strings.Contains(err.Error(), "moov") {
		t.Errorf("%v", err)
	}
}
