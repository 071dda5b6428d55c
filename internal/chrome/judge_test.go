package chrome

import (
	"fmt"
	"testing"
)

// shown are the colours of lavfi as pictures show them.
var shown = map[string][3]int{
	"red": {255, 0, 0}, "lime": {0, 255, 0}, "blue": {0, 0, 255}, "yellow": {255, 255, 0},
	"cyan": {0, 255, 255}, "magenta": {255, 0, 255}, "white": {255, 255, 255},
}

// apart is how far beep and flash may be from each other, s: a picture lasts 40 ms.
const apart = 0.045

// want is what a movie must be like: segments of 2 s in these colours, of which
// some are silent.
type want struct {
	colours []string
	mute    map[int]bool
	sizes   []string // while it plays; nil: not looked at
	deaf    bool     // nobody listens
}

// judge says what is wrong with a movie. Each verdict is the first one.
func judge(t *testing.T, b *Browser, movie []byte, w want) (wrong []string) {
	t.Helper()
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	f := b.Serve(movie)
	length := float64(2 * len(w.colours))
	ended := func(how string, x Facts, sizes []string) {
		if x.Error != "" {
			say("%s: %s", how, x.Error)
		}
		// Priming of sound and the rounding of joins add to it.
		if x.Duration < length-0.05 || x.Duration > length+0.2 || x.At < x.Duration-0.05 {
			say("%s: it ends at %.3f of %.3f s, %.0f s were made", how, x.At, x.Duration, length)
		}
		if w.sizes != nil && fmt.Sprint(sizes) != fmt.Sprint(w.sizes) {
			say("%s: pictures of %v, not of %v", how, sizes, w.sizes)
		}
	}
	p := f.Play(t, 4)
	ended("played", p.Facts, p.Sizes)
	// Forward, and back to what was decoded with other parameter sets.
	var seeks []float64
	for i := range w.colours {
		seeks = append(seeks, float64(2*i)+0.6)
	}
	for i := range w.colours {
		seeks = append(seeks, float64(2*(len(w.colours)-1-i))+1.6)
	}
	l := f.Seek(t, seeks...)
	if l.Error != "" {
		say("sought: %s", l.Error)
	}
	if l.Error == "" && len(l.Looks) != len(seeks) {
		say("sought: %d pictures of %d", len(l.Looks), len(seeks))
	}
	for _, x := range l.Looks {
		if c := w.colours[int(x.At/2)]; !near(x.Colour, shown[c]) {
			say("at %.1f s: colour %v, not %s", x.At, x.Colour, c)
		}
	}
	if w.deaf || len(wrong) > 0 {
		return wrong
	}
	h := f.Listen(t)
	ended("heard", h.Facts, h.Sizes)
	beeps := 2 * (len(w.colours) - len(w.mute))
	if len(h.Beeps) != beeps {
		say("beeps at %.3f, %d were made", h.Beeps, beeps)
	}
	seeks = nil
	for _, at := range h.Beeps {
		if at > 0.5 { // the clock does not run yet at the first
			seeks = append(seeks, at-apart, at+apart)
		}
	}
	l = f.Seek(t, seeks...)
	for i := 0; i+1 < len(l.Looks); i += 2 {
		before, after := l.Looks[i], l.Looks[i+1]
		if near(before.Colour, shown["white"]) || !near(after.Colour, shown["white"]) {
			say("a beep at %.3f s, and the pictures around are %v and %v", before.At+apart, before.Colour, after.Colour)
		}
	}
	return wrong
}

// near reports whether two colours are the same but for coding.
func near(a, b [3]int) bool {
	for i := range a {
		if d := a[i] - b[i]; d < -40 || d > 40 {
			return false
		}
	}
	return true
}
