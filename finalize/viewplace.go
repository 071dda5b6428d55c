package finalize

import (
	"cmp"
	"slices"
	"time"

	"recfin/finalize/timeline"
)

// view is what dropped segments are placed by: the chosen ones, found by object, by
// number of a writer, and by number of a slot. It holds what some dropped segment may
// ask for, no more.
type view struct {
	lost     []lostAt
	sessions []*viewSession
	byID     map[string]*viewSession // absorbed ids lead to the session that has them
	names    map[string]bool         // of renditions that something was chosen of
	live     bool                    // upload times say when something was made
}

// viewSession is one session as a timeline of chosen segments.
type viewSession struct {
	rec     *Record
	gap     time.Duration
	typical time.Duration         // of a slot
	winners map[objectID][]viewed // those that have the place of something dropped
	writers map[writerOf][]viewed // by number; those of a rendition that nothing was chosen of stand for all, as ""
	slots   map[int64]int         // by number: the slot; -1: several have it
}

// writerOf is one writer of one rendition.
type writerOf struct{ rendition, nonce string }

// viewed is a chosen segment on the timeline of its session.
type viewed struct {
	seq             int64
	start, duration time.Duration
	part            timeline.Range
	size            int64
}

func newView(p *Plan) *view {
	v := &view{lost: p.lostOf(), byID: map[string]*viewSession{}, names: p.renditions(), live: !slices.Contains(p.Warnings, uploadsNotLive)}
	wins, writers := map[objectID]bool{}, map[writerOf]bool{}
	for k := range p.Dropped {
		if w := p.Dropped[k].winner; w.key != "" {
			wins[w] = true
		}
		writers[v.writer(&v.lost[k])] = true
	}
	for i := range p.Sessions {
		ps := &p.Sessions[i]
		s := newViewSession(ps.Record, wins, writers)
		v.sessions = append(v.sessions, s)
		v.byID[ps.Record.Session] = s
		for _, e := range append(slices.Clone(ps.Absorbs), ps.Replaces) {
			if e == nil {
				continue
			}
			for _, id := range e.ids() {
				if v.byID[id] == nil {
					v.byID[id] = s
				}
			}
		}
	}
	return v
}

// renditions are those that something was chosen of.
func (p *Plan) renditions() map[string]bool {
	names := map[string]bool{}
	for _, ps := range p.Sessions {
		for i := range ps.Record.Renditions {
			names[ps.Record.Renditions[i].Name] = true
		}
	}
	return names
}

// writer is whose numbers place a dropped segment.
func (v *view) writer(lost *lostAt) writerOf {
	if !v.names[lost.rendition] {
		return writerOf{"", lost.nonce}
	}
	return writerOf{lost.rendition, lost.nonce}
}

func newViewSession(rec *Record, wins map[objectID]bool, writers map[writerOf]bool) *viewSession {
	s := &viewSession{
		rec: rec, gap: time.Duration(rec.Settings.GapNS), typical: median(rec.Slots.DurationNS),
		winners: map[objectID][]viewed{}, writers: map[writerOf][]viewed{}, slots: make(map[int64]int, len(rec.Slots.Seq)),
	}
	for k, seq := range rec.Slots.Seq {
		if _, twice := s.slots[seq]; twice {
			k = -1
		}
		s.slots[seq] = k
	}
	for i := range rec.Renditions {
		q := &rec.Renditions[i]
		slots := rec.SlotsOf(q)
		for row, slot := range q.Slot {
			x := viewed{seq: q.Seq[row], start: time.Duration(slots.StartNS[slot]), duration: time.Duration(q.DurationNS[row]), part: q.Part(row), size: q.rowBytes(row)}
			if id := idOf(q.Object(row)); wins[id] {
				s.winners[id] = append(s.winners[id], x)
			}
			for _, w := range []writerOf{{q.Name, q.Nonce[row]}, {"", q.Nonce[row]}} {
				if writers[w] && (w.rendition != "" || q.Slots == nil) {
					s.writers[w] = append(s.writers[w], x)
				}
			}
		}
	}
	for w := range s.writers {
		slices.SortStableFunc(s.writers[w], func(a, b viewed) int { return cmp.Or(cmp.Compare(a.seq, b.seq), cmp.Compare(a.start, b.start)) })
	}
	return s
}

// median is the usual one of some durations.
func median(ns []int64) time.Duration {
	if len(ns) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(ns))
	return time.Duration(sorted[len(sorted)/2])
}

// place finds the session of a dropped segment, and where in it that lies.
func (v *view) place(x *DroppedAt, lost *lostAt) {
	s, won := v.sessionOf(x, lost)
	if s == nil {
		return
	}
	x.Session = s.rec.Session
	elsewhere := x.Reason == timeline.Overlap || x.Reason == timeline.Partial
	if won != nil && !elsewhere {
		if x.Reason == timeline.Identical {
			lost.lasts = won.duration
		}
		x.Placed, x.Start, x.Duration = true, won.start, s.lasts(x, lost, won)
		return
	}
	at, ok := time.Duration(0), false
	for _, by := range []func() (time.Duration, bool){
		func() (time.Duration, bool) { return lost.begins.Sub(s.rec.Start), !lost.begins.IsZero() },
		func() (time.Duration, bool) { return s.byNumber(lost, s.writers[v.writer(lost)]) },
		func() (time.Duration, bool) { return s.bySlot(x, lost, v.live) },
		func() (time.Duration, bool) {
			if won == nil {
				return 0, false
			}
			return won.start, true
		},
		func() (time.Duration, bool) { return s.byUpload(x, lost, v.live) },
	} {
		if at, ok = by(); ok && s.holds(at) {
			x.Placed, x.Start, x.Duration = true, at, s.lasts(x, lost, won)
			return
		}
	}
}

