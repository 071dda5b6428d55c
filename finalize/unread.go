package finalize

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"recfin/finalize/layout"
	"recfin/store"
)

// Unread is what lies in the stores of segments, in no recording that was found,
// and fits no layout: a camera with other names would be in it. It is a sample: of
// the keys at the top those among the first of a store, of the folders those that
// a listing by delimiter shows, each by its first keys.
type Unread struct {
	Folders int    // folders beside the recordings of which no key fits
	Keys    int    // keys at the top that do not fit
	More    bool   // there may be more of both than were looked at
	First   string // key of one of them, in a folder if there is one
	Store   string // label of its store
	fits    bool   // some key that was looked at fits
}

// How much is looked at: as many keys as one listing request brings, as many
// folders as cost little beside a run.
const (
	sampleKeys    = 1000
	sampleFolders = 50
	sampleFolder  = 20 // keys of a folder
)

// Unread looks for what no layout reads, given the recordings that were found. If
// there is something and nothing at all fits, that is ErrNoMatch.
func (f *Finalizer) Unread(ctx context.Context, found []string) (*Unread, error) {
	u := &Unread{}
	var inside []string
	for _, id := range found {
		inside = append(inside, f.prefixes([]string{id})...)
	}
	inside = layout.Outermost(inside)
	for _, s := range f.cfg.Sources {
		for _, at := range f.levels() {
			if err := f.unreadFolders(ctx, s, at, inside, u); err != nil {
				return nil, err
			}
		}
		if err := f.unreadAtTop(ctx, s, u, len(found) == 0); err != nil {
			return nil, err
		}
	}
	if len(found) == 0 && !u.fits && u.Folders+u.Keys > 0 {
		return u, fmt.Errorf("%w: there are keys in %s, and none fits the layout %s (the first is %s): give --layout with a preset or a pattern such as '{recording}/{nonce}/{rendition}/{seq}.ts'",
			ErrNoMatch, u.Store, f.layoutNames(), store.Printable(u.First))
	}
	return u, nil
}

// levels are the folders in which recordings lie side by side, and the top.
func (f *Finalizer) levels() []string {
	all := []string{""}
	for _, l := range f.cfg.Layouts {
		if prefixes, ok := l.RecordingsAt(); ok {
			all = append(all, prefixes...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// unreadAtTop looks at the first keys of a store.
func (f *Finalizer) unreadAtTop(ctx context.Context, s store.Store, u *Unread, whole bool) error {
	n := 0
	for o, err := range s.List(ctx, "") {
		if err != nil {
			return err
		}
		if n++; n > sampleKeys {
			u.More = true
			break
		}
		deep := strings.Contains(o.Key, "/")
		if f.ours(s, o.Key) || deep && !whole {
			continue
		}
		switch _, ok := f.read(o); {
		case ok:
			u.fits = true
		case !deep:
			u.Keys++
			u.first(o)
		}
	}
	return nil
}

// unreadFolders looks at the folders of one level that hold no recording which
// was found.
func (f *Finalizer) unreadFolders(ctx context.Context, s store.Store, at string, inside []string, u *Unread) error {
	looked := 0
	for name, err := range s.Folders(ctx, at) {
		if err != nil {
			return err
		}
		dir := at + name + "/"
		deeper := func(level string) bool { return level != at && strings.HasPrefix(level, dir) }
		if f.isOutput(s, dir) || meets(inside, dir) || slices.ContainsFunc(f.levels(), deeper) {
			continue
		}
		if looked++; looked > sampleFolders {
			u.More = true
			return nil
		}
		if err := f.unreadFolder(ctx, s, dir, u); err != nil {
			return err
		}
	}
	return nil
}

// unreadFolder counts a folder if none of its first keys fits.
func (f *Finalizer) unreadFolder(ctx context.Context, s store.Store, dir string, u *Unread) error {
	var first *store.Object
	n := 0
	for o, err := range s.List(ctx, dir) {
		if err != nil {
			return err
		}
		if n++; n > sampleFolder {
			break
		}
		if f.ours(s, o.Key) {
			continue
		}
		if _, ok := f.read(o); ok {
			u.fits = true
			return nil
		}
		if first == nil {
			first = &o
		}
	}
	if first != nil {
		u.Folders++
		u.first(*first)
	}
	return nil
}

func (u *Unread) first(o store.Object) {
	if u.First == "" {
		u.First, u.Store = o.Key, o.Store
	}
}

// meets reports whether a folder holds one of the prefixes, or lies in it. They
// are sorted, and none lies in another.
func meets(prefixes []string, dir string) bool {
	i, _ := slices.BinarySearch(prefixes, dir)
	return i < len(prefixes) && strings.HasPrefix(prefixes[i], dir) || i > 0 && strings.HasPrefix(dir, prefixes[i-1])
}

// outputForm is what our outputs look like in another place.
var outputForm = regexp.MustCompile(`(^|/)([0-9]{8}T[0-9]{6}Z/([1-9][0-9]*-[0-9a-f]{16}/|` + regexp.QuoteMeta(doorName) + `$)|` + regexp.QuoteMeta(markerName) + `$)`)

// ours reports whether a key is, or may be, one that this program wrote.
func (f *Finalizer) ours(s store.Store, key string) bool {
	return f.isOutput(s, key) || outputForm.MatchString(key)
}

// swallowed refuses an --out in which segments lie: nobody would ever look at
// them.
func (f *Finalizer) swallowed(s store.Store, o store.Object) error {
	if !f.isOutput(s, o.Key) || outputForm.MatchString(o.Key) || strings.Contains("/"+o.Key, "/"+store.Private) {
		return nil
	}
	if _, ok := f.parse(o); !ok {
		return nil
	}
	return fmt.Errorf("%w: --out %s%s holds segments (%s), and what lies there is never read as input: give the outputs a folder of their own",
		ErrUsage, s.Label(), store.Printable(f.cfg.OutPath), store.Printable(o.Key))
}

// swallows looks for segments among the first keys of a folder of outputs.
func (f *Finalizer) swallows(ctx context.Context, s store.Store, dir string) error {
	n := 0
	for o, err := range s.List(ctx, dir) {
		if err != nil {
			return err
		}
		if n++; n > sampleKeys {
			break
		}
		if err := f.swallowed(s, o); err != nil {
			return err
		}
	}
	return nil
}
