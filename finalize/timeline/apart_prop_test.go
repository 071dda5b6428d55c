package timeline

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever is lost, and wherever writers change or start over: every segment is
// there once, all renditions last as long and have as many discontinuities, and
// the order of the listing does not matter.
func TestAnyBoundaries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const minute = time.Minute
		grids := []time.Duration{two, three, 4 * time.Second, 5 * time.Second, 2500 * time.Millisecond}
		names := []string{"source", "360p", "audio"}[:rapid.IntRange(2, 3).Draw(t, "renditions")]
		perm := rapid.Permutation(grids).Draw(t, "grids")
		var segs []flat
		parts := rapid.IntRange(1, 2).Draw(t, "parts")
		change := rapid.Bool().Draw(t, "writer changes")
		for part := range parts {
			for r, name := range names {
				each := perm[r]
				n := int64(minute / each)
				f := feed{
					nonce: string(rune('A' + 2*part)), rendition: name, stream: string(rune('x' + part)), to: n - 1, each: each,
					at: time.Duration(part) * 3 * minute, clock: time.Duration(part) * time.Hour,
				}
				all := f.make()
				if change {
					for i := n / 2; i < n; i++ {
						all[i].Nonce = string(rune('B' + 2*part))
						all[i].Key += "-" + all[i].Nonce
					}
				}
				for i := range all {
					if rapid.IntRange(0, 9).Draw(t, "lost") > 0 || i == len(all)/2 || i < 4 {
						segs = append(segs, all[i])
					}
				}
			}
		}
		opt := Options{SessionGap: 15 * time.Minute, Source: "source"}
		tl, _ := plan(t, segs, opt)
		if len(tl.Sessions) != 1 || len(tl.Sessions[0].Renditions) != len(names) || len(tl.Dropped) > 0 {
			t.Fatalf("%d sessions, dropped %v", len(tl.Sessions), tl.Dropped)
		}
		s := &tl.Sessions[0]
		own := 0
		for _, q := range s.Renditions {
			if q.Slots != nil {
				own++
			}
		}
		if own != len(names)-1 {
			t.Fatalf("%d renditions of %d have slots of their own", own, len(names))
		}
		var lasts []time.Duration
		var breaks []int
		for r := range s.Renditions {
			d, n := time.Duration(0), 0
			for i, p := range s.Renditions[r].Picks {
				if d += p.Duration; s.SlotsOf(r)[i].Discontinuity {
					n++
				}
			}
			lasts, breaks = append(lasts, d), append(breaks, n)
		}
		for r := range lasts {
			if (lasts[r]-lasts[0]).Abs() > 2*tolerance*time.Duration(1+breaks[0]) || breaks[r] != breaks[0] {
				t.Fatalf("%v, discontinuities %v\n%s", lasts, breaks, draw(segs, s))
			}
		}
		other := slices.Clone(segs)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
		again, _ := plan(t, other, opt)
		if a, z := draw(segs, s), draw(other, &again.Sessions[0]); a != z {
			t.Fatalf("in another order\n%s\ninstead of\n%s", z, a)
		}
	})
}
