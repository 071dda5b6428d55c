package progress

import (
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
