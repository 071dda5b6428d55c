package finalize

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"recfin/finalize/layout"
	"recfin/finalize/remux"
	"recfin/store"
)

// departure finds what may go as a source: a segment that outputs of the committed
// version are proved to hold whole, an init segment that nothing needs any more, and
// a sidecar of which every segment goes. In doubt a thing stays, and what stays may
// keep others: so everything that could go is gathered first, and then taken back
// until nothing that stays names, needs or is a part of what goes.
type departure struct {
	j    *job
	p    *Plan
	next *Marker

	going     map[objectID]*parting
	uses      map[objectID][]usage           // of the sessions of the next marker, by segment
	needs     map[objectID]map[objectID]bool // by init segment: the segments that need it
	parts     map[objectID][]usedInit        // of init segments
	copied    map[objectID][]usage           // by init segment: its copies, for the rows whose copies need them
	folders   map[objectID]map[inFolder]bool // by init segment: where what it describes may lie
	blocked   map[objectID]bool              // in use by what is not committed, or dropped
	media     map[objectID]store.Object      // every segment that is there and not condemned
	playlists []*mention                     // of others, and sidecars
	eligible  map[string]bool                // sessions, by id
	records   map[string]*Record             // by session
	dirs      map[string]string              // of their versions, by session
	stay      map[string]map[string]int      // by session: why segments stay, and how many
	doubtful  map[string]bool                // keys of what is uncertain
	hidden    tombstones
	advice    []string // of the plan
	named     []string // sessions whose playlists name the segments where they lie
}

// parting is an object that goes.
type parting struct {
	Dropped
	session string
	kind    string // of the set
}

// usage is a row of a committed session.
type usage struct {
	session string
	q       *RenditionRecord
	row     int
	keeper
}

// usedInit is a part of an object that is an init segment.
type usedInit struct {
	piece
	sha256 string
}

// departing gives what the next marker condemns as leftovers and as sources. lost
// are the leftovers.
func (j *job) departing(ctx context.Context, p *Plan, next *Marker, lost []condemnation) ([]condemnation, error) {
	d := &departure{
		j: j, p: p, next: next, going: map[objectID]*parting{}, uses: map[objectID][]usage{}, needs: map[objectID]map[objectID]bool{},
		parts: map[objectID][]usedInit{}, copied: map[objectID][]usage{}, folders: map[objectID]map[inFolder]bool{}, blocked: map[objectID]bool{}, media: map[objectID]store.Object{},
		eligible: map[string]bool{}, records: map[string]*Record{}, dirs: map[string]string{}, stay: map[string]map[string]int{},
		doubtful: map[string]bool{}, hidden: j.f.tombstones(p.Beside), advice: p.Advice(),
	}
	for _, u := range p.Uncertain {
		for _, key := range u.Keys {
			d.doubtful[key] = true
		}
	}
	d.gather()
	d.sayReferenced()
	d.segments()
	if len(d.going) == 0 && len(lost) == 0 {
		d.report()
		return nil, nil
	}
	d.inits()
	for _, set := range lost {
		for _, x := range set.objects {
			d.going[idOf(x.Object)] = &parting{x, set.session, set.kind}
		}
	}
	if err := d.readPlaylists(ctx); err != nil {
		return nil, err
	}
	d.settle()
	if err := d.doors(ctx); err != nil {
		return nil, err
	}
	if err := d.prove(ctx); err != nil {
		return nil, err
	}
	d.settle()
	d.report()
	return d.sets(), nil
}

// gather notes what every segment and init segment that is there is used for.
func (d *departure) gather() {
	for i := range d.next.Sessions {
		e := &d.next.Sessions[i]
		rec := d.j.recordOf(d.p, e)
		if rec == nil {
			continue
		}
		d.records[e.ID] = rec
		d.eligible[e.ID] = d.mayGo(e, rec)
		d.dirs[e.ID] = d.j.f.cfg.folder(d.p.Recording).version(e.ID, e.Version)
		h := d.j.holders(rec, d.dirs[e.ID])
		for k := range rec.Renditions {
			q := &rec.Renditions[k]
			for row := range q.Key {
				o := q.Object(row)
				by := h.of(q, row)
				d.uses[idOf(o)] = append(d.uses[idOf(o)], usage{e.ID, q, row, by})
				d.isThere(o)
				if x, ok := rec.needsInit(q, row); ok {
					d.need(x, rec.Inits.SHA256[q.Init[row]-1], o)
					if by.copied() {
						d.copiedInit(x.Object, usage{e.ID, q, row, h.copyOf(q, x.Object)})
					}
				}
			}
		}
	}
	for i := range d.p.Sessions {
		if s := &d.p.Sessions[i]; s.Action == Wait || s.Action == Outside || s.Action == Write && d.j.gaveUp(s) {
			d.block(s.Record) // it may be made one day
		}
	}
	for _, x := range d.p.Dropped {
		d.blocked[idOf(x.Object)] = true
		d.isThere(x.Object)
	}
}

// block keeps what a session has that is planned and not committed.
func (d *departure) block(rec *Record) {
	for k := range rec.Renditions {
		q := &rec.Renditions[k]
		for row := range q.Key {
			o := q.Object(row)
			d.isThere(o)
			d.blocked[idOf(o)] = true
			if x, ok := rec.needsInit(q, row); ok {
				d.blocked[idOf(x.Object)] = true
			}
		}
	}
}

// isThere notes a segment that was listed and is not condemned.
func (d *departure) isThere(o store.Object) {
	if d.p.there.has(idOf(o)) && !d.p.committed.condemns(o) {
		d.media[idOf(o)] = o
	}
}

