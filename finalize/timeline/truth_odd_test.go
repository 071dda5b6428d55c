package timeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize/timeline"
)

func TestTruthClockSkew(t *testing.T) { // 16, 23: with and without numbers in common
	//
	rvGrid(t, func(t *testing.T, rends []string, each time.Duration, vary bool, jitter time.Duration) {
		for _, skew := range []time.Duration{90 * time.Second, -90 * time.Second, 5 * time.Minute, -5 * time.Minute} {
			for _, common := range []int64{0, 2} {
				// Two transcodes tell nothing by content, and the clocks contradict
				// the numbers: what is doubled or turned round must be doubtful.
				var w rvWant
				if rends[0] != "source" && common > 0 {
					w = rvWant{doubled: true, doubtful: true, noOrder: true, noJoins: true}
				}
				t.Run(fmt.Sprintf("skew=%v/common=%d", skew, common), func(t *testing.T) {
					s := &rvStream{name: "x", each: each, vary: vary}
					rvCheck(t, rvList(
						rvPart{s: s, nonce: "A", rends: rends, from: 0, to: 9, jitter: jitter},
						rvPart{s: s, nonce: "B", rends: rends, from: 10 - common, to: 19, jitter: jitter, skew: skew}), w)
				})
			}
		}
	})
}

func TestTruthCopiedBucket(t *testing.T) { // 22
	for _, pace := range []time.Duration{0, 20 * time.Millisecond, 200 * time.Millisecond} {
		for _, rends := range rvSets {
			t.Run(fmt.Sprintf("%s/%v", strings.Join(rends, "+"), pace), func(t *testing.T) {
				s := &rvStream{name: "x", each: 2 * time.Second}
				segs := rvList(
					rvPart{s: s, nonce: "B", rends: rends, from: 0, to: 599},
					rvPart{s: s, nonce: "A", rends: rends, from: 600, to: 1199})
				slices.SortFunc(segs, func(x, y *rvSeg) int { return strings.Compare(x.Key, y.Key) })
				for i, g := range segs {
					g.Uploaded = rvDay.Add(240*time.Hour + time.Duration(i)*pace)
				}
				tl := rvCheck(t, segs, rvWant{})
				if !slices.Contains(tl.Warnings, "uploads-not-live") {
					t.Error("no warning")
				}
			})
		}
	}
}

func TestTruthUnknownUploads(t *testing.T) {
	s := &rvStream{name: "x", each: 2 * time.Second}
	segs := rvList(
		rvPart{s: s, nonce: "B", rends: rvBoth, from: 0, to: 19},
		rvPart{s: s, nonce: "A", rends: rvBoth, from: 18, to: 39})
	for _, g := range segs {
		g.Uploaded = time.Time{}
	}
	rvCheck(t, segs, rvWant{doubled: true})
}

// One segment without an upload time must not take the order from all others.
func TestTruthOneUnknownUpload(t *testing.T) {
	//
	s := &rvStream{name: "x", each: 2 * time.Second}
	u := &rvStream{name: "y", each: 2 * time.Second, at: s.offset(50) + 12*time.Second}
	segs := rvList(
		rvPart{s: s, nonce: "B", rends: rvSource, from: 0, to: 49},
		rvPart{s: u, nonce: "A", rends: rvSource, from: 0, to: 48},
		rvPart{s: u, nonce: "C", rends: rvSource, from: 49, to: 49})
	rvFind(t, segs, "C/source/49").Uploaded = time.Time{}
	rvCheck(t, segs, rvWant{})
}

// A short run whose uploads came in a burst must not either.
func TestTruthBurstOfOneWriter(t *testing.T) {
	//
	s := &rvStream{name: "x", each: 2 * time.Second}
	u := &rvStream{name: "y", each: 2 * time.Second, at: s.offset(50) + 12*time.Second}
	segs := rvList(
		rvPart{s: s, nonce: "B", rends: rvSource, from: 0, to: 49},
		rvPart{s: u, nonce: "A", rends: rvSource, from: 0, to: 39},
		rvPart{s: u, nonce: "C", rends: rvSource, from: 40, to: 49})
	for i, g := range segs {
		if g.Nonce == "C" {
			g.Uploaded = rvDay.Add(u.at + u.offset(51) + time.Duration(i)*time.Millisecond)
		}
	}
	rvCheck(t, segs, rvWant{})
}

