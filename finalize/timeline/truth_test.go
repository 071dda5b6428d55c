package timeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// rvGrid runs a case for all kinds of renditions, lengths and jitter.
func rvGrid(t *testing.T, f func(t *testing.T, rends []string, each time.Duration, vary bool, jitter time.Duration)) {
	for _, rends := range [][]string{rvSource, rv720, rvThree} {
		for _, each := range rvEach {
			for _, vary := range []bool{false, true} {
				for _, jitter := range []time.Duration{0, 3 * time.Second} {
					t.Run(fmt.Sprintf("%s/%v/vary=%v/jitter=%v", strings.Join(rends, "+"), each, vary, jitter), func(t *testing.T) {
						f(t, rends, each, vary, jitter)
					})
				}
			}
		}
	}
}

func TestTruthOneWriter(t *testing.T) { // 1, 10, numbers from 1000, a wrap inside
	rvGrid(t, func(t *testing.T, rends []string, each time.Duration, vary bool, jitter time.Duration) {
		s := &rvStream{name: "x", first: 1000, each: each, vary: vary, clock: rvTurn - 7*each/2}
		segs := rvList(rvPart{s: s, nonce: "A", rends: rends, from: 1000, to: 1019, jitter: jitter})
		rvFind(t, segs, "A/"+rends[0]+"/1005").Uploaded = rvDay.Add(8 * time.Minute)
		rvCheck(t, segs, rvWant{certain: true})
	})
}

func TestTruthTakeover(t *testing.T) { // 2, 4: with any number of segments in common
	rvGrid(t, func(t *testing.T, rends []string, each time.Duration, vary bool, jitter time.Duration) {
		for _, common := range []int64{0, 1, 5, 50} {
			s := &rvStream{name: "x", each: each, vary: vary, clock: rvTurn - 60*each}
			w := rvWant{}
			rvCheck(t, rvList(
				rvPart{s: s, nonce: "B", rends: rends, from: 0, to: 59, jitter: jitter},
				rvPart{s: s, nonce: "A", rends: rends, from: 60 - common, to: 119, jitter: jitter}), w)
		}
	})
}

func TestTruthTakeoverClockRestarted(t *testing.T) { // 3
	rvGrid(t, func(t *testing.T, rends []string, each time.Duration, vary bool, jitter time.Duration) {
		s := &rvStream{name: "x", each: each, vary: vary, clock: time.Hour}
		u := &rvStream{name: "y", each: each, vary: vary, first: 10, at: s.offset(10)}
		rvCheck(t, rvList(
			rvPart{s: s, nonce: "B", rends: rends, from: 0, to: 9, jitter: jitter},
			rvPart{s: u, nonce: "A", rends: rends, from: 10, to: 19, jitter: jitter}), rvWant{})
	})
}

func TestTruthRestart(t *testing.T) { // 6, 7, 21: same numbers, with and without the same timestamps
	// and 2.
	rvGrid(t, func(t *testing.T, rends []string, each time.Duration, vary bool, jitter time.Duration) {
		if vary != (jitter > 0) {
			return
		}
		for _, pause := range []time.Duration{5 * time.Second, 12 * time.Second, 10 * time.Minute, 20 * time.Minute} {
			for _, n := range []int64{0, 1, 9, 24} {
				for _, slate := range []int{0, 1} {
					for _, clock := range []time.Duration{0, 10 * time.Hour} {
						name := fmt.Sprintf("pause=%v/last=%d/slate=%d/clock=%v", pause, n, slate, clock)
						t.Run(name, func(t *testing.T) {
							s := &rvStream{name: "x", each: each, vary: vary, slate: slate}
							u := &rvStream{name: "y", each: each, vary: vary, slate: slate, at: s.offset(n+1) + pause, clock: clock}
							segs := rvList(
								rvPart{s: s, nonce: "B", rends: rends, from: 0, to: n, jitter: jitter},
								rvPart{s: u, nonce: "A", rends: rends, from: 0, to: 24, jitter: jitter})
							w := rvWant{sessions: 1}
							if pause > 15*time.Minute {
								w.sessions = 2
							}
							if n < int64(slate) { // only the slate is in it: equal content is a copy
								return
							}
							rvCheck(t, segs, w)
						})
					}
				}
			}
		}
	})
}

