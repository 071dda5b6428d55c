package timeline

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// share is the part of a recording whose renditions have the same boundaries. It
// is decided by itself: a number, a hole or a length says nothing about segments
// that are cut at other times. Indices in it are those of its own segments.
type share struct {
	segs []*Segment
	of   []int // by segment: its index in the input

	b     *builder
	rows  []row
	picks [][]int
	links [][]linked
	cuts  []int // by session: its first row
}

// shares deals the segments out. What can never be chosen goes with its rendition,
// or with the one that leads.
func (b *builder) shares(segs []*Segment, classes [][]int) []*share {
	out := make([]*share, len(classes))
	at := map[string]*share{}
	for k, c := range classes {
		out[k] = &share{}
		for _, r := range c {
			at[b.renditions[r]] = out[k]
		}
	}
	for i := range segs {
		h := cmp.Or(at[segs[i].Rendition], out[0])
		h.segs, h.of = append(h.segs, segs[i]), append(h.of, i)
	}
	return out
}

// buildApart builds a timeline of renditions with different boundaries. The first
// share leads: the others take their wall times from it, by media time. All of
// them together make the sessions, and what one lacks while another has something
// is a GAP in it.
func buildApart(segs []*Segment, opt Options, shares []*share) (*Timeline, []Need) {
	var needs []Need
	for _, h := range shares {
		h.b = newBuilder(h.segs, opt)
		h.b.sift()
		var more []Need
		h.rows, h.picks, h.links, more = h.b.decide()
		for _, n := range more {
			needs = append(needs, Need{Segment: h.of[n.Segment], Level: n.Level})
		}
	}
	if len(needs) > 0 {
		slices.SortFunc(needs, func(x, y Need) int { return cmp.Compare(x.Segment, y.Segment) })
		return nil, needs
	}
	had, exact := make([][]stay, len(shares)), true
	for k, h := range shares {
		if k > 0 {
			exact = h.follow(shares[0]) && exact
		}
		had[k] = h.stays()
	}
	for k, h := range shares {
		h.fill(others(had, k), exact)
	}
	t := &Timeline{}
	cutTogether(t, shares)
	warnings := map[string]bool{}
	for _, h := range shares {
		h.account(t)
		maps.Copy(warnings, h.b.warnings)
	}
	for k := range t.Sessions {
		if !align(&t.Sessions[k]) {
			warnings[warnUnaligned] = true
		}
	}
	keepContradicted(t, segs, shares)
	keepDoubtful(t)
	oneFill(t, segs)
	slices.SortFunc(t.Dropped, func(x, y Drop) int { return cmp.Compare(x.Segment, y.Segment) })
	t.Warnings = slices.Sorted(maps.Keys(warnings))
	return t, nil
}

// cutTogether cuts the rows of all shares into sessions, and makes them.
func cutTogether(t *Timeline, shares []*share) {
	var all []row
	for _, h := range shares {
		all = append(all, h.rows...)
	}
	slices.SortStableFunc(all, func(x, y row) int { return cmp.Compare(x.wall, y.wall) })
	end := int64(0)
	for i := range all {
		all[i].gap = 0
		if i > 0 && all[i].wall > end {
			all[i].gap = time.Duration(all[i].wall - end)
		}
		end = max(end, later(all[i].wall, all[i].length))
	}
	borders := shares[0].b.cutRows(all)
	for _, c := range borders {
		begins := all[c.row].wall
		if !c.from.IsZero() {
			begins = c.from.UnixNano()
		}
		for _, h := range shares {
			k, _ := slices.BinarySearchFunc(h.rows, begins, func(r row, at int64) int { return cmp.Compare(r.wall, at) })
			h.cuts = append(h.cuts, k)
		}
	}
	for k, c := range borders {
		s := sessionTogether(shares, k)
		s.From, s.Until = c.from, c.until
		t.Sessions = append(t.Sessions, s)
	}
}

