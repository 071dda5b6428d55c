package fmp4

import (
	"bytes"
	"crypto/md5"
	"encoding/json"
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

// packet is what ffprobe says of a packet.
type packet struct {
	CodecType string `json:"codec_type"`
	PTS, DTS  int64
	Size      string
	Flags     string
	Hash      string `json:"data_hash"`
}

const bframes = "-c:v libx264 -preset veryfast -g 25 -bf 3"

// muxed are the ways in which ffmpeg writes MP4. Arguments are separated by
// spaces.
var muxed = []struct {
	name, args string
	inits      bool // the output is init.mp4 and segments
	moves      bool // ffprobe shifts DTS by the reorder delay
	uneven     bool // durations in the file leave a hole
}{
	{name: "fragments", args: bframes + " -c:a aac -movflags frag_keyframe+empty_moov+default_base_moof out.mp4"},
	{name: "fragments with explicit offsets", args: bframes + " -c:a aac -movflags frag_keyframe+empty_moov out.mp4"},
	{name: "fragments behind a moov with samples", args: bframes + " -c:a aac -movflags frag_keyframe out.mp4"},
	{name: "short fragments", args: bframes + " -c:a aac -frag_duration 200000 -movflags empty_moov+default_base_moof out.mp4"},
	{name: "a fragment for each frame", uneven: true, args: bframes + " -c:a aac -movflags frag_every_frame+empty_moov+default_base_moof out.mp4"},
	{name: "separate moof", args: bframes + " -c:a aac -movflags frag_keyframe+empty_moov+separate_moof+default_base_moof out.mp4"},
	{name: "cmaf", moves: true, args: bframes + " -c:a aac -movflags frag_keyframe+empty_moov+cmaf out.mp4"},
	{name: "negative offsets", moves: true, args: bframes + " -c:a aac -movflags frag_keyframe+empty_moov+default_base_moof+negative_cts_offsets out.mp4"},
	{name: "global sidx", args: bframes + " -c:a aac -movflags frag_keyframe+empty_moov+global_sidx+default_base_moof out.mp4"},
	{name: "dash", args: bframes + " -c:a aac -movflags dash+frag_keyframe+delay_moov out.mp4"},
	{name: "audio only", args: "-vn -c:a aac -movflags frag_keyframe+empty_moov+default_base_moof -frag_duration 500000 out.mp4"},
	{name: "open GOP", args: "-c:v libx264 -preset veryfast -g 25 -bf 3 -x264-params open-gop=1 -c:a aac -movflags faststart out.mp4"},
	{name: "faststart", args: bframes + " -c:a aac -movflags faststart out.mp4"},
	{name: "moov last", args: bframes + " -c:a aac out.mp4"},
	{name: "moov last, negative offsets", moves: true, args: bframes + " -c:a aac -movflags negative_cts_offsets out.mp4"},
	{name: "QuickTime", args: bframes + " -c:a aac -f mov out.mp4"},
	{name: "no edit list", args: bframes + " -c:a aac -use_editlist 0 out.mp4"},
	{name: "other timescale", args: bframes + " -c:a aac -video_track_timescale 10000000 -movflags frag_keyframe+empty_moov+default_base_moof out.mp4"},
	{name: "later start", args: bframes + " -c:a aac -output_ts_offset 100000 -movflags frag_keyframe+empty_moov+default_base_moof out.mp4"},
	{name: "HLS", inits: true, args: bframes + " -c:a aac -f hls -hls_time 1 -hls_segment_type fmp4 -hls_playlist_type vod -hls_segment_filename %d.m4s out.m3u8"},
}

// encode makes media and gives its segments in order; the first is the init
// segment where there is one.
func encode(t testing.TB, args string) [][]byte {
	t.Helper()
	ffmpeg := testenv.Need(t, "ffmpeg")
	dir := t.TempDir()
	cmd := exec.Command(ffmpeg, append(strings.Fields("-v error -nostdin -threads 1 "+
		"-f lavfi -i testsrc=duration=3:size=320x192:rate=25 -f lavfi -i sine=frequency=440:duration=3:sample_rate=48000 "+
		"-pix_fmt yuv420p -map_metadata -1 -fflags +bitexact"), strings.Fields(args)...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ffmpeg %s: %v\n%s", args, err, out)
	}
	var all [][]byte
	for _, name := range []string{"out.mp4", "init.mp4", "0.m4s", "1.m4s", "2.m4s", "3.m4s"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			all = append(all, b)
		}
	}
	return all
}

// probed gives the packets of a file as ffprobe sees them, without edit lists.
func probed(t testing.TB, file []byte, edits bool) []packet {
	t.Helper()
	ffprobe := testenv.Need(t, "ffprobe")
	name := filepath.Join(t.TempDir(), "whole.mp4")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-v", "error", "-show_packets", "-show_data_hash", "MD5", "-of", "json"}
	if !edits {
		args = append(args, "-ignore_editlist", "1")
	}
	b, err := exec.Command(ffprobe, append(args, name)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Packets []packet }
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	return list.Packets
}

// Every time, size and key flag is that of ffprobe.
func TestAgainstFFprobe(t *testing.T) {
	for _, c := range muxed {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			segments := encode(t, c.args)
			whole := bytes.Join(segments, nil)
			opt := Options{}
			if c.inits {
				opt.Init, segments = segments[0], segments[1:]
			}
			r, stats, err := demux(t, opt, segments...)
			if err != nil {
				t.Fatal(err)
			}
			if n := stats.Truncated + stats.Damaged + stats.Empty + stats.Untimed + stats.CutBoxes + stats.BadBoxes +
				stats.JunkBytes + stats.Edits + stats.Hidden + stats.Matrices + stats.Strays; n != 0 {
				t.Errorf("a clean file counts %+v", stats)
			}
			packets := probed(t, whole, false)
			for id, track := range r.tracks {
				compare(t, r.of(id), track, packets, c.moves)
				if !c.uneven {
					gapless(t, r.of(id))
				}
			}
		})
	}
}

