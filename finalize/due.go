package finalize

import (
	"context"
	"slices"
	"time"

	"recfin/store"
)

// victim is a condemned object that is still there.
type victim struct {
	store.Object
	set   int      // of the marker's condemned sets
	place objectID // what has the place of a leftover; chosen by its session
}

// victims are those of one kind in one store, by key: a victim goes only to the
// Deleter of its own store, and one listing serves many.
type victims struct {
	kind  string
	in    store.Store
	since time.Time // when the first of them was condemned
	list  []victim
}

// due finds the condemned objects that are still there and whose time has come.
func (j *job) due(ctx context.Context, r *Receipt, g *ground) ([]victims, error) {
	now, err := j.now(ctx)
	if err != nil {
		return nil, err
	}
	var all []victims
	for i := range r.committed.marker.Condemned {
		set := &r.committed.marker.Condemned[i]
		if !j.wants(set) {
			continue
		}
		since := r.committed.object.Modified
		if set.Since != nil {
			since = *set.Since
		}
		var left []victim
		places := r.committed.places(set, r.committed.sets[i])
		for _, o := range r.committed.sets[i] {
			if g.listed.has(o) {
				left = append(left, victim{Object: o, set: i, place: places[idOf(o)]})
			}
		}
		if len(left) == 0 {
			continue
		}
		if at, wait := j.dueAt(r, set, since, now); wait {
			if j.report.Due == nil || at.Before(*j.report.Due) {
				j.report.Due = &at
			}
			continue
		}
		for _, v := range left {
			all = j.put(all, set.Kind, since, v)
		}
	}
	for _, v := range all {
		slices.SortFunc(v.list, func(a, b victim) int { return compareObjects(a.Object, b.Object) })
	}
	return all, nil
}

// wants reports whether a set may be deleted with these settings, if it is due.
func (j *job) wants(set *CondemnedSet) bool {
	return !set.Kept && j.f.cfg.Days.take(set.Session) && j.f.cfg.Delete.Leftovers() && (set.Kind != condemnedSources || j.f.cfg.Delete == DeleteSources)
}

// put adds a victim to those of its kind and store. It was listed, so its store
// is open.
func (j *job) put(all []victims, kind string, since time.Time, v victim) []victims {
	in := j.f.storeOf(v.Store)
	at := slices.IndexFunc(all, func(o victims) bool { return o.kind == kind && o.in == in })
	if at < 0 {
		at = len(all)
		all = append(all, victims{kind: kind, in: in, since: since})
	}
	to := &all[at]
	if since.Before(to.since) {
		to.since = since
	}
	to.list = append(to.list, v)
	return all
}

// clocks are those of the stores: the marker has its time from that of the
// outputs, the segments have theirs from their own (see sourcesNow).
type clocks struct{ source, out time.Time }

func (j *job) now(ctx context.Context) (c clocks, err error) {
	if c.source, err = j.f.sourcesNow(ctx); err != nil {
		return c, err
	}
	c.out = c.source
	if len(j.f.cfg.Sources) > 1 || j.f.cfg.home() == "" {
		c.out, err = j.f.cfg.Out.Now(ctx)
	}
	return c, err
}

// dueAt is when the objects of a set may go, and whether that is still to come.
func (j *job) dueAt(r *Receipt, set *CondemnedSet, since time.Time, now clocks) (at time.Time, wait bool) {
	if d := j.f.cfg.DeleteDelay; d > 0 { // none means now, whatever a clock of whole seconds says
		at = since.Add(d)
		wait = since.IsZero() || now.out.Before(at)
	}
	if rec := r.committed.record[r.committed.marker.holder(set.Session)]; rec != nil {
		settled := r.plan.settledAt(rec, j.f.cfg.settleAfter())
		wait = wait || now.source.Before(settled)
		if settled.After(at) {
			at = settled
		}
	}
	return at, wait
}

// places tells for each leftover of a set which version has its place, as long
// as the set's session still holds that.
func (c *committed) places(set *CondemnedSet, objects []store.Object) map[objectID]objectID {
	place := map[objectID]objectID{}
	if rec := c.record[c.marker.holder(set.Session)]; rec != nil && set.Kind == condemnedLeftovers {
		chosen := map[objectID]bool{}
		rec.chosen(chosen)
		for _, o := range objects {
			if w := c.dead[idOf(o)].winner; chosen[w] {
				place[idOf(o)] = w
			}
		}
	}
	return place
}
