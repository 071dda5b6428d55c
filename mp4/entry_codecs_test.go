package mp4_test

import (
	"bytes"
	"errors"
	"testing"

	"recfin/mp4"
)

// Sets of a stream of Main profile that x265 made.
var (
	vps265 = unhex("40010c01ffff01600000030090000003000003001e959409")
	sps265 = unhex("42010101600000030090000003000003001ea0142061f26595952930bc05a02000000300200000030321")
	pps265 = unhex("4401c073c189")
)

func hevc() *mp4.HEVC {
	return &mp4.HEVC{
		VPS: [][]byte{vps265}, SPS: [][]byte{sps265}, PPS: [][]byte{pps265}, Width: 160, Height: 90,
		Profile: [12]byte(unhex("01 60000000 900000000000 1e")), Chroma: 1, LumaDepth: 8, ChromaDepth: 8, TemporalLayers: 1, TemporalNested: true,
	}
}

// The fixed parts behind the type of the box.
const (
	fixedVideo = "00000000 00000001 0000 0000 000000000000000000000000 00a0 005a 00480000 00480000 00000000 0001" +
		"0000000000000000000000000000000000000000000000000000000000000000 0018 ffff"
	fixedSound = "000000000000 0001 0000000000000000 "
)

func TestFurtherBoxes(t *testing.T) {
	noVPS := hevc()
	noVPS.VPS, noVPS.ParWidth, noVPS.ParHeight, noVPS.Colour = nil, 4, 3, &mp4.Colour{Primaries: 1, Transfer: 1, Matrix: 1}
	for name, c := range map[string]struct {
		entry  mp4.SampleEntry
		codecs string
		want   string
	}{
		"HEVC": {hevc(), "hvc1.1.6.L30.90", fixedVideo + "00000076 68766343 01 01 60000000 900000000000 1e f000 fc fd f8 f8 0000 0f 03" +
			"a0 0001 0018 40010c01ffff01600000030090000003000003001e959409" +
			"a1 0001 002a 42010101600000030090000003000003001ea0142061f26595952930bc05a02000000300200000030321" +
			"a2 0001 0006 4401c073c189"},
		"HEVC without VPS": {noVPS, "hvc1.1.6.L30.90", fixedVideo + "00000059 68766343 01 01 60000000 900000000000 1e f000 fc fd f8 f8 0000 0f 02" +
			"a1 0001 002a 42010101600000030090000003000003001ea0142061f26595952930bc05a02000000300200000030321" +
			"a2 0001 0006 4401c073c189" + "00000010 70617370 00000004 00000003 00000013 636f6c72 6e636c78 0001 0001 0001 00"},
		"AV1": {&mp4.AV1{Config: unhex("81 04 0c 00"), Width: 160, Height: 90}, "av01.0.04M.08", fixedVideo + "0000000c 61763143 81 04 0c 00"},
		"AV1, 10 bits, HDR": {&mp4.AV1{Config: unhex("81 08 cc 00"), Width: 160, Height: 90, Colour: &mp4.Colour{Primaries: 9, Transfer: 16, Matrix: 9}},
			"av01.0.08H.10.0.110.09.16.09.0", fixedVideo + "0000000c 61763143 81 08 cc 00 00000013 636f6c72 6e636c78 0009 0010 0009 00"},
		"AV1, grey, 12 bits": {&mp4.AV1{Config: unhex("81 5f 7c 00"), Width: 160, Height: 90}, "av01.2.31M.12.1.110.01.01.01.0", fixedVideo + "0000000c 61763143 81 5f 7c 00"},
		"AV1, not specified": {&mp4.AV1{Config: unhex("81 04 0c 00"), Width: 160, Height: 90, Colour: &mp4.Colour{Primaries: 2, Transfer: 2, Matrix: 2}},
			"av01.0.04M.08", fixedVideo + "0000000c 61763143 81 04 0c 00 00000013 636f6c72 6e636c78 0002 0002 0002 00"},
		"VP9": {&mp4.VP9{Config: unhex("01000000 00 0a 82 02 02 02 0000"), Width: 160, Height: 90}, "vp09.00.10.08",
			fixedVideo + "00000014 76706343 01000000 00 0a 82 02 02 02 0000"},
		"VP9, HDR": {&mp4.VP9{Config: unhex("01000000 02 33 a1 09 10 09 0000"), Width: 160, Height: 90}, "vp09.02.51.10.00.09.16.09.01",
			fixedVideo + "00000014 76706343 01000000 02 33 a1 09 10 09 0000"},
		"AC-3": {&mp4.AC3{Fscod: 0, Bsid: 8, Acmod: 7, LFE: true, BitRateCode: 15, SampleRate: 48000, Channels: 6}, "ac-3",
			fixedSound + "0006 0010 0000 0000 bb800000 0000000b 64616333 103de0"},
		"AC-3, all ones": {&mp4.AC3{Fscod: 2, Bsid: 6, Bsmod: 7, Acmod: 7, LFE: true, BitRateCode: 31, SampleRate: 32000, Channels: 6}, "ac-3",
			fixedSound + "0006 0010 0000 0000 7d000000 0000000b 64616333 8dffe0"},
		"E-AC-3": {&mp4.EAC3{DataRate: 640, Substreams: []mp4.EAC3Substream{{Bsid: 16, Acmod: 7, LFE: true}}, SampleRate: 48000, Channels: 6}, "ec-3",
			fixedSound + "0006 0010 0000 0000 bb800000 0000000d 64656333 1400 200f00"},
		"E-AC-3, 7.1 and a second program": {&mp4.EAC3{DataRate: 8192, Substreams: []mp4.EAC3Substream{
			{Bsid: 16, Acmod: 7, LFE: true, Dependent: 1, ChanLoc: 0x101}, {Fscod: 1, Bsid: 16, Bsmod: 3, Acmod: 2}}, SampleRate: 48000, Channels: 8, Extension: []byte{1, 16}}, "ec-3",
			fixedSound + "0008 0010 0000 0000 bb800000 00000013 64656333 fff9 200f0301 603400 0110"},
		"Opus": {&mp4.Opus{Channels: 2, PreSkip: 312, InputRate: 44100, Gain: -256}, "opus",
			fixedSound + "0002 0010 0000 0000 bb800000 00000013 644f7073 00 02 0138 0000ac44 ff00 00"},
		"Opus, 5.1": {&mp4.Opus{Channels: 6, PreSkip: 312, Mapping: unhex("01 04 02 00 04 01 02 03 05")}, "opus",
			fixedSound + "0006 0010 0000 0000 bb800000 0000001b 644f7073 00 06 0138 00000000 0000 01 04 02 00 04 01 02 03 05"},
		"MP3": {&mp4.MP3{ObjectType: 0x6b, Layer: 3, SampleRate: 44100, Channels: 2, FrameSize: 1152}, "mp4a.6B",
			fixedSound + "0002 0010 0000 0000 ac440000 0000002c 65736473 00000000 03 8080801b 0000 00 04 8080800d 6b 15 000000 00000000 00000000 06 80808001 02"},
		"MPEG-2 layer II": {&mp4.MP3{ObjectType: 0x69, Layer: 2, SampleRate: 24000, Channels: 1, FrameSize: 1152}, "mp4a.69",
			fixedSound + "0001 0010 0000 0000 5dc00000 0000002c 65736473 00000000 03 8080801b 0000 00 04 8080800d 69 15 000000 00000000 00000000 06 80808001 02"},
	} {
		t.Run(name, func(t *testing.T) {
			got, sum := withEntry(t, c.entry)
			if want := unhex(c.want); !bytes.Equal(got[8:], want) {
				t.Errorf("got  %x\nwant %x", got[8:], want)
			}
			if sum.Tracks[0].Codecs != c.codecs || c.entry.Codecs() != c.codecs {
				t.Errorf("codecs are %q and %q, want %q", sum.Tracks[0].Codecs, c.entry.Codecs(), c.codecs)
			}
		})
	}
}

