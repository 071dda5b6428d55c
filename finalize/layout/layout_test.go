package layout

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
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
	{"", "empty"},
	{"nonces", "neither the preset nonce nor a pattern"},
	{"{recording}/{seq", "at byte 13: an opening brace"},
	{"{recording}/seq}", "at byte 16: a closing brace"},
	{"{recording}/{s{eq}}.ts", "at byte 13: an opening brace"},
	{"{recording}/{time}.ts", "at byte 13: unknown field {time}; allowed are {recording}"},
	{"{recording}/{duration}-{seq}.ts", "unknown field {duration}"},
	{"{recording}/{}{seq}.ts", "unknown field {}"},
	{"{recording}/{seq=5}.ts", "{seq} cannot be a constant"},
	{"{recording}/{rendition=}/{seq}.ts", "needs a constant"},
	{"{recording}/{rendition=..}/{seq}.ts", "needs a constant"},
	{"{recording}{nonce}/{seq}.ts", "nothing between them"},
	{"{recording}/{recording}/{seq}.ts", "second time"},
	{"{recording}/{**}/{**}/{seq}.ts", "second time"},
	{"{recording}/x{**}/{seq}.ts", "whole path element"},
	{"/{recording}/{seq}.ts", "at byte 1: an empty path element"},
	{"{recording}//{seq}.ts", "at byte 13: an empty path element"},
	{"{recording}/../{seq}.ts", `at byte 13: the path element ".."`},
	{"{recording}/{nonce}.ts", "lacks {recording} or {seq}"},
	{"{nonce}/{seq}.ts", "lacks {recording} or {seq}"},
	{"\xff{recording}/{seq}.ts", "UTF-8"},
	{strings.Repeat("x", 1025) + "{recording}/{seq}.ts", "longer"},
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
		{"{recording}/{seq}.ts", seg("foo", "A", "source", 1, "ts")},
	} {
		if key, err := mustParse(t, c.layout).Format(c.f); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: Format(%+v) = %q, %v", c.layout, c.f, key, err)
		}
	}
}

// What Format makes, Match reads back, and it lies under the prefix of its
// recording and of no other.
func TestFormatMatchRoundTrip(t *testing.T) {
	l := mustParse(t, "nonce")
	name := rapid.StringMatching(`[-a-z0-9+ %#.]{0,3}[a-z]`)
	rapid.Check(t, func(t *rapid.T) {
		f := seg(name.Draw(t, "recording"), name.Draw(t, "nonce"), name.Draw(t, "rendition"),
			rapid.Int64Range(0, 999999999999999999).Draw(t, "seq"), rapid.SampledFrom(media).Draw(t, "ext"))
		if rapid.Bool().Draw(t, "of the source") {
			f.Nonce, f.Rendition = "", "source"
		}
		key, err := l.Format(f)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := l.Match(key); !ok || got != f {
			t.Fatalf("%q reads as %+v", key, got)
		}
		other := name.Draw(t, "other")
		if under := under(l, other, key); under != (other == f.Recording) {
			t.Fatalf("%q under the prefix of %q: %v", key, other, under)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, c := range badPatterns {
		f.Add(c[0], "foo/A/720p/1.ts")
	}
	for _, c := range matchCases {
		f.Add(c.layout, c.key)
	}
	f.Fuzz(func(t *testing.T, pattern, key string) {
		l, err := Parse(pattern, Options{})
		if err != nil {
			if !errors.Is(err, ErrPattern) {
				t.Fatal(err)
			}
			return
		}
		checkKey(t, l, key)
	})
}

func FuzzMatch(f *testing.F) {
	for _, c := range matchCases {
		f.Add(c.key)
	}
	f.Fuzz(func(t *testing.T, key string) { checkKey(t, mustParse(t, "nonce"), key) })
}

// checkKey states what holds for any key under any layout: fields are usable,
// the key is under its recording's prefix, and a canonical key survives.
func checkKey(t *testing.T, l *Layout, key string) {
	t.Helper()
	f, ok := l.Match(key)
	if !ok {
		return
	}
	if f.Recording == "" || f.Seq < 0 || strings.ContainsAny(f.Recording+f.Nonce+f.Rendition, "/") {
		t.Fatalf("%q: %+v", key, f)
	}
	if !under(l, f.Recording, key) {
		t.Fatalf("%q is not under %q", key, l.Prefixes(f.Recording))
	}
	made, err := l.Format(f)
	if err != nil {
		return
	}
	if got, ok := l.Match(made); !ok || got != f {
		t.Fatalf("%q became %q, which is %+v", key, made, got)
	}
	if again, err := l.Format(f); err != nil || again != made || len(made) > len(key) && l.name == "nonce" {
		t.Fatalf("%q became %q, then %q (%v)", key, made, again, err)
	}
}

func BenchmarkMatch(b *testing.B) {
	l := mustParse(b, "nonce")
	for b.Loop() {
		l.Match("recording/0123456789abcdef/720p/86399.ts")
	}
}
