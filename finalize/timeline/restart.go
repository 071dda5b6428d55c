package timeline

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const warnOverwritten = "overwritten"

const (
	// shifted is how far a stream that was restarted over old keys is apart from
	// it at least: by less, uploads are only late.
	shifted = time.Minute
	// lasting is how many segments in a row prove that a shift lasts.
	lasting = 3
)

// restarted is a pair of runs that are neighbours in number only, because keys
// were used again: what is left of the old stream follows the new one.
type restarted struct{ head, tail *run }

// block is a stretch of numbers that one stream wrote, with its first upload and
// the least of upload − number × length.
type block struct {
	from            int64 // first number
	lo, hi          int   // in the strand that was looked at
	earliest, level int64
}

// cutRestarts makes one run of the strands of a writer or, where a stream was
// restarted over its old keys, one for each stream. A segment cannot be uploaded
// before one that was made before it, so where uploads of higher numbers lie
// before those of all lower ones, lastingly and by more than a minute, the
// higher ones are left from an older stream: blocks of numbers, the oldest last.
// Retries are late and never early, and a backlog that is uploaded beside the
// live segments or in a burst after them is no stream of its own.
func (b *builder) cutRestarts(nonce string, strands []strand, typical time.Duration) {
	blocks, strays := b.blocks(&strands[0], typical)
	if len(blocks) < 2 && !strays {
		b.runs = append(b.runs, newRun(nonce, strands, typical))
		return
	}
	parts := make([][]strand, len(blocks)+1)
	first := strands[0].items[0].seq
	at := func(seq int64) time.Duration {
		if seq < first {
			return -span(first-seq, cmp.Or(typical, fallback))
		}
		return span(seq-first, cmp.Or(typical, fallback))
	}
	for k := range strands {
		for p, items := range b.deal(blocks, strands[k].items, at) {
			if len(items) > 0 {
				parts[p] = append(parts[p], strand{strands[k].rendition, items})
			}
		}
	}
	var before *run
	for p, s := range parts {
		if len(s) == 0 {
			continue
		}
		r := newRun(nonce, s, typical)
		r.epoch, r.used = p, true
		if b.runs = append(b.runs, r); before != nil {
			b.cuts = append(b.cuts, restarted{before, r})
		}
		before = r
	}
	b.warnings[warnOverwritten] = true
}

// blocks cuts a strand into its streams, and tells whether single segments of
// older ones are left in between.
func (b *builder) blocks(s *strand, typical time.Duration) (out []block, strays bool) {
	at, up, seqs := b.uploads(s, typical)
	if !slides(up) {
		return nil, false
	}
	cur := block{from: seqs[0], earliest: up[0]}
	cuts := []block{cur}
	stray := false // the one before is
	for i := 1; i < len(up); i++ {
		c := &cuts[len(cuts)-1]
		was := stray
		stray = false
		switch {
		case up[i] >= c.earliest:
		case i-c.lo >= lasting && time.Duration(up[i-1]-up[i])+at[i]-at[i-1] > shifted || was:
			if lasts(up[i:], c.earliest) {
				c.hi = i
				cuts = append(cuts, block{from: seqs[i], lo: i, earliest: up[i]})
			} else {
				strays, stray = true, true
			}
		default:
			c.earliest = up[i]
		}
	}
	cuts[len(cuts)-1].hi = len(up)
	out = proved(cuts, at, up)
	for k := range out {
		c := &out[k]
		c.level = math.MaxInt64
		for i := c.lo; i < c.hi; i++ {
			if up[i] >= c.earliest {
				c.level = min(c.level, up[i]-int64(at[i]))
			}
		}
	}
	return out, strays && live(out, at, up)
}

// live tells whether all blocks look live, without the segments in them that are
// older.
func live(blocks []block, at []time.Duration, up []int64) bool {
	for _, c := range blocks {
		var as []time.Duration
		var us []int64
		for i := c.lo; i < c.hi; i++ {
			if up[i] >= c.earliest {
				as, us = append(as, at[i]), append(us, up[i])
			}
		}
		if len(us) < fewest || (c.hi-c.lo-len(us))*4 > len(us) || votes(as, us) <= 0 {
			return false
		}
	}
	return true
}

