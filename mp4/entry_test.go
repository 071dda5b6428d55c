package mp4_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"recfin/internal/mp4check"
	"recfin/mp4"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

var (
	spsMain = unhex("674d400beca0a0bf280000030008000003019078a14cb0")
	spsHigh = unhex("6764000bacd940a0bff0111000")
	pps     = unhex("68ebe3cb22c0")
)

// withEntry writes one sample with an entry and gives the entry box that the
// independent checker found.
func withEntry(t testing.TB, e mp4.SampleEntry) ([]byte, mp4.Summary) {
	t.Helper()
	var body bytes.Buffer
	m := mp4.NewMovie(&body)
	if _, err := m.AddTrack(mp4.Track{Entry: e, Timescale: 1000}); err != nil {
		t.Fatal(err)
	}
	if err := m.Write(0, &mp4.Sample{Duration: 10, Pieces: [][]byte{{1}}}); err != nil {
		t.Fatal(err)
	}
	j, file := checked(failing{t}, m, &body, 0)
	return file.Tracks[0].Entries[0], j.head.Summary()
}

func TestAVCBox(t *testing.T) {
	const fixed = "00000000 00000001 0000 0000 000000000000000000000000 00a0 005a 00480000 00480000 00000000 0001" +
		"0000000000000000000000000000000000000000000000000000000000000000 0018 ffff"
	for name, c := range map[string]struct {
		entry  mp4.AVC
		codecs string
		want   string // behind the fixed part
	}{
		"main": {mp4.AVC{SPS: [][]byte{spsMain}, PPS: [][]byte{pps}}, "avc1.4d400b",
			"00000030 61766343 01 4d 40 0b ff e1 0017 674d400beca0a0bf280000030008000003019078a14cb0 01 0006 68ebe3cb22c0"},
		"high": {mp4.AVC{SPS: [][]byte{spsHigh}, PPS: [][]byte{pps}, ParWidth: 1, ParHeight: 1}, "avc1.64000b",
			"0000002a 61766343 01 64 00 0b ff e1 000d 6764000bacd940a0bff0111000 01 0006 68ebe3cb22c0 fd f8 f8 00"},
		"two of each, aspect, colour": {mp4.AVC{SPS: [][]byte{spsMain, spsMain[:5]}, PPS: [][]byte{pps, pps[:2]}, ParWidth: 4, ParHeight: 3,
			Colour: &mp4.Colour{Primaries: 9, Transfer: 16, Matrix: 8, FullRange: true}}, "avc1.4d400b",
			"0000003b 61766343 01 4d 40 0b ff e2 0017 674d400beca0a0bf280000030008000003019078a14cb0 0005 674d400bec 02 0006 68ebe3cb22c0 0002 68eb" +
				"00000010 70617370 00000004 00000003 00000013 636f6c72 6e636c78 0009 0010 0008 80"},
	} {
		t.Run(name, func(t *testing.T) {
			c.entry.Width, c.entry.Height = 160, 90
			got, sum := withEntry(t, &c.entry)
			want := append(unhex(fixed), unhex(c.want)...)
			if !bytes.Equal(got[8:], want) {
				t.Errorf("got  %x\nwant %x", got[8:], want)
			}
			if sum.Tracks[0].Codecs != c.codecs || c.entry.Codecs() != c.codecs {
				t.Errorf("codecs are %q and %q, want %q", sum.Tracks[0].Codecs, c.entry.Codecs(), c.codecs)
			}
		})
	}
}

func TestAACBox(t *testing.T) {
	for name, c := range map[string]struct {
		entry  mp4.AAC
		codecs string
		want   string
	}{
		"LC": {mp4.AAC{Config: unhex("1190"), ObjectType: 2, SampleRate: 48000, Channels: 2}, "mp4a.40.2",
			"000000000000 0001 0000000000000000 0002 0010 0000 0000 bb800000" +
				"00000033 65736473 00000000 03 80808022 0000 00 04 80808014 40 15 000000 00000000 00000000 05 80808002 1190 06 80808001 02"},
		"SBR, 96 kHz": {mp4.AAC{Config: unhex("2b010800"), ObjectType: 5, SampleRate: 96000, Channels: 1}, "mp4a.40.5",
			"000000000000 0001 0000000000000000 0001 0010 0000 0000 00000000" +
				"00000035 65736473 00000000 03 80808024 0000 00 04 80808016 40 15 000000 00000000 00000000 05 80808004 2b010800 06 80808001 02"},
	} {
		t.Run(name, func(t *testing.T) {
			got, sum := withEntry(t, &c.entry)
			if want := unhex(c.want); !bytes.Equal(got[8:], want) {
				t.Errorf("got  %x\nwant %x", got[8:], want)
			}
			if sum.Tracks[0].Codecs != c.codecs || c.entry.Codecs() != c.codecs {
				t.Errorf("codecs are %q and %q, want %q", sum.Tracks[0].Codecs, c.entry.Codecs(), c.codecs)
			}
		})
	}
}

// An escaped object type is 32 and six bits more.
func TestAACEscapedObject(t *testing.T) {
	_, sum := withEntry(t, &mp4.AAC{Config: unhex("f94640"), ObjectType: 42, SampleRate: 48000, Channels: 2})
	if sum.Tracks[0].Codecs != "mp4a.40.42" {
		t.Errorf("codecs are %q", sum.Tracks[0].Codecs)
	}
}

