package fmp4

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// Parameter sets that x265 made for 320x192.
var (
	vps265 = unhex("40010c01ffff01600000030090000003000003003c959409")
	sps265 = unhex("42010101600000030090000003000003003ca00a080c16595952930bc05a020000030002000003003210")
	pps265 = unhex("4401c073c189")
)

// slice265 is a slice segment of a type, which starts a picture, with PPS 0.
func slice265(typ byte, kind byte, n int) []byte {
	b := []byte{typ << 1, 1}
	irap := typ >= 16 && typ <= 23
	switch { // first_slice_segment_in_pic_flag, no_output_of_prior_pics_flag, PPS 0, slice_type
	case irap: // an I slice
		b = append(b, 0xac)
	case kind == 2:
		b = append(b, 0b1_1_011_000) // I
	default:
		b = append(b, 0b1_1_010_000) // P
	}
	return append(b, 0x80, byte(n), 0x55)
}

// hvcC holds one array a set.
func hvcC(size int, sets ...[]byte) []byte {
	b := append([]byte{1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 60, 0xf0, 0, 0xfc, 0xfd, 0xf8, 0xf8, 0, 0}, 0xc|byte(size-1), byte(len(sets)))
	for _, s := range sets {
		b = append(b, 0x80|s[0]>>1, 0, 1, byte(len(s)>>8), byte(len(s)))
		b = append(b, s...)
	}
	return atom("hvcC", b)
}

// quickTime is a sound entry of version 1 or 2.
func quickTime(version byte, typ string, rate, channels int, parts ...[]byte) []byte {
	b := make([]byte, soundFixed)
	b[9] = version
	switch version {
	case 1:
		binary.BigEndian.PutUint16(b[16:], uint16(channels))
		binary.BigEndian.PutUint16(b[24:], uint16(rate))
		b = append(b, u32(1024, 0, 0, 2)...)
	case 2:
		binary.BigEndian.PutUint16(b[16:], 3)
		binary.BigEndian.PutUint32(b[24:], 1<<16)
		b = append(b, u32(72)...)
		b = append(b, u64(math.Float64bits(float64(rate)))...)
		b = append(b, u32(uint32(channels), 0x7f000000, 16, 0, 0, 1024)...)
	}
	return atom(typ, append([][]byte{b}, parts...)...)
}

var (
	hvc1     = visual("hvc1", 320, 192, hvcC(4, vps265, sps265, pps265))
	av01     = visual("av01", 320, 192, atom("av1C", unhex("81000c000a0b000000043cfefcdaf90040")))
	vp09     = visual("vp09", 320, 192, atom("vpcC", unhex("01000000000b820202020000")))
	opusBox  = soundEntry("Opus", 48000, 1, atom("dOps", unhex("000101380000bb80000000")))
	opus51   = atom("dOps", unhex("0006 0138 0000bb80 0000 01 04 02 000401020305"))
	ac3Box   = soundEntry("ac-3", 48000, 6, atom("dac3", unhex("103de0")))
	eac3Box  = soundEntry("ec-3", 48000, 6, atom("dec3", unhex("0e00200f00")))
	pasp43   = atom("pasp", u32(4, 3))
	colrNclx = atom("colr", []byte("nclx"), unhex("0009 0010 0009 80"))
)

