package layout

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const channel = "ivs/v1/123456789012/AsXego4U6tnj/2026/11/21/9/05/KZ4VbVnXLZ5q/"

// presetCases: an example of each kind of key that a preset reads, and what must
// stay unknown.
var presetCases = []struct {
	layout, key string
	want        Fields
}{
	{"nonce", "foo/A/720p/12.m4s", seg("foo", "A", "720p", 12, "m4s")},
	{"nonce", "foo/A/720p/init.mp4", Fields{Recording: "foo", Nonce: "A", Rendition: "720p", Ext: "mp4", Kind: Init}},
	{"nonce", "foo/source/init.mp4", Fields{Recording: "foo", Rendition: "source", Ext: "mp4", Kind: Init}},

	{"livepeer", "video+abc/ac155/source/0.ts", seg("video+abc", "ac155", "source", 0, "ts")},
	{"livepeer", "mid/ac155/P240p25fps16x9/17.mp4", seg("mid", "ac155", "P240p25fps16x9", 17, "mp4")},
	{"livepeer", "mid/ac155/playlist_1637494645123456789.json", Fields{Recording: "mid", Nonce: "ac155", Ext: "json", Kind: Sidecar, Form: LivepeerJSON}},
	{"livepeer", "mid/ac155/playlist_latest.json", Fields{}},
	{"livepeer", "mid/index.m3u8", Fields{}},
	{"livepeer", "mid/source.m3u8", Fields{}},
	{"livepeer", "mid/source/0.ts", Fields{}},

	{"catalyst", "hls/foo/S1/source/3.ts", seg("foo", "S1", "source", 3, "ts")},
	{"catalyst", "foo/S1/source/3.ts", seg("foo", "S1", "source", 3, "ts")},
	{"catalyst", "hls/foo/S1/output.m3u8", Fields{Recording: "foo", Nonce: "S1", Rendition: "source", Ext: "m3u8", Kind: Sidecar, Form: M3U8}},
	{"catalyst", "foo/S1/output.m3u8", Fields{Recording: "foo", Nonce: "S1", Rendition: "source", Ext: "m3u8", Kind: Sidecar, Form: M3U8}},
	{"catalyst", "foo/S1/source/latest.png", Fields{}},
	{"catalyst", "hls/foo/S1/latest.png", Fields{}},

	{"manifests", "foo/720p/3.ts", seg("foo", "", "720p", 3, "ts")},
	{"manifests", "foo/A/720p/3.ts", seg("foo", "A", "720p", 3, "ts")},
	{"manifests", "foo/2026/A/720p/3.ts", seg("foo", "2026/A", "720p", 3, "ts")},
	{"manifests", "foo/3.ts", seg("foo", "", "source", 3, "ts")},
	{"manifests", "cf082c5f-2c25-4be5-1594382400-abc.m3u8", Fields{Recording: "cf082c5f-2c25-4be5", Nonce: "abc", Ext: "m3u8", Kind: Sidecar, Form: M3U8}},
	{"manifests", "foo/A/foo-1594382400-abc.m3u8", Fields{Recording: "foo", Nonce: "abc", Ext: "m3u8", Kind: Sidecar, Form: M3U8}},
	{"manifests", "foo/foo-1594382400-abc.m3u8", Fields{Recording: "foo", Nonce: "abc", Ext: "m3u8", Kind: Sidecar, Form: M3U8}},
	{"manifests", "foo/index.m3u8", Fields{}},

	{"wubloader", "chan/source/2026-11-21T14/03:04.123456-2.002-full-AbC_-dEf.ts",
		recorded("chan", "14:03:04.123456", 2002*time.Millisecond, "full", "AbC_-dEf")},
	{"wubloader", "chan/source/2026-11-21T14/03:04.5-2-suspect--x.ts",
		recorded("chan", "14:03:04.5", 2*time.Second, "suspect", "-x")},
	{"wubloader", "chan/source/2026-11-21T14/03:04.123-5.0-temp-1b4e28ba-2fa1-11d2-883f-0016d3cca427.ts",
		recorded("chan", "14:03:04.123", 5*time.Second, "temp", "1b4e28ba-2fa1-11d2-883f-0016d3cca427")},
	{"wubloader", "source/2026-11-21T14/03:04.0-2.002-partial-x.ts",
		recorded("wubloader", "14:03:04", 2002*time.Millisecond, "partial", "x")},
	{"wubloader", "chan/source/2026-11-21T14/03:04.0-2.002-full-x.tombstone",
		with(recorded("chan", "14:03:04", 2002*time.Millisecond, "full", "x"), func(f *Fields) { f.Kind, f.Ext = Tombstone, "tombstone" })},
	{"wubloader", "source/2026-11-21T14/03:04.0-2.002-full-x.tombstone",
		with(recorded("wubloader", "14:03:04", 2002*time.Millisecond, "full", "x"), func(f *Fields) { f.Kind, f.Ext = Tombstone, "tombstone" })},
	{"wubloader", "chan/source/2026-11-21T14/03:04.0-2.002-full.ts", Fields{}},
	{"wubloader", "chan/source/2026-13-21T14/03:04.0-2.002-full-x.ts", Fields{}},
	{"wubloader", "chan/chat/2026-11-21T14/03:04.0-chat.json", Fields{}},

	{"ivs", channel + "media/hls/720p30/0.ts", seg("AsXego4U6tnj", "KZ4VbVnXLZ5q", "720p30", 0, "ts")},
	{"ivs", channel + "media/hls/720p30/init.mp4", Fields{Recording: "AsXego4U6tnj", Nonce: "KZ4VbVnXLZ5q", Rendition: "720p30", Ext: "mp4", Kind: Init}},
	{"ivs", channel + "media/hls/720p30/playlist.m3u8", Fields{Recording: "AsXego4U6tnj", Nonce: "KZ4VbVnXLZ5q", Rendition: "720p30", Ext: "m3u8", Kind: Sidecar, Form: M3U8}},
	{"ivs", channel + "events/recording-started.json", Fields{Recording: "AsXego4U6tnj", Nonce: "KZ4VbVnXLZ5q", Ext: "json", Kind: Sidecar, Form: IVSEvent}},
	{"ivs", channel + "events/recording-ended.json", Fields{Recording: "AsXego4U6tnj", Nonce: "KZ4VbVnXLZ5q", Ext: "json", Kind: Sidecar, Form: IVSEvent}},
	{"ivs", channel + "events/recording-failed.json", Fields{Recording: "AsXego4U6tnj", Nonce: "KZ4VbVnXLZ5q", Ext: "json", Kind: Sidecar, Form: IVSEvent}},
	{"ivs", channel + "events/other.json", Fields{}},
	{"ivs", channel + "media/thumbnails/thumb0.jpg", Fields{}},
	{"ivs", channel + "media/hls/master.m3u8", Fields{}},

	{"mediamtx", "cam/front/2026-11-21_14-03-04-000123.mp4", Fields{Recording: "cam/front", Rendition: "source", Ext: "mp4", Time: time.Date(2026, 11, 21, 14, 3, 4, 123000, time.UTC)}},
	{"mediamtx", "cam/2026-11-21_14-03-04-123456.ts", Fields{Recording: "cam", Rendition: "source", Ext: "ts", Time: time.Date(2026, 11, 21, 14, 3, 4, 123456000, time.UTC)}},
	{"mediamtx", "2026-11-21_14-03-04-123456.ts", Fields{}},
	{"mediamtx", "cam/2026-11-21_14-03-04-12345.ts", Fields{}},
	{"mediamtx", "cam/2026-02-30_14-03-04-123456.ts", Fields{}},

	{"hls", "cam1/seg-00012.ts", seg("cam1", "", "source", 12, "ts")},
	{"hls", "cam1/intro.ts", Fields{Recording: "cam1", Rendition: "source", Ext: "ts"}},
	{"hls", "cam1/v0/fileSequence7.m4s", seg("cam1", "", "v0", 7, "m4s")},
	{"hls", "cam1/2026/11/v0/7.m4s", seg("cam1", "2026/11", "v0", 7, "m4s")},
	{"hls", "cam1/v0/init.mp4", Fields{Recording: "cam1", Rendition: "v0", Ext: "mp4", Kind: Init}},
	{"hls", "cam1/init.mp4", Fields{Recording: "cam1", Rendition: "source", Ext: "mp4", Kind: Init}},
	{"hls", "cam1/index.m3u8", Fields{Recording: "cam1", Rendition: "source", Ext: "m3u8", Kind: Sidecar, Form: M3U8}},
	{"hls", "cam1/2026/v0/index.m3u8", Fields{Recording: "cam1", Nonce: "2026", Rendition: "v0", Ext: "m3u8", Kind: Sidecar, Form: M3U8}},
	{"hls", "seg0.ts", Fields{}},
	{"hls", "cam1/subtitles1.vtt", Fields{}},
	{"hls", "cam1/enc.key", Fields{}},
}

