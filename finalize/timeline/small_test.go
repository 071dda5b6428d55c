package timeline

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestSmallHere: less than five eighths of the median of its neighbourhood, the upper one
// of two, whatever the numbers.
func TestSmallHere(t *testing.T) {
	seen := map[bool]bool{}
	rapid.Check(t, func(t *rapid.T) {
		rates := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(0, 40), rapid.Int64Min(0)), 1, 12).Draw(t, "rates")
		k := rapid.IntRange(0, len(rates)-1).Draw(t, "k")
		near := slices.Clone(rates[max(0, k-4):min(len(rates), k+5)])
		slices.Sort(near)
		want := rates[k] < near[len(near)/2]/8*5
		if got := smallHere(rates, k); got != want {
			t.Fatalf("%d of %v: %v", k, rates, got)
		}
		seen[want] = true
	})
	if len(seen) != 2 {
		t.Errorf("only %v was tried", seen)
	}
}

// TestFind: a number is found where it stands, and one that is not there where it would.
func TestFind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		small := rapid.OneOf(rapid.Int64Range(-3, 9), rapid.Int64())
		p := places{seqs: rapid.SliceOfDistinct(small, func(n int64) int64 { return n }).Draw(t, "numbers")}
		slices.Sort(p.seqs)
		seq := small.Draw(t, "number")
		if len(p.seqs) > 0 && rapid.Bool().Draw(t, "there") {
			seq = rapid.SampledFrom(p.seqs).Draw(t, "one")
		}
		k, ok := p.find(seq)
		if want, there := slices.BinarySearch(p.seqs, seq); k != want || ok != there {
			t.Fatalf("%d in %v: %d, %v", seq, p.seqs, k, ok)
		}
	})
}