// codecCases are sample entries and what the track is described as.
var codecCases = []struct {
	name  string
	entry []byte
	want  mp4.SampleEntry
}{
	{"avc1", avc1, &mp4.AVC{SPS: [][]byte{sps}, PPS: [][]byte{pps}, Width: 320, Height: 192}},
	{"avc3 with sets", visual("avc3", 320, 192, avcC(4, sps, pps)), &mp4.AVC{SPS: [][]byte{sps}, PPS: [][]byte{pps}, Width: 320, Height: 192}},
	{"avc1, sets that cannot be read", visual("avc1", 320, 192, avcC(4, []byte{0x67, 77, 0, 30}, pps)),
		&mp4.ForeignVideo{Name: "h264", Type: "avc1.4d001e", Width: 320, Height: 192, Why: "its avcC box is missing or cannot be used"}},
	{"avc1 without avcC", visual("avc1", 320, 192), &mp4.ForeignVideo{Name: "h264", Type: "avc1", Width: 320, Height: 192, Why: "its avcC box is missing or cannot be used"}},
	{"hvc1", hvc1, x265()},
	{"hev1", visual("hev1", 320, 192, hvcC(4, vps265, sps265, pps265)), x265()},
	{"Dolby Vision", visual("dvh1", 320, 192, atom("dvcC", make([]byte, 24)), hvcC(4, vps265, sps265, pps265)), x265()},
	{"hvc1 with a message in hvcC", visual("hvc1", 320, 192, hvcC(4, vps265, sps265, pps265, unhex("4e01051a"))), x265()},
	{"hvc1 without VPS", visual("hvc1", 320, 192, hvcC(4, sps265, pps265)), func() mp4.SampleEntry { e := x265(); e.VPS = nil; return e }()},
	{"hvc1 with aspect and colours", visual("hvc1", 320, 192, hvcC(4, vps265, sps265, pps265), pasp43, atom("colr", []byte("prof1234567")), colrNclx),
		func() mp4.SampleEntry {
			e := x265()
			e.ParWidth, e.ParHeight = 4, 3
			e.Colour = &mp4.Colour{Primaries: 9, Transfer: 16, Matrix: 9, FullRange: true}
			return e
		}()},
	{"hvc1 without hvcC", visual("hvc1", 320, 192), &mp4.ForeignVideo{Name: "hevc", Type: "hvc1", Width: 320, Height: 192, Why: "its hvcC box is missing or cannot be used"}},
	{"hvcC cut", visual("hvc1", 320, 192, atom("hvcC", hvcC(4, vps265, sps265, pps265)[8:100])), &mp4.ForeignVideo{Name: "hevc", Type: "hvc1", Width: 320, Height: 192, Why: "its hvcC box is missing or cannot be used"}},
	{"hvcC without PPS", visual("hvc1", 320, 192, hvcC(4, vps265, sps265)), &mp4.ForeignVideo{Name: "hevc", Type: "hvc1", Width: 320, Height: 192, Why: "its hvcC box is missing or cannot be used"}},
	{"dvh1 without hvcC", visual("dvh1", 320, 192), &mp4.ForeignVideo{Name: "hevc", Type: "dvh1", Width: 320, Height: 192, Why: "its hvcC box is missing or cannot be used"}},
	{"av01", av01, &mp4.AV1{Config: unhex("81000c000a0b000000043cfefcdaf90040"), Width: 320, Height: 192}},
	{"av01 with aspect and QuickTime colours", visual("av01", 320, 192, atom("av1C", unhex("81000c00")), pasp43, atom("colr", []byte("nclc"), unhex("000100010001"))),
		&mp4.AV1{Config: unhex("81000c00"), Width: 320, Height: 192, ParWidth: 4, ParHeight: 3, Colour: &mp4.Colour{Primaries: 1, Transfer: 1, Matrix: 1}}},
	{"av01 without av1C", visual("av01", 320, 192), &mp4.ForeignVideo{Name: "av1", Type: "av01", Width: 320, Height: 192, Why: "its av1C box is missing or cannot be used"}},
	{"vp09", vp09, &mp4.VP9{Config: unhex("01000000000b820202020000"), Width: 320, Height: 192}},
	{"vp08", visual("vp08", 320, 192, atom("vpcC", unhex("01000000000b820202020000"))), &mp4.ForeignVideo{Name: "vp8", Type: "vp08.00.11.08", Width: 320, Height: 192}},
	{"vp09 without vpcC", visual("vp09", 320, 192), &mp4.ForeignVideo{Name: "vp9", Type: "vp09", Width: 320, Height: 192, Why: "its vpcC box is missing or cannot be used"}},
	{"what nobody knows", visual("x\xffy\"", 320, 192), &mp4.ForeignVideo{Name: "x_y_", Type: "x_y_", Width: 320, Height: 192}},

	{"AAC", aac, aacLC()},
	{"AAC, an MPEG-2 object", soundEntry("mp4a", 48000, 2, esds(0x67, []byte{0x11, 0x90})), aacLC()},
	{"AAC in wave", soundEntry("mp4a", 48000, 2, atom("wave", esds(objectMPEG4, []byte{0x11, 0x90}))), aacLC()},
	{"AAC of QuickTime 1", quickTime(1, "mp4a", 48000, 2, atom("wave", atom("frma", []byte("mp4a")), atom("mp4a", u32(0)), esds(objectMPEG4, []byte{0x11, 0x90}))), aacLC()},
	{"AAC of QuickTime 1 without wave", quickTime(1, "mp4a", 48000, 2, esds(objectMPEG4, []byte{0x11, 0x90})), aacLC()},
	{"AAC of QuickTime 2", quickTime(2, "mp4a", 96000, 2, atom("wave", esds(objectMPEG4, []byte{0x11, 0x90}))), aacLC()},
	{"AAC without its configuration", soundEntry("mp4a", 48000, 2, esds(objectMPEG4, nil)), &mp4.ForeignAudio{Name: "aac", Type: "mp4a.40", SampleRate: 48000, Channels: 2, Why: "its AudioSpecificConfig is missing"}},
	{"AAC of another kind", soundEntry("mp4a", 48000, 2, esds(objectMPEG4, []byte{0xf9, 0x46, 0x40})), &mp4.ForeignAudio{Name: "aac", Type: "mp4a.40.42", SampleRate: 48000, Channels: 2, Why: "audio object type 42: kind of MPEG-4 audio is not supported"}},
	{"mp4a without esds", soundEntry("mp4a", 48000, 2), &mp4.ForeignAudio{Name: "mp4a", Type: "mp4a", SampleRate: 48000, Channels: 2}},
	{"DTS in mp4a", soundEntry("mp4a", 48000, 6, esds(0xa9, nil)), &mp4.ForeignAudio{Name: "mp4a", Type: "mp4a.a9", SampleRate: 48000, Channels: 6}},
	{"AAC with a program config element", soundEntry("mp4a", 48000, 4, esds(objectMPEG4, unhex("118004c4040021100d4c61766335392e33372e31303056e500"))),
		&mp4.AAC{Config: unhex("118004c4040021100d4c61766335392e33372e31303056e500"), ObjectType: 2, SampleRate: 48000, Channels: 4, FrameSize: 1024}},
	{"MP3", soundEntry("mp4a", 44100, 2, esds(objectMP3, nil)), &mp4.MP3{ObjectType: objectMP3, Layer: 3, SampleRate: 44100, Channels: 2, FrameSize: 1152}},
	{"MP3 of a lower rate", soundEntry("mp4a", 24000, 1, esds(objectMP3, nil)), &mp4.MP3{ObjectType: objectMP3L, Layer: 3, SampleRate: 24000, Channels: 1, FrameSize: 576}},
	{"MP3 of QuickTime", quickTime(1, ".mp3", 44100, 2), &mp4.MP3{ObjectType: objectMP3, Layer: 3, SampleRate: 44100, Channels: 2, FrameSize: 1152}},
	{"AC-3", ac3Box, &mp4.AC3{Bsid: 8, Acmod: 7, LFE: true, BitRateCode: 15, SampleRate: 48000, Channels: 6}},
	{"AC-3 of QuickTime", quickTime(1, "ac-3", 48000, 1, atom("wave", atom("frma", []byte("ac-3")), atom("dac3", unhex("1008c0")))),
		&mp4.AC3{Bsid: 8, Acmod: 1, BitRateCode: 6, SampleRate: 48000, Channels: 1}},
	{"AC-3 with a rate that there is not", soundEntry("ac-3", 48000, 6, atom("dac3", unhex("d03de0"))), &mp4.ForeignAudio{Name: "ac3", Type: "ac-3", SampleRate: 48000, Channels: 6, Why: "its dac3 box is missing or cannot be used"}},
	{"AC-3 without dac3", soundEntry("ac-3", 44100, 2), &mp4.ForeignAudio{Name: "ac3", Type: "ac-3", SampleRate: 44100, Channels: 2, Why: "its dac3 box is missing or cannot be used"}},
	{"E-AC-3", eac3Box, &mp4.EAC3{DataRate: 448, Substreams: []mp4.EAC3Substream{{Bsid: 16, Acmod: 7, LFE: true}}, SampleRate: 48000, Channels: 6}},
	{"E-AC-3 with 7.1 channels and objects", soundEntry("ec-3", 48000, 6, atom("dec3", unhex("3000 200f0202 0110"))),
		&mp4.EAC3{DataRate: 1536, Substreams: []mp4.EAC3Substream{{Bsid: 16, Acmod: 7, LFE: true, Dependent: 1, ChanLoc: 2}},
			Extension: []byte{1, 16}, SampleRate: 48000, Channels: 8}},
	{"dec3 cut", soundEntry("ec-3", 48000, 6, atom("dec3", unhex("0e0020"))), &mp4.ForeignAudio{Name: "eac3", Type: "ec-3", SampleRate: 48000, Channels: 6, Why: "its dec3 box is missing or cannot be used"}},
	{"Opus", opusBox, &mp4.Opus{Channels: 1, PreSkip: 312, InputRate: 48000}},
	{"Opus of 5.1", soundEntry("Opus", 48000, 6, opus51), &mp4.Opus{Channels: 6, PreSkip: 312, InputRate: 48000, Mapping: unhex("010402000401020305")}},
	{"Opus of another version", soundEntry("Opus", 48000, 2, atom("dOps", unhex("010101380000bb80000000"))), &mp4.ForeignAudio{Name: "opus", Type: "opus", SampleRate: 48000, Channels: 2, Why: "its dOps box is missing or cannot be used"}},
	{"Opus without dOps", soundEntry("Opus", 48000, 2), &mp4.ForeignAudio{Name: "opus", Type: "opus", SampleRate: 48000, Channels: 2, Why: "its dOps box is missing or cannot be used"}},
	{"FLAC", soundEntry("fLaC", 48000, 2, full("dfLa", 0, 0, make([]byte, 38))), &mp4.ForeignAudio{Name: "flac", Type: "fLaC", SampleRate: 48000, Channels: 2}},
	{"ALAC", soundEntry("alac", 48000, 2), &mp4.ForeignAudio{Name: "alac", Type: "alac", SampleRate: 48000, Channels: 2}},
	{"QuickTime 2 of another codec", quickTime(2, "lpcm", 96000, 8), &mp4.ForeignAudio{Name: "lpcm", Type: "lpcm", SampleRate: 96000, Channels: 8}},
}

