package serve_test

import (
	"maps"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/finalize/playlist"
	"recfin/internal/hlscases"
	"recfin/serve"
	"recfin/store/mem"
)

// TestComputed: each case can be played before it is finalized: its door leads to
// playlists, these to all media, and they are the bytes of the store.
func TestComputed(t *testing.T) {
	for _, c := range hlscases.All() {
		t.Run(c.Name, func(t *testing.T) {
			w := lay(t, c.Name)
			b := serving(t, w, nil)
			there := slices.Collect(maps.Values(bodies(w.Store)))
			if door := b.get(play(w, "index.m3u8")); door.Header.Get("Content-Type") != "application/vnd.apple.mpegurl" {
				t.Errorf("the door is %s", door.Header.Get("Content-Type"))
			}
			media := b.segments(play(w, "index.m3u8"))
			seen := map[string]bool{}
			for _, at := range media {
				a := b.get(at)
				if !slices.Contains(there, a.body) || seen[at] {
					t.Errorf("%s is no object of the store, or named twice", at)
				}
				if seen[at] = true; a.Header.Get("Content-Type") == "application/octet-stream" {
					t.Errorf("%s has no type", at)
				}
			}
			if len(media) == 0 {
				t.Error("nothing is played")
			}
			if after := bodies(w.Store); len(after) != len(there) {
				t.Error("something was written")
			}
		})
	}
}

// TestComputedRules: the playlists of the two broadcasters say what they have to.
func TestComputedRules(t *testing.T) {
	w := lay(t, "restart")
	b := serving(t, w, nil)
	door := b.get(play(w, "index.m3u8")).body
	multi, findings := playlist.ParseMultivariant("door", []byte(door))
	for _, v := range multi.Variants {
		text := b.get(play(w, v.URI)).body
		media, more := playlist.ParseMedia(v.URI, []byte(text))
		findings = append(findings, more...)
		if len(media.Segments) != 8 || strings.Count(text, "#EXT-X-DISCONTINUITY\n") != 1 || !strings.Contains(text, "#EXT-X-ENDLIST") {
			t.Errorf("%d segments:\n%s", len(media.Segments), text)
		}
	}
	for _, f := range findings {
		t.Error(f)
	}
	if len(multi.Variants) != 1 {
		t.Errorf("%d variants", len(multi.Variants))
	}
	for _, wrong := range []string{play(w, "1080p.m3u8"), "/play/show/20200101T000000Z/index.m3u8", "/play/other/20200101T000000Z/index.m3u8", "/play/show", play(w, "gap.ts")} {
		if a := b.do(http.MethodGet, wrong); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", wrong, a.Status)
		}
	}
}

// TestFinalized: what is finalized is served as it stands in the store: doors, and all
// that they lead to, in every mode; and nothing else of the store.
func TestFinalized(t *testing.T) {
	for _, name := range []string{"restart", "inits", "single", "copy", "hostile", "group"} {
		t.Run(name, func(t *testing.T) {
			w := lay(t, name)
			w.Config.Formats.MP4 = true
			w.Finalize(t)
			there := bodies(w.Store)
			b := serving(t, w, nil)
			at := func(key string) string {
				var e []string
				for _, element := range strings.Split(key, "/") {
					e = append(e, url.PathEscape(element))
				}
				return "/store/" + url.PathEscape(w.Recording) + "/" + strings.Join(e, "/")
			}
			door := w.Door(w.Sessions[0].ID)
			if a := b.get(at(door)); a.body != there[door] {
				t.Error("the door is another one")
			}
			n := 0
			for _, ref := range refs(there[door]) {
				list := b.follow(at(door), ref)
				for _, ref := range refs(b.get(list).body) {
					b.get(b.follow(list, ref))
					n++
				}
			}
			page := b.get("/r/" + url.PathEscape(w.Recording)).body
			movies := 0
			for key, body := range there {
				a := b.do(http.MethodGet, at(key))
				private := strings.Contains(key, ".recfin") || path.Base(key) == "recording.json" || path.Base(key) == "segments.json.gz"
				if private != (a.StatusCode == http.StatusNotFound) || !private && a.body != body {
					t.Errorf("%s: %s", key, a.Status)
				}
				if path.Ext(key) == ".mp4" && strings.HasPrefix(key, hlscases.OutPath) && path.Base(path.Dir(key)) != "720p" {
					movies++
				}
			}
			if n == 0 || movies == 0 || !strings.Contains(page, "index.m3u8") {
				t.Errorf("%d references, %d movies", n, movies)
			}
		})
	}
}