func TestTruthFaultsInTheMiddle(t *testing.T) { // 18
	for _, spoil := range []func(*rvSeg){
		func(g *rvSeg) { g.Media = timeline.Media{Level: timeline.ReadHead, Fault: timeline.Unreadable} },
		func(g *rvSeg) { g.Media = timeline.Media{Level: timeline.ReadHead, Fault: timeline.Undecodable} },
		func(g *rvSeg) { g.Media = timeline.Media{Fault: timeline.Gone} },
		func(g *rvSeg) { g.Size = 0 },
		func(g *rvSeg) { g.Excluded = true },
	} {
		s := &rvStream{name: "x", each: 2 * time.Second}
		segs := rvList(
			rvPart{s: s, nonce: "A", rends: rvBoth, from: 0, to: 19},
			rvPart{s: s, nonce: "B", rends: rvBoth, from: 9, to: 11})
		for _, key := range []string{"A/source/5", "A/720p/5", "A/source/10", "B/720p/10", "A/source/19"} {
			spoil(rvFind(t, segs, key))
		}
		rvCheck(t, segs, rvWant{certain: true})
	}
}

// No timestamps at all: nothing is lost and the order is that of the numbers.
func TestTruthUntimed(t *testing.T) {
	s := &rvStream{name: "x", each: 2 * time.Second}
	segs := rvList(
		rvPart{s: s, nonce: "B", rends: rvBoth, from: 0, to: 19},
		rvPart{s: s, nonce: "A", rends: rvBoth, from: 18, to: 39})
	for _, g := range segs {
		g.Media.Timed, g.Media.Start, g.Media.Tracks = false, 0, nil
	}
	rvCheck(t, segs, rvWant{})
}

func TestTruthSessionTable(t *testing.T) {
	for _, each := range rvEach {
		for _, more := range []time.Duration{0, time.Millisecond} {
			for _, same := range []bool{true, false} {
				s := &rvStream{name: "x", each: each}
				n := int64(30 * time.Minute / each)
				u := &rvStream{name: "y", each: each, at: 45*time.Minute + more, clock: 7 * time.Hour}
				nonce := "B"
				if same {
					u.first, nonce = n, "A"
				}
				w := rvWant{sessions: 1, certain: true}
				if more > 0 {
					w.sessions = 2
				}
				tl := rvCheck(t, rvList(
					rvPart{s: s, nonce: "A", rends: rv720, from: 0, to: n - 1},
					rvPart{s: u, nonce: nonce, rends: rv720, from: u.first, to: u.first + int64(15*time.Minute/each) - 1}), w)
				last := tl.Sessions[len(tl.Sessions)-1]
				if want := rvDay.Add(u.at + u.offset(u.first+int64(15*time.Minute/each)) + 700*time.Millisecond); !last.End.Equal(want) {
					t.Errorf("%v %v: ends %v, want %v", each, same, last.End, want)
				}
			}
		}
	}
}

// A padded stream and an unpadded one under one writer are two streams.
func TestTruthPaddedAndUnpadded(t *testing.T) { // 19
	s := &rvStream{name: "x", each: 2 * time.Second}
	segs := rvList(rvPart{s: s, nonce: "A", rends: rvBoth, from: 0, to: 12})
	for _, g := range segs {
		if g.Seq < 8 {
			g.Key = fmt.Sprintf("rec/A/%s/%03d.ts", g.Rendition, g.Seq)
		}
	}
	rvCheck(t, segs, rvWant{certain: true})
}

func TestTruthThreeWriters(t *testing.T) {
	rvGrid(t, func(t *testing.T, rends []string, each time.Duration, vary bool, jitter time.Duration) {
		s := &rvStream{name: "x", each: each, vary: vary, clock: rvTurn - 40*each}
		segs := rvList(
			rvPart{s: s, nonce: "C", rends: rends, from: 0, to: 29, jitter: jitter},
			rvPart{s: s, nonce: "A", rends: rends, from: 28, to: 49, jitter: jitter},
			rvPart{s: s, nonce: "B", rends: rends, from: 30, to: 31, jitter: jitter},
			rvPart{s: s, nonce: "D", rends: rends, from: 50, to: 50, jitter: jitter},
			rvPart{s: s, nonce: "B2", rends: rends, from: 51, to: 69, jitter: jitter})
		rvFind(t, segs, "B/"+rends[0]+"/31").Uploaded = rvDay.Add(s.offset(31) + 9*time.Minute)
		rvCheck(t, segs, rvWant{})
	})
}

