package finalize

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"recfin/store"
)

// checkSources refuses stores of which one lies inside another: every object in
// the inner one would be listed twice, as a copy of itself.
func (c Config) checkSources() error {
	for i, a := range c.Sources {
		for k, b := range c.Sources {
			switch {
			case i == k || !strings.HasPrefix(b.Label(), a.Label()):
			case a.Label() == b.Label():
				return fmt.Errorf("%w: --store %s is given twice", ErrUsage, a.Label())
			default:
				return fmt.Errorf("%w: --store %s lies inside --store %s, so its segments would be copies of themselves: give one of them", ErrUsage, b.Label(), a.Label())
			}
		}
	}
	return nil
}

// sortSources makes every result independent of the order of the settings.
func (c *Config) sortSources() {
	c.Sources = slices.Clone(c.Sources)
	slices.SortFunc(c.Sources, func(a, b store.Store) int { return strings.Compare(a.Label(), b.Label()) })
}

// source is the store of segments with a label; nil: none of that label is given.
func (c Config) source(label string) store.Store {
	for _, s := range c.Sources {
		if s.Label() == label {
			return s
		}
	}
	return nil
}

// home is the label of the store of the outputs if it is one of segments too:
// playlists there can name its segments. Empty: it is not.
func (c Config) home() string {
	if s := c.source(c.Out.Label()); s != nil {
		return s.Label()
	}
	return ""
}

// labels names the stores of the segments, for a message.
func (c Config) labels() string {
	names := make([]string, len(c.Sources))
	for i, s := range c.Sources {
		names[i] = s.Label()
	}
	return strings.Join(names, ", ")
}

// storeOf is the store with a label, of segments or of outputs. Every object
// that was listed has one.
func (f *Finalizer) storeOf(label string) store.Store {
	if f.cfg.Out.Label() == label {
		return f.cfg.Out
	}
	return f.cfg.source(label)
}

// looked tells of an object whether the listings of a recording show it if it is
// there: its store is given, and a layout looks where it lies.
func (f *Finalizer) looked(members []string) func(store.Object) bool {
	prefixes := f.prefixes(members)
	return func(o store.Object) bool {
		return f.cfg.source(o.Store) != nil && slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(o.Key, p) })
	}
}

// pinnedTo is the store of a listed object, or an error for one that a marker
// remembers of a store that is not given today.
func (f *Finalizer) pinnedTo(o store.Object) (store.Store, error) {
	if s := f.storeOf(o.Store); s != nil {
		return s, nil
	}
	return nil, fmt.Errorf("read %s: %w: it is in %s: give that as a --store too", store.Printable(o.Key), ErrUsage, o.Store)
}

// sourcesNow is the earliest of the clocks of the stores of segments. What was
// quiet for so long by it was so by the clock of its own store too, whatever
// they differ by: too late is safe, too early is not.
func (f *Finalizer) sourcesNow(ctx context.Context) (time.Time, error) {
	var earliest time.Time
	for i, s := range f.cfg.Sources {
		now, err := s.Now(ctx)
		if err != nil {
			return time.Time{}, err
		}
		if i == 0 || now.Before(earliest) {
			earliest = now
		}
	}
	return earliest, nil
}