// TestPages: the index leads to each recording, finalized or not.
func TestPages(t *testing.T) {
	w := lay(t, "restart")
	other := lay(t, "hostile")
	for key, e := range other.Store.Snapshot() {
		w.Store.Set(key, e.Body, e.Modified, nil)
	}
	w.Finalize(t)
	b := serving(t, w, nil)
	index := b.get("/").body
	for _, name := range []string{"show", other.Recording} {
		at := "r/" + url.PathEscape(name)
		if !strings.Contains(strings.ReplaceAll(index, "&#43;", "+"), at) {
			t.Errorf("the index does not lead to %s:\n%s", at, index)
		}
		page := b.get("/" + at)
		if page.Header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(page.body, "</html>") {
			t.Errorf("%s is %s", at, page.Header.Get("Content-Type"))
		}
	}
	if a := b.get("/healthz"); a.body != "ok\n" {
		t.Errorf("healthz says %q", a.body)
	}
	for _, wrong := range []string{"/nowhere", "/r", "/r/", "/r/nobody", "/r/..%2F..", "/r/show/more", "/play", "/media/show", "/store/show", "//", "/%2e%2e/", "/favicon.ico"} {
		if a := b.do(http.MethodGet, wrong, "Accept", "text/html"); a.StatusCode != http.StatusNotFound && a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %s", wrong, a.Status)
		}
	}
	only := serving(t, w, func(o *serve.Options) { o.Recordings = []string{"show"} })
	if text := only.get("/").body; strings.Contains(text, "d%252F") || !strings.Contains(text, "r/show") {
		t.Errorf("it was started for one recording:\n%s", text)
	}
	if a := only.do(http.MethodGet, "/r/"+url.PathEscape(other.Recording)); a.StatusCode != http.StatusNotFound {
		t.Errorf("another recording: %s", a.Status)
	}
}

// TestPartOfAnother: a page of a part leads to the whole.
func TestPartOfAnother(t *testing.T) {
	w := lay(t, "restart")
	for key, e := range w.Store.Snapshot() {
		w.Store.Set("second"+strings.TrimPrefix(key, "show"), e.Body, e.Modified, nil)
	}
	f, err := finalize.New(w.Config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.RunAs(t.Context(), "all of it", []string{"show", "second"}); err != nil {
		t.Fatal(err)
	}
	b := serving(t, w, nil)
	if a := b.do(http.MethodGet, "/r/second"); a.StatusCode != http.StatusFound || a.Header.Get("Location") != "./all%20of%20it" {
		t.Errorf("%s to %s", a.Status, a.Header.Get("Location"))
	}
	if text := b.get("/").body; strings.Contains(text, "r/second") || !strings.Contains(text, "r/all%20of%20it") {
		t.Errorf("the index has:\n%s", text)
	}
	b.get("/r/all%20of%20it")
}

// TestHeaders: no answer may be shown inside another page, or taken for something else.
func TestHeaders(t *testing.T) {
	w := lay(t, "restart")
	w.Store.Set("show/A/720p/evil.html", []byte("<script>alert(1)</script>"), hlscases.OnAir, nil)
	b := serving(t, w, nil)
	media := b.segments(play(w, "index.m3u8"))[0]
	for _, at := range []string{"/", "/r/show", "/r/nobody", play(w, "index.m3u8"), media, "/nowhere"} {
		h := b.do(http.MethodGet, at, "Accept", "text/html").Header
		if h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") || h.Get("Referrer-Policy") != "no-referrer" || h.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: %v", at, h)
		}
	}
	if h := b.get(media).Header; !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("Last-Modified") == "" || h.Get("ETag") == "" || h.Get("Accept-Ranges") != "bytes" {
		t.Errorf("media: %v", h)
	}
}

// TestMethods: nothing can be changed.
func TestMethods(t *testing.T) {
	w := lay(t, "restart")
	b := serving(t, w, nil)
	media := b.segments(play(w, "index.m3u8"))[0]
	before := w.Store.Snapshot()
	for _, at := range []string{"/", "/r/show", play(w, "index.m3u8"), media, "/store/show/show/A/720p/0.ts", "/nowhere"} {
		for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "CONNECT", "TRACE", "PROPFIND"} {
			if method == "CONNECT" {
				continue // no path
			}
			if a := b.do(method, at); a.StatusCode != http.StatusMethodNotAllowed || a.Header.Get("Allow") != "GET, HEAD, OPTIONS" {
				t.Errorf("%s %s: %s", method, at, a.Status)
			}
		}
		if a := b.do(http.MethodOptions, at); a.StatusCode != http.StatusNoContent {
			t.Errorf("OPTIONS %s: %s", at, a.Status)
		}
	}
	same(t, before, w.Store.Snapshot())
}

func same(t *testing.T, before, after map[string]mem.Entry) {
	t.Helper()
	for key, e := range after {
		if was, ok := before[key]; !ok || string(was.Body) != string(e.Body) {
			t.Errorf("%s was written", key)
		}
	}
	if len(after) != len(before) {
		t.Error("something is gone")
	}
}

