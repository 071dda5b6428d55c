package finalize

import (
	"time"

	"recfin/store"
)

// news are the segments that came since the run made its plan.
func (c *cleaning) news(objects []store.Object) []keyed {
	var out []keyed
	for _, o := range objects {
		if c.r.plan.there.has(idOf(o)) {
			continue
		}
		if s, ok := c.f.parse(o); ok {
			s.Nonce = (&Listing{Members: c.members}).writer(s.Recording, s.Nonce)
			out = append(out, s)
		}
	}
	return out
}

// onAir gives the condemned sets of a batch whose session may have got one of the
// segments that came since the plan: it is not settled then, whatever the plan
// says (I5).
func (c *cleaning) onAir(v victims, news []keyed) map[int]bool {
	out := map[int]bool{}
	if len(news) == 0 {
		return out
	}
	for _, o := range v.list {
		if _, done := out[o.set]; done {
			continue
		}
		e := c.r.committed.marker.session(c.r.committed.marker.holder(c.r.committed.marker.Condemned[o.set].Session))
		out[o.set] = false
		if e == nil {
			continue
		}
		last := c.r.committed.record[e.ID].highest()
		for i := range news {
			if out[o.set] = c.mayBeOf(e, last, &news[i]); out[o.set] {
				break
			}
		}
	}
	return out
}

// mayBeOf reports whether a segment may belong to a session: by the time in its
// key or of its upload, or because its writer had that number in it.
func (c *cleaning) mayBeOf(e *MarkerSession, last map[string]int64, s *keyed) bool {
	gap := c.f.cfg.SessionGap
	within := func(t time.Time, late time.Duration) bool {
		return !t.Before(e.Start.Add(-gap)) && !t.After(e.End.Add(late))
	}
	if !s.Time.IsZero() {
		return within(s.Time, gap) || s.Fold != 0 && within(s.Time.Add(s.Fold), gap)
	}
	n, ok := last[s.Nonce]
	return ok && (!s.Numbered || s.Seq <= n) || within(s.Modified, gap+c.f.cfg.settleAfter())
}

// highest are the highest numbers of each writer in a session.
func (r *Record) highest() map[string]int64 {
	last := map[string]int64{}
	for i := range r.Renditions {
		q := &r.Renditions[i]
		for j, n := range q.Nonce {
			if at, ok := last[n]; !ok || q.Seq[j] > at {
				last[n] = q.Seq[j]
			}
		}
	}
	return last
}