func x265() *mp4.HEVC {
	e := &mp4.HEVC{
		VPS: [][]byte{vps265}, SPS: [][]byte{sps265}, PPS: [][]byte{pps265}, Width: 320, Height: 192,
		Chroma: 1, LumaDepth: 8, ChromaDepth: 8, TemporalLayers: 1, TemporalNested: true,
		ParWidth: 1, ParHeight: 1,
	}
	copy(e.Profile[:], unhex("01600000009000000000003c"))
	return e
}

func aacLC() *mp4.AAC {
	return &mp4.AAC{Config: []byte{0x11, 0x90}, ObjectType: 2, SampleRate: 48000, Channels: 2, FrameSize: 1024}
}

func TestCodecs(t *testing.T) {
	for _, c := range codecCases {
		t.Run(c.name, func(t *testing.T) {
			tb := trackBox{id: 1, handler: "vide", scale: 90000, entry: c.entry}
			if c.want.Kind() == mp4.Audio {
				tb.handler = "soun"
			}
			sample := idr(0)
			if c.want.Codec() == "hevc" {
				sample = slice265(19, 2, 0)
			}
			init := moov(tb.box(), mvex(trex(1, 0, 0, 0)))
			for _, opt := range []Options{{}, {Bare: true}, {Partial: true, Bare: true}} {
				opt.Init = init
				r, stats, err := demux(t, opt, one(0, 0, sample))
				if err != nil || len(r.samples) != 1 || stats.BadBoxes != 0 {
					t.Fatalf("%d samples, %+v: %v", len(r.samples), stats, err)
				}
				if e := r.tracks[1].Entry; !reflect.DeepEqual(e, c.want) {
					t.Errorf("%T %+v\nwant %+v", e, e, c.want)
				}
			}
			switch c.want.(type) {
			case *mp4.ForeignVideo, *mp4.ForeignAudio:
				if _, err := c.want.Box(); !errors.Is(err, mp4.ErrCodec) {
					t.Error(err)
				}
			default:
				if _, err := c.want.Box(); err != nil && c.name != "hvc1 without VPS" {
					t.Error(err)
				}
			}
		})
	}
}

