package timeline

import (
	"fmt"
	"testing"
	"time"
)

// Twelve nodes each with a numbering of its own take turns, many times: every
// node goes on with its own numbers, and the order is that of the clock that they
// share.
func TestManyNumberingsByTurns(t *testing.T) {
	const nodes, rounds, each = 12, 6, 5
	var segs []flat
	b := &builder{opt: defaults, warnings: map[string]bool{}}
	for round := range rounds {
		for node := range nodes {
			at := time.Duration((round*nodes+node)*each) * two
			from := int64(node*10000 + round*each)
			segs = append(segs, feed{
				nonce: fmt.Sprintf("n%d/%d", node, round), from: from, to: from + each - 1, at: at, clock: at,
			}.make()...)
		}
	}
	b.segs = compact(segs)
	b.sift()
	b.makeRuns()
	b.timeRuns()
	b.number()
	if len(b.nums) != nodes {
		t.Errorf("%d numberings of %d nodes", len(b.nums), nodes)
	}
	tl, _ := plan(t, segs, defaults)
	if len(tl.Sessions) != 1 || len(tl.Sessions[0].Slots) != len(segs) || len(tl.Dropped) > 0 {
		t.Fatalf("%d sessions, %d of %d segments dropped", len(tl.Sessions), len(tl.Dropped), len(segs))
	}
	for i, p := range tl.Sessions[0].Renditions[0].Picks {
		if p.Segment != i {
			t.Fatalf("slot %d is %s", i, segs[p.Segment].Key)
		}
	}
}

// Many old streams with the same numbers, and late retries of the first: they are
// found to be copies of it, however many numberings lie between.
func TestRetryOfAnOldNumbering(t *testing.T) {
	segs := restarts(40, 15)
	segs = append(segs, feed{nonce: "late", stream: "20", from: 7, to: 8, at: 20*40*time.Second + 14*time.Second, clock: 14 * time.Second, delay: 6 * time.Minute}.make()...)
	tl, _ := plan(t, segs, defaults)
	if len(tl.Dropped) != 2 || tl.Dropped[0].Reason != Identical || len(tl.Uncertain) > 0 || len(tl.Sessions[0].Slots) != 600 {
		t.Errorf("%s, %d slots, %+v", drops(segs, tl), len(tl.Sessions[0].Slots), tl.Uncertain)
	}
}

// The index by numbers finds every run that reaches into a range, also behind a
// run that spans all of them.
func TestOverlapping(t *testing.T) {
	b := &builder{}
	n := &numbering{}
	for i := range int64(500) {
		from := (i * 7919 % 500) * 10
		r := &run{first: from, last: from + 12}
		if i == 3 {
			r = &run{first: 0, last: 5000}
		}
		b.runs = append(b.runs, r)
		b.index(n, int(i))
	}
	for lo := int64(0); lo < 5100; lo += 37 {
		hi := lo + 20
		want := map[int32]bool{}
		for i, r := range b.runs {
			if r.first <= hi && r.last >= lo {
				want[int32(i)] = true
			}
		}
		got := b.overlapping(n, lo, hi)
		for _, i := range got {
			if !want[i] {
				t.Fatalf("run %d is not in %d–%d", i, lo, hi)
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%d–%d: %d runs, want %d", lo, hi, len(got), len(want))
		}
	}
}
