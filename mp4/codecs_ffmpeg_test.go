package mp4_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"recfin/mp4"
)

// bitsOf takes numbers of so many bits off the front of p.
func bitsOf(p []byte, widths ...int) (out []int) {
	at := 0
	for _, w := range widths {
		v := 0
		for range w {
			v = v<<1 | int(p[at/8]>>(7-at%8)&1)
			at++
		}
		out = append(out, v)
	}
	return out
}

// Each of these reads the configuration that ffmpeg wrote into the fields of an
// entry.

func hevcFrom(c []byte) mp4.SampleEntry {
	f := bitsOf(c[15:], 6, 2, 6, 2, 5, 3, 5, 3, 16, 2, 3, 1, 2, 8)
	e := &mp4.HEVC{Width: 160, Height: 90, Profile: [12]byte(c[1:13]), Chroma: f[3], LumaDepth: f[5] + 8, ChromaDepth: f[7] + 8,
		TemporalLayers: f[10], TemporalNested: f[11] == 1}
	c = c[23:]
	for _, sets := range []*[][]byte{&e.VPS, &e.SPS, &e.PPS} {
		n := int(binary.BigEndian.Uint16(c[1:]))
		c = c[3:]
		for range n {
			k := int(binary.BigEndian.Uint16(c))
			*sets = append(*sets, c[2:2+k])
			c = c[2+k:]
		}
	}
	return e
}

func av1From(c []byte) mp4.SampleEntry { return &mp4.AV1{Config: c, Width: 160, Height: 90} }

func vp9From(c []byte) mp4.SampleEntry { return &mp4.VP9{Config: c, Width: 160, Height: 90} }

func ac3From(c []byte) mp4.SampleEntry {
	f := bitsOf(c, 2, 5, 3, 3, 1, 5)
	return &mp4.AC3{Fscod: uint8(f[0]), Bsid: uint8(f[1]), Bsmod: uint8(f[2]), Acmod: uint8(f[3]), LFE: f[4] == 1, BitRateCode: uint8(f[5]),
		SampleRate: []int{48000, 44100, 32000}[f[0]], Channels: []int{2, 1, 2, 3, 3, 4, 4, 5}[f[3]] + f[4]}
}

func eac3From(c []byte) mp4.SampleEntry {
	f := bitsOf(c, 13, 3, 2, 5, 1, 1, 3, 3, 1, 3, 4)
	return &mp4.EAC3{DataRate: f[0], SampleRate: []int{48000, 44100, 32000}[f[2]], Channels: []int{2, 1, 2, 3, 3, 4, 4, 5}[f[7]] + f[8],
		Substreams: []mp4.EAC3Substream{{Fscod: uint8(f[2]), Bsid: uint8(f[3]), Bsmod: uint8(f[6]), Acmod: uint8(f[7]), LFE: f[8] == 1}}}
}

func opusFrom(c []byte) mp4.SampleEntry {
	f := bitsOf(c, 8, 8, 16, 32, 16)
	e := &mp4.Opus{Channels: f[1], PreSkip: f[2], InputRate: f[3], Gain: int16(f[4])}
	if c[10] > 0 {
		e.Mapping = c[10:]
	}
	return e
}

func mp3From(layer, rate, frame int) func([]byte) mp4.SampleEntry {
	return func(c []byte) mp4.SampleEntry {
		return &mp4.MP3{ObjectType: c[17], Layer: layer, SampleRate: rate, Channels: 2, FrameSize: frame}
	}
}

// one has ffmpeg make a stream and gives its file, its track and its samples.
func one(t *testing.T, box string, from func([]byte) mp4.SampleEntry, args ...string) *source {
	t.Helper()
	s := &source{path: filepath.Join(t.TempDir(), "source.mp4")}
	run(t, "ffmpeg", append(append([]string{"-v", "error"}, args...), s.path)...)
	file, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	e := from(inside(t, file, box))
	track := mp4.Track{Entry: e, Timescale: 90000}
	stream := "v"
	if sound, ok := e.(mp4.Sound); ok {
		rate, _ := sound.Layout()
		track.Timescale, stream = uint32(rate), "a"
	}
	s.tracks = []mp4.Track{track}
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
	s.samples = [][]mp4.Sample{samples}
	return s
}

