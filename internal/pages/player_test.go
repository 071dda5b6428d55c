package pages

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// observe has the page note what its player tells.
const observe = `(() => {
	const video = document.querySelector('[data-testid=video]');
	window.trouble = [];
	for (const name of ['error', 'abort']) video.addEventListener(name, () => trouble.push(name + ' ' + (video.error && video.error.message)));
	window.video = video;
	return true;
})()`

// cursor is where the cursor of the player is on the timeline; -1: nowhere.
func (b *tab) cursor() float64 {
	b.t.Helper()
	return eval[float64](b, `(() => { const c = document.querySelector('[data-testid=cursor]'); const m = c.style.display !== 'none' && /^M([\d.]+)/.exec(c.getAttribute('d') || ''); return m ? Number(m[1]) : -1; })()`)
}

// TestPlayer: the page that recfin serve serves plays two broadcasters after one
// another, before they are finalized and after; the cursor runs along the timeline
// over the join, and a click on the timeline, or Enter, seeks.
func TestPlayer(t *testing.T) {
	for _, finalized := range []bool{false, true} {
		name := map[bool]string{false: "before", true: "after"}[finalized]
		t.Run(name, func(t *testing.T) {
			b := open(t, 900, 700)
			b.visit(served(t, "restart", finalized) + "/")
			b.click(`[data-testid=row] a`) // as a person comes to it
			b.until("the page of the recording", `document.body && document.body.dataset.page === 'recording' && document.querySelector('#segment-focus')`)
			b.drawn()
			if n := eval[int](b, `document.querySelectorAll('[data-testid=join]').length`); n == 0 {
				t.Error("the join is not drawn")
			}
			eval[bool](b, observe)
			b.click(`[data-testid=play]`)
			b.until("it plays", `video.readyState >= 2 && !video.paused && video.currentTime > 0`)
			if pressed := eval[string](b, `document.querySelector('[data-testid=play]').getAttribute('aria-pressed')`); pressed != "true" {
				t.Errorf("the button of what plays is pressed: %s", pressed)
			}
			if d := eval[float64](b, `video.duration`); d < 15.9 || d > 16.2 {
				t.Errorf("it lasts %v s", d)
			}
			began := b.cursor()
			eval[bool](b, `(video.playbackRate = 8, true)`)
			b.until("it plays over the join", `video.currentTime > 9 || video.ended`)
			beyond := b.cursor()
			if began < 0 || beyond <= began {
				t.Errorf("the cursor went from %v to %v", began, beyond)
			}
			b.until("it plays to its end", `video.ended`)
			plot := b.find(`[data-testid=plot-svg]`)
			if end := b.cursor(); end < plot.W*0.97 {
				t.Errorf("at the end the cursor is at %v of %v", end, plot.W)
			}

			// Seeking: back to the first broadcaster and over the join again.
			b.find(`[data-testid=timeline]`)
			for _, c := range []struct{ at, from, to float64 }{{0.25, 3.5, 4.5}, {0.75, 11.5, 12.5}} {
				plot := b.find(`[data-testid=plot-svg]`)
				b.drawn()
				b.clickAt(plot.X+plot.W*c.at, plot.Y+40)
				b.until("the player comes to where the timeline was clicked", `!video.seeking && video.readyState >= 2 && video.currentTime >= %v`, c.from)
				if got := eval[float64](b, `(video.pause(), video.currentTime)`); got < c.from || got > c.to+4 {
					t.Errorf("a click at %v of the timeline comes to %v s", c.at, got)
				}
				if got := b.cursor(); got < plot.W*(c.at-0.03) {
					t.Errorf("a click at %v of the timeline takes the cursor to %v of %v", c.at, got, plot.W)
				}
			}
			eval[bool](b, `(document.querySelector('#segment-focus').focus(), true)`)
			b.keys(kb.Home + kb.ArrowRight + kb.Enter)
			b.until("Enter seeks to the second segment", `!video.seeking && Math.abs(video.currentTime - 2) < 0.2`)
			if trouble := eval[[]string](b, `trouble`); len(trouble) > 0 {
				t.Errorf("the player: %q", trouble)
			}
			if says := b.text(`[data-testid=player-status]`); says != "" {
				t.Errorf("the player says %q", says)
			}
			b.shoot("player-" + name)
			if finalized {
				b.movie()
			}
		})
	}
}

// movie plays the MP4 of a finalized recording in the same player.
func (b *tab) movie() {
	b.t.Helper()
	n := eval[int](b, `Array.from(document.querySelectorAll('[data-testid=play]')).findIndex((x) => /MP4/.test(x.textContent))`)
	if n < 0 {
		b.t.Error("the MP4 is not offered")
		return
	}
	eval[bool](b, `(document.querySelectorAll('[data-testid=play]')[%d].click(), true)`, n)
	b.until("the MP4 plays", `video.src.endsWith('.mp4') && video.readyState >= 2 && video.currentTime > 0`)
	if d := eval[float64](b, `(video.pause(), video.duration)`); d < 15.9 || d > 16.2 {
		b.t.Errorf("the MP4 lasts %v s", d)
	}
}
