package timeline

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// dated gives the segments of a feed names that hold their start and length
// instead of a number.
func dated(f feed) []flat {
	segs := f.make()
	for i := range segs {
		s := &segs[i]
		s.Begins, s.Length, s.LengthSource = s.Uploaded.Add(-f.each-f.delay), f.each, FromKey
		s.Key = fmt.Sprintf("foo/%s/%s-%s.ts", s.Rendition, s.Begins.Format("15:04:05.000"), s.Nonce)
		s.Nonce, s.Seq, s.Unnumbered = "", 0, true
	}
	return segs
}

func datedFeed(f feed) feed {
	f.each, f.delay = two, time.Second
	return f
}

// Case 14: names without numbers, start times in the key.
func TestCase14ByStartTime(t *testing.T) {
	segs := dated(datedFeed(feed{nonce: "A", to: 19}))
	slices.Reverse(segs)
	tl, reads := plan(t, segs, defaults)
	if got := show(segs, tl); got != "["+strings.Repeat(" 0", 0)+seqs("", 0, 19)+" ]" || len(tl.Uncertain)+len(tl.Warnings) > 0 {
		t.Errorf("%s %+v %v", got, tl.Uncertain, tl.Warnings)
	}
	if s := tl.Sessions[0]; !s.Start.Equal(day) || s.End.Sub(s.Start) != seconds(40) || s.Renditions[0].Picks[5].Source != FromKey {
		t.Errorf("%v to %v, %+v", s.Start, s.End, s.Renditions[0].Picks[5])
	}
	if reads > 5 {
		t.Errorf("%d reads", reads)
	}
}

func TestTimedHoleAndSessions(t *testing.T) {
	segs := slices.Concat(dated(datedFeed(feed{nonce: "A", to: 9})),
		dated(datedFeed(feed{nonce: "A", from: 10, to: 19, at: seconds(26), clock: seconds(26)})),
		dated(datedFeed(feed{nonce: "A", from: 20, to: 29, at: seconds(2000), clock: seconds(2000)})))
	tl, _ := plan(t, segs, defaults)
	if got := show(segs, tl); got != "["+seqs("", 0, 9)+" | +6s"+seqs("", 13, 22)+" ]["+strings.TrimRight(seqs("", 1000, 1009), " ")+" ]" {
		t.Error(got)
	}
	if h := tl.Sessions[0].Holes; len(h) != 1 || h[0].Duration != seconds(6) {
		t.Errorf("%+v", h)
	}
}

// Twins, a recorder half a second off, partial and temporary copies: one of each
// time is chosen, and the reason for all others is said.
func TestTimedCopies(t *testing.T) {
	a := dated(datedFeed(feed{nonce: "A", to: 9}))
	twin := dated(datedFeed(feed{nonce: "B", from: 3, to: 3, at: seconds(6) + time.Millisecond, clock: seconds(6)}))
	off := dated(datedFeed(feed{nonce: "C", stream: "off", from: 5, to: 5, at: seconds(10) + 500*time.Millisecond, clock: seconds(10) + 500*time.Millisecond}))
	part := dated(datedFeed(feed{nonce: "D", from: 7, to: 7, at: seconds(14), clock: seconds(14)}))
	truncate(&part[0])
	part[0].Quality, part[0].Length = PartialSeg, time.Second
	temp := dated(datedFeed(feed{nonce: "E", from: 8, to: 8, at: seconds(16), clock: seconds(16)}))
	temp[0].Quality = Temp
	segs := slices.Concat(a, twin, off, part, temp)
	tl, _ := plan(t, segs, defaults)
	if got := show(segs, tl); got != "["+seqs("", 0, 9)+" ]" || len(tl.Uncertain) > 0 {
		t.Errorf("%s %+v", got, tl.Uncertain)
	}
	want := map[int]Reason{10: Identical, 11: Overlap, 12: Partial, 13: Temporary}
	for _, d := range tl.Dropped {
		if d.Reason != want[d.Segment] || d.Leftover != (d.Segment == 10 || d.Segment == 12) || d.Why == "" && d.Reason != Temporary || d.Session != 0 {
			t.Errorf("%+v, want %s", d, want[d.Segment])
		}
	}
}

