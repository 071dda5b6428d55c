package timeline

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

// truth is one simulated broadcast.
type truth struct {
	segs  []flat
	steps []string          // "encode/number" of the stream, in order
	parts []int             // steps at which a new encode or clock begins
	lost  map[string]bool   // "encode/number", or "encode/number/rendition", that nobody has
	holds map[Digest]string // the step that a content is
}

// options of a simulation.
type simulation struct {
	renditions []string
	losses     bool
}

// simulate runs an encoder that broadcasters take turns to publish: they retry
// around each failover, upload with jitter and sometimes very late, may lose
// segments, and the encoder may start over at number and timestamp 0.
func (o simulation) simulate(seed uint64) truth {
	rnd := rand.New(rand.NewPCG(seed, 1))
	tr := truth{lost: map[string]bool{}, holds: map[Digest]string{}}
	at, writers := time.Duration(0), 0
	renditions := o.renditions[:1+rnd.IntN(len(o.renditions))]
	for encode := range 1 + rnd.IntN(3) {
		n := int64(30 + rnd.IntN(120))
		clock := time.Duration(rnd.IntN(3)) * (turn - time.Minute) / 2
		tr.parts = append(tr.parts, len(tr.steps))
		for k := range n {
			step := fmt.Sprintf("%d/%d", encode, k)
			if o.losses && k > 0 && k < n-1 && rnd.IntN(30) == 0 {
				if tr.lost[step] = true; rnd.IntN(2) == 0 {
					delete(tr.lost, step)
					tr.lost[step+"/"+renditions[rnd.IntN(len(renditions))]] = len(renditions) > 1
				}
			}
			tr.steps = append(tr.steps, step)
		}
		for from := int64(0); from < n; {
			to := min(n-1, from+20+int64(rnd.IntN(60)))
			if n-to < 10 {
				to = n - 1
			}
			lo := max(0, from-int64(rnd.IntN(4))) // retries of what the writer before has
			for _, r := range renditions {
				f := feed{
					nonce: fmt.Sprintf("w%d", (writers*7)%20), rendition: r, stream: fmt.Sprint(encode), from: lo, to: to,
					at: at + time.Duration(lo)*two, clock: clock + time.Duration(lo)*two, delay: time.Duration(200+rnd.IntN(900)) * time.Millisecond,
				}
				if r != "source" {
					f.encode = f.nonce // transcodes are never the same twice
				}
				for _, s := range f.make() {
					s.Uploaded = s.Uploaded.Add(time.Duration(rnd.IntN(700)) * time.Millisecond).Truncate(time.Second)
					if rnd.IntN(40) == 0 {
						s.Uploaded = s.Uploaded.Add(time.Duration(rnd.IntN(600)) * time.Second)
					}
					if step := fmt.Sprintf("%d/%d", encode, s.Seq); !tr.lost[step] && !tr.lost[step+"/"+r] {
						tr.segs = append(tr.segs, s)
						tr.holds[content(&s)] = step
					}
				}
			}
			writers++
			from = to + 1
		}
		at += time.Duration(n)*two + time.Duration(5+rnd.IntN(600))*time.Second
	}
	return tr
}

// content is what a segment shows.
func content(s *flat) Digest { return s.Media.Content.Tracks[0][pictures-1] }

func seeds(t *testing.T, n int) int {
	if testing.Short() {
		n /= 10
	}
	t.Logf("%d seeds", n)
	return n
}

// Against the truth: every step that exists once, in order, nothing uncertain, a
// discontinuity exactly where the encoder started over or where something is
// missing, each hole reported, and every copy a leftover.
func TestSimulatedBroadcasts(t *testing.T) {
	for _, losses := range []bool{false, true} {
		t.Run(fmt.Sprintf("losses=%v", losses), func(t *testing.T) {
			for seed := range uint64(seeds(t, 1000)) {
				tr := simulation{[]string{"source", "720p", "360p"}, losses}.simulate(seed)
				tl, _ := plan(t, tr.segs, defaults)
				if len(tl.Sessions) != 1 || len(tl.Uncertain) > 0 || len(tl.Warnings) > 0 {
					t.Fatalf("seed %d: %d sessions, %+v %v\n%s", seed, len(tl.Sessions), tl.Uncertain, tl.Warnings, show(tr.segs, tl))
				}
				if why := tr.judge(&tl.Sessions[0]); why != "" {
					t.Fatalf("seed %d: %s\n%s", seed, why, show(tr.segs, tl))
				}
				for _, d := range tl.Dropped {
					if !d.Leftover {
						t.Fatalf("seed %d: %s is kept: %+v", seed, tr.segs[d.Segment].Key, d)
					}
				}
			}
		})
	}
}