// sessionOf is the session of a dropped segment and the chosen one that has its
// place; nil: there is none.
func (v *view) sessionOf(x *DroppedAt, lost *lostAt) (*viewSession, *viewed) {
	if x.winner.key != "" {
		for _, s := range v.sessions {
			if all := s.winners[x.winner]; len(all) > 0 {
				return s, nearestOf(all, x, lost)
			}
		}
	}
	if s := v.byID[x.of]; s != nil {
		return s, nil
	}
	for _, s := range v.sessions {
		if at := lost.begins; !at.IsZero() && s.holds(at.Sub(s.rec.Start)) {
			return s, nil
		}
	}
	if lost.numbered {
		for _, s := range v.sessions {
			all := s.writers[v.writer(lost)]
			if len(all) > 0 && all[0].seq <= lost.seq && lost.seq <= all[len(all)-1].seq {
				return s, nil
			}
		}
	}
	for _, s := range v.sessions {
		if v.live && s.holds(x.Modified.Sub(s.rec.Start)) {
			return s, nil
		}
	}
	return nil, nil
}

// nearestOf is the row of an object that has the place of a segment: of parts of one
// object, the one at the same place in it.
func nearestOf(all []viewed, x *DroppedAt, lost *lostAt) *viewed {
	for k := range all {
		if all[k].part == x.Part || lost.numbered && all[k].seq == lost.seq && x.Part.Length > 0 {
			return &all[k]
		}
	}
	return &all[0]
}

// byNumber places a segment among those of its writer that were chosen.
func (s *viewSession) byNumber(lost *lostAt, all []viewed) (time.Duration, bool) {
	if !lost.numbered || len(all) == 0 {
		return 0, false
	}
	k, exact := slices.BinarySearchFunc(all, lost.seq, func(x viewed, seq int64) int { return cmp.Compare(x.seq, seq) })
	steps := func(a, b int64) (time.Duration, bool) {
		n := stepsApart(a, b)
		return time.Duration(n), n <= mostSteps
	}
	switch {
	case exact:
		return all[k].start, true
	case k == 0:
		n, ok := steps(lost.seq, all[0].seq)
		return all[0].start - n*s.step(lost), ok
	case k == len(all):
		n, ok := steps(all[k-1].seq, lost.seq)
		return all[k-1].start + all[k-1].duration + (n-1)*s.step(lost), ok
	}
	before, after := all[k-1], all[k]
	n, ok := steps(before.seq, lost.seq)
	of, fits := steps(before.seq, after.seq)
	if !ok || !fits {
		return 0, false
	}
	return before.start + (after.start-before.start)/of*n, true
}

// mostSteps is how many segments away a number still tells a time: two days of
// segments of a second.
const mostSteps = 2 * 86400

// step is how long a segment of a writer usually is. It is bounded, so that no
// number of steps goes beyond what a duration can hold.
func (s *viewSession) step(lost *lostAt) time.Duration {
	return min(cmp.Or(lost.lasts, s.typical), time.Hour)
}

// bySlot places a segment by its number where all writers count alike: one slot has
// it, and the upload does not speak against that.
func (s *viewSession) bySlot(x *DroppedAt, lost *lostAt, live bool) (time.Duration, bool) {
	k, ok := s.slots[lost.seq]
	if !lost.numbered || !ok || k < 0 {
		return 0, false
	}
	start := time.Duration(s.rec.Slots.StartNS[k])
	made := s.rec.Start.Add(start)
	return start, !live || x.Modified.Sub(made).Abs() <= s.gap
}

// byUpload takes a segment for uploaded when it ended.
func (s *viewSession) byUpload(x *DroppedAt, lost *lostAt, live bool) (time.Duration, bool) {
	return x.Modified.Sub(s.rec.Start) - s.step(lost), live
}

// holds reports whether a time since the start of the session lies in it, or no
// further from it than its session gap.
func (s *viewSession) holds(at time.Duration) bool {
	return at >= -s.gap && at <= s.rec.End.Sub(s.rec.Start)+s.gap
}

// lasts is the duration of a dropped segment: as it was measured or said, else as
// much of the one in its place as it has bytes of that (a truncated one), else as all.
func (s *viewSession) lasts(x *DroppedAt, lost *lostAt, won *viewed) time.Duration {
	switch {
	case lost.lasts > 0:
		return lost.lasts
	case x.Reason == timeline.Empty:
		return 0
	case won != nil && x.Reason == timeline.Truncated && won.size > 0:
		return won.duration / 1000 * time.Duration(max(0, min(1000, partSize(x.Object, x.Part)*1000/won.size)))
	case won != nil:
		return won.duration
	}
	return s.typical
}
