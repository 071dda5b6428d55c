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
// which does not look live; and one or two late segments are retries. With who,
// the runs that the stamps are of, a rise that ends no session must be seen in the
// stamps of one run, because the clocks of two differ.
func (b *builder) stops(ends []time.Duration, ups []int64, who []int32) []int {
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
	before := ups[0] - int64(ends[0]) // the shortest delay since the last stop
	lately := before                  // or since the last rise that was none
	for i := 1; i+lasting <= n; i++ {
		far := time.Duration(x.least[i]-before) > b.opt.SessionGap
		if far || time.Duration(x.least[i]-lately) > stood && i+settled <= n {
			lately = math.MaxInt64
			if near := min(n, i+nearby); goesOn(ends[i:near], ups[i:near]) && (far || rises(ends, ups, who, i)) {
				out, before = append(out, i), math.MaxInt64
			}
		}
		before, lately = min(before, ups[i]-int64(ends[i])), min(lately, ups[i]-int64(ends[i]))
	}
	return out
}

// goesOn tells whether uploads go on at the pace of the media.
func goesOn(ends []time.Duration, ups []int64) bool {
	if len(ups) < settled {
		return spansLive(ends, ups)
	}
	return looksLive(ends, ups) == yes
}

// nearby is how many segments on each side of a stop are looked at.
const nearby = 8 * window

// rises tells whether the delay of some run rises at i.
func rises(ends []time.Duration, ups []int64, who []int32, i int) bool {
	if who == nil {
		return true
	}
	type bounds struct{ before, after int64 }
	least := map[int32]bounds{}
	for k := max(0, i-nearby); k < min(len(ups), i+nearby); k++ {
		l, ok := least[who[k]]
		if !ok {
			l = bounds{math.MaxInt64, math.MaxInt64}
		}
		if d := ups[k] - int64(ends[k]); k < i {
			l.before = min(l.before, d)
		} else {
			l.after = min(l.after, d)
		}
		least[who[k]] = l
	}
	for _, l := range least {
		if l.before != math.MaxInt64 && l.after != math.MaxInt64 && time.Duration(l.after-l.before) > stood {
			return true
		}
	}
	return false
}
