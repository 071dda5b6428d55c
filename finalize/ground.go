package finalize

import (
	"context"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"recfin/store"
)

// ground is what stood in the stores when the cleaning of a recording began. It
// tells which listings show a batch of victims: a recording of many segments is
// not listed whole before each batch, so that the work grows with the victims and
// not with their square.
type ground struct {
	input   *stock              // of all stores of segments
	outputs []store.Object      // below the recording's folder
	listed  listed              // both
	keys    map[string][]string // of the input, by store, sorted
	roots   []string            // the listings that hold the recording's input in any store
	folder  string              // that of its outputs

	outputKeys []string       // sorted
	unread     []store.Object // of the input: no layout reads them
	hidden     tombstones
}

// survey lists the recording and its outputs.
func (j *job) survey(ctx context.Context, members []string) (*ground, error) {
	g := &ground{listed: listed{}, keys: map[string][]string{}, roots: j.f.prefixes(members), folder: string(j.f.cfg.folder(j.recording))}
	var err error
	if g.input, err = j.f.listSource(ctx, members); err != nil {
		return nil, err
	}
	for o, err := range j.f.cfg.Out.List(ctx, g.folder) {
		if err != nil {
			return nil, err
		}
		g.outputs = append(g.outputs, o)
	}
	for _, objects := range [][]store.Object{g.input.objects, g.outputs} {
		g.listed.add(objects)
	}
	for _, o := range g.input.objects {
		g.keys[o.Store] = append(g.keys[o.Store], o.Key)
	}
	for _, keys := range g.keys {
		slices.Sort(keys)
	}
	for _, o := range g.outputs {
		g.outputKeys = append(g.outputKeys, o.Key)
	}
	slices.Sort(g.outputKeys)
	g.unread, g.hidden = j.unparsed(g.input.objects), j.f.tombstones(g.input.objects)
	return g, nil
}

// listed is what stands in the stores, by version, with its upload time.
type listed map[objectID]time.Time

// listing indexes what a listing showed.
func listing(objects []store.Object) listed {
	l := make(listed, len(objects))
	l.add(objects)
	return l
}

func (l listed) add(objects []store.Object) {
	for _, o := range objects {
		l[idOf(o)] = o.Modified
	}
}

// has reports whether a version is there, and was not uploaded anew since.
func (l listed) has(o store.Object) bool {
	at, ok := l[idOf(o)]
	return ok && !at.After(o.Modified)
}

// holds reports whether a version is there.
func (l listed) holds(id objectID) bool {
	_, ok := l[id]
	return ok
}

// around lists anew what may have changed around some keys of each store: a store
// of few objects whole, of one of many the parts in which the keys lie.
func (j *job) around(ctx context.Context, g *ground, members []string, wanted map[string][]string) (*stock, error) {
	return j.f.listUnder(ctx, members, func(s store.Store) []string {
		return cover(g.keys[s.Label()], wanted[s.Label()], g.roots)
	})
}

// leaf is how many objects a listing may show of which not all are wanted: two
// requests.
const leaf = 2000

// cover gives the prefixes whose listings show the wanted keys, and of those that
// are known no more than it must: each prefix has at most leaf of them, where
// their names allow that. A root with few is one prefix, wanted or not. All lists
// are sorted; no prefix holds another.
func cover(known, wanted, roots []string) []string {
	var out []string
	for _, root := range roots {
		inside := below(known, root)
		if want := below(wanted, root); len(inside) <= leaf {
			out = append(out, root)
		} else if len(want) > 0 {
			out = divide(out, root, inside, want)
		}
	}
	return out
}

// divide adds the prefixes that cover what is wanted below one prefix.
func divide(out []string, prefix string, known, wanted []string) []string {
	if len(known) <= leaf {
		return append(out, prefix)
	}
	common := alike(alike(known[0], known[len(known)-1]), alike(wanted[0], wanted[len(wanted)-1]))
	if len(wanted[0]) == len(common) {
		return append(out, common) // the others go on where it ends
	}
	for len(wanted) > 0 {
		_, size := utf8.DecodeRuneInString(wanted[0][len(common):])
		next := wanted[0][:len(common)+size]
		group := below(wanted, next)
		out = divide(out, next, below(known, next), group)
		wanted = wanted[len(group):]
	}
	return out
}

// below are the keys of a sorted list that begin with a prefix.
func below(keys []string, prefix string) []string {
	lo, _ := slices.BinarySearch(keys, prefix)
	n := sort.Search(len(keys)-lo, func(i int) bool { return !strings.HasPrefix(keys[lo+i], prefix) })
	return keys[lo : lo+n]
}

// alike is the longest beginning of two keys, in whole characters.
func alike(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(a) && !utf8.RuneStart(a[n]) {
		n--
	}
	return a[:n]
}