// recorded is a segment of 2026-11-21 as wubloader names it.
func recorded(recording, clock string, d time.Duration, quality, hash string) Fields {
	t, err := time.Parse("2006-01-02 15:04:05", "2026-11-21 "+clock)
	if err != nil {
		panic(err)
	}
	return Fields{Recording: recording, Rendition: "source", Time: t, Duration: d, Quality: quality, Hash: hash, Ext: "ts"}
}

func TestPresets(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range presetCases {
		seen[c.layout] = true
		l := mustParse(t, c.layout)
		got, ok := l.Match(c.key)
		if got != c.want || ok != (c.want != Fields{}) {
			t.Errorf("%s: Match(%q) = %+v, %v; want %+v", c.layout, c.key, got, ok, c.want)
		}
		if ok && !under(l, got.Recording, c.key) {
			t.Errorf("%s: %q is under none of %q", c.layout, c.key, l.Prefixes(got.Recording))
		}
	}
	for _, name := range Presets() {
		if !seen[name] {
			t.Errorf("no case for the preset %s", name)
		}
	}
	if !slices.IsSorted(Presets()) || len(Presets()) != 8 {
		t.Errorf("Presets() = %q", Presets())
	}
}

// TestSidecarsAreNoSegments: no preset takes the sidecars or tombstones of any
// preset, or what lies beside segments, for segments.
func TestSidecarsAreNoSegments(t *testing.T) {
	var keys []string
	for _, c := range presetCases {
		if k := c.want.Kind; k == Sidecar || k == Tombstone {
			keys = append(keys, c.key)
		}
		dir := c.key[:strings.LastIndexByte(c.key, '/')+1]
		for _, name := range []string{"latest.png", "thumb0.jpg", "1.jpeg", "1.webp", "1.vtt", "1.json", "1.m3u8", "1.mpd", "1.txt", "1.tmp", "1.ts.tmp", "1", "recording.json", "segments.json.gz"} {
			keys = append(keys, dir+name)
		}
	}
	for _, name := range Presets() {
		l := mustParse(t, name)
		for _, key := range keys {
			if f, ok := l.Match(key); ok && (f.Kind == Media || f.Kind == Init) {
				t.Errorf("%s takes %q for %+v", name, key, f)
			}
		}
	}
}

