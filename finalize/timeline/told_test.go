package timeline

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// withLengths makes lengths known as a sidecar tells them.
func withLengths(segs []flat) []flat {
	for i := range segs {
		segs[i].Length, segs[i].LengthSource = segs[i].Media.Duration, FromSidecar
	}
	return segs
}

var fiveRenditions = []string{"source", "720p", "480p", "360p", "240p"}

// takeovers is a stream that writers push one after another, the next with
// copies of the last two segments.
func takeovers(writers int, each int64, renditions []string) []flat {
	var segs []flat
	for w := range int64(writers) {
		from := max(0, w*each-2)
		at := time.Duration(from) * two
		for _, r := range renditions {
			segs = append(segs, feed{nonce: fmt.Sprintf("n%d_", w), rendition: r, from: from, to: w*each + each - 1, at: at, clock: at}.make()...)
		}
	}
	return segs
}

// A sidecar saves the middle: at most 0.02 reads a segment and 4 a run of each
// rendition.
func TestCostWithSidecar(t *testing.T) {
	for _, c := range []struct {
		writers int
		each    int64
	}{{1, 1000}, {4, 300}, {20, 60}} {
		segs := withLengths(takeovers(c.writers, c.each, fiveRenditions))
		tl, reads := plan(t, segs, defaults)
		runs := c.writers * len(fiveRenditions)
		if allowed := len(segs)/50 + 4*runs; reads > allowed {
			t.Errorf("%d writers: %d reads of %d segments, %d are allowed", c.writers, reads, len(segs), allowed)
		}
		s := tl.Sessions[0]
		if len(tl.Sessions) != 1 || len(s.Slots) != c.writers*int(c.each) || len(tl.Uncertain) > 0 {
			t.Errorf("%d writers: %d slots, %+v", c.writers, len(s.Slots), tl.Uncertain)
		}
		for i, slot := range s.Slots {
			if slot.Discontinuity {
				t.Errorf("%d writers: a discontinuity before %d", c.writers, i)
			}
		}
		if p := s.Renditions[0].Picks[c.each/2]; p.Source != FromSidecar {
			t.Errorf("the middle is from %s", p.Source)
		}
	}
}

// Case 31: the sidecar of one hour is missing: that hour is read, and nothing
// else.
func TestCase31OneHourWithoutSidecar(t *testing.T) {
	segs := withLengths(feed{nonce: "A", to: 3 * 1800}.make())
	for i := 1800; i < 3600; i++ {
		segs[i].Length, segs[i].LengthSource = 0, NoSource
	}
	tl, reads := plan(t, segs, defaults)
	if reads > 1800+1800/50+8 {
		t.Errorf("%d reads", reads)
	}
	if len(tl.Sessions[0].Slots) != len(segs) || slices.ContainsFunc(tl.Sessions[0].Slots, func(s Slot) bool { return s.Discontinuity }) {
		t.Errorf("%s", show(segs, tl))
	}
}

// What a sidecar does not know shows all the same: a segment that was cut off by
// its size, a clock that leaps by the sum of the lengths.
func TestSidecarThatLies(t *testing.T) {
	segs := withLengths(feed{nonce: "A", to: 199}.make())
	truncate(&segs[70])
	tl, reads := plan(t, segs, defaults)
	if !tl.Sessions[0].Slots[71].Join || tl.Sessions[0].Slots[70].Duration != time.Second || reads > 8 || !slices.Contains(tl.Warnings, warnDisagree) {
		t.Errorf("cut off: %+v, %d reads, %v", tl.Sessions[0].Slots[70:72], reads, tl.Warnings)
	}
	leap := withLengths(list(feed{nonce: "A", to: 99}, feed{nonce: "A", from: 100, to: 199, at: seconds(200), clock: seconds(900)}))
	tl, reads = plan(t, leap, defaults)
	for i, slot := range tl.Sessions[0].Slots {
		if slot.Join != (i == 100) {
			t.Errorf("leap: join before %d: %v", i, slot.Join)
		}
	}
	if reads > 16 {
		t.Errorf("leap: %d reads", reads)
	}
}

