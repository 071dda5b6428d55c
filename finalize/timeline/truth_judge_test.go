package timeline_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize/timeline"
)

// rvWant is what is expected of a plan, beyond what always holds.
type rvWant struct {
	sessions int  // 1 if 0
	doubled  bool // copies that nothing proves may be kept
	doubtful bool // must be uncertain
	certain  bool // must not be
	noJoins  bool // joins are not judged
	noOrder  bool // order is not judged
}

// A single retry of another transcode, minutes late, is no second stream.
func TestTruthLateRetryByAnotherWriter(t *testing.T) {
	//
	rvGrid(t, func(t *testing.T, rends []string, each time.Duration, vary bool, jitter time.Duration) {
		var w rvWant
		if rends[0] != "source" {
			w = rvWant{doubled: true, doubtful: true, noOrder: true}
		}
		for _, seq := range []int64{5, 19} {
			s := &rvStream{name: "x", each: each, vary: vary}
			rvCheck(t, rvList(
				rvPart{s: s, nonce: "A", rends: rends, from: 0, to: 19, jitter: jitter},
				rvPart{s: s, nonce: "B", rends: rends, from: seq, to: seq, skew: 7 * time.Minute}), w)
		}
	})
}

func rvCheck(t *testing.T, segs []*rvSeg, w rvWant) *timeline.Timeline {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	rng.Shuffle(len(segs), func(i, j int) { segs[i], segs[j] = segs[j], segs[i] })
	full, lazy := rvBuild(t, segs, false), rvBuild(t, segs, true)
	chosen := func(tl *timeline.Timeline) string { // what is doubtful may depend on what was read
		text, _, _ := strings.Cut(rvShow(segs, tl), "uncertain ")
		text, _, _ = strings.Cut(text, "warnings ")
		return text
	}
	a, b := chosen(full), chosen(lazy)
	if a != b {
		t.Errorf("all read:\n%s\nread on demand:\n%s", a, b)
	}
	for _, tl := range []*timeline.Timeline{full, lazy} {
		for _, p := range rvJudge(segs, tl, w) {
			t.Error(p)
		}
		if t.Failed() {
			t.Logf("\n%s", rvShow(segs, tl))
			break
		}
	}
	return lazy
}

// rvShow is what was chosen and dropped.
func rvShow(segs []*rvSeg, tl *timeline.Timeline) string {
	var out strings.Builder
	for k, s := range tl.Sessions {
		fmt.Fprintf(&out, "session %d\n", k)
		for _, r := range s.Renditions {
			fmt.Fprintf(&out, "  %s:", r.Name)
			for i, p := range r.Picks {
				if i > 0 && s.Slots[i].Discontinuity {
					out.WriteString(" |")
				}
				if p.Segment < 0 {
					out.WriteString(" -")
					continue
				}
				fmt.Fprintf(&out, " %s%d", segs[p.Segment].Nonce, segs[p.Segment].Seq)
			}
			out.WriteString("\n")
		}
		for _, h := range s.Holes {
			fmt.Fprintf(&out, "  hole %q %d-%d %v\n", h.Rendition, h.AfterSeq, h.BeforeSeq, h.Duration)
		}
	}
	var drops []string
	for _, d := range tl.Dropped {
		drops = append(drops, fmt.Sprintf("%s:%s:%v", strings.TrimPrefix(segs[d.Segment].Key, "rec/"), d.Reason, d.Leftover))
	}
	slices.Sort(drops)
	fmt.Fprintf(&out, "dropped %s\n", strings.Join(drops, " "))
	for _, u := range tl.Uncertain {
		fmt.Fprintf(&out, "uncertain %s: %s (%d)\n", u.What, u.Why, len(u.Segments))
	}
	fmt.Fprintf(&out, "warnings %v\n", tl.Warnings)
	return out.String()
}

func rvName(s *rvSeg) string { return fmt.Sprintf("%s/%s/%d", s.stream.name, s.Rendition, s.Seq) }

// rvShows is what a segment shows: for a slate the same in every stream.
func rvShows(s *rvSeg) string {
	if s.Seq < s.stream.first+int64(s.stream.slate) {
		return fmt.Sprintf("slate/%s/%d", s.Rendition, s.Seq)
	}
	return rvName(s)
}

