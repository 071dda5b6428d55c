package timeline

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const warnBegins = "start-times-off"

// Start times in keys or sidecars that are further off from uploads that look
// live are of a clock that is wrong: an upload cannot lie before the end of its
// media, and does not follow it by hours for a whole run.
const (
	ahead  = time.Minute
	behind = time.Hour
	astray = 24 * time.Hour // of a single one
)

// scratch is memory that is used again for each run.
type scratch struct {
	grid  gridWork
	ends  []time.Duration
	ups   []int64
	seqs  []int64
	index []int32
	who   []int32
	least []int64
	over  []int32
	other []int32
	rates []int64 // of askEdges
	all   []entry

	counts []int32 // of countOut
	sorted []entry
}

func (x *scratch) reset() {
	x.ends, x.ups, x.seqs, x.index, x.who = x.ends[:0], x.ups[:0], x.seqs[:0], x.index[:0], x.who[:0]
}

// place puts the items of the first strand on one axis: by media time where it
// follows the numbers, else by number and length.
func (b *builder) place(r *run) {
	items := r.strands[0].items
	r.at = make([]time.Duration, len(items))
	ref := 0               // the last item with media time
	guess := r.guess(b, 0) // of the way from there, what no key or sidecar tells
	for i := 1; i < len(items); i++ {
		if items[i].seq == items[i-1].seq {
			r.at[i] = r.at[i-1]
			continue
		}
		missing := span(items[i].seq-items[i-1].seq-1, r.typical)
		told := cmp.Or(b.segs[items[i-1].seg].told(), r.typical)
		r.at[i] = min(r.at[i-1]+told+missing, farthest)
		guess = min(guess+missing, farthest)
		from, to := b.segs[items[ref].seg].media(), b.segs[items[i].seg].media()
		if !to.timed() {
			guess += r.guess(b, i)
			continue
		}
		want := r.at[i] - r.at[ref]
		switch d, ok := advance(from, to, want); {
		case !ok:
		case (d - want).Abs() <= max(guess/2, 2*r.typical):
			r.at[i] = max(r.at[i-1], min(r.at[ref]+d, farthest))
		default:
			r.leaps = append(r.leaps, int32(i))
		}
		ref, guess = i, r.guess(b, i)
	}
}

// guess is the length of an item where only the usual length tells it.
func (r *run) guess(b *builder, i int) time.Duration {
	if b.segs[r.strands[0].items[i].seg].told() > 0 {
		return 0
	}
	return r.typical
}

// stamps are the wall times of the ends of the numbers of a run, as far as they
// are known, with those ends on its media clock; scratch.index has the items.
// They are those of uploads or, where start times are evidence and asked for, of
// the media.
func (b *builder) stamps(r *run, begins bool) (ends []time.Duration, ups []int64) {
	x := &b.scratch
	x.reset()
	s := &r.strands[0]
	for i := 0; i < len(s.items); {
		j := s.next(i)
		length := r.length(b, s.items[i].seg)
		up, ok := int64(0), false
		if begins && r.begins {
			up, ok = b.mark(r, s.items[i].seg, length)
		} else {
			up, ok = b.firstUpload(s.items[i:j])
		}
		if ok {
			x.ends, x.ups, x.index = append(x.ends, r.at[i]+length), append(x.ups, up), append(x.index, int32(i))
		}
		i = j
	}
	return x.ends, x.ups
}

// mark is the wall time of the end of a segment, by what is evidence in its run:
// its start time in key or sidecar, else its upload.
func (b *builder) mark(r *run, seg int32, length time.Duration) (int64, bool) {
	s := b.segs[seg]
	if r.begins {
		if at, ok := stamp(s.Begins); ok {
			return r.ours(later(at, length)), true
		}
	}
	if r.live == no && r.begins {
		return 0, false
	}
	up, ok := stamp(s.uploaded())
	return r.ours(up), ok
}

// judgeBegins decides whether the start times of a run are evidence.
func (b *builder) judgeBegins(r *run) {
	s := &r.strands[0]
	least, most := int64(math.MaxInt64), int64(math.MinInt64)
	for i := range s.items {
		seg := b.segs[s.items[i].seg]
		at, ok := stamp(seg.Begins)
		if !ok {
			continue
		}
		r.begins = true
		if up, ok := stamp(seg.uploaded()); ok {
			delay := up - later(at, r.length(b, s.items[i].seg))
			least, most = min(least, delay), max(most, delay)
		}
	}
	if !r.begins || least > most {
		return
	}
	if least < -int64(ahead) || r.live == yes && (least > int64(behind) || most > int64(astray)) {
		r.begins = false
		b.warnings[warnBegins] = true
	}
}

