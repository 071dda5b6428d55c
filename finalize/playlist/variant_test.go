package playlist

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strconv"
	"testing"

	"recfin/internal/golden"

	"pgregory.net/rapid"
)

func TestMultivariantGolden(t *testing.T) {
	ntsc := Rate{30000, 1001}
	vs := []Variant{
		{URI: "360p.m3u8", Bandwidth: 800_000, AverageBandwidth: 600_000, Codecs: "avc1.42c01e,mp4a.40.2", Width: 640, Height: 360, FrameRate: Rate{30, 1}},
		{URI: "audio.m3u8", Bandwidth: 128_000, Codecs: "mp4a.40.2", AudioOnly: true, Width: 9, Height: 9, FrameRate: ntsc},
		{URI: "720p.m3u8", Bandwidth: 1_900_000, AverageBandwidth: 1_500_000, Codecs: "avc1.4d401f,mp4a.40.2", Width: 1280, Height: 720, FrameRate: ntsc},
		{URI: "1080p%20max.m3u8", Bandwidth: 5_000_000, Codecs: "avc1.640028,mp4a.40.2", Width: 1920, Height: 1080, FrameRate: Rate{60000, 1001}},
		{URI: "source.m3u8", Bandwidth: math.MaxInt},
	}
	text, err := (&Multi{Variants: vs, Independent: true}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "multivariant.m3u8", string(text))
	if m, err := parseMulti(text); err != nil || !m.independent {
		t.Errorf("%+v, %v", m, err)
	}
	slices.Reverse(vs)
	again, err := (&Multi{Variants: vs, Independent: true}).Encode()
	if err != nil || !bytes.Equal(text, again) {
		t.Errorf("in another order (%v):\n%s", err, again)
	}
}

func TestMultivariantOrder(t *testing.T) {
	cases := []struct {
		name string
		in   []Variant
		want []string
	}{
		{"best that fits first", []Variant{{URI: "a", Bandwidth: 9e6}, {URI: "b", Bandwidth: 2e6}, {URI: "c", Bandwidth: 1e6}}, []string{"b", "a", "c"}},
		{"all too much", []Variant{{URI: "a", Bandwidth: 4e6}, {URI: "b", Bandwidth: 9e6}, {URI: "s", Bandwidth: 9e4, AudioOnly: true}}, []string{"a", "b", "s"}},
		{"sound alone", []Variant{{URI: "s", Bandwidth: 64e3, AudioOnly: true}, {URI: "t", Bandwidth: 128e3, AudioOnly: true}}, []string{"t", "s"}},
		{"equal", []Variant{{URI: "b", Bandwidth: 1}, {URI: "a", Bandwidth: 1}, {URI: "c", Bandwidth: 1, Width: 2, Height: 2}}, []string{"c", "a", "b"}},
	}
	for _, c := range cases {
		text, err := (&Multi{Variants: c.in}).Encode()
		if err != nil {
			t.Fatal(err)
		}
		m, err := parseMulti(text)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, v := range m.variants {
			got = append(got, v.uri)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestMultivariantRefuses(t *testing.T) {
	good := Variant{URI: "a.m3u8", Bandwidth: 1}
	change := func(f func(*Variant)) []Variant {
		v := good
		f(&v)
		return []Variant{good, v}
	}
	cases := []struct {
		name string
		in   []Variant
		want error
	}{
		{"nothing", nil, ErrEmpty},
		{"no bandwidth", change(func(v *Variant) { v.Bandwidth = 0 }), ErrAttribute},
		{"negative average", change(func(v *Variant) { v.AverageBandwidth = -1 }), ErrAttribute},
		{"negative height", change(func(v *Variant) { v.Height = -1 }), ErrAttribute},
		{"negative rate", change(func(v *Variant) { v.FrameRate = Rate{-1, 1} }), ErrAttribute},
		{"quote in codecs", change(func(v *Variant) { v.Codecs = `a"b` }), ErrAttribute},
		{"line break in codecs", change(func(v *Variant) { v.Codecs = "a\nb" }), ErrAttribute},
		{"no URI", change(func(v *Variant) { v.URI = "" }), ErrURI},
		{"bad URI", change(func(v *Variant) { v.URI = "a b" }), ErrURI},
	}
	for _, c := range cases {
		if text, err := (&Multi{Variants: c.in}).Encode(); !errors.Is(err, c.want) || text != nil {
			t.Errorf("%s: got %q, %v; want %v", c.name, text, err, c.want)
		}
	}
}

func TestMultivariantReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Variant {
			return Variant{
				URI:              RelativeURI("", rapid.StringN(1, 12, -1).Draw(t, "key")),
				Bandwidth:        rapid.IntRange(1, math.MaxUint32).Draw(t, "bandwidth"),
				AverageBandwidth: rapid.IntRange(0, 1e9).Draw(t, "average"),
				Codecs:           rapid.SampledFrom([]string{"", "avc1.42c01f", "avc1.42c01f,mp4a.40.2"}).Draw(t, "codecs"),
				Width:            rapid.IntRange(0, 4096).Draw(t, "width"),
				Height:           rapid.IntRange(0, 4096).Draw(t, "height"),
				FrameRate:        Rate{rapid.IntRange(0, 120000).Draw(t, "num"), rapid.IntRange(0, 1001).Draw(t, "den")},
				AudioOnly:        rapid.Bool().Draw(t, "audio"),
			}
		}), 1, 6).Draw(t, "variants")
		text, err := (&Multi{Variants: vs, Independent: rapid.Bool().Draw(t, "independent")}).Encode()
		if err != nil {
			t.Fatal(err)
		}
		m, err := parseMulti(text)
		if err != nil || len(m.variants) != len(vs) {
			t.Fatalf("%+v of %d variants, %v, in\n%s", m, len(vs), err, text)
		}
		got := m.variants
		want := ordered(vs)
		for i, v := range want {
			if got[i].uri != v.URI || got[i].attrs["BANDWIDTH"] != strconv.Itoa(v.Bandwidth) {
				t.Fatalf("variant %d: got %v, want %+v", i, got[i], v)
			}
			if _, ok := got[i].attrs["RESOLUTION"]; ok != (!v.AudioOnly && v.Width > 0 && v.Height > 0) {
				t.Fatalf("variant %d: RESOLUTION in %v of %+v", i, got[i], v)
			}
		}
	})
}
