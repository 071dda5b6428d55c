package timeline

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// hour is what several recorders of one channel saved of an hour: whole, suspect,
// partial and temporary copies, twins a millisecond apart, a recorder half a
// second off, and longer copies that overlap.
func hour(seed uint64) []flat {
	rnd := rand.New(rand.NewPCG(seed, 3))
	var segs []flat
	add := func(who string, start, length time.Duration, q Quality) {
		begins := day.Add(start)
		segs = append(segs, flat{
			Store: "mem://", Key: fmt.Sprintf("chan/source/%s-%d-%d-%s.ts", begins.Format("15:04:05.000"), length.Milliseconds(), q, who),
			ETag: fmt.Sprint(len(segs)), Size: int64(length / time.Millisecond), Uploaded: begins.Add(length + time.Second), Rendition: "source",
			Unnumbered: true, Begins: begins, Length: length, LengthSource: FromKey, Quality: q,
		})
	}
	quality := func() Quality {
		switch n := rnd.IntN(20); {
		case n < 14:
			return Full
		case n < 16:
			return Suspect
		case n < 19:
			return PartialSeg
		}
		return Temp
	}
	copyOf := func(who string, start, length time.Duration) {
		q := quality()
		if q == PartialSeg || q == Temp {
			length = length * time.Duration(1+rnd.IntN(9)) / 10
		}
		add(who, start, length, q)
	}
	loss := 2 + rnd.IntN(8)
	for at := time.Duration(0); at < time.Hour; at += two {
		if rnd.IntN(20) >= loss {
			copyOf("a", at, two)
		}
		if rnd.IntN(20) >= loss {
			copyOf("b", at+time.Millisecond, two)
		}
		if rnd.IntN(20) >= loss+5 {
			copyOf("c", at+500*time.Millisecond, two)
		}
		if rnd.IntN(12) == 0 {
			copyOf("d", at+time.Duration(rnd.IntN(4))*500*time.Millisecond, time.Duration(3+rnd.IntN(5))*time.Second)
		}
	}
	return segs
}

// greedy is how a well-known archiver chooses: by start, of those with one start
// the best, and whatever begins before the end of the last is passed over.
func greedy(segs []flat) []int {
	order := make([]int, 0, len(segs))
	for i := range segs {
		if segs[i].Quality != Temp {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(i, j int) int {
		s, t := &segs[i], &segs[j]
		return cmp.Or(s.Begins.Compare(t.Begins), cmp.Compare(s.Quality, t.Quality), cmp.Compare(t.Length, s.Length), cmp.Compare(s.Key, t.Key))
	})
	var out []int
	var end time.Time
	for _, i := range order {
		if s := &segs[i]; !s.Begins.Before(end.Add(-lap)) {
			out, end = append(out, i), s.Begins.Add(s.Length)
		}
	}
	return out
}

// fullCoverage is the time that whole segments cover, and that any do.
func fullCoverage(segs []flat, chosen []int) (full, all time.Duration) {
	var fullEnd, end time.Time
	until := func(end *time.Time, s *flat) time.Duration {
		from, to := s.Begins, s.Begins.Add(s.Length)
		if end.After(from) {
			from = *end
		}
		*end = to
		return max(0, to.Sub(from))
	}
	for _, i := range chosen {
		if all += until(&end, &segs[i]); segs[i].Quality == Full {
			full += until(&fullEnd, &segs[i])
		}
	}
	return full, all
}

// Against the greedy choice, in a thousand hours: never less time of whole
// segments (but for what the tolerance of starts is worth), more in many.
func TestHoursAgainstGreedy(t *testing.T) {
	opt := defaults
	opt.Durations = Trust
	better, more := 0, time.Duration(0)
	n := seeds(t, 1000)
	for seed := range uint64(n) {
		segs := hour(seed)
		tl, needs := build(segs, opt)
		if tl == nil {
			t.Fatalf("seed %d needs %d reads", seed, len(needs))
		}
		invariants(t, segs, tl, opt)
		var chosen []int
		for _, s := range tl.Sessions {
			for _, p := range s.Renditions[0].Picks {
				if p.Segment >= 0 {
					chosen = append(chosen, p.Segment)
				}
			}
		}
		ours, _ := fullCoverage(segs, chosen)
		theirs, _ := fullCoverage(segs, greedy(segs))
		if ours < theirs-lap {
			t.Fatalf("seed %d: %v of whole segments, greedy has %v", seed, ours, theirs)
		}
		if ours > theirs+lap {
			better++
			more += ours - theirs
		}
	}
	t.Logf("%d hours: more than the greedy choice in %d, by %v an hour on average", n, better, (more / time.Duration(max(better, 1))).Round(time.Millisecond))
	if better*2 < n {
		t.Errorf("better in %d of %d hours only", better, n)
	}
}
