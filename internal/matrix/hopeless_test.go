package matrix

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
)

// hopeless is a segment that no output can hold.
type hopeless struct {
	name   string
	ext    string
	body   func(*testing.T) []byte
	reason string // as which it is dropped
	says   string // what is wrong with it
}

// strangers are all kinds of it.
func strangers() []hopeless {
	return []hopeless{
		{"MPEG-2 video", "ts", coded("mpeg2.ts", "-c:v", "mpeg2video", "-c:a", "aac"), "undecodable", "PID 256 has stream type 0x02 (MPEG-2 video)"},
		{"MPEG-4 video", "ts", coded("mpeg4.ts", "-c:v", "mpeg4", "-c:a", "aac"), "undecodable", "PID 256 has stream type 0x10 (MPEG-4 video)"},
		{"DTS", "ts", announced(0x1b, 0x8a), "undecodable", "PID 257 has stream type 0x8a (DTS)"},
		{"scrambled", "ts", scrambled(0x100, 0x101), "undecodable", "transport stream is encrypted: PID 256"},
		{"scrambled sound", "ts", scrambled(0x101), "undecodable", "transport stream is encrypted: PID 257"},
		{"SAMPLE-AES", "ts", announced(0xdb, 0xcf), "undecodable", "PID 256 has stream type 0xdb (encrypted H.264)"},
		{"SAMPLE-AES sound", "ts", announced(0x1b, 0xcf), "undecodable", "PID 257 has stream type 0xcf (encrypted AAC)"},
		{"Common Encryption", "mp4", coded("enc.mp4", "-c:v", "libx264", "-c:a", "aac", "-encryption_scheme", "cenc-aes-ctr",
			"-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb", "-encryption_kid", "a7e61c373e219033c21091fa607bf3b8",
			"-movflags", "empty_moov+default_base_moof+frag_keyframe"), "undecodable", `MP4 is encrypted: sample entry "encv"`},
		{"Matroska", "ts", coded("a.mkv", "-c:v", "libx264", "-c:a", "aac"), "unreadable", "Matroska"},
		{"a picture", "ts", coded("a.jpg", "-frames:v", "1", "-map", "0:v"), "unreadable", "JPEG"},
		{"text", "ts", fixed("the dog ate it\n"), "unreadable", "text"},
		{"a playlist", "ts", fixed("#EXTM3U\n#EXTINF:2,\n1.ts\n"), "unreadable", "playlist"},
		{"noise", "ts", fixed(strings.Repeat("\x00\x9c\x11\xfe", 5000)), "unreadable", ""},
		{"nothing", "ts", fixed(""), "empty", ""},
	}
}

// coded has ffmpeg make 2 s of it.
func coded(name string, args ...string) func(*testing.T) []byte {
	return func(t *testing.T) []byte {
		t.Helper()
		dir := theStudio.make(t, "stranger-"+name, func(dir string) error {
			source := []string{"-f", "lavfi", "-i", fmt.Sprintf("testsrc2=s=%dx%d:r=%d:d=2", width, height, pictureRate), "-f", "lavfi", "-i", "sine=r=48000:d=2"}
			return ffmpeg(t, append(append(source, args...), filepath.Join(dir, name))...)
		})
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

func fixed(body string) func(*testing.T) []byte {
	return func(*testing.T) []byte { return []byte(body) }
}

// ordinary is a segment that is none of it.
func ordinary(t *testing.T) []byte {
	t.Helper()
	return bytes.Clone(cell{video: "h264", audio: "aac", container: inTS}.plain().cut(t).segments[0])
}

// announced is an ordinary segment with other stream types in its program map.
func announced(video, audio byte) func(*testing.T) []byte {
	return func(t *testing.T) []byte {
		t.Helper()
		b := ordinary(t)
		n := 0
		for p := b; len(p) >= 188; p = p[188:] {
			section := p[5:188] // behind the header and a pointer of 0
			if pid(p) == 0x100 || pid(p) == 0x101 || section[0] != 2 {
				continue
			}
			section = section[:3+length(section[1:])]
			for i := 12; i+5 <= len(section)-4; i += 5 + length(section[i+3:]) {
				if section[i] = audio; pid(section[i:]) == 0x100 {
					section[i] = video
				}
			}
			sum := crc(section[:len(section)-4])
			binary.BigEndian.PutUint32(section[len(section)-4:], sum)
			n++
		}
		if n == 0 {
			t.Fatal("there is no program map")
		}
		return b
	}
}

// crc is that of ISO/IEC 13818-1 annex A.
func crc(b []byte) uint32 {
	c := ^uint32(0)
	for _, v := range b {
		for i := 7; i >= 0; i-- {
			top := c >> 31
			if c <<= 1; top != uint32(v>>i&1) {
				c ^= 0x04c11db7
			}
		}
	}
	return c
}

// scrambled is an ordinary segment with the scrambling bits of some PIDs set.
func scrambled(pids ...int) func(*testing.T) []byte {
	return func(t *testing.T) []byte {
		t.Helper()
		b := ordinary(t)
		for p := b; len(p) >= 188; p = p[188:] {
			for _, id := range pids {
				if pid(p) == id {
					p[3] |= 0x80
				}
			}
		}
		return b
	}
}

// length reads 12 bits.
func length(b []byte) int { return int(b[0]&15)<<8 | int(b[1]) }

func pid(packet []byte) int { return int(packet[1]&31)<<8 | int(packet[2]) }

// TestHopeless: what no output can hold is named, with its stream type and its
// key, and stays where it is.
func TestHopeless(t *testing.T) {
	for _, h := range strangers() {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			body := h.body(t)
			t.Run("alone", func(t *testing.T) {
				b := bucket()
				for n := range 3 {
					b.Set(fmt.Sprintf("%s/A/v/%d.%s", recording, n, h.ext), body, uploaded(n), nil)
				}
				before := b.Snapshot()
				_, err := run(t, b, finalize.Formats{HLS: true, MP4: true})
				if !errors.Is(err, finalize.ErrRefused) || finalize.Retry(err) {
					t.Fatalf("error %v", err)
				}
				for _, word := range []string{recording + "/A/v/0." + h.ext, h.reason, h.says} {
					if !strings.Contains(err.Error(), word) {
						t.Errorf("%q does not say %q", err, word)
					}
				}
				if after := b.Snapshot(); len(after) != len(before) {
					t.Errorf("%d objects, %d before", len(after), len(before))
				}
			})
			t.Run("beside what is good", func(t *testing.T) { h.beside(t, body) })
		})
	}
}

