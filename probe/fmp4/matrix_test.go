package fmp4

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recfin/internal/testenv"
	"recfin/mp4"
)

// encoded is a stream as ffmpeg encodes it, and what it is described as.
type encoded struct{ name, args, codec string }

var encodedPictures = []encoded{
	{"h264", "-c:v libx264 -preset veryfast -g 25 -bf 3", "h264"},
	{"h264 open GOP", "-c:v libx264 -preset veryfast -g 25 -bf 3 -x264-params open-gop=1", "h264"},
	{"hevc", "-c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params log-level=none:keyint=25:bframes=3:open-gop=0", "hevc"},
	{"hevc open GOP", "-c:v libx265 -preset veryfast -x265-params log-level=none:keyint=25:min-keyint=25:bframes=4:b-pyramid=1:open-gop=1", "hevc"},
	{"av1", "-c:v libaom-av1 -cpu-used 8 -row-mt 0 -g 25 -lag-in-frames 19", "av1"},
	{"vp9", "-c:v libvpx-vp9 -cpu-used 8 -deadline realtime -g 25 -auto-alt-ref 1 -lag-in-frames 10", "vp9"},
}

var encodedSound = []encoded{
	{"aac", "-c:a aac", "aac"},
	{"mp3", "-c:a libmp3lame", "mp3"},
	{"ac3", "-ac 6 -c:a ac3", "ac3"},
	{"eac3", "-ac 6 -c:a eac3", "eac3"},
	{"opus", "-c:a libopus -frame_duration 20", "opus"},
	{"flac", "-c:a flac -strict -2", "flac"},
}

// forms are the ways in which an MP4 lies in a store.
var forms = []struct {
	name, args string
	moves      bool // ffprobe shifts DTS by the reorder delay
}{
	{"cmaf", "-movflags frag_keyframe+delay_moov+cmaf out.mp4", true},
	{"fragments", "-movflags frag_keyframe+delay_moov+default_base_moof out.mp4", false},
	{"moov last", "out.mp4", false},
	{"moov first, negative offsets", "-movflags faststart+negative_cts_offsets out.mp4", true},
	{"a file for each segment", "-f segment -segment_time 1 -segment_format mp4 -segment_format_options strict=-2 %d.mp4", false},
}

// invoke runs ffmpeg in a folder.
func invoke(t testing.TB, dir, args string) {
	t.Helper()
	cmd := exec.Command(testenv.Need(t, "ffmpeg"), strings.Fields("-v error -nostdin -y "+args)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg %s: %v\n%s", args, err, out)
	}
}

// output gives the files of a form.
func output(t testing.TB, dir string) (list [][]byte) {
	t.Helper()
	for _, name := range []string{"out.mp4", "0.mp4", "1.mp4", "2.mp4", "3.mp4"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			list = append(list, b)
		}
	}
	if len(list) == 0 {
		t.Fatal("no output")
	}
	return list
}

// Each codec in each form comes out as ffprobe has it, and is described as what
// it is.
func TestCodecsInForms(t *testing.T) {
	testenv.Need(t, "ffmpeg")
	media := t.TempDir()
	const from = "-threads 1 -f lavfi -i testsrc2=duration=2:size=160x96:rate=25 -f lavfi -i sine=frequency=440:duration=2:sample_rate=48000 -pix_fmt yuv420p -fflags +bitexact "
	file := func(kind string, i int) string { return filepath.Join(media, fmt.Sprintf("%s%d.mkv", kind, i)) }
	for i := range encodedPictures {
		invoke(t, media, from+"-map 0 "+encodedPictures[i].args+" "+file("v", i))
		invoke(t, media, from+"-map 1 "+encodedSound[i].args+" "+file("a", i))
	}
	for k, form := range forms {
		for i, v := range encodedPictures {
			j := (i + k) % len(encodedSound)
			a := encodedSound[j]
			t.Run(form.name+"/"+v.name+" and "+a.name, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				invoke(t, dir, "-i "+file("v", i)+" -i "+file("a", j)+" -map 0 -map 1 -c copy -strict -2 "+form.args)
				files := output(t, dir)
				if (form.name == "a file for each segment") != (len(files) > 1) {
					t.Fatalf("%d files", len(files))
				}
				total := 0
				for _, b := range files {
					total += checkFile(t, b, form.moves, v.codec, a.codec)
				}
				r, _, err := demux(t, Options{}, files...)
				if err != nil || len(r.samples) != total {
					t.Errorf("one after the other: %d samples, not %d: %v", len(r.samples), total, err)
				}
			})
		}
	}
}

// checkFile holds a file against ffprobe and gives its samples.
func checkFile(t *testing.T, b []byte, moves bool, video, audio string) int {
	t.Helper()
	r, stats, err := demux(t, Options{}, b)
	if err != nil || len(r.tracks) != 2 {
		t.Fatalf("%d tracks: %v", len(r.tracks), err)
	}
	if n := stats.Truncated + stats.Damaged + stats.Empty + stats.BadBoxes + stats.Edits + stats.Matrices + stats.Strays; n != 0 {
		t.Errorf("a clean file counts %+v", stats)
	}
	packets := probed(t, b, false)
	for id, track := range r.tracks {
		e, want := track.Entry, video
		if e.Kind() == mp4.Audio {
			want = audio
		}
		_, foreign := e.(*mp4.ForeignAudio)
		if e.Codec() != want || holds(e) == foreign || foreign != (want == "flac") {
			t.Errorf("%T %s, want %s", e, e.Codec(), want)
		}
		ours := r.of(id)
		compare(t, ours, track, packets, moves)
		if e.Kind() == mp4.Audio {
			if first := ours[0].pts; track.Priming != max(0, -first) {
				t.Errorf("%s begins at %d with a priming of %d", want, first, track.Priming)
			}
			if s, ok := e.(mp4.Sound); ok && s.Frame() == 0 && !foreign {
				for _, u := range ours[:len(ours)-1] { // the end is cut
					if u.duration != 960 {
						t.Fatalf("a packet lasts %d", u.duration)
					}
				}
			}
		}
	}
	return len(r.samples)
}

// Access unit delimiters make no difference but that they are gone.
func TestDelimitersAreDropped(t *testing.T) {
	for codec, args := range map[string]string{
		"h264": "-c:v libx264 -preset veryfast -g 25 -bf 3", "hevc": "-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=25",
	} {
		dir := t.TempDir()
		invoke(t, dir, "-threads 1 -f lavfi -i testsrc2=duration=2:size=160x96:rate=25 -pix_fmt yuv420p "+args+" -f "+codec+" bare")
		invoke(t, dir, "-f "+codec+" -framerate 25 -i bare -c copy -bsf:v "+codec+"_metadata=aud=insert -f "+codec+" delimited")
		var logs [2][]got
		for i, in := range []string{"bare", "delimited"} {
			invoke(t, dir, "-f "+codec+" -framerate 25 -i "+in+" -c copy -movflags frag_keyframe+empty_moov+default_base_moof out.mp4")
			b := output(t, dir)[0]
			marks := bytes.Count(b, []byte{0, 0, 0, 2, 9}) + bytes.Count(b, []byte{0, 0, 0, 3, 70, 1})
			if i == 1 && marks < 50 {
				t.Fatalf("%s: %d delimiters", codec, marks)
			}
			r, stats, err := demux(t, Options{}, b)
			if err != nil || stats.Damaged != 0 {
				t.Fatal(err, stats)
			}
			logs[i] = r.samples
		}
		if len(logs[0]) != 50 || !slices.Equal(logs[0], logs[1]) {
			t.Errorf("%s: other samples", codec)
		}
	}
}
