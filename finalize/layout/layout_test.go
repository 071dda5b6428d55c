package layout

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func mustParse(t testing.TB, text string) *Layout {
	t.Helper()
	l, err := Parse(text, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func seg(recording, nonce, rendition string, seq int64, ext string) Fields {
	return Fields{Recording: recording, Nonce: nonce, Rendition: rendition, Seq: seq, Numbered: true, Ext: ext}
}

// with changes fields.
func with(f Fields, change func(*Fields)) Fields {
	change(&f)
	return f
}

// under tells whether a listing for the recording holds the key.
func under(l *Layout, recording, key string) bool {
	return slices.ContainsFunc(l.Prefixes(recording), func(p string) bool { return strings.HasPrefix(key, p) })
}

// matchCases seed the fuzz targets too. An empty want is "unknown".
var matchCases = []struct {
	name, layout, key string
	want              Fields
}{
	{"preset", "nonce", "foo/A/720p/12.ts", seg("foo", "A", "720p", 12, "ts")},
	{"preset source", "nonce", "foo/source/3.ts", seg("foo", "", "source", 3, "ts")},
	{"padded", "nonce", "foo/A/720p/007.ts", seg("foo", "A", "720p", 7, "ts")},
	{"18 digits", "nonce", "foo/A/720p/999999999999999999.ts", seg("foo", "A", "720p", 999999999999999999, "ts")},
	{"19 digits", "nonce", "foo/A/720p/1000000000000000000.ts", Fields{}},
	{"sign", "nonce", "foo/A/720p/-1.ts", Fields{}},
	{"plus", "nonce", "foo/A/720p/+1.ts", Fields{}},
	{"other digits", "nonce", "foo/A/720p/٣.ts", Fields{}},
	{"thumbnail", "nonce", "foo/A/720p/1.jpg", Fields{}},
	{"playlist", "nonce", "foo/A/720p/1.m3u8", Fields{}},
	{"no name", "nonce", "foo/A/720p/.ts", Fields{}},
	{"other rendition without nonce", "nonce", "foo/720p/3.ts", Fields{}},
	{"deeper", "nonce", "a/foo/A/720p/12.ts", Fields{}},
	{"empty element", "nonce", "foo//720p/12.ts", Fields{}},
	{"leading slash", "nonce", "/A/720p/12.ts", Fields{}},
	{"dots", "nonce", "../A/720p/12.ts", Fields{}},
	{"dots inside", "nonce", "foo/../720p/12.ts", Fields{}},
	{"plus in the id", "nonce", "video+abc/A/720p/1.ts", seg("video+abc", "A", "720p", 1, "ts")},
	{"newline", "nonce", "f\no/A/720p/1.ts", seg("f\no", "A", "720p", 1, "ts")},
	{"newline after", "nonce", "foo/A/720p/1.ts\n", Fields{}},
	{"bad UTF-8", "nonce", "f\xffo/A/720p/1.ts", seg("f\xffo", "A", "720p", 1, "ts")},
	{"upper case extension", "nonce", "foo/A/720p/1.TS", seg("foo", "A", "720p", 1, "TS")},
	{"empty", "nonce", "", Fields{}},
	{"own", "{recording}/{rendition}-{seq}.ts", "foo/720p-8.ts", seg("foo", "", "720p", 8, "ts")},
	{"own, longest on the left", "{recording}-{nonce}/{seq}.ts", "foo-2-A/8.ts", seg("foo-2", "A", "source", 8, "ts")},
	{"constant prefix", "live/{recording}/{seq}.m4s", "live/foo/8.m4s", seg("foo", "", "source", 8, "m4s")},
	{"other prefix", "live/{recording}/{seq}.m4s", "dead/foo/8.m4s", Fields{}},
	{"ignored part", "{recording}/{*}_{seq}.ts", "foo/x_y_8.ts", seg("foo", "", "source", 8, "ts")},
	{"any depth, none", "{recording}/{**}/{seq}.ts", "foo/8.ts", seg("foo", "", "source", 8, "ts")},
	{"any depth, three", "{recording}/{**}/{seq}.ts", "foo/a/b/c/8.ts", seg("foo", "", "source", 8, "ts")},
	{"any depth, last", "{recording}/{seq}/{**}", "foo/8/x/y.ts", seg("foo", "", "source", 8, "")},
	{"regexp characters", "{recording}/a.b+(c)/{seq}.ts", "foo/a.b+(c)/8.ts", seg("foo", "", "source", 8, "ts")},
	{"regexp characters, other", "{recording}/a.b+(c)/{seq}.ts", "foo/aXb+(c)/8.ts", Fields{}},
	{"constant recording", "{recording=foo}/{seq}.ts", "foo/8.ts", seg("foo", "", "source", 8, "ts")},
	{"constant recording that keys do not say", "{recording:=cam1}{seq}.ts", "8.ts", seg("cam1", "", "source", 8, "ts")},
	{"recording of any depth", "{recording**}/{seq}.ts", "a/b/8.ts", seg("a/b", "", "source", 8, "ts")},
	{"recording of any depth, none", "{recording**}/{seq}.ts", "8.ts", Fields{}},
	{"recording of any depth, dots", "{recording**}/{seq}.ts", "a/../8.ts", Fields{}},
	{"writer of any depth, none", "{recording}/{nonce**}/{seq}.ts", "foo/8.ts", seg("foo", "", "source", 8, "ts")},
	{"writer of any depth", "{recording}/{nonce**}/{seq}.ts", "foo/a/b/8.ts", seg("foo", "a/b", "source", 8, "ts")},
	{"any depth first", "{**}/{recording}/{seq}.ts", "a/b/foo/8.ts", seg("foo", "", "source", 8, "ts")},
	{"any depth first, none", "{**}/{recording}/{seq}.ts", "foo/8.ts", seg("foo", "", "source", 8, "ts")},
	{"digits that do not matter", "{recording}-{#}-{seq}.ts", "foo-170-8.ts", seg("foo", "", "source", 8, "ts")},
	{"digits that do not matter, letters", "{recording}-{#}-{seq}.ts", "foo-x-8.ts", Fields{}},
	{"natural order", "{recording}/{*}.{ext}", "foo/intro.ts", Fields{Recording: "foo", Rendition: "source", Ext: "ts"}},
	{"natural order, thumbnail", "{recording}/{*}.{ext}", "foo/intro.jpg", Fields{}},
	{"number at the end of a name", "{recording}/{name}.ts", "foo/seg_0012.ts", seg("foo", "", "source", 12, "ts")},
	{"name that is a number", "{recording}/{name}.ts", "foo/0012.ts", seg("foo", "", "source", 12, "ts")},
	{"number inside a name", "{recording}/{name}.ts", "foo/12_720p.ts", Fields{Recording: "foo", Rendition: "source", Ext: "ts"}},
	{"19 digits at the end of a name", "{recording}/{name}.ts", "foo/a1000000000000000000.ts", Fields{Recording: "foo", Rendition: "source", Ext: "ts"}},
	{"two dots", "{recording}/{name}.{ext}", "foo/a.1.ts", seg("foo", "", "source", 1, "ts")},
	{"duration", "{recording}/{seq}-{duration}.ts", "foo/8-2.002.ts", with(seg("foo", "", "source", 8, "ts"), func(f *Fields) { f.Duration = 2002 * time.Millisecond })},
	{"duration without fraction", "{recording}/{seq}-{duration}.ts", "foo/8-10.ts", with(seg("foo", "", "source", 8, "ts"), func(f *Fields) { f.Duration = 10 * time.Second })},
	{"duration to the nearest ns", "{recording}/{seq}-{duration}.ts", "foo/8-2.0019999999999998.ts", with(seg("foo", "", "source", 8, "ts"), func(f *Fields) { f.Duration = 2002 * time.Millisecond })},
	{"duration, all nines", "{recording}/{seq}-{duration}.ts", "foo/8-1.9999999999.ts", with(seg("foo", "", "source", 8, "ts"), func(f *Fields) { f.Duration = 2 * time.Second })},
	{"duration, too long", "{recording}/{seq}-{duration}.ts", "foo/8-1000000000.ts", Fields{}},
	{"duration with exponent", "{recording}/{seq}-{duration}.ts", "foo/8-1e3.ts", Fields{}},
	{"duration, negative", "{recording}/{seq}-{duration}.ts", "foo/8--1.ts", Fields{}},
	{"init", "{recording}/{rendition}/{seq}.{ext}", "foo/720p/init.mp4", Fields{Recording: "foo", Rendition: "720p", Ext: "mp4", Kind: Init}},
	{"init, other extension", "{recording}/{rendition}/{seq}.m4s", "foo/720p/init.cmfv", Fields{Recording: "foo", Rendition: "720p", Ext: "cmfv", Kind: Init}},
	{"init before a segment of any name", "{recording}/{*}.{ext}", "foo/init.mp4", Fields{Recording: "foo", Rendition: "source", Ext: "mp4", Kind: Init}},
	{"init of TS", "{recording}/{seq}.ts", "foo/init.mp4", Fields{}},
	{"init that is TS", "{recording}/{*}.{ext}", "foo/init.ts", Fields{Recording: "foo", Rendition: "source", Ext: "ts"}},
	{"init where the folder does not tell the rendition", "{recording}/{rendition}-{seq}.m4s", "foo/init.mp4", Fields{}},
	{"init in a folder with a time", "{recording}/{time:2006-01-02}/{time:15-04-05}.{ext}", "foo/2026-11-21/init.mp4", Fields{Recording: "foo", Rendition: "source", Ext: "mp4", Kind: Init}},
	{"long element", "{recording}/{seq}.ts", strings.Repeat("x", 1025) + "/1.ts", Fields{}},
	{"long key", "{recording}/{seq}.ts", strings.Repeat("x", 1024) + "/1.ts", seg(strings.Repeat("x", 1024), "", "source", 1, "ts")},
}

func TestMatch(t *testing.T) {
	for _, c := range matchCases {
		t.Run(c.name, func(t *testing.T) {
			got, ok := mustParse(t, c.layout).Match(c.key)
			if got != c.want || ok != (c.want != Fields{}) {
				t.Errorf("Match(%q) = %+v, %v; want %+v", c.key, got, ok, c.want)
			}
		})
	}
}

// badPatterns: pattern, what the error must say.
var badPatterns = [][2]string{
	{"", "empty; use one of the presets catalyst, hls,"},
	{"nonces", "neither one of the presets catalyst, hls, ivs, livepeer, manifests, mediamtx, nonce, wubloader nor a pattern"},
	{"{recording}/{seq", "at byte 13: an opening brace"},
	{"{recording}/seq}", "at byte 16: a closing brace"},
	{"{recording}/{s{eq}}.ts", "at byte 13: an opening brace"},
	{"{recording}/{date}.ts", "at byte 13: unknown field {date}; allowed are {recording}"},
	{"{recording}/{seq:4}.ts", "at byte 13: unknown field {seq:4}"},
	{"{recording}/{}{seq}.ts", "unknown field {}"},
	{"{recording}/{seq**}.ts", "unknown field {seq**}"},
	{"{recording}/{seq=5}.ts", "{seq=5} cannot be a constant"},
	{"{recording}/{*=a}/{seq}.ts", "{*=a} cannot be a constant"},
	{"{recording**=a}/{seq}.ts", "{recording**=a} cannot be a constant"},
	{"{recording}/{rendition=}/{seq}.ts", "needs a constant"},
	{"{recording}/{rendition=..}/{seq}.ts", "needs a constant"},
	{"{recording:=}{seq}.ts", "needs a constant"},
	{"{recording:=cam1}/{seq}.ts", "at byte 1: {recording:=cam1} stands for no text"},
	{"{recording}{nonce}/{seq}.ts", "nothing between them"},
	{"{recording}{nonce:=a}{rendition}/{seq}.ts", "nothing between them"},
	{"{recording}/{recording}/{seq}.ts", "at byte 13: {recording} for the second time"},
	{"{recording}/{recording**}/{seq}.ts", "at byte 13: {recording**} for the second time"},
	{"{recording}/{**}/{**}/{seq}.ts", "at byte 18: {**} for the second time"},
	{"{recording**}/{**}/{seq}.ts", "at byte 15: a second field of any depth"},
	{"{recording}/x{**}/{seq}.ts", "whole path element"},
	{"{recording**}.ts", "at byte 1: {**}, {recording**} and {nonce**} must be a whole path element"},
	{"/{recording}/{seq}.ts", "at byte 1: an empty path element"},
	{"{recording}//{seq}.ts", "at byte 13: an empty path element"},
	{"{recording}/../{seq}.ts", `at byte 13: the path element ".."`},
	{"{recording}/{nonce}", "has no {seq}, no {time:…} and no extension"},
	{"{nonce}/{seq}.ts", "lacks {recording}"},
	{"\xff{recording}/{seq}.ts", "UTF-8"},
	{strings.Repeat("x", 1025) + "{recording}/{seq}.ts", "longer"},
	{"{recording}/" + strings.Repeat("{*}-", 9) + "{seq}.ts", "at byte 13: a path element of more than 16 parts"},
	{"{recording}/{time}.ts", "at byte 13: {time} needs a format"},
	{"{recording}/{time:}.ts", "at byte 13: {time} needs a format"},
	{"{recording}/{time=2006}.ts", "at byte 13: {time} needs a format"},
	{"{recording}/{time:%Y-%m-%d}.ts", `at byte 19: "%" is no part of a time; allowed are 2006 01 02 15 04 05`},
	{"{recording}/{time:2026-01-02}.ts", `at byte 19: "2026" is no part of a time`},
	{"{recording}/{time:2006-Jan-02}.ts", "at byte 24: Jan is not supported"},
	{"{recording}/{time:2006-01-02T15-04}.ts", "has a time without 05"},
	{"{recording}/{time:15-04-05}.ts", "has a time without 2006"},
	{"{recording}/{time:2006-01-02}/{time:2006-15}.ts", "at byte 37: the time has 2006 for the second time"},
	{"{recording}/{time:2006-01-02T15-04-05.123}.ts", `at byte 39: "123" is no part of a time`},
	{"{recording}/{time:2006-01-02T15-04-05.0000000000}.ts", "is no part of a time"},
}

func TestBadPattern(t *testing.T) {
	for _, c := range badPatterns {
		_, err := Parse(c[0], Options{})
		if !errors.Is(err, ErrPattern) || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("Parse(%q) = %v; want %q", c[0], err, c[1])
		}
	}
}

func TestPrefix(t *testing.T) {
	for _, c := range []struct {
		layout, prefixes, at string
		ok                   bool
	}{
		{"nonce", "foo/", "", true},
		{"live/x/{recording}/{seq}.ts", "live/x/foo/", "live/x/", true},
		{"live/{nonce}/{recording}/{seq}.ts", "live/", "", false},
		{"{recording}-{nonce}/{seq}.ts", "foo-", "", false},
		{"rec{recording}/{seq}.ts", "recfoo/", "", false},
		{"{**}/{recording}/{seq}.ts", "", "", false},
		{"{recording=foo}/{seq}.ts", "foo/", "", false},
		{"{recording=bar}/{seq}.ts", "", "", false},
		{"{recording:=foo}{seq}.ts", "", "", false},
		{"{recording**}/{seq}.ts", "foo/", "", false},
		{"{nonce**}/{recording}/{seq}.ts", "", "", false},
		{"livepeer", "foo/", "", true},
		{"catalyst", "foo/ hls/foo/", "", false},
		{"manifests", "foo- foo/", "", true},
		{"wubloader", "foo/", "", false},
		{"ivs", "ivs/v1/", "", false},
		{"mediamtx", "foo/", "", false},
		{"hls", "foo/", "", true},
	} {
		l := mustParse(t, c.layout)
		if got := strings.Join(l.Prefixes("foo"), " "); got != c.prefixes {
			t.Errorf("%s: Prefixes = %q; want %q", c.layout, got, c.prefixes)
		}
		if at, ok := l.RecordingsAt(); strings.Join(at, " ") != c.at || ok != c.ok {
			t.Errorf("%s: RecordingsAt = %q, %v; want %q, %v", c.layout, at, ok, c.at, c.ok)
		}
		if l.Name() != c.layout {
			t.Errorf("Name = %q", l.Name())
		}
	}
}

// Case 13: two recordings whose names share a beginning are never mixed.
func TestCase13PrefixIsNoOtherRecording(t *testing.T) {
	l := mustParse(t, "nonce")
	for _, key := range []string{"foo-2/A/720p/1.ts", "foo2/source/1.ts", "fo/A/720p/1.ts"} {
		f, ok := l.Match(key)
		if !ok || f.Recording == "foo" {
			t.Errorf("Match(%q) = %+v, %v", key, f, ok)
		}
		if under(l, "foo", key) {
			t.Errorf("%q is under the prefix of foo", key)
		}
	}
}

func TestFormatRefuses(t *testing.T) {
	for _, c := range []struct {
		layout string
		f      Fields
	}{
		{"nonce", seg("foo", "", "720p", 1, "ts")},
		{"nonce", seg("foo", "A/B", "720p", 1, "ts")},
		{"nonce", seg("..", "A", "720p", 1, "ts")},
		{"nonce", seg("foo", "A", "720p", -1, "ts")},
		{"nonce", seg("foo", "A", "720p", 1, "jpg")},
		{"nonce", seg("foo", "A", "720p", 1e18, "ts")},
		{"{recording}-{nonce}/{seq}.ts", seg("foo", "A-2", "source", 1, "ts")},
		{"{recording}/{*}/{seq}.ts", seg("foo", "", "source", 1, "ts")},
		{"{recording}/{**}/{seq}.ts", seg("foo", "", "source", 1, "ts")},
		{"{recording}/{#}/{seq}.ts", seg("foo", "", "source", 1, "ts")},
		{"{recording}/{name}.ts", seg("foo", "", "source", 1, "ts")},
		{"{recording}/{time:2006-01-02T15-04-05}.ts", Fields{Recording: "foo", Rendition: "source", Ext: "ts"}},
		{"{recording}/{time:2006-01-02T15-04-05}.ts", Fields{Recording: "foo", Rendition: "source", Ext: "ts", Time: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)}},
		{"{recording}/{seq}-{duration}.ts", with(seg("foo", "", "source", 1, "ts"), func(f *Fields) { f.Duration = -1 })},
		{"nonce", with(seg("foo", "A", "720p", 1, "ts"), func(f *Fields) { f.Kind = Tombstone })},
		{"{recording}/{seq}.ts", seg("foo", "A", "source", 1, "ts")},
	} {
		if key, err := mustParse(t, c.layout).Format(c.f); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: Format(%+v) = %q, %v", c.layout, c.f, key, err)
		}
	}
}
