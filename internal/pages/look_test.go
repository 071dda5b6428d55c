package pages

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
)

// contrastScript gives each piece of text that is seen too badly: WCAG 2.2 §1.4.3.
//
//go:embed testdata/contrast.js
var contrastScript string

// TestThemes: dark and light differ, text is legible in both, and what a person
// chose stays.
func TestThemes(t *testing.T) {
	b := open(t, 1280, 900)
	for _, p := range []struct{ name, url string }{{"report", pageOf(t, finished(t))}, {"index", indexOf(t, gallery(t))}} {
		ground := func() string { return eval[string](b, `getComputedStyle(document.body).backgroundColor`) }
		grounds := map[string]string{}
		for _, scheme := range []string{"light", "dark"} {
			b.scheme(scheme)
			b.visit(p.url)
			grounds[scheme] = ground()
			eval[bool](b, `(document.querySelectorAll('details').forEach((d) => { d.open = true; }), true)`)
			b.drawn()
			texts := eval[int](b, `document.body.innerText.length`)
			if texts < 500 {
				t.Errorf("%s has %d characters", p.name, texts)
			}
			for _, bad := range eval[[]string](b, contrastScript) {
				t.Errorf("%s in %s: %s", p.name, scheme, bad)
			}
		}
		if grounds["light"] == grounds["dark"] {
			t.Errorf("%s is %s in light and dark", p.name, grounds["light"])
		}
		// The button wins over the system, and is remembered.
		b.click(`[data-testid=theme]`)
		if got := ground(); got != grounds["light"] {
			t.Errorf("%s: the button makes it %s, not %s", p.name, got, grounds["light"])
		}
		b.visit(p.url)
		if got := ground(); got != grounds["light"] {
			t.Errorf("%s: when it is opened again it is %s, not %s", p.name, got, grounds["light"])
		}
		b.click(`[data-testid=theme]`)
		if got := ground(); got != grounds["dark"] {
			t.Errorf("%s: the button makes it %s, not %s", p.name, got, grounds["dark"])
		}
		eval[bool](b, `(localStorage.clear(), true)`)
	}
}