func TestFacts(t *testing.T) {
	for _, name := range append(Presets(), "{recording}/{seq}.ts") {
		l := mustParse(t, name)
		if l.LaterWins() != (name == "nonce") || l.ReusesKeys() != (name == "livepeer") || l.ByPlaylist() != (name == "hls") {
			t.Errorf("%s: LaterWins %v, ReusesKeys %v, ByPlaylist %v", name, l.LaterWins(), l.ReusesKeys(), l.ByPlaylist())
		}
	}
}

// TestPrefixesOfConstant: the recording of trees without a folder for it is found
// in the whole store, and no other recording is looked for there.
func TestPrefixesOfConstant(t *testing.T) {
	l := mustParse(t, "wubloader")
	if got := l.Prefixes("wubloader"); !slices.Equal(got, []string{""}) {
		t.Errorf("Prefixes = %q", got)
	}
	if got := mustParse(t, "{recording:=a}{seq}.ts").Prefixes("b"); len(got) != 0 {
		t.Errorf("Prefixes = %q", got)
	}
	if got := mustParse(t, "nonce").Prefixes("a/b"); len(got) != 0 {
		t.Errorf("Prefixes = %q", got)
	}
}

func TestOutermost(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"b/ a/ a/", "a/ b/"},
		{"a/b/ a/ a/c/ a/b/c/", "a/"},
		{"a a- a/", "a"},
		{"foo/ foo-", "foo- foo/"},
	} {
		if got := strings.Join(Outermost(strings.Fields(c.in)), " "); got != c.want {
			t.Errorf("Outermost(%q) = %q; want %q", c.in, got, c.want)
		}
	}
}