// slides tells whether uploads ever go back by what a restart must.
func slides(up []int64) bool {
	high := int64(math.MinInt64)
	for _, u := range up {
		if high > u && time.Duration(high-u) > shifted {
			return true
		}
		high = max(high, u)
	}
	return false
}

// lasts tells whether most of the next uploads lie before a moment.
func lasts(up []int64, moment int64) bool {
	n := 0
	for _, u := range up[:min(len(up), 2*lasting-1)] {
		if u < moment {
			n++
		}
	}
	return n >= lasting
}

// proved joins blocks again where one of two neighbours does not look live, or
// where more of the second was uploaded after the first began than retries
// explain.
func proved(cuts []block, at []time.Duration, up []int64) []block {
	out := cuts[:1]
	for _, c := range cuts[1:] {
		head := &out[len(out)-1]
		late := 0
		for _, u := range up[c.lo:c.hi] {
			if u >= head.earliest {
				late++
			}
		}
		if late <= max(2, (c.hi-c.lo)/4) && c.hi-c.lo-late >= lasting &&
			votes(at[head.lo:head.hi], up[head.lo:head.hi]) > 0 && votes(at[c.lo:c.hi], up[c.lo:c.hi]) > 0 {
			out = append(out, c)
			continue
		}
		head.hi, head.earliest = c.hi, min(head.earliest, c.earliest)
	}
	return out
}

// deal gives each item of a strand its block: that of its number (at the border
// the newer one as long as uploads say so), unless its upload says that it is
// older: then the next that had begun by then, or none.
func (b *builder) deal(blocks []block, items []entry, at func(seq int64) time.Duration) [][]entry {
	split := make([][]entry, len(blocks)+1)
	p := 0
	for _, e := range items {
		up, known := stamp(b.segs[e.seg].uploaded())
		for p+1 < len(blocks) && e.seq >= blocks[p+1].from && !(known && up >= blocks[p].earliest) {
			p++
		}
		q := p
		for known && q < len(blocks) && up-int64(at(e.seq)) < blocks[q].level-int64(shifted/2) {
			q++
		}
		split[q] = append(split[q], e)
	}
	return split
}

// uploads are the first uploads of the numbers of a strand, with their place by
// number alone: a restart shows in the uploads before any media is read.
func (b *builder) uploads(s *strand, typical time.Duration) (at []time.Duration, up []int64, seqs []int64) {
	x := &b.scratch
	x.reset()
	typical = cmp.Or(typical, fallback)
	for i := 0; i < len(s.items); {
		j := s.next(i)
		if u, ok := b.firstUpload(s.items[i:j]); ok {
			x.ends = append(x.ends, span(s.items[i].seq-s.items[0].seq, typical))
			x.ups, x.seqs = append(x.ups, u), append(x.seqs, s.items[i].seq)
		}
		i = j
	}
	return x.ends, x.ups, x.seqs
}

// firstUpload is the earliest upload of segments under one number.
func (b *builder) firstUpload(items []entry) (first int64, known bool) {
	for _, e := range items {
		if t, ok := stamp(b.segs[e.seg].uploaded()); ok && (!known || t < first) {
			first, known = t, true
		}
	}
	return first, known
}

// doubtRestarts records cuts over which media runs on exactly: an encoder that
// starts over at the same timestamps looks so, and so does one stream whose
// uploads came in an odd order.
func (b *builder) doubtRestarts() {
	of := b.numberingOf()
	for _, c := range b.cuts {
		head, tail := &c.head.strands[0], &c.tail.strands[0]
		from, to := head.items[len(head.items)-1], tail.items[0]
		s, t := b.segs[from.seg], b.segs[to.seg]
		want := c.head.length(b, from.seg) + span(to.seq-from.seq-1, c.head.typical)
		d, known := advance(s.media(), t.media(), want)
		if from.seq >= to.seq || !known || (d-want).Abs() > tolerance {
			continue
		}
		x, y := of[b.home[from.seg]], of[b.home[to.seg]]
		b.doubt("order", "media runs on from keys that were used again to what is left of the old ones", x, y)
	}
}

// mixes tells whether a numbering holds another stream that used the keys of a
// run.
func (n *numbering) mixes(r *run) bool {
	return r.used && slices.ContainsFunc(n.streams, func(o *run) bool { return o.nonce == r.nonce && o.store == r.store && o.epoch != r.epoch })
}
