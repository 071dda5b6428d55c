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

// Pictures without sound of their own, sound in two languages and two widths, and
// I-frame playlists of both renditions.
func TestMultivariantGroupGolden(t *testing.T) {
	m := Multi{
		Variants: []Variant{
			{URI: "v/360p.m3u8", Bandwidth: 900_000, AverageBandwidth: 700_000, Codecs: "avc1.42c01e,mp4a.40.2", Width: 640, Height: 360, FrameRate: Rate{25, 1}, Audio: "audio"},
			{URI: "v/720p.m3u8", Bandwidth: 2_500_000, AverageBandwidth: 2_100_000, Codecs: "avc1.4d401f,mp4a.40.2", Width: 1280, Height: 720, FrameRate: Rate{25, 1}, Audio: "audio"},
		},
		Audio: []Audio{
			{URI: "v/sound-surround.m3u8", Group: "audio", Name: "sound", Language: "eng", Channels: 6},
			{URI: "v/sound.m3u8", Group: "audio", Name: "sound", Language: "eng", Channels: 2, Default: true},
			{URI: "v/deutsch.m3u8", Group: "audio", Name: "de\"utsch", Language: "ger", Channels: 2},
			{URI: "v/stage.m3u8", Group: "audio", Language: "und", Channels: 1},
		},
		IFrames: []IFrameStream{
			{URI: "v/360p/iframes.m3u8", Bandwidth: 90_000, AverageBandwidth: 70_000, Codecs: "avc1.42c01e", Width: 640, Height: 360},
			{URI: "v/720p/iframes.m3u8", Bandwidth: 250_000, Codecs: "avc1.4d401f", Width: 1280, Height: 720},
		},
	}
	text, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "multivariant-group.m3u8", string(text))
	if _, err := parseMulti(text); err != nil {
		t.Error(err)
	}
	slices.Reverse(m.Variants)
	slices.Reverse(m.Audio)
	slices.Reverse(m.IFrames)
	if again, err := m.Encode(); err != nil || !bytes.Equal(text, again) {
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

func TestMultivariantGroupRefuses(t *testing.T) {
	cases := []struct {
		name   string
		change func(*Multi)
		want   error
	}{
		{"nothing wrong", func(*Multi) {}, nil},
		{"no such group", func(m *Multi) { m.Variants[0].Audio = "sound" }, ErrAttribute},
		{"no group at all", func(m *Multi) { m.Audio = nil }, ErrAttribute},
		{"a group without a name", func(m *Multi) { m.Audio[1].Group = "" }, ErrAttribute},
		{"a quote in a group", func(m *Multi) { m.Audio[1].Group = `a"` }, ErrAttribute},
		{"two defaults", func(m *Multi) { m.Audio[1].Default = true }, ErrAttribute},
		{"two defaults of two groups", func(m *Multi) { m.Audio[1].Default, m.Audio[1].Group = true, "b" }, nil},
		{"negative channels", func(m *Multi) { m.Audio[1].Channels = -1 }, ErrAttribute},
		{"sound without URI", func(m *Multi) { m.Audio[1].URI = "" }, ErrURI},
		{"a quote in the URI of sound", func(m *Multi) { m.Audio[1].URI = `a"b` }, ErrURI},
		{"I-frames without bandwidth", func(m *Multi) { m.IFrames[0].Bandwidth = 0 }, ErrAttribute},
		{"I-frames of negative width", func(m *Multi) { m.IFrames[0].Width = -1 }, ErrAttribute},
		{"a quote in the codecs of I-frames", func(m *Multi) { m.IFrames[0].Codecs = `"` }, ErrAttribute},
		{"I-frames without URI", func(m *Multi) { m.IFrames[0].URI = "" }, ErrURI},
		{"a quote in the URI of I-frames", func(m *Multi) { m.IFrames[0].URI = `",BANDWIDTH="` }, ErrURI},
	}
	for _, c := range cases {
		m := Multi{
			Variants: []Variant{{URI: "a.m3u8", Bandwidth: 1, Audio: "a"}},
			Audio:    []Audio{{URI: "0.m3u8", Group: "a", Default: true}, {URI: "1.m3u8", Group: "a"}},
			IFrames:  []IFrameStream{{URI: "i.m3u8", Bandwidth: 1}},
		}
		c.change(&m)
		if text, err := m.Encode(); !errors.Is(err, c.want) || (text != nil) != (err == nil) {
			t.Errorf("%s: got %q, %v; want %v", c.name, text, err, c.want)
		}
	}
}

// Whatever names, languages and order: each is there once, with a name of its own.
func TestMultivariantGroupReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Multi{Variants: []Variant{{URI: "a.m3u8", Bandwidth: 1, Audio: "audio"}}}
		for i := range rapid.IntRange(1, 8).Draw(t, "renditions") {
			m.Audio = append(m.Audio, Audio{
				URI: strconv.Itoa(i), Group: rapid.SampledFrom([]string{"audio", "b"}).Draw(t, "group"),
				Name:     rapid.OneOf(rapid.SampledFrom([]string{"", "audio", "a", "a (2)", "\""}), rapid.String()).Draw(t, "name"),
				Language: rapid.OneOf(rapid.SampledFrom([]string{"", "eng", "en", "und"}), rapid.String()).Draw(t, "language"),
				Channels: rapid.IntRange(0, 8).Draw(t, "channels"),
			})
		}
		m.Audio[0].Group, m.Audio[0].Default = "audio", true
		text, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := parseMulti(text)
		if err != nil || len(got.audio) != len(m.Audio) {
			t.Fatalf("%v in\n%s", err, text)
		}
		for _, a := range got.audio {
			uri, err := strconv.Unquote(a["URI"])
			if err != nil {
				t.Fatal(err)
			}
			n, err := strconv.Atoi(uri)
			if err != nil {
				t.Fatal(err)
			}
			want := m.Audio[n]
			if a["GROUP-ID"] != strconv.Quote(want.Group) || (a["DEFAULT"] == "YES") != want.Default {
				t.Fatalf("got %v, want %+v", a, want)
			}
			if channels := a["CHANNELS"]; (channels == "") != (want.Channels == 0) || channels != "" && channels != strconv.Quote(strconv.Itoa(want.Channels)) {
				t.Fatalf("got %v, want %+v", a, want)
			}
		}
	})
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
