package stages

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize"
)

// started is when the work of the tests begins.
var started = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// drawEvent is any event of one recording.
func drawEvent(t *rapid.T) finalize.Event {
	return finalize.Event{
		Stage: rapid.SampledFrom([]finalize.Stage{finalize.StageList, finalize.StageMeasure, finalize.StageWrite, finalize.StageVerify, finalize.StageCommit, finalize.StageDelete}).Draw(t, "stage"),
		Cost:  finalize.Cost{Get: rapid.Int64Range(0, 50).Draw(t, "get"), BytesRead: rapid.Int64Range(0, 50).Draw(t, "read")},
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
		if s.Cost() != most {
			t.Fatalf("so far %+v, want %+v", s.Cost(), most)
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
			sum, took = sum.Plus(x.Cost), took+x.Took
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
