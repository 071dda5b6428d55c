package mp4_test

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"recfin/internal/testenv"
	"recfin/mp4"
)

// packet is one line of ffprobe.
type packet struct {
	pts, dts, duration, size, pos int64
	key                           bool
}

// run runs a program and gives its standard output; whatever it says on
// standard error is a failure.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(testenv.Need(t, name), args...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil || said.Len() > 0 {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, said.String())
	}
	return out.String()
}

// packets lists a stream ("v", "a", "a:1") of a file.
func packets(t *testing.T, file, stream string) []packet {
	t.Helper()
	text := run(t, "ffprobe", "-v", "warning", "-select_streams", stream, "-show_entries",
		"packet=pts,dts,duration,size,pos,flags", "-of", "csv=p=0", file)
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1 // side data adds an empty field
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []packet
	for _, row := range rows {
		var n [5]int64
		for i := range n {
			if n[i], err = strconv.ParseInt(row[i], 10, 64); err != nil {
				t.Fatalf("packet %q: %v", row, err)
			}
		}
		out = append(out, packet{n[0], n[1], n[2], n[3], n[4], strings.HasPrefix(row[5], "K")})
	}
	if len(out) == 0 {
		t.Fatalf("%s has no packets in %s", file, stream)
	}
	return out
}

// inside is what follows the type of the first box of that name in a file.
func inside(t *testing.T, file []byte, typ string) []byte {
	t.Helper()
	i := bytes.Index(file, []byte(typ))
	if i < 4 {
		t.Fatalf("no %s in the file", typ)
	}
	return file[i+4 : i-4+int(binary.BigEndian.Uint32(file[i-4:]))]
}

// avcOf reads the parameter sets that ffmpeg put into avcC.
func avcOf(t *testing.T, file []byte, width, height int) *mp4.AVC {
	t.Helper()
	c := inside(t, file, "avcC")[5:]
	e := &mp4.AVC{Width: width, Height: height}
	for _, sets := range []*[][]byte{&e.SPS, &e.PPS} {
		n := int(c[0] & 31)
		c = c[1:]
		for range n {
			k := int(binary.BigEndian.Uint16(c))
			*sets = append(*sets, c[2:2+k])
			c = c[2+k:]
		}
	}
	return e
}

// source is a file that ffmpeg made, as tracks and samples.
type source struct {
	path    string
	tracks  []mp4.Track
	samples [][]mp4.Sample
}

// encode has ffmpeg make five seconds of video with B-frames, and audio.
func encode(t *testing.T, rate, channels int, video ...string) *source {
	t.Helper()
	s := &source{path: filepath.Join(t.TempDir(), "source.mp4")}
	args := []string{"-v", "warning", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=30000/1001:d=5",
		"-f", "lavfi", "-i", "sine=r=" + strconv.Itoa(rate) + ":d=5", "-ac", strconv.Itoa(channels),
		"-c:a", "aac", "-c:v", "libx264", "-preset", "ultrafast", "-g", "48", "-bf", "2", "-video_track_timescale", "90000"}
	run(t, "ffmpeg", append(append(args, video...), s.path)...)
	file, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	esds := inside(t, file, "esds")
	at := bytes.Index(esds, []byte{5, 0x80, 0x80, 0x80})
	asc := esds[at+5 : at+5+int(esds[at+4])]
	s.tracks = []mp4.Track{
		{Entry: avcOf(t, file, 160, 90), Timescale: 90000},
		{Entry: &mp4.AAC{Config: asc, ObjectType: 2, SampleRate: rate, Channels: channels, FrameSize: 1024}, Timescale: uint32(rate), Language: "eng"},
	}
	for _, stream := range []string{"v", "a"} {
		list := packets(t, s.path, stream)
		var order []int64
		for _, p := range list {
			order = append(order, p.pts)
		}
		slices.Sort(order)
		var samples []mp4.Sample
		for i, p := range list {
			smp := mp4.Sample{PTS: p.pts, DTS: order[i], Duration: p.duration, Pieces: [][]byte{file[p.pos : p.pos+p.size]}}
			if p.key {
				smp.Access = mp4.Sync
			}
			samples = append(samples, smp)
		}
		s.samples = append(s.samples, samples)
	}
	return s
}

