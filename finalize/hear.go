package finalize

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"recfin/finalize/layout"
	"recfin/finalize/playlist"
	"recfin/finalize/timeline"
	"recfin/store"
)

// hear takes what sidecars say of segments: duration, wall start, init segment,
// and which copy is named. An entry holds for an object only if the sidecar was
// written after that object's upload; the newer sidecar wins. It returns the
// keys that are named and not there, each with a sidecar that names it.
func (l *Listing) hear(f *Finalizer, sides []sidecar) map[string]string {
	order := slices.Clone(sides)
	slices.SortStableFunc(order, func(a, b sidecar) int {
		return cmp.Or(a.at.Compare(b.at), compareObjects(a.from.Object, b.from.Object))
	})
	missing := map[string]string{}
	edges := map[int]bool{} // segments beside a discontinuity or another init segment: those are measured
	for i := range order {
		switch x := &order[i]; {
		case x.says == nil:
		case x.says.Event != nil:
			l.hearEvent(x)
		default:
			l.hearEntries(f, x, edges, missing)
		}
	}
	for i := range edges {
		if s := &l.Segments[i]; s.LengthSource == timeline.FromSidecar {
			s.Length, s.LengthSource = 0, timeline.NoSource
		}
	}
	return missing
}

func (l *Listing) hearEntries(f *Finalizer, x *sidecar, edges map[int]bool, missing map[string]string) {
	var found, before []int
	var last *playlist.Map
	init := int32(0)
	finder := newFinder(l, x)
	at := timeline.InstantOf(x.at)
	for i := range x.says.Len() {
		e := x.says.Entry(i)
		breaks := e.Discontinuity
		if e.Map != last {
			had := init
			if last, init = e.Map, 0; last != nil {
				init = l.mapped(x, last)
			}
			breaks = breaks || init != had
		}
		found = finder.named(found[:0], i, rangeOf(e.Range))
		if len(found) == 0 && !e.Gap {
			if key := l.absent(f, playlist.Resolve(x.from.Key, x.says.URI(i))); key != "" {
				missing[key] = x.from.Key
			}
		}
		for _, k := range found {
			s := &l.Segments[k]
			if init > 0 {
				s.init = init
			}
			if s.namedBy == 0 {
				s.namedBy = x.number
			}
			if s.Uploaded <= at { // else it describes what lay there before
				s.hear(x, &e, len(found) == 1)
			}
			if breaks && i > 0 {
				edges[k] = true
			}
		}
		if breaks {
			for _, k := range before {
				edges[k] = true
			}
		}
		found, before = before, found
	}
}

// hear takes what one entry says of the segment. alone: no other store has an
// object of that key.
func (s *Segment) hear(x *sidecar, e *playlist.Entry, alone bool) {
	if e.Duration > 0 && s.LengthSource != timeline.FromKey {
		s.Length, s.LengthSource = e.Duration, timeline.FromSidecar
	}
	if !e.Wall.IsZero() && !s.keyTime {
		s.Begins = timeline.InstantOf(e.Wall)
	}
	s.Named = s.Named || alone || s.Store == x.from.Store
}

// hearEvent takes the start of an id as that of its first segment. It was said
// before the first upload.
func (l *Listing) hearEvent(x *sidecar) {
	if x.says.Event.Started.IsZero() {
		return
	}
	started := timeline.InstantOf(x.says.Event.Started)
	for i := range l.Segments {
		s := &l.Segments[i]
		if s.Nonce == x.from.Nonce && !s.Unnumbered && s.Seq == 0 && !s.Begins.Known() && started <= s.Uploaded {
			s.Begins = started
		}
	}
}

func rangeOf(r playlist.ByteRange) timeline.Range {
	return timeline.Range{Offset: r.Offset, Length: r.Length}
}

// at gives the segments, of every store, of one key.
func (l *Listing) at(key string) (from, to int) {
	from = sort.Search(len(l.Segments), func(i int) bool { return l.Segments[i].Key >= key })
	for to = from; to < len(l.Segments) && l.Segments[to].Key == key; to++ {
	}
	return from, to
}

// absent is the key of a segment of this recording that is named and not there;
// empty where the name means something else, something that is there, or
// something that the marker knows and that was deleted since.
func (l *Listing) absent(f *Finalizer, keys []string) string {
	if l.keys == nil {
		l.keys = l.allKeys()
	}
	lost := ""
	for _, key := range keys {
		if l.keys[key] {
			return ""
		}
		s, ok := f.parse(store.Object{Key: key})
		if ok && lost == "" && s.Kind == layout.Media && l.member(s.Recording) {
			lost = key
		}
	}
	return lost
}

// allKeys are the keys of all that is there or that the marker knows.
func (l *Listing) allKeys() map[string]bool {
	all := map[string]bool{}
	for i := range l.Segments {
		all[l.Segments[i].Key] = true
	}
	for _, objects := range [][]store.Object{l.Unknown, l.Condemned, l.Outputs, l.beside()} {
		for _, o := range objects {
			all[o.Key] = true
		}
	}
	if l.Committed != nil {
		for id := range l.Committed.known().objects {
			all[id.key] = true
		}
		for id := range l.Committed.dead {
			all[id.key] = true
		}
	}
	return all
}

// noteMissing tells of what sidecars name and what is not there, by sidecar.
func (l *Listing) noteMissing(missing map[string]string) {
	by := map[string][]string{}
	for key, sidecar := range missing {
		by[sidecar] = append(by[sidecar], key)
	}
	for sidecar, keys := range by {
		slices.Sort(keys)
		l.Notes = append(l.Notes, Note{What: noteMissing, Keys: keys, Why: "named by " + store.Printable(sidecar)})
	}
}

// sortNotes makes their order independent of how they were found.
func (l *Listing) sortNotes() {
	slices.SortFunc(l.Notes, func(a, b Note) int {
		return cmp.Or(strings.Compare(a.What, b.What), slices.Compare(a.Keys, b.Keys), strings.Compare(a.Why, b.Why))
	})
}
