package playlist

import (
	"math"
	"math/bits"
	"time"
)

// Bandwidth measures the bit rates of a media playlist (RFC 8216 §4.3.4.2), in
// bits per second, rounded up. sizes has the bytes of each segment; a negative
// size stands for a gap, which counts in neither rate and ends a run.
//
// The peak is the largest rate of any run of neighbours that lasts between 0.5
// and 1.5 times the target duration (in seconds). Where there is no such run,
// it is the largest rate of a whole stretch between gaps. It is never below
// the average.
//
// The time is linear in the number of segments, however short they are.
func Bandwidth(sizes []int64, durations []time.Duration, target int) (peak, average int) {
	n := min(len(sizes), len(durations))
	runs := stretches(sizes[:n], durations[:n])
	limit := limits(target)
	var all point
	found := false
	for _, run := range runs {
		end := run[len(run)-1]
		all = all.plus(end.bytes, end.time)
		if p, ok := limit.peak(run); ok {
			peak, found = max(peak, p), true
		}
	}
	if !found {
		for _, run := range runs {
			peak = max(peak, rate(run[0], run[len(run)-1]))
		}
	}
	average = rate(point{}, all)
	return max(peak, average), average
}

// point is the sum of all bytes and durations (ns) up to a segment boundary.
type point struct {
	bytes, time int64
}

// plus adds, and stays at the largest number rather than overflow.
func (p point) plus(bytes, time int64) point {
	return point{
		bytes: p.bytes + min(max(bytes, 0), math.MaxInt64-p.bytes),
		time:  p.time + min(max(time, 0), math.MaxInt64-p.time),
	}
}

// stretches gives the boundaries of the segments between gaps.
func stretches(sizes []int64, durations []time.Duration) [][]point {
	var all [][]point
	var run []point
	for i, size := range sizes {
		if size < 0 {
			run = nil
			continue
		}
		if run == nil {
			run = []point{{}}
			all = append(all, nil)
		}
		run = append(run, run[len(run)-1].plus(size, int64(durations[i])))
		all[len(all)-1] = run
	}
	return all
}

// bitsNano converts bytes per nanosecond to bits per second.
const bitsNano = 8 * uint64(time.Second)

// rate is that of the segments between two boundaries in bits per second,
// rounded up; 0 if they take no time.
func rate(from, to point) int {
	d := uint64(to.time - from.time)
	if d == 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(to.bytes-from.bytes), bitsNano)
	if hi >= d {
		return math.MaxInt
	}
	q, r := bits.Div64(hi, lo, d)
	if r > 0 {
		q++
	}
	return int(min(q, math.MaxInt))
}

// window is how long a run may be that counts for the peak, in ns.
type window struct {
	least, most int64
}

func limits(target int) window {
	t := int64(min(max(target, 1), 1<<31)) * int64(time.Second)
	return window{least: t / 2, most: t + t/2}
}

// peak gives the largest rate of any run within the limits, and whether there
// is one.
//
// It asks again and again for the run that exceeds a guess by the most bits,
// and takes that run's rate as the next guess (Dinkelbach's method), which
// needs few rounds. So it never looks at each run by itself: of segments much
// shorter than the target there are too many.
func (w window) peak(run []point) (int, bool) {
	guess, found := 0, false
	queue := make([]int, 0, len(run))
	for {
		from, to, ok := w.largest(run, guess, queue)
		if !ok {
			return guess, found
		}
		found = true
		next := rate(run[from], run[to])
		if next <= guess {
			return guess, true
		}
		guess = next
	}
}

// largest finds the run within the limits that has the most bits above what a rate
// gives in its time.
// The queue keeps the boundaries where a run may begin, least key first.
func (w window) largest(run []point, above int, queue []int) (from, to int, ok bool) {
	var best wide
	next := 0 // the next boundary that may enter the queue
	head := 0
	for j := range run {
		for ; run[j].time-run[next].time >= w.least; next++ {
			k := key(run[next], above)
			for len(queue) > head && !key(run[queue[len(queue)-1]], above).less(k) {
				queue = queue[:len(queue)-1]
			}
			queue = append(queue, next)
		}
		for head < len(queue) && run[j].time-run[queue[head]].time > w.most {
			head++
		}
		if head == len(queue) {
			continue
		}
		excess := key(run[j], above).minus(key(run[queue[head]], above))
		if !ok || best.less(excess) {
			best, from, to, ok = excess, queue[head], j, true
		}
	}
	return from, to, ok
}

// wide is a signed number of 128 bits in two's complement.
type wide struct {
	hi, lo uint64
}

// key is what a boundary has above what a rate gives in its time, in 10⁻⁹ bits.
func key(p point, above int) wide {
	var a, b wide
	a.hi, a.lo = bits.Mul64(uint64(p.bytes), bitsNano)
	b.hi, b.lo = bits.Mul64(uint64(p.time), uint64(above))
	return a.minus(b)
}

func (a wide) minus(b wide) wide {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	hi, _ := bits.Sub64(a.hi, b.hi, borrow)
	return wide{hi, lo}
}

func (a wide) less(b wide) bool {
	if a.hi != b.hi {
		return int64(a.hi) < int64(b.hi)
	}
	return a.lo < b.lo
}
