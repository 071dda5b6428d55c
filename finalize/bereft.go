package finalize

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"

	"recfin/store"
)

// bereft finds the versions that no marker names and that hold segments which are
// nowhere any more, by "session/version". What a run leaves that dies, or that loses
// a race, rests on segments that are there, unless somebody overwrites them. So such a
// version was committed once, and the marker that named it is lost, or an older one was
// put in its place; or what it was made of is another thing by now. Then its outputs may
// be the only ones that have what went as a source, what the bucket expired, or what was
// overwritten. They stay, and a human is told.
func (j *job) bereft(ctx context.Context, p *Plan, next *Marker) (map[string]bool, error) {
	dir := j.f.cfg.folder(p.Recording)
	named := maps.Clone(j.made)
	for _, m := range []*Marker{next, p.committed.last()} {
		for i := range m.Sessions {
			named[m.Sessions[i].ID+"/"+m.Sessions[i].Version] = true
		}
	}
	bereft := map[string]bool{}
	var held func(objectID) bool
	for _, o := range p.outputs {
		session, v, file, ok := dir.split(o.Key)
		name := session + "/" + v.String()
		if !ok || file != segmentsName || named[name] || p.committed.condemns(o) {
			continue
		}
		if held == nil {
			held = j.accounted(p, next)
		}
		missing, err := j.missingOf(ctx, o, held)
		if err != nil {
			return nil, err
		}
		if missing != "" {
			bereft[name] = true
			j.report.problem(fmt.Sprintf("%s%s stays: the marker does not name it, and it holds %s, which is nowhere else: was %s put back from a backup, or lost? If so restore the newest one that there is; otherwise move that folder away",
				dir, name, missing, markerName))
		}
	}
	return bereft, nil
}

// staying are the playlists of versions to which no marker and no door leads, and which
// stay all the same: because they hold what is nowhere else, or because somebody keeps
// them. They count as those of others: what they name stays with them.
func (j *job) staying(p *Plan, stay map[string]bool) []store.Object {
	kept := map[objectID]bool{}
	if c := p.committed; c != nil {
		for i, set := range c.marker.Condemned {
			for _, o := range c.sets[i] {
				kept[idOf(o)] = kept[idOf(o)] || set.Kept
			}
		}
	}
	dir := j.f.cfg.folder(p.Recording)
	var lists []store.Object
	for _, o := range p.outputs {
		session, v, _, ok := dir.split(o.Key)
		if ok && path.Ext(o.Key) == ".m3u8" && (stay[session+"/"+v.String()] || kept[idOf(o)]) {
			lists = append(lists, o)
		}
	}
	return lists
}

// accounted is all that is there, or is held by a session of the next marker, or
// was condemned.
func (j *job) accounted(p *Plan, next *Marker) func(objectID) bool {
	held := map[objectID]bool{}
	for i := range next.Sessions {
		if rec := j.recordOf(p, &next.Sessions[i]); rec != nil {
			rec.chosen(held)
		}
	}
	if p.committed != nil {
		for id := range p.committed.dead {
			held[id] = true
		}
	}
	return func(id objectID) bool { return held[id] || p.there.has(id) }
}

// missingOf names a segment that a version chose and that is not among those that
// are held; empty: there is none. What cannot be read may hold anything.
func (j *job) missingOf(ctx context.Context, o store.Object, held func(objectID) bool) (string, error) {
	raw, _, ok, err := readSmall(ctx, j.f.cfg.Out, o.Key, store.GetOptions{})
	if err != nil || !ok {
		return "", err
	}
	rec, err := decodeRecord(raw)
	if errors.Is(err, ErrRefused) {
		return "what cannot be read", nil
	}
	if err != nil {
		return "", err
	}
	missing := ""
	rec.any(func(s store.Object) bool {
		if !held(idOf(s)) {
			missing = store.Printable(s.Key)
		}
		return missing != ""
	})
	return missing, nil
}

// last is the marker itself; without one it is empty.
func (c *committed) last() *Marker {
	if c == nil {
		return &Marker{}
	}
	return c.marker
}