// compare holds the samples of a track against the packets of its kind. Edit
// lists, which ffprobe was told to ignore, shift a track as a whole.
func compare(t *testing.T, ours []got, track mp4.Track, packets []packet, moves bool) {
	t.Helper()
	kind := track.Entry.Kind()
	packets = slices.DeleteFunc(slices.Clone(packets), func(p packet) bool { return p.CodecType != kind.String() })
	if len(ours) == 0 || len(ours) != len(packets) {
		t.Fatalf("%v: %d samples, ffprobe has %d", kind, len(ours), len(packets))
	}
	shift, dshift := packets[0].PTS-ours[0].pts, packets[0].DTS-ours[0].dts
	if !moves && shift != dshift {
		t.Errorf("%v: PTS differs by %d, DTS by %d", kind, shift, dshift)
	}
	for i, s := range ours {
		p := packets[i]
		if s.pts+shift != p.PTS || s.dts+dshift != p.DTS {
			t.Fatalf("%v %d: %d %d, ffprobe has %d %d (%d, %d apart)", kind, i, s.pts, s.dts, p.PTS, p.DTS, shift, dshift)
		}
		if sum := fmt.Sprintf("MD5:%x", md5.Sum([]byte(s.payload))); sum != p.Hash {
			t.Fatalf("%v %d: %d bytes, ffprobe has %s others", kind, i, len(s.payload), p.Size)
		}
		if key := p.Flags[0] == 'K'; kind == mp4.Video && s.access >= mp4.Recovery != key {
			t.Fatalf("%v %d: access %d, ffprobe has %s", kind, i, s.access, p.Flags)
		}
	}
}

// gapless checks that each sample lasts until the next one.
func gapless(t *testing.T, ours []got) {
	t.Helper()
	for i, s := range ours[1:] {
		if before := ours[i]; before.duration != s.dts-before.dts {
			t.Fatalf("%d: lasts %d, the next one begins %d later", i, before.duration, s.dts-before.dts)
		}
	}
}

// Where a fragment's explicit offset leads into nothing (this muxer puts an
// index in front and leaves the offsets as they were), the media behind it is
// what it means.
func TestMisplacedFragments(t *testing.T) {
	flags := bframes + " -c:a aac -movflags frag_keyframe+empty_moov"
	want, _, err := demux(t, Options{}, encode(t, flags+" out.mp4")...)
	if err != nil {
		t.Fatal(err)
	}
	have, stats, err := demux(t, Options{}, encode(t, flags+"+global_sidx out.mp4")...)
	if err != nil || stats.Rebased != 3 || stats.Truncated != 0 {
		t.Fatalf("%+v: %v", stats, err)
	}
	if !slices.Equal(have.log, want.log) {
		t.Errorf("%d lines, want %d", len(have.log), len(want.log))
	}
}

// Times are those of a player: the edit list counts. Priming stands before
// zero.
func TestEditListsAgainstFFprobe(t *testing.T) {
	for _, args := range []string{
		bframes + " -c:a aac -movflags faststart out.mp4",
		bframes + " -c:a aac -movflags dash+frag_keyframe+delay_moov out.mp4",
		bframes + " -c:a aac out.mp4",
		bframes + " -c:a libopus -movflags faststart out.mp4",
	} {
		file := encode(t, args)[0]
		r, _, err := demux(t, Options{}, file)
		if err != nil {
			t.Fatal(err)
		}
		packets := probed(t, file, true)
		for id, track := range r.tracks {
			ours := r.of(id)
			theirs := slices.DeleteFunc(slices.Clone(packets), func(p packet) bool { return p.CodecType != track.Entry.Kind().String() })
			if len(ours) != len(theirs) {
				t.Fatalf("%s: %v: %d samples, ffprobe has %d", args, track.Entry.Kind(), len(ours), len(theirs))
			}
			for i, s := range ours {
				if s.pts != theirs[i].PTS {
					t.Fatalf("%s: %v %d: PTS %d, ffprobe has %d", args, track.Entry.Kind(), i, s.pts, theirs[i].PTS)
				}
			}
			if track.Entry.Kind() == mp4.Audio && ours[0].pts >= 0 {
				t.Errorf("%s: no priming at %d", args, ours[0].pts)
			}
		}
	}
}
