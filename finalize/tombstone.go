package finalize

import (
	"path"
	"strings"

	"recfin/finalize/layout"
	"recfin/store"
)

// tombstones are the places that tombstones hide: their own names without the
// extension. Anybody can write one, so what is hidden is not chosen, and is not
// deleted either; and as whoever hid it may take it away, no copy of it goes.
type tombstones map[place]bool

// add takes a tombstone.
func (t tombstones) add(o store.Object) {
	t[place{o.Store, strings.TrimSuffix(o.Key, path.Ext(o.Key))}] = true
}

// hide reports whether the object under a key of a store is hidden.
func (t tombstones) hide(store, key string) bool {
	return len(t) > 0 && (t[place{store, key}] || t[place{store, strings.TrimSuffix(key, path.Ext(key))}])
}

// tombstones are those among listed objects.
func (f *Finalizer) tombstones(objects []store.Object) tombstones {
	t := tombstones{}
	for _, o := range objects {
		if s, ok := f.read(o); ok && s.Kind == layout.Tombstone {
			t.add(o)
		}
	}
	return t
}

// hide marks the segments that have a tombstone.
func (l *Listing) hide() {
	t := tombstones{}
	for _, o := range l.Tombstones {
		t.add(o)
	}
	for i := range l.Segments {
		s := &l.Segments[i]
		s.Tombstoned = t.hide(s.Store, s.Key)
	}
}
