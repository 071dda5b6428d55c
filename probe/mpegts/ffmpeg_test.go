package mpegts

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"recfin/internal/testenv"
	"recfin/mp4"
)

// encoded are streams that ffmpeg makes; its own demuxer is the oracle.
var encoded = []struct {
	name string
	args []string
}{
	{"b-frames", []string{"-c:v", "libx264", "-preset", "fast", "-g", "25", "-bf", "3", "-c:a", "aac"}},
	{"open gop", []string{"-c:v", "libx264", "-x264-params", "open-gop=1:keyint=20:bframes=3:b-pyramid=normal", "-c:a", "aac", "-ar", "44100"}},
	{"baseline, slices, short PES", []string{"-c:v", "libx264", "-profile:v", "baseline", "-x264-params", "slices=4:keyint=30", "-c:a", "aac", "-ac", "1", "-pes_payload_size", "200"}},
	{"interlaced", []string{"-c:v", "libx264", "-flags", "+ildct", "-x264-params", "tff=1:keyint=25", "-c:a", "aac"}},
	{"intra refresh", []string{"-c:v", "libx264", "-x264-params", "intra-refresh=1:keyint=25", "-an"}},
	{"wrap", []string{"-c:v", "libx264", "-g", "25", "-c:a", "aac", "-output_ts_offset", "95442.5", "-muxdelay", "0"}},
	{"HEVC, b-frames, open gop", []string{"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=20:bframes=4:b-pyramid=1:open-gop=1:repeat-headers=1", "-c:a", "aac"}},
	{"HEVC, slices, no delimiters, IDR", []string{"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=25:slices=3:aud=0:open-gop=0:bframes=2:hrd=1:vbv-maxrate=500:vbv-bufsize=500", "-an"}},
	{"HEVC, temporal layers, wrap", []string{"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=25:temporal-layers=3:aud=1", "-an", "-output_ts_offset", "95442.5", "-muxdelay", "0"}},
	{"audio only", []string{"-vn", "-c:a", "aac"}},
	{"delimiters off, several pictures a PES", []string{"-c:v", "libx264", "-x264-params", "aud=0:keyint=25:bframes=0", "-an", "-omit_video_pes_length", "0"}},
}

type packet struct {
	CodecType string `json:"codec_type"`
	PTS, DTS  int64
	Flags     string
}

// encode makes two seconds of test picture and sound.
func encode(t *testing.T, args []string) string {
	t.Helper()
	ffmpeg := testenv.Need(t, "ffmpeg")
	out := filepath.Join(t.TempDir(), "out.ts")
	all := []string{"-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=192x128:rate=25", "-f", "lavfi", "-i", "sine=440:sample_rate=48000", "-t", "2", "-threads", "1", "-pix_fmt", "yuv420p"}
	if b, err := exec.Command(ffmpeg, append(append(all, args...), out)...).CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, b)
	}
	return out
}

func TestAgainstFFprobe(t *testing.T) {
	ffprobe := testenv.Need(t, "ffprobe")
	for _, c := range encoded {
		t.Run(c.name, func(t *testing.T) {
			file := encode(t, c.args)
			b, err := exec.Command(ffprobe, "-v", "error", "-show_packets", "-show_entries", "packet=codec_type,stream_index,pts,dts,flags", "-of", "json", file).Output()
			if err != nil {
				t.Fatal(err)
			}
			var probed struct{ Packets []packet }
			if err := json.Unmarshal(b, &probed); err != nil {
				t.Fatal(err)
			}
			ts, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r, st := demux(t, Options{}, ts)
			if st.Untimed+st.JunkBytes+st.Truncated+st.Damaged+st.ContinuityErrors+st.UnknownPackets+st.Headless != 0 {
				t.Errorf("a clean stream counts %+v", st)
			}
			for _, kind := range []string{"video", "audio"} {
				comparePackets(t, kind, r, probed.Packets)
			}
		})
	}
}