// TestNames: a screen reader has a name for all that can be worked with.
func TestNames(t *testing.T) {
	b := open(t, 1280, 900)
	seen := map[string]int{}
	for _, p := range []struct{ name, url string }{{"report", pageOf(t, match(t))}, {"player", served(t, "restart", false) + "/r/show"}, {"index", indexOf(t, gallery(t))}} {
		b.visit(p.url)
		for _, n := range call(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes {
			if n.Ignored || n.Role == nil {
				continue
			}
			role := strings.Trim(string(n.Role.Value), `"`)
			switch role {
			case "button", "link", "searchbox", "textbox", "combobox", "application", "image", "Video", "table", "checkbox", "slider":
			default:
				continue
			}
			seen[role]++
			if name := ""; n.Name == nil || strings.Trim(string(n.Name.Value), `" `) == name {
				if role != "table" { // named by the heading before it
					t.Errorf("%s: a %s without a name", p.name, role)
				}
			}
		}
		if eval[string](b, `document.documentElement.lang`) == "" || eval[int](b, `document.querySelectorAll('h1').length`) != 1 || eval[int](b, `document.querySelectorAll('main').length`) != 1 {
			t.Errorf("%s has no language, or not one heading and one main part", p.name)
		}
		for _, small := range eval[[]string](b, `Array.from(document.querySelectorAll('button, select, input')).filter((e) => e.offsetParent).map((e) => [e, e.getBoundingClientRect()]).filter(([, r]) => r.width < 20 || r.height < 18).map(([e, r]) => e.outerHTML.slice(0, 80) + ' ' + r.width + '×' + r.height)`) {
			t.Errorf("%s: too small to be hit: %s", p.name, small)
		}
	}
	for _, role := range []string{"button", "link", "searchbox", "combobox", "application", "image"} {
		if seen[role] == 0 {
			t.Errorf("no %s was seen: %v", role, seen)
		}
	}
}

// TestWithoutScripts: what a page says it says without JavaScript, too.
func TestWithoutScripts(t *testing.T) {
	b := open(t, 390, 800)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	visible := func(selector string) bool {
		return eval[bool](b, fmt.Sprintf(`(() => { const e = document.querySelector(%q); if (!e) return false; const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0; })()`, selector))
	}
	b.still(pageOf(t, match(t)))
	for _, selector := range []string{`[data-testid=static] svg.picture path.w0`, `[data-testid=static] svg.picture path.hole`, `[data-testid=looks] li`, `[data-testid=sessions] table`, `[data-testid=dropped-group] summary`, `[data-testid=legend] li`} {
		if !visible(selector) {
			t.Errorf("without scripts %s is not to be seen", selector)
		}
	}
	for _, selector := range []string{`[data-testid=plot]`, `[data-testid=dropped-filter]`, `[data-testid=theme]`, `[data-testid=zoom-in]`} {
		if visible(selector) {
			t.Errorf("without scripts %s is there, and does nothing", selector)
		}
	}
	eval[bool](b, `(document.querySelectorAll('details').forEach((d) => { d.open = true; }), true)`)
	if !visible(`[data-testid=dropped-group] td code`) || !visible(`[data-testid=runs] td`) {
		t.Error("without scripts the tables are empty")
	}
	b.shoot("report-no-script")
	b.still(indexOf(t, gallery(t)))
	if !visible(`[data-testid=row] svg.strip path`) || visible(`[data-testid=filter]`) {
		t.Error("without scripts the index is not what it should be")
	}
	b.still(served(t, "restart", false) + "/r/show")
	if !visible(`[data-testid=player] a.noscript`) || visible(`[data-testid=play]`) {
		t.Error("without scripts there is no link to what can be played")
	}
}

// still opens a page in which no script runs: nothing in it can wait for frames.
func (b *tab) still(address string) {
	b.t.Helper()
	b.opens(address)
	call(b, page.Navigate, page.NavigateParams{URL: address})
	b.until("the page", `document.readyState === 'complete' && location.href === %q`, address)
}

// TestPrint: on paper there is the drawing that stands, and nothing to press.
func TestPrint(t *testing.T) {
	b := open(t, 800, 1100)
	b.visit(pageOf(t, finished(t)))
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	b.drawn()
	hidden := eval[[]string](b, `['[data-testid=static] svg.picture', '[data-testid=looks]', '[data-testid=sessions] table', '[data-testid=outputs] table'].filter((s) => { const r = document.querySelector(s).getBoundingClientRect(); return !(r.width > 0 && r.height > 0); })`)
	if len(hidden) > 0 {
		t.Errorf("on paper there is no %q", hidden)
	}
	shown := eval[[]string](b, `['[data-testid=theme]', '[data-testid=zoom-in]', '[data-testid=plot]', '[data-testid=tooltip]', '.skip', '.keys-hint'].filter((s) => { const e = document.querySelector(s), r = e.getBoundingClientRect(); return getComputedStyle(e).display !== 'none' && r.width > 0 && r.right > 0; })`)
	if len(shown) > 0 {
		t.Errorf("on paper there is %q", shown)
	}
	if pdf := call(b, page.PrintToPDF, page.PrintToPDFParams{}); len(pdf.Data) < 10_000 {
		t.Errorf("a PDF of %d bytes", len(pdf.Data))
	}
	b.shoot("report-print")
}

// TestStill: who asked for less motion gets none.
func TestStill(t *testing.T) {
	b := open(t, 1280, 900)
	for _, c := range []struct {
		value string
		moves bool
	}{{"no-preference", true}, {"reduce", false}} {
		call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: c.value}}})
		b.visit(pageOf(t, match(t)))
		moving := eval[int](b, `Array.from(document.querySelectorAll('*')).filter((e) => { const s = getComputedStyle(e); return s.transitionDuration.split(',').some((d) => parseFloat(d) > 0) || s.animationName !== 'none' || s.scrollBehavior === 'smooth'; }).length`)
		if (moving > 0) != c.moves {
			t.Errorf("%s: %d elements move", c.value, moving)
		}
	}
}
