package timeline

import "time"

// linked is what is known of a pick: how long it lasts, from where, and whether
// the next row's pick continues it.
type linked struct {
	length time.Duration
	source Source
	next   bool
}

// link decides of each pick how long it lasts, and of each row whether media
// continues there from the row before.
func (b *builder) link(rows []row, picks [][]int) [][]linked {
	links := make([][]linked, len(picks))
	for r, ps := range picks {
		links[r] = make([]linked, len(rows))
		for i := range rows {
			if ps[i] < 0 {
				continue
			}
			next := -1
			if i+1 < len(rows) && rows[i].clocked(&rows[i+1]) {
				next = ps[i+1]
			}
			links[r][i] = b.linkPick(ps[i], next)
		}
	}
	for i := range rows {
		for r := range picks {
			if picks[r][i] >= 0 {
				rows[i].length, rows[i].source = links[r][i].length, links[r][i].source
				break
			}
		}
	}
	seen := make([]bool, len(rows))
	for i := range rows {
		seen[i], rows[i].join = b.boundary(rows, links, i)
	}
	for _, ps := range picks {
		b.linkOverGaps(rows, ps, seen)
	}
	for i := range rows {
		rows[i].join = rows[i].join || !seen[i]
	}
	return links
}

// boundary tells whether some rendition has both segments at the boundary before
// a row, and whether any of them breaks there.
func (b *builder) boundary(rows []row, links [][]linked, i int) (seen, broken bool) {
	if i == 0 || !rows[i-1].clocked(&rows[i]) {
		return true, i > 0
	}
	for r := range links {
		here, before := &links[r][i], &links[r][i-1]
		if here.length == 0 || before.length == 0 { // nothing of it here
			continue
		}
		seen, broken = true, broken || !before.next
	}
	return seen, broken
}

// linkPick finds the length of a pick and whether the next one continues it. Where
// it does, the length is the distance of the two starts, so that the lengths of
// a part add up to its end minus its start, whatever the last frame of each
// segment says.
func (b *builder) linkPick(from, to int) linked {
	m := b.segs[from].media()
	typical := b.runs[b.home[from]].typical
	l := linked{source: FromNeighbour, length: typical}
	switch {
	case m.Duration > 0 && m.Duration <= longest:
		l.source, l.length = FromProbe, m.Duration
	case b.segs[from].told() > 0:
		l.source, l.length = b.segs[from].LengthSource, b.segs[from].told()
	case m.Declared > 0 && m.Declared <= longest:
		l.source, l.length = FromMetadata, m.Declared
	}
	if to < 0 {
		return l
	}
	if b.runsOn(from, to) {
		l.next = true
		return l
	}
	fits := b.inLine(from, to)
	if m.Level >= ReadWhole {
		_, fits, _ = jumps(m, b.segs[to].media(), 0)
	}
	step, known := advance(m, b.segs[to].media(), l.length)
	if !fits || !known || step <= 0 || step > longest {
		return l
	}
	if l.next, l.length = true, step; m.Level < ReadWhole {
		l.source = FromNeighbour
	}
	return l
}

// linkOverGaps looks at the places where one rendition has nothing: where it
// comes back its media must have moved on by what the others had meanwhile,
// and then it speaks for boundaries that no rendition has whole. It also
// compares parameters with those of the last segment that was there.
func (b *builder) linkOverGaps(rows []row, ps []int, seen []bool) {
	before := -1
	var gap time.Duration
	var params look
	for i := range rows {
		if i > 0 && rows[i].join {
			gap = -1 // a join is there already
		}
		if ps[i] < 0 {
			if gap >= 0 {
				gap = min(gap+rows[i].length, farthest)
			}
			continue
		}
		anew, changed := params.takeInit(b.segs[ps[i]]), params.take(b.segs[ps[i]].media())
		rows[i].changed = rows[i].changed || changed || anew
		if before >= 0 {
			s, t := b.segs[ps[before]].media(), b.segs[ps[i]].media()
			if gap > 0 {
				_, fits, known := jumps(s, t, gap)
				rows[i].join = rows[i].join || !known || !fits
				seen[i] = true
			}
		}
		before, gap = i, 0
	}
}
