// Package mishap lays out broadcasts of which much went wrong, for the tests of what
// shows recordings to people.
package mishap

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

// OnAir is when the broadcasts begin.
var OnAir = time.Date(2026, 3, 14, 18, 0, 0, 0, time.UTC)

// World is a store with recordings, and the settings of a finalizer over it.
type World struct {
	T     testing.TB
	Store *mem.Store
	Now   time.Time // by the clock of the store
	Cfg   finalize.Config
	Still bool // the store was copied: all uploads are of one moment
}

// New makes an empty world some time after OnAir.
func New(t testing.TB, after time.Duration) *World {
	t.Helper()
	w := &World{T: t, Now: OnAir.Add(after)}
	w.Store = mem.New(mem.Options{Clock: func() time.Time { return w.Now }})
	layouts, err := finalize.ParseLayouts([]string{"nonce"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Cfg = finalize.Config{
		Sources: []store.Store{w.Store}, Out: w.Store, OutPath: finalize.DefaultOutPath, Layouts: layouts,
		Formats: finalize.Formats{HLS: true}, SessionGap: 15 * time.Minute, Settle: 30 * time.Minute, MaxDeletePercent: 60,
	}
	return w
}

// Put uploads an object.
func (w *World) Put(key string, body []byte, at time.Time) error {
	if w.Still {
		at = OnAir
	}
	w.Store.Set(key, body, at, nil)
	return nil
}

// Finalizer is one with the settings of the moment.
func (w *World) Finalizer() *finalize.Finalizer {
	w.T.Helper()
	f, err := finalize.New(w.Cfg)
	if err != nil {
		w.T.Fatal(err)
	}
	return f
}

// Plan plans a recording.
func (w *World) Plan(recording string) *finalize.Report {
	w.T.Helper()
	r, err := w.Finalizer().Plan(w.T.Context(), recording)
	if err != nil {
		w.T.Fatal(err)
	}
	return r
}

// Run finalizes a recording.
func (w *World) Run(recording string) *finalize.Report {
	w.T.Helper()
	r, err := w.Finalizer().Run(w.T.Context(), recording)
	if err != nil {
		w.T.Fatal(err)
	}
	return r
}

// Match says how a match looks.
type Match struct {
	Sizes  [3][2]int     // width and height of 720p, 360p and 1080p
	Second time.Duration // when the second session begins, after OnAir
	Tone   int           // of the second session, in Hz
}

// Match is a broadcast in three renditions of which much went wrong: node-a dies in
// its 29, node-b takes over from 27 on and lacks 40 to 42, 360p lacks 35 too, node-c
// starts anew after that, and a second session follows. One copy is empty, one is no
// media, and 1080p is left out.
func (w *World) Match(recording string, m Match) {
	w.T.Helper()
	w.Cfg.Selection.Exclude = []string{"1080p"}
	for n, name := range []string{"720p", "360p", "1080p"} {
		size := m.Sizes[n]
		main := broadcast.Make(w.T, broadcast.Options{Seconds: 120, Width: size[0], Height: size[1]})
		again := broadcast.Make(w.T, broadcast.Options{Seconds: 30, Width: size[0], Height: size[1], Source: "testsrc2", Tone: 880})
		later := broadcast.Make(w.T, broadcast.Options{Seconds: 20, Width: size[0], Height: size[1], Source: "testsrc2", Tone: m.Tone})
		key := func(writer string) string { return fmt.Sprintf("%s/%s/%s", recording, writer, name) }
		a := main.Uploads(key("node-a"), 0, 29, OnAir)
		a[29].Keep = 188 * 60
		broadcast.Lay(w.T, w.Put, a)
		lost := []int{40, 41, 42}
		if name == "360p" {
			lost = append(lost, 35)
		}
		b := broadcast.Without(main.Uploads(key("node-b"), 27, 49, OnAir), lost...)
		for i := range b {
			b[i].At = b[i].At.Add(time.Second)
		}
		broadcast.Lay(w.T, w.Put, b)
		broadcast.Lay(w.T, w.Put, again.Uploads(key("node-c"), 0, 14, OnAir.Add(112*time.Second)))
		broadcast.Lay(w.T, w.Put, later.Uploads(key("node-d"), 0, 9, OnAir.Add(m.Second)))
		w.Put(key("node-e")+"/12.ts", nil, OnAir.Add(27*time.Second))
		w.Put(key("node-e")+"/20.ts", bytes.Repeat([]byte("<html>502</html>"), 40), OnAir.Add(43*time.Second))
	}
	w.Put(recording+"/notes.txt", []byte("node-a lost power\n"), OnAir.Add(time.Hour))
}
