package sound

import (
	"bytes"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

func TestReadAC3(t *testing.T) {
	for name, c := range map[string]struct {
		in       tswriter.AC3
		size     int
		rate     int
		channels int
	}{
		"stereo, 192 kbit/s":          {tswriter.AC3{Frmsizecod: 20, Acmod: 2}, 768, 48000, 2},
		"5.1, 448 kbit/s":             {tswriter.AC3{Frmsizecod: 30, Acmod: 7, LFE: true, Bsmod: 2}, 1792, 48000, 6},
		"44.1 kHz, short":             {tswriter.AC3{Fscod: 1, Frmsizecod: 20, Acmod: 1}, 834, 44100, 1},
		"44.1 kHz, long":              {tswriter.AC3{Fscod: 1, Frmsizecod: 21, Acmod: 1, LFE: true}, 836, 44100, 2},
		"32 kHz, two programs, lower": {tswriter.AC3{Fscod: 2, Frmsizecod: 36, Acmod: 0, Bsid: 6}, 3840, 32000, 2},
	} {
		b := c.in.Frame()
		f, ok := ReadAC3(b)
		want := &mp4.AC3{Fscod: uint8(c.in.Fscod), Bsid: 8, Bsmod: uint8(c.in.Bsmod), Acmod: uint8(c.in.Acmod), LFE: c.in.LFE,
			BitRateCode: uint8(c.in.Frmsizecod / 2), SampleRate: c.rate, Channels: c.channels}
		if c.in.Bsid != 0 {
			want.Bsid = uint8(c.in.Bsid)
		}
		if !ok || f.Size != c.size || f.Size != len(b) || f.Enhanced || f.Blocks != 6 {
			t.Errorf("%s: %+v, %v, want %d bytes", name, f, ok, c.size)
		}
		if e := DolbyEntry([]AC3Frame{f}); !reflect.DeepEqual(e, want) {
			t.Errorf("%s: %+v, want %+v", name, e, want)
		}
	}
	good := tswriter.AC3{Frmsizecod: 20, Acmod: 2}.Frame()
	for name, change := range map[string]func(b []byte) []byte{
		"short":            func(b []byte) []byte { return b[:AC3Header-1] },
		"another word":     func(b []byte) []byte { b[1]++; return b },
		"reserved rate":    func(b []byte) []byte { b[4] |= 0xc0; return b },
		"reserved size":    func(b []byte) []byte { b[4] = 38; return b },
		"half rate":        func(b []byte) []byte { b[5] = 9 << 3; return b },
		"later version":    func(b []byte) []byte { b[5] = 17 << 3; return b },
		"reserved type":    func(b []byte) []byte { b[2], b[5] = 3<<6, 16<<3; return b },
		"reserved reduced": func(b []byte) []byte { b[2], b[3], b[4], b[5] = 0, 255, 0xf0, 16<<3; return b },
		"no size":          func(b []byte) []byte { b[2], b[3], b[4], b[5] = 0, 2, 0x30, 16<<3; return b },
	} {
		if f, ok := ReadAC3(change(bytes.Clone(good))); ok {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// chanmap bits of 7.1: left, centre, right, Ls, Rs are replaced, Lrs/Rrs added.
const rears = 1<<12 | 1<<11 | 1<<9

func read(t testing.TB, in ...tswriter.EAC3) (frames []AC3Frame) {
	t.Helper()
	for _, x := range in {
		f, ok := ReadAC3(x.Frame())
		if !ok || !f.Enhanced || f.Size != x.Size {
			t.Fatalf("%+v: %+v, %v", x, f, ok)
		}
		frames = append(frames, f)
	}
	return frames
}

func TestEAC3Entry(t *testing.T) {
	main := tswriter.EAC3{Size: 768, Code: 3, Acmod: 7, LFE: true}
	fiveOne := mp4.EAC3Substream{Bsid: 16, Acmod: 7, LFE: true}
	for name, c := range map[string]struct {
		in   []tswriter.EAC3
		want *mp4.EAC3
	}{
		"5.1": {[]tswriter.EAC3{main}, &mp4.EAC3{DataRate: 192, SampleRate: 48000, Channels: 6, Substreams: []mp4.EAC3Substream{fiveOne}}},
		"7.1": {[]tswriter.EAC3{main, {Type: 1, Size: 384, Code: 3, Acmod: 6, ChanMap: rears}},
			&mp4.EAC3{DataRate: 288, SampleRate: 48000, Channels: 8, Substreams: []mp4.EAC3Substream{{Bsid: 16, Acmod: 7, LFE: true, Dependent: 1, ChanLoc: 2}}}},
		"second LFE and centre surround": {[]tswriter.EAC3{main, {Type: 1, Size: 64, Code: 3, Acmod: 1, ChanMap: 1<<8 | 1<<1}},
			&mp4.EAC3{DataRate: 208, SampleRate: 48000, Channels: 8, Substreams: []mp4.EAC3Substream{{Bsid: 16, Acmod: 7, LFE: true, Dependent: 1, ChanLoc: 1<<2 | 1<<8}}}},
		"two programs": {[]tswriter.EAC3{main, {ID: 1, Size: 256, Code: 3, Acmod: 1, Info: true, Bsmod: 2}},
			&mp4.EAC3{DataRate: 256, SampleRate: 48000, Channels: 6, Substreams: []mp4.EAC3Substream{fiveOne, {Bsid: 16, Bsmod: 2, Acmod: 1}}}},
		"three times two blocks": {[]tswriter.EAC3{{Size: 256, Code: 1, Acmod: 2, First: true}, {Size: 256, Code: 1, Acmod: 2}, {Size: 256, Code: 1, Acmod: 2}},
			&mp4.EAC3{DataRate: 192, SampleRate: 48000, Channels: 2, Substreams: []mp4.EAC3Substream{{Bsid: 16, Acmod: 2}}}},
		"objects": {[]tswriter.EAC3{{Size: 768, Code: 3, Acmod: 7, LFE: true, Mixing: true, Info: true, Objects: 16}},
			&mp4.EAC3{DataRate: 192, SampleRate: 48000, Channels: 6, Substreams: []mp4.EAC3Substream{fiveOne}, Extension: []byte{1, 16}}},
		"half rate": {[]tswriter.EAC3{{Size: 384, Fscod: 3, Code: 1, Acmod: 2}},
			&mp4.EAC3{DataRate: 44, SampleRate: 22050, Channels: 2, Substreams: []mp4.EAC3Substream{{Fscod: 3, Bsid: 16, Acmod: 2}}}},
		"was AC-3": {[]tswriter.EAC3{{Type: 2, Size: 384, Fscod: 2, Code: 3, Acmod: 0, Info: true, Bsmod: 5}},
			&mp4.EAC3{DataRate: 64, SampleRate: 32000, Channels: 2, Substreams: []mp4.EAC3Substream{{Fscod: 2, Bsid: 16, Bsmod: 5}}}},
	} {
		got := DolbyEntry(read(t, c.in...))
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v\nwant %+v", name, got, c.want)
			continue
		}
		box, err := got.Box()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		i := bytes.Index(box, []byte("dec3"))
		if back := ReadDec3(box[i+4:], c.want.SampleRate); !reflect.DeepEqual(back, c.want) {
			t.Errorf("%s: back from dec3 %+v\nwant %+v", name, back, c.want)
		}
	}
	core, _ := ReadAC3(tswriter.AC3{Frmsizecod: 30, Acmod: 7, LFE: true}.Frame())
	got := DolbyEntry(append([]AC3Frame{core}, read(t, tswriter.EAC3{Type: 1, Size: 384, Code: 3, Acmod: 6, ChanMap: rears})...)).(*mp4.EAC3)
	if got.Channels != 8 || got.Substreams[0].Bsid != 8 || got.Substreams[0].Dependent != 1 {
		t.Errorf("AC-3 with a dependent substream: %+v", got)
	}
	dependent := tswriter.EAC3{Type: 1, Size: 64, Code: 3}
	many := []tswriter.EAC3{main}
	for range 16 {
		many = append(many, dependent)
	}
	for name, in := range map[string][]tswriter.EAC3{"none": nil, "dependent first": {dependent}, "16 dependent": many} {
		if e := DolbyEntry(read(t, in...)); e != nil {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestReadDac3(t *testing.T) {
	want := &mp4.AC3{Fscod: 1, Bsid: 8, Bsmod: 3, Acmod: 7, LFE: true, BitRateCode: 15, SampleRate: 44100, Channels: 6}
	box, err := want.Box()
	if err != nil {
		t.Fatal(err)
	}
	b := box[bytes.Index(box, []byte("dac3"))+4:]
	if got := ReadDac3(b); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if got := ReadDac3(b[:2]); got != nil {
		t.Errorf("cut: %+v", got)
	}
	if got := ReadDac3([]byte{0xff, 0, 0}); got != nil {
		t.Errorf("reserved: %+v", got)
	}
	if got := ReadDec3([]byte{0, 0x20, 1}, 48000); got != nil {
		t.Errorf("cut dec3: %+v", got)
	}
}

func eac3Frames() *rapid.Generator[tswriter.EAC3] {
	return rapid.Custom(func(t *rapid.T) tswriter.EAC3 {
		u := func(name string, n uint32) uint32 { return rapid.Uint32Range(0, n).Draw(t, name) }
		e := tswriter.EAC3{Type: u("type", 2), ID: u("id", 7), Size: 128 + 2*int(u("size", 1900)), Fscod: u("fscod", 3), Code: u("code", 3),
			Acmod: u("acmod", 7), LFE: rapid.Bool().Draw(t, "lfe"), Bsmod: u("bsmod", 7), First: rapid.Bool().Draw(t, "first"),
			Mixing: rapid.Bool().Draw(t, "mixing"), MixLong: rapid.Bool().Draw(t, "long"), Info: rapid.Bool().Draw(t, "info"), Objects: u("objects", 255)}
		if e.Fscod == 3 {
			e.Code %= 3
		}
		if e.Type == 1 {
			e.ChanMap = u("map", 65535)
		}
		return e
	})
}

// Whatever metadata stand in a frame, what is behind them is found.
func TestInformationBehindAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := eac3Frames().Draw(t, "frame")
		f, ok := ReadAC3(e.Frame())
		if !ok || f.Size != e.Size || f.ID != int(e.ID) || f.Type != int(e.Type) || f.Objects != uint8(e.Objects) {
			t.Fatalf("%+v, %v", f, ok)
		}
		if e.Info && f.Bsmod != uint8(e.Bsmod) || e.ChanMap != 0 && f.Locations != uint16(e.ChanMap) {
			t.Fatalf("%+v", f)
		}
		if six := e.Fscod == 3 || e.Code == 3; f.First != (e.First && e.Type == 0 && !six) {
			t.Fatalf("first: %+v", f)
		}
	})
}

func FuzzReadAC3(f *testing.F) {
	f.Add(tswriter.AC3{Frmsizecod: 20, Acmod: 2}.Frame()[:16])
	f.Add(tswriter.EAC3{Type: 1, Size: 768, Code: 3, Acmod: 7, LFE: true, ChanMap: rears, Mixing: true, Info: true, Objects: 9}.Frame()[:40])
	f.Add(tswriter.EAC3{Size: 32, Code: 1, Mixing: true, MixLong: true, Info: true, Objects: 3}.Frame())
	f.Fuzz(func(t *testing.T, b []byte) {
		h, ok := ReadAC3(b)
		if !ok {
			return
		}
		if h.Size < AC3Header || h.Size > 4096 || h.SampleRate < 16000 || h.Blocks < 1 || h.Blocks > 6 {
			t.Fatalf("%+v", h)
		}
		if len(b) > h.Size { // what is behind the frame does not matter
			if g, _ := ReadAC3(b[:h.Size]); g != h {
				t.Fatalf("%+v, alone %+v", h, g)
			}
		}
		e := DolbyEntry([]AC3Frame{h})
		if e == nil {
			if h.Type != Dependent {
				t.Fatalf("no entry of %+v", h)
			}
			return
		}
		if h.channels() == 0 {
			return // a chanmap without channels
		}
		if _, err := e.Box(); err != nil {
			t.Fatalf("%+v: %v", e, err)
		}
	})
}

func (f AC3Frame) channels() int { return channels(f.Locations) }

func FuzzReadDec3(f *testing.F) {
	f.Add([]byte{0x06, 0, 0x20, 0x0f, 0})
	f.Add([]byte{0x09, 1, 0x20, 0x0f, 2, 2, 0x20, 0x04, 0, 1, 16})
	f.Fuzz(func(t *testing.T, b []byte) {
		e := ReadDec3(b, 48000)
		if e != nil && (len(e.Substreams) == 0 || e.Channels == 0 || len(e.Extension) >= len(b)) {
			t.Fatalf("%+v", e)
		}
		ReadDac3(b)
	})
}