// mux writes the samples of a source in the order of time.
func (s *source) mux(t *testing.T) (string, *mp4.Movie) {
	t.Helper()
	var body bytes.Buffer
	m := mp4.NewMovie(&body)
	for _, k := range s.tracks {
		if _, err := m.AddTrack(k); err != nil {
			t.Fatal(err)
		}
	}
	next := make([]int, len(s.tracks))
	for {
		best := -1
		for i := range s.tracks {
			if next[i] < len(s.samples[i]) && (best < 0 || s.seconds(i, next[i]) < s.seconds(best, next[best])) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		if err := m.Write(best, &s.samples[best][next[best]]); err != nil {
			t.Fatal(err)
		}
		next[best]++
	}
	m.StartOffset(0, s.samples[0][0].DTS, 0)
	m.StartOffset(1, 0, -s.samples[1][0].PTS) // the encoder's priming has times below zero
	j, _ := checked(t, m, &body, 100_000)
	path := filepath.Join(t.TempDir(), "out.mp4")
	if err := os.WriteFile(path, j.bytes(t), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, m
}

// seconds is a time that can be compared between tracks, in ns.
func (s *source) seconds(track, i int) int64 {
	return s.samples[track][i].DTS * 1_000_000_000 / int64(s.tracks[track].Timescale)
}

// Outside readers take the file without a word, find every sample with its
// time, and decode the same pictures and sound as from the source.
func TestFFmpegReads(t *testing.T) {
	for name, c := range map[string]struct {
		rate, channels int
		video          []string
		codecs         string
	}{
		"high, stereo":    {48000, 2, []string{"-profile:v", "high", "-pix_fmt", "yuv420p", "-x264-params", "8x8dct=1"}, "avc1.64000b,mp4a.40.2"},
		"main, mono 44.1": {44100, 1, []string{"-profile:v", "main", "-pix_fmt", "yuv420p", "-x264-params", "cabac=1"}, "avc1.4d400b,mp4a.40.2"},
		"high 4:4:4":      {32000, 2, []string{"-profile:v", "high444", "-pix_fmt", "yuv444p"}, "avc1.f4000b,mp4a.40.2"},
	} {
		t.Run(name, func(t *testing.T) {
			s := encode(t, c.rate, c.channels, c.video...)
			out, m := s.mux(t)
			for track, stream := range []string{"v", "a"} {
				got, want := packets(t, out, stream), s.samples[track]
				if len(got) != len(want) {
					t.Fatalf("%s: %d packets, wrote %d", stream, len(got), len(want))
				}
				for i := range got {
					if got[i].pts != want[i].PTS || got[i].size != int64(want[i].Size()) || got[i].key != (want[i].Access == mp4.Sync) {
						t.Fatalf("%s: packet %d is %+v, wrote %d %d", stream, i, got[i], want[i].PTS, want[i].Size())
					}
				}
				hash := []string{"-v", "warning", "-xerror", "-i"}
				tail := []string{"-map", "0:" + stream, "-f", "framemd5", "-"}
				ours := run(t, "ffmpeg", append(append(hash, out), tail...)...)
				theirs := run(t, "ffmpeg", append(append(hash, s.path), tail...)...)
				if hashes(ours) != hashes(theirs) || len(ours) < 1000 {
					t.Errorf("%s: decoded\n%.800s\nsource\n%.800s", stream, ours, theirs)
				}
			}
			run(t, "ffmpeg", "-v", "warning", "-xerror", "-i", out, "-f", "null", "-")
			sum := m.Duration()
			if sum < 5*mp4.Timescale-4000 || sum > 5*mp4.Timescale+4000 {
				t.Errorf("lasts %d", sum)
			}
			if got := s.tracks[0].Entry.Codecs() + "," + s.tracks[1].Entry.Codecs(); got != c.codecs {
				t.Errorf("codecs are %q, want %q", got, c.codecs)
			}
		})
	}
}

// hashes drops the comments of framemd5, and the times of its lines (the one
// thing that may differ is the name of the encoder and rounding of timescales).
func hashes(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// Offset, aspect ratio, colour and language are what ffprobe says they are.
func TestFFprobeTells(t *testing.T) {
	s := encode(t, 48000, 2, "-profile:v", "main", "-pix_fmt", "yuv420p")
	e := s.tracks[0].Entry.(*mp4.AVC)
	e.ParWidth, e.ParHeight = 4, 3
	e.Colour = &mp4.Colour{Primaries: 1, Transfer: 1, Matrix: 1}
	for i := range s.samples[0] { // video begins half a second after audio
		s.samples[0][i].DTS += 45000
		s.samples[0][i].PTS += 45000
	}
	out, _ := s.mux(t)
	text := run(t, "ffprobe", "-v", "warning", "-show_entries",
		"stream=codec_name,profile,sample_aspect_ratio,color_primaries,color_transfer,color_space,color_range,nb_frames,sample_rate,channels,start_time:stream_tags=language:format=format_name,nb_streams",
		"-of", "default=nw=1", out)
	for _, want := range []string{"codec_name=h264", "profile=Main", "sample_aspect_ratio=4:3", "color_primaries=bt709",
		"color_transfer=bt709", "color_space=bt709", "color_range=tv", "nb_frames=150", "codec_name=aac", "profile=LC",
		"sample_rate=48000", "channels=2", "TAG:language=eng", "TAG:language=und", "nb_streams=2", "start_time=0.000000", "start_time=0.500000"} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

// sets are the parameter sets as they stand in a sample.
func sets(e *mp4.AVC) (pieces [][]byte) {
	for _, s := range slices.Concat(e.SPS, e.PPS) {
		pieces = append(pieces, binary.BigEndian.AppendUint32(nil, uint32(len(s))), s)
	}
	return pieces
}

// A second description of the same track begins where the first one ended:
// outside readers decode both as they stand in their sources. The parameter
// sets are in the samples, too: without them ffmpeg's parser keeps the first
// ones.
func TestFFmpegReadsTwoEntries(t *testing.T) {
	a := encode(t, 48000, 2, "-profile:v", "main", "-pix_fmt", "yuv420p", "-x264-params", "cabac=1")
	b := encode(t, 48000, 2, "-profile:v", "baseline", "-bf", "0", "-pix_fmt", "yuv420p", "-x264-params", "ref=3")
	var body bytes.Buffer
	m := mp4.NewMovie(&body)
	if _, err := m.AddTrack(a.tracks[0]); err != nil {
		t.Fatal(err)
	}
	var shift int64
	for _, s := range []*source{a, b, a} {
		if err := m.SetEntry(0, s.tracks[0].Entry); err != nil {
			t.Fatal(err)
		}
		for _, smp := range s.samples[0] {
			smp.DTS += shift
			smp.PTS += shift
			if smp.Access == mp4.Sync {
				smp.Pieces = append(sets(s.tracks[0].Entry.(*mp4.AVC)), smp.Pieces...)
			}
			if err := m.Write(0, &smp); err != nil {
				t.Fatal(err)
			}
		}
		shift += int64(len(s.samples[0])) * 3003
	}
	j, file := checked(t, m, &body, 0)
	if n := len(file.Tracks[0].Entries); n != 2 {
		t.Fatalf("%d entries", n)
	}
	if got := j.head.Summary().Tracks[0].Codecs; got != "avc1.4d400b,avc1.42c00b" {
		t.Errorf("codecs are %q", got)
	}
	out := filepath.Join(t.TempDir(), "out.mp4")
	if err := os.WriteFile(out, j.bytes(t), 0o600); err != nil {
		t.Fatal(err)
	}
	decoded := func(path string) []string {
		var list []string
		text := run(t, "ffmpeg", "-v", "warning", "-xerror", "-i", path, "-map", "0:v", "-f", "framemd5", "-")
		for line := range strings.Lines(hashes(text)) {
			list = append(list, line[strings.LastIndex(line, ",")+1:])
		}
		return list
	}
	want := slices.Concat(decoded(a.path), decoded(b.path), decoded(a.path))
	if got := decoded(out); !slices.Equal(got, want) || len(got) != 450 {
		t.Errorf("decoded %d pictures, in the sources are %d, and they differ", len(got), len(want))
	}
}
