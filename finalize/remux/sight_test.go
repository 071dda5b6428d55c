package remux

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/internal/tswriter"
	"recfin/mp4"
	"recfin/probe"
)

// holdSights holds what is said of the I pictures of the pieces of a stream against
// what is said of the whole: each that no cut divides is found, at its place and time,
// and no other. Of a stream whose map changes nothing is held: which track is the first
// one depends on the piece.
func holdSights(t *rapid.T, pieces [][]byte, got []Measured, whole Measured) {
	t.Helper()
	front := tables(pieces)
	var from int64
	left := whole.IFrames
	for i, p := range pieces {
		end := from + int64(len(p))
		want := []probe.IFrame{}
		for ; len(left) > 0 && left[0].Offset < end; left = left[1:] {
			if f := left[0]; f.Offset+f.Length <= end {
				f.Offset -= from
				want = append(want, f)
			}
		}
		same := func(a, b probe.IFrame) bool { return a.Offset == b.Offset && a.Length == b.Length }
		if !slices.EqualFunc(got[i].IFrames, want, same) {
			t.Fatalf("piece %d of %d: I pictures %v, want %v", i, len(pieces), got[i].IFrames, want)
		}
		alone, err := probe.File(bytes.NewReader(slices.Concat(front, p)), probe.Options{})
		if err != nil && !errors.Is(err, probe.ErrUnreadable) {
			t.Fatal(err)
		}
		// Alone a piece may lack the end of its only picture, and says the less.
		if v := alone.Video(); err == nil && got[i].Independent && !alone.Independent && v != nil && v.Frames > 1 {
			t.Fatalf("piece %d of %d: independent, and not alone", i, len(pieces))
		}
		if !slices.IsSortedFunc(got[i].IFrames, func(a, b probe.IFrame) int { return int(a.At - b.At) }) || len(want) > 0 && got[i].IFrames[0].At < 0 {
			t.Fatalf("piece %d: times %v", i, got[i].IFrames)
		}
		from = end
	}
}

// tables are the PAT and the PMT of a stream, as one packet each.
func tables(pieces [][]byte) []byte {
	ts := slices.Concat(pieces...)
	var pat, pmt []byte
	for ; pat == nil || pmt == nil; ts = ts[tswriter.PacketSize:] {
		switch pid := int(ts[1]&0x1f)<<8 | int(ts[2]); {
		case pid == 0:
			pat = ts[:tswriter.PacketSize]
		case pid == 0x1000: // as ffmpeg has it
			pmt = ts[:tswriter.PacketSize]
		}
	}
	return slices.Concat(pat, pmt)
}

// TestSegmentsShowIFrames: joining says the same of a segment as measuring it alone.
func TestSegmentsShowIFrames(t *testing.T) {
	for name, args := range map[string][]string{
		"TS":         {"-f", "segment", "-segment_format", "mpegts", "-segment_time", "0.8", "%d.ts"},
		"fragments":  {"-f", "segment", "-segment_format", "mp4", "-segment_format_options", "movflags=empty_moov+default_base_moof+frag_keyframe", "-segment_time", "0.8", "%d.ts"},
		"sound only": {"-vn", "-f", "segment", "-segment_format", "mpegts", "-segment_time", "0.8", "%d.ts"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			args[len(args)-1] = filepath.Join(dir, "%d.ts")
			ffmpeg(t, slices.Concat([]string{"-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=3", "-f", "lavfi", "-i", "sine=f=440:r=48000:d=3", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-bf", "2", "-g", "10", "-c:a", "aac"}, args)...)
			names, err := filepath.Glob(filepath.Join(dir, "*.ts"))
			if err != nil || len(names) < 3 {
				t.Fatal(names, err)
			}
			j := New(mp4.NewMovie(&bytes.Buffer{}), Options{})
			var want []*probe.Media
			for _, n := range names {
				raw, err := os.ReadFile(n)
				if err != nil {
					t.Fatal(err)
				}
				m, err := probe.File(bytes.NewReader(raw), probe.Options{})
				if err != nil {
					t.Fatal(err)
				}
				want = append(want, m)
				if err := errors.Join(j.Begin(Boundary{Name: n}), feed(j, raw), j.End()); err != nil {
					t.Fatal(err)
				}
			}
			res, err := j.Finish()
			if err != nil {
				t.Fatal(err)
			}
			for i, m := range want {
				got := res.Segments[i]
				near := func(a, b probe.IFrame) bool {
					return a.Offset == b.Offset && a.Length == b.Length && (a.At-b.At).Abs() <= time.Microsecond
				}
				if !slices.EqualFunc(got.IFrames, m.IFrames, near) || got.Described != m.Described || got.Independent != m.Independent {
					t.Errorf("segment %d: %v described %v independent %v; alone %v %v %v", i, got.IFrames, got.Described, got.Independent, m.IFrames, m.Described, m.Independent)
				}
				if pictures := m.Video() != nil; pictures != (len(m.IFrames) >= 2) || !m.Described || !m.Independent {
					t.Errorf("segment %d: %v described %v independent %v", i, m.IFrames, m.Described, m.Independent)
				}
			}
		})
	}
}
