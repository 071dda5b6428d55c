package finalize

import (
	"context"
	"maps"
	"slices"
	"time"

	"recfin/store"
)

// victims are the objects of one condemned set that are still there.
type victims struct {
	kind    string
	in      store.Store
	since   time.Time
	objects []store.Object
	members []string              // IDs of the recording
	place   map[objectID]objectID // what has the place of each leftover; chosen by its session
}

// due finds the condemned objects that are still there and whose time has come.
func (j *job) due(ctx context.Context, r *Receipt) ([]victims, error) {
	now, err := j.now(ctx)
	if err != nil {
		return nil, err
	}
	var out []victims
	members := r.committed.members(j.recording)
	var there listed
	for i, set := range r.committed.marker.Condemned {
		if set.Kept || set.Kind == condemnedSources && j.f.cfg.Delete != DeleteSources {
			continue
		}
		if there == nil {
			var err error
			if there, err = j.there(ctx, members); err != nil {
				return nil, err
			}
		}
		since := r.committed.object.Modified
		if set.Since != nil {
			since = *set.Since
		}
		var left []store.Object
		for _, o := range r.committed.sets[i] {
			if there.has(o) {
				left = append(left, o)
			}
		}
		if len(left) == 0 {
			continue
		}
		if at, wait := j.dueAt(r, &set, since, now); wait {
			if j.report.Due == nil || at.Before(*j.report.Due) {
				j.report.Due = &at
			}
			continue
		}
		place := r.committed.places(&set, r.committed.sets[i])
		for _, objects := range byStore(left) { // they were listed, so their store is open
			out = merge(out, victims{kind: set.Kind, in: j.f.storeOf(objects[0].Store), since: since, objects: objects, place: place, members: members})
		}
	}
	return out, nil
}

// byStore parts objects by their stores, in the order of the labels.
func byStore(objects []store.Object) [][]store.Object {
	parts := map[string][]store.Object{}
	for _, o := range objects {
		parts[o.Store] = append(parts[o.Store], o)
	}
	var out [][]store.Object
	for _, label := range slices.Sorted(maps.Keys(parts)) {
		out = append(out, parts[label])
	}
	return out
}

// merge puts what is of one kind and in one store together: a victim goes only
// to the Deleter of its own store, and one listing serves many.
func merge(sets []victims, v victims) []victims {
	for i := range sets {
		if s := &sets[i]; s.kind == v.kind && s.in == v.in {
			s.objects = append(s.objects, v.objects...)
			maps.Copy(s.place, v.place)
			if v.since.Before(s.since) {
				s.since = v.since
			}
			return sets
		}
	}
	return append(sets, v)
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

// listed is what stands in the stores, by version.
type listed map[objectID]time.Time

// has reports whether a version is there, and was not uploaded anew since.
func (l listed) has(o store.Object) bool {
	at, ok := l[idOf(o)]
	return ok && !at.After(o.Modified)
}

// holds reports whether a version is there.
func (l listed) holds(id objectID) bool {
	_, ok := l[id]
	return ok
}

// there lists the recording and its outputs as they are now.
func (j *job) there(ctx context.Context, members []string) (listed, error) {
	there := listed{}
	all, err := j.f.listSource(ctx, members)
	if err != nil {
		return nil, err
	}
	for _, o := range all.objects {
		there[idOf(o)] = o.Modified
	}
	for o, err := range j.f.cfg.Out.List(ctx, string(j.f.cfg.folder(j.recording))) {
		if err != nil {
			return nil, err
		}
		there[idOf(o)] = o.Modified
	}
	return there, nil
}
