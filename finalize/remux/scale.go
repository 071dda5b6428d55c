package remux

import (
	"math"
	"math/bits"
	"time"
)

// clock is the timescale in which parts are shifted (that of MPEG-TS).
const clock = 90000

// latest bounds the times that a source may show, in ticks of clock: 397
// years. Sums of times below it do not overflow in any timescale in use.
const latest = 1 << 50

// rescale converts ticks from one timescale to another, rounded half up. What
// does not fit is held at the ends of the range.
func rescale(t int64, from, to uint32) int64 {
	q, r, ok := multiply(t, from, to)
	switch {
	case !ok && t < 0:
		return math.MinInt64
	case !ok:
		return math.MaxInt64
	case 2*r >= uint64(from):
		q++
	}
	return q
}

// rescaleUp converts a time that must not come to lie earlier.
func rescaleUp(t int64, from, to uint32) int64 {
	q, r, ok := multiply(t, from, to)
	if !ok {
		return rescale(t, from, to)
	}
	if r > 0 {
		q++
	}
	return q
}

// multiply gives t × to ÷ from, rounded down, and the remainder.
func multiply(t int64, from, to uint32) (q int64, r uint64, ok bool) {
	if from == to || from == 0 {
		return t, 0, true
	}
	mag := uint64(t)
	if t < 0 {
		mag = -mag
	}
	hi, lo := bits.Mul64(mag, uint64(to))
	if hi >= uint64(from) {
		return 0, 0, false
	}
	m, r := bits.Div64(hi, lo, uint64(from))
	if m >= math.MaxInt64 {
		return 0, 0, false
	}
	if t >= 0 {
		return int64(m), r, true
	}
	if r == 0 {
		return -int64(m), 0, true
	}
	return -int64(m) - 1, uint64(from) - r, true
}

// nanoseconds converts ticks to a duration.
func nanoseconds(t int64, scale uint32) time.Duration {
	return time.Duration(rescale(t, scale, uint32(time.Second)))
}

// ticks converts a duration to ticks.
func ticks(d time.Duration, scale uint32) int64 {
	return rescale(int64(d), uint32(time.Second), scale)
}

func abs(t int64) int64 {
	if t < 0 {
		return -t
	}
	return t
}
