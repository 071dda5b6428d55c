package finalize

import (
	"math"
	"math/bits"
	"time"

	"recfin/probe"
)

// rate is a frame rate that was measured over a time; zero: none is known.
type rate struct {
	num, den int           // frames a second, in lowest terms
	over     time.Duration // 0: it is not known over which
}

// rateOf is the rate of a track of pictures that was measured to its end: that of
// most pictures, where most follow each other in the same step; else that of all.
// Steps that only rounding makes differ, as of 23.976 pictures a second in ticks of
// 90 kHz, are none.
func rateOf(t *probe.Track) rate {
	d := t.LastDTS - t.FirstDTS + t.LastDelta
	frames := int64(t.Frames)
	if frames < 2 || d <= 0 || t.Timescale == 0 || frames > math.MaxInt64/int64(t.Timescale) {
		return rate{}
	}
	r := rate{over: t.Time(d)}
	if n := frames * t.Step; t.Step > 0 && max(d-n, n-d) > frames {
		r.num, r.den = lowest(int64(t.Timescale), t.Step)
	} else {
		r.num, r.den = lowest(frames*int64(t.Timescale), d)
	}
	return r
}

// rounded is by how much the length of a segment may be wrong: timestamps of some
// senders are in whole milliseconds.
const rounded = 2 * time.Millisecond

// orFaster is the faster of two rates. One that was measured over a short time, and
// is not faster than rounding may make it, is not.
func (r rate) orFaster(s rate) rate {
	if s.least() > r.least() {
		return s
	}
	return r
}

// least is how many frames in 1,000,000 s a rate is at least.
func (r rate) least() int64 {
	if r.num <= 0 || r.den <= 0 {
		return 0
	}
	n := frames(int64(r.num), int64(r.den), 1e6)
	if r.over <= 0 {
		return n
	}
	return frames(n, int64(r.over+rounded), int64(r.over))
}

// frames is num/den times a factor, without overflow.
func frames(num, den, factor int64) int64 {
	hi, lo := bits.Mul64(uint64(num), uint64(factor))
	if hi >= uint64(den) {
		return math.MaxInt64
	}
	q, _ := bits.Div64(hi, lo, uint64(den))
	return int64(min(q, math.MaxInt64))
}

// lowest reduces a fraction.
func lowest(num, den int64) (int, int) {
	a, b := num, den
	for b != 0 {
		a, b = b, a%b
	}
	return int(num / a), int(den / a)
}
