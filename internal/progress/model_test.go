package progress

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize"
)

// started is when the models of the tests begin.
var started = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// drawEvent is any event of a few recordings.
func drawEvent(t *rapid.T) finalize.Event {
	return finalize.Event{
		Recording: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "recording"),
		Stage:     rapid.SampledFrom([]finalize.Stage{finalize.StageList, finalize.StageMeasure, finalize.StageWrite, finalize.StageVerify, finalize.StageCommit, finalize.StageDelete}).Draw(t, "stage"),
		Detail:    rapid.SampledFrom([]string{"", "720p", "360p"}).Draw(t, "detail"),
		Unit:      rapid.SampledFrom([]finalize.Unit{finalize.UnitBytes, finalize.UnitObjects}).Draw(t, "unit"),
		Done:      rapid.Int64Range(-1, 20).Draw(t, "done"),
		Total:     rapid.Int64Range(-1, 20).Draw(t, "total"),
		Cost:      finalize.Cost{Get: rapid.Int64Range(0, 50).Draw(t, "get"), BytesRead: rapid.Int64Range(0, 50).Draw(t, "read")},
	}
}

// Whatever comes, and from however many goroutines: nothing is more than done,
// nothing falls while a stage goes on, and at the end nothing is left.
func TestModelHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(rapid.Custom(drawEvent), 0, 60).Draw(t, "events")
		m, now := NewModel(), started
		m.Expect(3)
		last := map[string]Row{}
		for i, e := range events {
			m.Event(e, now)
			now = now.Add(time.Duration(i%7) * 300 * time.Millisecond)
			for _, r := range m.Rows(now) {
				before, known := last[r.Recording]
				if r.Done < 0 || r.Done > r.Total || r.Rate < 0 || r.Running < 0 {
					t.Fatalf("%+v", r)
				}
				if known && e.Recording == r.Recording && e.Stage == before.Stage && e.Stage == r.Stage && before.Unit == r.Unit && r.Done < before.Done {
					t.Fatalf("%+v after %+v by %+v", r, before, e)
				}
				last[r.Recording] = r
			}
		}
		var g sync.WaitGroup
		for _, name := range []string{"a", "b", "c"} {
			g.Go(func() {
				for _, e := range events {
					e.Recording = name
					m.Event(e, now)
					m.Rows(now)
				}
				m.Left(name)
			})
		}
		g.Wait()
		if rows := m.Rows(now); len(rows) > 0 {
			t.Fatalf("at the end: %+v", rows)
		}
		if ended, expected := m.Ended(); ended != 3 || expected != 3 {
			t.Fatalf("%d of %d ended", ended, expected)
		}
	})
}

// Events in any order come to the same counts.
func TestTallyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64Range(1, 12).Draw(t, "total")
		var events []finalize.Event
		for _, detail := range []string{"720p", "360p"} {
			for n := range total + 1 {
				events = append(events, finalize.Event{Detail: detail, Done: n, Total: total, Unit: finalize.UnitSegments})
			}
		}
		var y Tally
		for _, e := range rapid.Permutation(events[:len(events):len(events)]).Draw(t, "order") {
			if e.Done > 0 { // 0 after all are done is a new round
				y.Add(e)
			}
		}
		if done, all, _ := y.Counts(); done != 2*total || all != 2*total {
			t.Fatalf("%d of %d, want %d", done, all, 2*total)
		}
	})
}

func TestTally(t *testing.T) {
	e := func(detail string, done, total int64) finalize.Event {
		return finalize.Event{Detail: detail, Done: done, Total: total, Unit: finalize.UnitBytes}
	}
	for _, c := range []struct {
		name        string
		events      []finalize.Event
		done, total int64
	}{
		{"nothing", nil, 0, 0},
		{"uncounted", []finalize.Event{e("a", 0, 0)}, 0, 0},
		{"two outputs", []finalize.Event{e("a", 0, 10), e("b", 0, 5), e("a", 7, 10)}, 7, 15},
		{"a total that grows", []finalize.Event{e("a", 5, 10), e("a", 6, 12)}, 6, 12},
		{"one that was too small", []finalize.Event{e("a", 12, 10)}, 12, 12},
		{"overtaken", []finalize.Event{e("a", 8, 10), e("a", 7, 10)}, 8, 10},
		{"a second round", []finalize.Event{e("a", 10, 10), e("a", 1, 3)}, 11, 13},
		{"a second round as long", []finalize.Event{e("a", 10, 10), e("a", 0, 10), e("a", 4, 10)}, 14, 20},
		{"begun again, not done", []finalize.Event{e("a", 6, 10), e("a", 0, 10), e("a", 4, 10)}, 6, 10},
		{"another unit", []finalize.Event{e("a", 6, 10), {Detail: "a", Done: 1, Total: 2, Unit: finalize.UnitObjects}}, 1, 2},
	} {
		var y Tally
		for _, x := range c.events {
			y.Add(x)
		}
		if done, total, _ := y.Counts(); done != c.done || total != c.total {
			t.Errorf("%s: %d of %d, want %d of %d", c.name, done, total, c.done, c.total)
		}
	}
}

