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
	"recfin/finalize/timeline"
	"recfin/internal/broadcast"
	"recfin/internal/hlscases"
	"recfin/internal/mishap"
	"recfin/report"
	"recfin/serve"
	"recfin/store"
)

var onAir = mishap.OnAir

// world is a store with recordings.
type world struct{ *mishap.World }

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{mishap.New(t, 5*time.Hour)}
	w.Cfg.Formats.MP4 = true
	return w
}

// match is a broadcast of which much went wrong.
func (w *world) match(recording string) {
	w.T.Helper()
	w.Match(recording, mishap.Match{Sizes: [3][2]int{{320, 180}, {320, 180}, {320, 180}}, Second: 80 * time.Minute, Tone: 660})
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
		return w.Plan("match-7")
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
	w.Cfg.Formats = finalize.Formats{MP4: true} // playlists would need what was lost
	w.Cfg.Delete, w.Cfg.DeleteDelay = finalize.DeleteLeftovers, 24*time.Hour
	w.Run("match-7")
	w.Now = w.Now.Add(time.Hour)
	const lost = "match-7/node-a/720p/3.ts"
	info, err := w.Store.Head(t.Context(), lost)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range w.Store.Delete(t.Context(), []store.Object{info.Object}, store.DeleteOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	s := broadcast.Make(t, broadcast.Options{Seconds: 120, Width: 320, Height: 180})
	broadcast.Lay(t, w.Put, s.Uploads("match-7/node-f/720p", 40, 41, onAir.Add(10*time.Minute)))
	return w.Plan("match-7")
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
			x.Nonce, x.Seq, x.Source = append(x.Nonce, nonce), append(x.Seq, int64(k)), append(x.Source, timeline.FromNeighbour)
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