// The crash cut the last segment off.
func TestTruthRestartAfterTornSegment(t *testing.T) {
	//
	rvGrid(t, func(t *testing.T, rends []string, each time.Duration, vary bool, jitter time.Duration) {
		for _, n := range []int64{0, 1, 2, 9} {
			for _, pause := range []time.Duration{time.Second, 5 * time.Second, 12 * time.Second} {
				if jitter > pause { // uploads say nothing then
					continue
				}
				t.Run(fmt.Sprintf("pause=%v/last=%d", pause, n), func(t *testing.T) {
					s := &rvStream{name: "x", each: each, vary: vary}
					u := &rvStream{name: "y", each: each, vary: vary, at: s.offset(n) + s.length(n)*3/10 + pause}
					segs := rvList(
						rvPart{s: s, nonce: "B", rends: rends, from: 0, to: n, jitter: jitter},
						rvPart{s: u, nonce: "A", rends: rends, from: 0, to: 49, jitter: jitter})
					for _, r := range rends {
						g := rvFind(t, segs, fmt.Sprintf("B/%s/%d", r, n))
						g.cut(15)
						g.Uploaded = g.Uploaded.Add(-s.length(n) * 7 / 10)
					}
					rvCheck(t, segs, rvWant{})
				})
			}
		}
	})
}

// The source is overwritten in place (empty writer), the transcodes are not.
func TestTruthRestartBesideOverwrittenSource(t *testing.T) {
	//
	for _, n := range []int64{4, 14, 24, 27} {
		for _, pause := range []time.Duration{time.Second, 5 * time.Second, 12 * time.Second, time.Minute} {
			t.Run(fmt.Sprintf("last=%d/pause=%v", n, pause), func(t *testing.T) {
				each := 2 * time.Second
				s := &rvStream{name: "x", each: each}
				u := &rvStream{name: "y", each: each, at: s.offset(n+1) + pause}
				rvCheck(t, rvList(
					rvPart{s: s, nonce: "A", rends: rv720, from: 0, to: n},
					rvPart{s: u, nonce: "", rends: rvSource, from: 0, to: 299},
					rvPart{s: u, nonce: "B", rends: rv720, from: 0, to: 299}), rvWant{})
			})
		}
	}
}

func TestTruthTruncated(t *testing.T) { // 5
	rvGrid(t, func(t *testing.T, rends []string, each time.Duration, vary bool, jitter time.Duration) {
		for _, key := range []string{"A/%s/8", "A/%s/9", "B/%s/8", "B/%s/9"} {
			s := &rvStream{name: "x", each: each, vary: vary}
			segs := rvList(
				rvPart{s: s, nonce: "A", rends: rends, from: 0, to: 9, jitter: jitter},
				rvPart{s: s, nonce: "B", rends: rends, from: 8, to: 19, jitter: jitter})
			for _, r := range rends {
				rvFind(t, segs, fmt.Sprintf(key, r)).cut(20)
				rvFind(t, segs, "A/"+r+"/9").Uploaded = rvDay.Add(5 * time.Minute)
			}
			rvCheck(t, segs, rvWant{})
		}
	})
}

func TestTruthHole(t *testing.T) { // 9, inside a writer and at a switch
	//
	rvGrid(t, func(t *testing.T, rends []string, each time.Duration, vary bool, jitter time.Duration) {
		for _, second := range []string{"A", "B"} {
			s := &rvStream{name: "x", each: each, vary: vary}
			tl := rvCheck(t, rvList(
				rvPart{s: s, nonce: "A", rends: rends, from: 0, to: 5, jitter: jitter},
				rvPart{s: s, nonce: second, rends: rends, from: 9, to: 12, jitter: jitter}), rvWant{certain: true})
			want := s.offset(9) - s.offset(6)
			hs := tl.Sessions[0].Holes
			if len(hs) != 1 || hs[0].Rendition != "" || (hs[0].Duration-want).Abs() > 50*time.Millisecond || hs[0].AfterSeq != 5 || hs[0].BeforeSeq != 9 {
				t.Errorf("holes %+v, want one of %v", hs, want)
			}
		}
	})
}

func TestTruthGapInOneRendition(t *testing.T) { // 12: in the middle, at the beginning, at the end
	rvGrid(t, func(t *testing.T, rends []string, each time.Duration, vary bool, jitter time.Duration) {
		if len(rends) < 2 {
			return
		}
		for _, lost := range [][]int64{{7}, {0}, {19}, {0, 1, 2}, {17, 18, 19}, {5, 6, 9}} {
			s := &rvStream{name: "x", each: each, vary: vary}
			last := rends[len(rends)-1]
			segs := rvWithout(rvList(rvPart{s: s, nonce: "A", rends: rends, from: 0, to: 19, jitter: jitter}),
				func(g *rvSeg) bool { return g.Rendition == last && slices.Contains(lost, g.Seq) })
			tl := rvCheck(t, segs, rvWant{certain: true})
			for _, r := range tl.Sessions[0].Renditions {
				for i, p := range r.Picks {
					if (p.Segment < 0) != (r.Name == last && slices.Contains(lost, tl.Sessions[0].Slots[i].Seq)) {
						t.Errorf("%s slot %d: %d", r.Name, i, p.Segment)
					}
				}
			}
		}
	})
}
