package report

import (
	"testing"
	"time"

	"recfin/internal/broadcast"
	"recfin/internal/mishap"
)

var onAir = mishap.OnAir

// world is a store with recordings.
type world struct{ *mishap.World }

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{mishap.New(t, 48*time.Hour)}
	return w
}

// match is a broadcast of which much went wrong.
func (w *world) match(recording string) {
	w.T.Helper()
	w.Match(recording, mishap.Match{Sizes: [3][2]int{{320, 180}, {160, 90}, {320, 192}}, Second: 62 * time.Minute, Tone: 220})
}

// again is another stream, whose clock began anew.
func (w *world) again(prefix string, from, to int, at time.Duration) {
	w.T.Helper()
	s := broadcast.Make(w.T, broadcast.Options{Seconds: 20, Width: 160, Height: 96, Tone: 880, Source: "testsrc2"})
	broadcast.Lay(w.T, w.Put, s.Uploads(prefix, from, to, onAir.Add(at)))
}

// view is the view of a plan.
func (w *world) view(recording string) *page {
	w.T.Helper()
	r := w.Plan(recording)
	p, err := pageOf(r, r.DroppedAt(), Options{})
	if err != nil {
		w.T.Fatal(err)
	}
	return &p
}