// NAL units of H.265 say what kind of access point a picture is; what stands
// between pictures is dropped; lengths become four bytes wide.
func TestPictures265(t *testing.T) {
	aud, eos, eob, filler := []byte{70, 1, 0x50}, []byte{72, 1}, []byte{74, 1}, []byte{76, 1, 0xff, 0x80}
	recovery := unhex("4e01 06 01 84 80")   // recovery_poc_cnt 0, exact match
	other := []byte{2 << 1, 1<<3 | 1, 0x80} // of another layer
	pictures := []struct {
		nals, kept [][]byte
		access     mp4.Access
		inBand     bool
	}{
		{nals: [][]byte{aud, slice265(19, 2, 0), filler}, kept: [][]byte{slice265(19, 2, 0)}, access: mp4.Sync},
		{nals: [][]byte{aud, slice265(1, 1, 1)}, kept: [][]byte{slice265(1, 1, 1)}},
		{nals: [][]byte{recovery, slice265(1, 1, 2)}, access: mp4.Recovery},
		{nals: [][]byte{slice265(1, 2, 3)}, access: mp4.Intra},
		{nals: [][]byte{slice265(1, 2, 3), slice265(1, 1, 3)}},
		{nals: [][]byte{vps265, sps265, pps265, slice265(21, 2, 4), eos, eob}, kept: [][]byte{vps265, sps265, pps265, slice265(21, 2, 4)}, access: mp4.OpenSync, inBand: true},
		{nals: [][]byte{sps265, pps265, slice265(20, 2, 5)}, access: mp4.Sync},
		{nals: [][]byte{slice265(8, 1, 6)}}, // RASL
		{nals: [][]byte{slice265(16, 2, 7)}, access: mp4.OpenSync},
		{nals: [][]byte{slice265(18, 2, 8)}, access: mp4.OpenSync},
		{nals: [][]byte{slice265(1, 1, 9), other, {80}}}, // cut to one byte
	}
	for size := 1; size <= 4; size++ {
		for _, sets := range []bool{true, false} {
			entry := visual("hvc1", 320, 192, hvcC(size, vps265, sps265, pps265))
			if !sets {
				entry = visual("hev1", 320, 192, hvcC(size))
			}
			init := moov(trackBox{id: 1, handler: "vide", scale: 90000, entry: entry}.box(), mvex(trex(1, 0, 0, 0)))
			tr, want := traf{id: 1, style: plain, runs: [][]smp{nil}}, []got(nil)
			for i, p := range pictures {
				if p.kept == nil {
					p.kept = p.nals
				}
				tr.runs[0] = append(tr.runs[0], smp{dur: 3600, sync: i%2 == 0, data: lengths(size, p.nals...)})
				if sets || len(want) > 0 || p.inBand {
					at := int64(i) * 3600
					want = append(want, got{id: 1, pts: at, dts: at, duration: 3600, access: p.access, inBand: p.inBand, payload: string(lengths(4, p.kept...))})
				}
			}
			r, stats, err := demux(t, Options{Init: init}, moofBox(0, tr))
			if err != nil || stats.Damaged != 0 || stats.NoParameters != int64(len(pictures)-len(want)) || !reflect.DeepEqual(r.samples, want) {
				t.Errorf("lengths of %d bytes, sets %v: %+v %v\n%+v\nwant\n%+v", size, sets, stats, err, r.samples, want)
			}
			if e, ok := r.tracks[1].Entry.(*mp4.HEVC); !ok || !reflect.DeepEqual(e, x265()) {
				t.Errorf("%+v", r.tracks[1].Entry)
			}
		}
	}
}

