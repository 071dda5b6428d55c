package timeline

import (
	"cmp"
	"slices"
	"time"
)

// run is what one writer wrote without a leap in its numbers, in all
// renditions.
type run struct {
	nonce       string
	strands     []strand // by rendition; the first is the one that times the run
	first, last int64
	typical     time.Duration

	live verdict
	at   []time.Duration // of each item of the first strand: its place on the run's clock
	wall []int64         // the same in wall time; nil where no upload time is known
}

// strand is one rendition of a run, by number.
type strand struct {
	rendition int
	items     []item
}

// item is one number of a strand. More than one segment is there when two names
// mean one number ("7" and "007"), or two stores hold it.
type item struct {
	seq  int64
	segs []int
}

// verdict is yes, no or not yet known.
type verdict uint8

const (
	unknown verdict = iota
	yes
	no
)

// makeRuns groups the healthy segments by writer and cuts where numbers leap.
func (b *builder) makeRuns() {
	for lo := 0; lo < len(b.healthy); {
		hi := lo + 1
		nonce := b.segs[b.healthy[lo]].Nonce
		for hi < len(b.healthy) && b.segs[b.healthy[hi]].Nonce == nonce {
			hi++
		}
		b.cutRuns(b.healthy[lo:hi])
		lo = hi
	}
	b.defaultTypical()
	for _, r := range b.runs {
		b.clock(r)
		b.judgeUploads(r)
	}
	b.inheritLiveness()
	b.orderRuns()
	for i, r := range b.runs {
		for _, s := range r.strands {
			for _, it := range s.items {
				for _, seg := range it.segs {
					b.home[seg] = i
				}
			}
		}
	}
}

// cutRuns makes the runs of one writer, whose segments come by number.
func (b *builder) cutRuns(segs []int) {
	typical := b.typical(segs)
	lo := 0
	for i := 1; i <= len(segs); i++ {
		if i < len(segs) {
			missing := b.segs[segs[i]].Seq - b.segs[segs[i-1]].Seq - 1
			if span(missing, cmp.Or(typical, fallback)) <= b.opt.SessionGap {
				continue
			}
		}
		b.runs = append(b.runs, b.newRun(segs[lo:i], typical))
		lo = i
	}
}

func (b *builder) newRun(segs []int, typical time.Duration) *run {
	r := &run{
		nonce: b.segs[segs[0]].Nonce, typical: typical,
		first: b.segs[segs[0]].Seq, last: b.segs[segs[len(segs)-1]].Seq,
	}
	of := make(map[int]int)
	for _, i := range segs {
		k, ok := of[b.rendition[i]]
		if !ok {
			k = len(r.strands)
			of[b.rendition[i]] = k
			r.strands = append(r.strands, strand{rendition: b.rendition[i]})
		}
		s := &r.strands[k]
		if n := len(s.items); n > 0 && s.items[n-1].seq == b.segs[i].Seq {
			s.items[n-1].segs = append(s.items[n-1].segs, i)
			continue
		}
		s.items = append(s.items, item{seq: b.segs[i].Seq, segs: []int{i}})
	}
	slices.SortFunc(r.strands, func(x, y strand) int { return cmp.Compare(x.rendition, y.rendition) })
	return r
}

// typical is the length of a segment: the median distance of neighbours, else
// of what was measured, else of what metadata declares; 0 where nothing tells. In
// a run of two the only distance may be a leap of the clock, and what was
// measured at the end of the run says so.
func (b *builder) typical(segs []int) time.Duration {
	var steps, measured, declared []time.Duration
	before := map[int]int{}
	for _, i := range segs {
		m := &b.segs[i].Media
		if m.Duration > 0 {
			measured = append(measured, m.Duration)
		}
		if m.Declared > 0 {
			declared = append(declared, m.Declared)
		}
		p, ok := before[b.rendition[i]]
		before[b.rendition[i]] = i
		if !ok || b.segs[i].Seq-b.segs[p].Seq != 1 {
			continue
		}
		if d, known := advance(&b.segs[p].Media, m, 0); known && d > 0 {
			steps = append(steps, d)
		}
	}
	if len(steps) < 2 {
		steps = append(measured, steps...)
	}
	return min(cmp.Or(median(steps), median(declared)), longest)
}

