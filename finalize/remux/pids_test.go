package remux

import (
	"bytes"
	"slices"
	"testing"

	"recfin/internal/mp4check"
	"recfin/internal/tswriter"
)

// TestPIDsChangeInside: another program map in the middle of a segment gives the
// same pictures and sound other PIDs. They go on in the tracks that there are.
func TestPIDsChangeInside(t *testing.T) {
	const pictures, length = 48, 2 * 48 * 1920 // of sound
	type turn struct {
		video, sound uint16
		from         int64
	}
	for name, c := range map[string]struct {
		turns []turn
		parts int
		// leaves: the map does not end the pictures, so the last one before the leap
		// is still open when the sound leaps; not every cut there is alike.
		leaves bool
	}{
		"the clock runs on":       {[]turn{{256, 257, 0}, {400, 500, length}}, 1, false},
		"the clock starts anew":   {[]turn{{256, 257, 0}, {400, 500, 0}}, 2, false},
		"swapped, runs on":        {[]turn{{256, 257, 0}, {257, 256, length}}, 1, false},
		"swapped, starts anew":    {[]turn{{256, 257, 0}, {257, 256, 0}}, 2, false},
		"there and back":          {[]turn{{256, 257, 0}, {400, 500, length}, {256, 257, 2 * length}}, 1, false},
		"there and back, restart": {[]turn{{256, 257, 0}, {400, 500, 0}, {256, 257, 0}}, 3, false},
		"only sound, runs on":     {[]turn{{256, 257, 0}, {256, 500, length}}, 1, false},
		"only sound, starts anew": {[]turn{{256, 257, 0}, {256, 500, 0}}, 2, true},
		"the same PIDs":           {[]turn{{256, 257, 0}, {256, 257, 0}}, 2, true},
		"the same PIDs, ahead":    {[]turn{{256, 257, 0}, {256, 257, 500 * 90000}}, 2, true},
		"far ahead":               {[]turn{{256, 257, 0}, {400, 500, 500 * 90000}}, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			var packets [][]byte
			for i, turn := range c.turns {
				w := tswriter.New(tswriter.Stream{PID: turn.video, Type: tswriter.TypeH264},
					tswriter.Stream{PID: turn.sound, Type: tswriter.TypeADTS, StreamID: 0xc0})
				w.Version = byte(i)
				air(w, tswriter.Live{Pictures: pictures, GOP: 8, From: 90000 + turn.from})
				packets = append(packets, w.Packets()...)
			}
			ts := slices.Concat(packets...)
			file, res, err := joined([][]byte{ts})
			if err != nil {
				t.Fatal(err)
			}
			n := len(c.turns)
			if res.Video != n*pictures || res.Audio != 2*n*pictures || res.Parts != c.parts ||
				res.DroppedAudio+res.DroppedLeading > 0 || len(res.Problems) > 0 {
				t.Fatalf("%+v", res)
			}
			m, err := mp4check.Open(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				t.Fatal(err)
			}
			if len(m.Tracks) != 2 {
				t.Fatalf("%d tracks", len(m.Tracks))
			}
			if c.leaves {
				pieces := [][]byte{ts[:52*tswriter.PacketSize], ts[52*tswriter.PacketSize:]}
				if got, res, err := joined(pieces); err != nil || !bytes.Equal(got, file) {
					t.Fatalf("cut in two: %+v %v", res, err)
				}
				return
			}
			holdCuts(t, ts)
		})
	}
}