func TestTruthClockRestartsWithinOneWriter(t *testing.T) {
	rvGrid(t, func(t *testing.T, rends []string, each time.Duration, vary bool, jitter time.Duration) {
		var parts []rvPart
		at := time.Duration(0)
		for k, n := range []int64{10, 1, 7, 3} {
			first := int64(0)
			if k > 0 {
				first = parts[k-1].to + 1
			}
			s := &rvStream{name: fmt.Sprint("s", k), each: each, vary: vary, first: first, at: at}
			at += s.offset(first+n) + 3*time.Second
			parts = append(parts, rvPart{s: s, nonce: "A", rends: rends, from: first, to: first + n - 1, jitter: jitter})
		}
		rvCheck(t, rvList(parts...), rvWant{certain: true})
	})
}

// Two streams under one writer whose names differ only in zeros (or that lie in
// two stores) are not copies because their numbers are equal.
func TestTruthTwoStreamsUnderOneWriter(t *testing.T) {
	//
	for _, store := range []bool{false, true} {
		s := &rvStream{name: "x", each: 2 * time.Second, clock: time.Hour}
		u := &rvStream{name: "y", each: 2 * time.Second, at: s.offset(20) + 30*time.Second}
		segs := rvList(
			rvPart{s: s, nonce: "A", rends: rvSource, from: 0, to: 19},
			rvPart{s: u, nonce: "A", rends: rvSource, from: 0, to: 19})
		for _, g := range segs[:20] {
			if store {
				g.Store = "backup"
			} else {
				g.Key = fmt.Sprintf("rec/A/source/%05d.ts", g.Seq)
			}
		}
		if tl := rvBuild(t, segs, true); len(tl.Uncertain) == 0 && len(tl.Dropped) > 0 {
			t.Errorf("%d segments of another stream dropped without a doubt\n%s", len(tl.Dropped), rvShow(segs, tl))
		}
	}
}

// Three streams in a copied bucket, each with a failover on a clock of its own:
// media time tells which goes on with which.
func TestTruthCopiedBucketOfThreeStreams(t *testing.T) {
	//
	var parts []rvPart
	for k := range 3 {
		s := &rvStream{name: fmt.Sprint("s", k), each: 2 * time.Second, clock: time.Duration(k) * time.Hour, at: time.Duration(k) * 24 * time.Hour}
		parts = append(parts,
			rvPart{s: s, nonce: fmt.Sprint("a", k), rends: rvSource, from: 0, to: 9},
			rvPart{s: s, nonce: fmt.Sprint("b", k), rends: rvSource, from: 10, to: 19})
	}
	segs := rvList(parts...)
	for _, g := range segs {
		g.Uploaded = rvDay.Add(1000 * time.Hour)
	}
	tl := rvBuild(t, segs, true)
	for _, s := range tl.Sessions {
		for i := range s.Slots {
			if i == 0 {
				continue
			}
			g, h := segs[s.Renditions[0].Picks[i].Segment], segs[s.Renditions[0].Picks[i-1].Segment]
			if g.Seq == h.Seq+1 && g.stream != h.stream {
				t.Errorf("%s after %s", g.Key, h.Key)
			}
		}
	}
}

// The writer before was cut off in the middle of a segment, the one after began
// there: neither half is a leftover.
func TestTruthTakeoverInsideASegment(t *testing.T) {
	rvGrid(t, func(t *testing.T, rends []string, each time.Duration, vary bool, jitter time.Duration) {
		s := &rvStream{name: "x", each: each, vary: vary}
		segs := rvList(
			rvPart{s: s, nonce: "A", rends: rends, from: 0, to: 9, jitter: jitter},
			rvPart{s: s, nonce: "B", rends: rends, from: 9, to: 19, jitter: jitter})
		for _, r := range rends {
			rvFind(t, segs, "A/"+r+"/9").cut(20)
			g := rvFind(t, segs, "B/"+r+"/9")
			cut := g.Media.Duration * 20 / rvUnits
			g.from = 20
			g.Media.Start, g.Media.Duration = g.Media.Start+cut, g.Media.Duration-cut
			for i := range g.Media.Tracks {
				g.Media.Tracks[i].First += cut
				g.Media.Content.Tracks[i] = rvDigests("half/"+g.Key+fmt.Sprint(i), rvUnits-20)
			}
		}
		tl := rvBuild(t, segs, true)
		for _, d := range tl.Dropped {
			if g := segs[d.Segment]; d.Leftover || g.Seq != 9 {
				t.Errorf("%s %s leftover %v", g.Key, d.Reason, d.Leftover)
			}
		}
	})
}
