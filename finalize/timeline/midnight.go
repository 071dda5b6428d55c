package timeline

import "time"

// border is where a session begins: its first row, and the midnights that bound it
// where it is a piece of a longer one.
type border struct {
	row         int
	from, until time.Time
}

// dayLong is how long a session may be before its midnights cut it; exactly that
// long it stays whole.
const dayLong = 24 * time.Hour

// cutRows finds where sessions begin: where the gap in wall time is longer than
// the session gap (one that is exactly as long still joins) and, if that is
// asked for, at each UTC midnight inside a session of more than a day.
func (b *builder) cutRows(rows []row) []border {
	var cuts []border
	for lo := 0; lo < len(rows); {
		hi := lo + 1
		for hi < len(rows) && rows[hi].gap <= b.opt.SessionGap {
			hi++
		}
		cuts = append(cuts, border{row: lo})
		if b.opt.Midnight {
			cuts = cutMidnights(cuts, rows, lo, hi)
		}
		lo = hi
	}
	return cuts
}

// cutMidnights cuts the session of rows lo to hi, whose beginning is the last of
// cuts. A piece begins with the first row that starts at or after midnight; where
// several midnights pass between two rows, the last one names it.
func cutMidnights(cuts []border, rows []row, lo, hi int) []border {
	last := &rows[hi-1]
	start := wallTime(rows[lo].wall)
	if wallTime(later(last.wall, last.length)).Sub(start) <= dayLong {
		return cuts
	}
	next := midnightAfter(start)
	for i := lo + 1; i < hi; i++ {
		at := wallTime(rows[i].wall)
		if at.Before(next) {
			continue
		}
		cuts[len(cuts)-1].until = next
		next = midnightAfter(at)
		cuts = append(cuts, border{row: i, from: next.Add(-dayLong)})
	}
	return cuts
}

// midnightAfter is the first UTC midnight after a time.
func midnightAfter(t time.Time) time.Time { return t.Truncate(dayLong).Add(dayLong) }
