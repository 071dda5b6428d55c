package timeline

import (
	"slices"
	"testing"
	"time"
)

// parallelWriters are A and B, who both push all of a stream, B under other
// numbers; A lacks 20 s in the middle, B the first and the last 10 s.
func parallelWriters(b feed) []flat {
	b.nonce = "B"
	segs := list(feed{nonce: "A", to: 99}, b)
	return slices.DeleteFunc(segs, func(s flat) bool {
		return s.Nonce == "A" && s.Seq >= 40 && s.Seq < 50 || s.Nonce == "B" && (s.Seq < b.from+5 || s.Seq > b.to-5)
	})
}

// sameShow gives the segments of B the content that A has at that time.
func sameShow(segs []flat, off int64) []flat {
	for i := range segs {
		if segs[i].Nonce == "B" {
			segs[i].Media.Content = payload(segs[i].Rendition, segs[i].Seq-off)
		}
	}
	return segs
}

func TestCase11HoleFilledByAnotherNumbering(t *testing.T) {
	for _, from := range []int64{5000, 7} {
		segs := sameShow(parallelWriters(feed{from: from, to: from + 99}), from)
		tl, _ := plan(t, segs, defaults)
		f := int(from)
		want := "[" + seqs("A", 0, 39) + seqs("B", f+40, f+49) + seqs("A", 50, 99) + " ]"
		if got := show(segs, tl); got != want || len(tl.Uncertain) > 0 || len(tl.Dropped) != 80 {
			t.Errorf("from %d: %s, %d dropped, %+v", from, got, len(tl.Dropped), tl.Uncertain)
		}
		for _, d := range tl.Dropped {
			if d.Reason != Identical || !d.Leftover || segs[d.Segment].Nonce != "B" || segs[d.Winner].Seq != segs[d.Segment].Seq-from {
				t.Errorf("%s: %+v", segs[d.Segment].Key, d)
			}
		}
		if h := tl.Sessions[0].Holes; len(h) > 0 {
			t.Errorf("holes %+v", h)
		}
	}
}

// The other writer may lack nothing: of copies of equal content the earlier
// stays, and going over between them is no switch.
func TestCase11TheOtherHasAll(t *testing.T) {
	segs := sameShow(list(feed{nonce: "A", to: 39}, feed{nonce: "A", from: 50, to: 99, at: seconds(100), clock: seconds(100)}, feed{nonce: "B", from: 5000, to: 5099}), 5000)
	tl, _ := plan(t, segs, defaults)
	if got := show(segs, tl); got != "["+seqs("A", 0, 39)+seqs("B", 5040, 5049)+seqs("A", 50, 99)+" ]" || len(tl.Dropped) != 90 || len(tl.Uncertain) > 0 {
		t.Errorf("%s, %d dropped, %+v", got, len(tl.Dropped), tl.Uncertain)
	}
}

// B cuts its segments a second later than A: whole segments only, so the hole
// keeps its edges, and what is dropped beyond them is said. Nothing can be
// compared, so nothing proves that both show the same.
func TestCase11OtherBoundaries(t *testing.T) {
	segs := parallelWriters(feed{stream: "late", from: 5000, to: 5099, at: time.Second, clock: time.Second})
	tl, _ := plan(t, segs, defaults)
	want := "[" + seqs("A", 0, 39) + " | +1s" + seqs("B", 5040, 5048) + " | +1s" + seqs("A", 50, 99) + " ]"
	if got := show(segs, tl); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	named := map[int]bool{}
	for _, u := range tl.Uncertain {
		for _, s := range u.Segments {
			named[s] = named[s] || u.What == "copy"
		}
	}
	for _, d := range tl.Dropped {
		if d.Reason != Overlap || d.Leftover || !named[d.Segment] || d.Why == "" {
			t.Errorf("%s: %+v", segs[d.Segment].Key, d)
		}
	}
	if h := tl.Sessions[0].Holes; len(h) != 2 || h[0].Duration != time.Second || h[1].Duration != time.Second {
		t.Errorf("holes %+v", h)
	}
	// What is joined picture by picture takes the rest from the neighbours in B.
	fills := map[string]Fill{}
	for _, d := range tl.Dropped {
		if d.Fill != nil {
			fills[segs[d.Segment].Key+" after "+segs[d.Fill.After].Key] = Fill{Uncovered: d.Fill.Uncovered, Meets: d.Fill.Meets}
		}
	}
	one := Fill{Uncovered: time.Second, Meets: true}
	if len(fills) != 2 || fills["foo/B/source/5039.ts after foo/A/source/39.ts"] != one || fills["foo/B/source/5049.ts after foo/B/source/5048.ts"] != one {
		t.Errorf("fills %v", fills)
	}
}