// judge compares a session with the truth and says what is wrong.
func (tr *truth) judge(s *Session) string {
	slot, holes, missing := 0, 0, 0
	for i, step := range tr.steps {
		if tr.lost[step] {
			missing++
			continue
		}
		if slot == len(s.Slots) {
			return "too few slots"
		}
		begins := slices.Contains(tr.parts, i)
		if missing > 0 {
			k := slices.IndexFunc(s.Holes, func(h Hole) bool { return h.Rendition == "" && h.AfterSlot == slot-1 })
			if k < 0 || s.Holes[k].Duration != time.Duration(missing)*two {
				return fmt.Sprintf("before %s: %d are missing, holes %+v", step, missing, s.Holes)
			}
			holes++
		}
		if s.Slots[slot].Discontinuity != (i > 0 && (begins || missing > 0)) {
			return fmt.Sprintf("discontinuity before %s: %v", step, s.Slots[slot].Discontinuity)
		}
		for _, r := range s.Renditions {
			p := r.Picks[slot].Segment
			if (p < 0) != tr.lost[step+"/"+r.Name] {
				return fmt.Sprintf("%s of %s: %d", step, r.Name, p)
			}
			if p >= 0 && tr.holds[content(&tr.segs[p])] != step {
				return fmt.Sprintf("%s is not %s", tr.segs[p].Key, step)
			}
		}
		slot, missing = slot+1, 0
	}
	for _, h := range s.Holes {
		if h.Rendition == "" {
			holes--
		}
	}
	if slot != len(s.Slots) || holes != 0 {
		return fmt.Sprintf("%d slots of %d, %d holes too many", len(s.Slots), slot, -holes)
	}
	return ""
}

// Without the source only media times and uploads can tell copies from
// restarts. Whatever they tell, no step is lost, what is doubled is said to be
// uncertain, and no segment is a leftover whose step is not in the recording.
func TestSimulatedTranscodesLoseNothing(t *testing.T) {
	n, doubtful := seeds(t, 1000), 0
	for seed := range uint64(n) {
		tr := simulation{[]string{"720p", "360p"}, false}.simulate(seed)
		tl, _ := plan(t, tr.segs, defaults)
		if len(tl.Uncertain) > 0 {
			doubtful++
		}
		have := map[string]int{}
		for _, s := range tl.Sessions {
			for _, p := range s.Renditions[0].Picks {
				if p.Segment >= 0 {
					have[tr.holds[content(&tr.segs[p.Segment])]]++
				}
			}
		}
		for _, step := range tr.steps {
			if have[step] == 0 || have[step] > 1 && len(tl.Uncertain) == 0 {
				t.Fatalf("seed %d: %s is there %d times\n%s", seed, step, have[step], show(tr.segs, tl))
			}
		}
	}
	if doubtful*20 > n {
		t.Errorf("%d of %d are uncertain", doubtful, n)
	}
}

// What is decided from as few reads as possible is what is decided from all of
// them.
func TestLazyReadingDecidesTheSame(t *testing.T) {
	for seed := range uint64(seeds(t, 100)) {
		tr := simulation{[]string{"source", "720p"}, true}.simulate(seed)
		lazy, _ := plan(t, tr.segs, defaults)
		all, needs := build(tr.segs, defaults)
		if all == nil {
			t.Fatalf("seed %d: needs %v of what was read whole", seed, needs)
		}
		for _, tl := range []*Timeline{lazy, all} {
			for _, s := range tl.Sessions {
				for _, r := range s.Renditions {
					for i := range r.Picks {
						r.Picks[i].Source = NoSource
					}
				}
			}
		}
		if !reflect.DeepEqual(lazy, all) {
			t.Fatalf("seed %d:\n%s\n%s", seed, show(tr.segs, lazy), show(tr.segs, all))
		}
	}
}