// Two recorders of different channels under one name.
func TestTimedOtherContent(t *testing.T) {
	segs := slices.Concat(dated(datedFeed(feed{nonce: "A", stream: "a", to: 9})), dated(datedFeed(feed{nonce: "B", stream: "b", to: 9, clock: seconds(5000)})))
	tl, _ := plan(t, segs, defaults)
	if len(tl.Dropped) != 10 || len(tl.Uncertain) != 1 || tl.Uncertain[0].What != "copy" || len(tl.Uncertain[0].Segments) != 20 {
		t.Errorf("%d dropped, %+v", len(tl.Dropped), tl.Uncertain)
	}
}

// Renditions share slots where their boundaries agree within 50 ms.
func TestTimedRenditions(t *testing.T) {
	low := dated(datedFeed(feed{nonce: "A", rendition: "360p", to: 9, at: 30 * time.Millisecond, clock: 0}))
	segs := slices.Concat(dated(datedFeed(feed{nonce: "A", to: 9})), slices.Delete(low, 4, 5))
	tl, _ := plan(t, segs, defaults)
	if got := show(segs, tl); got != "["+seqs("", 0, 3)+" 4*"+seqs("", 5, 9)+" ]" {
		t.Error(got)
	}
}

func TestByName(t *testing.T) {
	segs := feed{nonce: "A", to: 11}.make()
	for i := range segs {
		segs[i].Key, segs[i].Unnumbered, segs[i].Nonce, segs[i].Seq = fmt.Sprintf("foo/source/clip-%d-x.ts", i+1), true, "", 7
	}
	slices.Reverse(segs)
	tl, _ := plan(t, segs, defaults)
	if got := show(segs, tl); got != "["+seqs("", 0, 11)+" ]" || len(tl.Uncertain) > 0 || segs[tl.Sessions[0].Renditions[0].Picks[9].Segment].Key != "foo/source/clip-10-x.ts" {
		t.Errorf("%s %+v", got, tl.Uncertain)
	}
	for i := range segs {
		segs[i].Uploaded = day.Add(time.Duration((i*7)%12) * two)
	}
	if tl, _ = plan(t, segs, defaults); len(tl.Uncertain) == 0 || tl.Uncertain[0].What != "order" {
		t.Errorf("%+v", tl.Uncertain)
	}
}

// What has numbers and what has none are both kept.
func TestNumberedAndUnnumbered(t *testing.T) {
	segs := slices.Concat(list(feed{nonce: "A", to: 9}), dated(datedFeed(feed{nonce: "B", stream: "b", to: 9, at: seconds(100), clock: seconds(3)})))
	tl, _ := plan(t, segs, defaults)
	if got := show(segs, tl); !strings.HasPrefix(got, "["+seqs("A", 0, 9)+" | +1m") || len(tl.Dropped) > 0 || len(tl.Sessions[0].Slots) != 20 {
		t.Errorf("%s %+v", got, tl.Uncertain)
	}
}

func TestNaturally(t *testing.T) {
	names := []string{"a", "a1", "a1b", "a2", "a10", "a10b2", "a10b10", "b007", "b8", "c"}
	for i := range names {
		for j := range names {
			if got := naturally(names[i], names[j]); (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%s and %s: %d", names[i], names[j], got)
			}
		}
	}
}

// Of one time a rendition takes a whole copy, also where the one that leads has
// none but a part; both share a slot.
func TestWholeBesidePart(t *testing.T) {
	segs := slices.Concat(dated(datedFeed(feed{nonce: "A", to: 9})), dated(datedFeed(feed{nonce: "A", rendition: "360p", to: 9})),
		dated(datedFeed(feed{nonce: "B", rendition: "360p", from: 6, to: 6, at: seconds(12), clock: seconds(12)})))
	for _, i := range []int{6, 16} {
		truncate(&segs[i])
		segs[i].Quality = PartialSeg
	}
	tl, _ := plan(t, segs, defaults)
	s := tl.Sessions[0]
	if len(s.Slots) != 10 || s.Renditions[0].Name != "360p" || s.Renditions[0].Picks[6].Segment != 20 || s.Renditions[1].Picks[6].Segment != 6 || len(tl.Uncertain) > 0 {
		t.Errorf("%s %+v", show(segs, tl), tl.Uncertain)
	}
}