// The entry of each codec holds what ffmpeg writes for the same stream, and
// ffmpeg decodes the same from our file as from its own.
func TestCodecsLikeFFmpeg(t *testing.T) {
	picture := []string{"-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=2", "-video_track_timescale", "90000", "-g", "12"}
	tone := func(rate string, channels int, more ...string) []string {
		return append([]string{"-f", "lavfi", "-i", "sine=r=" + rate + ":d=2", "-ac", strconv.Itoa(channels)}, more...)
	}
	for name, c := range map[string]struct {
		box, typ, codec, codecs string
		from                    func([]byte) mp4.SampleEntry
		args                    []string
	}{
		"hevc": {"hvcC", "hvc1", "hevc", "hvc1.1.6.L30.90", hevcFrom,
			append(picture, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:info=0:bframes=2", "-tag:v", "hvc1")},
		"hevc of ten bits": {"hvcC", "hvc1", "hevc", "hvc1.2.4.L30.90", hevcFrom,
			append(picture, "-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:info=0", "-tag:v", "hvc1")},
		"av1":              {"av1C", "av01", "av1", "av01.0.00M.08", av1From, append(picture, "-pix_fmt", "yuv420p", "-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime")},
		"vp9":              {"vpcC", "vp09", "vp9", "vp09.00.10.08", vp9From, append(picture, "-pix_fmt", "yuv420p", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")},
		"ac3, stereo":      {"dac3", "ac-3", "ac3", "ac-3", ac3From, tone("48000", 2, "-c:a", "ac3")},
		"ac3, 5.1, 44.1":   {"dac3", "ac-3", "ac3", "ac-3", ac3From, tone("44100", 6, "-c:a", "ac3")},
		"eac3, 5.1":        {"dec3", "ec-3", "eac3", "ec-3", eac3From, tone("48000", 6, "-c:a", "eac3")},
		"eac3, mono, 32":   {"dec3", "ec-3", "eac3", "ec-3", eac3From, tone("32000", 1, "-c:a", "eac3")},
		"opus, stereo":     {"dOps", "Opus", "opus", "opus", opusFrom, tone("48000", 2, "-c:a", "libopus")},
		"opus, 2.5 ms":     {"dOps", "Opus", "opus", "opus", opusFrom, tone("48000", 1, "-c:a", "libopus", "-frame_duration", "2.5")},
		"opus, 5.1":        {"dOps", "Opus", "opus", "opus", opusFrom, tone("48000", 6, "-c:a", "libopus")},
		"mp3":              {"esds", "mp4a", "mp3", "mp4a.6B", mp3From(3, 44100, 1152), tone("44100", 2, "-c:a", "libmp3lame")},
		"mp3 of half rate": {"esds", "mp4a", "mp3", "mp4a.69", mp3From(3, 22050, 576), tone("22050", 2, "-c:a", "libmp3lame")},
		"mp2":              {"esds", "mp4a", "mp2", "mp4a.6B", mp3From(2, 48000, 1152), tone("48000", 2, "-c:a", "mp2")},
	} {
		t.Run(name, func(t *testing.T) {
			s := one(t, c.box, c.from, append(slices.Clone(c.args), "-map_metadata", "-1", "-flags", "+bitexact")...)
			e := s.tracks[0].Entry
			if e.Codec() != c.codec || e.Codecs() != c.codecs {
				t.Errorf("codec %q, %q, want %q, %q", e.Codec(), e.Codecs(), c.codec, c.codecs)
			}
			out := s.muxOne(t)
			file, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := os.ReadFile(s.path)
			if err != nil {
				t.Fatal(err)
			}
			got, want := inside(t, file, c.box), inside(t, theirs, c.box)
			if c.box == "esds" { // the id is of ffmpeg's choice, buffer size and bit rates we do not tell
				copy(want[9:11], got[9:11])
				copy(want[19:30], got[19:30])
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s\ngot  %x\nwant %x", c.box, got, want)
			}
			if stsd := inside(t, file, "stsd"); string(stsd[12:16]) != c.typ {
				t.Errorf("an entry of type %q", stsd[12:16])
			}
			probe := func(path string) string {
				return run(t, "ffprobe", "-v", "warning", "-count_packets", "-show_entries",
					"stream=codec_name,profile,level,width,height,sample_rate,channels,nb_read_packets", "-of", "default=nw=1", path)
			}
			if a, b := probe(out), probe(s.path); a != b || !strings.Contains(a, "nb_read_packets="+strconv.Itoa(len(s.samples[0]))+"\n") {
				t.Errorf("ffprobe says of ours\n%s\nand of the source\n%s", a, b)
			}
			decode := func(path string) string {
				return hashes(run(t, "ffmpeg", "-v", "error", "-xerror", "-i", path, "-f", "framemd5", "-"))
			}
			if a, b := decode(out), decode(s.path); a != b || len(a) < 1000 {
				t.Errorf("decoded\n%.800s\nsource\n%.800s", a, b)
			}
		})
	}
}

// muxOne writes the samples of the only track.
func (s *source) muxOne(t *testing.T) string {
	t.Helper()
	var body bytes.Buffer
	m := mp4.NewMovie(&body)
	if _, err := m.AddTrack(s.tracks[0]); err != nil {
		t.Fatal(err)
	}
	for i := range s.samples[0] {
		if err := m.Write(0, &s.samples[0][i]); err != nil {
			t.Fatal(err)
		}
	}
	first := s.samples[0][0].DTS
	m.StartOffset(0, max(first, 0), max(-first, 0))
	j, file := checked(t, m, &body, 0)
	if got, want := j.head.Summary().Tracks[0].Codecs, s.tracks[0].Entry.Codecs(); got != want {
		t.Errorf("the head says %q, the entry %q", got, want)
	}
	if _, opus := s.tracks[0].Entry.(*mp4.Opus); opus != (file.Tracks[0].Roll > 0) {
		t.Errorf("a roll distance of %d", file.Tracks[0].Roll)
	}
	path := filepath.Join(t.TempDir(), "out.mp4")
	if err := os.WriteFile(path, j.bytes(t), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
