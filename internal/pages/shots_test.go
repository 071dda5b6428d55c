package pages

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Shots is the variable that names the folder for screenshots.
const Shots = "RECFIN_TEST_SHOTS"

// shoot writes a picture of all of the page, where RECFIN_TEST_SHOTS names a folder.
func (b *tab) shoot(name string) {
	b.t.Helper()
	dir := os.Getenv(Shots)
	if dir == "" {
		return
	}
	beyond := true
	size := eval[[]float64](b, `[document.documentElement.clientWidth, Math.min(document.documentElement.scrollHeight, 6000)]`)
	shot := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &beyond,
		Clip: &page.Viewport{Width: size[0], Height: size[1], Scale: 1}})
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), shot.Data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// scheme has the system prefer a colour scheme, "dark" or "light".
func (b *tab) scheme(name string) {
	b.t.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
	b.drawn()
}

// TestPictures has every page drawn in light and dark, on a desk and on a phone. It
// holds that nothing goes wrong there, and that no page is wider than the window.
func TestPictures(t *testing.T) {
	before, after, index := pageOf(t, match(t)), pageOf(t, finished(t)), indexOf(t, gallery(t))
	b := open(t, 1440, 900)
	for _, p := range []struct{ name, url string }{{"report", before}, {"report-finalized", after}, {"index", index}} {
		for _, v := range []struct {
			name   string
			width  int64
			scheme string
		}{{"light", 1440, "light"}, {"dark", 1440, "dark"}, {"phone", 390, "light"}, {"phone-small-dark", 320, "dark"}} {
			b.do(chromedp.EmulateViewport(v.width, 900))
			b.scheme(v.scheme)
			b.visit(p.url)
			if wide := eval[int64](b, `document.documentElement.scrollWidth`); wide > v.width {
				t.Errorf("%s in %s is %d px wide of %d", p.name, v.name, wide, v.width)
			}
			b.shoot(p.name + "-" + v.name)
		}
		// On a laptop no column of the index is out of sight.
		if p.name == "index" {
			b.do(chromedp.EmulateViewport(1280, 800))
			b.visit(p.url)
			if wide := eval[[]int](b, `(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth])(document.querySelector('.wide'))`); wide[0] > wide[1] {
				t.Errorf("on a laptop the index is %d px wide of %d", wide[0], wide[1])
			}
			b.shoot("index-laptop")
		}
	}
}
