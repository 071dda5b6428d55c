package report

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/broadcast"
	"recfin/store"
	"recfin/store/mem"
)

var onAir = time.Date(2026, 3, 14, 18, 0, 0, 0, time.UTC)

// world is a store with recordings, and a finalizer over it.
type world struct {
	t     testing.TB
	store *mem.Store
	now   time.Time
	cfg   finalize.Config
	still bool // the store was copied: all uploads are of one moment
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, now: onAir.Add(48 * time.Hour)}
	w.store = mem.New(mem.Options{Clock: func() time.Time { return w.now }})
	layouts, err := finalize.ParseLayouts([]string{"nonce"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.cfg = finalize.Config{
		Sources: []store.Store{w.store}, Out: w.store, OutPath: finalize.DefaultOutPath, Layouts: layouts,
		Formats: finalize.Formats{HLS: true}, SessionGap: 15 * time.Minute, Settle: 30 * time.Minute, MaxDeletePercent: 60,
	}
	return w
}

func (w *world) put(key string, body []byte, at time.Time) error {
	if w.still {
		at = onAir
	}
	w.store.Set(key, body, at, nil)
	return nil
}

func (w *world) finalizer() *finalize.Finalizer {
	w.t.Helper()
	f, err := finalize.New(w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

func (w *world) plan(recording string) *finalize.Report {
	w.t.Helper()
	r, err := w.finalizer().Plan(w.t.Context(), recording)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) run(recording string) *finalize.Report {
	w.t.Helper()
	r, err := w.finalizer().Run(w.t.Context(), recording)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// match is a broadcast in three renditions of which much went wrong: A dies in its
// 29, B takes over from 27 on and lacks 40 to 42, 360p lacks 35 too, C starts anew
// after that, and a second session follows an hour later. One copy is empty, one is
// no media, and 1080p is left out.
func (w *world) match(recording string) {
	w.t.Helper()
	w.cfg.Selection.Exclude = []string{"1080p"}
	for n, name := range []string{"720p", "360p", "1080p"} {
		size := [][2]int{{320, 180}, {160, 90}, {320, 192}}[n]
		main := broadcast.Make(w.t, broadcast.Options{Seconds: 120, Width: size[0], Height: size[1]})
		again := broadcast.Make(w.t, broadcast.Options{Seconds: 30, Width: size[0], Height: size[1], Source: "testsrc2", Tone: 880})
		later := broadcast.Make(w.t, broadcast.Options{Seconds: 20, Width: size[0], Height: size[1], Source: "testsrc2", Tone: 220})
		key := func(writer string) string { return fmt.Sprintf("%s/%s/%s", recording, writer, name) }
		a := main.Uploads(key("node-a"), 0, 29, onAir)
		a[29].Keep = 188 * 60
		broadcast.Lay(w.t, w.put, a)
		lost := []int{40, 41, 42}
		if name == "360p" {
			lost = append(lost, 35)
		}
		b := broadcast.Without(main.Uploads(key("node-b"), 27, 49, onAir), lost...)
		for i := range b {
			b[i].At = b[i].At.Add(time.Second)
		}
		broadcast.Lay(w.t, w.put, b)
		broadcast.Lay(w.t, w.put, again.Uploads(key("node-c"), 0, 14, onAir.Add(112*time.Second)))
		broadcast.Lay(w.t, w.put, later.Uploads(key("node-d"), 0, 9, onAir.Add(62*time.Minute)))
		w.put(key("node-e")+"/12.ts", nil, onAir.Add(27*time.Second))
		w.put(key("node-e")+"/20.ts", bytes.Repeat([]byte("<html>502</html>"), 40), onAir.Add(43*time.Second))
	}
	w.put(recording+"/notes.txt", []byte("node-a lost power\n"), onAir.Add(time.Hour))
}

// again is another stream, whose clock began anew.
func (w *world) again(prefix string, from, to int, at time.Duration) {
	w.t.Helper()
	s := broadcast.Make(w.t, broadcast.Options{Seconds: 20, Width: 160, Height: 96, Tone: 880, Source: "testsrc2"})
	broadcast.Lay(w.t, w.put, s.Uploads(prefix, from, to, onAir.Add(at)))
}

// view is the view of a plan.
func (w *world) view(recording string) *page {
	w.t.Helper()
	r := w.plan(recording)
	p, err := pageOf(r, r.DroppedAt(), Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	return &p
}
