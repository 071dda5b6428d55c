package remux

import (
	"math"
	"slices"
)

// reorder is the number of pictures that may precede another in decode order
// and follow it in presentation (the largest DPB, ITU-T H.264 §A.3.1).
const reorder = 16

// fallbackRate is the rate of a part with a single picture.
const fallbackRate = 25

// pictures gives the i-th picture of a part in decode order the i-th smallest
// presentation time as its decode time.
type pictures struct {
	*track
	waiting []*unit // in decode order, with their positions
	times   []int64 // their presentation times, sorted
	next    int64   // no decode time may be smaller
	last    int64   // decode time of the last picture that was written
	step    int64   // from the one before it, in this part; 0: not known
	usual   int64   // the step of an earlier part
}

func (p *pictures) push(u *unit, shift int64) error {
	u.at = p.position(u.pts, u, shift)
	i, _ := slices.BinarySearch(p.times, u.at)
	p.times = slices.Insert(p.times, i, u.at)
	p.waiting = append(p.waiting, u)
	if len(p.waiting) <= reorder+1 {
		return nil
	}
	return p.emit()
}

// emit writes the oldest picture. What follows it in the window tells its
// duration; the last of a part lasts as long as the one before.
func (p *pictures) emit() error {
	u := p.waiting[0]
	p.waiting = slices.Delete(p.waiting, 0, 1)
	dts := max(p.times[0], p.next)
	p.times = slices.Delete(p.times, 0, 1)
	var duration int64
	own := int64(math.MaxInt64) // of its own: over a hole it stands longer
	switch {
	case len(p.times) == 0:
		duration = p.lastStep()
	case p.step > 0 && p.log.hole(u.seg, p.waiting[0].seg):
		own = p.step
		duration = max(p.times[0], dts+1) - dts
	default:
		duration = max(p.times[0], dts+1) - dts
		p.step = duration
	}
	p.last, p.next = dts, dts+1
	if len(p.times) == 0 {
		p.next = dts + duration
	}
	p.log.video(u.seg, p.track, dts, dts+min(duration, own))
	err := p.write(u, u.at, dts, duration)
	p.pool.release(u)
	return err
}

// takeBack gives back what waits from the first picture on of which from is
// true, as if it had not been pushed.
func (p *pictures) takeBack(from func(*unit) bool) []*unit {
	i := slices.IndexFunc(p.waiting, from)
	if i < 0 {
		return nil
	}
	back := slices.Clone(p.waiting[i:])
	p.waiting = p.waiting[:i]
	for _, u := range back {
		k, _ := slices.BinarySearch(p.times, u.at)
		p.times = slices.Delete(p.times, k, k+1)
	}
	return back
}

// lastStep is the duration of the last picture of a part.
func (p *pictures) lastStep() int64 {
	switch {
	case p.step > 0:
		p.usual = p.step
		return p.step
	case p.usual > 0:
		return p.usual
	}
	return max(int64(p.scale)/fallbackRate, 1)
}

func (p *pictures) flush() error {
	for len(p.waiting) > 0 {
		if err := p.emit(); err != nil {
			return err
		}
	}
	p.step = 0
	return nil
}

func (p *pictures) end() int64 { return p.next }

func (p *pictures) reach() (int64, bool) {
	if n := len(p.times); n > 0 {
		return max(p.times[n-1], p.next), true
	}
	return p.next, p.placed
}