// A stream without video parameter sets needs none in front of a picture.
func TestWithoutVPS(t *testing.T) {
	init := moov(trackBox{id: 1, handler: "vide", scale: 90000, entry: visual("hev1", 320, 192, hvcC(4))}.box(), mvex(trex(1, 0, 0, 0)))
	r, _, err := demux(t, Options{Init: init}, one(0, 0, sps265, pps265, slice265(19, 2, 0)))
	if err != nil || len(r.samples) != 1 || !r.samples[0].inBand {
		t.Errorf("%+v: %v", r.samples, err)
	}
}

// Key frames of AV1 and VP9 are known by their headers, whatever the container
// says; where there is nothing to read, its word holds.
func TestKeyFrames(t *testing.T) {
	sequence := unhex("0a0b000000043cfefcdaf90040")
	for _, c := range []struct {
		name  string
		entry []byte
		data  []byte
		sync  bool
		want  mp4.Access
	}{
		{"AV1 key frame", av01, append(bytes.Clone(sequence), 0x32, 2, 0x10, 0), false, mp4.Sync},
		{"AV1 key frame in a frame header", av01, append(bytes.Clone(sequence), 0x1a, 2, 0x10, 0), false, mp4.Sync},
		{"AV1 inter frame", av01, []byte{0x32, 2, 0x30, 0}, true, mp4.NotAccess},
		{"AV1 intra-only frame", av01, []byte{0x32, 2, 0x50, 0}, true, mp4.NotAccess},
		{"AV1 key frame for later", av01, append(bytes.Clone(sequence), 0x32, 2, 0x00, 0), true, mp4.NotAccess},
		{"AV1 frame shown again", av01, []byte{0x1a, 1, 0x90}, true, mp4.NotAccess},
		{"AV1 still picture", av01, append(unhex("0a0418000000"), 0x32, 1, 0x7f), false, mp4.Sync},
		{"AV1 without size", av01, []byte{0x12, 0, 0x30, 0x10, 5}, false, mp4.Sync},
		{"AV1 with extension", av01, []byte{0x36, 0x08, 2, 0x30, 0}, true, mp4.NotAccess},
		{"AV1 unreadable, sync", av01, []byte{0x0a, 0xff}, true, mp4.Sync},
		{"AV1 unreadable, no sync", av01, []byte{0x0a, 0xff}, false, mp4.NotAccess},
		{"VP9 key frame", vp09, unhex("82498342"), false, mp4.Sync},
		{"VP9 inter frame", vp09, unhex("86000000"), true, mp4.NotAccess},
		{"VP9 frame shown again", vp09, unhex("88"), true, mp4.NotAccess},
		{"VP9 profile 3", vp09, unhex("b0498342"), false, mp4.Sync},
		{"VP9 of reserved profile", vp09, unhex("b8498342"), false, mp4.NotAccess},
		{"no VP9", vp09, unhex("00112233"), true, mp4.Sync},
	} {
		init := moov(trackBox{id: 1, handler: "vide", scale: 90000, entry: c.entry}.box(), mvex(trex(1, 0, 0, 0)))
		b := moofBox(0, traf{id: 1, style: plain, runs: [][]smp{{{dur: 1, sync: c.sync, data: c.data}}}})
		r, _, err := demux(t, Options{Init: init}, b)
		if err != nil || len(r.samples) != 1 || r.samples[0].access != c.want || r.samples[0].payload != string(c.data) {
			t.Errorf("%s: %+v, %v", c.name, r.samples, err)
		}
	}
}

