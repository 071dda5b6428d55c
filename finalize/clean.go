package finalize

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"time"

	"recfin/store"
)

// batch is how many objects are deleted after one look at what is there.
const batch = 1000

// clean deletes what the marker of the receipt condemned, where that is due.
// Nothing else deletes. A key goes only if all of this holds:
//
//   - the committed marker condemns it, with store, ETag and size (I1);
//   - --delete-delay has passed since that marker was written, and its session is
//     settled, by the store's clock (I5);
//   - every output of the recording was read back in this run and is right;
//   - the store honours a condition on the delete, by the probe's answer and effect;
//   - a listing made just before shows the very same version, and the version
//     that has its place, which the recording holds;
//   - its writer has not started over on lower numbers in the same folder.
func (j *job) clean(ctx context.Context, r *Receipt) error {
	if j.f.cfg.Delete == DeleteNone || r.committed == nil {
		return nil
	}
	left, err := j.due(ctx, r)
	if err != nil || len(left) == 0 {
		return err
	}
	if err := j.proveAll(ctx, r); err != nil {
		return err
	}
	var bytes int64
	for _, v := range left {
		if v.kind == condemnedLeftovers {
			for _, o := range v.objects {
				bytes += o.Size
			}
		}
	}
	if err := j.ceiling(r.plan, bytes); err != nil {
		return err
	}
	for _, v := range left {
		if err := j.deleteSet(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// victims are the objects of one condemned set that are still there.
type victims struct {
	kind    string
	in      store.Store
	since   time.Time
	objects []store.Object
	place   map[objectID]objectID // what has the place of each leftover; chosen by its session
}

// due finds the condemned objects that are still there and whose time has come.
func (j *job) due(ctx context.Context, r *Receipt) ([]victims, error) {
	now, err := j.now(ctx)
	if err != nil {
		return nil, err
	}
	var out []victims
	var there listed
	for i, set := range r.committed.marker.Condemned {
		if there == nil {
			var err error
			if there, err = j.there(ctx); err != nil {
				return nil, err
			}
		}
		since := r.committed.object.Modified
		if set.Since != nil {
			since = *set.Since
		}
		v := victims{kind: set.Kind, since: since, place: r.committed.places(&set, r.committed.sets[i])}
		for _, o := range r.committed.sets[i] {
			if there.has(o) {
				v.objects = append(v.objects, o)
			}
		}
		if len(v.objects) == 0 {
			continue
		}
		if at, wait := j.dueAt(r, &set, since, now); wait {
			if j.report.Due == nil || at.Before(*j.report.Due) {
				j.report.Due = &at
			}
			continue
		}
		v.in = j.storeOf(v.objects[0].Store) // it was listed, so it is open
		out = merge(out, v)
	}
	return out, nil
}

// merge puts sets of one kind together, so that one listing serves many.
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

// clocks are those of the two stores: the marker has its time from the one,
// the segments have theirs from the other.
type clocks struct{ source, out time.Time }

func (j *job) now(ctx context.Context) (c clocks, err error) {
	if c.source, err = j.f.cfg.Source.Now(ctx); err != nil {
		return c, err
	}
	c.out = c.source
	if !j.f.cfg.sameStore() {
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
	if rec := r.committed.record[set.Session]; rec != nil {
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
	if rec := c.record[set.Session]; rec != nil && set.Kind == condemnedLeftovers {
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
func (j *job) there(ctx context.Context) (listed, error) {
	there := listed{}
	objects, err := j.f.listSource(ctx, j.recording)
	if err != nil {
		return nil, err
	}
	for _, o := range objects {
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

func (j *job) storeOf(label string) store.Store {
	for _, s := range []store.Store{j.f.cfg.Source, j.f.cfg.Out} {
		if s.Label() == label {
			return s
		}
	}
	return nil
}

// proveAll reads back the outputs of every session that this run did not write
// itself.
func (j *job) proveAll(ctx context.Context, r *Receipt) error {
	for i := range r.committed.marker.Sessions {
		e := &r.committed.marker.Sessions[i]
		if r.verified[e.ID] {
			continue
		}
		for _, o := range r.committed.record[e.ID].Outputs {
			if err := j.readBack(ctx, o); err != nil {
				return fmt.Errorf("nothing of %s is deleted: %w", store.Printable(j.recording), err)
			}
		}
		r.verified[e.ID] = true
	}
	return nil
}

// deleteSet deletes in batches, each after a fresh listing.
func (j *job) deleteSet(ctx context.Context, v victims) error {
	can, err := j.f.abilities.of(ctx, v.in, j.probeDir(v.in))
	if err != nil {
		return err
	}
	// Without conditions on writes a rival's marker may have been overwritten.
	if !can.DeleteIfMatch || !can.CreateOnce || !can.Replace {
		j.keep(v.objects, "the store does not honour conditions on writes and deletes", true)
		return nil
	}
	for len(v.objects) > 0 {
		n := min(batch, len(v.objects))
		if err := j.deleteBatch(ctx, v, v.objects[:n]); err != nil {
			return err
		}
		v.objects = v.objects[n:]
	}
	return nil
}

func (j *job) deleteBatch(ctx context.Context, v victims, objects []store.Object) error {
	stand, err := j.listing(ctx, v)
	if err != nil {
		return err
	}
	there := listed{}
	for _, o := range stand {
		there[idOf(o)] = o.Modified
	}
	restarted, err := j.restarted(ctx, v, objects, stand)
	if err != nil {
		return err
	}
	named := map[string]bool{}
	if v.kind == condemnedLeftovers {
		if named, err = j.foreign(ctx, j.unread(stand)); err != nil {
			j.keep(objects, err.Error(), true)
			return ctx.Err()
		}
	}
	var gone []store.Object
	for _, o := range objects {
		switch {
		case restarted[path.Dir(o.Key)]:
			j.keep([]store.Object{o}, "its writer has started over in this folder since it was condemned", false)
		case !there.has(o):
		case named[o.Key]:
			j.keep([]store.Object{o}, "a playlist beside the segments names it", false)
		case v.kind == condemnedLeftovers && !there.holds(v.place[idOf(o)]):
			j.keep([]store.Object{o}, "the copy that has its place is not there, or not in the recording any more", false)
		default:
			gone = append(gone, o)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	j.f.cfg.notify(Event{Recording: j.recording, Stage: "delete", Total: int64(len(gone))})
	for o, err := range v.in.Delete(ctx, gone) {
		switch {
		case err == nil:
			j.report.Deleted = append(j.report.Deleted, o)
		case errors.Is(err, store.ErrChanged), errors.Is(err, store.ErrWeak):
			j.keep([]store.Object{o}, err.Error(), false)
		case ctx.Err() != nil:
			return ctx.Err()
		default:
			j.keep([]store.Object{o}, err.Error(), true)
		}
	}
	return ctx.Err()
}

// listing is what stands now where the victims are.
func (j *job) listing(ctx context.Context, v victims) ([]store.Object, error) {
	if v.kind == condemnedLeftovers {
		return j.f.listSource(ctx, j.recording)
	}
	var all []store.Object
	for o, err := range v.in.List(ctx, string(j.f.cfg.folder(j.recording))) {
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

// restartOver is how long after its last upload a writer that has started over
// is done.
const restartOver = 24 * time.Hour

// restarted names the folders in which something was uploaded since the mark
// under a number at or below the highest of the batch: the writer numbers from
// the start again and may be about to overwrite a victim. What was quiet
// for a day is over.
func (j *job) restarted(ctx context.Context, v victims, objects, stand []store.Object) (map[string]bool, error) {
	now, err := v.in.Now(ctx)
	if err != nil {
		return nil, err
	}
	highest := map[string]int64{}
	for _, o := range objects {
		if s, ok := j.f.parse(o); ok {
			dir := path.Dir(o.Key)
			if n, seen := highest[dir]; !seen || s.Seq > n {
				highest[dir] = s.Seq
			}
		}
	}
	out := map[string]bool{}
	for _, o := range stand {
		dir := path.Dir(o.Key)
		n, ok := highest[dir]
		if s, parsed := j.f.parse(o); ok && parsed && s.Seq <= n && o.Modified.After(v.since) && now.Sub(o.Modified) < max(restartOver, j.f.cfg.settleAfter()) {
			out[dir] = true
		}
	}
	return out, nil
}

// unread are the objects that no layout reads.
func (j *job) unread(objects []store.Object) []store.Object {
	var out []store.Object
	for _, o := range objects {
		if _, ok := j.f.parse(o); !ok {
			out = append(out, o)
		}
	}
	return out
}

func (j *job) keep(objects []store.Object, why string, failed bool) {
	for _, o := range objects {
		j.report.Kept = append(j.report.Kept, Kept{Object: o, Why: why, Failed: failed})
	}
}
