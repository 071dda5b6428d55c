package playlist

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

var resolveCases = []struct {
	base, uri string
	first     string   // the best reading, "" if there is none
	also      []string // in this order somewhere behind it
}{
	{"rec/index.m3u8", "0.ts", "rec/0.ts", nil},
	{"index.m3u8", "a/0.ts", "a/0.ts", nil},
	{"rec/a/index.m3u8", "../b/0.ts", "rec/b/0.ts", nil},
	{"rec/index.m3u8", "./0.ts", "rec/0.ts", []string{"rec/./0.ts"}},
	{"rec/index.m3u8", "../../../0.ts", "0.ts", nil},
	{"rec/index.m3u8", "a%20b.ts", "rec/a b.ts", []string{"rec/a%20b.ts"}},
	{"a%20b/index.m3u8", "0.ts", "a%20b/0.ts", nil},
	{"rec/index.m3u8", "100%.ts", "rec/100%.ts", nil},
	{"rec/index.m3u8", "a+b.ts", "rec/a+b.ts", nil},
	{"rec/index.m3u8", "a//0.ts", "rec/a//0.ts", []string{"rec/a/0.ts"}},
	{"rec//x/index.m3u8", "0.ts", "rec//x/0.ts", []string{"rec/x/0.ts"}},
	{"rec/index.m3u8", "0.ts?a=b/c", "rec/0.ts", []string{"rec/0.ts?a=b/c"}},
	{"rec/index.m3u8", "0.ts?v#t", "rec/0.ts", []string{"rec/0.ts?v", "rec/0.ts?v#t"}},
	{"rec/index.m3u8", "a%3Fb.ts", "rec/a?b.ts", []string{"rec/a%3Fb.ts"}},
	{"rec/index.m3u8", "a%2Fb.ts", "rec/a/b.ts", []string{"rec/a%2Fb.ts"}},
	{"rec/index.m3u8", "%2E%2E/0.ts", "rec/../0.ts", []string{"rec/%2E%2E/0.ts", "0.ts"}},
	{"x.json", "https://h/bucket/rec/0.ts", "bucket/rec/0.ts", []string{"rec/0.ts", "0.ts"}},
	{"x.json", "https://h:1/b/a+b/0%41.ts?X-Amz-Signature=/a", "b/a+b/0A.ts", []string{"b/a+b/0%41.ts", "a+b/0A.ts", "a+b/0%41.ts", "0A.ts", "0%41.ts"}},
	{"x.json", "https://h/b/c/../0.ts", "b/c/../0.ts", []string{"c/../0.ts", "b/0.ts", "../0.ts", "0.ts"}},
	{"x.json", "s3://bucket/a//b.ts", "a//b.ts", []string{"a/b.ts", "b.ts"}},
	{"x/y.m3u8", "/bucket/rec/0.ts", "bucket/rec/0.ts", []string{"rec/0.ts", "0.ts"}},
	{"x/y.m3u8", "//host/rec/0.ts", "host/rec/0.ts", []string{"rec/0.ts", "0.ts"}},
	{"x/y.m3u8", "a b://c", "x/a b://c", []string{"x/a b:/c"}},
	{"x/y.m3u8", "", "", nil},
	{"x/y.m3u8", "?a", "x/?a", nil},
	{"x/y.m3u8", "https://host", "", nil},
	{"x/y.m3u8", "a\xff.ts", "", nil},
	{"x/y.m3u8", "%FF.ts", "x/%FF.ts", nil},
	{"x/y.m3u8", strings.Repeat("k", maxKey), "", nil},
	{"y.m3u8", strings.Repeat("k", maxKey), strings.Repeat("k", maxKey), nil},
	{"y.m3u8", strings.Repeat("%41", maxKey), strings.Repeat("A", maxKey), nil},
	{"y.m3u8", "https://h/" + strings.Repeat("x/", maxKey) + "0.ts", strings.Repeat("x/", maxKey/2-2) + "0.ts", nil},
	{"y.m3u8", "https://h/b//" + strings.Repeat("x/", 3*few) + "0.ts", "b//" + strings.Repeat("x/", 3*few) + "0.ts", []string{"x/x/0.ts", "0.ts"}},
	{"y.m3u8", "https://h/0.ts?" + strings.Repeat("x/", 3*few) + "0.ts", "0.ts", []string{"x/x/0.ts", "x/0.ts"}},
	{"y.m3u8", "0.ts?" + strings.Repeat("token/", 10*maxKey), "0.ts", nil},
}

