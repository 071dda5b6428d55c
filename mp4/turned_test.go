package mp4_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"recfin/mp4"
)

// Pictures are shown turned as their track says, whatever edits and aspect
// ratio it has, and readers see the same angle.
func TestRotation(t *testing.T) {
	for _, turn := range []int{0, 90, 180, 270} {
		var body bytes.Buffer
		m := mp4.NewMovie(&body)
		e := hevc()
		e.ParWidth, e.ParHeight = 4, 3
		if _, err := m.AddTrack(mp4.Track{Entry: e, Timescale: 1000, Rotation: turn}); err != nil {
			t.Fatal(err)
		}
		for i := range int64(3) {
			if err := m.Write(0, &mp4.Sample{DTS: i * 40, PTS: i * 40, Duration: 40, Access: mp4.Sync, Pieces: [][]byte{{0, 0, 0, 1, 0x46}}}); err != nil {
				t.Fatal(err)
			}
		}
		m.StartOffset(0, 500, 40)
		j, file := checked(t, m, &body, 0)
		if v := file.Tracks[0]; v.Rotation != turn || len(v.Edits) != 2 || v.Edits[0].Duration != 45000 || v.Edits[1].MediaTime != 40 {
			t.Errorf("turned by %d: read %d, edits %v", turn, v.Rotation, v.Edits)
		}
		path := filepath.Join(t.TempDir(), "turned.mp4")
		if err := os.WriteFile(path, j.bytes(t), 0o600); err != nil {
			t.Fatal(err)
		}
		// ffprobe counts against the clock, from -180 on.
		want := strconv.Itoa(map[int]int{0: 0, 90: -90, 180: -180, 270: 90}[turn])
		text := run(t, "ffprobe", "-v", "quiet", "-show_entries", "stream_side_data=rotation", "-of", "default=nw=1:nk=1", path)
		if got := strings.TrimSpace(text); got != want && !(turn == 0 && got == "") {
			t.Errorf("turned by %d: ffprobe says %q", turn, got)
		}
	}
	for _, turn := range []int{-90, 1, 45, 360} {
		_, err := mp4.NewMovie(io.Discard).AddTrack(mp4.Track{Entry: hevc(), Timescale: 1000, Rotation: turn})
		if !errors.Is(err, mp4.ErrRange) {
			t.Errorf("turned by %d: %v", turn, err)
		}
	}
}

// The distance of Opus covers 80 ms with the shortest packet; the last one, of
// which the end may be cut off, does not count unless it is alone.
func TestRollDistance(t *testing.T) {
	for name, c := range map[string]struct {
		timescale uint32
		durations []int64
		want      int
	}{
		"20 ms":            {48000, []int64{960, 960, 960, 960, 960, 960}, 4},
		"2.5 ms":           {48000, []int64{120, 120}, 32},
		"60 ms":            {48000, []int64{2880, 2880}, 2},
		"120 ms":           {48000, []int64{5760, 5760}, 1},
		"mixed":            {48000, []int64{960, 480, 2880, 960}, 8},
		"cut at the end":   {48000, []int64{960, 960, 960, 17}, 4},
		"cut in the midst": {48000, []int64{960, 17, 960}, 32},
		"one":              {48000, []int64{960}, 4},
		"of 90 kHz":        {90000, []int64{1800, 1800}, 4},
		"hardly 20 ms":     {90000, []int64{1799, 1800}, 5},
	} {
		var body bytes.Buffer
		m := mp4.NewMovie(&body)
		if _, err := m.AddTrack(mp4.Track{Entry: &mp4.Opus{Channels: 1}, Timescale: c.timescale}); err != nil {
			t.Fatal(err)
		}
		at := int64(0)
		for _, d := range c.durations {
			if err := m.Write(0, &mp4.Sample{DTS: at, PTS: at, Duration: d, Pieces: [][]byte{{1}}}); err != nil {
				t.Fatal(err)
			}
			at += d
		}
		if _, file := checked(t, m, &body, 0); file.Tracks[0].Roll != c.want {
			t.Errorf("%s: %d, want %d", name, file.Tracks[0].Roll, c.want)
		}
	}
}