func TestEntryErrors(t *testing.T) {
	many := func(s []byte, n int) (out [][]byte) {
		for range n {
			out = append(out, s)
		}
		return out
	}
	sps, one := [][]byte{spsMain}, [][]byte{pps}
	for name, e := range map[string]mp4.SampleEntry{
		"nothing":        &mp4.AVC{},
		"no size":        &mp4.AVC{SPS: sps, PPS: one, Width: 10},
		"too wide":       &mp4.AVC{SPS: sps, PPS: one, Width: 1 << 16, Height: 1},
		"no SPS":         &mp4.AVC{PPS: one, Width: 1, Height: 1},
		"no PPS":         &mp4.AVC{SPS: sps, Width: 1, Height: 1},
		"swapped":        &mp4.AVC{SPS: one, PPS: sps, Width: 1, Height: 1},
		"short SPS":      &mp4.AVC{SPS: [][]byte{spsMain[:3]}, PPS: one, Width: 1, Height: 1},
		"short PPS":      &mp4.AVC{SPS: sps, PPS: [][]byte{pps[:1]}, Width: 1, Height: 1},
		"32 SPS":         &mp4.AVC{SPS: many(spsMain, 32), PPS: one, Width: 1, Height: 1},
		"256 PPS":        &mp4.AVC{SPS: sps, PPS: many(pps, 256), Width: 1, Height: 1},
		"long SPS":       &mp4.AVC{SPS: [][]byte{append(bytes.Clone(spsMain), make([]byte, 1<<16)...)}, PPS: one, Width: 1, Height: 1},
		"cut high SPS":   &mp4.AVC{SPS: [][]byte{spsHigh[:4]}, PPS: one, Width: 1, Height: 1},
		"zeros in SPS":   &mp4.AVC{SPS: [][]byte{append(bytes.Clone(spsHigh[:4]), make([]byte, 20)...)}, PPS: one, Width: 1, Height: 1},
		"no AAC config":  &mp4.AAC{SampleRate: 48000, Channels: 2},
		"huge config":    &mp4.AAC{Config: make([]byte, 5000), SampleRate: 48000, Channels: 2},
		"rate 0":         &mp4.AAC{Config: unhex("1190"), Channels: 2},
		"minus channels": &mp4.AAC{Config: unhex("1190"), SampleRate: 48000, Channels: -1},
	} {
		if box, err := e.Box(); !errors.Is(err, mp4.ErrEntry) {
			t.Errorf("%s: %x, %v", name, box, err)
		}
	}
	// As many as fit are fine.
	withEntry(t, &mp4.AVC{SPS: many(spsMain, 31), PPS: many(pps, 255), Width: 65535, Height: 65535})
}

func FuzzAVCBox(f *testing.F) {
	f.Add(spsMain, pps, 160, 90, 4, 3)
	f.Add(spsHigh, pps, 65535, 65535, 0, 0)
	f.Add(spsHigh[:5], pps, 1, 1, -1, 1<<40)
	f.Add([]byte{0x67, 244, 0, 0, 0, 0, 3, 0, 0, 3, 1}, []byte{0x68, 0}, 1, 1, 1<<31-1, 1)
	f.Fuzz(func(t *testing.T, sps, pps []byte, width, height, parWidth, parHeight int) {
		e := &mp4.AVC{SPS: [][]byte{sps}, PPS: [][]byte{pps}, Width: width, Height: height, ParWidth: parWidth, ParHeight: parHeight}
		if _, err := e.Box(); err != nil {
			if !errors.Is(err, mp4.ErrEntry) {
				t.Fatalf("%v", err)
			}
			return
		}
		if _, sum := withEntry(t, e); sum.Tracks[0].Codecs != e.Codecs() {
			t.Fatalf("codecs are %q and %q", sum.Tracks[0].Codecs, e.Codecs())
		}
	})
}

func FuzzAACBox(f *testing.F) {
	f.Add(unhex("1190"), 48000, 2)
	f.Add(unhex("2b010800"), 96000, 0)
	f.Add(unhex("f94640"), 1, 65535)
	f.Fuzz(func(t *testing.T, config []byte, rate, channels int) {
		e := &mp4.AAC{Config: config, SampleRate: rate, Channels: channels}
		if _, err := e.Box(); err != nil {
			if !errors.Is(err, mp4.ErrEntry) {
				t.Fatalf("%v", err)
			}
			return
		}
		if box, _ := withEntry(t, e); !bytes.Contains(box, config) {
			t.Fatalf("the config is not in %x", box)
		}
	})
}

// The independent checker cuts samples into NAL units, or says why not.
func TestNALUnits(t *testing.T) {
	got, err := mp4check.NALUnits(unhex("00000002 6588 00000001 41"))
	if err != nil || len(got) != 2 || !bytes.Equal(got[0], []byte{0x65, 0x88}) || !bytes.Equal(got[1], []byte{0x41}) {
		t.Errorf("%x, %v", got, err)
	}
	for _, bad := range []string{"000000", "00000002 65", "00000000", "ffffffff 65"} {
		if got, err := mp4check.NALUnits(unhex(bad)); err == nil {
			t.Errorf("%s: %x", bad, got)
		}
	}
}
