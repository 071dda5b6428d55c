package pages

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const (
	tip   = `#tooltip`
	focus = `#segment-focus`
)

// segmentOf selects what the timeline has of a key.
func segmentOf(key string) string { return fmt.Sprintf(`[data-testid=segment][data-key=%q]`, key) }

// pick shows a session.
func (b *tab) pick(n int) {
	b.t.Helper()
	eval[bool](b, `(() => { const s = document.querySelector('[data-testid=session]'); s.value = %d; s.dispatchEvent(new Event('change')); return true; })()`, n)
	b.drawn()
}

// shown is the key of the segment that the tooltip is about; empty: it is hidden.
func (b *tab) shown() string {
	b.t.Helper()
	return eval[string](b, `(() => { const t = document.querySelector('#tooltip'); return t.hidden ? '' : t.dataset.key + '|' + t.dataset.reason; })()`)
}

// TestHover: pointing at a segment says which it is and why it is not in the
// recording, and leaving takes that away.
func TestHover(t *testing.T) {
	r := match(t)
	b := open(t, 1280, 900)
	b.visit(pageOf(t, r))
	if at := eval[int](b, `document.querySelector('[data-testid=session]').selectedIndex`); at != 0 {
		t.Errorf("session %d is shown first, and not the one with the hole", at)
	}
	for i := range 2 {
		b.click(`[data-testid=zoom-in]`) // wide enough that each has an element
		if eval[string](b, `document.querySelector('[data-testid=plot-svg] g').dataset.detail`) == "true" {
			break
		}
		if i == 1 {
			t.Fatal("zooming in twice shows no single segments")
		}
	}
	for _, c := range []struct {
		key, reason string
		says        []string
	}{
		{"match-7/node-a/720p/28.ts", "", []string{"in the recording", "node-a, number 28", "2026-03-14 18:00:56", "0:00:02.000"}},
		{"match-7/node-b/720p/28.ts", "identical", []string{"identical", "match-7/node-a/720p/28.ts", "--delete leftovers"}},
		{"match-7/node-a/720p/29.ts", "truncated", []string{"truncated", "match-7/node-b/720p/29.ts"}},
		{"match-7/node-e/720p/20.ts", "unreadable", []string{"unreadable", "HTML", "never deleted"}},
	} {
		b.hover(segmentOf(c.key))
		if got, want := b.shown(), c.key+"|"+c.reason; got != want {
			t.Errorf("over %s the tooltip is about %q, not %q", c.key, got, want)
			continue
		}
		text := b.text(tip)
		for _, s := range append(c.says, c.key) {
			if !strings.Contains(text, s) {
				t.Errorf("the tooltip of %s does not say %q:\n%s", c.key, s, text)
			}
		}
		at := eval[box](b, `(() => { const r = document.querySelector('#tooltip').getBoundingClientRect(); return { X: r.left, Y: r.top, W: r.right - innerWidth, H: r.bottom - innerHeight }; })()`)
		if at.X < 0 || at.Y < 0 || at.W > 0 || at.H > 0 {
			t.Errorf("the tooltip of %s is outside the window: %+v", c.key, at)
		}
	}
	b.shoot("tooltip")
	b.hover(`[data-testid=hole]`)
	if got := b.shown(); got != "|hole" {
		t.Errorf("over the hole the tooltip is about %q", got)
	}
	b.hover("")
	if got := b.shown(); got != "" {
		t.Errorf("away from all the tooltip is about %q", got)
	}
	b.hover(segmentOf("match-7/node-a/720p/28.ts"))
	b.keys(kb.Escape)
	if got := b.shown(); got != "" {
		t.Errorf("after Escape the tooltip is about %q", got)
	}
}

