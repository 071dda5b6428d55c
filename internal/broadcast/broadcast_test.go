package broadcast

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recfin/internal/testenv"
)

type stream struct {
	ID    string `json:"id"`
	Codec string `json:"codec_name"`
	Width int    `json:"width"`
	Rate  string `json:"r_frame_rate"`
	Hz    string `json:"sample_rate"`
	Chans int    `json:"channels"`
	Start int64  `json:"start_pts"`
	Count string `json:"nb_read_packets"`
	B     int    `json:"has_b_frames"`
}

func probe(t *testing.T, file string) []stream {
	t.Helper()
	out, err := exec.Command(testenv.Need(t, "ffprobe"), "-v", "error", "-count_packets", "-show_streams", "-of", "json", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Streams []stream `json:"streams"`
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Streams
}

func TestMake(t *testing.T) {
	cases := []struct {
		name     string
		opt      Options
		segments int
		check    func(s []stream) bool // of the second segment
	}{
		{"default", Options{}, 4, func(s []stream) bool {
			return len(s) == 2 && s[0].ID == "0x100" && s[0].Codec == "h264" && s[0].Width == 320 && s[0].Count == "30" && s[0].B == 0 &&
				s[1].ID == "0x101" && s[1].Codec == "aac" && s[1].Hz == "48000" && s[1].Chans == 1
		}},
		{"other encoder", Options{Seconds: 4, Width: 160, Height: 90, Rate: "30000/1001", BFrames: 2, GOP: 30, SampleRate: 44100, Channels: 2, FirstPID: 0x200}, 2, func(s []stream) bool {
			return s[0].ID == "0x200" && s[0].Width == 160 && s[0].Rate == "30000/1001" && s[0].B > 0 && s[1].ID == "0x201" && s[1].Hz == "44100" && s[1].Chans == 2
		}},
		{"swapped", Options{Seconds: 4, Swapped: true}, 2, func(s []stream) bool {
			return s[0].Codec == "h264" && s[0].ID == "0x101" || s[1].Codec == "h264" && s[1].ID == "0x101"
		}},
		{"offset", Options{Seconds: 4, Offset: 1000 * time.Second}, 2, func(s []stream) bool { return s[0].Start > 1000*90_000 && s[0].Start < 1010*90_000 }},
		{"wrap", Options{Seconds: 4, Offset: 95_441 * time.Second, FirstSeq: 7}, 2, func(s []stream) bool { return s[0].Count == "30" }},
		{"no sound", Options{Seconds: 4, NoAudio: true}, 2, func(s []stream) bool { return len(s) == 1 && s[0].Codec == "h264" }},
		{"no picture", Options{Seconds: 4, NoVideo: true}, 3 /* the encoder's delay makes a short last one */, func(s []stream) bool { return len(s) == 1 && s[0].Codec == "aac" }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := Make(t, c.opt)
			if len(s.Segments) != c.segments || s.Segments[0].Seq != c.opt.FirstSeq {
				t.Fatalf("%d segments from %d", len(s.Segments), s.Segments[0].Seq)
			}
			for _, seg := range s.Segments {
				if seg.Size == 0 || seg.Size%188 != 0 || int64(len(s.Body(t, seg.Seq))) != seg.Size {
					t.Errorf("segment %d has %d bytes", seg.Seq, seg.Size)
				}
			}
			if got := probe(t, s.Segments[1].Path); !c.check(got) {
				t.Errorf("the second segment is %+v", got)
			}
			if again := Make(t, c.opt); again.Segments[0] != s.Segments[0] {
				t.Error("made twice")
			}
		})
	}
}

func TestLay(t *testing.T) {
	s := Make(t, Options{})
	dir := t.TempDir()
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	ups := Without(s.Uploads("foo/A/720p", 0, 3, start), 2)
	ups[1].Keep, ups[2].Keep = 188, -1
	Lay(t, Folder(dir), ups)

	var got []string
	for _, seq := range []string{"0", "1", "2", "3"} {
		info, err := os.Stat(filepath.Join(dir, "foo", "A", "720p", seq+".ts"))
		if err != nil {
			got = append(got, "-")
			continue
		}
		got = append(got, info.ModTime().Sub(start).String())
	}
	if text := strings.Join(got, " "); text != "2.4s 4.4s - 8.4s" {
		t.Errorf("upload times: %s", text)
	}
	read := func(seq string) []byte {
		body, err := os.ReadFile(filepath.Join(dir, "foo", "A", "720p", seq+".ts"))
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	if !bytes.Equal(read("0"), s.Body(t, 0)) || !bytes.Equal(read("1"), s.Body(t, 1)[:188]) || len(read("3")) != 0 {
		t.Error("the bytes are not those of the uploads")
	}
}