func rvJudge(segs []*rvSeg, tl *timeline.Timeline, w rvWant) (bad []string) {
	say := func(f string, args ...any) { bad = append(bad, fmt.Sprintf(f, args...)) }
	if want := max(w.sessions, 1); len(tl.Sessions) != want {
		say("%d sessions, want %d", len(tl.Sessions), want)
	}
	if w.doubtful && len(tl.Uncertain) == 0 {
		say("not uncertain")
	}
	if w.certain && len(tl.Uncertain) > 0 {
		say("uncertain: %v", tl.Uncertain[0].Why)
	}
	chosen := map[int]bool{}
	count := map[string]int{}
	units := map[string]int{}
	before := map[string]*rvSeg{}
	var end time.Time
	for k, s := range tl.Sessions {
		if !s.Start.Equal(s.Slots[0].Wall) || k > 0 && s.Start.Sub(end) <= rvOptions.SessionGap {
			say("session %d starts at %v, the one before ended at %v", k, s.Start, end)
		}
		for i, slot := range s.Slots {
			if slot.Duration <= 0 {
				say("slot %d of session %d lasts %v", i, k, slot.Duration)
			}
			if i > 0 && slot.Wall.Before(s.Slots[i-1].Wall.Add(s.Slots[i-1].Duration)) {
				say("slot %d of session %d begins before the end of the one before", i, k)
			}
			if slot.Join && !slot.Discontinuity {
				say("slot %d of session %d joins without a discontinuity", i, k)
			}
			continuous, seen := true, false
			for _, r := range s.Renditions {
				p := r.Picks[i]
				if p.Segment < 0 {
					continue
				}
				g := segs[p.Segment]
				if g.Seq != slot.Seq || g.Rendition != r.Name || chosen[p.Segment] {
					say("%s in slot %d of %s (again: %v)", g.Key, slot.Seq, r.Name, chosen[p.Segment])
				}
				chosen[p.Segment] = true
				count[rvName(g)]++
				units[rvShows(g)] = max(units[rvShows(g)], g.to-g.from)
				if l := g.Media.Duration; i+1 == len(s.Slots) && (p.Duration-l).Abs() > 50*time.Millisecond {
					say("%s at the end lasts %v, not %v", g.Key, p.Duration, l)
				}
				h := before[r.Name]
				before[r.Name] = g
				if h == nil {
					continue
				}
				if !w.noOrder && (h.stream == g.stream && h.Seq >= g.Seq || h.stream != g.stream && h.stream.at >= g.stream.at) {
					say("%s after %s", g.Key, h.Key)
				}
				if i > 0 && r.Picks[i-1].Segment >= 0 && g.Media.Timed && h.Media.Timed {
					seen = true
					continuous = continuous && h.stream == g.stream && h.Seq+1 == g.Seq && h.to == rvUnits && g.from == 0
				}
			}
			if i > 0 && seen && !w.noJoins && continuous == slot.Discontinuity {
				say("before slot %d (%d) of session %d: discontinuity %v", i, slot.Seq, k, slot.Discontinuity)
			}
		}
		end = s.End
		last := s.Slots[len(s.Slots)-1]
		if !s.End.Equal(last.Wall.Add(last.Duration)) {
			say("session %d ends at %v", k, s.End)
		}
		for _, r := range s.Renditions {
			var sum time.Duration
			for i, p := range r.Picks {
				if p.Start != sum {
					say("%s slot %d starts at %v, not %v", r.Name, i, p.Start, sum)
					break
				}
				sum += p.Duration
			}
		}
	}
	for _, d := range tl.Dropped {
		s := segs[d.Segment]
		if chosen[d.Segment] {
			say("%s chosen and dropped", s.Key)
		}
		chosen[d.Segment] = true
		if d.Leftover {
			if d.Winner < 0 || rvShows(segs[d.Winner]) != rvShows(s) || segs[d.Winner].from > s.from || segs[d.Winner].to < s.to {
				say("LEFTOVER without a copy that holds it: %s (%s)", s.Key, d.Reason)
			}
			for _, u := range tl.Uncertain {
				if slices.Contains(u.Segments, d.Segment) {
					say("LEFTOVER and uncertain: %s", s.Key)
				}
			}
		}
	}
	for i, s := range segs {
		if !chosen[i] {
			say("%s is nowhere", s.Key)
		}
		healthy := s.Media.Fault == timeline.Healthy && s.Size > 0 && !s.Excluded
		if healthy && units[rvShows(s)] < s.to-s.from {
			say("LOST: %s of stream %s", s.Key, s.stream.name)
		}
	}
	for name, n := range count {
		if n > 1 && !w.doubled {
			say("DOUBLED: %s", name)
		}
	}
	slices.Sort(bad)
	if len(bad) > 8 {
		bad = append(bad[:8], fmt.Sprintf("and %d more", len(bad)-8))
	}
	return bad
}

var (
	rvSource = []string{"source"}
	rv720    = []string{"720p"}
	rvBoth   = []string{"source", "720p"}
	rvThree  = []string{"source", "720p", "360p"}
	rvTwo    = []string{"720p", "360p"}
	rvSets   = [][]string{rvSource, rv720, rvBoth, rvThree, rvTwo}
	rvEach   = []time.Duration{time.Second, 2 * time.Second, 6 * time.Second, 10 * time.Second}
)
