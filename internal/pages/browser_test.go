// Package pages does in Chromium with the pages of packages report and serve what a
// person does with them: looks at them, points, types, and plays.
//
// All tests share one browser; each has a tab of its own, and of every tab is asked
// at the end whether it reached out to others, complained, or ran what it should not.
package pages

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"recfin/internal/testenv"
)

// patience is how long a page may take for one step. No test says how fast one is.
const patience = 90 * time.Second

// chromium is the browser of all tests, started by the first that needs it.
var chromium struct {
	sync.Once
	ctx context.Context
	end context.CancelFunc
	err error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if chromium.end != nil {
		chromium.end()
	}
	os.Exit(code)
}

// tab is a page in the browser.
type tab struct {
	t   testing.TB
	ctx context.Context

	mu     sync.Mutex
	faults []string
	own    map[string]bool // origins of the pages that were opened
	asked  map[string]bool // origins of requests
}

// open opens a tab. When the test ends, it must have asked nobody but the origins of
// the pages that were opened in it, and nothing must have gone wrong in it.
func open(t testing.TB, width, height int64) *tab {
	t.Helper()
	path := testenv.Need(t, "chromium")
	chromium.Do(func() {
		chromium.ctx, chromium.end = chromedp.NewContext(context.Background(), chromedp.WithAllocatorOptions(chromedp.ExecPath(path),
			chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
			chromedp.Flag("mute-audio", true), chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("hide-scrollbars", true)))
		chromium.err = chromedp.Do(chromium.ctx)
	})
	if chromium.err != nil {
		t.Fatalf("start chromium: %v", chromium.err)
	}
	ctx, closed := chromedp.NewContext(chromium.ctx)
	b := &tab{t: t, ctx: ctx, own: map[string]bool{"": true}, asked: map[string]bool{}}
	t.Cleanup(closed)
	t.Cleanup(b.settle)
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	call(b, network.Enable, network.EnableParams{})
	b.do(chromedp.EmulateViewport(width, height))
	return b
}

// hear notes what a page must not do.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fault := func(format string, args ...any) { b.faults = append(b.faults, fmt.Sprintf(format, args...)) }
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.asked[originOf(e.Request.URL)] = true
	case *network.EventWebSocketCreated:
		fault("a web socket to %s", e.URL)
	case *page.EventJavascriptDialogOpening:
		fault("a dialog: %s", e.Message)
		go func() {
			_ = chromedp.Do(b.ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
				_, err := cdp.Call(ctx, t, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
				return err
			}))
		}()
	case *runtime.EventExceptionThrown:
		fault("an exception: %s %v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception)
	case *runtime.EventConsoleAPICalled:
		fault("the console: %s", e.Type)
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError || e.Entry.Level == cdplog.EntryLevelWarning {
			fault("the log: %s %s", e.Entry.Text, e.Entry.URL)
		}
	}
}

// originOf is where a request goes; empty: what is in the page itself.
func originOf(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return address
	case u.Scheme == "data" || u.Scheme == "about":
		return ""
	case u.Scheme == "blob":
		return originOf(u.Opaque)
	}
	return u.Scheme + "://" + u.Host
}

// settle holds what a tab did against what it may do.
func (b *tab) settle() {
	for _, f := range b.forgive() {
		b.t.Errorf("the page: %s", f)
	}
}

// forgive gives what went wrong so far, and forgets it.
func (b *tab) forgive() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	was := b.faults
	for origin := range b.asked {
		if !b.own[origin] {
			was = append(was, "asked "+origin)
		}
	}
	b.faults = nil
	clear(b.asked)
	return was
}

// opens notes that a page is the tab's own.
func (b *tab) opens(address string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.own[originOf(address)] = true
}

// do carries out steps.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, over := context.WithTimeout(b.ctx, patience)
	defer over()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("the browser: %v", err)
	}
}

// call sends a command of the protocol.
func call[P, R any](b *tab, c cdp.Command[P, R], params P) R {
	b.t.Helper()
	ctx, over := context.WithTimeout(b.ctx, patience)
	defer over()
	r, err := chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) (R, error) { return cdp.Call(ctx, t, c, params) })
	if err != nil {
		b.t.Fatalf("%s: %v", c.Method, err)
	}
	return r
}

