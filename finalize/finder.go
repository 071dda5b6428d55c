package finalize

import (
	"sort"
	"strings"

	"recfin/finalize/playlist"
	"recfin/finalize/timeline"
)

// finder finds the listed segments that the entries of a sidecar name. Most entries are
// in few folders, have names that need no reading, and come in order: so a folder is
// resolved once, and the next segment is looked at first.
type finder struct {
	l       *Listing
	x       *sidecar
	folders [][]under // by folder of the sidecar: where its names may be, best first
	known   []bool    // folders that were resolved
	plain   []bool    // folders in which plain names can be found so
	next    int       // segment behind the one that was found last
}

// under are the listed segments whose keys begin with a prefix.
type under struct {
	prefix   string
	from, to int
}

func newFinder(l *Listing, x *sidecar) *finder {
	n := x.says.Folders()
	return &finder{l: l, x: x, folders: make([][]under, n), known: make([]bool, n), plain: make([]bool, n)}
}

// named adds the segments that an entry may mean: those of the first key that has any,
// with that part.
func (d *finder) named(found []int, i int, part timeline.Range) []int {
	folder, name := d.x.says.Name(i)
	if !d.known[folder] {
		d.resolve(folder)
	}
	if !d.plain[folder] || !plainName(name) {
		for _, key := range playlist.Resolve(d.x.from.Key, d.x.says.URI(i)) {
			from, to := d.l.at(key)
			if found = d.take(found, from, to, part); len(found) > 0 {
				break
			}
		}
		return found
	}
	for _, u := range d.folders[folder] {
		from, to := d.at(u, name)
		if found = d.take(found, from, to, part); len(found) > 0 {
			d.next = to
			break
		}
	}
	return found
}

func (d *finder) take(found []int, from, to int, part timeline.Range) []int {
	for k := from; k < to; k++ {
		if d.l.Segments[k].Range() == part {
			found = append(found, k)
		}
	}
	return found
}

// at gives the segments, of every store, of a name under a prefix.
func (d *finder) at(u under, name string) (from, to int) {
	segments, cut := d.l.Segments, len(u.prefix)
	from = d.next
	if from < u.from || from >= u.to || segments[from].Key[cut:] != name || from > u.from && segments[from-1].Key[cut:] == name {
		from = u.from + sort.Search(u.to-u.from, func(i int) bool { return segments[u.from+i].Key[cut:] >= name })
	}
	for to = from; to < u.to && segments[to].Key[cut:] == name; to++ {
	}
	return from, to
}

// standIn is a plain name: what it resolves to, every plain name does.
const standIn = "0"

// resolve finds out where the names of a folder may be. What has listed segments in no
// reading is found in none.
func (d *finder) resolve(folder int) {
	d.known[folder] = true
	dir := d.x.says.Folder(folder)
	if len(dir) > mostPlain {
		return
	}
	for _, key := range playlist.Resolve(d.x.from.Key, dir+standIn) {
		prefix, ok := strings.CutSuffix(key, standIn)
		if !ok || prefix != "" && !strings.HasSuffix(prefix, "/") {
			d.folders[folder] = nil
			return
		}
		segments := d.l.Segments
		from := sort.Search(len(segments), func(i int) bool { return segments[i].Key >= prefix })
		to := from + sort.Search(len(segments)-from, func(i int) bool { return !strings.HasPrefix(segments[from+i].Key, prefix) })
		if from < to {
			d.folders[folder] = append(d.folders[folder], under{prefix, from, to})
		}
	}
	d.plain[folder] = true
}

// mostPlain is how long a folder and a name may be to be put together without a look
// at limits.
const mostPlain = 400

// plainName reports whether a name means itself in every reading: no escapes, no query,
// no dots alone.
func plainName(name string) bool {
	letters := false
	for i := range len(name) {
		switch c := name[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-', c == '_':
			letters = true
		case c == '.':
		default:
			return false
		}
	}
	return letters && len(name) <= mostPlain
}
