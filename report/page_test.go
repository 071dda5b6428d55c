package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"recfin/finalize"
	"recfin/internal/hlsjs"
)

func write(t testing.TB, r *finalize.Report, opt Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, opt); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func writeIndex(t testing.TB, rows []Row, opt Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteIndex(&b, rows, opt); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	script    = regexp.MustCompile(`(?s)<script([^>]*)>(.*?)</script>`)
	style     = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	policy    = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="([^"]*)">`)
	attribute = regexp.MustCompile(`\s(?:href|src|action|poster|data|srcset|xlink:href)="([^"]*)"`)
	handler   = regexp.MustCompile(`<[a-z][^<>"]*(?:"[^"]*"[^<>"]*)*\s(?:on[a-z]+|style)=`)
)

// sound holds a page against what every page keeps: its policy allows its own scripts
// and styles and nothing else, it leads nowhere but where it was told to, it is UTF-8,
// and no name has become a part of its structure.
func sound(t testing.TB, page string, scripts int, urls ...string) {
	t.Helper()
	found := policy.FindStringSubmatch(page)
	if found == nil {
		t.Fatal("the page has no policy")
	}
	allowed := html.UnescapeString(found[1])
	if !strings.HasPrefix(allowed, "default-src 'none'; ") || strings.Contains(allowed, "unsafe") || strings.Contains(allowed, "*") {
		t.Errorf("policy: %s", allowed)
	}
	all := script.FindAllStringSubmatch(page, -1)
	if len(all) != scripts || strings.Count(page, "<script") != scripts || strings.Count(page, "</script") != scripts {
		t.Errorf("%d scripts, want %d", len(all), scripts)
	}
	for _, s := range all {
		if strings.Contains(s[1], "application/json") {
			continue
		}
		if want := "'sha256-" + sum64(s[2]) + "'"; !strings.Contains(allowed, want) {
			t.Errorf("a script of %d bytes is not allowed: %s", len(s[2]), want)
		}
	}
	if s := style.FindStringSubmatch(page); s == nil || !strings.Contains(allowed, "'sha256-"+sum64(s[1])+"'") {
		t.Error("the style is not allowed")
	}
	bare := style.ReplaceAllString(script.ReplaceAllString(page, ""), "")
	if m := handler.FindString(bare); m != "" {
		t.Errorf("an inline handler or style: %.200s", m)
	}
	for _, m := range attribute.FindAllStringSubmatch(bare, -1) {
		known := strings.HasPrefix(m[1], "#") || m[1] == ""
		for _, u := range urls {
			known = known || html.UnescapeString(m[1]) == u
		}
		if !known {
			t.Errorf("it leads to %q", m[1])
		}
	}
	if !utf8.ValidString(page) {
		t.Error("the page is not UTF-8")
	}
	const strange = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\ufffd\x00\x1b"
	if i := strings.IndexAny(bare, strange); i >= 0 {
		t.Errorf("a strange character: %.120q", bare[max(0, i-60):])
	}
}

func sum64(s string) string {
	h := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(h[:])
}

