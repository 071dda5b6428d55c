package finalize

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"recfin/store"
)

// committed is what the store holds for good of one recording: the marker as
// it was read, the record of each session, and all that was ever condemned.
type committed struct {
	marker *Marker
	raw    []byte
	object store.Object // of the marker: its ETag is what the next swap is pinned to
	record map[string]*Record
	dead   map[objectID]Dropped // all that was condemned
	sets   [][]store.Object     // like marker.Condemned
	// sources are those that were condemned because an output has them.
	sources map[objectID]bool
	final   map[string]bool       // sessions of which one was: they never change any more
	seen    []Dropped             // of the list of what came later and was not taken
	same    map[objectID]objectID // what the records have, by what it is today; see recognize
	index   known                 // of the rows of all records
	// reopened are the drops that are no facts any more, see reopen.
	reopened map[rowID]bool
}

// condemns reports whether an object may never be chosen again (I1). The same
// bytes uploaded anew under the same key are another object.
func (c *committed) condemns(o store.Object) bool {
	if c == nil {
		return false
	}
	d, ok := c.dead[idOf(o)]
	return ok && !o.Modified.After(d.Modified)
}

// departed reports whether a version was condemned as a source: an output has all
// of it, whether it is there or not.
func (c *committed) departed(id objectID) bool { return c != nil && c.sources[id] }

// provable reports whether a version departed and what holds it can still be proved. Of
// a copy without a checksum only the version itself could tell that it is right.
func (c *committed) provable(id objectID) bool {
	if !c.departed(id) {
		return false
	}
	rec := c.record[c.index.objects[id]]
	return rec != nil && !slices.ContainsFunc(rec.Outputs, func(o Output) bool {
		_, told := o.crc()
		return o.Kind == "copy" && !told
	})
}

// here reports whether an object was listed and is not condemned.
func (c *committed) here(o store.Object, there *presence) bool {
	return there.has(idOf(o)) && !c.condemns(o)
}

// readCommitted reads the marker and everything that it vouches for. Without
// a marker it returns nil.
func (f *Finalizer) readCommitted(ctx context.Context, recording string) (*committed, error) {
	return f.readWhole(ctx, recording, f.readVouchedFor)
}

// readWhole reads the marker, and with a function what it vouches for. Where some of
// that is gone because another run has swapped the marker meanwhile, it reads again.
func (f *Finalizer) readWhole(ctx context.Context, recording string, rest func(context.Context, *committed) error) (*committed, error) {
	var last []byte
	for range attempts {
		c, err := f.readMarker(ctx, recording, store.GetOptions{})
		if err != nil || c == nil {
			return nil, err
		}
		err = rest(ctx, c)
		if err == nil {
			return c, nil
		}
		if !errors.Is(err, ErrRefused) || string(c.raw) == string(last) {
			return nil, err
		}
		last = c.raw
	}
	return nil, fmt.Errorf("read the marker of %s: %w", store.Printable(recording), ErrAgain)
}

// readMarker reads the marker alone.
func (f *Finalizer) readMarker(ctx context.Context, recording string, opt store.GetOptions) (*committed, error) {
	dir := f.cfg.folder(recording)
	raw, info, ok, err := readSmall(ctx, f.cfg.Out, dir.marker(), opt)
	if err != nil || !ok {
		return nil, err
	}
	m, err := decodeMarker(raw)
	if err != nil {
		return nil, fmt.Errorf("marker %s: %w", store.Printable(dir.marker()), err)
	}
	if m.Recording != recording {
		return nil, fmt.Errorf("marker %s: %w: it is the marker of %s: was the folder renamed?", store.Printable(dir.marker()), ErrRefused, store.Printable(m.Recording))
	}
	return &committed{marker: m, raw: raw, object: info.Object, record: map[string]*Record{}, dead: map[objectID]Dropped{}, sources: map[objectID]bool{}, final: map[string]bool{}}, nil
}

// readVouchedFor reads the records and condemned sets that the marker names.
func (f *Finalizer) readVouchedFor(ctx context.Context, c *committed) error {
	m := c.marker
	sets := make([][]Dropped, len(m.Condemned))
	err := f.readNamed(ctx, c, func(ctx context.Context, dir folder, i int) (err error) {
		sets[i], err = f.readSet(ctx, dir, &m.Condemned[i])
		return err
	})
	if err != nil {
		return err
	}
	for i, set := range sets {
		objects := make([]store.Object, len(set))
		for k, d := range set {
			objects[k] = d.Object
			c.dead[idOf(d.Object)] = d
			if m.Condemned[i].Kind == condemnedSources {
				c.sources[idOf(d.Object)] = true
			}
		}
		c.sets = append(c.sets, objects)
	}
	for id, r := range c.record {
		if len(c.sources) > 0 && r.any(func(o store.Object) bool { return c.sources[idOf(o)] }) {
			c.final[id] = true
		}
	}
	c.placeSeen()
	c.index = c.makeIndex()
	return nil
}

// holder is the id of the session that has taken over what a session had: its
// own, or that of the one which absorbed it.
func (m *Marker) holder(id string) string {
	for i := range m.Sessions {
		if e := &m.Sessions[i]; e.ID == id || slices.Contains(e.Absorbed, id) {
			return e.ID
		}
	}
	return id
}

