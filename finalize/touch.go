package finalize

import (
	"cmp"
	"slices"
	"time"

	"recfin/finalize/timeline"
)

// touched decides which committed sessions are looked at again. What the marker
// does not know is always given to the timeline; of what it knows only the
// segments of sessions that something new may belong to. The others are facts:
// they are not read, so a night costs what is new in it. In doubt a session is
// touched.
type touched struct {
	l         *Listing
	known     known
	gap, near time.Duration   // the session gap; how far from a session an upload may be of it
	fresh     []int           // segments that the marker does not know and that could be chosen
	isFresh   []bool          // by segment
	atHome    map[int]bool    // those whose writer has a session with just such numbers
	on        map[string]bool // sessions whose segments are given
	off       map[string]bool // those that the timeline would tear: given to it no more
}

// retried is how long uploads are retried at least.
const retried = 20 * time.Minute

// few is below how many segments of a writer their upload times show nothing.
const few = 4

func (m *Measured) touch(cfg Config) *touched {
	t := &touched{
		l: m.Listing, known: m.Committed.known(), gap: cfg.SessionGap, near: cfg.SessionGap + max(cfg.settleAfter(), retried),
		isFresh: make([]bool, len(m.Segments)), atHome: map[int]bool{}, on: map[string]bool{}, off: map[string]bool{},
	}
	t.fresh = make([]int, 0, len(m.Segments))
	for i := range m.Segments {
		if m.fresh(i) {
			t.fresh = append(t.fresh, i)
			t.isFresh[i] = true
		}
	}
	if m.Committed == nil || len(t.fresh) == 0 {
		return t
	}
	t.byTime()
	t.byWriter()
	t.byLikeness()
	return t
}

// given are the segments that the timeline is made of.
func (t *touched) given() []int {
	if len(t.fresh) == len(t.l.Segments) {
		return t.fresh
	}
	var out []int
	for i := range t.l.Segments {
		s := &t.l.Segments[i]
		if id, ok := t.known.sessionOf(s); !ok || t.isFresh[i] || t.on[id] && !t.off[id] {
			out = append(out, i)
		}
	}
	return out
}

// sessionOf is the session that knows a segment.
func (k *known) sessionOf(s *Segment) (string, bool) {
	if id, ok := k.chosen[s.id()]; ok {
		return id, true
	}
	if id, ok := k.dropped[s.id()]; ok {
		return id, true
	}
	id, ok := k.objects[s.version()]
	return id, ok
}

// each calls a function with every committed session and its record.
func (t *touched) each(do func(e *MarkerSession, r *Record)) {
	if t.l.Committed == nil {
		return
	}
	for i := range t.l.Committed.marker.Sessions {
		e := &t.l.Committed.marker.Sessions[i]
		do(e, t.l.Committed.record[e.ID])
	}
}

// byTime touches the sessions near which something was uploaded or, by key or
// sidecar, began.
func (t *touched) byTime() {
	t.each(func(e *MarkerSession, r *Record) {
		from, to := e.Start.Add(-t.near), e.End.Add(t.near)
		last := r.lastNumbers()
		for _, i := range t.fresh {
			s := &t.l.Segments[i]
			in := func(at time.Time) bool { return !at.Before(from) && !at.After(to) }
			up := t.l.uploaded(s)
			told := up.Year() > 1970 || s.Begins.Known()
			if (in(up) || in(s.Begins.Time()) || !told) && !r.before(s, up, last) {
				t.on[e.ID] = true
				return
			}
		}
	})
}

// lastNumbers are the highest numbers of each writer in a session that was cut
// at its end; nil: it was not.
func (r *Record) lastNumbers() map[string]int64 {
	if r.Until == nil {
		return nil
	}
	return r.highest()
}

// before reports whether a session was cut at a midnight before a segment: it
// goes on with the next piece, and that one is finished.
func (r *Record) before(s *Segment, up time.Time, last map[string]int64) bool {
	if r.Until == nil {
		return false
	}
	if s.Begins.Known() {
		return !s.Begins.Time().Before(*r.Until)
	}
	n, ok := last[s.Nonce]
	return ok && !s.Unnumbered && s.Seq > n && !up.Before(*r.Until)
}

// numbers are those of one writer in one session.
type numbers struct {
	session     string
	first, last int64
	cut         bool // at a midnight: what follows is of the next piece
}

