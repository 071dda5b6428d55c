package pages

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/broadcast"
	"recfin/internal/hlscases"
	"recfin/report"
	"recfin/serve"
	"recfin/store"
	"recfin/store/mem"
)

var onAir = time.Date(2026, 3, 14, 18, 0, 0, 0, time.UTC)

// world is a store with recordings.
type world struct {
	t     testing.TB
	store *mem.Store
	now   time.Time
	cfg   finalize.Config
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, now: onAir.Add(5 * time.Hour)}
	w.store = mem.New(mem.Options{Clock: func() time.Time { return w.now }})
	layouts, err := finalize.ParseLayouts([]string{"nonce"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.cfg = finalize.Config{
		Sources: []store.Store{w.store}, Out: w.store, OutPath: finalize.DefaultOutPath, Layouts: layouts,
		Formats: finalize.Formats{HLS: true, MP4: true}, SessionGap: 15 * time.Minute, Settle: 30 * time.Minute, MaxDeletePercent: 60,
	}
	return w
}

func (w *world) put(key string, body []byte, at time.Time) error {
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

// match is a broadcast in three renditions of which much went wrong: node-a dies in
// its 29, node-b takes over from 27 on and lacks 40 to 42, 360p lacks 35 too, node-c
// starts anew after that, and a second session follows an hour later. One copy is
// empty, one is no media, and 1080p is left out.
func (w *world) match(recording string) {
	w.t.Helper()
	w.cfg.Selection.Exclude = []string{"1080p"}
	main := broadcast.Make(w.t, broadcast.Options{Seconds: 120, Width: 320, Height: 180})
	again := broadcast.Make(w.t, broadcast.Options{Seconds: 30, Width: 320, Height: 180, Source: "testsrc2", Tone: 880})
	later := broadcast.Make(w.t, broadcast.Options{Seconds: 20, Width: 320, Height: 180, Source: "testsrc2", Tone: 660})
	for _, name := range []string{"720p", "360p", "1080p"} {
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
		broadcast.Lay(w.t, w.put, later.Uploads(key("node-d"), 0, 9, onAir.Add(80*time.Minute)))
		w.put(key("node-e")+"/12.ts", nil, onAir.Add(27*time.Second))
		w.put(key("node-e")+"/20.ts", bytes.Repeat([]byte("<html>502</html>"), 40), onAir.Add(43*time.Second))
	}
	w.put(recording+"/notes.txt", []byte("node-a lost power\n"), onAir.Add(time.Hour))
}

// made are reports that were made, by name: tests only read them.
var made = struct {
	sync.Mutex
	by map[string]*finalize.Report
}{by: map[string]*finalize.Report{}}

func once(name string, make func() *finalize.Report) *finalize.Report {
	made.Lock()
	defer made.Unlock()
	if made.by[name] == nil {
		made.by[name] = make()
	}
	return made.by[name]
}

// match is the report of a plan of [world.match].
func match(t testing.TB) *finalize.Report {
	t.Helper()
	return once("match", func() *finalize.Report {
		w := newWorld(t)
		w.match("match-7")
		return w.plan("match-7")
	})
}

// finished is the match after it was finalized: since then a segment of it was lost
// in the store, and another came that therefore is too late.
func finished(t testing.TB) *finalize.Report {
	t.Helper()
	return once("finished", func() *finalize.Report { return finish(t) })
}

func finish(t testing.TB) *finalize.Report {
	t.Helper()
	w := newWorld(t)
	w.match("match-7")
	w.cfg.Formats = finalize.Formats{MP4: true} // playlists would need what was lost
	w.cfg.Delete, w.cfg.DeleteDelay = finalize.DeleteLeftovers, 24*time.Hour
	w.run("match-7")
	w.now = w.now.Add(time.Hour)
	const lost = "match-7/node-a/720p/3.ts"
	info, err := w.store.Head(t.Context(), lost)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range w.store.Delete(t.Context(), []store.Object{info.Object}, store.DeleteOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	s := broadcast.Make(t, broadcast.Options{Seconds: 120, Width: 320, Height: 180})
	broadcast.Lay(t, w.put, s.Uploads("match-7/node-f/720p", 40, 41, onAir.Add(10*time.Minute)))
	return w.plan("match-7")
}

// days is a stream in segments of 2 s, two writers after one another, as a record
// would have it, with a hole in the middle.
func days(slots, renditions int) *finalize.Report {
	rec := &finalize.Record{Recording: "marathon", Session: "20260314T180000Z", Start: onAir, End: onAir.Add(time.Duration(slots) * 2 * time.Second)}
	for k := range slots {
		if k == slots/2 {
			rec.Holes = append(rec.Holes, finalize.HoleRow{AfterSlot: k - 1, DurationNS: 2e9})
		}
		at := int64(k) * 2e9
		if k >= slots/2 {
			at += 2e9
		}
		rec.Slots.Seq, rec.Slots.StartNS, rec.Slots.DurationNS = append(rec.Slots.Seq, int64(k)), append(rec.Slots.StartNS, at), append(rec.Slots.DurationNS, 2e9)
	}
	for q := range renditions {
		name := []string{"1080p", "720p", "480p", "360p", "240p"}[q]
		x := finalize.RenditionRecord{Name: name, Output: name, Codecs: "avc1.64001f,mp4a.40.2", Height: 1080 - 240*q, Width: 1920}
		for k := range slots {
			nonce := "broadcaster-" + string(rune('a'+2*k/slots))
			x.Slot, x.Key = append(x.Slot, k), append(x.Key, fmt.Sprintf("marathon/%s/%s/%d.ts", nonce, name, k))
			x.Store, x.ETag, x.Size = append(x.Store, "s3://live/streams/"), append(x.ETag, `"abc"`), append(x.Size, int64(400_000+7919*k%300_000))
			x.Seen = append(x.Seen, onAir.Add(time.Duration(k+1)*2*time.Second+500*time.Millisecond).UnixNano())
			x.Nonce, x.Seq, x.Source = append(x.Nonce, nonce), append(x.Seq, int64(k)), append(x.Source, "neighbour")
			x.StartNS, x.DurationNS = append(x.StartNS, rec.Slots.StartNS[k]), append(x.DurationNS, 2e9)
		}
		rec.Renditions = append(rec.Renditions, x)
	}
	return &finalize.Report{Recording: "marathon", Plan: &finalize.Plan{Recording: "marathon", Status: finalize.Ready, Sessions: []finalize.PlannedSession{{Action: finalize.Write, Record: rec}}}}
}

// rows are those of gallery, once they were made.
var rows []report.Row

// gallery are recordings in all states.
func gallery(t testing.TB) []report.Row {
	t.Helper()
	if rows == nil {
		for _, row := range states(t) {
			rows = append(rows, row.Reduced())
		}
	}
	return rows
}

func states(t testing.TB) []report.Row {
	t.Helper()
	row := func(name string, r *finalize.Report) report.Row {
		return report.Row{Recording: name, Report: r, URL: "#" + name}
	}
	with := func(status finalize.Status, why string, slots int, shift time.Duration) *finalize.Report {
		r := days(slots, 3)
		if slots < 2000 {
			r.Plan.Sessions[0].Record.Holes = nil
		}
		rec := r.Plan.Sessions[0].Record
		rec.Start, rec.End = rec.Start.Add(shift), rec.End.Add(shift)
		r.Plan.Status, r.Plan.Why = status, why
		return r
	}
	done := finished(t)
	due := onAir.Add(72 * time.Hour)
	kept := with(finalize.Done, "", 5400, 24*time.Hour)
	kept.Due = &due
	return []report.Row{
		row("match-7", done),
		row("match-8", match(t)),
		row("evening-news-2026-03-14", with(finalize.Done, "", 900, 0)),
		row("marathon", days(86_400, 2)),
		row("council/chamber-2", with(finalize.NotSettled, "the last segment is 4 minutes old", 600, 4*time.Hour)),
		row("council/chamber-3", with(finalize.Leased, "another run has the lease since 12 s", 400, 3*time.Hour)),
		row("concert", kept),
		row("lecture-1", with(finalize.Ready, "", 1800, 2*time.Hour)),
		row("lecture-2", with(finalize.Left, "it is not wanted: --include has no pattern for it", 1800, 2*time.Hour)),
		row("training", with(finalize.Damaged, "the record of session 20260314T180000Z is not what the marker vouches for", 700, time.Hour)),
		row("studio-b", with(finalize.Refused, "the marker was written by a later version", 700, -time.Hour)),
		row("interview", &finalize.Report{Recording: "interview", Plan: &finalize.Plan{}, Err: errors.New("list s3://live/streams/interview/: the store is not available: 503 Slow Down")}),
		{Recording: "match-7b", Standing: &finalize.Standing{Recording: "match-7b", As: "match-7"}, URL: "#match-7b"},
		{Recording: "not-looked-at-yet", URL: "#not-looked-at-yet"},
	}
}

// pageOf serves a page of a recording from memory.
func pageOf(t testing.TB, r *finalize.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, r, report.Options{Generated: "recfin 1.0 for s3://live/streams/", Links: []report.Link{{Name: "All recordings", URL: "/"}}}); err != nil {
		t.Fatal(err)
	}
	return hosted(t, b.Bytes())
}

// indexOf serves an index from memory.
func indexOf(t testing.TB, rows []report.Row) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteIndex(&b, rows, report.Options{Generated: "recfin 1.0 for s3://live/streams/"}); err != nil {
		t.Fatal(err)
	}
	return hosted(t, b.Bytes())
}

// hosted serves one page under its own origin, and nothing else.
func hosted(t testing.TB, html []byte) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/page.html" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(html)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/page.html"
}

// served serves a case of package hlscases by recfin serve.
func served(t testing.TB, name string, finalized bool) string {
	t.Helper()
	all := hlscases.All()
	k := slices.IndexFunc(all, func(c hlscases.Case) bool { return c.Name == name })
	if k < 0 {
		t.Fatalf("there is no case %s", name)
	}
	w := all[k].Lay(t)
	if finalized {
		w.Config.Formats.MP4 = true
		w.Finalize(t)
	}
	return servedBy(t, w.Config)
}

func servedBy(t testing.TB, cfg finalize.Config) string {
	t.Helper()
	s, err := serve.New(serve.Options{Config: cfg, Generated: "recfin 1.0"})
	if err != nil {
		t.Fatal(err)
	}
	at := httptest.NewServer(s)
	t.Cleanup(at.Close)
	return at.URL
}
