package report

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/broadcast"
)

// indexWorld has a recording that is finalized, one that is not, and one that is live.
func indexWorld(t *testing.T) (rows []Row) {
	w := newWorld(t)
	w.match("match-7")
	s := broadcast.Make(t, broadcast.Options{Seconds: 20, Width: 160, Height: 96})
	broadcast.Lay(t, w.Put, s.Uploads("live/A/720p", 0, 4, w.Now.Add(-time.Minute)))
	w.Cfg.Delete, w.Cfg.DeleteDelay = finalize.DeleteLeftovers, 24*time.Hour
	done := w.Run("match-7")
	rows = []Row{{Recording: "match-7", Report: done, URL: "match-7.html"}, {Recording: "live", Report: w.Plan("live"), URL: "live.html"}}
	standing := &finalize.Standing{Recording: "match-7", Sessions: []finalize.StandingSession{{ID: "x", Record: done.Committed[0].Record}}}
	at := onAir.Add(96 * time.Hour)
	standing.Due = []finalize.StandingDue{{Kind: "leftovers", At: at.Add(time.Hour)}, {Kind: "outputs", At: at}, {Kind: "leftovers", At: onAir, Kept: true}, {Kind: "sources"}}
	return append(rows, Row{Recording: "stands", Standing: standing},
		Row{Recording: "part", Standing: &finalize.Standing{Recording: "part", As: "whole"}},
		Row{Recording: "gone", Report: &finalize.Report{Recording: "gone", Plan: &finalize.Plan{}, Err: errors.New("the store is away")}},
		Row{Recording: "unknown"})
}

func TestIndex(t *testing.T) {
	rows := indexWorld(t)
	page := writeIndex(t, rows, Options{Generated: "recfin 1", Links: []Link{{"Home", "/"}}})
	sound(t, page, 1, "match-7.html", "live.html", "/")
	x, err := indexOf(rows, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []indexRow{
		{Name: "match-7", Status: finalize.Done, Tone: "good", Length: "0:02:24.000", Sessions: 2, Holes: 1, Hole: "1 (6.0 s) +1 GAP", Renditions: "720p, 360p"},
		{Name: "live", Status: finalize.NotSettled, Tone: "wait", Length: "0:00:10.000", Sessions: 1, Renditions: "720p"},
		{Name: "stands", Status: finalize.Done, Tone: "good", Length: "0:02:04.000", Sessions: 1, Holes: 1, Hole: "1 (6.0 s) +1 GAP", Renditions: "360p, 720p"},
		{Name: "part", Status: partOfAnother, Tone: "plain"},
		{Name: "gone", Status: finalize.Failed, Tone: "bad"},
		{Name: "unknown", Tone: "plain"},
	} {
		r := x.Rows[i]
		got := indexRow{Name: r.Name, Status: r.Status, Tone: r.Tone, Length: r.Length, Sessions: r.Sessions, Holes: r.Holes, Hole: r.Hole, Renditions: r.Renditions}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("row %d:\n got %+v\nwant %+v", i, got, want)
		}
	}
	if got := x.Rows[2].Due.Text; got != "2026-03-18 18:00:00 UTC" {
		t.Errorf("due %s", got)
	}
	if x.Rows[0].Due.Text == "" || x.Rows[1].Due.Text != "" || x.Rows[3].Why != "a part of whole" || !strings.Contains(x.Rows[4].Why, "away") {
		t.Errorf("%+v", x.Rows)
	}
	if again := writeIndex(t, rows, Options{Generated: "recfin 1", Links: []Link{{"Home", "/"}}}); again != page {
		t.Error("the same rows give another page")
	}

	// What is reduced looks the same, and holds nothing.
	var reduced []Row
	for _, r := range rows {
		r = r.Reduced()
		if r.Report != nil || r.Standing != nil {
			t.Errorf("%s is not reduced", r.Recording)
		}
		reduced = append(reduced, r)
	}
	if writeIndex(t, reduced, Options{Generated: "recfin 1", Links: []Link{{"Home", "/"}}}) != page {
		t.Error("reduced rows give another page")
	}
}

// The strip of a recording shows each hole, however short, and stays small.
func TestStrip(t *testing.T) {
	rec := func(at time.Time, slots int, hole bool) *finalize.Record {
		r := &finalize.Record{Start: at, End: at.Add(time.Duration(slots) * 2 * time.Second)}
		for k := range slots {
			if hole && k == slots/2 {
				r.Holes = append(r.Holes, finalize.HoleRow{AfterSlot: len(r.Slots.Seq) - 1, DurationNS: 2e9})
				continue
			}
			r.Slots.Seq, r.Slots.StartNS, r.Slots.DurationNS = append(r.Slots.Seq, int64(k)), append(r.Slots.StartNS, int64(k)*2e9), append(r.Slots.DurationNS, 2e9)
		}
		return r
	}
	has := func(s strip, class string) bool {
		for _, x := range s.Shapes {
			if x.Class == class && x.D != "" {
				return true
			}
		}
		return false
	}
	whole, broken := stripOf([]*finalize.Record{rec(onAir, 40_000, false)}), stripOf([]*finalize.Record{rec(onAir, 40_000, true)})
	if has(whole, "hole") || !has(broken, "hole") || !has(whole, "full") {
		t.Errorf("whole %+v, broken %+v", whole, broken)
	}
	var year []*finalize.Record
	for day := range 365 {
		year = append(year, rec(onAir.Add(time.Duration(day)*24*time.Hour), 100, day%7 == 0))
	}
	many := stripOf(year)
	size := len(many.Label)
	for _, x := range many.Shapes {
		size += len(x.D)
	}
	if size > 20_000 || !has(many, "hole") {
		t.Errorf("a strip of %d bytes", size)
	}
	if empty := stripOf(nil); len(empty.Shapes) != 0 {
		t.Errorf("nothing is %+v", empty)
	}
}

// Of many holes the first are told one by one, the others together.
func TestHoleLooks(t *testing.T) {
	rec := &finalize.Record{Start: onAir, End: onAir.Add(time.Hour), Session: "s", Renditions: []finalize.RenditionRecord{{Name: "720p"}}}
	for k := range 100 {
		rec.Slots.Seq, rec.Slots.StartNS, rec.Slots.DurationNS = append(rec.Slots.Seq, int64(2*k)), append(rec.Slots.StartNS, int64(k)*4e9), append(rec.Slots.DurationNS, 2e9)
		h := finalize.HoleRow{AfterSlot: k, AfterSeq: int64(2 * k), BeforeSeq: int64(2*k + 2), DurationNS: 2e9}
		if k == 1 {
			h.Rendition = "720p"
		}
		if k == 2 {
			h.BeforeSeq = 0
		}
		rec.Holes = append(rec.Holes, h)
	}
	looks := holeLooks([]*finalize.Record{rec})
	var all []string
	for _, l := range looks {
		all = append(all, l.Text)
	}
	for i, want := range map[int]string{
		0:         "2.0 s are missing at 2026-03-14 18:00:02 UTC between 0 and 2 in all renditions: there is no usable segment 1",
		1:         "720p lacks 2.0 s at 2026-03-14 18:00:06 UTC between 2 and 4; other renditions have it",
		2:         "2.0 s are missing at 2026-03-14 18:00:10 UTC in all renditions: no usable segment lies there",
		mostLooks: "and 92 stretches more, 3 min 04 s together: each session lists its own",
	} {
		if len(all) != mostLooks+1 || all[i] != want {
			t.Errorf("line %d of %q is not %q", i, all, want)
		}
	}
}
