package timeline

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

// readLater marks all segments as ones that are read when they are joined.
func readLater(segs []flat) []flat {
	out := slices.Clone(segs)
	for i := range out {
		out[i].ReadLater = true
	}
	return out
}

// planLater plans as whoever joins the chosen segments does: with few looks, then
// once more with the heads of all that were chosen, until those are known.
func planLater(t tester, truth []flat, opt Options) (first, last *Timeline, looks int) {
	t.Helper()
	truth = readLater(truth)
	segs := slices.Clone(truth)
	for i := range segs {
		segs[i].Media = limited(truth[i].Media, Unread)
	}
	for {
		tl, reads := planOn(t, segs, truth, opt)
		if first == nil {
			first, looks = tl, reads
		}
		joined := false
		for _, s := range tl.Sessions {
			for _, r := range s.Renditions {
				for _, p := range r.Picks {
					if p.Segment >= 0 && segs[p.Segment].Media.Level == Unread {
						segs[p.Segment].Media, joined = limited(truth[p.Segment].Media, ReadHead), true
					}
				}
			}
		}
		if !joined {
			return first, tl, looks
		}
	}
}

// What is read while it is joined decides what is decided where all heads are read
// before.
func TestReadLaterDecidesTheSame(t *testing.T) {
	saved, read := 0, 0
	for seed := range uint64(seeds(t, 150)) {
		tr := simulation{[]string{"source", "720p"}, true}.simulate(seed)
		_, later, looks := planLater(t, tr.segs, defaults)
		before, reads := plan(t, tr.segs, defaults)
		if !reflect.DeepEqual(later, before) {
			t.Fatalf("seed %d:\n%s\n%s", seed, show(tr.segs, later), show(tr.segs, before))
		}
		if looks > reads {
			t.Fatalf("seed %d: %d looks, and %d where all is read", seed, looks, reads)
		}
		saved, read = saved+reads-looks, read+reads
	}
	if saved*6 < read {
		t.Errorf("%d of %d reads were saved", saved, read)
	}
}

// TestLooks: how much is looked at beforehand.
func TestLooks(t *testing.T) {
	const n = 1800
	even := func(from, to int64, clock time.Duration) []flat {
		return feed{nonce: "A", stream: "s", from: from, to: to, at: time.Duration(from) * two, clock: clock}.make()
	}
	uneven := func() []flat {
		r := rand.New(rand.NewPCG(1, 2))
		var out []flat
		at := time.Duration(0)
		for k := range int64(n) {
			each := time.Second + time.Duration(r.IntN(50))*frame
			out = append(out, feed{nonce: "A", stream: "s", from: k, to: k, at: at, clock: at, each: each}.make()...)
			at += each
		}
		return out
	}
	// Lengths that differ by a frame, as sound has them.
	var sound []flat
	for k := range int64(n) {
		const each = 21 * time.Millisecond
		from, to := time.Duration(k)*two/each*each, time.Duration(k+1)*two/each*each
		sound = append(sound, feed{nonce: "A", stream: "s", from: k, to: k, at: from, clock: from, each: to - from}.make()...)
	}
	for _, c := range []struct {
		name string
		segs []flat
		most int
	}{
		{"one clock", even(0, n-1, 0), 5},
		{"a clock that wraps", even(0, n-1, turn-time.Hour/2), 5},
		{"lengths of whole frames of sound", sound, 5},
		{"a hole", slices.Concat(even(0, 899, 0), even(905, n-1, 905*two)), 12},
		{"the clock starts over", slices.Concat(even(0, 700, 0), even(701, n-1, 0)), 40},
		{"the clock leaps by a tenth of a second", slices.Concat(even(0, 700, 0), even(701, n-1, 701*two+100*time.Millisecond)), 40},
		{"ten restarts", func() (out []flat) {
			for k := range int64(10) {
				out = append(out, even(k*180, k*180+179, time.Duration(k)*12345*time.Second)...)
			}
			return out
		}(), 300},
		{"no two are alike", uneven(), n + 1},
		{"few segments", even(0, 6, 0), 8},
	} {
		_, tl, looks := planLater(t, c.segs, defaults)
		if looks > c.most {
			t.Errorf("%s: %d of %d were looked at, want %d at most", c.name, looks, len(c.segs), c.most)
		}
		before, _ := plan(t, c.segs, defaults)
		for _, tl := range []*Timeline{tl, before} { // one that was read whole says so
			for i := range tl.Sessions[0].Renditions[0].Picks {
				tl.Sessions[0].Renditions[0].Picks[i].Source = NoSource
			}
		}
		if !reflect.DeepEqual(tl, before) {
			t.Errorf("%s:\n%s\n%s", c.name, show(c.segs, tl), show(c.segs, before))
		}
	}
}

// Lengths that were put between others last together as long as the way between
// them, and none is told of what was not to be read later.
func TestLaidLengths(t *testing.T) {
	truth := feed{nonce: "A", stream: "s", to: 199, each: 2002 * time.Millisecond}.make()
	first, _, _ := planLater(t, truth, defaults)
	at := time.Duration(0)
	for i, p := range first.Sessions[0].Renditions[0].Picks {
		if p.Start != at {
			t.Fatalf("segment %d begins at %s, want %s", i, p.Start, at)
		}
		at += 2002 * time.Millisecond
	}
	for _, d := range []Durations{Trust, Probe} {
		opt := defaults
		opt.Durations = d
		if _, reads := plan(t, readLater(truth), opt); reads < len(truth) {
			t.Errorf("durations %d: %d of %d were read", d, reads, len(truth))
		}
	}
	if _, reads := plan(t, truth, defaults); reads < len(truth) {
		t.Errorf("nothing is joined: %d of %d were read", reads, len(truth))
	}
}

// No order of the input, and none of the looks, changes what is asked for.
func TestLooksInAnyOrder(t *testing.T) {
	truth := readLater(slices.Concat(feed{nonce: "A", stream: "s", to: 99}.make(), feed{nonce: "B", stream: "s", from: 98, to: 150, at: 98 * two, clock: 98 * two}.make()))
	want := ""
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 1))
		segs := slices.Clone(truth)
		r.Shuffle(len(segs), func(i, j int) { segs[i], segs[j] = segs[j], segs[i] })
		bare := slices.Clone(segs)
		for i := range bare {
			bare[i].Media = Media{}
		}
		_, needs := build(bare, defaults)
		var keys []string
		for _, n := range needs {
			keys = append(keys, fmt.Sprint(segs[n.Segment].Key, n.Level))
		}
		slices.Sort(keys)
		if got := fmt.Sprint(keys); want == "" {
			want = got
		} else if got != want {
			t.Fatalf("%s\n%s", got, want)
		}
	}
}
