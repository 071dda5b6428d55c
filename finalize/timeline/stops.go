package timeline

import (
	"math"
	"time"
)

const (
	// stood is by how much the delay of uploads rises at least where it is said
	// that the source stood still: less is jitter.
	stood = 20 * time.Second
	// settled is how many segments must follow then, but for a rise that ends a
	// session.
	settled = 8
)

// stops are the places where the source stood still although numbers and
// timestamps run on: from there on every delay (wall time of the end − end of
// media) is longer by that than the shortest before. An uplink that was dead
// falls back to the delay of before; a backlog at the very end comes in a burst,
// which does not look live; and one or two late segments are retries.
func (b *builder) stops(ends []time.Duration, ups []int64) []int {
	n := len(ups)
	if n < lasting+1 {
		return nil
	}
	x := &b.scratch
	x.least = append(x.least[:0], ups...)
	least := int64(math.MaxInt64)
	for i := n - 1; i >= 0; i-- {
		least = min(least, ups[i]-int64(ends[i]))
		x.least[i] = least
	}
	var out []int
	before := ups[0] - int64(ends[0])
	for i := 1; i+lasting <= n; i++ {
		rise := time.Duration(x.least[i] - before)
		if rise > b.opt.SessionGap || rise > stood && i+settled <= n {
			near := min(n, i+8*window)
			if looksLive(ends[i:near], ups[i:near]) == yes {
				out, before = append(out, i), math.MaxInt64
			}
		}
		before = min(before, ups[i]-int64(ends[i]))
	}
	return out
}