// Packets of Opus say how long they last.
func TestOpusDurations(t *testing.T) {
	for _, c := range []struct {
		packet string
		told   uint32
		scale  uint32
		want   int64
	}{
		{"fc", 960, 48000, 960},     // CELT, 20 ms
		{"fd", 3000, 48000, 1920},   // two frames of 20 ms
		{"fc", 400, 48000, 400},     // the end is cut
		{"fc", 0, 48000, 960},       // the container does not say
		{"fc", 2000, 48000, 960},    // a gap follows
		{"fc", 21, 1000, 20},        // a rounded time
		{"fc", 1801, 90000, 1800},   // likewise
		{"e0", 225, 90000, 225},     // 2.5 ms
		{"18", 2880, 48000, 2880},   // SILK, 60 ms
		{"68", 960, 48000, 960},     // hybrid, 20 ms
		{"ff06", 6000, 48000, 5760}, // six frames of 20 ms
		{"ff07", 960, 48000, 960},   // more than 120 ms: no packet
		{"ff", 960, 48000, 960},
		{"e4", 1, 100, 1}, // less than half a tick
	} {
		init := moov(trackBox{id: 1, handler: "soun", scale: c.scale, entry: opusBox}.box(), mvex(trex(1, 0, 0, 0)))
		b := moofBox(0, traf{id: 1, style: plain, runs: [][]smp{{{dur: c.told, data: unhex(c.packet)}}}})
		r, _, err := demux(t, Options{Init: init}, b)
		if err != nil || len(r.samples) != 1 || r.samples[0].duration != c.want {
			t.Errorf("%+v: %+v, %v", c, r.samples, err)
		}
	}
}

// matrix is what tkhd says of how pictures are turned.
func matrix(a, b, c, d int32) []byte {
	return u32(uint32(a), uint32(b), 0, uint32(c), uint32(d), 0, 0, 0, 1<<30)
}

func TestRotation(t *testing.T) {
	const one = 1 << 16
	for _, c := range []struct {
		name     string
		matrix   []byte
		want     int
		matrices int64
	}{
		{"none", matrix(one, 0, 0, one), 0, 0}, {"zeros", matrix(0, 0, 0, 0), 0, 0}, {"90", matrix(0, one, -one, 0), 90, 0},
		{"180", matrix(-one, 0, 0, -one), 180, 0}, {"270", matrix(0, -one, one, 0), 270, 0},
		{"mirrored", matrix(-one, 0, 0, one), 0, 1}, {"twice as wide", matrix(2*one, 0, 0, one), 0, 1},
	} {
		for _, long := range []bool{false, true} {
			tb := video90
			tb.matrix, tb.long = c.matrix, long
			r, stats, err := demux(t, Options{Init: moov(tb.box(), mvex(trex(1, 0, 0, 0)))}, lonePicture())
			if err != nil || r.tracks[1].Rotation != c.want || stats.Matrices != c.matrices {
				t.Errorf("%s: %d, %+v: %v", c.name, r.tracks[1].Rotation, stats, err)
			}
		}
	}
}

