package remux

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"recfin/internal/mp4check"
	"recfin/internal/tswriter"
	"recfin/mp4"
	"recfin/probe"
)

// joined gives the file that segments of one run of transport packets become.
func joined(segments [][]byte) ([]byte, Result, error) {
	var body bytes.Buffer
	movie := mp4.NewMovie(&body)
	j := New(movie, Options{})
	for i, s := range segments {
		b := Boundary{Name: fmt.Sprint(i), Container: probe.MPEGTS}
		if err := errors.Join(j.Begin(b), feed(j, s), j.End()); err != nil {
			return nil, Result{}, err
		}
	}
	res, err := j.Finish()
	if err != nil {
		return nil, Result{}, err
	}
	head, err := movie.Finish(0)
	if err != nil {
		return nil, Result{}, err
	}
	all, err := io.ReadAll(io.MultiReader(io.NewSectionReader(head, 0, head.Size()), &body))
	return all, res, err
}

// cutAnywhere draws places between packets and cuts a stream there.
func cutAnywhere(t *rapid.T, ts []byte) [][]byte {
	at := rapid.SliceOfN(rapid.IntRange(1, len(ts)/tswriter.PacketSize-1), 1, 12).Draw(t, "cuts")
	slices.Sort(at)
	var out [][]byte
	from := 0
	for _, n := range slices.Compact(at) {
		out = append(out, ts[from:n*tswriter.PacketSize])
		from = n * tswriter.PacketSize
	}
	return append(out, ts[from:])
}

// holdCuts holds that a stream gives one file, however it is cut.
func holdCuts(t *testing.T, ts []byte) {
	t.Helper()
	want, whole, err := joined([][]byte{ts})
	if err != nil {
		t.Fatal(err)
	}
	if whole.Video == 0 {
		t.Fatalf("no pictures: %+v", whole)
	}
	if err := mp4check.File(bytes.NewReader(want), int64(len(want))); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		pieces := cutAnywhere(t, ts)
		got, res, err := joined(pieces)
		if err != nil {
			t.Fatal(err)
		}
		if res.Video != whole.Video || res.Audio != whole.Audio || res.Parts != whole.Parts || res.DroppedLeading != whole.DroppedLeading {
			t.Fatalf("cut into %d: %+v\nwhole: %+v", len(pieces), res, whole)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("cut into %d: %d bytes, whole %d", len(pieces), len(got), len(want))
		}
		if whole.Segments[0].Described {
			holdSights(t, pieces, res.Segments, whole.Segments[0])
		}
	})
}

// TestCutsOfMedia: a stream of an encoder that is cut between any packets gives
// the file of the uncut one, byte for byte.
func TestCutsOfMedia(t *testing.T) {
	for name, args := range map[string][]string{
		"H.264 with B-frames, AAC": {"-c:v", "libx264", "-preset", "veryfast", "-g", "25", "-bf", "3", "-c:a", "aac"},
		"H.264, open GOP, a wrap":  {"-c:v", "libx264", "-preset", "veryfast", "-x264-params", "open-gop=1:keyint=20:bframes=3", "-c:a", "aac", "-output_ts_offset", "95442.7", "-muxdelay", "0"},
		"H.264 of fields":          {"-c:v", "libx264", "-preset", "veryfast", "-flags", "+ildct+ilme", "-x264-params", "tff=1:keyint=25", "-c:a", "aac"},
		"H.265, AC-3":              {"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=20:bframes=4:open-gop=1:repeat-headers=1", "-c:a", "ac3"},
		"H.265, E-AC-3, slices":    {"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=20:slices=3:aud=0", "-c:a", "eac3", "-b:a", "96k"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "all.ts")
			ffmpeg(t, slices.Concat([]string{"-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=3", "-f", "lavfi", "-i", "sine=f=440:r=48000:d=3", "-pix_fmt", "yuv420p"}, args, []string{path})...)
			ts, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if _, whole, err := joined([][]byte{ts}); err != nil || len(whole.Segments[0].IFrames) < 2 || !whole.Segments[0].Described || !whole.Segments[0].Independent {
				t.Fatalf("the whole stream: %+v, %v", whole.Segments, err)
			}
			holdCuts(t, ts)
		})
	}
}