// defaultTypical gives runs that tell nothing the median of the others.
func (b *builder) defaultTypical() {
	var known []time.Duration
	for _, r := range b.runs {
		if r.typical > 0 {
			known = append(known, r.typical)
		}
	}
	d := cmp.Or(median(known), fallback)
	for _, r := range b.runs {
		r.typical = cmp.Or(r.typical, d)
	}
}

// clock places the items of the first strand on one axis and finds the wall
// time of each. Where media time does not follow the numbers a new stretch
// begins, with an anchor of its own: the fastest upload of its segments, the
// smallest upload time − end of media. An anchor is never later than those
// after it, for late uploads can only delay one.
func (b *builder) clock(r *run) {
	items := r.strands[0].items
	r.at = make([]time.Duration, len(items))
	anchors := make([]int64, len(items)) // of the stretch, at its first item
	heads := []int{0}
	known := false
	for i := range items {
		if i > 0 {
			want := span(items[i].seq-items[i-1].seq, r.typical)
			d, ok := advance(&b.segs[items[i-1].segs[0]].Media, &b.segs[items[i].segs[0]].Media, want)
			if ok && (d-want).Abs() > max(want/2, 2*r.typical) {
				heads, ok = append(heads, i), false
			}
			if !ok {
				d = want
			}
			r.at[i] = min(r.at[i-1]+d, farthest)
		}
		h := heads[len(heads)-1]
		if h == i {
			anchors[h] = int64(farthest) * 4
		}
		for _, s := range items[i].segs {
			if up, ok := stamp(b.segs[s].Uploaded); ok {
				known = true
				anchors[h] = min(anchors[h], up-int64(r.at[i]+r.length(b, s)))
			}
		}
	}
	if !known {
		return
	}
	for k := len(heads) - 2; k >= 0; k-- {
		anchors[heads[k]] = min(anchors[heads[k]], anchors[heads[k+1]])
	}
	r.wall = make([]int64, len(items))
	h := 0
	for i := range items {
		if h+1 < len(heads) && heads[h+1] == i {
			h++
		}
		a := anchors[heads[h]]
		if a == int64(farthest)*4 { // no upload time from here on
			a = anchors[heads[h-1]]
			anchors[heads[h]] = a
		}
		r.wall[i] = a + int64(r.at[i])
	}
}

// length is how long a segment of the run is, as far as is known.
func (r *run) length(b *builder, seg int) time.Duration {
	return min(cmp.Or(max(b.segs[seg].Media.Duration, 0), r.typical), longest)
}

// wallAt is the wall time of a number, by its nearest neighbour below (or the
// first).
func (r *run) wallAt(seq int64) int64 {
	items := r.strands[0].items
	i, found := slices.BinarySearchFunc(items, seq, func(it item, s int64) int { return cmp.Compare(it.seq, s) })
	if !found && i > 0 {
		i--
	}
	if seq < items[i].seq {
		return r.wall[i] - int64(span(items[i].seq-seq, r.typical))
	}
	return r.wall[i] + int64(span(seq-items[i].seq, r.typical))
}

// start and end are the bounds of the run in wall time.
func (r *run) start() int64 { return r.wallAt(r.first) }
func (r *run) end() int64   { return r.wallAt(r.last) + int64(r.typical) }

// timed tells whether the run's wall time is evidence.
func (r *run) timed() bool { return r.live == yes && r.wall != nil }

// orderRuns puts runs in order of time, or of number where upload times say
// nothing.
func (b *builder) orderRuns() {
	b.live = !slices.ContainsFunc(b.runs, func(r *run) bool { return !r.timed() })
	slices.SortFunc(b.runs, func(x, y *run) int {
		if b.live {
			if c := cmp.Compare(x.start(), y.start()); c != 0 {
				return c
			}
		}
		return cmp.Or(cmp.Compare(x.first, y.first), cmp.Compare(x.nonce, y.nonce))
	})
}
