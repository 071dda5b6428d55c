package pages

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"recfin/finalize"
	"recfin/internal/broadcast"
	"recfin/report"
	"recfin/store"
)

// evil are names that would run, hide, or reorder something if they were taken for
// anything but text.
var evil = []string{
	`<img src=x onerror=alert(1)>`,
	`</script><script>alert(2)</script>`,
	`"><svg onload=alert(3)>`,
	`';alert(4);'`,
	`javascript:alert(5)`,
	"line\nbreak\tand\x00nul",
	"left\u202eright\u2066isolate",
	"sep\u2028arator<!--<script>",
	`{{.}}${alert(6)}`,
	"bad\xff\xfebytes",
	strings.Repeat("long", 300),
}

// hostile is a plan in which every name is one.
func hostile(name string) *finalize.Report {
	r := days(20, 2)
	rec := r.Plan.Sessions[0].Record
	r.Recording, r.Plan.Recording, rec.Recording = name, name, name
	r.Plan.Why = name
	for i := range rec.Renditions {
		q := &rec.Renditions[i]
		q.Name = fmt.Sprintf("%s %d", name, i)
		q.Output, q.Codecs = q.Name, name
		for k := range q.Key {
			q.Key[k], q.Nonce[k], q.Store[k] = fmt.Sprintf("%s/%d", name, k), name, name
		}
	}
	for k := range 3 {
		object := store.Object{Key: fmt.Sprintf("%s/dropped/%d", name, k), ETag: name, Size: 3, Modified: onAir, Store: name}
		r.Plan.Dropped = append(r.Plan.Dropped, finalize.Dropped{Object: object, Reason: "unreadable", Why: name, Kept: name})
		r.Plan.Unknown = append(r.Plan.Unknown, object)
	}
	r.Plan.Uncertain = append(r.Plan.Uncertain, finalize.UncertainRow{Why: name, Keys: []string{name}})
	r.Problems = []string{name}
	return r
}

// harmless holds that a page ran nothing but its own scripts and has its own title.
// What went wrong otherwise, tab.settle tells.
func (b *tab) harmless(name, title string) {
	b.t.Helper()
	got := eval[struct {
		Scripts, Images, Handlers, Foreign int
		Title                              string
		Heading                            string
	}](b, `(() => {
		const all = Array.from(document.querySelectorAll('*'));
		return {
			Scripts: document.scripts.length,
			Images: document.querySelectorAll('img,iframe,object,embed,base,form').length,
			Handlers: all.filter((e) => Array.from(e.attributes).some((a) => a.name.startsWith('on'))).length,
			Foreign: all.filter((e) => e.matches('a[href],link,[src]') && !/^(#|\.\.?\/|\/|r\/|play\/|store\/|[a-z0-9-]+\.html|blob:|$)/.test(e.getAttribute('href') || e.getAttribute('src') || '')).length,
			Title: document.title,
			Heading: document.querySelector('h1').textContent,
		};
	})()`)
	if got.Scripts > 3 || got.Images > 0 || got.Handlers > 0 || got.Foreign > 0 {
		b.t.Errorf("%.40q: the page has what is not its own: %+v", name, got)
	}
	if got.Title != title || !strings.HasPrefix(got.Title, strings.TrimSuffix(got.Heading, "…")) && got.Heading != "Recordings" {
		b.t.Errorf("%.40q: the title is %.80q, the heading %.80q, and not %.80q", name, got.Title, got.Heading, title)
	}
}

