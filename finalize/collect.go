package finalize

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"time"

	"recfin/finalize/layout"
	"recfin/internal/bug"
	"recfin/store"
)

// Listing is what is there of one recording: first the marker was read, then
// everything was listed, so no commit can hide behind the listing.
type Listing struct {
	Recording string
	Members   []string       // IDs whose segments it holds, sorted
	Committed *committed     // nil: no marker
	Segments  []Segment      // by key and store; condemned ones are not among them
	Condemned []store.Object // listed and condemned
	Unknown   []store.Object // keys that no layout reads; never touched
	Outputs   []store.Object // below <out>/<recording>/, by key

	// What lies beside the segments and is none; never touched. By key and store.
	Sidecars   []keyed
	Inits      []keyed
	Tombstones []store.Object

	Notes     []Note         // of consulting
	rivals    []rival        // markers of the same recording in other places
	playlists []store.Object // of ours in other places
	inits     []readInit     // those that segments need, see evidence.init
	// initNumber finds one of inits, and initKeys those of Inits by key, while they are
	// as many as initsIndexed.
	initNumber   map[rowID]int32
	initKeys     map[string][]int
	initsIndexed int
	keys         map[string]bool // of all that is there or known, once they are needed

	now     time.Time // latest of the stores' clocks before anything was measured; zero: not asked
	openers *openers  // what may describe fragments, see reopen
}

// collect reads the marker of a recording and lists its keys and its outputs.
func (j *job) collect(ctx context.Context) (*Listing, error) {
	f, recording := j.f, j.recording
	if err := checkRecording(recording); err != nil {
		return nil, err
	}
	j.notify(Event{Stage: StageList})
	var c *committed
	if !j.unmarked {
		var err error
		if c, err = f.readCommitted(ctx, recording); err != nil {
			return nil, err
		}
	}
	if c != nil && c.marker.As != "" {
		return nil, &ClaimedError{recording, c.marker.As}
	}
	l := &Listing{Recording: recording, Members: withOwn(recording, append(c.members(recording), j.ids...)), Committed: c}
	if len(f.prefixes(l.Members)) == 0 {
		return nil, fmt.Errorf("%w: no key of the layout %s can belong to the recording ID %q: most layouts read one path element as the ID", ErrUsage, f.layoutNames(), recording)
	}
	all, err := j.listAll(ctx, l)
	if err != nil {
		return nil, err
	}
	if j.unmarked && l.lists(f.cfg.folder(recording).marker()) {
		j.unmarked = false
		return nil, fmt.Errorf("list %s: %w", store.Printable(recording), errMoved)
	}
	j.report.outcome = outcome{sum: all.sum, gone: len(j.report.Deleted), listed: true, group: len(l.Members) > 1}
	l.rivals, l.playlists = apart(all.rivals, c, l.Members), all.playlists
	if err := j.alone(l.rivals, c); err != nil {
		return nil, err
	}
	f.sortOut(l, &all.pieces)
	return l, j.recognize(ctx, l)
}

// lists reports whether a key is among the outputs.
func (l *Listing) lists(key string) bool {
	return slices.ContainsFunc(l.Outputs, func(o store.Object) bool { return o.Key == key })
}

// listAll lists what is there of a recording: its outputs, and at the same time the
// sources.
func (j *job) listAll(ctx context.Context, l *Listing) (all *stock, err error) {
	f := j.f
	if err := f.room.begin(ctx); err != nil {
		return nil, err
	}
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(f.cfg.Concurrency)
	g.Go(func() error {
		for o, err := range f.cfg.Out.List(ctx, string(f.cfg.folder(l.Recording))) {
			if err == nil {
				err = f.room.add(ctx)
			}
			if err != nil {
				return err
			}
			l.Outputs = append(l.Outputs, o)
		}
		return nil
	})
	g.Go(func() (err error) {
		roots := f.prefixes(l.Members)
		all, err = f.listPieces(ctx, l.Members, func(store.Store) []string { return roots })
		return err
	})
	err = g.Wait()
	return all, err
}

