package timeline

import (
	"slices"
	"testing"
	"time"
)

// A restart that shows the same slate first: the first segments hold the same
// content under the same numbers, the others do not.
func TestRestartBehindTheSameSlate(t *testing.T) {
	segs := list(feed{nonce: "A", stream: "slate", to: 4}, feed{nonce: "A", stream: "a", from: 5, to: 49, at: seconds(10), clock: seconds(10)},
		feed{nonce: "B", stream: "slate", to: 4, at: seconds(112)}, feed{nonce: "B", stream: "b", from: 5, to: 49, at: seconds(122), clock: seconds(10)})
	check(t, segs, want{
		shown: "[" + seqs("A", 0, 49) + " | +12s" + seqs("B", 0, 49) + " ]", uncertain: "order"})
}

// A writer that took over inside a segment has another content under its first
// number; the equal ones prove that the numbering is shared. What lost there is
// no proved copy.
func TestTakeoverInsideASegment(t *testing.T) {
	segs := list(feed{nonce: "A", to: 9}, feed{nonce: "B", stream: "cut", from: 8, to: 8, at: seconds(16), clock: seconds(16)},
		feed{nonce: "B", from: 9, to: 19, at: seconds(18), clock: seconds(18), delay: time.Second})
	check(t, segs, want{
		shown:   "[" + seqs("A", 0, 9) + seqs("B", 10, 19) + " ]",
		dropped: "B/source/8 duplicate, B/source/9 identical!"})
}

// The fastest upload of a clock anchors all of it, also over a hole.
func TestAnchorIsTheFastestUpload(t *testing.T) {
	segs := list(feed{nonce: "A", to: 5, delay: 4 * time.Second}, feed{nonce: "A", from: 9, to: 14, at: seconds(18), clock: seconds(18)})
	tl := check(t, segs, want{shown: "[" + seqs("A", 0, 5) + " | +6s" + seqs("A", 9, 14) + " ]", holes: "5-9 6s"})
	if s := tl.Sessions[0].Start; s != day.Add(500*time.Millisecond) {
		t.Errorf("start %v", s)
	}
}

// A segment on a clock of its own that arrived very late is where its number
// says, and splits nothing.
func TestLateSegmentOnAnotherClock(t *testing.T) {
	segs := list(feed{nonce: "A", to: 9, clock: seconds(100)}, feed{nonce: "B", from: 10, to: 10, at: seconds(20), clock: seconds(9000), delay: 20 * time.Minute},
		feed{nonce: "A", from: 11, to: 19, at: seconds(22), clock: seconds(122)})
	check(t, segs, want{shown: "[" + seqs("A", 0, 9) + " | B10 |" + seqs("A", 11, 19) + " ]"})
}

// A rendition that comes back from a gap on another clock makes a join there.
func TestRenditionComesBackOnAnotherClock(t *testing.T) {
	segs := slices.Concat(list(feed{nonce: "A", to: 19}),
		list(feed{nonce: "A", rendition: "360p", to: 6}, feed{nonce: "A", rendition: "360p", from: 8, to: 19, at: seconds(16), clock: seconds(500)}))
	check(t, segs, want{
		shown: "[" + seqs("A", 0, 6) + " A7* |" + seqs("A", 8, 19) + " ]", holes: "360p 6-8 2s"})
}
