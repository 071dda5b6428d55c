package timeline

import (
	"cmp"
	"slices"
	"time"
)

// run is what one writer wrote of one stream without a leap in its numbers, in
// all renditions.
type run struct {
	nonce       string
	store       string // where stores hold other streams of the writer; else empty
	epoch       int    // which of the streams that used the same keys; 0: the only one, or the last
	used        bool
	strands     []strand // by rendition; the first is the one that times the run
	first, last int64
	typical     time.Duration

	live    verdict
	stamped bool            // some upload time is known
	begins  bool            // start times of keys or sidecars are evidence
	at      []time.Duration // of each item of the first strand: its place on the run's clock
	leaps   []int32         // items at which media time does not follow the numbers
	wall    []int64         // the same in wall time; nil where nothing tells it
	ahead   time.Duration   // of its clock before that of the numbering, which was taken from wall
}

// strand is one rendition of a run, by number. Several items have the same
// number when two names mean it ("7" and "007"), or two stores hold it.
type strand struct {
	rendition int
	items     []entry
}

// next is the index after the items that have the number of item i.
func (s *strand) next(i int) int {
	j := i + 1
	for j < len(s.items) && s.items[j].seq == s.items[i].seq {
		j++
	}
	return j
}

// find gives the items that have a number.
func (s *strand) find(seq int64) []entry {
	lo := s.search(seq)
	if lo == len(s.items) || s.items[lo].seq != seq {
		return nil
	}
	return s.items[lo:s.next(lo)]
}

// search is the index of the first item with that number or a higher one.
func (s *strand) search(seq int64) int {
	i, _ := slices.BinarySearchFunc(s.items, seq, func(e entry, n int64) int { return cmp.Compare(e.seq, n) })
	return i
}

// of is the strand of a rendition, or nil.
func (r *run) of(rendition int) *strand {
	for k := range r.strands {
		if r.strands[k].rendition == rendition {
			return &r.strands[k]
		}
	}
	return nil
}

// count is how many segments the run has.
func (r *run) count() int {
	n := 0
	for k := range r.strands {
		n += len(r.strands[k].items)
	}
	return n
}

// verdict is yes, no or not yet known.
type verdict uint8

const (
	unknown verdict = iota
	yes
	no
)

// makeRuns groups the healthy segments by writer and cuts where numbers leap
// and where keys were used again.
func (b *builder) makeRuns() {
	var strands []strand
	for lo := 0; lo < len(b.order); {
		g := b.order[lo].group
		hi := lo + 1
		for hi < len(b.order) && b.order[hi].group == g {
			hi++
		}
		strands = append(strands, strand{b.groups[g].rendition, b.order[lo:hi:hi]})
		if hi == len(b.order) || b.groups[b.order[hi].group].nonce != b.groups[g].nonce {
			parts := b.byStore(strands)
			for _, part := range parts {
				n := len(b.runs)
				if b.cutRuns(b.groups[g].nonce, part); len(parts) > 1 {
					for _, r := range b.runs[n:] {
						r.store = b.segs[r.strands[0].items[0].seg].Store
					}
				}
			}
			strands = strands[:0]
		}
		lo = hi
	}
	b.defaultTypical()
	b.settle()
}

// settle tells each segment its run.
func (b *builder) settle() {
	for i, r := range b.runs {
		for k := range r.strands {
			for _, e := range r.strands[k].items {
				b.home[e.seg] = int32(i)
			}
		}
	}
}

// timeRuns finds the clock of each run and puts the runs in order.
func (b *builder) timeRuns() {
	for _, r := range b.runs {
		b.place(r)
		b.judgeUploads(r)
	}
	b.inheritLiveness()
	for _, r := range b.runs {
		b.judgeBegins(r)
		b.anchor(r)
	}
	b.orderRuns()
	b.settle()
}

// cutRuns makes the runs of one writer: wherever no rendition has anything for
// longer than a session's gap, by the usual length, the numbers leapt.
func (b *builder) cutRuns(nonce string, strands []strand) {
	typical := b.typical(strands)
	each := cmp.Or(typical, fallback)
	left := len(strands)
	ends := make([]int, len(strands))
	for left > 0 {
		clear(ends)
		last, begun := int64(0), false
		for {
			next, ok := lowest(strands, ends)
			if !ok || begun && span(next-last-1, each) > b.opt.SessionGap {
				break
			}
			for k := range strands {
				for items := strands[k].items; ends[k] < len(items) && items[ends[k]].seq == next; {
					ends[k]++
				}
			}
			last, begun = next, true
		}
		var taken []strand
		for k := range strands {
			if ends[k] == 0 {
				continue
			}
			taken = append(taken, strand{strands[k].rendition, strands[k].items[:ends[k]:ends[k]]})
			if strands[k].items = strands[k].items[ends[k]:]; len(strands[k].items) == 0 {
				left--
			}
		}
		b.cutRestarts(nonce, taken, typical)
	}
}

// lowest is the lowest number that no strand has behind it.
func lowest(strands []strand, from []int) (seq int64, ok bool) {
	for k := range strands {
		if i := from[k]; i < len(strands[k].items) {
			if n := strands[k].items[i].seq; !ok || n < seq {
				seq, ok = n, true
			}
		}
	}
	return seq, ok
}

func newRun(nonce string, strands []strand, typical time.Duration) *run {
	r := &run{nonce: nonce, strands: strands, typical: typical, first: strands[0].items[0].seq, last: strands[0].items[0].seq}
	for _, s := range strands {
		r.first = min(r.first, s.items[0].seq)
		r.last = max(r.last, s.items[len(s.items)-1].seq)
	}
	return r
}

// samples is how many segments of a writer are looked at for the usual length.
const samples = 1024

// typical is the length of a segment: the median of what keys and sidecars tell
// and of the distance of neighbours, else of what was measured, else of what
// metadata declares; 0 where nothing tells. In a short run most distances may be
// leaps of the clock, and what was measured at the end of the run says so.
func (b *builder) typical(strands []strand) time.Duration {
	count := 0
	for k := range strands {
		count += len(strands[k].items)
	}
	stride := count/samples + 1
	var steps, measured, declared []time.Duration
	told := false
	for k := range strands {
		items := strands[k].items
		for i := 0; i < len(items); i += stride {
			s := b.segs[items[i].seg]
			if d := s.known(); d > 0 {
				measured = append(measured, d)
			}
			if s.media().Declared > 0 {
				declared = append(declared, s.media().Declared)
			}
			told = told || s.told() > 0
			if i == 0 || items[i].seq-items[i-1].seq != 1 {
				continue
			}
			if d, known := advance(b.segs[items[i-1].seg].media(), s.media(), 0); known && d > 0 {
				steps = append(steps, d)
			}
		}
	}
	if leap := len(measured) > 0 && median(steps) > 4*median(measured); len(steps) < 2 || told || leap {
		if leap {
			steps = nil
		}
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

// length is how long a segment of the run is, as far as is known.
func (r *run) length(b *builder, seg int32) time.Duration {
	return cmp.Or(b.segs[seg].known(), r.typical)
}