// sessionTogether makes the k-th session of all shares. The slots of the first
// that has something in it are those of the session.
func sessionTogether(shares []*share, k int) Session {
	var s Session
	for _, h := range shares {
		own, ok := h.session(k)
		if !ok {
			continue
		}
		if s.Slots == nil {
			s = own
			continue
		}
		if own.End.After(s.End) {
			s.End = own.End
		}
		for _, q := range own.Renditions {
			q.Slots = own.Slots
			s.Renditions = append(s.Renditions, q)
		}
		for _, hole := range own.Holes {
			if hole.Rendition != "" { // what all lack is said once
				s.Holes = append(s.Holes, hole)
			}
		}
	}
	slices.SortFunc(s.Renditions, func(x, y Rendition) int { return strings.Compare(x.Name, y.Name) })
	slices.SortStableFunc(s.Holes, func(x, y Hole) int { return strings.Compare(x.Rendition, y.Rendition) })
	return s
}

// session is what the share has in the k-th session; false: nothing.
func (h *share) session(k int) (Session, bool) {
	from, to := h.cuts[k], len(h.rows)
	if k+1 < len(h.cuts) {
		to = h.cuts[k+1]
	}
	some := false
	for _, ps := range h.picks {
		some = some || slices.ContainsFunc(ps[from:to], func(p int) bool { return p >= 0 })
	}
	if !some {
		return Session{}, false
	}
	s := h.b.session(h.rows[from:to], h.picks, h.links, from)
	if to < len(h.rows) && h.rows[to].hole > 0 && h.rows[to].gap <= h.b.opt.SessionGap { // cut at a midnight
		s.Holes = append([]Hole{holeBefore(h.rows, to, from)}, s.Holes...)
	}
	for _, q := range s.Renditions {
		for i := range q.Picks {
			if p := &q.Picks[i].Segment; *p >= 0 {
				*p = h.of[*p]
			}
		}
	}
	return s, true
}

// account says what became of the segments of the share that are not chosen, and
// what is doubtful of them.
func (h *share) account(t *Timeline) {
	mine := &Timeline{Sessions: t.Sessions}
	h.b.drops(mine, h.rows, h.picks, h.cuts)
	for _, d := range mine.Dropped {
		if d.Segment = h.of[d.Segment]; d.Winner >= 0 {
			d.Winner = h.of[d.Winner]
		}
		if d.Fill != nil {
			fill := *d.Fill
			fill.After, d.Fill = h.of[fill.After], &fill
		}
		t.Dropped = append(t.Dropped, d)
	}
	for _, u := range h.b.doubts {
		segs := make([]int, len(u.Segments))
		for k, i := range u.Segments {
			segs[k] = h.of[i]
		}
		slices.Sort(segs)
		t.Uncertain = append(t.Uncertain, Uncertainty{What: u.What, Why: u.Why, Segments: segs})
	}
}

// keepContradicted keeps what a share would call a leftover of another writer where
// the share that leads does not show that the two writers had the same then:
// equal sound, as silence is, proves little.
func keepContradicted(t *Timeline, segs []*Segment, shares []*share) {
	type writers struct{ lost, won string }
	lead := map[writers][]int{}
	home := make([]int, len(segs))
	for k, h := range shares {
		for _, i := range h.of {
			home[i] = k
		}
	}
	for _, d := range t.Dropped {
		if d.Winner >= 0 && home[d.Segment] == 0 {
			w := writers{segs[d.Segment].Nonce, segs[d.Winner].Nonce}
			lead[w] = append(lead[w], d.Segment)
			w.lost, w.won = w.won, w.lost
			lead[w] = append(lead[w], d.Winner)
		}
	}
	for k := range t.Dropped {
		d := &t.Dropped[k]
		if !d.Leftover || d.Winner < 0 || home[d.Segment] == 0 {
			continue
		}
		s, w := segs[d.Segment], segs[d.Winner]
		if s.Nonce == w.Nonce {
			continue
		}
		near := func(i int) bool {
			o := segs[i]
			away, known := advance(o.media(), s.media(), 0)
			if !known {
				away, known = s.Begins.Sub(o.Begins), s.Begins.Known() && o.Begins.Known()
			}
			return known && away.Abs() <= max(s.known(), o.known(), fallback)
		}
		d.Leftover = slices.ContainsFunc(lead[writers{s.Nonce, w.Nonce}], near)
	}
}
