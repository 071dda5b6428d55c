package finalize

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"recfin/internal/bug"
	"recfin/store"
)

// sourceSet is the set that condemns an object because outputs hold it whole.
func (c *cleaning) sourceSet(id objectID) (set int, ok bool) {
	if c.holds == nil {
		c.holds = map[objectID]int{}
		for i := range c.r.committed.marker.Condemned {
			if c.r.committed.marker.Condemned[i].Kind != condemnedSources {
				continue
			}
			for _, o := range c.r.committed.sets[i] {
				c.holds[idOf(o)] = i
			}
		}
	}
	set, ok = c.holds[id]
	return set, ok
}

// proofs looks at the outputs on which the deleting of a batch rests: they were
// proved when its sources were condemned, and read back in this run, so now their
// sizes and ETags say that they are still the same. It gives the sets for which
// that is not so, and why.
func (c *cleaning) proofs(ctx context.Context, v victims) (map[int]string, error) {
	sets := map[int]bool{}
	for _, o := range v.list {
		if v.kind == condemnedSources {
			sets[o.set] = true
		} else if set, ok := c.sourceSet(o.place); ok {
			sets[set] = true
		}
	}
	stale := map[int]string{}
	for set := range sets {
		why, err := c.staleProof(ctx, &c.r.committed.marker.Condemned[set])
		if err != nil {
			return nil, err
		}
		if why != "" {
			stale[set] = why
		}
	}
	return stale, nil
}

// staleProof says why the outputs that were proved to hold the sources of a set
// prove nothing now; empty: they do.
func (c *cleaning) staleProof(ctx context.Context, set *CondemnedSet) (string, error) {
	e := c.r.committed.marker.session(set.Session)
	if e == nil || e.Version != set.Version {
		return "its session was written anew since it was proved to be held: " + set.Session + "/" + set.Version + " is not the version that stands", nil
	}
	why := ""
	for _, o := range c.r.committed.record[e.ID].Outputs {
		now := c.f.today(o.object())
		info, err := c.f.cfg.Out.Head(ctx, o.Key)
		switch {
		case err == nil && info.Strong() && info.Same(now):
		case err == nil, errors.Is(err, store.ErrNotExist):
			why = store.Printable(o.Key) + " is not there as it was proved: nothing may rest on it"
		default:
			return "", fmt.Errorf("look at %s: %w", store.Printable(o.Key), err)
		}
	}
	return why, nil
}

// lookAtOutputs looks at files of superseded versions, and at the doors that may
// still lead to them.
func (c *cleaning) lookAtOutputs(ctx context.Context, v victims, l *sight) error {
	wanted := make([]string, len(v.list))
	for i, o := range v.list {
		wanted[i] = o.Key
	}
	slices.Sort(wanted)
	l.there = listed{}
	for _, prefix := range cover(c.ground.outputKeys, wanted, []string{c.ground.folder}) {
		for o, err := range v.in.List(ctx, prefix) {
			if err != nil {
				return err
			}
			l.there[idOf(o)] = o.Modified
		}
	}
	sessions := map[string]bool{}
	for _, o := range v.list {
		if id, _, _, ok := c.f.cfg.folder(c.recording).split(o.Key); ok {
			sessions[id] = true
			if e := c.r.committed.marker.session(c.r.committed.marker.holder(id)); e != nil {
				for _, id := range e.ids() {
					sessions[id] = true
				}
			}
		}
	}
	var err error
	l.doors, err = c.ledTo(ctx, sortedNames(sessions))
	return err
}

// ledTo gives the versions, as "session/version", that the doors of sessions name,
// whatever the marker says that they should.
func (j *job) ledTo(ctx context.Context, sessions []string) (map[string]bool, error) {
	dir := j.f.cfg.folder(j.recording)
	texts := make([][]byte, len(sessions))
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(j.f.cfg.Concurrency)
	for i, id := range sessions {
		g.Go(func() (err error) {
			texts[i], _, _, err = readSmall(ctx, j.f.cfg.Out, dir.door(id), durable)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	versions := map[string]bool{}
	for i, id := range sessions {
		named := newNames()
		references(texts[i], dir.door(id), named)
		for key := range named.keys {
			if session, v, _, ok := dir.split(key); ok {
				versions[session+"/"+v.String()] = true
			}
		}
	}
	return versions, nil
}
