package serve_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/internal/hlscases"
	"recfin/serve"
)

// secret is in every object that nothing may lead to.
const secret = "SECRET: no plan, marker or output names this"

// hide puts objects beside a recording that nobody may read.
func hide(w *hlscases.World) []string {
	keys := []string{
		"secret.ts", "show/secret.ts", "show/A/secret.ts", "show/A/720p/secret.txt", "other/A/720p/0.ts", "recordings/secret", "recordings/show/secret.m3u8",
		"recordings/.recfin/leases/x", ".recfin/x", "etc/passwd", "show/A/720p/..%2f0.ts", "a//b",
	}
	for _, k := range keys {
		w.Store.Set(k, []byte(secret), hlscases.OnAir.Add(time.Minute), nil)
	}
	return keys
}

// TestOnlyWhatIsNamed: no way of asking for a key gives its object, unless a plan, a
// marker or an output leads to it.
func TestOnlyWhatIsNamed(t *testing.T) {
	for _, done := range []bool{false, true} {
		w := lay(t, "restart")
		keys := hide(w)
		if done {
			w.Finalize(t)
			keys = append(keys, "recordings/show/recording.json")
		} else {
			keys = append(keys, "show/A/720p/0.ts") // below /store/ there is nothing yet
		}
		b := serving(t, w, nil)
		for _, key := range keys {
			for _, at := range []string{key, url.PathEscape(key), strings.ReplaceAll(key, "/", "%2f"), "show/A/720p/../../../" + key, "show/A/720p/%2e%2e/%2e%2e/%2e%2e/" + key, "/" + key, "./" + key} {
				for _, below := range []string{"/store/show/", "/store/show/recordings/../", "/store/", "/media/show/" + w.Sessions[0].ID + "/", "/play/show/" + w.Sessions[0].ID + "/", "/", "/r/", "/store/other/"} {
					if a := b.do(http.MethodGet, below+at); strings.Contains(a.body, secret) || a.StatusCode == http.StatusOK && below != "/r/" {
						t.Errorf("finalized %v: %s%s: %s", done, below, at, a.Status)
					}
				}
			}
		}
	}
}

// FuzzPath: whatever is asked for, nothing that is not named is served, and nothing
// breaks.
func FuzzPath(f *testing.F) {
	w := lay(f, "restart")
	hidden := hide(w)
	w.Finalize(f)
	for key, e := range lay(f, "failover").Store.Snapshot() {
		w.Store.Set("second"+strings.TrimPrefix(key, "show"), e.Body, e.Modified, nil)
	}
	s, err := serve.New(serve.Options{Config: w.Config})
	if err != nil {
		f.Fatal(err)
	}
	id := w.Sessions[0].ID
	for _, at := range append(hidden, "", "r/show", "r/show%2F..", "store/show/"+w.Door(id), "play/second/"+id+"/index.m3u8", "play/second/"+id+"/720p.m3u8",
		"media/second/"+id+"/0-0-0123456789abcdef.ts", "media/second/"+id+"/-2-0-.mp4", "media/second/"+id+"/99999999999-1-x", "media/second/"+id+"/0--1-x", "media/second/"+id+"/---",
		"store/show/..%2f..%2fetc%2fpasswd", "store/show/%00", "%", "store/show/show/A/720p/0.ts?key=secret.ts", "//", "r/%ff%fe", "r/"+strings.Repeat("a/", 500)) {
		f.Add(at)
	}
	there := w.Store.Snapshot()
	f.Fuzz(func(t *testing.T, at string) {
		u, err := url.ParseRequestURI("/" + at)
		if err != nil {
			return
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL, r.Host = u, "localhost"
		got := httptest.NewRecorder()
		s.ServeHTTP(got, r)
		if strings.Contains(got.Body.String(), secret) {
			t.Fatalf("%q: it was read", at)
		}
		if !slices.Contains([]int{200, 302, 400, 404, 405, 409}, got.Code) {
			t.Fatalf("%q: %d %s", at, got.Code, got.Body)
		}
		if len(w.Store.Snapshot()) != len(there) {
			t.Fatalf("%q: something was written", at)
		}
	})
}

// TestAddressIsChecked: the address of a segment cannot be made up.
func TestAddressIsChecked(t *testing.T) {
	w := lay(t, "restart")
	b := serving(t, w, nil)
	media := b.segments(play(w, "index.m3u8"))
	for _, at := range media {
		sum := at[strings.LastIndexByte(at, '-')+1:]
		for _, wrong := range []string{strings.Repeat("0", 16) + ".ts", "", ".ts", sum[1:], sum + "0"} {
			if a := b.do(http.MethodGet, strings.TrimSuffix(at, sum)+wrong); a.StatusCode != http.StatusNotFound && wrong != sum+"0" {
				t.Errorf("%s instead of %s: %s", wrong, sum, a.Status)
			}
		}
		moved := strings.Replace(at, "/0-", "/0-1", 1) // a row more, the same object: the plan has moved on
		if a := b.get(moved); a.body != b.get(at).body {
			t.Errorf("%s is another object than %s", moved, at)
		}
	}
}

// TestGrows: what arrives is in the plan as soon as somebody looks, and what was
// addressed before is found where it is now.
func TestGrows(t *testing.T) {
	w := lay(t, "restart")
	late := w.Store.Snapshot()["show/A/720p/0.ts"]
	for _, o := range []string{"show/A/720p/0.ts"} {
		remove(t, w, o)
	}
	b := serving(t, w, func(o *serve.Options) { o.Refresh = time.Nanosecond })
	first := b.get("/r/show")
	before := b.segments(playAt(t, b, first.body))
	bodies := map[string]string{}
	for _, at := range before {
		bodies[at] = b.get(at).body
	}
	w.Store.Set("show/A/720p/0.ts", late.Body, late.Modified, nil)
	after := b.segments(playAt(t, b, b.get("/r/show").body))
	if len(after) != len(before)+1 {
		t.Errorf("%d segments, then %d", len(before), len(after))
	}
	for at, body := range bodies {
		if a := b.do(http.MethodGet, at); a.StatusCode == http.StatusOK && a.body != body {
			t.Errorf("%s is another object now", at)
		}
	}
}

// TestCommittedMeanwhile: what a run commits while somebody looks is served at once.
func TestCommittedMeanwhile(t *testing.T) {
	w := lay(t, "restart")
	b := serving(t, w, func(o *serve.Options) { o.Refresh = time.Nanosecond })
	door := "/store/show/" + w.Door(w.Sessions[0].ID)
	media := b.segments(play(w, "index.m3u8"))
	if a := b.do(http.MethodGet, door); a.StatusCode != http.StatusNotFound {
		t.Errorf("before: %s", a.Status)
	}
	w.Finalize(t)
	for _, ref := range refs(b.get(door).body) {
		list := b.follow(door, ref)
		for _, ref := range refs(b.get(list).body) {
			b.get(b.follow(list, ref))
		}
	}
	for _, at := range media {
		b.get(at)
	}
}
