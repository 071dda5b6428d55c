package matrix

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Containers of the matrix.
const (
	inTS    = "ts"
	inFMP4  = "fmp4" // fragments behind an init segment
	inFiles = "mp4"  // one complete MP4 for each segment
)

// ids is which ids and which order the tracks of a mux have.
type ids string

const (
	usual   ids = ""        // pictures first, with the smallest id
	swapped ids = "swapped" // pictures first, with the largest id
	ordered ids = "ordered" // ids as usual, but sound first
)

// mux is one way to put a take into segments. It is the name of what it makes.
type mux struct {
	video, audio, container string
	take                    string
	offset                  string // of all timestamps, s
	ids                     ids
	late                    int  // pictures in front that are missing
	mute                    bool // no sound from 4 s to 6 s, of several tracks in the last
}

func (m mux) of() take {
	for _, k := range []take{first, second, larger} {
		if k.name == m.take {
			return k
		}
	}
	panic(m.take)
}

// cut is what a mux made.
type cut struct {
	init     []byte // of fragments
	segments [][]byte
}

// cut muxes and cuts, without coding anything again.
func (m mux) cut(t *testing.T) cut {
	t.Helper()
	k := m.of()
	inputs := []string{"-i", theStudio.pictures(t, m.video, k)}
	for _, a := range sounds[m.audio] {
		inputs = append(inputs, "-i", theStudio.sound(t, a, k))
	}
	name := strings.NewReplacer(" ", "", "{", "", "}", "").Replace(fmt.Sprintf("mux-%s-%s-%s-%s-%s-%s-%d-%v", m.video, m.audio, m.container, m.take, m.offset, m.ids, m.late, m.mute))
	dir := theStudio.make(t, name, func(dir string) error {
		return ffmpeg(t, slices.Concat(inputs, m.streams(), m.output(dir))...)
	})
	c := m.load(dir)
	if want := (seconds - k.from) / cutEvery; len(c.segments) < want || (m.container == inFMP4) != (len(c.init) > 0) {
		t.Fatalf("%s: %d segments, init of %d bytes", name, len(c.segments), len(c.init))
	}
	return c
}

// load reads what ffmpeg made.
func (m mux) load(dir string) (c cut) {
	if m.container == inFMP4 {
		b, _ := os.ReadFile(filepath.Join(dir, "all.mp4"))
		return fragments(b, (cutEvery*pictureRate+m.of().gop-1)/m.of().gop)
	}
	for n := 0; ; n++ {
		b, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d.seg", n)))
		if err != nil {
			return c
		}
		c.segments = append(c.segments, b)
	}
}

// fragments cuts a fragmented MP4 into segments of so many fragments each. (The
// HLS muxer of ffmpeg gives a wrong time to the picture after a cut where GOPs are
// open.)
func fragments(b []byte, each int) (c cut) {
	for n := -1; len(b) >= 8; {
		size := int(binary.BigEndian.Uint32(b))
		if size < 8 || size > len(b) {
			break
		}
		switch kind := string(b[4:8]); {
		case kind == "mfra":
			return c
		case kind == "moof":
			if n++; n%each == 0 {
				c.segments = append(c.segments, nil)
			}
		}
		if n < 0 {
			c.init = append(c.init, b[:size]...)
		} else {
			last := &c.segments[len(c.segments)-1]
			*last = append(*last, b[:size]...)
		}
		b = b[size:]
	}
	return c
}

// streams are the arguments that choose and order the tracks.
func (m mux) streams() []string {
	n := len(sounds[m.audio])
	order := []int{0}
	for i := range n {
		order = append(order, i+1)
	}
	if m.ids == ordered {
		order = append(order[1:], 0)
	}
	base := 0x100
	if m.container != inTS {
		base = 1
	}
	var args []string
	for at, input := range order {
		id := base + input
		if m.ids == swapped {
			id = base + (input+n)%(n+1)
			if n == 0 {
				id = base + 1
			}
		}
		args = append(args, "-map", fmt.Sprint(input), "-streamid", fmt.Sprintf("%d:%d", at, id))
	}
	args = append(args, "-c", "copy", "-copyinkf")
	var filters []string
	if m.late > 0 {
		filters = append(filters, fmt.Sprintf("noise=drop='lt(n,%d)'", m.late))
	}
	if m.container == inTS {
		filters = append(filters, "dump_extra=freq=k")
	}
	if len(filters) > 0 {
		args = append(args, "-bsf:v", strings.Join(filters, ","))
	}
	for i, a := range sounds[m.audio] {
		filters = nil
		if m.mute && i == n-1 {
			filters = append(filters, "noise=drop='gte(pts*tb,4)*lt(pts*tb,6)'")
		}
		if a == "aac" && m.container != inTS {
			filters = append(filters, "aac_adtstoasc")
		}
		if len(filters) > 0 {
			args = append(args, fmt.Sprintf("-bsf:a:%d", i), strings.Join(filters, ","))
		}
	}
	if m.video == "hevc" && m.container != inTS {
		args = append(args, "-tag:v", "hvc1")
	}
	return args
}

// output are the arguments that name the container.
func (m mux) output(dir string) []string {
	segment := filepath.Join(dir, "%d.seg")
	if m.container == inFiles {
		return []string{"-f", "segment", "-segment_time", fmt.Sprint(cutEvery), "-reset_timestamps", "1", "-segment_format", "mp4",
			"-segment_format_options", "movflags=faststart:use_stream_ids_as_track_ids=1", segment}
	}
	args := []string{"-output_ts_offset", m.offset, "-muxdelay", "0", "-muxpreload", "0"}
	if m.container == inFMP4 {
		return append(args, "-f", "mp4", "-movflags", "frag_keyframe+delay_moov+default_base_moof+frag_discont", "-video_track_timescale", "90000",
			"-use_stream_ids_as_track_ids", "1", filepath.Join(dir, "all.mp4"))
	}
	return append(args, "-f", "hls", "-hls_time", fmt.Sprint(cutEvery), "-hls_list_size", "0", "-hls_segment_filename", segment, filepath.Join(dir, "index.m3u8"))
}