func TestWrite(t *testing.T) {
	w := newWorld(t)
	w.match("match-7")
	plan := w.Plan("match-7")
	page := write(t, plan, Options{Generated: "recfin 1"})
	sound(t, page, 2)
	for _, want := range []string{
		`<bdi>match-7</bdi>`, ">ready</span>", "20260314T180000Z", "another writer, media does not continue: discontinuity", "goes on where node-a ends",
		`data-reason="truncated"`, `data-reason="unreadable"`, `data-reason="excluded"`, "match-7/notes.txt", "recfin 1", "Estimate at list prices",
		`data-testid="timeline"`, `data-testid="legend"`, `data-testid="tooltip"`, `data-testid="dropped-filter"`, "after 1 slot that it lacks",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if strings.Contains(page, `data-testid="player"`) {
		t.Error("there is a player, and nothing to play")
	}
	if again := write(t, plan, Options{Generated: "recfin 1"}); again != page {
		t.Error("the same report gives another page")
	}

	w.Cfg.Formats.MP4, w.Cfg.Delete, w.Cfg.DeleteDelay = true, finalize.DeleteLeftovers, 24*time.Hour
	done := w.Run("match-7")
	var plays []Play
	for _, c := range done.Committed {
		plays = append(plays, Play{Session: c.Record.Session, URL: "../" + c.Record.Session + "/index.m3u8", Type: TypeHLS}, Play{Session: c.Record.Session, Rendition: "720p", URL: "https://cdn.example:8443/a b.mp4?x=1&y=2", Type: TypeMP4, Name: "<b>"})
	}
	page = write(t, done, Options{Links: []Link{{"All", "./"}}, Plays: plays})
	var urls []string
	for _, p := range plays {
		urls = append(urls, p.URL, "https://cdn.example:8443/a%20b.mp4?x=1&y=2")
	}
	sound(t, page, 3, append(urls, "./")...)
	for _, want := range []string{">done</span>", "Finalized: 2 sessions written in this run", "marked for deletion by this run", "media-src &#39;self&#39; blob: https://cdn.example:8443;", "crc64nvme:", `data-testid="player"`, "20260314T180000Z/index.m3u8", "sha256:"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if !strings.Contains(page, string(hlsjs.Script)) {
		t.Error("the player is not whole")
	}
}

// A report of which nothing is known but its error is a page too.
func TestWriteFailed(t *testing.T) {
	for _, r := range []*finalize.Report{
		{Recording: "x", Err: errors.New("the store <is> away")},
		{Recording: "x", Plan: &finalize.Plan{}, Err: errors.New("the store <is> away")},
	} {
		page := write(t, r, Options{})
		sound(t, page, 2)
		if !strings.Contains(page, "failed: the store &lt;is&gt; away") || !strings.Contains(page, "There is no session to draw") {
			t.Error("the page does not say what is wrong")
		}
	}
}

func TestURLs(t *testing.T) {
	r := &finalize.Report{Recording: "x", Plan: &finalize.Plan{}}
	for _, u := range []string{"javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", ":", "http://[::1"} {
		var b bytes.Buffer
		if err := Write(&b, r, Options{Links: []Link{{"x", u}}}); !errors.Is(err, ErrURL) || b.Len() > 0 {
			t.Errorf("link %q: %v, %d bytes", u, err, b.Len())
		}
		if err := Write(&b, r, Options{Plays: []Play{{URL: u}}}); !errors.Is(err, ErrURL) || b.Len() > 0 {
			t.Errorf("play %q: %v", u, err)
		}
		if err := WriteIndex(&b, []Row{{Recording: "x", URL: u}}, Options{}); !errors.Is(err, ErrURL) || b.Len() > 0 {
			t.Errorf("row %q: %v", u, err)
		}
	}
	// A host cannot put a directive into the policy.
	for _, u := range []string{"https://a;script-src *", "https://a,b/x", "https://a'b/x", "//cdn.example/x"} {
		var b bytes.Buffer
		if err := Write(&b, r, Options{Plays: []Play{{URL: u, Type: TypeMP4}}}); err != nil {
			continue
		}
		p := html.UnescapeString(policy.FindStringSubmatch(b.String())[1])
		if strings.Count(p, ";") != 7 || strings.Contains(p, "script-src *") || strings.Contains(p, "a,b") {
			t.Errorf("%q: %s", u, p)
		}
	}
}

var hostileNames = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</script><script>alert(1)</script>`, `<!--<script>`, `]]>`, "a\nb\r\nc\t", "\u202egnp.exe\u2066", "\x1b[2J\x00",
	strings.Repeat("x", 1000), strings.Repeat("</title>", 125), "\xff\xfe\xfd", "\u2028\u2029", `{{.Title}}${alert(1)}`, "`${1}`", "&lt;b&gt;&#0;", "ünï → 漢字 🎬", "", " ", "javascript:alert(1)",
}

// hostileReport has a name wherever there is one.
func hostileReport(name string) (*finalize.Report, []finalize.DroppedAt) {
	r, dropped := vast(4, 2)
	r.Recording, r.Plan.Recording, r.Plan.Why, r.Plan.Layout = name, name, name, name
	rec := r.Plan.Sessions[0].Record
	rec.Recording, rec.Session, rec.Settings.Layout, rec.Settings.Include = name, name, name, []string{name}
	for i := range rec.Renditions {
		q := &rec.Renditions[i]
		q.Codecs, q.Output = name, name
		if i == 0 {
			q.Name = name
		}
		for k := range q.Key {
			q.Key[k], q.Nonce[k], q.Store[k] = name+q.Key[k], name, name
		}
	}
	rec.Holes = []finalize.HoleRow{{Rendition: name, AfterSlot: -1, DurationNS: 1e9}}
	rec.Outputs = []finalize.Output{{Rendition: name, Kind: name, Key: name, Checksum: name, Sound: []string{name}}}
	rec.Unmade = []finalize.UnmadeRow{{Rendition: name, Format: name, Why: name}}
	d := finalize.DroppedAt{Rendition: name, Nonce: name, Session: name, Placed: true, Duration: time.Second}
	d.Key, d.Kept, d.Why, d.Reason, d.Store = name, name, name, finalize.Reason(name), name
	dropped = append(dropped, d)
	r.Plan.Warnings, r.Problems = []string{name}, []string{name}
	r.Plan.Uncertain = []finalize.UncertainRow{{What: name, Keys: []string{name}, Why: name}}
	r.Plan.Notes = []finalize.Note{{What: name, Keys: []string{name}, Why: name}}
	r.Kept = []finalize.Kept{{Object: d.Object, Why: name, Failed: true}}
	r.Deleted = append(r.Deleted, d.Object)
	r.Plan.Unknown, r.Plan.Beside = append(r.Plan.Unknown, d.Object), append(r.Plan.Beside, d.Object)
	return r, dropped
}

func hostilePage(t testing.TB, name string) {
	t.Helper()
	r, dropped := hostileReport(name)
	p, err := pageOf(r, dropped, Options{Title: shown(name), Generated: name, Links: []Link{{name, "x"}}, Plays: []Play{{Session: name, Rendition: name, Name: name, URL: "y"}}})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, "page.tmpl", p); err != nil {
		t.Fatal(err)
	}
	sound(t, b.String(), 2, "x", "y")
	if name != "" && !strings.Contains(html.UnescapeString(b.String()), shown(name)) {
		t.Errorf("the page does not show %q", name)
	}
	index := writeIndex(t, []Row{{Recording: name, Report: r, URL: "x"}, {Recording: name, Standing: &finalize.Standing{Recording: name, As: name}}}, Options{Title: shown(name), Generated: name})
	sound(t, index, 1, "x")
}

func TestHostileNames(t *testing.T) {
	for n, name := range hostileNames {
		t.Run(fmt.Sprint(n), func(t *testing.T) { hostilePage(t, name) })
	}
}

func FuzzNames(f *testing.F) {
	for _, name := range hostileNames {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if len(name) <= 2000 {
			hostilePage(t, name)
		}
	})
}
