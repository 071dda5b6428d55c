package timeline

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// handed is a broadcast that B takes over from A with numbers that go on. A ends
// with number 9; B's media begins by back before that end, and B comes by early
// before A has ended.
func handed(back, early time.Duration) []flat {
	end := seconds(20)
	return list(feed{nonce: "A", to: 9}, feed{nonce: "B", from: 10, to: 19, clock: end - back, at: end - early})
}

// TestTakeoverThatOverlaps: a second that two writers have on one clock is said.
// A clock that steps back because it began anew is not.
func TestTakeoverThatOverlaps(t *testing.T) {
	cases := []struct {
		name        string
		back, early time.Duration
		said        bool
	}{
		{"one second on one clock", time.Second, time.Second, true},
		{"one second, uploads are late", time.Second, 800 * time.Millisecond, true},
		{"a clock that begins anew a second lower", time.Second, 0, false},
		{"goes on", 0, 0, false},
		{"another clock", seconds(15), 0, false},
	}
	for _, c := range cases {
		segs := handed(c.back, c.early)
		tl, _ := plan(t, segs, defaults)
		if got := show(segs, tl); strings.ReplaceAll(got, " |", "") != "["+seqs("A", 0, 9)+seqs("B", 10, 19)+" ]" || len(tl.Dropped) > 0 {
			t.Errorf("%s: %s, %d dropped", c.name, got, len(tl.Dropped))
		}
		said := slices.ContainsFunc(tl.Uncertain, func(u Uncertainty) bool {
			return len(u.Segments) == 2 && segs[u.Segments[0]].Seq == 9 && segs[u.Segments[1]].Seq == 10
		})
		if said != c.said || !c.said && len(tl.Uncertain) > 0 {
			t.Errorf("%s: said %v, %+v", c.name, said, tl.Uncertain)
		}
	}
}