// The examples of ISO/IEC 14496-15 annex E.3, and each part alone.
func TestHEVCCodecs(t *testing.T) {
	for want, profile := range map[string]string{
		"hvc1.1.6.L93.B0":             "01 60000000 b00000000000 5d",
		"hvc1.A4.41.H120.B0.23":       "64 82000000 b02300000000 78",
		"hvc1.2.4.L153.90":            "02 20000000 900000000000 99",
		"hvc1.C31.FFFFFFFF.H255.0.1":  "ff ffffffff 000100000000 ff",
		"hvc1.1.1.L0":                 "01 80000000 000000000000 00",
		"hvc1.4.10.L1.1.2.3.4.5.6":    "04 08000000 010203040506 01",
		"hvc1.B0.80000000.L30.90.0.1": "80 00000001 900001000000 1e",
	} {
		if got := (&mp4.HEVC{Profile: [12]byte(unhex(profile))}).Codecs(); got != want {
			t.Errorf("%s: %q, want %q", profile, got, want)
		}
	}
}

func TestFurtherEntryErrors(t *testing.T) {
	changed := func(f func(*mp4.HEVC)) *mp4.HEVC {
		h := hevc()
		f(h)
		return h
	}
	one := []mp4.EAC3Substream{{Bsid: 16}}
	for name, e := range map[string]mp4.SampleEntry{
		"HEVC of nothing":      &mp4.HEVC{},
		"HEVC without SPS":     changed(func(h *mp4.HEVC) { h.SPS = nil }),
		"HEVC without PPS":     changed(func(h *mp4.HEVC) { h.PPS = nil }),
		"HEVC with swapped":    changed(func(h *mp4.HEVC) { h.SPS, h.PPS = h.PPS, h.SPS }),
		"HEVC with short set":  changed(func(h *mp4.HEVC) { h.VPS = [][]byte{vps265[:2]} }),
		"HEVC with long set":   changed(func(h *mp4.HEVC) { h.VPS = [][]byte{append(bytes.Clone(vps265), make([]byte, 1<<16)...)} }),
		"HEVC with many sets":  changed(func(h *mp4.HEVC) { h.PPS = make([][]byte, 1<<16) }),
		"HEVC of 7 bits":       changed(func(h *mp4.HEVC) { h.LumaDepth = 7 }),
		"HEVC of 16 bits":      changed(func(h *mp4.HEVC) { h.ChromaDepth = 16 }),
		"HEVC of chroma 4":     changed(func(h *mp4.HEVC) { h.Chroma = 4 }),
		"HEVC of 8 layers":     changed(func(h *mp4.HEVC) { h.TemporalLayers = 8 }),
		"HEVC too high":        changed(func(h *mp4.HEVC) { h.Height = 1 << 16 }),
		"HEVC of wide aspect":  changed(func(h *mp4.HEVC) { h.ParWidth, h.ParHeight = 1<<31, 1 }),
		"AV1 of nothing":       &mp4.AV1{Width: 1, Height: 1},
		"AV1 of version 2":     &mp4.AV1{Config: unhex("82040c00"), Width: 1, Height: 1},
		"AV1 of profile 3":     &mp4.AV1{Config: unhex("81640c00"), Width: 1, Height: 1},
		"AV1 with long config": &mp4.AV1{Config: append(unhex("81040c00"), make([]byte, 1<<17)...), Width: 1, Height: 1},
		"AV1 without size":     &mp4.AV1{Config: unhex("81040c00")},
		"VP9 of nothing":       &mp4.VP9{Width: 1, Height: 1},
		"VP9 of version 0":     &mp4.VP9{Config: unhex("00000000000a820202020000"), Width: 1, Height: 1},
		"VP9 of profile 4":     &mp4.VP9{Config: unhex("01000000040a820202020000"), Width: 1, Height: 1},
		"VP9 with data":        &mp4.VP9{Config: unhex("01000000000a82020202000101"), Width: 1, Height: 1},
		"AC-3 of rate 0":       &mp4.AC3{Bsid: 8},
		"AC-3 of fscod 3":      &mp4.AC3{Fscod: 3, SampleRate: 48000},
		"AC-3 of bsid 32":      &mp4.AC3{Bsid: 32, SampleRate: 48000},
		"AC-3 of bsmod 8":      &mp4.AC3{Bsmod: 8, SampleRate: 48000},
		"AC-3 of acmod 8":      &mp4.AC3{Acmod: 8, SampleRate: 48000},
		"AC-3 of rate code 32": &mp4.AC3{BitRateCode: 32, SampleRate: 48000},
		"E-AC-3 of nothing":    &mp4.EAC3{SampleRate: 48000},
		"E-AC-3 of nine":       &mp4.EAC3{SampleRate: 48000, Substreams: make([]mp4.EAC3Substream, 9)},
		"E-AC-3 of rate -1":    &mp4.EAC3{SampleRate: 48000, Substreams: one, DataRate: -1},
		"E-AC-3 of rate 0":     &mp4.EAC3{Substreams: one},
		"E-AC-3, chan_loc":     &mp4.EAC3{SampleRate: 48000, Substreams: []mp4.EAC3Substream{{ChanLoc: 512}}},
		"E-AC-3, dependent":    &mp4.EAC3{SampleRate: 48000, Substreams: []mp4.EAC3Substream{{Dependent: 16}}},
		"E-AC-3, acmod":        &mp4.EAC3{SampleRate: 48000, Substreams: []mp4.EAC3Substream{{Acmod: 8}}},
		"E-AC-3, extension":    &mp4.EAC3{SampleRate: 48000, Substreams: one, Extension: make([]byte, 2000)},
		"Opus of 0 channels":   &mp4.Opus{},
		"Opus of 3 channels":   &mp4.Opus{Channels: 3},
		"Opus of 256":          &mp4.Opus{Channels: 256, Mapping: make([]byte, 259)},
		"Opus, long pre-skip":  &mp4.Opus{Channels: 1, PreSkip: 1 << 16},
		"Opus, minus pre-skip": &mp4.Opus{Channels: 1, PreSkip: -1},
		"Opus, minus rate":     &mp4.Opus{Channels: 1, InputRate: -1},
		"Opus, family 0":       &mp4.Opus{Channels: 1, Mapping: []byte{0, 1}},
		"Opus, cut mapping":    &mp4.Opus{Channels: 2, Mapping: []byte{1, 1, 1, 0}},
		"Opus, no stream":      &mp4.Opus{Channels: 1, Mapping: []byte{1, 0, 0, 0}},
		"Opus, coupled":        &mp4.Opus{Channels: 1, Mapping: []byte{1, 1, 2, 0}},
		"Opus, not there":      &mp4.Opus{Channels: 1, Mapping: []byte{1, 1, 1, 2}},
		"MP3 of AAC":           &mp4.MP3{ObjectType: 0x40, Layer: 3, SampleRate: 48000, Channels: 2},
		"MP3 of layer 0":       &mp4.MP3{ObjectType: 0x6b, SampleRate: 48000, Channels: 2},
		"MP3 of layer 4":       &mp4.MP3{ObjectType: 0x6b, Layer: 4, SampleRate: 48000, Channels: 2},
		"MP3 of rate 0":        &mp4.MP3{ObjectType: 0x6b, Layer: 3, Channels: 2},
	} {
		if box, err := e.Box(); !errors.Is(err, mp4.ErrEntry) {
			t.Errorf("%s: %x, %v", name, box, err)
		}
	}
	for _, e := range []mp4.SampleEntry{&mp4.ForeignVideo{Name: "mpeg2video"}, &mp4.ForeignAudio{Name: "dts"}} {
		if _, err := e.Box(); !errors.Is(err, mp4.ErrCodec) {
			t.Errorf("%s: %v", e.Codec(), err)
		}
	}
}

