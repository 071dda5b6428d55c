package metrics

import (
	"errors"
	"slices"
	"time"

	"recfin/finalize"
	"recfin/internal/stages"
)

// Results of recordings. Each recording has one.
const (
	resultWritten = "written"     // a session was committed
	resultDone    = "done"        // there was nothing to write
	resultWaiting = "not_settled" // it may still be written to
	resultLeased  = "leased"      // another run holds it
	resultLeft    = "left"        // out of time
	resultNothing = "nothing"     // there is no such recording
	resultFailed  = "failed"
	resultRefused = "refused" // a human must look
	resultDamaged = "damaged" // a human must look

	other  = "other"
	chosen = "chosen"
)

// sums are what the reports of a run come to.
type sums struct {
	ended, succeeded time.Time // zero: not in this run
	took, limit      time.Duration
	code             int

	stages     map[finalize.Stage]time.Duration
	results    map[string]int
	closed     int
	incomplete int
	sessions   int
	media      time.Duration
	segments   map[string]int           // of committed sessions, by reason or "chosen"
	dropped    map[string]int           // of all recordings that were looked at, by reason
	holes      map[string]int           // by scope
	holeTime   map[string]time.Duration // by scope
	uncertain  int
	cost       finalize.Cost

	deleted      int
	deletedBytes int64
	condemned    int
	undeletable  int
	kept         int

	unfinalized time.Duration   // age of the oldest end
	waiting     time.Duration   // age of the oldest end
	delays      []time.Duration // from the end of a session to its first marker
}

func newSums() sums {
	return sums{
		stages: map[finalize.Stage]time.Duration{}, results: map[string]int{}, segments: map[string]int{}, dropped: map[string]int{},
		holes: map[string]int{}, holeTime: map[string]time.Duration{},
	}
}

// staged counts the time that stages took.
func (s *sums) staged(ended []stages.Stage) {
	for _, x := range ended {
		s.stages[x.Stage] += x.Took
	}
}

// report counts one recording.
func (s *sums) report(r *finalize.Report, now time.Time) {
	s.results[resultOf(r)]++
	if r.Incomplete() {
		s.incomplete++
	}
	s.cost = s.cost.Plus(r.Cost)
	for _, c := range r.Committed {
		s.committed(r, c)
	}
	s.condemned += r.Condemned
	s.deleted += len(r.Deleted)
	for _, o := range r.Deleted {
		s.deletedBytes += o.Size
	}
	for _, k := range r.Kept {
		if k.Failed {
			s.undeletable++
		} else {
			s.kept++
		}
	}
	if r.Plan == nil {
		return
	}
	for i := range r.Plan.Dropped {
		s.dropped[string(r.Plan.Dropped[i].Reason)]++
	}
	s.ages(r, now)
}

// committed counts one session that this run committed.
func (s *sums) committed(r *finalize.Report, c finalize.Committed) {
	rec := c.Record
	s.sessions++
	s.uncertain += len(rec.Uncertain)
	for _, ns := range rec.Slots.DurationNS {
		s.media += time.Duration(ns)
	}
	for i := range rec.Renditions {
		s.segments[chosen] += rec.Renditions[i].Len()
	}
	for _, why := range rec.Dropped.Reason {
		s.segments[string(why)]++
	}
	for _, h := range rec.Holes {
		scope := "all"
		if h.Rendition != "" {
			scope = "rendition"
		}
		s.holes[scope]++
		s.holeTime[scope] += time.Duration(h.DurationNS)
	}
	if !c.At.IsZero() && first(r.Plan, rec.Session) {
		s.delays = append(s.delays, max(0, c.At.Sub(rec.End)))
	}
}

// first reports whether a session was committed for the first time: one that grows
// by late segments has had its marker for long.
func first(p *finalize.Plan, session string) bool {
	if p == nil {
		return false
	}
	i := planned(p, session)
	return i >= 0 && p.Sessions[i].Replaces == nil
}

func planned(p *finalize.Plan, session string) int {
	return slices.IndexFunc(p.Sessions, func(ps finalize.PlannedSession) bool { return ps.Record != nil && ps.Record.Session == session })
}

// ages looks for the oldest ends: of sessions that should have been committed and are
// not, and of those that wait, because they are not settled or another run holds
// them. Ages are by the clock of the stores where that is known.
func (s *sums) ages(r *finalize.Report, now time.Time) {
	if !r.Now.IsZero() {
		now = r.Now
	}
	for i := range r.Plan.Sessions {
		ps := &r.Plan.Sessions[i]
		if ps.Record == nil || ps.Action == finalize.Keep || ps.Action == finalize.Outside || slices.ContainsFunc(r.Committed, func(c finalize.Committed) bool { return c.Record.Session == ps.Record.Session }) {
			continue
		}
		age := now.Sub(ps.Record.End)
		switch {
		case ps.Action == finalize.Wait, errors.Is(r.Err, finalize.ErrLeased):
			s.waiting = max(s.waiting, age)
		default:
			s.unfinalized = max(s.unfinalized, age)
		}
	}
}

// resultOf is the one result of a recording.
func resultOf(r *finalize.Report) string {
	if errors.Is(r.Err, finalize.ErrNothing) {
		return resultNothing
	}
	if r.Err == nil && len(r.Committed) > 0 {
		return resultWritten
	}
	status := finalize.Failed
	if r.Plan != nil {
		status = r.Status()
	}
	switch status {
	case finalize.Done:
		return resultDone
	case finalize.NotSettled:
		return resultWaiting
	case finalize.Leased:
		return resultLeased
	case finalize.Left:
		return resultLeft
	case finalize.Refused:
		return resultRefused
	case finalize.Damaged:
		return resultDamaged
	case finalize.Failed:
		return resultFailed
	}
	return other
}

// median of durations; zero: there are none. Of two in the middle it is the longer.
func median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

func longest(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	return slices.Max(all)
}
