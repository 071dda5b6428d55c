package finalize

import (
	"context"
	"maps"
	"slices"
)

// No swap leaves a door that leads to a version other than those of the markers before
// and behind it. But an older marker that somebody put back does, and so may one that
// was written anew where the old one was lost. Players of that other version may need
// the segments where they lie, so none of its session goes as a source.

// astray are the doors of a session, its own and those of what it absorbed, that lead
// to a version which is not among those given, each as "session/version".
func (j *job) astray(ctx context.Context, e *MarkerSession, versions ...string) (bool, error) {
	led, err := j.ledTo(ctx, e.ids())
	if err != nil {
		return false, err
	}
	for version := range led {
		if !slices.Contains(versions, version) {
			return true, nil
		}
	}
	return false, nil
}

// doors keeps the sources of sessions that have a door which leads astray. What it
// leads to before the swap is what the present marker names.
func (d *departure) doors(ctx context.Context) error {
	of := map[string]bool{}
	for _, x := range d.going {
		if x.kind == condemnedSources {
			of[x.session] = true
		}
	}
	for _, session := range slices.Sorted(maps.Keys(of)) {
		e := d.next.session(session)
		var versions []string
		for _, m := range []*Marker{d.next, d.p.committed.last()} {
			for i := range m.Sessions {
				if s := &m.Sessions[i]; slices.Contains(e.ids(), s.ID) {
					versions = append(versions, s.ID+"/"+s.Version)
				}
			}
		}
		astray, err := d.j.astray(ctx, e, versions...)
		if err != nil {
			return err
		}
		if !astray {
			continue
		}
		for id, x := range d.going {
			if x.session == session && x.kind == condemnedSources {
				delete(d.going, id)
			}
		}
		d.keepAll(e, "a door of it leads to a version that the marker does not name, and the playlists there may name them: was "+markerName+" put back from a backup? If so restore the newest one that there is; otherwise delete that door")
	}
	return nil
}

// astray finds the sets of sources that wait for a door: it leads to another version
// than the one that holds them.
func (c *cleaning) astray(ctx context.Context, v victims) (map[int]bool, error) {
	astray := map[int]bool{}
	for _, o := range v.list {
		if _, asked := astray[o.set]; asked {
			continue
		}
		m := c.r.committed.marker
		e := m.session(m.holder(m.Condemned[o.set].Session))
		if e == nil {
			continue // nothing is proved to hold them
		}
		var err error
		if astray[o.set], err = c.job.astray(ctx, e, e.ID+"/"+e.Version); err != nil {
			return nil, err
		}
	}
	return astray, nil
}
