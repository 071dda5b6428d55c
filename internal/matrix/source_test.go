package matrix

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// flick is 1/705,600,000 s: a whole number of ticks of every timescale here.
const flick = 705_600_000

// unit is an access unit as ffmpeg reads it.
type unit struct {
	pts   int64 // flicks
	coded string
	// start is what a decoder may do here: 2 begin and keep all that follows, 1
	// begin but not show what leads it, 0 neither.
	start int
}

// stream is a track as ffmpeg reads it.
type stream struct {
	video   bool
	shift   int64 // by the edit list: added to its times below, flicks
	codec   string
	units   []unit
	decoded []frame // in the order of presentation
}

// frame is a decoded picture or frame of sound.
type frame struct {
	pts  int64 // flicks
	size int
	hash string
}

// reading is all tracks of a file, pictures first, then sound in order.
type reading []*stream

// read has ffmpeg read a file, once for equal content. Of one that is not whole,
// ffprobe and ffmpeg may disagree on the last packet.
func read(t *testing.T, body []byte, ext string, whole bool) reading {
	t.Helper()
	sum := sha256.Sum256(body)
	dir := theStudio.make(t, "read-"+hex.EncodeToString(sum[:12])+ext, func(dir string) error {
		file := filepath.Join(dir, "source."+ext)
		if err := os.WriteFile(file, body, 0o600); err != nil {
			return err
		}
		return readInto(t, dir, file)
	})
	var shifts []int64
	if ext != inTS {
		shifts = edits(body)
	}
	r, err := parse(dir, shifts, whole)
	if err != nil {
		t.Fatalf("%s: %v", dir, err)
	}
	return r
}

// probed is what ffprobe says.
type probed struct {
	Streams []struct {
		Index    int    `json:"index"`
		Codec    string `json:"codec_name"`
		Kind     string `json:"codec_type"`
		TimeBase string `json:"time_base"`
	} `json:"streams"`
	Packets []packet `json:"packets"`
}

type packet struct {
	Stream int         `json:"stream_index"`
	PTS    *int64      `json:"pts"`
	Size   json.Number `json:"size"`
}

// readInto writes what ffprobe and ffmpeg say of a file beside it.
func readInto(t *testing.T, dir, file string) error {
	var input []string
	if !strings.HasSuffix(file, ".ts") {
		input = []string{"-ignore_editlist", "1"}
	}
	out, err := tool(t, "ffprobe", append(append([]string{"-v", "quiet"}, input...), "-show_entries",
		"stream=index,codec_name,codec_type,time_base:packet=stream_index,pts,size", "-of", "json", file)...)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "probe.json"), out, 0o600); err != nil {
		return err
	}
	var p probed
	if err := json.Unmarshal(out, &p); err != nil {
		return err
	}
	args := append(append([]string{"-copyts"}, input...), "-i", file)
	for _, s := range p.Streams {
		if s.Kind != "video" && s.Kind != "audio" || s.Codec == "" {
			continue
		}
		at := fmt.Sprintf("0:%d", s.Index)
		// The annex B form of what ffprobe has counted, and what a decoder makes of it.
		args = append(args, "-map", at, "-c", "copy", "-copyinkf", "-f", "data", filepath.Join(dir, fmt.Sprintf("%d.coded", s.Index)),
			"-map", at, "-autoscale", "0", "-fps_mode", "passthrough", "-enc_time_base", "-1", "-f", "framemd5", filepath.Join(dir, fmt.Sprintf("%d.decoded", s.Index)))
	}
	_, err = tool(t, "ffmpeg", append([]string{"-v", "fatal", "-nostdin", "-y", "-threads", "1"}, args...)...)
	return err
}

// parse reads what readInto wrote. The shifts are of the streams by their index.
func parse(dir string, shifts []int64, whole bool) (reading, error) {
	b, err := os.ReadFile(filepath.Join(dir, "probe.json"))
	if err != nil {
		return nil, err
	}
	var p probed
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, err
	}
	var video, audio reading
	for _, s := range p.Streams {
		st := &stream{video: s.Kind == "video", codec: s.Codec}
		if s.Index < len(shifts) {
			st.shift = shifts[s.Index]
		}
		coded, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d.coded", s.Index)))
		if err != nil {
			continue // neither pictures nor sound
		}
		den, err := strconv.ParseInt(strings.TrimPrefix(s.TimeBase, "1/"), 10, 64)
		if err != nil || flick%den != 0 {
			return nil, fmt.Errorf("time base %s", s.TimeBase)
		}
		for _, k := range p.Packets {
			if k.Stream != s.Index {
				continue
			}
			if coded, err = st.packet(coded, k, flick/den); err != nil {
				return nil, fmt.Errorf("stream %d: %w", s.Index, err)
			}
		}
		if len(coded) > 0 && whole {
			return nil, fmt.Errorf("stream %d: %d bytes in no packet", s.Index, len(coded))
		}
		if err := st.frames(filepath.Join(dir, fmt.Sprintf("%d.decoded", s.Index))); err != nil {
			return nil, err
		}
		if st.video {
			video = append(video, st)
		} else {
			audio = append(audio, st)
		}
	}
	return append(video, audio...), nil
}

