package playlist

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Audio is sound with a playlist of its own (RFC 8216 §4.3.4.1, EXT-X-MEDIA of
// TYPE=AUDIO).
type Audio struct {
	URI   string // percent-encoded reference of its media playlist
	Group string // that variants name; not empty
	// Name is for people. Where it is empty or taken in its group, a number makes it
	// unique.
	Name string
	// Language as the container has it (ISO 639-2), or RFC 5646. What names no
	// language is left out.
	Language string
	Channels int  // 0: unknown
	Default  bool // to be played where the listener has not chosen; one in a group
}

// checkGroups gives the groups, or says why one of them cannot be written.
func checkGroups(all []Audio) (map[string]bool, error) {
	groups, chosen := map[string]bool{}, map[string]bool{}
	for _, a := range all {
		switch {
		case a.Group == "" || quotable(a.Group) != a.Group:
			return nil, fmt.Errorf("audio %q: %w: group %q", a.URI, ErrAttribute, a.Group)
		case a.Channels < 0 || a.Channels > math.MaxInt32:
			return nil, fmt.Errorf("audio %q: %w: %d channels", a.URI, ErrAttribute, a.Channels)
		case a.Default && chosen[a.Group]:
			return nil, fmt.Errorf("audio %q: %w: a second default in group %q", a.URI, ErrAttribute, a.Group)
		}
		if err := checkURI(a.URI); err != nil {
			return nil, fmt.Errorf("audio %q: %w", a.URI, err)
		}
		groups[a.Group] = true
		chosen[a.Group] = chosen[a.Group] || a.Default
	}
	return groups, nil
}

// orderedAudio gives a copy by groups, the default of each first, in which each has
// a name of its own in its group and a language as RFC 5646 has it.
func orderedAudio(all []Audio) []Audio {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Audio) int {
		if a.Group == b.Group && a.Default != b.Default {
			if a.Default {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Name, b.Name), cmp.Compare(a.URI, b.URI),
			cmp.Compare(a.Language, b.Language), cmp.Compare(a.Channels, b.Channels))
	})
	taken := map[[2]string]bool{}
	for i := range all {
		a := &all[i]
		a.Language = language(a.Language)
		a.Name = cmp.Or(quotable(a.Name), a.Group)
		for n, name := 2, a.Name; taken[[2]string{a.Group, a.Name}]; n++ {
			a.Name = name + " (" + strconv.Itoa(n) + ")"
		}
		taken[[2]string{a.Group, a.Name}] = true
	}
	return all
}