// What is read back while it is written is a part of the writing; a new stage and a
// plan made anew are not.
func TestModelStage(t *testing.T) {
	m := NewModel()
	step := func(stage finalize.Stage, done, total int64) Row {
		m.Event(finalize.Event{Recording: "foo", Stage: stage, Done: done, Total: total, Unit: finalize.UnitBytes}, started)
		return m.Rows(started)[0]
	}
	for i, c := range []struct {
		stage, shown finalize.Stage
		done, total  int64
		at           int64
	}{
		{finalize.StageList, finalize.StageList, 0, 0, 0},
		{finalize.StageWrite, finalize.StageWrite, 0, 10, 0},
		{finalize.StageWrite, finalize.StageWrite, 4, 10, 4},
		{finalize.StageVerify, finalize.StageWrite, 0, 0, 4},
		{finalize.StageWrite, finalize.StageWrite, 10, 10, 10},
		{finalize.StageVerify, finalize.StageVerify, 0, 0, 0},
		{finalize.StageWrite, finalize.StageWrite, 1, 10, 1},
		{finalize.StageVerify, finalize.StageVerify, 1, 2, 1},
		{finalize.StageList, finalize.StageList, 0, 0, 0},
	} {
		if r := step(c.stage, c.done, c.total); r.Stage != c.shown || r.Done != c.at {
			t.Errorf("step %d: %+v, want %s at %d", i, r, c.shown, c.at)
		}
	}
}

// The rate is that of the last seconds, and the time left follows from it.
func TestModelRate(t *testing.T) {
	m, now := NewModel(), started
	feed := func(seconds int, perSecond int64, done *int64) {
		for range seconds * 10 {
			now = now.Add(100 * time.Millisecond)
			*done += perSecond / 10
			m.Event(finalize.Event{Recording: "foo", Stage: finalize.StageWrite, Done: *done, Total: 100_000, Unit: finalize.UnitBytes}, now)
		}
	}
	done := int64(0)
	m.Event(finalize.Event{Recording: "foo", Stage: finalize.StageWrite, Total: 100_000, Unit: finalize.UnitBytes}, now)
	if r := m.Rows(now)[0]; r.Rate != 0 || r.Left >= 0 {
		t.Errorf("at the start: %+v", r)
	}
	feed(5, 1000, &done)
	if r := m.Rows(now)[0]; r.Rate != 1000 || r.Left != 95*time.Second {
		t.Errorf("after 5 s: %+v", r)
	}
	feed(20, 2000, &done)
	if r := m.Rows(now)[0]; r.Rate != 2000 || r.Left != 27500*time.Millisecond || r.Running != 25*time.Second {
		t.Errorf("after 25 s: %+v", r)
	}
	now = now.Add(10 * time.Second) // it stands still
	if r := m.Rows(now)[0]; r.Rate >= 2000 || r.Left <= 27500*time.Millisecond {
		t.Errorf("after a pause: %+v", r)
	}
}

// What stages cost adds up, whatever the order of the events.
func TestStagesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Stages
		var all []Stage
		now, most := started, finalize.Cost{}
		events := rapid.SliceOfN(rapid.Custom(drawEvent), 1, 40).Draw(t, "events")
		for _, e := range events {
			all = append(all, s.Event(e, now)...)
			now = now.Add(time.Second)
			most.Get, most.BytesRead = max(most.Get, e.Cost.Get), max(most.BytesRead, e.Cost.BytesRead)
		}
		most.Get += 3 // to release the lease
		all = append(all, s.End(most, now)...)
		sum, took := finalize.Cost{}, time.Duration(0)
		for i, x := range all {
			if x.Cost.Get < 0 || x.Took < 0 {
				t.Fatalf("%+v", x)
			}
			if i > 0 && all[i-1].Stage == x.Stage {
				t.Fatalf("%s is told twice on end: %+v", x.Stage, all)
			}
			sum, took = Add(sum, x.Cost), took+x.Took
		}
		if sum != most || took != time.Duration(len(events))*time.Second {
			t.Fatalf("%+v in %s, want %+v in %ds: %+v", sum, took, most, len(events), all)
		}
		if more := s.End(most, now); len(more) > 0 {
			t.Fatalf("told again: %+v", more)
		}
	})
}

// Writing and reading back take turns ten thousand times, and are two stages.
func TestStagesTakeTurns(t *testing.T) {
	const (
		l, m, w, v, c, d = finalize.StageList, finalize.StageMeasure, finalize.StageWrite, finalize.StageVerify, finalize.StageCommit, finalize.StageDelete
	)
	for _, x := range []struct {
		name string
		in   []finalize.Stage
		out  string
	}{
		{"one after the other", []finalize.Stage{l, m, m, w, c, d}, "[list measure write commit delete]"},
		{"copies", []finalize.Stage{l, m, w, v, w, v, w, v, c}, "[list measure write verify commit]"},
		{"deletions", []finalize.Stage{c, v, d, v, d, v, d}, "[commit verify delete]"},
		{"deleted first", []finalize.Stage{l, m, d, v, w, v, c}, "[list measure delete verify write verify commit]"},
		{"planned anew", []finalize.Stage{l, m, w, v, l, m, w, v, c}, "[list measure write verify list measure write verify commit]"},
		{"nothing", nil, "[]"},
	} {
		var s Stages
		got := []finalize.Stage{}
		take := func(all []Stage) {
			for _, e := range all {
				got = append(got, e.Stage)
			}
		}
		for _, stage := range x.in {
			take(s.Event(finalize.Event{Stage: stage}, started))
		}
		take(s.End(finalize.Cost{}, started))
		if fmt.Sprint(got) != x.out {
			t.Errorf("%s: %v, want %s", x.name, got, x.out)
		}
	}
}
