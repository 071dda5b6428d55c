package timeline

import (
	"slices"
	"testing"
	"time"
)

// A writer whose clock is ahead or behind by more than a session may pause: what
// both wrote shows the offset of the two clocks, and splits nothing.
func TestClockAheadOfTheOther(t *testing.T) {
	for _, ahead := range []time.Duration{950 * time.Second, 20 * time.Minute, time.Hour, 30 * time.Hour, -20 * time.Minute, -time.Hour} {
		for _, common := range []int64{1, 2} {
			from := 15 - common
			off := seconds(int(2 * from))
			segs := list(feed{nonce: "A", to: 14}, feed{nonce: "B", from: from, to: 29, at: off + ahead, clock: off},
				feed{nonce: "C", from: 28, to: 40, at: seconds(56), clock: seconds(56)})
			tl, _ := plan(t, segs, defaults)
			if len(tl.Sessions) != 1 || len(tl.Sessions[0].Slots) != 41 || len(tl.Uncertain) > 0 || len(tl.Sessions[0].Holes) > 0 {
				t.Errorf("%v, %d in common: %s %+v", ahead, common, show(segs, tl), tl.Uncertain)
			}
			for _, d := range tl.Dropped {
				if d.Reason != Identical || d.Session != 0 {
					t.Errorf("%v: %+v", ahead, d)
				}
			}
		}
	}
}

// A source that stood still is no clock that is off, with two writers either.
func TestStoodStillWithCopies(t *testing.T) {
	segs := delayed(list(feed{nonce: "A", to: 14}, feed{nonce: "B", from: 13, to: 29, at: seconds(26), clock: seconds(26)}), 15, 29, func(int64) time.Duration { return time.Hour })
	tl, _ := plan(t, segs, defaults)
	if len(tl.Sessions) != 2 || len(tl.Sessions[0].Slots) != 15 || len(tl.Dropped) != 2 {
		t.Errorf("%s", show(segs, tl))
	}
}

// A segment that was recovered under another nonce, whenever that was, fills the
// hole into which its number and its media fit; where media does not fit it is a
// stream of its own.
func TestLateSegmentOfAnotherNonce(t *testing.T) {
	for _, late := range []time.Duration{30 * time.Second, 10 * time.Minute, 50 * time.Minute, 24 * time.Hour, 1000 * time.Hour} {
		for _, n := range []int64{1, 3} {
			segs := slices.DeleteFunc(feed{nonce: "A", to: 29}.make(), func(s flat) bool { return s.Seq >= 20 && s.Seq < 20+n })
			segs = append(segs, feed{nonce: "B", from: 20, to: 19 + n, at: seconds(40) + late, clock: seconds(40)}.make()...)
			// The next day the same writers again, which count on.
			segs = append(segs, feed{nonce: "A", from: 30, to: 49, at: seconds(60) + 20*time.Hour, clock: seconds(60)}.make()...)
			tl, _ := plan(t, segs, defaults)
			if len(tl.Sessions) != 2 || len(tl.Sessions[0].Slots) != 30 || len(tl.Sessions[0].Holes)+len(tl.Uncertain)+len(tl.Dropped) > 0 {
				t.Errorf("%v late: %s %+v", late, show(segs, tl), tl.Uncertain)
			}
		}
	}
	segs := slices.DeleteFunc(feed{nonce: "A", to: 29}.make(), func(s flat) bool { return s.Seq == 20 })
	segs = append(segs, feed{nonce: "B", stream: "other", from: 20, to: 20, at: 24 * time.Hour, clock: seconds(41)}.make()...)
	if tl, _ := plan(t, segs, defaults); len(tl.Sessions) != 2 || len(tl.Sessions[0].Slots) != 29 {
		t.Errorf("%s", show(segs, tl))
	}
}

// Nor does it go on where a later stream ends, which began with 0 anew: there its
// numbers are merely free.
func TestLateSegmentAndAnotherStream(t *testing.T) {
	for _, late := range []time.Duration{time.Minute, 30 * time.Minute, 5 * time.Hour, 100 * time.Hour} {
		for _, anew := range []time.Duration{2 * time.Minute, 80 * time.Minute, 6 * time.Hour} {
			segs := slices.DeleteFunc(feed{nonce: "A", to: 29}.make(), func(s flat) bool { return s.Seq == 20 || s.Seq == 21 })
			segs = append(segs, feed{nonce: "C", stream: "other", to: 9, at: anew}.make()...)
			segs = append(segs, feed{nonce: "B", from: 20, to: 21, at: seconds(40) + late, clock: seconds(40)}.make()...)
			tl, _ := plan(t, segs, defaults)
			slots := 0
			for _, s := range tl.Sessions {
				slots += len(s.Slots)
				if len(s.Holes) > 0 || s.Start.Sub(tl.Sessions[0].Start) > anew+time.Minute {
					t.Errorf("%v late, %v between: %s", late, anew, show(segs, tl))
				}
			}
			if slots != 40 || len(tl.Uncertain)+len(tl.Dropped) > 0 {
				t.Errorf("%v late, %v between: %s %+v", late, anew, show(segs, tl), tl.Uncertain)
			}
		}
	}
}