func comparePackets(t *testing.T, kind string, r *recorder, packets []packet) {
	t.Helper()
	var ours []got
	for _, s := range r.samples {
		if r.entries[s.id][0].Kind().String() == kind {
			ours = append(ours, s)
		}
	}
	var theirs []packet
	for _, p := range packets {
		if p.CodecType == kind {
			theirs = append(theirs, p)
		}
	}
	if len(ours) != len(theirs) {
		t.Fatalf("%s: %d samples, ffprobe has %d", kind, len(ours), len(theirs))
	}
	slack := int64(0)
	if kind == "audio" {
		slack = 1 // frames inside a PES packet: rounded in another way
	}
	for i, s := range ours {
		p := theirs[i]
		if d := near(p.PTS, s.pts) - s.pts; d > slack || d < -slack {
			t.Fatalf("%s %d: PTS %d, ffprobe has %d", kind, i, s.pts, p.PTS)
		}
		if kind == "video" && near(p.DTS, s.dts) != s.dts {
			t.Fatalf("%s %d: DTS %d, ffprobe has %d", kind, i, s.dts, p.DTS)
		}
		if key := p.Flags[0] == 'K'; kind == "video" && s.access >= 2 != key {
			t.Fatalf("%s %d: access %d, ffprobe has %s", kind, i, s.access, p.Flags)
		}
	}
}

// The coded pictures and frames are those that ffmpeg copies out.
func TestPayloadAgainstFFmpeg(t *testing.T) {
	for _, c := range encoded {
		switch {
		case slices.Contains(c.args, "-vn"):
		case slices.Contains(c.args, "libx265"):
			t.Run(c.name, func(t *testing.T) {
				comparePayload(t, c.args, "hevc", func(b []byte) bool { return b[0]>>1&63 < 32 })
			})
		default:
			t.Run(c.name, func(t *testing.T) {
				comparePayload(t, c.args, "h264", func(b []byte) bool { return b[0]&31 >= 1 && b[0]&31 <= 5 })
			})
		}
	}
}

// comparePayload compares all slices, and the audio if it is stereo of 48 kHz.
func comparePayload(t *testing.T, args []string, format string, isSlice func([]byte) bool) {
	ffmpeg := testenv.Need(t, "ffmpeg")
	file := encode(t, args)
	run := func(args ...string) []byte {
		b, err := exec.Command(ffmpeg, append([]string{"-v", "error", "-nostdin", "-i", file, "-c", "copy"}, args...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	ts, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := demux(t, Options{}, ts)
	var video, audio []byte
	plain := false
	for _, s := range r.samples {
		if e, ok := r.entries[s.id][0].(*mp4.AAC); ok {
			plain = e.SampleRate == 48000 && e.Channels == 1
			n := len(s.payload) + 7
			audio = append(audio, 0xff, 0xf1, 0x4c, 0x40|byte(n>>11), byte(n>>3), byte(n&7<<5|0x1f), 0xfc)
			audio = append(audio, s.payload...)
			continue
		}
		for b := []byte(s.payload); len(b) > 0; {
			n := 4 + int(binary.BigEndian.Uint32(b))
			if isSlice(b[4:]) {
				video = append(video, b[4:n]...)
			}
			b = b[n:]
		}
	}
	if plain && !bytes.Equal(run("-map", "0:a", "-f", "adts", "-"), audio) {
		t.Errorf("audio: %d bytes", len(audio))
	}
	var want []byte
	for _, n := range nalUnits(run("-map", "0:v", "-f", format, "-")) {
		if isSlice(n) {
			want = append(want, n...)
		}
	}
	if len(want) == 0 || !bytes.Equal(want, video) {
		t.Errorf("video: %d bytes, ffmpeg has %d", len(video), len(want))
	}
}

// nalUnits cuts a byte stream into NAL units, byte by byte.
func nalUnits(b []byte) (nals [][]byte) {
	start := -1
	for i := 0; i+3 <= len(b); i++ {
		if b[i] != 0 || b[i+1] != 0 || b[i+2] != 1 {
			continue
		}
		if start >= 0 {
			nals = append(nals, trimZeros(b[start:i]))
		}
		start = i + 3
	}
	return append(nals, trimZeros(b[start:]))
}

func trimZeros(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}

func (p *packet) UnmarshalJSON(b []byte) error {
	var raw struct {
		CodecType string          `json:"codec_type"`
		PTS       json.RawMessage `json:"pts"`
		DTS       json.RawMessage `json:"dts"`
		Flags     string          `json:"flags"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	p.CodecType, p.Flags = raw.CodecType, raw.Flags
	p.PTS, _ = strconv.ParseInt(string(raw.PTS), 10, 64)
	p.DTS, _ = strconv.ParseInt(string(raw.DTS), 10, 64)
	return nil
}