// byWriter touches the sessions of a writer that uploads once more: those in or
// next to whose numbers it does, and the nearest on either side.
func (t *touched) byWriter() {
	writers := map[string][]numbers{}
	t.each(func(e *MarkerSession, r *Record) {
		by := map[string]*numbers{}
		add := func(nonce string, seq int64) {
			n := by[nonce]
			if n == nil {
				by[nonce] = &numbers{e.ID, seq, seq, r.Until != nil}
				return
			}
			n.first, n.last = min(n.first, seq), max(n.last, seq)
		}
		for i := range r.Renditions {
			for j, nonce := range r.Renditions[i].Nonce {
				add(nonce, r.Renditions[i].Seq[j])
			}
		}
		for nonce, n := range by {
			writers[nonce] = append(writers[nonce], *n)
		}
	})
	type place struct {
		nonce    string
		seq      int64
		numbered bool
	}
	done := map[place]bool{} // whether the numbers of a session hold it, or it is next to them
	for _, i := range t.fresh {
		s := &t.l.Segments[i]
		at := place{s.Nonce, s.Seq, !s.Unnumbered}
		home, seen := done[at]
		if t.atHome[i] = home; seen || s.Unnumbered && s.Begins.Known() {
			continue // a start time says where it belongs
		}
		var below, above *numbers
		for k := range writers[s.Nonce] {
			n := &writers[s.Nonce][k]
			home = home || !s.Unnumbered && n.first-1 <= s.Seq && s.Seq <= n.last+1
			switch {
			case s.Unnumbered || n.first <= s.Seq && s.Seq <= n.last:
				t.on[n.session] = true
			case n.last < s.Seq && (below == nil || n.last >= below.last):
				below = n
			case n.first > s.Seq && (above == nil || n.first <= above.first):
				above = n
			}
		}
		if below != nil && !(below.cut && s.Seq > below.last) {
			t.on[below.session] = true
		}
		if above != nil {
			t.on[above.session] = true
		}
		done[at], t.atHome[i] = home, home
	}
}

// learn takes from a timeline which sessions it should have been made of too,
// and which it should not. It reports whether there are any.
func (t *touched) learn(tl *timeline.Timeline) bool {
	if len(t.fresh) == 0 || t.l.Committed == nil {
		return false
	}
	more := false
	everything := slices.Contains(tl.Warnings, uploadsNotLive) // no upload time says where anything belongs
	t.on[""] = t.on[""] || everything
	walls := t.walls(tl)
	parts := t.parts(tl)
	t.each(func(e *MarkerSession, r *Record) {
		switch {
		case t.off[e.ID]:
		case parts[e.ID] > 1:
			t.off[e.ID], more = true, true
		case !t.on[e.ID] && (everything || t.reached(walls, e, r)):
			t.on[e.ID], more = true, true
		}
	})
	return more
}

// uploadsNotLive is the warning of a timeline in which upload times are no
// evidence.
const uploadsNotLive = "uploads-not-live"

// walls are the wall starts of what is new, in order.
func (t *touched) walls(tl *timeline.Timeline) []time.Time {
	var walls []time.Time
	for i := range tl.Sessions {
		s := &tl.Sessions[i]
		for r := range s.Renditions {
			slots := s.SlotsOf(r)
			for k, p := range s.Renditions[r].Picks {
				if p.Segment >= 0 && t.isFresh[p.Segment] {
					walls = append(walls, slots[k].Wall)
				}
			}
		}
	}
	slices.SortFunc(walls, time.Time.Compare)
	return walls
}

// reached reports whether something new begins inside the bounds of a session,
// widened by the session gap.
func (t *touched) reached(walls []time.Time, e *MarkerSession, r *Record) bool {
	from, to := e.Start.Add(-t.gap), e.End.Add(t.gap)
	if r.Until != nil && r.Until.Before(to) {
		to = r.Until.Add(-1)
	}
	k, _ := slices.BinarySearchFunc(walls, from, time.Time.Compare)
	return k < len(walls) && !walls[k].After(to)
}

// parts tells over how many sessions of a timeline each committed one is spread.
func (t *touched) parts(tl *timeline.Timeline) map[string]int {
	parts, last := map[string]int{}, map[string]int{}
	for i := range tl.Sessions {
		for _, q := range tl.Sessions[i].Renditions {
			for _, p := range q.Picks {
				if p.Segment < 0 {
					continue
				}
				if id, ok := t.known.chosen[t.l.Segments[p.Segment].id()]; ok && last[id] != i+1 {
					parts[id]++
					last[id] = i + 1
				}
			}
		}
	}
	return parts
}

// within makes the indices of a timeline of some segments those of all.
func within(tl *timeline.Timeline, given []int, all int) {
	if len(given) == all {
		return // those are all, in order
	}
	at := func(i *int) {
		if *i >= 0 {
			*i = given[*i]
		}
	}
	for i := range tl.Sessions {
		for k := range tl.Sessions[i].Renditions {
			picks := tl.Sessions[i].Renditions[k].Picks
			for p := range picks {
				at(&picks[p].Segment)
			}
		}
	}
	for i := range tl.Dropped {
		at(&tl.Dropped[i].Segment)
		at(&tl.Dropped[i].Winner)
		if fill := tl.Dropped[i].Fill; fill != nil {
			at(&fill.After)
		}
	}
	for i := range tl.Uncertain {
		for k := range tl.Uncertain[i].Segments {
			at(&tl.Uncertain[i].Segments[k])
		}
	}
	slices.SortFunc(tl.Dropped, func(a, b timeline.Drop) int { return cmp.Compare(a.Segment, b.Segment) })
}