// packet takes the next packet off the bytes of the stream and gives the rest.
func (s *stream) packet(coded []byte, k packet, tick int64) ([]byte, error) {
	n, err := k.Size.Int64()
	if err != nil || n > int64(len(coded)) || k.PTS == nil {
		return nil, fmt.Errorf("packet %d of %s bytes, %d are left, PTS %v", len(s.units), k.Size, len(coded), k.PTS)
	}
	u := unit{pts: *k.PTS*tick + s.shift, start: 2, coded: string(coded[:n])}
	switch {
	case s.video:
		u.coded, u.start = picture(s.codec, coded[:n])
	case s.codec == "aac":
		u.coded = withoutADTS(coded[:n])
	}
	s.units = append(s.units, u)
	return coded[n:], nil
}

// frames reads a framemd5.
func (s *stream) frames(file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	den := int64(0)
	for _, line := range strings.Split(string(b), "\n") {
		if base, ok := strings.CutPrefix(line, "#tb 0: 1/"); ok {
			if den, err = strconv.ParseInt(base, 10, 64); err != nil {
				return err
			}
		}
		f := strings.Split(line, ",")
		if strings.HasPrefix(line, "#") || len(f) < 6 {
			continue
		}
		pts, err := strconv.ParseInt(strings.TrimSpace(f[2]), 10, 64)
		if err != nil || den == 0 || flick%den != 0 {
			return fmt.Errorf("%s: %q of 1/%d", file, line, den)
		}
		size, err := strconv.Atoi(strings.TrimSpace(f[4]))
		if err != nil {
			return err
		}
		s.decoded = append(s.decoded, frame{pts*(flick/den) + s.shift, size, strings.TrimSpace(f[5])})
	}
	return nil
}

// withoutADTS takes the header of ISO/IEC 14496-3 §1.A.2.2 off, where there is
// one.
func withoutADTS(p []byte) string {
	if len(p) > 7 && p[0] == 0xff && p[1]&0xf6 == 0xf0 && int(p[3]&3)<<11|int(p[4])<<3|int(p[5])>>5 == len(p) {
		if p[1]&1 == 0 {
			return string(p[9:])
		}
		return string(p[7:])
	}
	return string(p)
}

// picture gives the NAL units of an access unit that count (ITU-T H.264 table
// 7-1, H.265 table 7-1), and whether a decoder may start at it.
func picture(codec string, p []byte) (coded string, start int) {
	var b strings.Builder
	for _, nal := range nalUnits(p) {
		kind, keep := 0, true
		if codec == "hevc" {
			kind = int(nal[0] >> 1 & 63)
			keep = kind < 32 || kind > 38
			if kind == 19 || kind == 20 {
				start = 2
			} else if kind >= 16 && kind <= 21 {
				start = max(start, 1)
			}
		} else {
			kind = int(nal[0] & 31)
			keep = kind <= 6 || kind > 12
			if kind == 5 {
				start = 2
			} else if kind == 6 && recoveryPoint(nal) {
				start = max(start, 1)
			}
		}
		if keep {
			fmt.Fprintf(&b, "%d:%s", len(nal), nal)
		}
	}
	return b.String(), start
}

// recoveryPoint says whether an SEI NAL unit of H.264 begins one of its messages
// with payload type 6 (§D.1).
func recoveryPoint(nal []byte) bool {
	for p := nal[1:]; len(p) > 2; {
		kind, size := 0, 0
		for ; len(p) > 0 && p[0] == 0xff; p = p[1:] {
			kind += 255
		}
		if len(p) < 2 {
			return false
		}
		kind += int(p[0])
		for p = p[1:]; len(p) > 0 && p[0] == 0xff; p = p[1:] {
			size += 255
		}
		if len(p) == 0 {
			return false
		}
		size += int(p[0])
		if kind == 6 {
			return true
		}
		p = p[1:][min(size, len(p)-1):]
	}
	return false
}

// nalUnits splits an access unit, whichever form it has: start codes, or lengths
// of four bytes that fill it exactly.
func nalUnits(p []byte) [][]byte {
	var list [][]byte
	for q := p; len(q) >= 4; {
		n := int(q[0])<<24 | int(q[1])<<16 | int(q[2])<<8 | int(q[3])
		if n > len(q)-4 || n == 0 || n == 1 {
			break
		}
		list, q = append(list, bytes.TrimRight(q[4:4+n], "\x00")), q[4+n:]
		if len(q) == 0 {
			return list
		}
	}
	list = nil
	for i, nal := range bytes.Split(p, []byte{0, 0, 1}) {
		if nal = bytes.TrimRight(nal, "\x00"); i > 0 && len(nal) > 0 {
			list = append(list, nal)
		}
	}
	return list
}
