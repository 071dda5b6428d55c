package mpegts

import (
	"bytes"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"recfin/internal/testenv"
	"recfin/mp4"
)

// encodedSounds are streams that ffmpeg makes, with what must be read from them.
// Its own demuxer, which parses the frames too, is the oracle.
var encodedSounds = []struct {
	name   string
	args   []string
	codecs string
	// same: a packet of ffmpeg is an access unit byte for byte
	same bool
}{
	{"AC-3", []string{"-c:a", "ac3"}, "ac-3", true},
	{"AC-3 5.1, 44.1 kHz", []string{"-c:a", "ac3", "-ac", "6", "-ar", "44100"}, "ac-3", true},
	{"E-AC-3", []string{"-c:a", "eac3"}, "ec-3", true},
	{"E-AC-3 5.1, 32 kHz", []string{"-c:a", "eac3", "-ac", "6", "-ar", "32000"}, "ec-3", true},
	{"MP3", []string{"-c:a", "libmp3lame", "-ar", "44100"}, "mp4a.6B", true},
	{"MP3, MPEG-2, variable", []string{"-c:a", "libmp3lame", "-ar", "22050", "-ac", "1", "-q:a", "4"}, "mp4a.69", true},
	{"MP3, MPEG 2.5", []string{"-c:a", "libmp3lame", "-ar", "8000", "-ac", "1"}, "mp4a.69", true},
	{"MP2", []string{"-c:a", "mp2"}, "mp4a.6B", true},
	{"Opus", []string{"-c:a", "libopus"}, "opus", true},
	{"Opus 5.1, 60 ms", []string{"-c:a", "libopus", "-ac", "6", "-frame_duration", "60"}, "opus", true},
	{"Opus, 2.5 ms", []string{"-c:a", "libopus", "-frame_duration", "2.5", "-application", "lowdelay"}, "opus", true},
	{"LATM", []string{"-c:a", "aac", "-ar", "44100", "-mpegts_flags", "latm"}, "mp4a.40.2", false},
	{"AAC 7.1", []string{"-c:a", "aac", "-ac", "8"}, "mp4a.40.2", false},
	{"AAC, channels of its own", []string{"-c:a", "aac", "-af", "pan=hexagonal|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0"}, "mp4a.40.2", false},
}

func TestSoundsAgainstFFmpeg(t *testing.T) {
	ffmpeg, ffprobe := testenv.Need(t, "ffmpeg"), testenv.Need(t, "ffprobe")
	for _, c := range encodedSounds {
		t.Run(c.name, func(t *testing.T) {
			file := encode(t, append([]string{"-c:v", "libx264", "-g", "25"}, c.args...))
			b, err := exec.Command(ffprobe, "-v", "error", "-show_packets", "-show_streams", "-select_streams", "a",
				"-show_entries", "packet=codec_type,pts,dts,flags:stream=sample_rate,channels", "-of", "json", file).Output()
			if err != nil {
				t.Fatal(err)
			}
			var probed struct {
				Packets []packet
				Streams []struct {
					Rate     json.Number `json:"sample_rate"`
					Channels int
				}
			}
			if err := json.Unmarshal(b, &probed); err != nil {
				t.Fatal(err)
			}
			ts, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r, st := demux(t, Options{}, ts)
			if st.Untimed+st.JunkBytes+st.Truncated+st.Damaged+st.Undescribed+st.Headless != 0 || len(st.Data)+len(st.Unsupported) > 0 {
				t.Errorf("a clean stream counts %+v", st)
			}
			comparePackets(t, "audio", r, probed.Packets)
			e := r.entries[aPID][0]
			rate, channels := e.(mp4.Sound).Layout()
			if e.Codecs() != c.codecs || fmt.Sprint(rate) != probed.Streams[0].Rate.String() || channels != probed.Streams[0].Channels {
				t.Errorf("%s, %d Hz, %d channels; ffprobe has %+v", e.Codecs(), rate, channels, probed.Streams[0])
			}
			if _, err := e.Box(); err != nil || len(r.entries[aPID]) != 1 {
				t.Errorf("%d descriptions, %v", len(r.entries[aPID]), err)
			}
			if c.same {
				sums := packetSums(t, ffmpeg, file)
				for i, s := range r.of(aPID) {
					if i >= len(sums) || fmt.Sprintf("%x", md5.Sum([]byte(s.payload))) != sums[i] {
						t.Fatalf("frame %d differs", i)
					}
				}
			}
		})
	}
}

// packetSums are the MD5 sums of the packets of sound that ffmpeg copies out.
func packetSums(t *testing.T, ffmpeg, file string) (sums []string) {
	t.Helper()
	b, err := exec.Command(ffmpeg, "-v", "error", "-nostdin", "-i", file, "-map", "0:a", "-c", "copy", "-f", "framemd5", "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 5 && f[0] == "0," {
			sums = append(sums, strings.TrimSuffix(f[5], ","))
		}
	}
	return sums
}

// The same frames of AAC in ADTS and in LATM are the same samples.
func TestLATMAgainstADTS(t *testing.T) {
	ffmpeg := testenv.Need(t, "ffmpeg")
	for _, args := range [][]string{{"-ac", "1"}, {"-ac", "6", "-ar", "44100"}} {
		adts := encode(t, append([]string{"-vn", "-c:a", "aac"}, args...))
		latm := filepath.Join(t.TempDir(), "latm.ts")
		if b, err := exec.Command(ffmpeg, "-v", "error", "-nostdin", "-i", adts, "-c", "copy", "-mpegts_flags", "latm", latm).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		var heard [2]*recorder
		for i, file := range []string{adts, latm} {
			ts, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			heard[i], _ = demux(t, Options{}, ts)
		}
		a, l := heard[0].samples, heard[1].samples
		if len(a) < 80 || len(a) != len(l) {
			t.Fatalf("%d frames in ADTS, %d in LATM", len(a), len(l))
		}
		for i := range a {
			if a[i].payload != l[i].payload || a[i].duration-l[i].duration > 1 || l[i].duration-a[i].duration > 1 {
				t.Fatalf("frame %d differs", i)
			}
		}
		ea, el := heard[0].entries[a[0].id][0].(*mp4.AAC), heard[1].entries[l[0].id][0].(*mp4.AAC)
		if !bytes.HasPrefix(el.Config, ea.Config) || ea.Channels != el.Channels || ea.SampleRate != el.SampleRate {
			t.Errorf("%+v in ADTS, %+v in LATM", ea, el)
		}
	}
}

// What ffmpeg trims from the start is the pre-skip.
func TestOpusPreSkipOfFFmpeg(t *testing.T) {
	for name, want := range map[string]int{"audio": 312, "lowdelay": 120} {
		ts, err := os.ReadFile(encode(t, []string{"-vn", "-c:a", "libopus", "-application", name}))
		if err != nil {
			t.Fatal(err)
		}
		r, _ := demux(t, Options{}, ts)
		id := r.order[0]
		if e := r.entries[id][0].(*mp4.Opus); e.PreSkip != want || len(r.entries[id]) != 1 || r.priming[0] != int64(want*15/8) {
			t.Errorf("%s: %+v, priming %d", name, e, r.priming[0])
		}
	}
}
