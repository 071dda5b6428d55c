package playlist

import (
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// plainPeak looks at every run by itself, with numbers of any size.
func plainPeak(sizes []int64, durations []time.Duration, target int) int {
	peak := new(big.Int)
	take := func(bytes *big.Int, d int64) {
		rate := new(big.Int).Mul(bytes, big.NewInt(8e9))
		rate.Add(rate, big.NewInt(d-1)).Div(rate, big.NewInt(d))
		if rate.Cmp(peak) > 0 {
			peak = rate
		}
	}
	found := false
	for i := range sizes {
		bytes, d := new(big.Int), int64(0)
		for j := i; j < len(sizes) && sizes[j] >= 0; j++ {
			bytes.Add(bytes, big.NewInt(sizes[j]))
			d += int64(durations[j])
			if d >= int64(target)*5e8 && d <= int64(target)*15e8 {
				take(new(big.Int).Set(bytes), d)
				found = true
			}
		}
	}
	for i := 0; i < len(sizes) && !found; i++ {
		if sizes[i] < 0 || i > 0 && sizes[i-1] >= 0 {
			continue
		}
		bytes, d := new(big.Int), int64(0)
		for j := i; j < len(sizes) && sizes[j] >= 0; j++ {
			bytes.Add(bytes, big.NewInt(sizes[j]))
			d += int64(durations[j])
		}
		if d > 0 {
			take(bytes, d)
		}
	}
	if !peak.IsInt64() {
		return math.MaxInt
	}
	return int(peak.Int64())
}

func TestBandwidth(t *testing.T) {
	s := time.Second
	cases := []struct {
		name          string
		sizes         []int64
		durations     []time.Duration
		target        int
		peak, average int
	}{
		{"nothing", nil, nil, 2, 0, 0},
		{"even", []int64{1000, 1000}, []time.Duration{s, s}, 1, 8000, 8000},
		{"one big", []int64{1000, 3000, 1000}, []time.Duration{2 * s, 2 * s, 2 * s}, 2, 12000, 6667},
		{"short tail counts only with its neighbour", []int64{1000, 1000}, []time.Duration{2 * s, s / 2}, 2, 6400, 6400},
		{"half a target counts", []int64{1000, 1000}, []time.Duration{2 * s, s}, 2, 8000, 5334},
		{"a gap ends a run", []int64{1000, -1, 1000}, []time.Duration{s, s, s}, 3, 8000, 8000},
		{"no run is long enough", []int64{1000, -1, 3000}, []time.Duration{s, s, s}, 9, 24000, 16000},
		{"only gaps", []int64{-1, -1}, []time.Duration{s, s}, 1, 0, 0},
		{"no time", []int64{5}, []time.Duration{0}, 1, 0, 0},
		{"more sizes than durations", []int64{1000, 1}, []time.Duration{s}, 1, 8000, 8000},
		{"absurd", []int64{math.MaxInt64, math.MaxInt64}, []time.Duration{s, s}, 1, math.MaxInt, math.MaxInt},
		{"negative duration", []int64{1000, 1000}, []time.Duration{s, -s}, 1, 16000, 16000},
	}
	for _, c := range cases {
		peak, average := Bandwidth(c.sizes, c.durations, c.target)
		if peak != c.peak || average != c.average {
			t.Errorf("%s: got %d, %d; want %d, %d", c.name, peak, average, c.peak, c.average)
		}
	}
}

func TestBandwidthAgainstEveryRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "segments")
		target := rapid.IntRange(1, 10).Draw(t, "target")
		longest := rapid.SampledFrom([]int64{1e7, 1e9, int64(target) * 1e9}).Draw(t, "longest")
		sizes, durations := make([]int64, n), make([]time.Duration, n)
		var bytes, lasts int64
		for i := range n {
			sizes[i] = rapid.Int64Range(-1, 1<<rapid.IntRange(1, 45).Draw(t, "bits")).Draw(t, "size")
			durations[i] = time.Duration(rapid.Int64Range(1, longest).Draw(t, "duration"))
			if sizes[i] >= 0 {
				bytes, lasts = bytes+sizes[i], lasts+int64(durations[i])
			}
		}
		peak, average := Bandwidth(sizes, durations, target)
		if average != rate(point{}, point{bytes, lasts}) {
			t.Fatalf("average %d of %d bytes in %d ns", average, bytes, lasts)
		}
		if want := max(plainPeak(sizes, durations, target), average); peak != want {
			t.Fatalf("peak %d, want %d", peak, want)
		}
	})
}

func BenchmarkBandwidth(b *testing.B) {
	sizes, durations := make([]int64, 100_000), make([]time.Duration, 100_000)
	for i := range sizes {
		sizes[i], durations[i] = int64(i*7919%100_003), time.Millisecond
	}
	b.ReportAllocs()
	for b.Loop() {
		Bandwidth(sizes, durations, 10)
	}
}