// The media clocks of two cameras agree, what they show does not.
func TestTwoCamerasOnOneClock(t *testing.T) {
	segs := list(feed{nonce: "A", stream: "a", to: 99}, feed{nonce: "B", stream: "b", from: 5000, to: 5099})
	tl, _ := plan(t, segs, defaults)
	if got := show(segs, tl); got != "["+seqs("A", 0, 99)+" ]" || len(tl.Dropped) != 100 || len(tl.Uncertain) != 1 || tl.Uncertain[0].What != "copy" || len(tl.Uncertain[0].Segments) != 200 {
		t.Errorf("%s %+v", got, tl.Uncertain)
	}
	for _, d := range tl.Dropped {
		if d.Leftover || d.Reason != Overlap || d.Fill != nil {
			t.Errorf("%s: %+v", segs[d.Segment].Key, d)
		}
	}
}

// Case 26: two cameras under one recording, on clocks of their own.
func TestCase26TwoCameras(t *testing.T) {
	for _, from := range []int64{5000, 0} {
		segs := list(feed{nonce: "A", stream: "a", to: 99}, feed{nonce: "B", stream: "b", from: from, to: from + 99, clock: seconds(9000)})
		tl, _ := plan(t, segs, defaults)
		if got := show(segs, tl); got != "["+seqs("A", 0, 99)+" ]" || len(tl.Uncertain) != 1 || tl.Uncertain[0].What != "copy" {
			t.Errorf("%s %+v", got, tl.Uncertain)
		}
		for _, d := range tl.Dropped {
			if d.Reason != Overlap || d.Leftover || !slices.Contains(tl.Uncertain[0].Segments, d.Segment) {
				t.Errorf("%s: %+v", segs[d.Segment].Key, d)
			}
		}
	}
}

// Between a parallel writer and a restart nothing is dropped.
func TestOverlapOfHalfIsKept(t *testing.T) {
	segs := list(feed{nonce: "A", stream: "a", to: 199}, feed{nonce: "B", stream: "b", from: 5000, to: 5199, at: seconds(300), clock: seconds(9000)})
	tl, _ := plan(t, segs, defaults)
	if len(tl.Dropped) > 0 || len(tl.Uncertain) == 0 || tl.Uncertain[0].What != "order" {
		t.Errorf("%d dropped, %+v", len(tl.Dropped), tl.Uncertain)
	}
}

// Two writers that count apart, in a bucket that was copied: equal content at
// equal times proves the clock.
func TestParallelInACopiedBucket(t *testing.T) {
	segs := sameShow(parallelWriters(feed{from: 7, to: 106}), 7)
	copied(segs, time.Minute)
	tl, _ := plan(t, segs, defaults)
	want := "[" + seqs("A", 0, 39) + seqs("B", 47, 56) + seqs("A", 50, 99) + " ]"
	if got := show(segs, tl); got != want || len(tl.Uncertain) > 0 {
		t.Errorf("%s %+v", got, tl.Uncertain)
	}
}

// What one writer lacks of one rendition the other lends.
func TestAnotherNumberingLends(t *testing.T) {
	segs := list(feed{nonce: "A", to: 19}, feed{nonce: "A", rendition: "720p", to: 19}, feed{nonce: "B", from: 100, to: 119}, feed{nonce: "B", rendition: "720p", from: 100, to: 119, encode: "b"})
	segs = without(sameShow(segs, 100), "A/720p/7", "B/source/107")
	tl, _ := plan(t, segs, defaults)
	for _, r := range tl.Sessions[0].Renditions {
		for i, p := range r.Picks {
			if p.Segment < 0 || r.Name == "720p" && (segs[p.Segment].Nonce == "B") != (i == 7) {
				t.Errorf("%s slot %d: %d", r.Name, i, p.Segment)
			}
		}
	}
	if len(tl.Uncertain) > 0 || len(tl.Dropped) != 38 {
		t.Errorf("%d dropped, %+v", len(tl.Dropped), tl.Uncertain)
	}
}

// Failover to a writer that counts from elsewhere, on the same clock.
func TestFailoverToAnotherNumbering(t *testing.T) {
	segs := list(feed{nonce: "A", from: 5000, to: 5049}, feed{nonce: "B", stream: "b", to: 49, at: seconds(100), clock: seconds(100)})
	tl, _ := plan(t, segs, defaults)
	if got := show(segs, tl); got != "["+seqs("A", 5000, 5049)+seqs("B", 0, 49)+" ]" || len(tl.Uncertain) > 0 {
		t.Errorf("%s %+v", got, tl.Uncertain)
	}
}

// The end of a segment is lost: the next number begins when it would have.
func TestTruncatedSegmentLeavesAHole(t *testing.T) {
	for _, uploads := range []bool{true, false} {
		segs := feed{nonce: "A", to: 9}.make()
		truncate(&segs[4])
		segs[4].Size-- // less than half of the usual: its end is read
		if !uploads {
			copied(segs, 0)
		}
		tl, _ := plan(t, segs, defaults)
		if h := tl.Sessions[0].Holes; len(h) != 1 || h[0].Duration != time.Second || h[0].AfterSeq != 4 || h[0].BeforeSeq != 5 || tl.Sessions[0].Slots[5].Gap != time.Second {
			t.Errorf("uploads %v: holes %+v, gap %v", uploads, h, tl.Sessions[0].Slots[5].Gap)
		}
	}
}
