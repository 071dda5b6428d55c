package remux

import (
	"cmp"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/internal/tswriter"
	"recfin/mp4"
	"recfin/probe"
)

// TestAnyInput: no order of times, tracks and segments is a panic, goes back in
// decode time, or loses count of a sample.
func TestAnyInput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sc := &script{}
		var bounds []Boundary
		fed := 0
		clock := rapid.Int64Range(-1<<40, 1<<40)
		for range rapid.IntRange(1, 4).Draw(t, "segments") {
			base := clock.Draw(t, "base")
			list := []event{videoTrack(1, avc(1)), {id: 2, track: &mp4.Track{Entry: aac(48000, 2), Timescale: 90000}}}
			for range rapid.IntRange(0, 40).Draw(t, "samples") {
				step := rapid.SampledFrom([]int64{0, 1, 1920, 3600, -3600, 90000, -90000, 1 << 20, -1 << 21, 1 << 34}).Draw(t, "step")
				base += step
				fed++
				switch rapid.IntRange(0, 5).Draw(t, "what") {
				case 0, 1:
					list = append(list, picture(1, base, base, mp4.Access(rapid.IntRange(0, 4).Draw(t, "access")), pictureData(0, fed)))
				case 2, 3:
					list = append(list, soundFrame(2, base, soundData(0, fed)))
				case 4:
					id := rapid.IntRange(3, 6).Draw(t, "id")
					list = append(list, event{id: id, track: &mp4.Track{Entry: aac(48000, 2), Timescale: 90000}}, soundFrame(id, base, soundData(0, fed)))
				case 5:
					id := rapid.IntRange(3, 6).Draw(t, "id")
					list = append(list, videoTrack(id, avc(byte(fed))), picture(id, base, base, mp4.Sync, pictureData(0, fed)))
				}
			}
			sc.segments = append(sc.segments, list)
			bounds = append(bounds, Boundary{Join: rapid.Bool().Draw(t, "join"), MissingBefore: time.Duration(rapid.IntRange(0, 3).Draw(t, "missing")) * time.Second})
		}
		res, err := sc.into(&film{}, bounds)
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Video + res.Audio + res.DroppedAudio + res.DroppedLeading; got != fed {
			t.Fatalf("%d samples came, %d are accounted for: %+v", fed, got, res)
		}
		if len(res.Segments) != len(sc.segments) {
			t.Fatalf("%d rows", len(res.Segments))
		}
	})
}

// TestRescale holds the conversion against big steps of plain arithmetic.
func TestRescale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.SampledFrom([]uint32{1, 600, 44100, 48000, 90000, 1e9}).Draw(t, "from")
		to := rapid.SampledFrom([]uint32{1, 600, 44100, 48000, 90000, 1e9}).Draw(t, "to")
		v := rapid.Int64Range(-1e9, 1e9).Draw(t, "v")
		num := v * int64(to)
		floor := num / int64(from)
		if num%int64(from) < 0 {
			floor--
		}
		rest := num - floor*int64(from)
		half, up := floor, floor
		if 2*rest >= int64(from) {
			half++
		}
		if rest > 0 {
			up++
		}
		if got := rescale(v, from, to); got != half {
			t.Fatalf("rescale %d, want %d", got, half)
		}
		if got := rescaleUp(v, from, to); got != up {
			t.Fatalf("rescaleUp %d, want %d", got, up)
		}
	})
	if got := fmt.Sprint(cmp.Compare(rescale(-1<<63, 1, 90000), 0), rescale(1<<62, 1, 90000) > 0); got != "-1 true" {
		t.Fatal(got)
	}
}

// tiny writes six pictures and the sound beside them.
func tiny(w *tswriter.Writer, from int64) {
	w.Tables()
	for i := range int64(6) {
		nals := [][]byte{{9, 0xf0}}
		if i == 0 {
			nals = append(nals, tswriter.SPS{Width: 64, Height: 32}.NAL(), tswriter.PPS(0, 0, 0))
		}
		nals = append(nals, tswriter.Slice{IDR: i == 0, Type: tswriter.I, FrameNum: uint32(i), POC: uint32(2 * i), Data: []byte{1, 2, 3}}.NAL())
		at := from + i*3600
		w.PES(256, tswriter.PES{PTS: at, DTS: at, Data: tswriter.AnnexB(false, nals...)})
		sound := append(tswriter.Stereo48([]byte("sound")), tswriter.Stereo48([]byte("more"))...)
		w.PES(257, tswriter.PES{PTS: at, DTS: at, Bounded: true, Data: sound})
	}
}

// FuzzJoin: no bytes of transport packets make the joiner panic or run away.
func FuzzJoin(f *testing.F) {
	f.Add([]byte("text"), uint16(100))
	for _, restart := range []int64{0, 5 * 90000, -1 << 32} {
		w := tswriter.New(tswriter.Stream{PID: 256, Type: tswriter.TypeH264}, tswriter.Stream{PID: 257, Type: tswriter.TypeADTS, StreamID: 0xc0})
		tiny(w, 90000)
		cut := len(w.Bytes())
		tiny(w, 90000+6*3600+restart)
		f.Add(w.Bytes(), uint16(cut))
	}
	f.Fuzz(func(t *testing.T, b []byte, cut uint16) {
		n := min(int(cut), len(b))
		j := New(&film{}, Options{})
		for i, p := range [][]byte{b[:n], b[n:], b} {
			if errors.Join(j.Begin(Boundary{Container: probe.MPEGTS, Join: i == 2}), feed(j, p), j.End()) != nil {
				return
			}
		}
		res, err := j.Finish()
		if err == nil && res.Silent > 64*(len(b)+64) {
			t.Fatalf("%d bytes became %d frames of silence", len(b), res.Silent)
		}
	})
}
