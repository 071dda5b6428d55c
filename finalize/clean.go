package finalize

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
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
//     that has its place, which the recording holds and no tombstone hides;
//   - its writer has not started over on lower numbers in the same folder;
//   - where its winner is in another store, that is seen to be another one.
func (j *job) clean(ctx context.Context, r *Receipt) error {
	if j.f.cfg.Delete == DeleteNone || r.committed == nil {
		return nil
	}
	left, err := j.due(ctx, r)
	if err != nil || len(left) == 0 {
		return err
	}
	if err := j.hold(ctx, r.committed); err != nil || j.held.rival != nil {
		return err // beside another run nothing is deleted
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
		if err := j.deleteSet(ctx, r.committed, v); err != nil {
			return err
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
				if errors.Is(err, ErrVerify) {
					err = fmt.Errorf("%w: %w: restore it", ErrRefused, err)
				}
				return fmt.Errorf("nothing of %s is deleted: %w", store.Printable(j.recording), err)
			}
		}
		r.verified[e.ID] = true
	}
	return nil
}

// deleteSet deletes in batches, each after a fresh listing.
func (j *job) deleteSet(ctx context.Context, c *committed, v victims) error {
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
		if err := j.deleteBatch(ctx, c, v, v.objects[:n]); err != nil {
			return err
		}
		v.objects = v.objects[n:]
	}
	return nil
}

func (j *job) deleteBatch(ctx context.Context, c *committed, v victims, objects []store.Object) error {
	all, err := j.listing(ctx, v)
	if err != nil {
		return err
	}
	if rivals := apart(all.rivals, c, v.members); len(rivals) > 0 {
		j.keep(objects, j.f.twoPlaces(rivals, c), true)
		return nil
	}
	stand, there := all.objects, listed{}
	for _, o := range stand {
		there[idOf(o)] = o.Modified
	}
	restarted, err := j.restarted(ctx, v, objects, stand)
	if err != nil {
		return err
	}
	named, hidden := newNames(), tombstones{}
	if v.kind == condemnedLeftovers {
		hidden = j.f.tombstones(stand)
		if named, err = j.foreign(ctx, slices.Concat(j.unparsed(stand), all.playlists)); err != nil {
			j.keep(objects, err.Error(), true)
			return ctx.Err()
		}
	}
	var gone []store.Object
	for _, o := range objects {
		one, err := j.mayBeOne(ctx, o, v.place[idOf(o)])
		if err != nil {
			return err
		}
		switch {
		case restarted[folderOf(o)]:
			j.keep([]store.Object{o}, "its writer has started over in this folder since it was condemned", false)
		case !there.has(o):
		case named.has(o.Key):
			j.keep([]store.Object{o}, store.Printable(named.by(o.Key))+" names it", false)
		case v.kind == condemnedLeftovers && !there.holds(v.place[idOf(o)]):
			j.keep([]store.Object{o}, "the copy that has its place is not there, or not in the recording any more", false)
		case hidden.hide(v.place[idOf(o)].store, v.place[idOf(o)].key):
			j.keep([]store.Object{o}, "a tombstone hides the copy that has its place", false)
		case one:
			j.keep([]store.Object{o}, "it may be the very object that has its place: "+o.Store+" and "+v.place[idOf(o)].store+" show the same objects: give one of them as --store", true)
		default:
			gone = append(gone, o)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	j.f.cfg.notify(Event{Recording: j.recording, Stage: "delete", Total: int64(len(gone))})
	for o, err := range v.in.Delete(ctx, gone, store.DeleteOptions{}) {
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
func (j *job) listing(ctx context.Context, v victims) (*stock, error) {
	if v.kind == condemnedLeftovers {
		return j.f.listSource(ctx, v.members)
	}
	all := &stock{}
	for o, err := range v.in.List(ctx, string(j.f.cfg.folder(j.recording))) {
		if err != nil {
			return nil, err
		}
		all.objects = append(all.objects, o)
	}
	return all, nil
}

// restartOver is how long after its last upload a writer that has started over
// is done.
const restartOver = 24 * time.Hour

// inFolder is a folder of one store.
type inFolder struct{ store, dir string }

func folderOf(o store.Object) inFolder { return inFolder{o.Store, path.Dir(o.Key)} }

// restarted names the folders in which something was uploaded since the mark
// under a number at or below the highest of the batch: the writer numbers from
// the start again and may be about to overwrite a victim. What was quiet
// for a day is over.
func (j *job) restarted(ctx context.Context, v victims, objects, stand []store.Object) (map[inFolder]bool, error) {
	now, err := v.in.Now(ctx)
	if err != nil {
		return nil, err
	}
	highest := map[inFolder]int64{}
	for _, o := range objects {
		if s, ok := j.f.parse(o); ok {
			dir := folderOf(o)
			if n, seen := highest[dir]; !seen || s.Seq > n {
				highest[dir] = s.Seq
			}
		}
	}
	out := map[inFolder]bool{}
	for _, o := range stand {
		dir := folderOf(o)
		n, ok := highest[dir]
		if s, parsed := j.f.parse(o); ok && parsed && s.Seq <= n && o.Modified.After(v.since) && now.Sub(o.Modified) < max(restartOver, j.f.cfg.settleAfter()) {
			out[dir] = true
		}
	}
	return out, nil
}

// unparsed are the objects that no layout reads.
func (j *job) unparsed(objects []store.Object) []store.Object {
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
