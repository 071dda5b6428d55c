package finalize

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize/playlist"
	"recfin/store"
	"recfin/store/mem"
)

func TestClientKey(t *testing.T) {
	for _, c := range []struct{ base, reference, key string }{
		{"rec/foo/s/index.m3u8", "1-a/720p.m3u8", "rec/foo/s/1-a/720p.m3u8"},
		{"rec/foo/s/1-a/720p.m3u8", "../../../../foo/A/1.ts", "foo/A/1.ts"},
		{"rec/foo/s/1-a/720p.m3u8", "./gap.ts?x#y", "rec/foo/s/1-a/gap.ts"},
		{"a/b", "c%20d%23%3F%2B%C3%BC.ts", "a/c d#?+ü.ts"},
		{"a/b", "../c", "c"},
		{"a/b", "x//y", "a/x//y"},
		{"a/b", "./x:y", "a/x:y"},
		{"b", "c", "c"},
		{"a/b", "", "a/b"},
		{"a/b", "?x", "a/b"},
		// Out of the store, or no key.
		{"a/b", "../../c", ""},
		{"a/b", "/c", ""},
		{"a/b", "//host/c", ""},
		{"a/b", "https://host/c", ""},
		{"a/b", "x:y", ""},
		{"a/b", "c/", ""},
		{"a/b", "..", ""},
		{"a/b", "c%2Fd", ""},
		{"a/b", "%2E%2E/c", ""},
		{"a/b", "c%zz", ""},
	} {
		if key, ok := clientKey(c.base, c.reference); key != c.key || ok != (c.key != "") {
			t.Errorf("%s from %s: %q, %v; want %q", c.reference, c.base, key, ok, c.key)
		}
	}
}

// TestClientKeyIsWhatIsMeant: a client that follows RFC 3986 asks for the key that a
// playlist of ours means, whatever it holds.
func TestClientKeyIsWhatIsMeant(t *testing.T) {
	element := rapid.StringOfN(rapid.RuneFrom([]rune("ab.:%+# ?&ü\n\"/~")), 1, 5, -1)
	rapid.Check(t, func(t *rapid.T) {
		name := func(label string) string {
			return strings.Trim(strings.Join(rapid.SliceOfN(element, 1, 4).Draw(t, label), "/"), "/") + "x"
		}
		dir, key := name("folder"), name("key")
		if !playlist.Addressable(dir) || !playlist.Addressable(key) {
			t.Skip("no URL leads there")
		}
		uri := playlist.RelativeURI(dir, key)
		if got, ok := clientKey(dir+"/x.m3u8", uri); !ok || got != key {
			t.Fatalf("%q from %q is %q, %v; want %q", uri, dir, got, ok, key)
		}
		base := url.URL{Scheme: "https", Host: "host", Path: "/" + dir + "/x.m3u8"}
		to, err := base.Parse(uri)
		if err != nil || to.Path != "/"+key {
			t.Fatalf("net/url resolves %q from %q to %v, %v; want %q", uri, dir, to, err, key)
		}
	})
}

// asked counts what a store is asked for.
type asked struct {
	store.Store
	lists, heads, shown int
}

func (s *asked) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	s.lists++
	return func(yield func(store.Object, error) bool) {
		for o, err := range s.Store.List(ctx, prefix) {
			s.shown++
			if !yield(o, err) {
				return
			}
		}
	}
}

func (s *asked) Head(ctx context.Context, key string) (store.Info, error) {
	s.heads++
	return s.Store.Head(ctx, key)
}

// TestLook: many keys that lie together are listed, few are asked for, and what lies
// around them costs no more than asking for each.
func TestLook(t *testing.T) {
	s := &asked{Store: mem.New(mem.Options{})}
	put := func(format string, n int) (keys []string) {
		for i := range n {
			key := fmt.Sprintf(format, i)
			s.Store.(*mem.Store).Set(key, []byte("x"), time.Unix(1e9, 0), nil)
			keys = append(keys, key)
		}
		return keys
	}
	many := put("foo/A/720p/%06d.ts", 20000)
	flat := put("cam-%06d.ts", 20000)
	put("zoo/%06d.ts", 20000)
	k := newChecker(&job{f: &Finalizer{cfg: Config{Concurrency: 1}}, recording: "foo"}, VerifyOptions{})
	for _, c := range []struct {
		name                string
		keys                []string
		lists, heads, shown int // at most
	}{
		{"all of a folder", many, 2, 0, 20001},
		{"some of a folder", many[100:3000], 2, 0, 20001},
		{"few of a folder", many[7:10], 0, 3, 0},
		{"some of a flat store", flat[500:600], 4, 0, 3000},
		{"keys far apart", []string{many[0], flat[9], "zoo/000003.ts", "nowhere/x"}, 0, 4, 0},
		{"each hundredth of a flat store", every(flat, 100), 20, 200, 20000},
	} {
		s.lists, s.heads, s.shown = 0, 0, 0
		absent := []string{c.keys[0] + "x", c.keys[len(c.keys)-1] + "~"}
		got, err := k.look(t.Context(), s, append(absent, c.keys...))
		if err != nil || len(got) != len(c.keys)-strings.Count(strings.Join(c.keys, "\n"), "nowhere") || slices.ContainsFunc(absent, func(key string) bool { _, ok := got[key]; return ok }) {
			t.Errorf("%s: %d of %d found: %v", c.name, len(got), len(c.keys), err)
		}
		if s.lists > c.lists || s.heads > c.heads+len(absent) || s.shown > c.shown {
			t.Errorf("%s: %d listings that show %d objects, %d HEADs", c.name, s.lists, s.shown, s.heads)
		}
		for key, o := range got {
			if o.Key != key || path.Ext(key) == "" {
				t.Fatalf("%s is %+v", key, o)
			}
		}
	}
}

func every(keys []string, n int) (out []string) {
	for i := 0; i < len(keys); i += n {
		out = append(out, keys[i])
	}
	return out
}
