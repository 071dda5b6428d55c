package finalize

import (
	"context"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"
	"sync"

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
	return f.unreadBeside(ctx, found, func(ctx context.Context, s store.Store, at string) iter.Seq2[string, error] {
		return s.Folders(ctx, at)
	})
}

// folderLister gives the names of the folders right below a prefix.
type folderLister func(ctx context.Context, s store.Store, at string) iter.Seq2[string, error]

func (f *Finalizer) unreadBeside(ctx context.Context, found []string, folders folderLister) (*Unread, error) {
	b := f.known(found)
	u := &b.unread
	for _, s := range f.cfg.Sources {
		for _, at := range f.levels() {
			if err := b.unreadFolders(ctx, s, at, folders(ctx, s, at)); err != nil {
				return nil, err
			}
		}
		if len(found) > 0 && f.cfg.Shard.Count > 1 {
			continue // those are segments of a recording that another share may have
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

// besides are the recordings that are known, and what lies beside them.
type besides struct {
	f      *Finalizer
	found  []string        // sorted
	inside func() []string // prefixes of all of them, sorted, none in another
	whole  map[string]bool // levels right below which a folder is a recording by its name
	unread Unread
}

func (f *Finalizer) known(found []string) *besides {
	b := &besides{f: f, found: distinctNames(found), whole: map[string]bool{}}
	b.inside = sync.OnceValue(func() []string {
		var all []string
		for _, id := range b.found {
			all = append(all, f.prefixes([]string{id})...)
		}
		return layout.Outermost(all)
	})
	for _, l := range f.cfg.Layouts {
		prefixes, _ := l.RecordingsAt()
		for _, at := range prefixes {
			b.whole[at] = true
		}
	}
	return b
}

// holds reports whether a folder holds a recording that is known, or lies in one. Most
// do by their very names.
func (b *besides) holds(at, name string) bool {
	if b.whole[at] {
		if _, ok := slices.BinarySearch(b.found, name); ok {
			return true
		}
	}
	return meets(b.inside(), at+name+"/")
}

// unreadFolders looks at the folders of one level that hold no recording which
// was found.
func (b *besides) unreadFolders(ctx context.Context, s store.Store, at string, folders iter.Seq2[string, error]) error {
	looked := 0
	levels := b.f.levels()
	for name, err := range folders {
		if err != nil {
			return err
		}
		dir := at + name + "/"
		deeper := func(level string) bool { return level != at && strings.HasPrefix(level, dir) }
		if b.f.isOutput(s, dir) || b.holds(at, name) || slices.ContainsFunc(levels, deeper) {
			continue
		}
		if looked++; looked > sampleFolders {
			b.unread.More = true
			return nil
		}
		if err := b.f.unreadFolder(ctx, s, dir, &b.unread); err != nil {
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
	return f.isOutput(s, key) || outputForm.MatchString(key) || isPrivate(key)
}

// isPrivate reports whether a key is of what this program keeps for itself, in whatever
// folder of outputs.
func isPrivate(key string) bool { return strings.Contains("/"+key, "/"+store.Private) }

// swallowed refuses an --out in which segments lie: nobody would ever look at
// them.
func (f *Finalizer) swallowed(s store.Store, o store.Object) error {
	if !f.isOutput(s, o.Key) || outputForm.MatchString(o.Key) || isPrivate(o.Key) {
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
