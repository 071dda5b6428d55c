package finalize

import (
	"context"
	"errors"
	"fmt"

	"recfin/store"
)

// clean deletes what the marker of the receipt condemned, where that is due.
// Nothing else deletes. A key goes only if all of this holds:
//
//   - the committed marker condemns it, with store, ETag and size (I1), and nobody
//     has cancelled that with Keep; right before each batch the marker is still the
//     one that this run stands on;
//   - --delete names its kind: sources go only with --delete sources;
//   - --delete-delay has passed since that marker was written, and its session is
//     settled, by the store's clock (I5);
//   - every output of the recording was read back in this run and is right;
//   - the store honours a condition on the delete, by the probe's answer and effect,
//     or keeps what is deleted, or the caller has promised to be alone;
//   - a listing made just before shows the very same version;
//   - its writer has not started over on lower numbers in the same folder;
//   - no playlist of others names it;
//   - of a leftover: the version that has its place stands, the recording holds it,
//     no tombstone hides it, and where it is in another store that is seen to be
//     another one;
//   - of a source: the version that was proved to hold it is the current one, its
//     bodies were proved again in this run, and each of its outputs is there with
//     its size and ETag (of copies those that hold what goes);
//   - of an output: no door leads to its version.
func (j *job) clean(ctx context.Context, r *Receipt) error {
	j.report.Kept, j.report.Due = nil, nil
	if r.committed == nil || !j.left(r) {
		return nil
	}
	c := &cleaning{job: j, r: r, members: r.committed.members(j.recording), restarted: map[inFolder]bool{}, stale: map[int]string{}, rests: map[string]*rest{}}
	var err error
	if c.ground, err = j.survey(ctx, c.members); err != nil {
		return err
	}
	due, err := j.due(ctx, r, c.ground)
	if err != nil || len(due) == 0 {
		return err
	}
	if err := j.hold(ctx, r.committed); err != nil || j.held.rival != nil {
		return err // beside another run nothing is deleted
	}
	if err := c.proveAll(ctx, due); errors.Is(err, ErrVerify) {
		return c.superseded(ctx, due, err)
	} else if err != nil {
		return err
	}
	var bytes int64
	for _, v := range due {
		if v.kind == condemnedLeftovers {
			for _, o := range v.list {
				bytes += o.Size
			}
		}
	}
	if err := j.ceiling(r.plan, bytes); err != nil {
		return err
	}
	// Sources go last: a leftover may go while the segment that has its place stands.
	for _, last := range []bool{false, true} {
		for _, v := range due {
			if last != (v.kind == condemnedSources) {
				continue
			}
			if err := c.deleteSet(ctx, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// superseded keeps everything where an output is not what was written because
// another run has committed since and taken it away; otherwise it gives the error.
func (c *cleaning) superseded(ctx context.Context, due []victims, wrong error) error {
	why, err := c.moved(ctx)
	if err != nil || why == "" {
		return errors.Join(wrong, err)
	}
	for _, v := range due {
		c.keep(objectsOf(v.list), why, false)
	}
	return nil
}

// left reports whether the listing that the plan was made from shows anything
// that these settings delete.
func (j *job) left(r *Receipt) bool {
	for i := range r.committed.marker.Condemned {
		if !j.wants(&r.committed.marker.Condemned[i]) {
			continue
		}
		for _, o := range r.committed.sets[i] {
			if r.plan.there.has(idOf(o)) {
				return true
			}
		}
	}
	return false
}

// cleanFirst carries out what is due before anything new is written, once. What
// keeps it from deleting keeps no new segment back, and is met again behind the
// commit; an error is only that the run has to end, or to plan anew.
func (j *job) cleanFirst(ctx context.Context, p *Plan) error {
	if j.first || p.committed == nil {
		return nil
	}
	j.first = true
	err := j.clean(ctx, &Receipt{plan: p, committed: p.committed, verified: map[string]bool{}})
	var leased *LeasedError
	switch {
	case err == nil:
		j.cleaned = p.committed
	case anew(err):
		j.first = false
		return err
	case errors.As(err, &leased):
		return err
	}
	return ctx.Err()
}

// proveAll reads back the outputs of every session that this run did not write
// itself. Where they are to be the only ones that hold something, a body may have
// been spoilt since the mark: it is proved once more, by the checksum of the store
// or by reading it.
func (c *cleaning) proveAll(ctx context.Context, due []victims) error {
	j, r := c.job, c.r
	alone := map[string]bool{} // sessions whose sources go
	for _, v := range due {
		for _, o := range v.list {
			set, ok := o.set, v.kind == condemnedSources
			if !ok {
				set, ok = c.sourceSet(o.place)
			}
			if ok {
				alone[r.committed.marker.Condemned[set].Session] = true
			}
		}
	}
	for i := range r.committed.marker.Sessions {
		e := &r.committed.marker.Sessions[i]
		rec := r.committed.record[e.ID]
		var err error
		switch {
		case alone[e.ID]:
			err = j.proveOutputs(ctx, rec, j.f.cfg.folder(j.recording).version(e.ID, e.Version))
		case !r.verified[e.ID]:
			err = j.readBackAll(ctx, rec)
		}
		if err != nil {
			if errors.Is(err, ErrVerify) {
				err = fmt.Errorf("%w: %w: restore it", ErrRefused, err)
			}
			return fmt.Errorf("nothing of %s is deleted: %w", store.Printable(j.recording), err)
		}
		r.verified[e.ID] = true
	}
	return nil
}

// permit says how objects of a store may be deleted. why is not empty where they
// may not, and says what to type.
func (j *job) permit(ctx context.Context, in store.Store) (opt store.DeleteOptions, why string, err error) {
	can, err := j.f.abilities.of(ctx, in, j.probeDir(in))
	if err != nil {
		return opt, "", err
	}
	out := j.f.cfg.Out
	marker, err := j.f.abilities.of(ctx, out, j.probeDir(out))
	if err != nil {
		return opt, "", err
	}
	alone := j.f.cfg.AssumeSingleWriter
	if can.Versioned && !can.DeleteDenied {
		j.report.problem(in.Label() + " keeps what is deleted as older versions: the space comes back by a lifecycle rule for noncurrent versions")
	}
	switch {
	case can.DeleteDenied:
		return opt, "deletes are denied in " + in.Label() + ": allow s3:DeleteObject, also below .recfin/, to who runs with --delete", nil
	case !alone && !(marker.CreateOnce && marker.Replace):
		return opt, fmt.Sprintf("%s does not honour conditions on writes, so another run may have overwritten the marker: %s", out.Label(), aloneHint), nil
	case !alone && !can.DeleteIfMatch && !can.Versioned:
		return opt, fmt.Sprintf("%s does not honour conditions on deletes, so what is uploaded anew could be deleted: %s", in.Label(), aloneHint), nil
	}
	return store.DeleteOptions{Batch: can.DeleteBatch}, "", nil
}

// aloneHint says what makes deleting possible in a store without conditions.
const aloneHint = "give --assume-single-writer if nobody else writes there while recfin runs"

func (j *job) keep(objects []store.Object, why string, failed bool) {
	for _, o := range objects {
		j.report.Kept = append(j.report.Kept, Kept{Object: o, Why: why, Failed: failed})
	}
}
