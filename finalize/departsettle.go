package finalize

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"recfin/internal/bug"
	"recfin/store"
)

// mention is a playlist or manifest, and what it names of what is there.
type mention struct {
	store.Object
	sidecar bool
	by      writer
	names   []objectID
	blind   bool // it holds a template, so what it names is only guessed
}

// readPlaylists reads what names segments: playlists and manifests of others,
// sidecars, and what lies in other places of ours. Each version is read once in a
// job.
func (d *departure) readPlaylists(ctx context.Context) error {
	byKey := map[string][]objectID{}
	add := func(o store.Object) { byKey[o.Key] = append(byKey[o.Key], idOf(o)) }
	for _, id := range sortedIDs(d.media) {
		add(d.media[id])
	}
	for _, o := range slices.Concat(d.p.Unknown, d.p.Beside) {
		if !d.p.committed.condemns(o) {
			add(o)
		}
	}
	stay := map[objectID]bool{} // condemned or not
	for _, o := range d.p.staying {
		stay[idOf(o)] = true
	}
	for _, o := range slices.Concat(d.p.Unknown, d.p.Beside, d.p.playlists, d.p.staying) {
		if d.p.committed.condemns(o) && !stay[idOf(o)] {
			continue
		}
		said, ok, err := d.j.namesOf(ctx, o)
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			d.j.report.problem("nothing is marked for deletion: " + err.Error())
			d.going = map[objectID]*parting{}
			return nil
		}
		if !ok {
			continue
		}
		m := &mention{Object: o, blind: len(said.ends) > 0}
		m.by, m.sidecar = d.isSidecar(o)
		for key := range said.keys {
			m.names = append(m.names, byKey[key]...)
		}
		for key, ids := range byKey {
			if m.blind && said.keys[key] == "" && said.has(key) {
				m.names = append(m.names, ids...)
			}
		}
		d.playlists = append(d.playlists, m)
		d.sidecar(m)
	}
	return nil
}

// sidecar takes a sidecar that names something which goes. One that names nothing
// stays: it is no list of segments, or of other ones.
func (d *departure) sidecar(m *mention) {
	if !m.sidecar || m.blind || !m.Strong() {
		return
	}
	var first *parting
	for _, id := range m.names {
		if x := d.going[id]; x != nil && (first == nil || compareObjects(x.Object, first.Object) < 0) {
			first = x
		}
	}
	if first != nil {
		d.going[idOf(m.Object)] = &parting{Dropped{Object: m.Object}, first.session, condemnedSources}
	}
}

// settle takes back what something needs or names that stays, until nothing does.
func (d *departure) settle() {
	for changed := true; changed; {
		changed = false
		take := func(id objectID, why string) {
			x := d.going[id]
			if x == nil {
				return
			}
			changed = true
			delete(d.going, id)
			if d.uses[id] != nil {
				d.keepOne(x.session, why)
			}
		}
		folders, writers := d.staying()
		for _, m := range d.playlists {
			if d.going[idOf(m.Object)] != nil {
				if writers[m.by] || slices.ContainsFunc(m.names, func(id objectID) bool { return d.going[id] == nil }) {
					take(idOf(m.Object), "")
				}
				continue
			}
			for _, id := range m.names {
				d.sayNamed(m, id)
				take(id, staysNamed)
			}
		}
		for _, id := range sortedIDs(d.needs) {
			needed := slices.ContainsFunc(slices.Collect(maps.Keys(d.needs[id])), d.isStaying)
			for dir := range d.folders[id] {
				needed = needed || folders[dir] && d.uses[id] == nil
			}
			if needed {
				take(id, staysOther)
			}
		}
	}
}

// sayNamed tells once which playlist keeps a leftover.
func (d *departure) sayNamed(m *mention, id objectID) {
	if x := d.going[id]; x != nil && x.kind == condemnedLeftovers {
		d.j.report.problem(fmt.Sprintf("a copy that lost stays: %s names %s", store.Printable(m.Key), store.Printable(x.Key)))
	}
}

// isStaying reports whether a segment is there and does not go.
func (d *departure) isStaying(id objectID) bool {
	_, there := d.media[id]
	return there && d.going[id] == nil
}

// staying are the folders and the writers of which a segment stays.
func (d *departure) staying() (map[inFolder]bool, map[writer]bool) {
	folders, writers := map[inFolder]bool{}, map[writer]bool{}
	for id, o := range d.media {
		if d.going[id] == nil {
			folders[folderOf(o)] = true
			if s, ok := d.j.f.read(o); ok {
				writers[writer{s.Recording, s.Nonce}] = true
			}
		}
	}
	return folders, writers
}

