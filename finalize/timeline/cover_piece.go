package timeline

import "time"

// piece is a sequence of rows of one numbering on one media clock, before
// anything is known of other numberings.
type piece struct {
	num      *numbering
	from, to int           // rows
	clock    time.Duration // media time of its start
	wrap     time.Duration // period of the clock
	media    bool          // clock is known
	anchor   int64         // wall time of its start, by its fastest upload
	timed    bool          // anchor is known
	length   time.Duration

	axis  int   // index into stage.axes, or -1
	start int64 // where its first row begins, on the axis of all that are covered together
}

// stage is what the cover works on: the rows of all numberings with their places
// on one axis.
type stage struct {
	b     *builder
	rows  []row
	picks [][]int
	at    []int64 // of each row: its start, in its piece and later on the axis
	len   []int64 // of each row
	of    []int32 // of each row: its piece
	all   []piece

	axes  []axis
	needs []Need
	heir  []int32 // of each row that lost: the one that has its time; nil: none lost
}

// axis is a media clock that pieces of several numberings share.
type axis struct {
	pieces []int
	// proved: that they show the same stream; equal content at equal times says so.
	proved bool
}

func newStage(b *builder, rows []row, picks [][]int) *stage {
	return &stage{
		b: b, rows: rows, picks: picks,
		at: make([]int64, len(rows)), len: make([]int64, len(rows)), of: make([]int32, len(rows)),
	}
}

// speaker is the segment of a row that tells its media time: that of the first
// rendition whose start is known; else any, with false.
func (st *stage) speaker(i int) (seg int, timed bool) {
	seg = -1
	for _, ps := range st.picks {
		if ps[i] < 0 {
			continue
		}
		if st.b.segs[ps[i]].media().timed() {
			return ps[i], true
		}
		if seg < 0 {
			seg = ps[i]
		}
	}
	return seg, false
}

// cut makes the pieces of a numbering: a new one begins where media time does
// not follow the numbers.
func (st *stage) cut(n *numbering) {
	n.pieces = [2]int{len(st.all), len(st.all)}
	known, speaks := -1, -1 // the last row of the piece whose media time is known, and who told it
	for i := n.from; i < n.to; i++ {
		seg, timed := st.speaker(i)
		if i == n.from {
			st.open(n, i)
		} else {
			step := st.len[i-1] + int64(span(st.rows[i].missing, n.typical))
			fits := true
			st.at[i] = st.at[i-1] + step
			if timed && known >= 0 {
				want := time.Duration(st.at[i] - st.at[known])
				d, ok := advance(st.b.segs[speaks].media(), st.b.segs[seg].media(), want)
				if fits = !ok || d > 0 && (d-want).Abs() <= max(want/2, 2*n.typical); fits && ok {
					st.at[i] = st.at[known] + int64(d)
				}
			}
			if !fits || st.at[i] > int64(farthest) {
				st.open(n, i)
				known = -1
			}
		}
		p := &st.all[len(st.all)-1]
		if timed {
			if m := st.b.segs[seg].media(); known < 0 {
				p.clock, p.wrap, p.media = m.Start-time.Duration(st.at[i]), m.Wrap, true
			}
			known, speaks = i, seg
		}
		st.of[i] = int32(len(st.all) - 1)
		st.len[i] = int64(st.lengthOf(i, seg, n.typical))
		p.to = i + 1
		p.length = max(p.length, time.Duration(st.at[i]+st.len[i]))
		st.hear(p, i)
	}
	n.pieces[1] = len(st.all)
	st.trim(n)
	own := st.own(n)
	for k := len(own) - 2; k >= 0; k-- { // late uploads can only delay an anchor
		p, next := &own[k], &own[k+1]
		if limit := next.anchor - int64(p.length); next.timed && p.timed && p.anchor > limit {
			p.anchor = limit
		}
	}
	n.walled = true
	for k, p := range own {
		end := later(p.anchor, p.length)
		if k == 0 {
			n.wall = [2]int64{p.anchor, end}
		}
		n.wall[0], n.wall[1] = min(n.wall[0], p.anchor), max(n.wall[1], end)
		n.walled = n.walled && p.timed
	}
}

// own are the pieces of a numbering.
func (st *stage) own(n *numbering) []piece { return st.all[n.pieces[0]:n.pieces[1]] }

func (st *stage) open(n *numbering, i int) {
	st.at[i] = 0
	st.all = append(st.all, piece{num: n, from: i, to: i, axis: -1})
}

// lengthOf is how long a row lasts, as far as is known.
func (st *stage) lengthOf(i, seg int, typical time.Duration) time.Duration {
	if d := st.b.segs[seg].known(); d > 0 {
		return d
	}
	if typical > 0 {
		return typical
	}
	return fallback
}

// trim lets rows end where the next one of their piece begins, if they are said to
// be longer, or if nothing was measured and the next is in line.
func (st *stage) trim(n *numbering) {
	for i := n.from; i+1 < n.to; i++ {
		if st.of[i] != st.of[i+1] {
			continue
		}
		step := st.at[i+1] - st.at[i]
		seg, _ := st.speaker(i)
		unmeasured := st.b.segs[seg].known() == 0 && st.rows[i+1].missing == 0 && step <= int64(n.typical/outOfLineDen*outOfLineNum)
		if step > 0 && (st.len[i] > step || unmeasured) {
			st.len[i] = step
		}
	}
}

// hear learns from the uploads of a row when its piece began.
func (st *stage) hear(p *piece, i int) {
	r := &st.rows[i]
	for _, seg := range r.num.all(r.place) {
		home := st.b.runs[st.b.home[seg]]
		up, ok := st.b.mark(home, seg, time.Duration(st.len[i]))
		if !ok || !home.timed() {
			continue
		}
		if a := up - st.at[i] - st.len[i]; !p.timed || a < p.anchor {
			p.anchor, p.timed = a, true
		}
	}
}