// TestHosts: names of others are refused, wherever they lead; addresses are not names.
func TestHosts(t *testing.T) {
	w := lay(t, "restart")
	b := serving(t, w, func(o *serve.Options) { o.Hosts = []string{"Recordings.example:443"} })
	for host, want := range map[string]int{
		"localhost": 200, "localhost:8080": 200, "LOCALHOST.:80": 200, "127.0.0.1:9": 200, "[::1]:9": 200, "[::1]": 200, "10.1.2.3": 200, "tool.localhost": 200,
		"recordings.example": 200, "recordings.EXAMPLE:443": 200,
		"evil.example": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example:80": 421, "xrecordings.example": 421, "127.1": 421, "0x7f000001": 421,
	} {
		if a := b.do(http.MethodGet, "/", "Host", host); a.StatusCode != want {
			t.Errorf("%s: %s", host, a.Status)
		}
	}
	anyone := serving(t, w, func(o *serve.Options) { o.Hosts = []string{"*"} })
	if a := anyone.do(http.MethodGet, "/", "Host", "evil.example"); a.StatusCode != 200 {
		t.Errorf("any: %s", a.Status)
	}
}

// TestOrigins: scripts of this machine, and those that were allowed, may read media;
// pages no script may.
func TestOrigins(t *testing.T) {
	w := lay(t, "restart")
	b := serving(t, w, func(o *serve.Options) { o.Origins = []string{"https://player.example"} })
	open := serving(t, w, func(o *serve.Options) { o.Origins = []string{"*"} })
	media := b.segments(play(w, "index.m3u8"))[0]
	for origin, want := range map[string]string{
		"http://localhost:3000": "http://localhost:3000", "http://127.0.0.1": "http://127.0.0.1", "http://[::1]:8": "http://[::1]:8", "https://player.example": "https://player.example",
		"https://evil.example": "", "null": "", "http://player.example": "", "http://localhost.evil.example": "", "file://localhost": "",
	} {
		for _, at := range []string{media, play(w, "index.m3u8"), "/", "/r/show"} {
			want := want
			if at == "/" || at == "/r/show" {
				want = ""
			}
			a := b.do(http.MethodGet, at, "Origin", origin, "Range", "bytes=0-1")
			if got := a.Header.Get("Access-Control-Allow-Origin"); got != want {
				t.Errorf("%s of %s: %q", at, origin, got)
			}
			if want != "" && !strings.Contains(a.Header.Get("Access-Control-Expose-Headers"), "Content-Range") {
				t.Errorf("%s of %s: a script cannot read Content-Range", at, origin)
			}
			if got := open.do(http.MethodGet, at, "Origin", origin).Header.Get("Access-Control-Allow-Origin"); (got == "*") != (at != "/" && at != "/r/show") {
				t.Errorf("open: %s of %s: %q", at, origin, got)
			}
		}
		if a := b.do(http.MethodOptions, media, "Origin", origin, "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "range"); (want != "") != strings.Contains(a.Header.Get("Access-Control-Allow-Headers"), "Range") || a.StatusCode != http.StatusNoContent && want != "" {
			t.Errorf("preflight of %s: %s %v", origin, a.Status, a.Header)
		}
	}
	for _, at := range []string{"/", "/r/show", media} {
		for mode, want := range map[string]int{"no-cors": 403, "cors": 403, "navigate": 200} {
			if a := b.do(http.MethodGet, at, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", mode); a.StatusCode != want {
				t.Errorf("%s by another site, %s: %s", at, mode, a.Status)
			}
		}
	}
}

// TestDue: what is marked for deletion stands on the page and in the index, although a
// server deletes nothing: here a person looks before it goes.
func TestDue(t *testing.T) {
	w := lay(t, "restart")
	there := w.Store.Snapshot()
	key := slices.Min(slices.Collect(maps.Keys(there)))
	e := there[key]
	parts := strings.Split(key, "/") // recording, writer, rendition, number
	w.Store.Set(parts[0]+"/again/"+strings.Join(parts[2:], "/"), e.Body, e.Modified.Add(time.Minute), nil)
	w.Config.Delete, w.Config.DeleteDelay, w.Config.MaxDeletePercent = finalize.DeleteLeftovers, 48*time.Hour, 100
	if n := w.Finalize(t).Condemned; n == 0 {
		t.Fatal("nothing was marked")
	}
	w.Config.Delete = finalize.DeleteNone
	b := serving(t, w, nil)
	page := b.get("/r/" + url.PathEscape(w.Recording)).body
	_, table, ok := strings.Cut(page, `data-testid="due"`)
	due := regexp.MustCompile(`<td>leftovers.*<time datetime="([^"]+)">[^<]+</time>, by a run with the same --delete`).FindStringSubmatch(table)
	if !ok || due == nil {
		t.Fatalf("the page does not say what is due:\n%s", table)
	}
	if index := b.get("/").body; !strings.Contains(index, due[1]) {
		t.Errorf("the index does not say that something is due at %s", due[1])
	}
}