// The first frame of MPEG audio describes the track.
func TestMPEGAudioFrames(t *testing.T) {
	for _, c := range []struct {
		frame string
		want  mp4.MP3
	}{
		{"fffb9000", mp4.MP3{ObjectType: objectMP3, Layer: 3, SampleRate: 44100, Channels: 2, FrameSize: 1152}},
		{"fffd94c0", mp4.MP3{ObjectType: objectMP3, Layer: 2, SampleRate: 48000, Channels: 1, FrameSize: 1152}},
		{"fff39400", mp4.MP3{ObjectType: objectMP3L, Layer: 3, SampleRate: 24000, Channels: 2, FrameSize: 576}},
		{"deadbeef", mp4.MP3{ObjectType: objectMP3, Layer: 3, SampleRate: 32000, Channels: 2, FrameSize: 1152}},
	} {
		init := moov(trackBox{id: 1, handler: "soun", scale: 48000, entry: soundEntry("mp4a", 32000, 2, esds(objectMP3, nil))}.box(), mvex(trex(1, 0, 0, 0)))
		b := moofBox(0, traf{id: 1, style: plain, runs: [][]smp{{{dur: 1152, data: unhex(c.frame)}, {dur: 1152, data: unhex("fffb9000")}}}})
		r, _, err := demux(t, Options{Init: init}, b)
		if err != nil || len(r.samples) != 2 || !reflect.DeepEqual(r.tracks[1].Entry, &c.want) {
			t.Errorf("%s: %+v: %v", c.frame, r.tracks[1].Entry, err)
		}
	}
}

// Pictures before the media time of the edit are there for others to lean on.
func TestHiddenPictures(t *testing.T) {
	v := video90
	v.edits = full("elst", 0, 0, u32(1, 0, 7200, 1<<16))
	run := []smp{{dur: 3600, sync: true, data: lengths(4, idr(0))}, {dur: 3600, data: lengths(4, inter(1))}, {dur: 3600, data: lengths(4, inter(2))}}
	r, stats, err := demux(t, Options{Init: moov(v.box(), mvex(trex(1, 0, 0, 0)))}, moofBox(0, traf{id: 1, style: plain, runs: [][]smp{run}}))
	if err != nil || len(r.samples) != 3 || r.samples[0].pts != -7200 || r.samples[2].pts != 0 || stats.Hidden != 2 {
		t.Errorf("%+v, %+v: %v", r.samples, stats, err)
	}
}

func lonePicture() []byte { return one(0, 0, idr(0)) }

// Of sound, what an edit list hides is priming; it stays at its time. Of
// pictures it is the reorder delay.
func TestPriming(t *testing.T) {
	v, a := video90, audio48
	v.edits = full("elst", 0, 0, u32(1, 0, 7200, 1<<16))
	for _, c := range []struct {
		name    string
		edits   []byte
		priming int64
		pts     int64
		edit    int64
		dts     uint64 // of the first frame
	}{
		{"from the middle", full("elst", 0, 0, u32(1, 0, 1024, 1<<16)), 0, 4096, 0, 5120},
		{"from the middle of the priming", full("elst", 0, 0, u32(1, 0, 2112, 1<<16)), 1088, -1088, 0, 1024},
		{"none", nil, 0, 0, 0, 0},
		{"priming", full("elst", 0, 0, u32(1, 0, 1024, 1<<16)), 1024, -1024, 0, 0},
		{"priming, version 1", full("elst", 1, 0, u32(1), u64(0, 2112), u32(1<<16)), 2112, -2112, 0, 0},
		{"later, with priming", full("elst", 0, 0, u32(2, 500, math.MaxUint32, 1<<16, 1000, 1024, 1<<16)), 1024, 24000 - 1024, 0, 0},
		{"later", full("elst", 0, 0, u32(1, 500, math.MaxUint32, 1<<16)), 0, 24000, 0, 0},
		{"twice later", full("elst", 0, 0, u32(2, 500, math.MaxUint32, 1<<16, 500, math.MaxUint32, 1<<16)), 0, 48000, 0, 0},
		{"two edits", full("elst", 0, 0, u32(2, 500, 1024, 1<<16, 500, 4096, 1<<16)), 1024, -1024, 1, 0},
		{"half speed", full("elst", 0, 0, u32(1, 500, 1024, 1<<15)), 1024, -1024, 1, 0},
	} {
		a.edits = c.edits
		b := moofBox(0, traf{id: 1, style: plain, runs: [][]smp{{{dur: 3600, cts: 7200, sync: true, data: lengths(4, idr(0))}}}},
			traf{id: 2, dts: c.dts, style: plain, runs: [][]smp{{{dur: 1024, data: []byte("sound")}}}})
		r, stats, err := demux(t, Options{Init: moov(v.box(), a.box(), mvex(trex(1, 0, 0, 0), trex(2, 0, 0, 0)))}, b)
		if err != nil || len(r.samples) != 2 || stats.Edits != c.edit {
			t.Fatalf("%s: %+v, %+v: %v", c.name, r.samples, stats, err)
		}
		if r.tracks[1].Priming != 0 || r.of(1)[0].pts != 0 || r.tracks[2].Priming != c.priming || r.of(2)[0].pts != c.pts {
			t.Errorf("%s: priming %d and %d, %+v", c.name, r.tracks[1].Priming, r.tracks[2].Priming, r.samples)
		}
	}
}

