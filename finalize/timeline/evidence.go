package timeline

// evidence is what the numbers that a run has in common with a numbering tell.
type evidence struct {
	common, numbers int // segments in common, by rendition and number; numbers in common
	at              int64
	other           int // a run of the numbering that has the number `at`

	like, unlike    [2]int // contents; [1]: of the source
	unlikeInside    int    // of the source, and not at an end of either run
	timed, agreeing int    // media starts that can be compared; that agree

	pairs [edge]pair // what could be read to learn more, by how much it would tell
}

// pair are two segments under one number that were not both read whole. The
// best pair of its kind is kept: one of which a half was read, then that with
// the highest number, because restarts begin behind the same slate.
type pair struct {
	some bool
	half bool
	seq  int64
	i, j int32
}

// Kinds of pairs: the source speaks for all, and at its ends a writer may have
// another part of a segment.
const (
	sourceInside = iota
	sourceEdge
	inside
	outside
	edge
)

// mostCompared is how many numbers that two runs share are compared at most:
// of more a regular sample.
const mostCompared = 256

// gather compares what a run and a numbering have under the same numbers.
func (b *builder) gather(r *run, n *numbering) evidence {
	var e evidence
	over := b.overlapping(n, r.first, r.last)
	if len(over) == 0 {
		return e
	}
	first, last := b.runs[over[0]].first, b.runs[over[0]].last
	for _, o := range over {
		last = max(last, b.runs[o].last)
	}
	for k := range r.strands {
		s := &r.strands[k]
		source := 0
		if b.renditions[s.rendition] == b.opt.Source {
			source = 1
		}
		lo := s.search(first)
		stride := (s.search(last) - lo) / mostCompared
		for i := lo; i < len(s.items) && s.items[i].seq <= last; {
			j := s.next(i)
			b.meet(&e, r, meeting{s.rendition, source, s.items[i:j]}, over)
			if e.unlikeInside >= plenty && e.like == [2]int{} {
				return e
			}
			i = max(j, i+stride)
		}
	}
	return e
}

// plenty is how many contents of the source that differ settle a restart where
// none is equal.
const plenty = 4

// meeting is one number of a run that is held against a numbering.
type meeting struct {
	rendition, source int
	items             []entry
}

// meet adds one number to the evidence.
func (b *builder) meet(e *evidence, r *run, m meeting, over []int32) {
	seq := m.items[0].seq
	others := b.scratch.other[:0]
	holder := -1
	for _, o := range over {
		h := b.runs[o]
		if seq < h.first || seq > h.last {
			continue
		}
		if t := h.of(m.rendition); t != nil {
			for _, x := range t.find(seq) {
				others = append(others, x.seg)
			}
		}
		if holder < 0 && h.has(seq) {
			holder = int(o)
		}
	}
	b.scratch.other = others
	if holder < 0 {
		return
	}
	if e.numbers++; e.numbers == 1 {
		e.at, e.other = seq, holder
	}
	if len(others) == 0 {
		return
	}
	o := b.runs[b.home[others[0]]]
	if e.common++; e.common == 1 {
		e.at, e.other = seq, int(b.home[others[0]])
	}
	atEnd := seq == r.first || seq == r.last || seq == o.first || seq == o.last
	switch best := b.weigh(e, m, others); {
	case best == different && m.source == 1 && !atEnd:
		e.unlikeInside++
	case best == incomparable:
		kind := inside
		if m.source == 1 {
			kind = sourceInside
		}
		if atEnd {
			kind++
		}
		b.offer(&e.pairs[kind], m.items[0].seg, others)
	}
}

// has tells whether some rendition has a number.
func (r *run) has(seq int64) bool {
	for k := range r.strands {
		if len(r.strands[k].find(seq)) > 0 {
			return true
		}
	}
	return false
}

// weigh adds the likeness of the best pair of contents, and whether media times
// agree. Of very many copies the first few speak for all.
func (b *builder) weigh(e *evidence, m meeting, others []int32) likeness {
	best := incomparable
	timed, agree := false, false
	for _, x := range m.items[:min(len(m.items), reach)] {
		for _, j := range others[:min(len(others), reach)] {
			s, t := b.segs[x.seg], b.segs[j]
			best = max(best, compare(s, t))
			if d, ok := advance(s.media(), t.media(), 0); ok {
				timed = true
				agree = agree || d.Abs() <= tolerance
			}
		}
	}
	switch {
	case best == different:
		e.unlike[m.source]++
	case best > different:
		e.like[m.source]++
	}
	if timed {
		e.timed++
	}
	if agree {
		e.agreeing++
	}
	return best
}

// offer keeps the better of two pairs that could be read.
func (b *builder) offer(p *pair, i int32, others []int32) {
	whole := func(k int32) bool { return b.level(k) >= ReadWhole }
	j := others[0]
	for _, o := range others[:min(len(others), reach)] {
		if whole(o) {
			j = o
			break
		}
	}
	if b.segs[i].media().Level >= ReadWhole && b.segs[j].media().Level >= ReadWhole {
		return // nothing is left to be read
	}
	half, seq := whole(i) || whole(j), b.segs[i].Seq
	if !p.some || half && !p.half || half == p.half && seq > p.seq {
		*p = pair{true, half, seq, i, j}
	}
}

// compared is how many equal contents settle that two runs are copies where
// their uploads do not say so.
const compared = 3

// sample asks for one more pair of contents, where lengths of keys or sidecars
// made reading unnecessary and what is known does not settle whether two runs
// are copies: one pair does if it differs, or if the uploads of both lie close
// together as well (a restart may begin with the same slate).
func (b *builder) sample(e *evidence, close bool) bool {
	if b.opt.Durations == Trust || e.unlikeInside > 0 {
		return false
	}
	kinds := []int{sourceInside, sourceEdge}
	like, unlike := e.like[1], e.unlike[1]
	if like+unlike == 0 && !e.pairs[sourceInside].some && !e.pairs[sourceEdge].some {
		kinds = []int{inside, outside}
		if like, unlike = e.like[0], e.unlike[0]; unlike > 0 {
			return false
		}
	}
	if like > 0 && (close || unlike > 0 || like >= compared) {
		return false
	}
	for _, k := range kinds {
		if p := &e.pairs[k]; p.some {
			b.ask(p.i, ReadWhole)
			b.ask(p.j, ReadWhole)
			return true
		}
	}
	return false
}
