package hlsjudge

import (
	"cmp"
	"slices"
)

// references looks for what a media playlist names in the store.
func (j *judge) references(m *media) {
	whole := map[string]bool{}
	parts := map[string][]span{}
	for i, s := range m.segments {
		if s.gap {
			continue
		}
		j.there(m.path, s.object, s.part, i)
		if s.mapped != nil && s.newMap {
			j.there(m.path, s.mapped.object, s.mapped.part, i)
			j.mapApart(m, i)
		}
		switch {
		case s.part != nil:
			parts[s.object] = append(parts[s.object], *s.part)
		case m.stills:
			j.say(m.path, "§4.3.3.6", "segment %d is a whole object, not one picture", i)
		case whole[s.object]:
			j.say(m.path, "promise: no media twice", "segment %d is %q again", i, s.object)
		}
		if s.part == nil {
			whole[s.object] = true
		}
	}
	for object, all := range parts {
		slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.offset, b.offset) })
		for i := range all {
			if whole[object] || i > 0 && all[i].offset < all[i-1].end() {
				j.say(m.path, "promise: no media twice", "two segments share bytes of %q", object)
				break
			}
		}
	}
}

// there says what of a resource is not in the store (§4.3.2.2: a sub-range of
// it).
func (j *judge) there(path, object string, part *span, i int) {
	if object == "" {
		return // said already: its URI leads nowhere
	}
	size, ok := j.Objects[object]
	switch {
	case !ok:
		j.say(path, "promise: what is named is there", "segment %d: no object %q", i, object)
	case size == 0:
		j.say(path, "promise: what is named is there", "segment %d: %q is empty", i, object)
	case part != nil && part.end() > size:
		j.say(path, "§4.3.2.2", "segment %d: bytes %d@%d of %q, which has %d", i, part.length, part.offset, object, size)
	}
}

// mapApart: an initialization section has no media in it (§3.3).
func (j *judge) mapApart(m *media, i int) {
	s := m.segments[i]
	if s.object != s.mapped.object {
		return
	}
	if s.part == nil || s.mapped.part == nil || s.part.offset < s.mapped.part.end() && s.mapped.part.offset < s.part.end() {
		j.say(m.path, "§3.3", "segment %d shares bytes with its EXT-X-MAP", i)
	}
}