// Sound that playlists may name and an MP4 cannot hold: nothing is written, and the
// message says where it is and what can be done.
func TestForeignSound(t *testing.T) {
	body := coded("dts.mp4", "-c:v", "libx264", "-c:a", "dca", "-ac", "2", "-strict", "-2")(t)
	b := bucket()
	b.Set(recording+"/A/v/0.mp4", body, uploaded(0), nil)
	_, err := run(t, b, finalize.Formats{MP4: true})
	if !errors.Is(err, finalize.ErrRefused) || !strings.Contains(err.Error(), recording+"/A/v/0.mp4") || !strings.Contains(err.Error(), "--format hls") {
		t.Errorf("%v", err)
	}
	for key := range b.Snapshot() {
		if strings.HasSuffix(key, "recording.json") {
			t.Errorf("%s is there", key)
		}
	}
}

// beside has a rendition of it beside one that can be joined: that is finalized.
func (h hopeless) beside(t *testing.T, body []byte) {
	c := cell{video: "h264", audio: "aac", container: inTS, shape: "contiguous"}
	s := shapes[c.shape](t, c)
	b := bucket()
	s.lay(b)
	for n := range 4 {
		b.Set(fmt.Sprintf("%s/A/w/%d.%s", recording, n, h.ext), body, uploaded(n), nil)
	}
	r, err := run(t, b, finalize.Formats{HLS: true, MP4: true})
	if err != nil {
		t.Fatal(err)
	}
	left := 0
	for _, d := range r.Plan.Dropped {
		if string(d.Reason) == h.reason && strings.HasPrefix(d.Key, recording+"/A/w/") {
			left++
		}
		if _, there := b.Snapshot()[d.Key]; !there {
			t.Errorf("%s is gone", d.Key)
		}
	}
	if left != 4 || len(r.Plan.Dropped) != 4 {
		t.Errorf("%d segments dropped, %d as %s", len(r.Plan.Dropped), left, h.reason)
	}
	if h.reason != "empty" { // which nothing could have been made of
		advice := strings.Join(r.Plan.Advice(), "\n")
		if !strings.Contains(advice, recording+"/A/w/0."+h.ext) || !strings.Contains(advice, h.says) || !r.Incomplete() {
			t.Errorf("incomplete %v, advice %q", r.Incomplete(), advice)
		}
	}
	whole, err := movie(b, r)
	if err == nil {
		_, err = s.judge(t, c, whole)
	}
	if err != nil {
		t.Error(err)
	}
}

// uploaded is when a live uploader has segment n in the store.
func uploaded(n int) time.Time {
	return onAir.Add(time.Duration(n+1)*cutEvery*time.Second + 400*time.Millisecond)
}