func TestResolve(t *testing.T) {
	for _, c := range resolveCases {
		got := Resolve(c.base, c.uri)
		if len(got) == 0 && c.first == "" {
			continue
		}
		if len(got) == 0 || got[0] != c.first {
			t.Errorf("%.80q in %q: got %.200q, first want %.80q", c.uri, c.base, got, c.first)
			continue
		}
		at := 0
		for _, key := range c.also {
			n := slices.Index(got[at:], key)
			if n < 0 {
				t.Errorf("%q in %q: got %q, want %q in this order", c.uri, c.base, got, c.also)
				break
			}
			at += n
		}
		keysOnly(t, c.base, c.uri)
	}
}

// keysOnly checks what holds of every answer.
func keysOnly(t interface {
	Fatalf(string, ...any)
	Helper()
}, base, uri string) {
	t.Helper()
	seen := map[string]bool{}
	for _, key := range Resolve(base, uri) {
		if key == "" || len(key) > maxKey || key[0] == '/' || !utf8.ValidString(key) || seen[key] {
			t.Fatalf("%q in %q may not be %q", uri, base, key)
		}
		seen[key] = true
	}
}

// A reference that was made for a key leads to it before any other.
func TestResolveInvertsRelativeURI(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := strings.ToValidUTF8(strings.TrimLeft(drawKey(t), "/"), "_")
		dir := ""
		if rapid.Bool().Draw(t, "deep") {
			dir = strings.ToValidUTF8(strings.Trim(drawKey(t), "/"), "_")
		}
		base := strings.TrimPrefix(dir+"/index.m3u8", "/")
		got := Resolve(base, RelativeURI(dir, key))
		if len(key) <= maxKey && (len(got) == 0 || got[0] != key) {
			t.Fatalf("%q from %q: %q leads to %q", key, dir, RelativeURI(dir, key), got)
		}
	})
}

// However the host and the bucket are called and whether the writer encodes or
// not, the key is among the answers.
func TestResolveFindsAbsolute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := strings.ToValidUTF8(strings.TrimLeft(drawKey(t), "/"), "_")
		before := rapid.SampledFrom([]string{"https://host.example/", "s3+https://k:s@h/bucket/", "/", "//bucket.host/pre/fix/"}).Draw(t, "before")
		uri := before + key
		if rapid.Bool().Draw(t, "encoded") {
			uri = before + strings.TrimPrefix(RelativeURI("", key), "./") + rapid.SampledFrom([]string{"", "?a=b/c", "#t=1"}).Draw(t, "after")
		}
		if got := Resolve("x/y.json", uri); len(key) <= maxKey && !slices.Contains(got, key) {
			t.Fatalf("%q: %q lacks %q", uri, got, key)
		}
	})
}

func FuzzResolve(f *testing.F) {
	for _, c := range resolveCases {
		f.Add(c.base, c.uri)
	}
	f.Fuzz(func(t *testing.T, base, uri string) { keysOnly(t, base, uri) })
}

func BenchmarkResolve(b *testing.B) {
	hostile := "https://h/" + strings.Repeat("%41/", maxPath/4)
	for _, c := range []struct{ name, uri string }{{"relative", "../a/720p/1234.ts"}, {"absolute", "https://h/bucket/rec/node/source/1234.ts"}, {"hostile", hostile}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Resolve("rec/node/index.m3u8", c.uri)
			}
		})
	}
}
