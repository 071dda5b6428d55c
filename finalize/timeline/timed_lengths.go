package timeline

import (
	"sort"
	"time"
)

// keyTimes are the segments of one writer, as far as keys tell, in order of start.
type keyTimes struct {
	segs   []int32
	starts []int64       // of them, without those of copies
	step   time.Duration // usual distance of starts
	named  bool          // the keys name the writer: it is one
	alone  bool          // one writer made them all
}

// agreeLengths lets lengths in keys agree with the starts in keys. segs are those
// of one rendition in order of start. Both come from one machine, and no segment
// of a writer overlaps its next: where the two contradict each other the starts
// count, because lengths that are rounded up would drop every second segment, and
// such as are rounded down would invent a hole after each.
func (b *builder) agreeLengths(segs []int32) {
	of := map[string]*keyTimes{}
	for _, i := range segs {
		s := b.segs[i]
		if s.LengthSource != FromKey || s.told() == 0 {
			continue
		}
		k := of[s.Nonce]
		if k == nil {
			k = &keyTimes{named: s.Nonce != ""}
			of[s.Nonce] = k
		}
		k.segs = append(k.segs, i)
		at, _ := stamp(s.Begins)
		if n := len(k.starts); n == 0 || time.Duration(at-k.starts[n-1]) > tolerance {
			k.starts = append(k.starts, at)
		}
	}
	for _, k := range of {
		if len(k.starts) > 1 {
			b.agree(k)
		}
	}
}

func (b *builder) agree(k *keyTimes) {
	lengths := make([]time.Duration, len(k.segs))
	for n, i := range k.segs {
		lengths[n] = b.segs[i].told()
	}
	usual := median(lengths)
	k.judge(usual)
	off, coarse, known := b.offsets(k)
	switch contradict := known >= lasting && off > lap; {
	case contradict && k.alone:
		b.stepOn(k, usual, coarse)
	case contradict:
		for _, i := range k.segs {
			if to, ok := k.nearest(b, i); ok {
				b.setSpan(i, to, true)
			}
		}
	case k.alone:
		for _, i := range k.segs {
			d := b.segs[i].told()
			if to, ok := k.next(b, i); ok && to < d && (k.named || d-to <= min(d, usual)/slack) {
				b.setSpan(i, to, true)
			}
		}
	}
}

// judge finds the usual step, and whether one writer made all segments: of several
// many begin soon after another, or twice as often as they are long.
func (k *keyTimes) judge(usual time.Duration) {
	steps := make([]time.Duration, len(k.starts)-1)
	for n := range steps {
		steps[n] = time.Duration(k.starts[n+1] - k.starts[n])
	}
	k.step = median(steps)
	short := sort.Search(len(steps), func(n int) bool { return steps[n] >= k.step/2 })
	k.alone = k.named || short*50 <= len(steps) && k.step > usual/8*5
}

// next is how far the next start of the writer is; of few among its segments that
// are another's it passes over those that begin in the middle.
func (k *keyTimes) next(b *builder, i int32) (time.Duration, bool) {
	at, _ := stamp(b.segs[i].Begins)
	least := tolerance
	if !k.named {
		least = max(tolerance, k.step/2)
	}
	n := sort.Search(len(k.starts), func(n int) bool { return time.Duration(k.starts[n]-at) > least })
	if n == len(k.starts) {
		return 0, false
	}
	return time.Duration(k.starts[n] - at), true
}

// nearest is how far the start that is nearest to the end of a segment is, if that
// is nearer than half of its length.
func (k *keyTimes) nearest(b *builder, i int32) (time.Duration, bool) {
	at, _ := stamp(b.segs[i].Begins)
	d := b.segs[i].told()
	n := sort.Search(len(k.starts), func(n int) bool { return time.Duration(k.starts[n]-at) >= d })
	best := time.Duration(0)
	for _, n := range []int{n - 1, n} {
		if n < 0 || n == len(k.starts) {
			continue
		}
		if to := time.Duration(k.starts[n] - at); to > tolerance && (to-d).Abs() < d/2 && (best == 0 || (to-d).Abs() < (best-d).Abs()) {
			best = to
		}
	}
	return best, best > 0
}

// offsets is by how much the ends of segments are usually off from a start, and of
// how many that is known; holes tell nothing. coarse: to both sides, and together
// lengths are as long as steps, so that only the starts are rounded.
func (b *builder) offsets(k *keyTimes) (off time.Duration, coarse bool, known int) {
	var all []time.Duration
	var sum time.Duration
	longer := 0
	for _, i := range k.segs {
		d := b.segs[i].told()
		to, ok := k.nearest(b, i)
		if k.named {
			to, ok = k.next(b, i)
		}
		if !ok || to > d/outOfLineDen*outOfLineNum {
			continue
		}
		if to > d {
			longer++
		}
		all, sum = append(all, (to-d).Abs()), sum+to-d
	}
	known = len(all)
	return median(all), sum.Abs() <= k.step && longer*8 >= known && (known-longer)*8 >= known, known
}

// stepOn lets each segment of a writer end where its next one begins, but before a
// hole, where the usual difference counts, and such as are plainly shorter than the
// others. Where only the starts are rounded, lengths stay what is played.
func (b *builder) stepOn(k *keyTimes, usual time.Duration, coarse bool) {
	var diffs []time.Duration
	for _, i := range k.segs {
		if to, ok := k.next(b, i); ok {
			diffs = append(diffs, to-b.segs[i].told())
		}
	}
	most := median(diffs)
	for _, i := range k.segs {
		d := b.segs[i].told()
		to, ok := k.next(b, i)
		switch {
		case d < usual/4*3 && !(ok && to < d):
			continue
		case !ok || to > d/outOfLineDen*outOfLineNum:
			to = max(d+most, k.step/2)
		}
		b.setSpan(i, to, !coarse)
	}
}

// setSpan sets how long a segment lasts beside others, and if so asked what is
// told of its length.
func (b *builder) setSpan(i int32, d time.Duration, told bool) {
	if b.spans == nil {
		b.spans = make([]time.Duration, len(b.segs))
	}
	b.spans[i] = d
	s := b.segs[i]
	if (s.Length - d).Abs() > tolerance {
		b.warnings[warnDisagree] = true
	}
	if told {
		s.Length = d
	}
}

// spanned is the length that goes with a start time: what keys say, unless what
// was measured is plainly another.
func (b *builder) spanned(i int32) time.Duration {
	s := b.segs[i]
	d, told := s.known(), s.told()
	span := told
	if b.spans != nil && b.spans[i] > 0 {
		if span = b.spans[i]; d > span {
			return span
		}
	}
	if s.LengthSource == FromKey && ((d-told).Abs() <= told/slack || (d-span).Abs() <= told/slack) {
		return span
	}
	return d
}
