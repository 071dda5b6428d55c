package hlscases

import (
	"context"
	"fmt"
	"path"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/finalize/layout"
	"recfin/internal/schemas"
	"recfin/store"
	"recfin/store/mem"
)

// OnAir is when the broadcast of each case began.
var OnAir = time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)

// OutPath is where the outputs go.
const OutPath = "recordings/"

// Case is a recording that a store holds.
type Case struct {
	Name      string
	Shows     string // what to look for
	Recording string
	HLS       finalize.HLSMode
	Sessions  []Session // the truth

	layout string
	takes  []take
}

// take is a clip as a broadcaster uploads it, live.
type take struct {
	clip
	folder string        // of its objects: <recording>/<nonce>/<rendition>
	seq    int           // number of its first segment
	at     time.Duration // when its first segment begins, since OnAir
	lost   []int         // numbers that never arrived
}

// World is a case in a store of its own.
type World struct {
	Case
	Store  *mem.Store
	Config finalize.Config // playlists alone, in the case's mode; nothing is deleted
}

// Lay makes the media of a case, by ffmpeg, and puts them into a store.
func (c Case) Lay(t testing.TB) *World {
	t.Helper()
	now := OnAir.Add(24 * time.Hour)
	s := mem.New(mem.Options{Clock: func() time.Time { return now }})
	for _, k := range c.takes {
		k.lay(t, s)
	}
	name := c.layout
	if name == "" {
		name = "nonce"
	}
	l, err := layout.Parse(name, layout.Options{})
	if err != nil {
		t.Fatal(err)
	}
	mode := c.HLS
	if mode == "" {
		mode = finalize.HLSReference
	}
	return &World{Case: c, Store: s, Config: finalize.Config{
		Sources: []store.Store{s}, OutPath: OutPath, Layouts: []*layout.Layout{l},
		Formats: finalize.Formats{HLS: true}, HLS: mode,
		SessionGap: 15 * time.Minute, Settle: 30 * time.Minute, Delete: finalize.DeleteNone, Concurrency: 2,
	}}
}

// lay uploads what of a take arrived: each segment 400 ms after its end.
func (k take) lay(t testing.TB, s *mem.Store) {
	t.Helper()
	lost := map[int]bool{}
	for _, n := range k.lost {
		lost[n] = true
	}
	for _, o := range k.objects(t) {
		begin := OnAir.Add(k.at + time.Duration(o.n*k.every)*time.Second)
		uploaded := begin.Add(time.Duration(k.every)*time.Second + 400*time.Millisecond)
		switch n := k.seq + o.n; {
		case o.n < 0:
			s.Set(k.folder+"/init"+o.ext, o.body, OnAir.Add(k.at+400*time.Millisecond), nil)
		case lost[n]:
		case k.form == files:
			s.Set(k.folder+"/"+begin.Format("2006-01-02_15-04-05")+"-000000"+o.ext, o.body, uploaded, nil)
		default:
			s.Set(fmt.Sprintf("%s/%d%s", k.folder, n, o.ext), o.body, uploaded, nil)
		}
	}
}

// Finalize finalizes the recording. It has to succeed, with nothing to complain of.
func (w *World) Finalize(t testing.TB) *finalize.Report {
	t.Helper()
	f, err := finalize.New(w.Config)
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Run(context.Background(), w.Recording)
	if err != nil {
		t.Fatalf("%s: %v", w.Name, err)
	}
	if len(r.Problems) > 0 {
		t.Errorf("%s: %q", w.Name, r.Problems)
	}
	schemas.CheckJSON(t, "report", r.JSON())
	for key, e := range w.Store.Snapshot() {
		switch path.Base(key) {
		case "recording.json":
			schemas.Check(t, "recording", e.Body)
		case "segments.json.gz":
			schemas.CheckZipped(t, "segments", e.Body)
		}
	}
	return r
}

// Door is the key of the door of a session.
func (w *World) Door(session string) string {
	return OutPath + w.Recording + "/" + session + "/index.m3u8"
}
