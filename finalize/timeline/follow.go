package timeline

import (
	"cmp"
	"slices"
	"time"
)

// pace is a stretch of the share that leads on one media clock of one writer:
// wall time is media time plus at.
type pace struct {
	from, to int64 // wall
	at       int64
	wrap     time.Duration
}

// paces are the stretches of a share by writer, in order of wall time. Copies that
// were not chosen count as well: another share may have chosen that writer.
func (h *share) paces() map[string][]pace {
	out := map[string][]pace{}
	for i := range h.rows {
		r := &h.rows[i]
		for _, k := range r.num.all(r.place) {
			s := h.b.segs[k]
			if !s.media().timed() {
				continue
			}
			all := out[s.Nonce]
			if n := len(all); n > 0 && all[n-1].wrap == s.media().Wrap {
				p := &all[n-1]
				if off := unwrap(time.Duration(r.wall-p.at)-s.media().Start, 0, p.wrap); off.Abs() <= tolerance {
					p.to = max(p.to, later(r.wall, r.length))
					continue
				}
			}
			out[s.Nonce] = append(all, pace{r.wall, later(r.wall, r.length), r.wall - int64(s.media().Start), s.media().Wrap})
		}
	}
	return out
}

// follow gives the rows of a share the wall times that the share which leads has
// at the same media time of the same writer. A stretch for which nothing tells
// them keeps its distance from the one before; it reports false if there is one.
func (h *share) follow(lead *share) (exact bool) {
	exact = true
	paces := lead.paces()
	var moves []int64
	move, end := int64(0), int64(0)
	known := false
	for lo := 0; lo < len(h.rows); {
		hi := lo + 1
		for hi < len(h.rows) && !h.rows[hi].join && h.rows[hi].gap == 0 {
			hi++
		}
		moves = moves[:0]
		for i := lo; i < hi; i++ {
			if m, ok := h.moveOf(paces, i); ok {
				moves = append(moves, m)
			}
		}
		if exact = exact && len(moves) > 0; len(moves) > 0 {
			slices.Sort(moves)
			move = moves[(len(moves)-1)/2]
			if !known {
				for i := range h.rows[:lo] {
					h.rows[i].wall += move
				}
				if end, known = 0, true; lo > 0 {
					end = later(h.rows[lo-1].wall, h.rows[lo-1].length)
				}
			}
		}
		h.rows[lo].gap = 0
		start := h.rows[lo].wall + move
		if lo > 0 {
			if start = max(start, end); start-end <= int64(time.Millisecond) {
				start = end
			}
			h.rows[lo].gap = time.Duration(start - end)
		}
		by := start - h.rows[lo].wall
		for i := lo; i < hi; i++ {
			h.rows[i].wall += by
		}
		end = later(h.rows[hi-1].wall, h.rows[hi-1].length)
		lo = hi
	}
	for i := range h.rows {
		if r := &h.rows[i]; r.hole > 0 {
			r.hole = r.gap // what numbers guessed the clock knows
		}
	}
	return exact
}

// moveOf is how much later a row is by the clock of the share that leads.
func (h *share) moveOf(paces map[string][]pace, i int) (int64, bool) {
	r := &h.rows[i]
	for _, k := range r.num.all(r.place) {
		s := h.b.segs[k]
		all := paces[s.Nonce]
		if all == nil && len(paces) == 1 { // the writer of the source, perhaps
			for _, all = range paces {
			}
		}
		if !s.media().timed() || len(all) == 0 {
			continue
		}
		if wall, ok := nearestPace(all, r.wall, s.media()); ok {
			return wall - r.wall, true
		}
	}
	return 0, false
}

// nearestPace is the wall time of a media time on that of some stretches that has
// it, or the like before or after: the one nearest to what uploads say.
func nearestPace(all []pace, wall int64, m *Media) (at int64, ok bool) {
	k, _ := slices.BinarySearchFunc(all, wall, func(p pace, w int64) int { return cmp.Compare(p.from, w) })
	least := int64(0)
	for _, p := range all[max(0, k-reach):min(len(all), k+reach)] {
		if p.wrap != m.Wrap {
			continue
		}
		w := wall + int64(unwrap(time.Duration(p.at-wall)+m.Start, 0, p.wrap))
		if w < p.from-int64(skew) || w > p.to+int64(skew) {
			continue
		}
		if d := max(w-wall, wall-w); !ok || d < least {
			at, ok, least = w, true, d
		}
	}
	return at, ok
}
