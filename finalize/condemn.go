package finalize

import (
	"context"
	"fmt"
	"slices"
	"time"

	"recfin/finalize/timeline"
	"recfin/store"
)

// condemnation is a set before it has a place.
type condemnation struct {
	session, version, kind string
	objects                []Dropped
}

// condemn gathers what the next marker condemns: the files of versions that it
// does not name, with --delete leftovers the copies that lost, and with --delete
// sources what the outputs are proved to hold besides.
func (j *job) condemn(ctx context.Context, p *Plan, next *Marker, swapping bool) ([]condemnation, error) {
	var sets []condemnation
	deleting := j.f.cfg.Delete.Leftovers()
	if swapping || deleting {
		stay, err := j.bereft(ctx, p, next)
		if err != nil {
			return nil, err
		}
		sets = j.strays(p, next, stay)
		p.staying = j.staying(p, stay)
	}
	if !deleting {
		return sets, nil
	}
	keep := map[objectID]bool{} // whatever else says it lost: some session holds it
	for i := range next.Sessions {
		if rec := j.recordOf(p, &next.Sessions[i]); rec != nil {
			rec.chosen(keep)
		}
	}
	var lost []condemnation
	for i := range next.Sessions {
		e := &next.Sessions[i]
		if objects := j.leftovers(p, e, keep); len(objects) > 0 {
			lost = append(lost, condemnation{session: e.ID, version: e.Version, kind: condemnedLeftovers, objects: objects})
		}
	}
	if j.f.cfg.Delete == DeleteSources {
		var err error
		if lost, err = j.departing(ctx, p, next, lost); err != nil {
			return nil, err
		}
	} else if len(lost) > 0 {
		named, err := j.foreign(ctx, slices.Concat(p.Unknown, p.Beside, p.playlists, p.staying))
		if err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			j.report.problem("nothing is marked for deletion: " + err.Error())
			return sets, nil
		}
		j.sayNamed(lost, named)
		lost = without(lost, named)
	}
	// Condemning is for ever, so what would not be deleted is not condemned.
	var bytes int64
	for _, set := range lost {
		if set.kind != condemnedLeftovers {
			continue // an output has them
		}
		for _, o := range set.objects {
			bytes += o.Size
		}
	}
	for _, d := range p.Dropped {
		if bytes > 0 && p.committed.condemns(d.Object) {
			bytes += d.Size
		}
	}
	if j.over = j.ceiling(p, bytes); j.over != nil {
		return sets, nil
	}
	return append(sets, lost...), nil
}

// sayNamed tells once what is no leftover because playlists name it.
func (j *job) sayNamed(sets []condemnation, named names) {
	n, first := 0, ""
	for _, set := range sets {
		for _, d := range set.objects {
			if named.has(d.Key) {
				if n++; first == "" || d.Key < first {
					first = d.Key
				}
			}
		}
	}
	switch {
	case n == 1:
		j.report.problem(fmt.Sprintf("a copy that lost stays: %s names %s", store.Printable(named.by(first)), store.Printable(first)))
	case n > 1:
		j.report.problem(fmt.Sprintf("%d copies that lost stay, because playlists name them: %s names %s", n, store.Printable(named.by(first)), store.Printable(first)))
	}
}

// without leaves out what is named, and sets that are empty then.
func without(sets []condemnation, named names) []condemnation {
	for i := range sets {
		sets[i].objects = slices.DeleteFunc(sets[i].objects, func(d Dropped) bool { return named.has(d.Key) })
	}
	return slices.DeleteFunc(sets, func(c condemnation) bool { return len(c.objects) == 0 })
}

// ceiling refuses to condemn or delete an unlikely share of a recording: then
// the choice itself is to be looked at.
func (j *job) ceiling(p *Plan, bytes int64) error {
	most := int64(j.f.cfg.MaxDeletePercent)
	if bytes <= p.Listed/100*most+p.Listed%100*most/100 {
		return nil
	}
	return fmt.Errorf("delete leftovers of %s: %w: they are %d of %d bytes, more than --max-delete-percent %d: look at recfin plan %s, then raise it",
		store.Printable(j.recording), ErrRefused, bytes, p.Listed, most, store.Printable(j.recording))
}

