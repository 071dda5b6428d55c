package finalize

import (
	"context"
	"slices"

	"recfin/internal/bug"
	"recfin/store"
)

// Discover yields the names of the recordings that have segments in any store and
// are in the share of Config.Shard, in byte order. A non-empty store in which no key
// fits a layout is ErrUsage.
func (f *Finalizer) Discover(ctx context.Context) ([]string, error) {
	names, err := f.DiscoverAll(ctx)
	return f.Share(names), err
}

// DiscoverAll is Discover without regard to Config.Shard.
func (f *Finalizer) DiscoverAll(ctx context.Context) ([]string, error) {
	names, _, err := f.discover(ctx)
	return names, err
}

// level is what a delimiter listing has shown.
type level struct {
	in    store.Store
	at    string   // prefix: empty, or ending in a slash
	names []string // of the folders right below
}

// discover gives the names of all recordings, and the delimiter listings that show them.
// Where a layout has no such listing, every key of every store is listed: a name may be
// anywhere then, and no share of the keys holds a share of the names.
func (f *Finalizer) discover(ctx context.Context) ([]string, []level, error) {
	var levels []level
	for _, l := range f.cfg.Layouts {
		prefixes, ok := l.RecordingsAt()
		if !ok {
			names, err := f.discoverAll(ctx)
			return names, nil, err
		}
		for _, prefix := range prefixes {
			for _, s := range f.cfg.Sources {
				if !slices.ContainsFunc(levels, func(o level) bool { return o.at == prefix && o.in == s }) {
					levels = append(levels, level{in: s, at: prefix})
				}
			}
		}
	}
	found := make([][]string, len(levels))
	g, in := bug.WithContext(ctx)
	g.SetLimit(f.cfg.Concurrency)
	for i := range levels {
		g.Go(func() (err error) {
			found[i], err = f.level(in, &levels[i])
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, nil, err
	}
	return distinctNames(found...), levels, nil
}

// level lists one level, and gives those of its folders that may be recordings.
func (f *Finalizer) level(ctx context.Context, l *level) ([]string, error) {
	var found []string
	for name, err := range l.in.Folders(ctx, l.at) {
		if err != nil {
			return nil, err
		}
		l.names = append(l.names, name)
		if f.isOutput(l.in, l.at+name+"/") {
			if err := f.swallows(ctx, l.in, l.at+name+"/"); err != nil {
				return nil, err
			}
		} else if checkRecording(name) == nil {
			found = append(found, name)
		}
	}
	return found, nil
}

// folders adds the names of the folders right under prefix in any store.
func (f *Finalizer) folders(ctx context.Context, prefix string, names map[string]bool) error {
	for _, s := range f.cfg.Sources {
		found, err := f.level(ctx, &level{in: s, at: prefix})
		if err != nil {
			return err
		}
		for _, name := range found {
			names[name] = true
		}
	}
	return nil
}

// discoverAll finds the names where no delimiter listing shows them.
func (f *Finalizer) discoverAll(ctx context.Context) ([]string, error) {
	found := make([][]string, len(f.cfg.Sources))
	g, in := bug.WithContext(ctx)
	g.SetLimit(f.cfg.Concurrency)
	for i, from := range f.cfg.Sources {
		g.Go(func() (err error) {
			found[i], err = f.namesIn(in, from)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return distinctNames(found...), nil
}

func (f *Finalizer) namesIn(ctx context.Context, from store.Store) ([]string, error) {
	names := map[string]bool{}
	for o, err := range from.List(ctx, "") {
		if err != nil {
			return nil, err
		}
		if err := f.swallowed(from, o); err != nil {
			return nil, err
		}
		if s, ok := f.parse(o); ok && f.isInput(from, o.Key) && checkRecording(s.Recording) == nil {
			names[s.Recording] = true
		}
	}
	return sortedNames(names), nil
}

// distinctNames are the names of all lists, sorted, each once. They are not copied: a
// million names take 16 bytes each beside their letters.
func distinctNames(lists ...[]string) []string {
	all := slices.Concat(lists...)
	if !slices.IsSorted(all) {
		slices.Sort(all)
	}
	return slices.Compact(all)
}