// TestTimelineKeys walks the timeline without a mouse.
func TestTimelineKeys(t *testing.T) {
	b := open(t, 1280, 700)
	b.visit(pageOf(t, match(t)))
	b.pick(0)
	b.do(chromedp.MouseClickXY(2, 2))
	for n := 0; !eval[bool](b, `document.activeElement.id === 'segment-focus'`); n++ {
		if n == 30 {
			t.Fatal("Tab does not come to the timeline")
		}
		b.keys(kb.Tab)
		if !eval[bool](b, `document.activeElement === document.body || document.activeElement.matches(':focus-visible')`) {
			t.Error("what has the focus does not show it")
		}
	}
	if line := eval[string](b, `getComputedStyle(document.querySelector('#segment-focus')).strokeWidth`); line != "3px" {
		t.Errorf("the segment with the focus has a frame of %s", line)
	}
	first := b.shown()
	if !strings.Contains(first, "/0.ts|") {
		t.Errorf("the focus comes to %q first", first)
	}
	rendition := strings.Split(first, "/")[2]
	key := func(writer string, n int) string { return fmt.Sprintf("match-7/%s/%s/%d.ts|", writer, rendition, n) }
	for _, c := range []struct{ press, want string }{
		{kb.ArrowRight, key("node-a", 1)}, {kb.ArrowRight, key("node-a", 2)}, {kb.ArrowLeft, key("node-a", 1)},
		{kb.End, key("node-c", 14)}, {kb.ArrowRight, key("node-c", 14)}, {kb.Home, key("node-a", 0)}, {kb.ArrowLeft, key("node-a", 0)},
		{kb.ArrowDown, key("node-a", 0)}, {kb.ArrowUp, key("node-a", 0)}, {kb.Escape, ""}, {kb.Enter, key("node-a", 0)},
	} {
		b.keys(c.press)
		if got := b.shown(); got != c.want {
			t.Errorf("after %q the tooltip is about %q, not %q", c.press, got, c.want)
		}
	}
	// Scrolling takes what is said of the segment along.
	eval[bool](b, `(scrollBy({ top: 12, behavior: 'instant' }), true)`)
	b.drawn()
	if got := b.shown(); got != key("node-a", 0) {
		t.Errorf("after scrolling the tooltip is about %q", got)
	}
	// What is seen is said, too.
	if said := eval[string](b, `document.querySelector('[data-testid=live]').textContent`); !strings.Contains(said, rendition+": in the recording") {
		t.Errorf("a screen reader is told %q", said)
	}
	// Down to the last lane and up again, through renditions.
	lanes := map[string]bool{}
	for range 20 {
		b.keys(kb.ArrowDown)
		lanes[b.shown()] = true
	}
	for _, other := range []string{"/720p/", "/360p/", "/1080p/"} {
		found := false
		for key := range lanes {
			found = found || strings.Contains(key, other)
		}
		if !found {
			t.Errorf("the arrows do not come to %s: %v", other, lanes)
		}
	}
	b.keys(strings.Repeat(kb.ArrowUp, 20))
	b.keys(kb.Home)
	// Zoom: what has the focus stays in view.
	all := b.view()
	b.keys("+++")
	near := b.view()
	if near >= all/3 {
		t.Errorf("three times + go from %v to %v", all, near)
	}
	b.keys("-")
	if got := b.view(); got <= near || got >= all {
		t.Errorf("- goes from %v to %v", near, got)
	}
	at := b.find(focus)
	if plot := b.find(`[data-testid=plot-svg]`); at.X+at.W < plot.X || at.X > plot.X+plot.W {
		t.Errorf("the focus is at %+v, outside %+v", at, plot)
	}
	b.keys("0")
	if got := b.view(); got != all {
		t.Errorf("0 shows %v of %v", got, all)
	}
	b.keys(kb.Escape)
	if got := b.shown(); got != "" {
		t.Errorf("after Escape the tooltip is about %q", got)
	}
}

// view is how much of the timeline is in view, in its own words, as milliseconds.
func (b *tab) view() int64 {
	b.t.Helper()
	text := b.text(`[data-testid=view]`)
	m := inView.FindStringSubmatch(text)
	if m == nil {
		b.t.Fatalf("the timeline does not say how much is in view: %q", text)
	}
	var ms float64
	for i, unit := range []float64{3.6e6, 6e4, 1e3} {
		n, _ := strconv.ParseFloat("0"+m[i+1], 64)
		ms += n * unit
	}
	return int64(ms)
}

var inView = regexp.MustCompile(`, (?:(\d+) h )?(?:(\d+) min ?)?(?:([\d.]+) s )?in view$`)