// strays are the files below the recording's folder that belong to a version
// which the next marker does not name, by session. Their <n> counts as used.
// The lists that the marker vouches for stay, and so do the versions named in stay.
func (j *job) strays(p *Plan, next *Marker, stay map[string]bool) []condemnation {
	dir := j.f.cfg.folder(p.Recording)
	lists := map[string]bool{}
	for _, c := range next.Condemned {
		lists[dir.version(c.Session, c.Version)+c.File] = true
	}
	if l := next.Seen; l != nil {
		lists[dir.version(l.Session, l.Version)+l.File] = true
	}
	dead := make([][]Dropped, len(next.Sessions))
	for _, o := range p.outputs {
		session, v, file, ok := dir.split(o.Key)
		if !ok || !j.f.cfg.Days.take(session) || lists[o.Key] || p.committed.condemns(o) || j.failed[session].version == v.String() {
			continue // of what failed the next run makes use
		}
		// A session that was never committed is put with the first.
		holder := next.holder(session)
		at := max(0, slices.IndexFunc(next.Sessions, func(e MarkerSession) bool { return e.ID == holder }))
		if e := &next.Sessions[at]; e.ID == session {
			if e.Version == v.String() && !oldSeen(file, next.Generation) {
				continue
			}
			e.Highest = max(e.Highest, v.N)
		}
		if stay[session+"/"+v.String()] {
			continue
		}
		dead[at] = append(dead[at], Dropped{Object: o})
	}
	var sets []condemnation
	for at, objects := range dead {
		if e := &next.Sessions[at]; len(objects) > 0 {
			sets = append(sets, condemnation{session: e.ID, version: e.Version, kind: condemnedOutputs, objects: objects})
		}
	}
	return sets
}

// leftovers are the copies that lost against a segment which the session holds.
// A session that was written to lately is left alone, --force or not (I5).
func (j *job) leftovers(p *Plan, e *MarkerSession, keep map[objectID]bool) []Dropped {
	rec := j.recordOf(p, e)
	if rec == nil || !j.f.cfg.Days.take(e.ID) || j.report.Now.Before(p.settledAt(rec, j.f.cfg.settleAfter())) {
		return nil
	}
	chosen := map[objectID]bool{}
	rec.chosen(chosen)
	uncertain := map[string]bool{}
	for _, u := range p.Uncertain {
		for _, k := range u.Keys {
			uncertain[k] = true
		}
	}
	var lost []Dropped
	hidden := j.f.tombstones(p.Beside)
	for _, d := range p.Dropped {
		if !d.Leftover || !chosen[d.winner] || !p.there.has(d.winner) && !p.committed.provable(d.winner) || hidden.hide(d.winner.store, d.winner.key) {
			continue
		}
		if _, moved := j.f.moved[d.winner]; moved {
			continue // what has its place is there under another identity
		}
		if id := idOf(d.Object); d.Strong() && !keep[id] && !uncertain[d.Key] && !p.committed.condemns(d.Object) {
			keep[id] = true // in one set only
			lost = append(lost, d)
		}
	}
	return lost
}

// settledAt is when a session will be, or was, settled: so long after the last
// upload of any segment that the plan or its record counts to it. Config.Force
// has no say here (I5).
func (p *Plan) settledAt(rec *Record, quiet time.Duration) time.Time {
	latest := rec.latestUpload()
	take := func(t time.Time) {
		if t.After(latest) {
			latest = t
		}
	}
	for i := range p.Sessions {
		if s := &p.Sessions[i]; s.Record.Session == rec.Session {
			take(s.Uploaded)
		}
	}
	chosen := map[objectID]bool{}
	rec.chosen(chosen)
	for _, d := range p.Dropped {
		if d.Reason == timeline.Late || d.news || chosen[d.winner] {
			take(d.Modified)
		}
	}
	return latest.Add(quiet)
}

// recordOf is the record of a session as the next marker has it.
func (j *job) recordOf(p *Plan, e *MarkerSession) *Record {
	if w := j.written[e.ID]; w != nil && w.entry.Version == e.Version {
		return w.record
	}
	if p.committed == nil {
		return nil
	}
	return p.committed.record[e.ID]
}

// addSet stores the list of a set beside its version and names it in the marker.
func (j *job) addSet(ctx context.Context, p *Plan, next *Marker, set condemnation) error {
	sortDropped(set.objects)
	list := condemnedList{Format: condemnedFormat, Version: 1}
	var bytes int64
	for _, o := range set.objects {
		list.addDropped(o)
		bytes += o.Size
	}
	raw, err := encodeGzip(&list)
	if err != nil {
		return err
	}
	sum := hashHex(raw)
	file := set.kind + "-" + sum[:16] + ".json.gz"
	key := j.f.cfg.folder(p.Recording).version(set.session, set.version) + file
	if err := j.hold(ctx, p.committed); err != nil {
		return err
	}
	if _, err := j.putOnce(ctx, key, raw, "application/gzip"); err != nil {
		return err
	}
	next.Condemned = append(next.Condemned, CondemnedSet{
		Session: set.session, Version: set.version, Kind: set.kind,
		File: file, SHA256: sum, Objects: len(set.objects), Bytes: bytes,
	})
	return nil
}