// prove shows that the outputs hold what is to go: their bodies are right, and what
// went into them is what the stores have. Where that cannot be shown nothing goes.
func (d *departure) prove(ctx context.Context) error {
	of := map[string]bool{} // sessions
	for _, x := range d.going {
		of[x.session] = of[x.session] || x.kind == condemnedSources
	}
	for id := range d.uses {
		if d.going[id] != nil {
			for _, u := range d.uses[id] {
				of[u.session] = true
			}
		}
	}
	for _, session := range slices.Sorted(maps.Keys(of)) {
		if !of[session] {
			continue
		}
		if err := d.j.proveOutputs(ctx, d.records[session], d.dirs[session]); err != nil {
			if !errors.Is(err, ErrVerify) {
				return err
			}
			clear(d.going) // where an output is wrong nothing is certain, leftovers neither
			return d.giveUp(fmt.Errorf("nothing of %s is marked for deletion: %w: %w: restore it", store.Printable(d.p.Recording), ErrRefused, err))
		}
	}
	return d.proveReads(ctx)
}

// giveUp lets no source go, and says why.
func (d *departure) giveUp(why error) error {
	d.j.unproved = why
	for id, x := range d.going {
		if x.kind == condemnedSources {
			delete(d.going, id)
		}
	}
	d.stay = map[string]map[string]int{}
	return nil
}

// proveUsage proves that a segment is what the output has that holds it. A copy holds
// the whole object, whatever part of it the segment is.
func (d *departure) proveUsage(ctx context.Context, u usage) (bool, error) {
	if !u.copied() {
		return d.j.proveRead(ctx, u.q.piece(u.row), u.sum)
	}
	return d.proveCopied(ctx, u.q.Object(u.row), u.keeper)
}

// proveCopied proves that an object is what a copy of it has. Where there is no copy
// that could be proved, it is not.
func (d *departure) proveCopied(ctx context.Context, o store.Object, k keeper) (bool, error) {
	sum := k.sum
	if sum == "" && k.by != nil {
		sum = d.j.proved.sum(*k.by)
	}
	return d.j.proveRead(ctx, piece{Object: o}, sum)
}

// proveReads proves what was read of the segments and init segments that go.
func (d *departure) proveReads(ctx context.Context) error {
	var mu sync.Mutex
	var doubt []objectID
	var wrong []error
	done := func(id objectID, ok bool, err error) error {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case errors.Is(err, ErrRefused):
			wrong = append(wrong, err)
		case err != nil:
			return err
		case !ok:
			doubt = append(doubt, id)
		}
		return nil
	}
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(d.j.f.cfg.Concurrency)
	for _, id := range sortedIDs(d.going) {
		for _, u := range d.uses[id] {
			g.Go(func() error {
				ok, err := d.proveUsage(ctx, u)
				return done(id, ok, err)
			})
		}
		if d.going[id].kind != condemnedSources {
			continue
		}
		for _, x := range d.parts[id] {
			g.Go(func() error {
				raw, err := d.j.readInit(ctx, x.piece)
				if errors.Is(err, store.ErrNotExist) || errors.Is(err, store.ErrChanged) {
					raw, err = nil, nil
				}
				return done(id, hashHex(raw) == x.sha256, err)
			})
		}
		for _, u := range d.copied[id] { // without it the copies cannot be read
			g.Go(func() error {
				ok, err := d.proveCopied(ctx, d.going[id].Object, u.keeper)
				return done(id, ok, err)
			})
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if len(wrong) > 0 {
		slices.SortFunc(wrong, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
		return d.giveUp(wrong[0])
	}
	for _, id := range doubt {
		if x := d.going[id]; x != nil {
			delete(d.going, id)
			d.keepOne(x.session, staysUnread)
		}
	}
	return nil
}

// report says what stays of the sessions of which something may go.
func (d *departure) report() {
	for _, session := range slices.Sorted(maps.Keys(d.stay)) {
		for _, why := range slices.Sorted(maps.Keys(d.stay[session])) {
			d.j.report.problem(fmt.Sprintf("session %s: %d source segments stay: %s", session, d.stay[session][why], why))
		}
	}
}

// sets are what goes, by session and kind: leftovers first, because they are deleted
// while what has their place still stands.
func (d *departure) sets() []condemnation {
	type in struct{ kind, session string }
	objects := map[in][]Dropped{}
	for _, id := range sortedIDs(d.going) {
		x := d.going[id]
		objects[in{x.kind, x.session}] = append(objects[in{x.kind, x.session}], x.Dropped)
	}
	var out []condemnation
	for _, kind := range []string{condemnedLeftovers, condemnedSources} {
		for _, e := range d.next.Sessions {
			if gone := objects[in{kind, e.ID}]; len(gone) > 0 {
				out = append(out, condemnation{session: e.ID, version: e.Version, kind: kind, objects: gone})
			}
		}
	}
	return out
}