// Whatever a demuxer makes of a stream, an entry is refused as ErrEntry or is
// one that both readers take, with the same CODECS value.
func FuzzEntries(f *testing.F) {
	f.Add(byte(0), sps265, 160, uint64(0x0160000000900000), uint32(0x11111111))
	f.Add(byte(1), unhex("81040c00"), 160, uint64(9), uint32(1))
	f.Add(byte(2), unhex("01000000000a820202020000"), 160, uint64(0), uint32(0))
	f.Add(byte(3), []byte{}, 48000, uint64(0x08070115), uint32(6))
	f.Add(byte(4), []byte{1, 16}, 48000, uint64(0x1007010101), uint32(6))
	f.Add(byte(5), unhex("010402000401020305"), 48000, uint64(312), uint32(6))
	f.Add(byte(6), []byte{}, 44100, uint64(0x6b03), uint32(2))
	f.Fuzz(func(t *testing.T, kind byte, p []byte, n int, bits uint64, m uint32) {
		at := func(i int) uint8 { return uint8(bits >> (8 * i)) }
		var e mp4.SampleEntry
		switch kind % 7 {
		case 0:
			h := hevc()
			h.Width, h.Height, h.PPS = n, int(m), append(h.PPS, p)
			h.Chroma, h.LumaDepth, h.ChromaDepth = int(at(0)), int(at(1)), int(at(2))
			e = h
		case 1:
			e = &mp4.AV1{Config: p, Width: n, Height: n, Colour: &mp4.Colour{Primaries: uint16(at(0)), Transfer: uint16(at(1)), Matrix: uint16(at(2)), FullRange: at(3) > 0}}
		case 2:
			e = &mp4.VP9{Config: p, Width: n, Height: n}
		case 3:
			e = &mp4.AC3{Fscod: at(4), Bsid: at(3), Acmod: at(2), LFE: at(1) > 0, BitRateCode: at(0), SampleRate: n, Channels: int(m)}
		case 4:
			e = &mp4.EAC3{DataRate: int(m), SampleRate: n, Channels: int(m), Extension: p,
				Substreams: []mp4.EAC3Substream{{Fscod: at(5), Bsid: at(4), Acmod: at(3), LFE: at(2) > 0, Dependent: at(1), ChanLoc: uint16(at(0))}}}
		case 5:
			e = &mp4.Opus{Channels: int(m), PreSkip: int(int32(bits)), InputRate: n, Gain: int16(bits >> 32), Mapping: p}
		case 6:
			e = &mp4.MP3{ObjectType: at(1), Layer: int(at(0)), SampleRate: n, Channels: int(m)}
		}
		var body bytes.Buffer
		movie := mp4.NewMovie(&body)
		if _, err := movie.AddTrack(mp4.Track{Entry: e, Timescale: 48000}); err != nil {
			if !errors.Is(err, mp4.ErrEntry) {
				t.Fatalf("%v", err)
			}
			return
		}
		if err := movie.Write(0, &mp4.Sample{Duration: 960, Pieces: [][]byte{{1}}}); err != nil {
			t.Fatal(err)
		}
		head, err := movie.Finish(0)
		if err != nil {
			t.Fatal(err)
		}
		j := join(head, body.Bytes())
		sum, err := mp4.ReadHead(j, j.size)
		if err != nil || !sum.Equal(head.Summary()) || sum.Tracks[0].Codecs != e.Codecs() {
			t.Fatalf("%+v, %v, entry says %q", sum, err, e.Codecs())
		}
	})
}
