package sound

import (
	"bytes"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

func TestOpusDuration(t *testing.T) {
	for name, c := range map[string]struct {
		packet []byte
		want   int
	}{
		"SILK, 60 ms":               {[]byte{3 << 3}, 2880},
		"hybrid, 20 ms":             {[]byte{13 << 3}, 960},
		"CELT, 2.5 ms":              {[]byte{16 << 3}, 120},
		"two frames":                {[]byte{31<<3 | 1}, 1920},
		"two of different size":     {[]byte{31<<3 | 2}, 1920},
		"48 frames of 2.5 ms":       {[]byte{16<<3 | 3, 48}, 5760},
		"49 frames are too many":    {[]byte{16<<3 | 3, 49}, 0},
		"none":                      {[]byte{16<<3 | 3, 0}, 0},
		"without the number of it":  {[]byte{16<<3 | 3}, 0},
		"nothing":                   {nil, 0},
		"two of 60 ms, 120 ms":      {[]byte{3<<3 | 1}, 5760},
		"three of 60 ms, in excess": {[]byte{3<<3 | 3, 3}, 0},
	} {
		if got := OpusDuration(c.packet); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestReadOpusControl(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start, end := rapid.IntRange(-1, 8191).Draw(t, "start"), rapid.IntRange(-1, 8191).Draw(t, "end")
		var extension []byte
		if rapid.Bool().Draw(t, "extended") {
			extension = rapid.SliceOfN(rapid.Byte(), 0, 255).Draw(t, "extension")
			if extension == nil {
				extension = []byte{}
			}
		}
		packet := bytes.Repeat([]byte{7}, rapid.IntRange(1, 1300).Draw(t, "size"))
		b := tswriter.Opus(start, end, extension, packet)
		c, ok, short := ReadOpusControl(b)
		if !ok || short || c.StartTrim != max(0, start) || c.EndTrim != max(0, end) || c.Size != len(packet) || !bytes.Equal(b[c.Header:], packet) {
			t.Fatalf("%+v, %v, %v", c, ok, short)
		}
		n := rapid.IntRange(0, c.Header-1).Draw(t, "cut")
		if _, ok, short := ReadOpusControl(b[:n]); ok || !short {
			t.Fatalf("%d bytes of %d: %v, %v", n, c.Header, ok, short)
		}
	})
	for name, b := range map[string][]byte{
		"another word": {0x7f, 0xdf, 5}, "nothing in it": {0x7f, 0xe0, 0}, "one byte": {0x7e},
		"endless": append([]byte{0x7f, 0xe0}, bytes.Repeat([]byte{255}, 4000)...),
	} {
		if c, ok, short := ReadOpusControl(b); ok || short {
			t.Errorf("%s: %+v, %v, %v", name, c, ok, short)
		}
	}
}

func TestOpusEntry(t *testing.T) {
	for name, c := range map[string]struct {
		config   []byte
		channels int
		mapping  []byte
	}{
		"no descriptor":    {nil, 2, nil},
		"one":              {[]byte{1}, 1, nil},
		"two":              {[]byte{2}, 2, nil},
		"5.1":              {[]byte{6}, 6, []byte{1, 4, 2, 0, 4, 1, 2, 3, 5}},
		"two programs":     {[]byte{0}, 2, []byte{255, 1, 1, 0, 1}},
		"three apart":      {[]byte{0x83}, 3, []byte{255, 3, 0, 0, 1, 2}},
		"told, family 0":   {[]byte{0x81, 2, 0}, 2, nil},
		"told, 2 + 1":      {[]byte{0x81, 3, 1, 0b01_01_00_10, 0b01_000000}, 3, []byte{1, 2, 1, 0, 2, 1}},
		"told, cut":        {[]byte{0x81, 3, 1}, 0, nil},
		"told, none":       {[]byte{0x81, 0, 1, 0}, 0, nil},
		"told, three of 0": {[]byte{0x81, 3, 0}, 0, nil},
		"reserved":         {[]byte{9}, 0, nil},
		"reserved too":     {[]byte{0xff}, 0, nil},
	} {
		got := OpusEntry(c.config)
		if c.channels == 0 {
			if got != nil {
				t.Errorf("%s: %+v", name, got)
			}
			continue
		}
		want := &mp4.Opus{Channels: c.channels, InputRate: 48000, Mapping: c.mapping}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
			continue
		}
		if _, err := got.Box(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzOpus(f *testing.F) {
	f.Add(tswriter.Opus(312, 10, []byte{1}, []byte{16<<3 | 3, 48}), []byte{0x81, 3, 1, 0x52, 0x40})
	f.Add([]byte{0x7f, 0xfc, 255, 3}, []byte{6})
	f.Fuzz(func(t *testing.T, b, config []byte) {
		c, ok, short := ReadOpusControl(b)
		if ok && (short || c.Header > len(b) || c.Size < 1) {
			t.Fatalf("%+v, %v, %v", c, ok, short)
		}
		if n := OpusDuration(b); n < 0 || n > 5760 {
			t.Fatalf("%d samples", n)
		}
		if e := OpusEntry(config); e != nil {
			if _, err := e.Box(); err != nil {
				t.Fatalf("%+v: %v", e, err)
			}
		}
	})
}
