package timeline

import (
	"cmp"
	"slices"
	"time"
)

const (
	// reach is how many of many copies speak for all.
	reach = 8
	// recently is how many numberings a run is always compared with: those that
	// were in use last, whenever that was.
	recently = 8
	// farReach is how many it is compared with at most: the others only if they
	// were in use at its time.
	farReach = 64
)

// numbering is a set of runs that count the same stream.
type numbering struct {
	runs        []int32 // by first number
	tops        []int64 // highest number of each chunk of runs
	streams     []*run  // of those that used keys again
	first, last int64
	low, high   int // runs that hold the first and the last number
	typical     time.Duration
	start, end  int64 // wall time, where timed
	timed       bool
	uncertain   bool // nothing of it is ever a leftover

	places
	staged
}

// staged is what choosing and covering know of a numbering.
type staged struct {
	from, to int      // its rows, as long as they are one after another
	pieces   [2]int   // from and to, see stage
	wall     [2]int64 // start and end by its pieces
	walled   bool     // wall is known
	bundle   *bundle
	rowOf    []int32 // by place: its row, or the one that has its time; nil: from + place
}

// number sweeps the runs in order and gives each a numbering: one that it shares
// or one of its own.
func (b *builder) number() {
	var recent []*numbering // last used first
	for i, r := range b.runs {
		n, ahead, doubts := b.share(r, recent)
		if n == nil {
			n = b.newNumbering(i)
			recent = append(recent, nil)
			copy(recent[1:], recent)
			recent[0] = n
			b.nums = append(b.nums, n)
			for _, d := range doubts {
				b.pending = append(b.pending, pending{i, n, d})
			}
		} else {
			k := slices.Index(recent, n)
			copy(recent[1:k+1], recent[:k])
			recent[0] = n
			r.setBack(ahead)
		}
		recent = recent[:min(len(recent), farReach)]
		b.join(n, i)
	}
	for _, n := range b.nums {
		b.arrange(n)
	}
	b.doubtRestarts()
	b.doubtTurns()
	if !slices.ContainsFunc(b.nums, func(n *numbering) bool { return !n.timed }) {
		slices.SortStableFunc(b.nums, func(x, y *numbering) int { return cmp.Compare(x.start, y.start) })
		return
	}
	for i := 1; i < len(b.nums); i++ {
		b.pending = append(b.pending, pending{-1, b.nums[i], doubtful{b.nums[i-1], "separate numberings, and upload times say nothing about their order"}})
	}
}

// share finds the numbering that a run shares. Copies decide before a hole that is
// filled exactly, and that before a continuation: numbers that are merely free say
// little, and of what came late, uploads say nothing. Of several of a kind it is the
// nearest in time. The doubts are
// the numberings that it may share, if it was given none; ahead is by how much its
// clock differs from that of the numbering.
func (b *builder) share(r *run, recent []*numbering) (best *numbering, ahead time.Duration, doubts []doubtful) {
	var found relation
	for k, n := range recent {
		if k >= recently && b.over(r, n) || !numberAlike(r.nonce, b.runs[n.low].nonce) {
			continue
		}
		rel := b.relate(r, n)
		switch rel.kind {
		case unsure:
			doubts = append(doubts, doubtful{n, rel.why})
		case copies, completes, continues:
			if best == nil || rel.kind > found.kind || rel.kind == found.kind && rel.distance < found.distance {
				best, found = n, rel
			}
		}
	}
	return best, found.ahead, doubts
}

// over tells whether a numbering was not in use at the time of a run, nor so
// shortly before or after that retries could meet.
func (b *builder) over(r *run, n *numbering) bool {
	away := int64(b.opt.SessionGap + retried)
	return r.timed() && n.timed && (r.start() > n.end+away || r.end() < n.start-away)
}

// doubtful is a numbering that a run may or may not share.
type doubtful struct {
	n   *numbering
	why string
}

// pending is a doubt about the order of two numberings, which a clock that they
// share may settle.
type pending struct {
	run int // that has numbering n for itself, or -1: all of it
	n   *numbering
	doubtful
}

// settleDoubts says what is still doubtful of numberings that are not covered
// together.
func (b *builder) settleDoubts() {
	for _, p := range b.pending {
		switch {
		case p.n.bundle != nil && p.n.bundle == p.doubtful.n.bundle:
		case p.run >= 0:
			b.doubtOrder(p.run, p.n, p.doubtful)
		default:
			b.doubt("order", p.why, p.doubtful.n, p.n)
		}
	}
}

func (b *builder) newNumbering(i int) *numbering {
	r := b.runs[i]
	return &numbering{first: r.first, last: r.last, low: i, high: i, typical: r.typical}
}

// join puts a run into a numbering.
func (b *builder) join(n *numbering, i int) {
	r := b.runs[i]
	b.index(n, i)
	if r.used {
		n.streams = append(n.streams, r)
	}
	if r.first < n.first {
		n.first, n.low = r.first, i
	}
	if r.last > n.last {
		n.last, n.high = r.last, i
	}
	if r.timed() {
		if !n.timed {
			n.start, n.end, n.timed = r.start(), r.end(), true
		}
		n.start, n.end = min(n.start, r.start()), max(n.end, r.end())
	}
}

// chunk is how many runs of a numbering are passed over at once.
const chunk = 64

// index puts a run into the index by numbers.
func (b *builder) index(n *numbering, i int) {
	first := b.runs[i].first
	k, _ := slices.BinarySearchFunc(n.runs, first, func(o int32, f int64) int {
		if b.runs[o].first <= f {
			return -1
		}
		return 1
	})
	n.runs = slices.Insert(n.runs, k, int32(i))
	n.tops = n.tops[:min(len(n.tops), k/chunk)]
	for c := len(n.tops); c*chunk < len(n.runs); c++ {
		top := b.runs[n.runs[c*chunk]].last
		for _, o := range n.runs[c*chunk : min(len(n.runs), (c+1)*chunk)] {
			top = max(top, b.runs[o].last)
		}
		n.tops = append(n.tops, top)
	}
}

// overlapping are the runs of a numbering that reach into a range of numbers,
// by first number. They are valid until the next call.
func (b *builder) overlapping(n *numbering, first, last int64) []int32 {
	out := b.scratch.over[:0]
	for c, top := range n.tops {
		if top < first {
			continue
		}
		for _, o := range n.runs[c*chunk : min(len(n.runs), (c+1)*chunk)] {
			if b.runs[o].first > last {
				b.scratch.over = out
				return out
			}
			if b.runs[o].last >= first {
				out = append(out, o)
			}
		}
	}
	b.scratch.over = out
	return out
}

// length is the media time that the numbers of a numbering span.
func (n *numbering) length() time.Duration { return span(n.last-n.first+1, n.typical) }
