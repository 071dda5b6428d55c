package finalize

import (
	"cmp"
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
// that is not so, or was not at an earlier batch, and why.
func (c *cleaning) proofs(ctx context.Context, v victims) (map[int]string, error) {
	sources := map[int][]objectID{} // by the set that condemns them: what goes, or has the place of what goes
	for _, o := range v.list {
		if v.kind == condemnedSources {
			sources[o.set] = append(sources[o.set], idOf(o.Object))
		} else if set, ok := c.sourceSet(o.place); ok {
			sources[set] = append(sources[set], o.place)
		}
	}
	for set, of := range sources {
		if c.stale[set] != "" {
			continue
		}
		why, err := c.staleProof(ctx, &c.r.committed.marker.Condemned[set], of)
		if err != nil {
			return nil, err
		}
		if why != "" {
			c.stale[set] = why
		}
	}
	return c.stale, nil
}

// staleProof says why the outputs that were proved to hold some sources of a set
// prove nothing now; empty: they do.
func (c *cleaning) staleProof(ctx context.Context, set *CondemnedSet, of []objectID) (string, error) {
	e := c.r.committed.marker.session(set.Session)
	if e == nil || e.Version != set.Version {
		return "its session was written anew since it was proved to be held: " + set.Session + "/" + set.Version + " is not the version that stands", nil
	}
	if c.rests[e.ID] == nil {
		c.rests[e.ID] = c.restOf(c.r.committed.record[e.ID], c.f.cfg.folder(c.recording).version(e.ID, e.Version))
	}
	outputs := c.rests[e.ID].of(of)
	wrong := make([]string, len(outputs))
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(c.f.cfg.Concurrency)
	for i, o := range outputs {
		g.Go(func() error {
			now := c.f.today(o.object())
			info, err := c.f.cfg.Out.Head(ctx, o.Key)
			switch {
			case err == nil && info.Strong() && info.Same(now):
			case err == nil, errors.Is(err, store.ErrNotExist):
				wrong[i] = store.Printable(o.Key) + " is not there as it was proved: nothing may rest on it"
			default:
				return fmt.Errorf("look at %s: %w", store.Printable(o.Key), err)
			}
			return nil
		})
	}
	err := g.Wait()
	return cmp.Or(wrong...), err
}

// rest is what the proofs of a version rest on.
type rest struct {
	all    []*Output              // whatever goes
	copies map[objectID][]*Output // by what they are copies of
}

// restOf takes the outputs of a version apart, the folder of which is dir. There may be
// as many copies as segments: those are looked at together with what they hold, so
// that the work grows with the victims, and not with their square.
func (j *job) restOf(rec *Record, dir string) *rest {
	r := &rest{copies: map[objectID][]*Output{}}
	from := j.origins(rec, dir)
	for i := range rec.Outputs {
		o := &rec.Outputs[i]
		if source, known := from[o.Key]; known && o.Kind == "copy" {
			r.copies[idOf(source)] = append(r.copies[idOf(source)], o)
		} else {
			r.all = append(r.all, o)
		}
	}
	return r
}

// of gives what the deleting of some sources rests on.
func (r *rest) of(sources []objectID) []*Output {
	out := slices.Clone(r.all)
	for _, id := range sources {
		out = append(out, r.copies[id]...)
	}
	return out
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