// TestMarathon: two days in 86,400 slots come to single segments by zooming, with the
// wheel, the buttons and the keys.
func TestMarathon(t *testing.T) {
	b := open(t, 1280, 900)
	b.visit(pageOf(t, days(86_400, 2)))
	single := func() int {
		return eval[int](b, `document.querySelectorAll('[data-testid=segment]').length`)
	}
	if n := single(); n != 0 {
		t.Errorf("%d segments have an element where all 172,800 are in view", n)
	}
	if shapes := eval[int](b, `document.querySelectorAll('[data-testid=plot] *').length`); shapes > 2000 {
		t.Errorf("%d elements draw what is no segment each", shapes)
	}
	if eval[int](b, `document.querySelectorAll('[data-testid=hole]').length`) == 0 {
		t.Error("the hole of 2 s in two days is not drawn")
	}
	// The wheel zooms around the pointer, which follows the hole: at first a pixel is
	// two and a half minutes.
	for n := 0; single() == 0; n++ {
		at := b.find(`[data-testid=hole]`)
		x, y := at.middle()
		if n == 80 {
			t.Fatalf("the wheel does not come to single segments: %v ms in view", b.view())
		}
		call(b, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseWheel, X: x, Y: y, DeltaX: 1e-3, DeltaY: -200, Modifiers: int64(chromedp.ModifierCtrl)})
		b.drawn()
	}
	middle := "marathon/broadcaster-%s/1080p/%d.ts"
	b.hover(segmentOf(fmt.Sprintf(middle, "b", 43_200)))
	if got, want := b.shown(), fmt.Sprintf(middle, "b", 43_200)+"|"; got != want {
		t.Errorf("the first after the hole is %q, not %q", got, want)
	}
	if text := b.text(tip); !strings.Contains(text, "2026-03-15 18:00:02 UTC") {
		t.Errorf("it begins elsewhere:\n%s", text)
	}
	b.shoot("marathon")
	b.click(`[data-testid=zoom-fit]`)
	if n := single(); n != 0 {
		t.Errorf("Fit leaves %d single segments", n)
	}
	eval[bool](b, `(() => { for (let n = 0; n < 40; n++) document.querySelector('[data-testid=zoom-in]').click(); return true; })()`)
	b.drawn()
	if got := b.view(); got < 200 || got > 60_000 {
		t.Errorf("the buttons zoom to %v ms", got)
	}
	eval[bool](b, `(document.querySelector('#segment-focus').focus(), true)`)
	b.keys(kb.End)
	if got := b.shown(); got != fmt.Sprintf(middle, "b", 86_399)+"|" {
		t.Errorf("End comes to %q", got)
	}
}

// TestFit: what came ten minutes late squeezes nothing; it is there for who zooms out.
func TestFit(t *testing.T) {
	b := open(t, 1280, 900)
	b.visit(pageOf(t, finished(t)))
	fit := b.view()
	if fit < 140_000 || fit > 180_000 {
		t.Errorf("of a session of 2 min 22 s %d ms are in view", fit)
	}
	for range 5 {
		b.click(`[data-testid=zoom-out]`)
	}
	if all := b.view(); all < 600_000 {
		t.Errorf("zooming out comes to %d ms", all)
	}
	if n := eval[int](b, `document.querySelectorAll('[data-testid=segment][data-reason=late]').length`); n != 2 {
		t.Errorf("%d late segments are drawn", n)
	}
	b.click(`[data-testid=zoom-fit]`)
	if got := b.view(); got != fit {
		t.Errorf("Fit shows %d ms, not %d", got, fit)
	}
}

// TestTouch: a finger taps a segment; the page scrolls by it all the same.
func TestTouch(t *testing.T) {
	b := open(t, 390, 800)
	b.do(chromedp.EmulateViewport(390, 800, chromedp.EmulateMobile, chromedp.EmulateTouch))
	b.visit(pageOf(t, match(t)))
	b.pick(0)
	at := b.find(`[data-testid=plot-svg]`)
	b.drawn()
	b.do(chromedp.TapXY(at.X+at.W*0.25, at.Y+40))
	b.until("a tooltip after a tap", `!document.querySelector('#tooltip').hidden`)
	if got := b.shown(); !strings.HasPrefix(got, "match-7/node-a/") {
		t.Errorf("the tap shows %q", got)
	}
	if how := eval[string](b, `getComputedStyle(document.querySelector('[data-testid=plot-svg]')).touchAction`); how != "pan-y" {
		t.Errorf("over the timeline a finger does %q", how)
	}
}
