package timeline

import (
	"slices"
	"time"
)

// row is one number of a numbering: what becomes a slot.
type row struct {
	num     *numbering
	place   int // in num
	seq     int64
	missing int64 // numbers that nobody has, between the row before and this one
	// Where several numberings are covered together: the clock that this row
	// shares (0: none), and the media time that nobody has before it.
	axis int32
	lack time.Duration

	length  time.Duration
	source  Source
	join    bool // media does not continue from the row before
	changed bool // parameters differ

	wall int64
	hole time.Duration // that the missing numbers make
	gap  time.Duration
}

// clocked tells whether the row after is on the same media clock as far as
// numbers or other evidence tell: only there media may continue.
func (r *row) clocked(after *row) bool {
	return r.num == after.num || r.axis != 0 && r.axis == after.axis
}

// want is the time that is missing before a row, by numbers or by a shared clock.
func (r *row) want() time.Duration {
	if r.lack > 0 {
		return r.lack
	}
	return span(r.missing, r.num.typical)
}

// choose makes the rows of all numberings and picks one copy for each number
// and rendition.
func (b *builder) choose() (rows []row, picks [][]int) {
	picks = make([][]int, len(b.renditions))
	total := 0
	for _, n := range b.nums {
		total += len(n.seqs)
	}
	rows = make([]row, 0, total)
	for r := range picks {
		picks[r] = make([]int, 0, total)
	}
	for _, n := range b.nums {
		n.from = len(rows)
		for i, s := range n.seqs {
			r := row{num: n, place: i, seq: s}
			if i > 0 {
				r.missing = s - n.seqs[i-1] - 1
			}
			rows = append(rows, r)
		}
		n.to = len(rows)
		var leader []int
		for r := range b.renditions {
			from := len(picks[r])
			picks[r] = b.pickCopies(picks[r], n, r, leader)
			if r == 0 {
				leader = picks[r][from:]
			}
		}
	}
	return rows, picks
}

// option is one way to fill a place: the best copy of one writer. Its costs are
// those of the cheapest way that leads to it.
type option struct {
	seg   int
	nonce string
	cost  cost
	prev  int // option of the filled place before
}

// cost is what a choice loses, the most important first. Times are bounded by
// an hour each, so that sums stay far from overflow.
type cost [9]int64

const (
	worseQuality = iota // as their writer judges them
	notNamed            // where a playlist names another copy
	lostTime            // ns that another copy of the same number has more
	notKept             // segments other than those that a committed version chose
	switches            // of writer; twice where decoding cannot start there
	apart               // places with another writer than the leading rendition
	offTypical          // ns from the usual length
	lessBytes           // minus the bytes
	lateness            // rank by upload time, then key
)

// pickCopies chooses for one rendition, and adds the choice to picks: the least loss
// over the whole numbering. A switch of writer is a property of two neighbours, so
// this is a shortest path; it is linear, because the best of all options before, or
// the one of the same writer, is all that an option needs to know. A number that has
// one copy leaves no choice, and all ways lead through it: there a path ends, and the
// next begins.
func (b *builder) pickCopies(picks []int, n *numbering, rendition int, leader []int) []int {
	from := len(picks)
	var places [][]option // of the path, from the last number that left no choice
	var where []int
	end := func() {
		if len(places) > 0 {
			at := cheapest(places[len(places)-1])
			for k := len(places) - 1; k >= 0; k-- {
				o := &places[k][at]
				picks[from+where[k]] = o.seg
				at = o.prev
			}
		}
		places, where = places[:0], where[:0]
	}
	alone := -1 // the segment before, where that left no choice
	for i := range n.seqs {
		picks = append(picks, -1)
		copies := n.copies(b, i, rendition)
		if len(copies) == 0 {
			continue
		}
		if len(copies) == 1 && len(places) == 0 {
			alone = int(copies[0])
			picks[from+i] = alone
			continue
		}
		led := -1
		if leader != nil {
			led = leader[i]
		}
		options := b.options(copies, n.typical, led)
		switch {
		case len(places) > 0:
			b.lengthen(places[len(places)-1], options)
		case alone >= 0:
			b.lengthen([]option{{seg: alone, nonce: b.segs[alone].Nonce}}, options)
		}
		places, where = append(places, options), append(where, i)
		if len(options) == 1 {
			end()
			alone = options[0].seg
		}
	}
	end()
	return picks
}

// lengthen adds to each option the cheapest way to it. Both lists are in order of
// writers.
func (b *builder) lengthen(before, options []option) {
	best := cheapest(before)
	j := 0
	for i := range options {
		o := &options[i]
		for j < len(before) && before[j].nonce < o.nonce {
			j++
		}
		o.prev = best
		from := before[best].cost
		if before[best].nonce != o.nonce {
			from[switches]++
			if !b.segs[o.seg].media().Access {
				from[switches]++
			}
			if j < len(before) && before[j].nonce == o.nonce && slices.Compare(before[j].cost[:], from[:]) <= 0 {
				from, o.prev = before[j].cost, j
			}
		}
		for k := range o.cost {
			o.cost[k] += from[k]
		}
	}
}

func cheapest(options []option) int {
	best := 0
	for i := range options {
		if slices.Compare(options[i].cost[:], options[best].cost[:]) < 0 {
			best = i
		}
	}
	return best
}