// need notes that a segment needs an init segment.
func (d *departure) need(x piece, sha256 string, by store.Object) {
	id := idOf(x.Object)
	if d.needs[id] == nil {
		d.needs[id], d.folders[id] = map[objectID]bool{}, map[inFolder]bool{folderOf(x.Object): true}
	}
	d.needs[id][idOf(by)] = true
	d.folders[id][folderOf(by)] = true
	if !slices.ContainsFunc(d.parts[id], func(u usedInit) bool { return u.part == x.part }) {
		d.parts[id] = append(d.parts[id], usedInit{x, sha256})
	}
}

// copiedInit notes the copy without which those of the segments cannot be read.
func (d *departure) copiedInit(init store.Object, u usage) {
	id := idOf(init)
	if !slices.ContainsFunc(d.copied[id], func(v usage) bool { return v.by == u.by }) {
		d.copied[id] = append(d.copied[id], u)
	}
}

// segments takes what outputs hold whole.
func (d *departure) segments() {
	for _, id := range sortedIDs(d.uses) {
		uses := d.uses[id]
		o, there := d.media[id]
		if !there {
			continue // gone or condemned before
		}
		if why := d.stays(o, uses); why != "" {
			if d.eligible[uses[0].session] {
				d.keepOne(uses[0].session, why)
			}
			continue
		}
		d.going[id] = &parting{d.heldBy(o, uses[0].by), uses[0].session, condemnedSources}
	}
}

// heldBy is a source that an output has in its place. The ETag of the output is not
// noted: where it is no hash, the same run made again would say something else.
func (d *departure) heldBy(o store.Object, by *Output) Dropped {
	return Dropped{Object: o, Kept: by.Key, winner: objectID{store: by.Store, key: by.Key}}
}

func (d *departure) keepOne(session, why string) {
	if d.stay[session] == nil {
		d.stay[session] = map[string]int{}
	}
	d.stay[session][why]++
}

// Why a segment stays.
const (
	staysPartly = "not known to be held whole (damage inside, pictures or sound left out, or written before that was noted)"
	staysData   = "they hold data that no output has (ID3, SCTE-35, subtitles …): --drop-data lets them go"
	staysOther  = "something else needs them, or their version cannot be told from others"
	staysShared = "two sessions have parts of them, and the proof of a deletion is that of one"
	staysNamed  = "a playlist or manifest of others names them"
	staysUnread = "what was read of them cannot be proved"
)

// stays says why an object is kept; empty: every segment in it is held whole, and
// they are all that there is of it.
func (d *departure) stays(o store.Object, uses []usage) string {
	id := idOf(o)
	if _, moved := d.j.f.moved[id]; moved || !o.Strong() || d.blocked[id] || d.hidden.hide(o.Store, o.Key) {
		return staysOther
	}
	if source := d.j.f.cfg.source(o.Store); source == nil || d.j.f.isOutput(source, o.Key) {
		return staysOther
	}
	for _, u := range uses {
		switch {
		case !d.eligible[u.session]:
			return staysOther
		case u.session != uses[0].session:
			return staysShared
		case u.held == remux.AllButData && !d.j.f.cfg.DropData:
			return staysData
		case u.held == remux.Partly || u.by == nil || u.sum == "" && !u.copied():
			return staysPartly
		}
	}
	if !d.covered(o, uses) {
		return staysPartly
	}
	return ""
}

// covered reports whether segments, and init segments, are all that there is of an
// object.
func (d *departure) covered(o store.Object, uses []usage) bool {
	type span struct{ from, to int64 }
	var spans []span
	add := func(off, length int64) {
		if length == 0 {
			length = o.Size
		}
		spans = append(spans, span{off, off + length})
	}
	for _, u := range uses {
		part := u.q.Part(u.row)
		add(part.Offset, part.Length)
	}
	for _, x := range d.parts[idOf(o)] {
		add(x.part.Offset, x.part.Length)
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	at := int64(0)
	for _, s := range spans {
		if s.from > at {
			return false
		}
		at = max(at, s.to)
	}
	return at >= o.Size
}

// inits takes the init segments that lie in objects of their own. Whether anything
// that stays needs one is seen later.
func (d *departure) inits() {
	listed := map[objectID]store.Object{}
	for _, o := range d.p.Beside {
		listed[idOf(o)] = o
	}
	for _, id := range sortedIDs(d.needs) {
		o, there := listed[id]
		if !there || len(d.uses[id]) > 0 || d.blocked[id] || !o.Strong() || d.p.committed.condemns(o) {
			continue
		}
		if _, moved := d.j.f.moved[id]; moved || d.severalSessions(id) {
			continue
		}
		for _, user := range sortedIDs(d.needs[id]) {
			if x := d.going[user]; x != nil && x.kind == condemnedSources {
				d.going[id] = &parting{Dropped{Object: o, Kept: x.Kept, winner: x.winner}, x.session, condemnedSources}
				break
			}
		}
	}
}

// severalSessions reports whether segments of more than one session need an init
// segment. Then it stays: its sets and their proofs are those of one session.
func (d *departure) severalSessions(init objectID) bool {
	first := ""
	for user := range d.needs[init] {
		for _, u := range d.uses[user] {
			if first == "" {
				first = u.session
			}
			if u.session != first {
				return true
			}
		}
	}
	return false
}

// isSidecar reports whether an object is a sidecar of the recording, and of which
// writer.
func (d *departure) isSidecar(o store.Object) (writer, bool) {
	s, ok := d.j.f.read(o)
	return writer{s.Recording, s.Nonce}, ok && s.Kind == layout.Sidecar
}

// writer is who uploaded something.
type writer struct{ recording, nonce string }

func sortedIDs[V any](m map[objectID]V) []objectID {
	return slices.SortedFunc(maps.Keys(m), func(a, b objectID) int { return compareObjects(a.object(), b.object()) })
}