// anchor finds the wall time of a run. It falls into stretches: where media time
// does not follow the numbers, and where the source stood still. Each has an
// anchor of its own, its fastest upload: the smallest upload time − end of
// media. An anchor is never later than those after it, for late uploads can
// only delay one.
func (b *builder) anchor(r *run) {
	ends, ups := b.stamps(r, true)
	if len(ups) == 0 || !r.stamped && !r.begins {
		return
	}
	index := b.scratch.index
	items := r.strands[0].items
	r.wall = make([]int64, len(items))
	heads := b.stretches(r, ends, ups)
	last := int64(0)
	for h := len(heads) - 1; h >= 0; h-- {
		from, to := heads[h], int32(len(items))
		if h+1 < len(heads) {
			to = heads[h+1]
		}
		a, ok := int64(math.MaxInt64), false
		lo, _ := slices.BinarySearch(index, from)
		for k := lo; k < len(index) && index[k] < to; k++ {
			a, ok = min(a, ups[k]-int64(ends[k])), true
		}
		if h+1 < len(heads) {
			a = min(a, last)
		}
		if !ok && h+1 == len(heads) {
			a = b.anchorBefore(index, ends, ups)
		}
		last = a
		for i := from; i < to; i++ {
			r.wall[i] = a + int64(r.at[i])
		}
	}
}

// anchorBefore is an anchor for the end of a run that has no stamps: that of the
// last ones before.
func (b *builder) anchorBefore(index []int32, ends []time.Duration, ups []int64) int64 {
	k := len(index) - 1
	return ups[k] - int64(ends[k])
}

// stretches are the items at which a stretch begins.
func (b *builder) stretches(r *run, ends []time.Duration, ups []int64) []int32 {
	heads := append([]int32{0}, r.leaps...)
	if r.live == yes || r.begins {
		for _, k := range b.stops(ends, ups, nil) {
			heads = append(heads, b.scratch.index[k])
		}
		slices.Sort(heads)
		heads = slices.Compact(heads)
	}
	return heads
}

// wallAt is the wall time of a number, by its nearest neighbour below (or the
// first).
func (r *run) wallAt(seq int64) int64 {
	s := &r.strands[0]
	i := s.search(seq)
	if i > 0 && (i == len(s.items) || s.items[i].seq != seq) {
		i--
	}
	if n := s.items[i].seq; seq < n {
		return r.wall[i] - int64(span(n-seq, r.typical))
	} else {
		return r.wall[i] + int64(span(seq-n, r.typical))
	}
}

// start and end are the bounds of the run in wall time.
func (r *run) start() int64 { return r.wallAt(r.first) }
func (r *run) end() int64   { return r.wallAt(r.last) + int64(r.typical) }

// setBack takes from the wall times of a run by how much its clock is ahead.
func (r *run) setBack(ahead time.Duration) {
	r.ahead = ahead
	for i := range r.wall {
		r.wall[i] = later(r.wall[i], -ahead)
	}
}

// ours is a wall time of the run's own clock by that of its numbering.
func (r *run) ours(at int64) int64 { return later(at, -r.ahead) }

// timed tells whether the run's wall time is evidence.
func (r *run) timed() bool { return r.wall != nil && (r.live == yes || r.begins) }

// orderRuns puts runs in order of time, or of number where nothing tells the
// time of all.
func (b *builder) orderRuns() {
	b.live = !slices.ContainsFunc(b.runs, func(r *run) bool { return r.live != yes || !r.stamped })
	timed := !slices.ContainsFunc(b.runs, func(r *run) bool { return !r.timed() })
	slices.SortFunc(b.runs, func(x, y *run) int {
		if timed {
			if c := cmp.Compare(x.start(), y.start()); c != 0 {
				return c
			}
		}
		return cmp.Or(cmp.Compare(x.first, y.first), cmp.Compare(x.nonce, y.nonce), cmp.Compare(y.epoch, x.epoch), cmp.Compare(x.store, y.store))
	})
}
