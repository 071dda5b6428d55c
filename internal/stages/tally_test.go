package stages

import (
	"testing"

	"pgregory.net/rapid"

	"recfin/finalize"
)

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