// TestHostileNames: names show as text and run nothing, in the page, in its tooltips
// and lists, and in the index.
func TestHostileNames(t *testing.T) {
	b := open(t, 390, 800)
	var rows []report.Row
	for _, name := range evil {
		r := hostile(name)
		rows = append(rows, report.Row{Recording: name, Report: r, URL: "#x"})
		b.visit(pageOf(t, r))
		title := eval[string](b, `document.querySelector('h1').title`)
		if title == "" || strings.ContainsAny(title, "\x00\n\u202e\u2066\u2028") {
			t.Errorf("%.40q shows as %.60q", name, title)
		}
		if printable := store.Printable(name); printable == name && !strings.Contains(title, name) {
			t.Errorf("%.40q shows as %.60q", name, title)
		}
		if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > 390 {
			t.Errorf("%.40q: the page is %d px wide", name, wide)
		}
		b.find(`[data-testid=plot-svg]`)
		eval[bool](b, `(document.querySelector('#segment-focus').focus({ preventScroll: true }), true)`)
		b.drawn()
		b.keys(kb.ArrowRight)
		if key := b.shown(); key == "" {
			t.Errorf("%.40q: no tooltip", name)
		}
		eval[bool](b, `(document.querySelectorAll('details').forEach((d) => { d.open = true; }), true)`)
		eval[bool](b, `(() => { const f = document.querySelector('[data-testid=dropped-filter]'); f.value = 'dropped'; f.dispatchEvent(new Event('input')); return true; })()`)
		b.drawn()
		b.harmless(name, eval[string](b, `document.title`))
	}
	b.visit(indexOf(t, rows))
	b.harmless("index", "Recordings")
	if n := eval[int](b, `document.querySelectorAll('[data-testid=row]').length`); n != len(evil) {
		t.Errorf("%d rows of %d", n, len(evil))
	}
	b.shoot("hostile-index-phone")
}

// TestHostileServed: from a store with such names to a picture on the screen.
func TestHostileServed(t *testing.T) {
	w := newWorld(t)
	name := `<img src=x onerror=alert(1)> "%2F' ?#&` + "\u202e"
	s := broadcast.Make(t, broadcast.Options{Seconds: 20, Width: 160, Height: 96})
	broadcast.Lay(t, w.Put, s.Uploads(name+`/"><svg onload=alert(2)>/7<b>20p`, 0, 4, onAir))
	broadcast.Lay(t, w.Put, s.Uploads(name+`/';alert(3)/7<b>20p`, 5, 9, onAir))
	w.Cfg.Formats = finalize.Formats{HLS: true}
	b := open(t, 1280, 900)
	b.visit(servedBy(t, w.Cfg) + "/")
	b.harmless(name, "Recordings")
	b.click(`[data-testid=row] a`)
	b.until("the page of the recording", `document.body && document.body.dataset.page === 'recording' && document.querySelector('#segment-focus')`)
	b.drawn()
	b.harmless(name, eval[string](b, `document.title`))
	path, err := url.PathUnescape(eval[string](b, `location.pathname`))
	if err != nil || path != "/r/"+name {
		t.Errorf("the page is at %q: %v", path, err)
	}
	eval[bool](b, observe)
	b.click(`[data-testid=play]`)
	b.until("it plays", `video.readyState >= 2 && video.currentTime > 0`)
	if trouble := eval[[]string](b, `(video.pause(), trouble)`); len(trouble) > 0 {
		t.Errorf("the player: %q", trouble)
	}
	b.shoot("hostile-served")
}

// TestHostileSeen: a tab does see what a page must not do, or the tests above see
// nothing.
func TestHostileSeen(t *testing.T) {
	var page bytes.Buffer
	page.WriteString(`<!doctype html><meta http-equiv="Content-Security-Policy" content="img-src 'none'"><title>x</title><script>alert(1); console.error('x'); setTimeout(() => { throw new Error('y'); });</script><img src="/a.png"><script src="http://127.0.0.1:1/a.js"></script>`)
	b := open(t, 390, 800)
	b.visit(hosted(t, page.Bytes()))
	over := time.Now().Add(patience)
	var seen string
	for _, want := range []string{"a dialog: 1", "the console: error", "an exception: ", "Content Security Policy", "asked http://127.0.0.1:1"} {
		for !strings.Contains(seen, want) {
			if time.Now().After(over) {
				t.Fatalf("not seen: %s, of %s", want, seen)
			}
			seen += strings.Join(b.forgive(), "\n")
		}
	}
}
