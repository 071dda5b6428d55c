package timeline

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// worthOf is what a choice gains by definition, and whether it may be made.
func worthOf(all []candidate, chosen []int) (total worth, ok bool) {
	for k, i := range chosen {
		c := &all[i]
		total.add(&c.worth)
		if k == 0 {
			continue
		}
		before := &all[chosen[k-1]]
		overlap := before.end - c.start
		if overlap > int64(lap) || overlap > (before.end-before.start)/2 {
			return total, false
		}
		if before.writer != c.writer {
			if total[steady]--; !c.access {
				total[steady]--
			}
		}
	}
	return total, true
}

// bruteCover tries every choice.
func bruteCover(all []candidate) worth {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return int(all[i].start - all[j].start) })
	var best worth
	found := false
	for set := 1; set < 1<<len(all); set++ {
		var chosen []int
		for k, i := range order {
			if set>>k&1 == 1 {
				chosen = append(chosen, i)
			}
		}
		if w, ok := worthOf(all, chosen); ok && (!found || w.compare(&best) > 0) {
			best, found = w, true
		}
	}
	return best
}

func drawCandidates(t *rapid.T) []candidate {
	all := make([]candidate, rapid.IntRange(1, 11).Draw(t, "count"))
	for i := range all {
		start := rapid.Int64Range(0, 60).Draw(t, "start") * int64(5*time.Millisecond)
		length := rapid.SampledFrom([]int64{1, 2, 3, 4, 8, 20}).Draw(t, "length") * int64(5*time.Millisecond)
		c := candidate{start: start, end: start + length, writer: rapid.Int32Range(0, 3).Draw(t, "writer"), access: rapid.Bool().Draw(t, "access")}
		c.worth[coveredTime] = length
		c.worth[rapid.SampledFrom([]int{fullTime, suspectTime, held}).Draw(t, "kind")] += length
		c.worth[usual] = -rapid.Int64Range(0, 2).Draw(t, "off")
		c.worth[early] = -rapid.Int64Range(0, 3).Draw(t, "rank")
		all[i] = c
	}
	return all
}

func TestCoverIsTheBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawCandidates(t)
		chosen := cover(all)
		got, ok := worthOf(all, chosen)
		if want := bruteCover(all); !ok || got != want {
			t.Fatalf("%v: worth %v (allowed %v), the best is %v", chosen, got, ok, want)
		}
		more := append(slices.Clone(all), all[0])
		if again, _ := worthOf(more, cover(more)); again.compare(&got) < 0 {
			t.Fatalf("a copy made it worse: %v, was %v", again, got)
		}
	})
}

func TestCoverAims(t *testing.T) {
	s := int64(time.Second)
	at := func(start, end int64, writer int32, w worth) candidate {
		return candidate{start: start, end: end, writer: writer, access: true, worth: w}
	}
	full := func(start, end int64, writer int32) candidate {
		return at(start, end, writer, worth{fullTime: end - start, coveredTime: end - start})
	}
	suspect := func(start, end int64, writer int32) candidate {
		return at(start, end, writer, worth{coveredTime: end - start, suspectTime: end - start})
	}
	for _, c := range []struct {
		name string
		all  []candidate
		want []int
	}{
		{"nothing", nil, nil},
		{"a long one over two short ones", []candidate{full(0, 2*s, 0), full(s, 5*s, 1), full(4*s, 7*s, 0)}, []int{0, 2}},
		{"a hole is filled", []candidate{full(0, 2*s, 0), full(2*s, 4*s, 1), full(4*s, 6*s, 0)}, []int{0, 1, 2}},
		{"full before suspect", []candidate{suspect(0, 9*s, 0), full(2*s, 3*s, 1)}, []int{1}},
		{"an overlap of 10 ms", []candidate{full(0, 2*s, 0), full(2*s-int64(lap), 4*s, 0)}, []int{0, 1}},
		{"an overlap above 10 ms", []candidate{full(0, 2*s, 0), full(2*s-int64(lap)-1, 4*s, 0)}, []int{1}},
		{"fewest switches", []candidate{full(0, 2*s, 0), full(0, 2*s, 1), full(2*s, 4*s, 1)}, []int{1, 2}},
	} {
		if got := cover(c.all); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// What settles is never farther than the tolerance from itself and keeps order.
func TestSettle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.SliceOf(rapid.Int64Range(-100, 100)).Draw(t, "times")
		out := settle(times, 7)
		for i := range times {
			if d := times[i] - out[i]; d < 0 || d > 7 {
				t.Fatalf("%d became %d", times[i], out[i])
			}
			for j := range times {
				if times[i] <= times[j] && out[i] > out[j] {
					t.Fatalf("%d and %d became %d and %d", times[i], times[j], out[i], out[j])
				}
			}
		}
	})
}

func BenchmarkCover(b *testing.B) {
	all := make([]candidate, 100000)
	for i := range all {
		start := int64(i/3) * int64(two)
		all[i] = candidate{start: start, end: start + int64(two), writer: int32(i % 3), access: true, worth: worth{fullTime: int64(two), early: -int64(i % 3)}}
	}
	b.ReportAllocs()
	for b.Loop() {
		if got := cover(all); len(got) != (len(all)+2)/3 {
			b.Fatal(len(got))
		}
	}
}
