package playlist

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var relativeCases = []struct{ dir, key, want string }{
	{"recordings/foo/20261121T120000Z/1-0123456789abcdef", "foo/A/720p/0.ts", "../../../../foo/A/720p/0.ts"},
	{"recordings/foo/s/1-a/", "recordings/foo/s/1-a/720p.m3u8", "720p.m3u8"},
	{"recordings/foo/s", "recordings/foo/s/1-a/720p.m3u8", "1-a/720p.m3u8"},
	{"recordings/foo/s", "recordings/foo-2/s/0.ts", "../../foo-2/s/0.ts"},
	{"", "foo/0.ts", "foo/0.ts"},
	{"", "a b#c?d%e+f.ts", "a%20b%23c%3Fd%25e%2Bf.ts"},
	{"", "https://host/0.ts", "https%3A//host/0.ts"},
	{"", "a/b:c.ts", "a/b:c.ts"},
	{"x", "b:c.ts", "../b:c.ts"},
	{"", "é/世.ts", "%C3%A9/%E4%B8%96.ts"},
	{"", "a\n#EXT-X-ENDLIST\n.ts", "a%0A%23EXT-X-ENDLIST%0A.ts"},
	{"", "a\r\"<>\\^`{|}\x00\x7f\xff.ts", "a%0D%22%3C%3E%5C%5E%60%7B%7C%7D%00%7F%FF.ts"},
	{"a", "a//b.ts", ".//b.ts"},
	{"a", "a//host/b.ts", ".//host/b.ts"},
	{"a/c", "a//b.ts", "..//b.ts"},
	{"a//c", "a//d/0.ts", "../d/0.ts"},
	{"a/b", "a/b", "../b"},
	{"a/b", "a/b/", "./"},
	{"a", "a/#.ts", "%23.ts"},
}

func TestRelativeURI(t *testing.T) {
	for _, c := range relativeCases {
		if got := RelativeURI(c.dir, c.key); got != c.want {
			t.Errorf("from %q to %q: got %q, want %q", c.dir, c.key, got, c.want)
		}
		leads(t, c.dir, c.key)
	}
}

// leads resolves the reference as a client does and finds the key again.
func leads(t interface {
	Fatalf(string, ...any)
	Helper()
}, dir, key string) {
	t.Helper()
	ref := RelativeURI(dir, key)
	if err := checkURI(ref); err != nil {
		t.Fatalf("from %q to %q: %v", dir, key, err)
	}
	if strings.Contains(ref, "+") {
		t.Fatalf("from %q to %q: %q holds a plus", dir, key, ref)
	}
	base := "https://host.example/bucket/"
	if folder := strings.TrimSuffix(dir, "/"); folder != "" {
		for _, element := range strings.Split(folder, "/") {
			base += url.PathEscape(element) + "/"
		}
	}
	from, err := url.Parse(base + "playlist.m3u8")
	if err != nil {
		t.Fatalf("base %q: %v", base, err)
	}
	to, err := from.Parse(ref)
	if err != nil {
		t.Fatalf("from %q to %q: %v", dir, key, err)
	}
	if to.Host != "host.example" || to.Path != "/bucket/"+key || to.RawQuery != "" || to.Fragment != "" {
		t.Fatalf("from %q to %q: %q leads to %q", dir, key, ref, to)
	}
}

func TestAddressable(t *testing.T) {
	for key, want := range map[string]bool{
		"foo/A/0.ts": true, "a//b": true, "a/.../b": true, ".recfin/x": true, "a/..b/c.": true,
		"../a": false, "a/../b": false, "a/./b": false, "a/..": false, ".": false,
	} {
		if got := Addressable(key); got != want {
			t.Errorf("%q: got %v", key, got)
		}
	}
}

// drawKey gives hostile keys that are made of few elements, so that folders
// often agree in part.
func drawKey(t *rapid.T) string {
	element := rapid.OneOf(
		rapid.SampledFrom([]string{"a", "b", "", "foo", "a:b", "#", "%2e", "x y", "?", "\n", "世", "...", "+", "http:"}),
		rapid.String(),
	).Filter(func(s string) bool { return !strings.Contains(s, "/") && s != "." && s != ".." })
	key := strings.Join(rapid.SliceOfN(element, 1, 5).Draw(t, "elements"), "/")
	return strings.TrimLeft(key, "/") + rapid.SampledFrom([]string{"z.ts", "/0.ts", ":"}).Draw(t, "name")
}

func TestRelativeURILeads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := strings.TrimPrefix(drawKey(t), "/")
		dir := ""
		if rapid.Bool().Draw(t, "deep") {
			dir = strings.TrimLeft(drawKey(t), "/")
		}
		leads(t, dir, key)
	})
}

func FuzzRelativeURI(f *testing.F) {
	for _, c := range relativeCases {
		f.Add(c.dir, c.key)
	}
	f.Add("a//", "a//b")
	f.Add("//", "//")
	f.Fuzz(func(t *testing.T, dir, key string) {
		ref := RelativeURI(dir, key)
		m := Media{Segments: []Segment{{URI: ref, Duration: time.Second}}}
		text, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		p, err := parseMedia(text)
		if err != nil || len(p.segments) != 1 || p.segments[0].uri != ref {
			t.Fatalf("%v in %q", err, text)
		}
		// Keys as a store gives them: no leading slash; and a folder of ours.
		if key != "" && key[0] != '/' && Addressable(key) && Addressable(dir) && !strings.HasPrefix(dir, "/") && !strings.HasSuffix(dir, "//") {
			leads(t, dir, key)
		}
	})
}
