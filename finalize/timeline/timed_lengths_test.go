package timeline

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// keyed gives segments keys that hold a start time and a length, of which nothing
// was read.
func keyed(nonce string, starts []time.Duration, length func(i int) time.Duration) []flat {
	var segs []flat
	for i, at := range starts {
		d := length(i)
		segs = append(segs, flat{
			Store: "mem://", Key: fmt.Sprintf("foo/%s/source/%v-%v.ts", nonce, at, d), ETag: fmt.Sprint(i), Size: 1000,
			Uploaded: day.Add(at + two + time.Second), Nonce: nonce, Rendition: "source", Unnumbered: true,
			Begins: day.Add(at), Length: d, LengthSource: FromKey,
		})
	}
	return segs
}

// every are starts that lie evenly apart.
func every(n int, step time.Duration) []time.Duration {
	out := make([]time.Duration, n)
	for i := range out {
		out[i] = time.Duration(i) * step
	}
	return out
}

// Lengths in keys that contradict the starts in keys, and nothing is read: the
// starts decide, nothing is dropped and no hole is invented.
func TestLengthsAgainstStarts(t *testing.T) {
	opt := defaults
	opt.Durations = Trust
	same := func(d time.Duration) func(int) time.Duration { return func(int) time.Duration { return d } }
	rounded := func(starts []time.Duration, to time.Duration) []time.Duration {
		for i := range starts {
			starts[i] = starts[i].Truncate(to)
		}
		return starts
	}
	for _, c := range []struct {
		name   string
		segs   []flat
		holes  int
		warned bool
	}{
		{"exact", keyed("", every(20, two), same(two)), 0, false},
		{"3.0 of 2", keyed("", every(20, two), same(3*time.Second)), 0, true},
		{"3.5 of 2", keyed("A", every(20, two), same(3500*time.Millisecond)), 0, true},
		{"9 of 2", keyed("A", every(20, two), same(9*time.Second)), 0, true},
		{"2.1 of 2", keyed("", every(20, two), same(2100*time.Millisecond)), 0, true},
		{"2.02 of 2", keyed("", every(20, two), same(2020*time.Millisecond)), 0, false},
		{"1.9 of 2", keyed("", every(20, two), same(1900*time.Millisecond)), 0, true},
		{"rounded to tenths", keyed("", every(20, 1960*time.Millisecond), same(two)), 0, false},
		{"starts in whole seconds", keyed("", rounded(every(20, 2400*time.Millisecond), time.Second), same(2400*time.Millisecond)), 0, true},
		{"one too long", keyed("", every(20, two), func(i int) time.Duration {
			if i == 9 {
				return 2200 * time.Millisecond
			}
			return two
		}), 0, true},
		{"two of one writer too long", keyed("A", every(20, two), func(i int) time.Duration {
			if i == 9 || i == 13 {
				return 3500 * time.Millisecond
			}
			return two
		}), 0, true},
		{"too long, with a hole", keyed("", slices.Delete(every(20, two), 7, 9), same(3*time.Second)), 1, true},
		{"too short, with a hole", keyed("", slices.Delete(every(20, two), 7, 9), same(1900*time.Millisecond)), 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			tl, needs := build(c.segs, opt)
			if tl == nil {
				t.Fatalf("needs %v", needs)
			}
			if len(tl.Dropped) > 0 || len(tl.Uncertain) > 0 || len(tl.Sessions) != 1 || len(tl.Sessions[0].Slots) != len(c.segs) {
				t.Fatalf("%d dropped, %+v", len(tl.Dropped), tl.Uncertain)
			}
			if got := tl.Sessions[0].Holes; len(got) != c.holes || c.holes > 0 && got[0].Duration != 2*two {
				t.Errorf("holes %+v", got)
			}
			if slices.Contains(tl.Warnings, warnDisagree) != c.warned {
				t.Errorf("warnings %v", tl.Warnings)
			}
			s := tl.Sessions[0]
			if off := s.End.Sub(s.Start) - (c.segs[len(c.segs)-1].Begins.Sub(day) + two); off.Abs() > time.Second {
				t.Errorf("off by %v", off)
			}
		})
	}
}

// However long the segments of one writer are, and whatever their keys say of
// it: all of them are in the recording, without a hole.
func TestAnyLengthsOfOneWriter(t *testing.T) {
	opt := defaults
	opt.Durations = Trust
	rapid.Check(t, func(t *rapid.T) {
		unit := time.Duration(rapid.SampledFrom([]int{1, 100, 500, 1000}).Draw(t, "unit")) * time.Millisecond
		n := rapid.IntRange(4, 30).Draw(t, "n")
		starts := make([]time.Duration, n)
		var at time.Duration
		lengths := make([]time.Duration, n)
		for i := range starts {
			d := time.Duration(rapid.IntRange(1600, 2400).Draw(t, "length")) * time.Millisecond
			starts[i], lengths[i] = at.Truncate(time.Millisecond), (d + unit - 1).Truncate(unit)
			at += d
		}
		tl, _ := build(keyed("A", starts, func(i int) time.Duration { return lengths[i] }), opt)
		if len(tl.Dropped) > 0 || len(tl.Sessions[0].Slots) != n || len(tl.Sessions[0].Holes) > 0 {
			t.Fatalf("%d dropped, holes %+v", len(tl.Dropped), tl.Sessions[0].Holes)
		}
	})
}

// Two recorders half a second apart and rounded lengths: still one of them is
// chosen, with the other over its holes.
func TestRoundedLengthsOfTwoRecorders(t *testing.T) {
	opt := defaults
	opt.Durations = Trust
	other := every(20, two)
	for i := range other {
		other[i] += 500 * time.Millisecond
	}
	for _, d := range []time.Duration{two, 2020 * time.Millisecond, 2100 * time.Millisecond} {
		same := func(int) time.Duration { return d }
		segs := slices.Concat(keyed("", slices.Delete(every(20, two), 8, 10), same), keyed("", other, same))
		tl, _ := build(segs, opt)
		if n := len(tl.Sessions[0].Slots); n < 19 || n > 20 {
			t.Errorf("%v: %d slots, holes %+v", d, n, tl.Sessions[0].Holes)
		}
	}
}
