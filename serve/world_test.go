package serve_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"recfin/internal/hlscases"
	"recfin/serve"
	"recfin/store"
	"recfin/store/mem"
)

// caseOf is a case of package hlscases by its name.
func caseOf(t testing.TB, name string) hlscases.Case {
	t.Helper()
	all := hlscases.All()
	k := slices.IndexFunc(all, func(c hlscases.Case) bool { return c.Name == name })
	if k < 0 {
		t.Fatalf("there is no case %s", name)
	}
	return all[k]
}

// laid are the cases that were laid, by name: ffmpeg makes each once.
var laid = struct {
	sync.Mutex
	by map[string]*hlscases.World
}{by: map[string]*hlscases.World{}}

// lay lays a case into a store that is the caller's alone.
func lay(t testing.TB, name string) *hlscases.World {
	t.Helper()
	laid.Lock()
	defer laid.Unlock()
	if laid.by[name] == nil {
		laid.by[name] = caseOf(t, name).Lay(t)
	}
	w := *laid.by[name]
	w.Store = w.Store.Clone()
	w.Config.Sources = []store.Store{w.Store}
	return &w
}

// browser asks a server for things.
type browser struct {
	t  testing.TB
	at *httptest.Server
}

// serving serves a world. with may change the options.
func serving(t testing.TB, w *hlscases.World, with func(*serve.Options)) *browser {
	t.Helper()
	opt := serve.Options{Config: w.Config}
	if with != nil {
		with(&opt)
	}
	s, err := serve.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	at := httptest.NewServer(s)
	t.Cleanup(at.Close)
	return &browser{t, at}
}

// answer is what a server answered.
type answer struct {
	*http.Response
	body string
}

// do sends a request. path is escaped; fields are pairs of a header.
func (b *browser) do(method, path string, fields ...string) answer {
	b.t.Helper()
	a, err := b.try(method, path, fields...)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func (b *browser) try(method, path string, fields ...string) (answer, error) {
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.at.URL+path, nil)
	if err != nil {
		return answer{}, err
	}
	for i := 0; i+1 < len(fields); i += 2 {
		if r.Header.Set(fields[i], fields[i+1]); fields[i] == "Host" {
			r.Host = fields[i+1]
		}
	}
	resp, err := noRedirects.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return answer{resp, string(body)}, err
}

var noRedirects = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// get gets something that has to be there.
func (b *browser) get(path string) answer {
	b.t.Helper()
	a := b.do(http.MethodGet, path)
	if a.StatusCode != http.StatusOK {
		b.t.Fatalf("GET %s: %s\n%s", path, a.Status, a.body)
	}
	return a
}

// follow resolves a reference in what stands under a path.
func (b *browser) follow(base, ref string) string {
	b.t.Helper()
	from, err := url.Parse(b.at.URL + base)
	if err != nil {
		b.t.Fatal(err)
	}
	to, err := from.Parse(ref)
	if err != nil {
		b.t.Fatal(err)
	}
	return to.EscapedPath()
}

var references = regexp.MustCompile(`(?m)^([^#\n].*)$|URI="([^"]*)"`)

// refs are the references in a playlist, each once, and without those of gaps.
func refs(text string) []string {
	var out []string
	for _, m := range references.FindAllStringSubmatch(text, -1) {
		if ref := m[1] + m[2]; !slices.Contains(out, ref) && !strings.HasPrefix(ref, "gap.") {
			out = append(out, ref)
		}
	}
	return out
}

// play is the path of a playlist of the first session of a case.
func play(w *hlscases.World, name string) string {
	return fmt.Sprintf("/play/%s/%s/%s", url.PathEscape(w.Recording), w.Sessions[0].ID, name)
}

// segments are the paths of all media of a session by its computed door.
func (b *browser) segments(door string) []string {
	b.t.Helper()
	var out []string
	for _, ref := range refs(b.get(door).body) {
		list := b.follow(door, ref)
		for _, ref := range refs(b.get(list).body) {
			out = append(out, b.follow(list, ref))
		}
	}
	return out
}

// bodies are what a store holds, by key.
func bodies(s *mem.Store) map[string]string {
	out := map[string]string{}
	for key, e := range s.Snapshot() {
		out[key] = string(e.Body)
	}
	return out
}

// remove takes an object away.
func remove(t testing.TB, w *hlscases.World, key string) {
	t.Helper()
	info, err := w.Store.Head(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range w.Store.Delete(t.Context(), []store.Object{info.Object}, store.DeleteOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
	}
}

var doors = regexp.MustCompile(`play/[^"'\\ ]*index\.m3u8`)

// playAt is the path of the computed door that a page leads to.
func playAt(t testing.TB, b *browser, page string) string {
	t.Helper()
	at := doors.FindString(page)
	if at == "" {
		t.Fatal("the page has no computed door")
	}
	return "/" + at
}