// eval gives what a script gives; a promise is waited for.
func eval[T any](b *tab, script string, args ...any) T {
	b.t.Helper()
	if len(args) > 0 {
		script = fmt.Sprintf(script, args...)
	}
	v, err := attempt[T](b, script)
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	return v
}

// attempt is eval that may fail.
func attempt[T any](b *tab, script string) (T, error) {
	ctx, over := context.WithTimeout(b.ctx, patience)
	defer over()
	return chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// until waits for a condition. What never comes ends the test.
func (b *tab) until(what, condition string, args ...any) {
	b.t.Helper()
	over := time.Now().Add(patience)
	for !eval[bool](b, "!!("+condition+")", args...) {
		if time.Now().After(over) {
			b.t.Fatalf("it never came: %s", what)
		}
		time.Sleep(30 * time.Millisecond)
	}
}

// visit opens a page and waits until it stands and was drawn.
func (b *tab) visit(address string) {
	b.t.Helper()
	b.opens(address)
	b.do(chromedp.Navigate(address))
	b.drawn()
}

// drawn waits for two frames: what was asked for before is on the screen.
func (b *tab) drawn() {
	b.t.Helper()
	const frames = `new Promise((ok) => requestAnimationFrame(() => requestAnimationFrame(() => ok(true))))`
	// A page that has just come may move to another process of the browser, once.
	if _, err := attempt[bool](b, frames); err != nil && strings.Contains(err.Error(), "navigated") {
		eval[bool](b, frames)
	} else if err != nil {
		b.t.Fatalf("it is not drawn: %v", err)
	}
}

// keys presses keys, one after the other. A key writes its character unless the page
// takes the key for itself, as at a keyboard.
func (b *tab) keys(keys string) {
	b.t.Helper()
	for _, r := range keys {
		events := kb.Encode(r)
		if len(events) == 3 {
			down, char := events[0], events[1]
			down.Type, down.Text, down.UnmodifiedText = input.DispatchKeyEventTypeKeyDown, char.Text, char.UnmodifiedText
			events = []*input.DispatchKeyEventParams{down, events[2]}
		}
		for _, e := range events {
			call(b, input.DispatchKeyEvent, *e)
		}
	}
	b.drawn()
}

// box is where an element is on the screen.
type box struct{ X, Y, W, H float64 }

func (x box) middle() (float64, float64) { return x.X + x.W/2, x.Y + x.H/2 }

// find gives the place of the first element, brought into view.
func (b *tab) find(selector string) box {
	b.t.Helper()
	return eval[box](b, `(() => {
		const e = document.querySelector(%q);
		const seen = (r) => r.top >= 0 && r.bottom <= innerHeight;
		if (!seen(e.getBoundingClientRect())) e.scrollIntoView({ block: 'center', behavior: 'instant' });
		const r = e.getBoundingClientRect();
		return { X: r.left, Y: r.top, W: r.width, H: r.height };
	})()`, selector)
}

// hover moves the pointer over an element, or away from all with "".
func (b *tab) hover(selector string) {
	b.t.Helper()
	x, y := 1.0, 1.0
	if selector != "" {
		at := b.find(selector)
		b.drawn() // scrolling tells of itself with the next frame
		x, y = at.middle()
	}
	b.do(chromedp.MouseEvent(chromedp.MouseMoved, x, y))
	b.drawn()
}

// click clicks on an element.
func (b *tab) click(selector string) {
	b.t.Helper()
	at := b.find(selector)
	b.drawn()
	b.clickAt(at.middle())
}

// clickAt clicks on a point of the window.
func (b *tab) clickAt(x, y float64) {
	b.t.Helper()
	b.do(chromedp.MouseClickXY(x, y))
	b.drawn()
}

// text is what an element says; empty where it is hidden.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return eval[string](b, `(() => { const e = document.querySelector(%q); return e && e.offsetParent !== null || e && getComputedStyle(e).position === 'fixed' && !e.hidden ? e.innerText : ''; })()`, selector)
}