// Lengths that are trusted need no reads at all; where everything is to be
// probed everything is read, once.
func TestTrustAndProbe(t *testing.T) {
	segs := withLengths(takeovers(2, 50, []string{"source"}))
	opt := defaults
	opt.Durations = Trust
	tl, reads := plan(t, segs, opt)
	if reads != 0 || len(tl.Sessions) != 1 {
		t.Errorf("trust: %d reads, %s", reads, show(segs, tl))
	}
	opt.Durations = Probe
	tl, reads = plan(t, segs, opt)
	if reads != len(segs) || tl.Sessions[0].Renditions[0].Picks[20].Source != FromProbe || len(tl.Sessions[0].Slots) != 100 {
		t.Errorf("probe: %d reads of %d, %s", reads, len(segs), show(segs, tl))
	}
}

// Equal digests of stores prove copies equal that nobody read; those of multipart
// uploads do not.
func TestEqualETagsProveIdentity(t *testing.T) {
	for suffix, leftovers := range map[string]int{"": 40, "-2": 1} {
		segs := withLengths(list(feed{nonce: "A", to: 99}, feed{nonce: "B", from: 60, to: 159, at: seconds(120), clock: seconds(120), delay: time.Second}))
		for i := range segs {
			segs[i].ETag = fmt.Sprintf(`"%032x%s"`, segs[i].Seq, suffix)
		}
		tl, reads := plan(t, segs, defaults)
		n := 0
		for _, d := range tl.Dropped {
			if d.Reason == Identical && d.Leftover {
				n++
			}
		}
		if len(tl.Dropped) != 40 || n < leftovers || suffix != "" && n == 40 || reads > 12 {
			t.Errorf("%q: %d of %d are leftovers, %d reads", suffix, n, len(tl.Dropped), reads)
		}
	}
}

// A restart behind the same slate is none of its copies, although the first pair
// that is read may be equal.
func TestSidecarRestartBehindSlate(t *testing.T) {
	segs := withLengths(list(feed{nonce: "A", stream: "slate", to: 4}, feed{nonce: "A", stream: "a", from: 5, to: 49, at: seconds(10), clock: seconds(10)},
		feed{nonce: "B", stream: "slate", to: 4, at: seconds(112)}, feed{nonce: "B", stream: "b", from: 5, to: 49, at: seconds(122), clock: seconds(10)}))
	tl, _ := plan(t, segs, defaults)
	if len(tl.Dropped) > 0 || len(tl.Sessions[0].Slots) != 100 {
		t.Errorf("%s", show(segs, tl))
	}
}

// Lengths save reads and change nothing else: the same order, the same choice of
// what exists, whatever was told.
func TestLengthsChangeNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64Range(0, 1<<32).Draw(t, "seed")
		tr := simulation{[]string{"source", "720p"}, false}.simulate(seed)
		all, _ := plan(t, tr.segs, defaults)
		segs := slices.Clone(tr.segs)
		for i := range segs {
			if rapid.IntRange(0, 9).Draw(t, "told") > 0 {
				segs[i].Length, segs[i].LengthSource = segs[i].Media.Duration, FromSidecar
			}
		}
		few, _ := plan(t, segs, defaults)
		steps := func(tl *Timeline) (out []string) {
			for _, s := range tl.Sessions {
				for _, p := range s.Renditions[len(s.Renditions)-1].Picks {
					if p.Segment >= 0 {
						out = append(out, tr.holds[content(&tr.segs[p.Segment])])
					}
				}
			}
			return out
		}
		if len(few.Uncertain) > 0 || !slices.Equal(steps(all), steps(few)) {
			t.Fatalf("%+v\n%s\n%s", few.Uncertain, show(tr.segs, all), show(tr.segs, few))
		}
	})
}
