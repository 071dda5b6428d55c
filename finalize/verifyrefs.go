package finalize

import (
	"context"
	"maps"
	"slices"

	"recfin/finalize/playlist"
	"recfin/finalize/timeline"
	"recfin/store"
)

// mediaFile is a media or I-frame playlist that was read.
type mediaFile struct {
	key  string
	sum  string              // SHA-256
	text *playlist.MediaText // nil: there is none
	keys []string            // of each segment; empty: it leads to nothing in the store
	maps []string            // of its init segment; empty: it needs none, or that leads to nothing
	here []bool              // it can be read: it is there, and so is its init segment

	output      *Output          // of the version that the marker names; nil: it is of another
	q           *RenditionRecord // its rendition; nil with output
	aligned     bool             // it has a segment for each slot of q
	claims      []claim          // of the doors
	independent bool             // claimed by it or by a door
}

// resolve finds the keys that a client asks for.
func (m *mediaFile) resolve() {
	n := len(m.text.Segments)
	m.keys, m.maps, m.here = make([]string, n), make([]string, n), make([]bool, n)
	var last *playlist.MapText
	init := ""
	for i := range m.text.Segments {
		s := &m.text.Segments[i]
		m.keys[i], _ = clientKey(m.key, s.URI)
		if s.Map == nil {
			continue
		}
		if s.Map != last {
			init, _ = clientKey(m.key, s.Map.URI)
			last = s.Map
		}
		m.maps[i] = init
	}
}

// at is where segment i stands.
func (m *mediaFile) at(r *reading, i int) at {
	return at{session: r.e.ID, object: m.key, line: m.text.Segments[i].Line}
}

// readable reports whether a segment can be read.
func (m *mediaFile) readable(i int) bool { return m.here[i] }

// row is the segment of the record that segment i of the playlist is. nil: none.
func (m *mediaFile) row(i int) (*RenditionRecord, int) {
	if !m.aligned {
		return nil, 0
	}
	row, ok := slices.BinarySearch(m.q.Slot, i)
	if !ok {
		return nil, 0
	}
	return m.q, row
}

// identity is what the record has under a key that a playlist may name: a segment, or
// an init segment.
type identity struct {
	store.Object
	sums map[rowID]string // as in suspect
}

// identities are those of a session that lie in the store of outputs.
func (r *reading) identities() map[string]*identity {
	all := map[string]*identity{}
	if r.rec == nil {
		return all
	}
	add := func(o store.Object, part timeline.Range, sum string) {
		if o.Store != r.j.f.cfg.Out.Label() {
			return
		}
		x := all[o.Key]
		if x == nil {
			x = &identity{Object: o, sums: map[rowID]string{}}
			all[o.Key] = x
		}
		x.sums[rowID{idOf(o), part}] = sum
	}
	for k := range r.rec.Renditions {
		q := &r.rec.Renditions[k]
		for i := range q.Key {
			sum := ""
			if i < len(q.CRC64) && q.CRC64[i] != "" {
				sum = crcPrefix + q.CRC64[i]
			}
			add(q.Object(i), q.Part(i), sum)
		}
	}
	for i := range r.rec.Inits.Len() {
		add(r.rec.Inits.Object(i), r.rec.Inits.Part(i), shaPrefix+r.rec.Inits.SHA256[i])
	}
	return all
}

// references holds everything that playlists name against what is there.
func (r *reading) references(ctx context.Context) error {
	known, judged := r.identities(), map[string]bool{}
	for _, key := range sortedKeys(r.texts) {
		m := r.texts[key]
		if m.text == nil {
			if m.output == nil { // else it is said of the output
				r.find(ruleRefLost, at{session: r.e.ID, object: r.doors[0].key}, "it names %s, which is not there", store.Printable(key))
			}
			continue
		}
		var last *playlist.MapText
		for i := range m.text.Segments {
			s := &m.text.Segments[i]
			if s.Map != nil && s.Map != last {
				last = s.Map
				if err := r.reference(ctx, m, at{r.e.ID, m.key, s.Map.Line}, m.maps[i], s.Map.URI, s.Map.Range, known, judged); err != nil {
					return err
				}
			}
			if s.Gap {
				if o, ok := r.there[m.keys[i]]; ok && !judged[o.Key] {
					judged[o.Key] = true
					r.find(ruleGap, m.at(r, i), "%s is there", store.Printable(o.Key))
				}
				continue
			}
			if err := r.reference(ctx, m, m.at(r, i), m.keys[i], s.URI, s.Range, known, judged); err != nil {
				return err
			}
			m.here[i] = r.holds(m.keys[i], s.Range) && (s.Map == nil || m.maps[i] != "" && r.holds(m.maps[i], s.Map.Range))
		}
	}
	return nil
}

// holds reports whether an object is there that has a range.
func (r *reading) holds(key string, part playlist.ByteRange) bool {
	o, ok := r.there[key]
	return ok && part.Offset <= o.Size && part.Length <= o.Size-part.Offset
}

// reference holds one reference of a playlist against what is there. Of an object
// everything is said once.
func (r *reading) reference(ctx context.Context, m *mediaFile, where at, key, uri string, part playlist.ByteRange, known map[string]*identity, judged map[string]bool) error {
	if key == "" {
		r.find(ruleRefOutside, where, "%q leads to nothing in this store", uri)
		return nil
	}
	now, there := r.there[key]
	if there && !r.holds(key, part) {
		r.find(ruleRefRange, where, "%s has %d bytes, and bytes %d to %d of it are named", store.Printable(key), now.Size, part.Offset, part.Offset+part.Length-1)
	}
	if judged[key] {
		return nil
	}
	judged[key] = true
	name, output := store.Printable(key), r.outputOf(key)
	x := known[key]
	switch {
	case m.output == nil && !there:
		r.find(ruleRefLost, where, "%s is not there", name)
		return nil
	case !there && output == nil:
		r.find(ruleRefGone, where, "%s is not there", name)
		return nil
	case !there || output != nil || m.output == nil:
		return nil // it is said of the output
	case r.c.condemns(now):
		r.find(ruleRefCondemned, where, "%s is marked for deletion", name)
	}
	if x == nil {
		r.find(ruleRefUnknown, where, "%s is neither a segment of the session nor an output", name)
		return nil
	}
	same, err := r.isStill(ctx, x.Object, now, x.sums)
	if err == nil && !same {
		r.find(ruleRefChanged, where, "%s is another one: %d bytes, ETag %s; the record has %d and %s", name, now.Size, now.ETag, x.Size, x.ETag)
	}
	return err
}

// sortedKeys gives the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
