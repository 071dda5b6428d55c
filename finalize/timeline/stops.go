package timeline

import (
	"math"
	"time"
)

// stops are the places where the source stood still for longer than a session's
// gap, although numbers and timestamps run on: from there on every delay (wall
// time of the end − end of media) is longer by that than the shortest before. An
// uplink that was dead falls back to the delay of before; a backlog at the very
// end comes in a burst, which does not look live; and one or two late segments
// are retries.
func (b *builder) stops(ends []time.Duration, ups []int64) []int {
	n := len(ups)
	if n < lasting+1 {
		return nil
	}
	x := &b.scratch
	x.least = append(x.least[:0], make([]int64, n)...)
	least := int64(math.MaxInt64)
	for i := n - 1; i >= 0; i-- {
		least = min(least, ups[i]-int64(ends[i]))
		x.least[i] = least
	}
	var out []int
	before := ups[0] - int64(ends[0])
	for i := 1; i+lasting <= n; i++ {
		if time.Duration(x.least[i]-before) > b.opt.SessionGap {
			near := min(n, i+8*window)
			if looksLive(ends[i:near], ups[i:near]) {
				out, before = append(out, i), math.MaxInt64
			}
		}
		before = min(before, ups[i]-int64(ends[i]))
	}
	return out
}
