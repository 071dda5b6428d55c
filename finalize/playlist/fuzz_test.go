package playlist

import (
	"testing"
	"time"
)

// FuzzEncode: whatever stands in a segment, the text is refused or a strict
// reader finds exactly that segment in it.
func FuzzEncode(f *testing.F) {
	f.Add("0.ts", int64(2*time.Second), noon.Unix(), false, false, int64(0), int64(0), "")
	f.Add("a\n#EXT-X-ENDLIST", int64(1), int64(0), true, true, int64(0), int64(1), "a")
	f.Add("#EXTINF:1,", int64(0), int64(-1), false, true, int64(-1), int64(1), "a\",B=\"")
	f.Add("%41%zz", int64(-1), int64(1)<<60, true, false, int64(1), int64(0), "%")
	f.Add(":0", int64(0), int64(0), false, false, int64(1)<<62, int64(1)<<62, "init.mp4")
	f.Add("http://h:1/[::1]?a=b", int64(1)<<62, int64(-1)<<62, true, false, int64(188), int64(376), "?")
	f.Add("7.mp4", int64(1), noon.Unix(), true, false, int64(700), int64(9), "7.mp4")
	f.Fuzz(func(t *testing.T, uri string, duration, unix int64, discontinuity, gap bool, offset, length int64, init string) {
		seg := Segment{URI: uri, Duration: time.Duration(duration), Discontinuity: discontinuity, Gap: gap, ProgramDateTime: time.Unix(unix, 0), Range: ByteRange{offset, length}}
		if init != "" {
			seg.Map = &Map{init, ByteRange{offset, length}}
		}
		stills := Media{IFramesOnly: true, Segments: []Segment{seg}}
		if text, err := stills.Encode(); err == nil {
			if p, err := parseMedia(text); err != nil || !p.stills || len(p.segments) != 1 || p.segments[0].uri != uri {
				t.Fatalf("%+v, %v in %q", p, err, text)
			}
		}
		m := Media{Segments: []Segment{{URI: "0.ts", Duration: time.Second}, seg}}
		text, err := m.Encode()
		if err != nil {
			return
		}
		p, err := parseMedia(text)
		if err != nil {
			t.Fatalf("%v in %q", err, text)
		}
		if len(p.segments) != 2 || p.segments[1].uri != uri || p.segments[1].disc != discontinuity || p.segments[1].gap != gap {
			t.Fatalf("%+v in %q", p.segments, text)
		}
		if p.segments[1].rangeOf() != seg.Range || p.segments[1].initial != init || init != "" && p.segments[1].mapOf() != *seg.Map {
			t.Fatalf("%+v in %q", p.segments, text)
		}
	})
}

// FuzzMultivariant does the same for variants, sound and I-frame playlists.
func FuzzMultivariant(f *testing.F) {
	f.Add("720p.m3u8", 1_000_000, "avc1.42c01f,mp4a.40.2", "720p", "eng", 1280, 30000, 1001)
	f.Add("a\nb", 1, "\"\n", "\"\n,NAME=x", "en\",X=\"", -1, 1, 0)
	f.Add("%", 0, "", "\xff\u2028\u0085", "\xff", 1, 1<<40, 1)
	f.Add("a.m3u8?b#c", 5, "opus", "", "und", 2, 2, 1)
	f.Fuzz(func(t *testing.T, uri string, bandwidth int, codecs, name, lang string, width, num, den int) {
		m := Multi{
			Variants: []Variant{{URI: uri, Bandwidth: bandwidth, Codecs: codecs, Width: width, Height: width, FrameRate: Rate{num, den}, Audio: "audio"}},
			Audio:    []Audio{{URI: uri, Group: "audio", Name: name, Language: lang, Channels: num}, {URI: uri, Group: "audio", Name: name, Language: lang, Default: true}},
			IFrames:  []IFrameStream{{URI: uri, Bandwidth: bandwidth, Codecs: codecs, Width: width, Height: width}},
		}
		text, err := m.Encode()
		if err != nil {
			return
		}
		got, err := parseMulti(text)
		if err != nil {
			t.Fatalf("%v in %q", err, text)
		}
		if len(got.variants) != 1 || got.variants[0].uri != uri || codecs != "" && got.variants[0].attrs["CODECS"] != `"`+codecs+`"` {
			t.Fatalf("%+v in %q", got, text)
		}
		if len(got.audio) != 2 || got.audio[0]["URI"] != `"`+uri+`"` || len(got.iframes) != 1 || got.iframes[0]["URI"] != `"`+uri+`"` {
			t.Fatalf("%+v in %q", got, text)
		}
	})
}