// A track whose samples change their description inside a file is described anew
// where they do, be it with another codec.
func TestDescriptionsInOneTrack(t *testing.T) {
	small := tswriter.SPS{Width: 160, Height: 96}.NAL()
	entries := bytes.Join([][]byte{avc1, hvc1, visual("avc1", 160, 96, avcC(4, small, pps)), av01}, nil)
	picture := func(desc int) []byte {
		switch desc {
		case 2:
			return lengths(4, slice265(19, 2, 0))
		case 4:
			return []byte{0x32, 2, 0x30, 0}
		}
		return lengths(4, idr(0))
	}
	order := []int{1, 1, 2, 3, 3, 4, 1, 2}
	want := "[h264 320x192 hevc 320x192 h264 160x96 av1 320x192 h264 320x192 hevc 320x192]"

	tb := trackBox{id: 1, handler: "vide", scale: 90000, entry: entries}
	segment := []byte{}
	for i, desc := range order {
		data := picture(desc)
		segment = append(segment, atom("moof", atom("traf",
			full("tfhd", 0, tfhdBaseIsMoof|tfhdDesc, u32(1, uint32(desc))), full("tfdt", 0, 0, u32(uint32(i)*3600)),
			full("trun", 0, trunOffset|trunDuration|trunSize, u32(1, 88, 3600, uint32(len(data))))))...)
		segment = append(segment, atom("mdat", data)...)
	}
	fragments := append(moov(tb.box(), mvex(trex(1, 0, 0, 0))), segment...)

	var media []byte
	var stsc, stsz, stco []uint32
	ftyp := atom("ftyp", []byte("isom\x00\x00\x00\x00"))
	for i, desc := range order {
		stsc = append(stsc, uint32(i)+1, 1, uint32(desc))
		stco = append(stco, uint32(len(ftyp)+8+len(media)))
		stsz = append(stsz, uint32(len(picture(desc))))
		media = append(media, picture(desc)...)
	}
	n := uint32(len(order))
	tb.stbl = [][]byte{full("stts", 0, 0, u32(1, n, 3600)), full("stsc", 0, 0, u32(n), u32(stsc...)),
		full("stsz", 0, 0, u32(0, n), u32(stsz...)), full("stco", 0, 0, u32(n), u32(stco...))}
	plainFile := bytes.Join([][]byte{ftyp, atom("mdat", media), moov(tb.box())}, nil)

	for name, file := range map[string][]byte{"fragments": fragments, "tables": plainFile} {
		r := &announcements{}
		d := New(r, Options{})
		_, err := d.Write(file)
		if err = errors.Join(err, d.Flush()); err != nil || r.samples != len(order) || d.Stats().Truncated != 0 {
			t.Fatalf("%s: %d samples, %+v: %v", name, r.samples, d.Stats(), err)
		}
		if got := fmt.Sprint(r.list); got != want {
			t.Errorf("%s: %s\nwant %s", name, got, want)
		}
	}
}

// announcements is a sink that lists the descriptions of its pictures.
type announcements struct {
	list    []string
	samples int
}

func (a *announcements) Track(_ int, t mp4.Track) error {
	w, h := t.Entry.(mp4.Pictures).Dimensions()
	a.list = append(a.list, fmt.Sprintf("%s %dx%d", t.Entry.Codec(), w, h))
	return nil
}

func (a *announcements) Sample(int, *mp4.Sample) error { a.samples++; return nil }
