package timeline

import "time"

// doubtDoubled names neighbours of two writers that are chosen whole although
// their media overlaps on what seems to be one clock: what they share is in the
// recording twice. Nothing proves it unless both were read and hold the same, and
// a stretch that is there twice can be mended, one that was dropped cannot.
//
// Media that steps back is usually a clock that begins anew, and then the second
// writer begins when the first has ended. Here it begins earlier by wall time too,
// by as much as its media does.
func (b *builder) doubtDoubled(rows []row, picks [][]int) {
	for _, ps := range picks {
		before := -1
		for i := range rows {
			if ps[i] < 0 {
				continue
			}
			if before >= 0 && rows[i].join && b.doubled(before, ps[i]) {
				b.addDoubt("order", "two writers overlap on what seems to be one media clock: what both have is there twice", []int{before, ps[i]})
			}
			before = ps[i]
		}
	}
}

// doubled tells whether a segment of another writer begins before the end of the
// one before it by its media and, within half of that, by wall time.
func (b *builder) doubled(from, to int) bool {
	x, y := b.runs[b.home[from]], b.runs[b.home[to]]
	if x == y || x.live != yes || y.live != yes || x.wall == nil || y.wall == nil {
		return false
	}
	a, m := b.segs[from], b.segs[to]
	jump, fits, known := jumps(a.media(), m.media(), 0)
	if !known || fits || jump >= -tolerance || jump < -2*max(x.typical, y.typical) {
		return false
	}
	apart := time.Duration(y.wallAt(m.Seq) - x.wallAt(a.Seq) - int64(a.media().Duration))
	return (apart - jump).Abs() < jump.Abs()/2
}