// readRecord reads the record of a session, once in a job: the marker names it
// by its bytes, and nobody changes a record.
func (f *Finalizer) readRecord(ctx context.Context, dir folder, s *MarkerSession) (*Record, error) {
	key := dir.version(s.ID, s.Version) + segmentsName
	if r := f.records.get(key, s.Segments); r != nil {
		return r, nil
	}
	raw, err := f.readVouched(ctx, key, s.Segments)
	if err != nil {
		return nil, err
	}
	r, err := decodeRecord(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", store.Printable(key), err)
	}
	f.records.put(key, s.Segments, r)
	return r, nil
}

// records are those that a job has read, by key and SHA-256. A nil one keeps
// nothing.
type records struct {
	mu sync.Mutex
	by map[[2]string]*Record
}

func (c *records) get(key, sum string) *Record {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.by[[2]string{key, sum}]
}

func (c *records) put(key, sum string, r *Record) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by[[2]string{key, sum}] = r
}

// condemnedList is the form of a condemned set in the store.
type condemnedList struct {
	Format  string `json:"format"` // "recfin/condemned"
	Version int    `json:"version"`
	ObjectColumns
	Reason []Reason `json:"reason"` // of leftovers; empty for outputs
	// The version that has the place of each leftover.
	Kept      []string `json:"kept"`
	KeptStore []string `json:"kept_store"`
	KeptETag  []string `json:"kept_etag"`
	KeptSize  []int64  `json:"kept_size"`
}

func (l *condemnedList) addDropped(d Dropped) {
	l.add(d.Object)
	l.Reason = append(l.Reason, d.Reason)
	l.Kept = append(l.Kept, d.Kept)
	l.KeptStore = append(l.KeptStore, d.winner.store)
	l.KeptETag = append(l.KeptETag, d.winner.etag)
	l.KeptSize = append(l.KeptSize, d.winner.size)
}

func (l *condemnedList) dropped(i int) Dropped {
	return Dropped{
		Object: l.Object(i), Reason: l.Reason[i], Kept: l.Kept[i], Leftover: true,
		winner: objectID{store: l.KeptStore[i], key: l.Kept[i], etag: l.KeptETag[i], size: l.KeptSize[i]},
	}
}

func (l *condemnedList) check() error {
	if n := l.Len(); len(l.Reason) != n || len(l.Kept) != n || len(l.KeptStore) != n || len(l.KeptETag) != n || len(l.KeptSize) != n {
		return fmt.Errorf("%w: its columns have different lengths", ErrRefused)
	}
	return l.ObjectColumns.check()
}

const condemnedFormat = "recfin/condemned"

func (f *Finalizer) readSet(ctx context.Context, dir folder, c *CondemnedSet) ([]Dropped, error) {
	key := dir.version(c.Session, c.Version) + c.File
	raw, err := f.readVouched(ctx, key, c.SHA256)
	if err != nil {
		return nil, err
	}
	var list condemnedList
	if err := decodeGzip(raw, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", store.Printable(key), err)
	}
	if err := list.check(); err != nil || list.Format != condemnedFormat || list.Version != 1 {
		return nil, fmt.Errorf("%s: %w: it is no list of this program", store.Printable(key), ErrRefused)
	}
	set := make([]Dropped, list.Len())
	for i := range set {
		set[i] = list.dropped(i)
	}
	return set, nil
}

// readVouched reads a file whose SHA-256 stands in the marker. Another one, or
// none, is damage.
func (f *Finalizer) readVouched(ctx context.Context, key, sum string) ([]byte, error) {
	raw, _, ok, err := readSmall(ctx, f.cfg.Out, key, store.GetOptions{})
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, fmt.Errorf("%s in %s: %w: the marker names it, and it is gone: restore it", store.Printable(key), f.cfg.Out.Label(), ErrRefused)
	case hashHex(raw) != sum:
		return nil, fmt.Errorf("%s in %s: %w: it is not what the marker vouches for: restore it", store.Printable(key), f.cfg.Out.Label(), ErrRefused)
	}
	return raw, nil
}

// known tells how the marker knows an object: as chosen or dropped by one of
// its sessions.
type known struct {
	chosen  map[rowID]string // session
	dropped map[rowID]string
	objects map[objectID]string // of all of them
}

// known is what the marker knows; without one it is nothing.
func (c *committed) known() known {
	if c == nil {
		return known{}
	}
	return c.index
}

// makeIndex gathers the rows of all records, and what was seen since. In order:
// where two dropped one segment, the first has it.
func (c *committed) makeIndex() known {
	k := known{chosen: map[rowID]string{}, dropped: map[rowID]string{}, objects: map[objectID]string{}}
	object := func(o objectID, id string) {
		if _, ok := k.objects[o]; !ok {
			k.objects[o] = id
		}
	}
	drop := func(row rowID, id string) {
		if c.reopened[row] {
			return
		}
		if _, ok := k.dropped[row]; !ok {
			k.dropped[row] = id
		}
		object(row.objectID, id)
	}
	for _, e := range c.marker.Sessions {
		id, r := e.ID, c.record[e.ID]
		for i := range r.Renditions {
			q := &r.Renditions[i]
			for j := range q.Key {
				k.chosen[q.row(j)] = id
				object(idOf(q.Object(j)), id)
			}
		}
		for j := range r.Inits.Len() {
			object(idOf(r.Inits.Object(j)), id)
		}
		for j := range r.Dropped.Key {
			drop(r.Dropped.row(j), id)
		}
	}
	for i := range c.seen {
		drop(c.seen[i].id(), c.seen[i].of)
	}
	return k
}
