package timeline

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// delayed moves the uploads of numbers from–to.
func delayed(segs []flat, from, to int64, by func(n int64) time.Duration) []flat {
	for i := range segs {
		if n := segs[i].Seq; n >= from && n <= to {
			segs[i].Uploaded = segs[i].Uploaded.Add(by(n))
		}
	}
	return segs
}

// byTurns is a stream whose numbers several writers take in turn.
func byTurns(writers int, to int64) []flat {
	var segs []flat
	for n := int64(0); n <= to; n += 5 {
		at := time.Duration(n) * two
		segs = append(segs, feed{nonce: fmt.Sprintf("w%d_", n/5%int64(writers)), from: n, to: min(n+4, to), at: at, clock: at}.make()...)
	}
	return segs
}

// Case 24: the uplink is dead for 20 minutes, then everything comes in a burst.
// Case 25: the source stands still for 20 minutes, and numbers and timestamps run
// on. With one writer and with several under one numbering.
func TestCase24And25(t *testing.T) {
	for _, writers := range []int{1, 3} {
		frozen := delayed(byTurns(writers, 299), 150, 299, func(int64) time.Duration { return 20 * time.Minute })
		tl, _ := plan(t, frozen, defaults)
		if len(tl.Sessions) != 2 || len(tl.Sessions[0].Slots) != 150 || len(tl.Uncertain) > 0 {
			t.Fatalf("%d writers, frozen: %s", writers, show(frozen, tl))
		}
		if gap := tl.Sessions[1].Start.Sub(tl.Sessions[0].End); gap != 20*time.Minute {
			t.Errorf("%d writers: stood still for %v", writers, gap)
		}
		dead := delayed(byTurns(writers, 1299), 300, 900, func(n int64) time.Duration {
			return 20*time.Minute - time.Duration(n-300)*two + time.Duration(n-300)*100*time.Millisecond
		})
		tl, _ = plan(t, dead, defaults)
		if len(tl.Sessions) != 1 || len(tl.Uncertain) > 0 || tl.Sessions[0].End.Sub(tl.Sessions[0].Start) != 1300*two {
			t.Errorf("%d writers, dead uplink: %d sessions, %+v", writers, len(tl.Sessions), tl.Uncertain)
		}
	}
}

// A backlog at the very end of a stream, or two late retries, are no stop.
func TestNoStopAtTheEnd(t *testing.T) {
	end := day.Add(seconds(600) + 20*time.Minute)
	burst := feed{nonce: "A", to: 299}.make()
	for i := 200; i < 300; i++ {
		burst[i].Uploaded = end.Add(time.Duration(i) * 30 * time.Millisecond)
	}
	for _, segs := range [][]flat{burst, delayed(feed{nonce: "A", to: 299}.make(), 298, 299, func(int64) time.Duration { return 18 * time.Minute })} {
		tl, _ := plan(t, segs, defaults)
		if len(tl.Sessions) != 1 || tl.Sessions[0].End.Sub(tl.Sessions[0].Start) != seconds(600) {
			t.Errorf("%d sessions", len(tl.Sessions))
		}
	}
}

// A clock that jumps while uploads go on is a discontinuity and no gap.
func TestClockJumpIsNoGap(t *testing.T) {
	segs := list(feed{nonce: "A", to: 49}, feed{nonce: "A", from: 50, to: 99, at: seconds(100), clock: seconds(100) + 40*time.Minute})
	check(t, segs, want{shown: "[" + seqs("A", 0, 49) + " |" + seqs("A", 50, 99) + " ]"})
}

// Many stops of any length, at places that are not too close: each is found
// where it is, to the jitter of uploads, and those longer than a session's gap,
// and no others, end a session.
func TestStops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		segs := feed{nonce: "A", to: 399}.make()
		stood := map[int]time.Duration{}
		var total time.Duration
		place := 0
		for i := range segs {
			if place++; i < 350 && place > 30 && rapid.IntRange(0, 60).Draw(t, "stop") == 0 {
				stood[i] = time.Duration(rapid.IntRange(30, 3000).Draw(t, "seconds")) * time.Second
				total, place = total+stood[i], 0
			}
			segs[i].Uploaded = segs[i].Uploaded.Add(total + time.Duration(rapid.IntRange(0, 1500).Draw(t, "jitter"))*time.Millisecond)
		}
		tl, _ := plan(t, segs, defaults)
		i := 0
		for k, s := range tl.Sessions {
			for j, slot := range s.Slots {
				gap := slot.Gap
				if j == 0 && k > 0 {
					gap = s.Start.Sub(tl.Sessions[k-1].End)
				}
				if (gap - stood[i]).Abs() > 2*time.Second {
					t.Fatalf("before %d: %v, stood still for %v", i, gap, stood[i])
				}
				if want := i > 0 && stood[i] > defaults.SessionGap; (j == 0 && k > 0) != want && (stood[i]-defaults.SessionGap).Abs() > 2*time.Second {
					t.Fatalf("session before %d: %v", i, !want)
				}
				i++
			}
		}
	})
}

// Start times in keys or sidecars take the place of uploads.
func TestBeginsAnchor(t *testing.T) {
	make := func(off time.Duration) []flat {
		segs := feed{nonce: "A", to: 49}.make()
		for i := range segs {
			segs[i].Begins = day.Add(time.Duration(i)*two + off)
		}
		return segs
	}
	for _, c := range []struct {
		name   string
		off    time.Duration // of the clock that dates starts
		begins time.Duration // of the session, after day
		warns  bool
	}{
		{"right", 0, 0, false},
		{"a little ahead", 20 * time.Second, 20 * time.Second, false},
		{"ahead", 5 * time.Minute, 500 * time.Millisecond, true},
		{"uploaded half an hour later", -30 * time.Minute, -30 * time.Minute, false},
		{"another zone", -5 * time.Hour, 500 * time.Millisecond, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			tl, _ := plan(t, make(c.off), defaults)
			if got := tl.Sessions[0].Start.Sub(day); got != c.begins || (len(tl.Warnings) > 0) != c.warns {
				t.Errorf("begins at %v, warnings %v", got, tl.Warnings)
			}
		})
	}
	// Where a bucket was copied they are all there is.
	segs := append(make(0), feed{nonce: "B", stream: "b", to: 49, at: 3 * time.Hour}.make()...)
	for i := 50; i < 100; i++ {
		segs[i].Begins = day.Add(3*time.Hour + time.Duration(i-50)*two)
	}
	copied(segs, 5*time.Second)
	tl, _ := plan(t, segs, defaults)
	if len(tl.Sessions) != 2 || len(tl.Uncertain) > 0 || !tl.Sessions[1].Start.Equal(day.Add(3*time.Hour)) {
		t.Errorf("%s %+v", show(segs, tl), tl.Uncertain)
	}
	// The source stood still: start times say so, without uploads that look live.
	segs = make(0)
	for i := 20; i < 50; i++ {
		segs[i].Begins = segs[i].Begins.Add(time.Hour)
	}
	copied(segs, 5*time.Second)
	if tl, _ := plan(t, segs, defaults); len(tl.Sessions) != 2 || len(tl.Sessions[0].Slots) != 20 {
		t.Errorf("%s", show(segs, tl))
	}
}