// listSource lists every object that may belong to the IDs of a recording, once,
// in every store. A listing that failed in one is no listing at all.
func (f *Finalizer) listSource(ctx context.Context, members []string) (*stock, error) {
	roots := f.prefixes(members)
	return f.listUnder(ctx, members, func(store.Store) []string { return roots })
}

// listUnder is listSource of a part: of what begins with the prefixes that each
// store is given.
func (f *Finalizer) listUnder(ctx context.Context, members []string, prefixes func(store.Store) []string) (*stock, error) {
	all, err := f.listPieces(ctx, members, prefixes)
	if err == nil {
		all.objects, all.pieces = all.pieces.list(), nil
	}
	return all, err
}

// listPieces is listUnder, with the objects in pieces.
func (f *Finalizer) listPieces(ctx context.Context, members []string, prefixes func(store.Store) []string) (*stock, error) {
	var parts []listPart
	for n, s := range f.cfg.Sources {
		for _, prefix := range prefixes(s) {
			parts = append(parts, listPart{in: s, source: n, prefix: prefix})
		}
	}
	g, inner := bug.WithContext(ctx)
	g.SetLimit(f.cfg.Concurrency)
	for i := range parts {
		g.Go(func() error { return parts[i].list(inner, f) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	all := &stock{}
	for n, s := range f.cfg.Sources {
		var objects pieces
		for ; len(parts) > 0 && parts[0].source == n; parts = parts[1:] {
			objects = append(objects, parts[0].objects...)
			all.sum.join(&parts[0].sum)
		}
		if err := all.sift(ctx, s, objects); err != nil {
			return nil, err
		}
	}
	beside, err := f.look(ctx, members) // behind the listing: what came meanwhile is met
	if err != nil {
		return nil, err
	}
	all.join(beside)
	return all, nil
}

// listPart is what a store lists below one prefix, without outputs.
type listPart struct {
	in      store.Store
	source  int // which of the stores it is
	prefix  string
	objects pieces
	sum     listingSum
}

func (p *listPart) list(ctx context.Context, f *Finalizer) error {
	for o, err := range p.in.List(ctx, p.prefix) {
		if err != nil {
			return err
		}
		if f.isInput(p.in, o.Key) {
			if err := f.room.add(ctx); err != nil {
				return err
			}
			p.sum.add(&o)
			p.objects.add(o)
		} else if err := f.swallowed(p.in, o); err != nil {
			return err
		}
	}
	return nil
}

// prefixes are the listings that hold the IDs of a recording in any layout.
func (f *Finalizer) prefixes(members []string) []string {
	var p []string
	for _, l := range f.cfg.Layouts {
		for _, id := range members {
			p = append(p, l.Prefixes(id)...)
		}
	}
	return layout.Outermost(p)
}

// isOutput reports whether a key of a store of segments lies where outputs go.
func (f *Finalizer) isOutput(s store.Store, key string) bool {
	return s.Label() == f.cfg.Out.Label() && strings.HasPrefix(key, f.cfg.OutPath)
}

// isInput reports whether a key of a store of segments may be one: outputs are none, nor
// is what this program keeps for itself beside those of an earlier --out.
func (f *Finalizer) isInput(s store.Store, key string) bool {
	return !f.isOutput(s, key) && !isPrivate(key)
}

// sortOut tells segments, condemned and unknown objects apart (I6). It uses the list up.
func (f *Finalizer) sortOut(l *Listing, objects *pieces) {
	table, keys := newOrigins(), f.keys()
	l.Segments = slices.Grow(l.Segments, objects.len())
	var s keyed
	for o := range objects.drain() {
		if l.Committed.condemns(*o) {
			l.Condemned = append(l.Condemned, *o)
			continue
		}
		ok := keys.read(o, &s)
		s.Nonce = l.writer(s.Recording, s.Nonce)
		switch {
		case !ok:
			l.Unknown = append(l.Unknown, *o)
		case !l.member(s.Recording):
		case s.Kind == layout.Sidecar:
			l.Sidecars = append(l.Sidecars, s)
		case s.Kind == layout.Init:
			l.Inits = append(l.Inits, s)
		case s.Kind == layout.Tombstone:
			l.Tombstones = append(l.Tombstones, *o)
		default:
			l.Segments = append(l.Segments, table.segment(&s))
		}
	}
	byObject := func(a, b keyed) int { return compareObjects(a.Object, b.Object) }
	sortSegments(l.Segments)
	slices.SortStableFunc(l.Sidecars, byObject)
	slices.SortStableFunc(l.Inits, byObject)
	slices.SortFunc(l.Tombstones, compareObjects)
	l.hide()
	slices.SortFunc(l.Unknown, compareObjects)
}

// sortSegments puts segments in order of key and store. A listing of one store is in
// order already.
func sortSegments(segments []Segment) {
	compare := func(a, b *Segment) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Store, b.Store), cmp.Compare(a.ETag, b.ETag), cmp.Compare(a.Size, b.Size))
	}
	for i := 1; i < len(segments); i++ {
		if compare(&segments[i-1], &segments[i]) > 0 {
			slices.SortStableFunc(segments, func(a, b Segment) int { return compare(&a, &b) })
			return
		}
	}
}

func sortedNames(set map[string]bool) []string {
	names := make([]string, 0, len(set))
	for n := range set {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// layoutNames are the layouts that were asked for.
func (f *Finalizer) layoutNames() string {
	var names []string
	for _, y := range f.cfg.Layouts {
		names = append(names, y.Name())
	}
	return strings.Join(names, ", ")
}

// noMatch is the error for keys of which no layout reads any.
func (f *Finalizer) noMatch(l *Listing) error {
	return fmt.Errorf("%w: none of the %d keys of %s in %s fits the layout %s (the first is %s): give --layout with a pattern such as '{recording}/{nonce}/{rendition}/{seq}.ts'",
		ErrNoMatch, len(l.Unknown), store.Printable(l.Recording), f.cfg.labels(), f.layoutNames(), store.Printable(l.Unknown[0].Key))
}

// readSmall reads a whole small object, which the store is asked to prove. ok is
// false where there is none.
func readSmall(ctx context.Context, r store.Reader, key string, opt store.GetOptions) (raw []byte, info store.Info, ok bool, err error) {
	opt.Prove = true
	err = store.Reread(ctx, func() (opened bool, err error) {
		body, err := r.Get(ctx, key, store.Whole, opt)
		if err != nil {
			return false, err
		}
		defer body.Close()
		info = body.Info
		if info.Size > maxSmall {
			return true, fmt.Errorf("read %s: %w", store.Printable(key), tooLarge(maxSmall))
		}
		if raw, err = readSized(body, body.Length, maxSmall); err != nil {
			err = fmt.Errorf("read %s: %w", store.Printable(key), err)
		}
		return true, err
	})
	switch {
	case errors.Is(err, store.ErrNotExist):
		return nil, store.Info{}, false, nil
	case err != nil:
		return nil, store.Info{}, false, err
	}
	return raw, info, true, nil
}

// maxSmall bounds what is read into memory of a marker, a playlist or a list, in
// bytes: the list of a 48 h recording in five renditions, 432,000 rows, has some
// 15 MB, a playlist of a million segments 60.
const maxSmall = 128 << 20

// readSized is readLimited of what is said to have so many bytes. That much is made room
// for as far as it is little, and believed no further.
func readSized(r io.Reader, size, limit int64) ([]byte, error) {
	const believed = 16 << 20
	b := bytes.NewBuffer(make([]byte, 0, max(0, min(size, believed))+bytes.MinRead))
	_, err := b.ReadFrom(io.LimitReader(r, limit+1))
	if err == nil && int64(b.Len()) > limit {
		err = tooLarge(limit)
	}
	return b.Bytes(), err
}

func readLimited(r io.Reader, limit int64) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(raw)) > limit {
		err = tooLarge(limit)
	}
	return raw, err
}

func tooLarge(limit int64) error {
	return fmt.Errorf("%w: it has more than %d bytes", ErrRefused, limit)
}
