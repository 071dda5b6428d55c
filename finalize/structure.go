package finalize

import (
	"cmp"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"recfin/finalize/layout"
	"recfin/finalize/playlist"
	"recfin/finalize/timeline"
)

// spot is where a playlist has a segment: of which rendition and writer, under
// which number, and which part of its object it is.
type spot struct {
	nonce, rendition string
	seq              int64
	part             timeline.Range
}

// structure takes from playlists what the segments of a layout are whose keys
// do not say it: rendition, number, and the parts of an object. What no playlist
// lists (a rolling window, a crash before the last update) is numbered like its
// neighbours by name. Init segments that playlists name are no segments.
func (l *Listing) structure(f *Finalizer, sides []sidecar) {
	l.takeMaps(sides)
	pages := l.pages(f, sides)
	if l.Committed == nil && len(pages) == 0 {
		return
	}
	spots := make([][]spot, len(l.Segments))
	taken := map[seat]int{} // segment on each number
	if !l.remember(f, spots, taken) && len(pages) == 0 {
		return
	}
	for i := range pages {
		pages[i].place(l, spots, taken)
	}
	l.adopt(f, spots)
	l.spread(spots)
}

// page is a media playlist of a layout that goes by playlists.
type page struct {
	*sidecar
	nonce, rendition string
}

// seat is one number of one writer and rendition.
type seat struct {
	nonce, rendition string
	seq              int64
}

// pages are the media playlists, the newest first: of two that have the same
// object, the newer one tells what it is.
func (l *Listing) pages(f *Finalizer, sides []sidecar) []page {
	names := map[string]string{} // that a multivariant playlist gives, by key
	for i := range sides {
		if x := &sides[i]; x.says != nil {
			for _, c := range x.says.Children {
				for _, key := range playlist.Resolve(x.from.Key, c.URI) {
					if c.Name != "" && names[key] == "" {
						names[key] = c.Name
					}
				}
			}
		}
	}
	var out []page
	for i := range sides {
		x := &sides[i]
		if x.says == nil || x.from.Form != layout.M3U8 || x.says.Len() == 0 || !f.byPlaylist(x.from.Layout) {
			continue
		}
		p := page{sidecar: x}
		_, rel, found := strings.Cut("/"+x.from.Key, "/"+x.from.Recording+"/")
		if !found {
			rel = x.from.Key
		}
		p.nonce, p.rendition = playlistName(rel, names[x.from.Key])
		p.nonce, p.rendition = l.writer(x.from.Recording, p.nonce), f.cfg.rename(p.rendition)
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b page) int {
		return cmp.Or(b.at.Compare(a.at), compareObjects(a.from.Object, b.from.Object))
	})
	return out
}

// plainNames are names of playlists that say nothing of the rendition.
var plainNames = map[string]bool{
	"index": true, "playlist": true, "stream": true, "output": true, "chunklist": true, "prog_index": true,
}

// playlistName gives writer and rendition of a playlist from its path in the
// folder of the recording: its name, or where that says nothing its folder, or
// else what a multivariant playlist calls it, or else "source". The folders
// above are the writer.
func playlistName(rel, called string) (nonce, rendition string) {
	dir, name := path.Split(rel)
	name = strings.TrimSuffix(name, path.Ext(name))
	dir = strings.Trim(dir, "/")
	switch {
	case !plainNames[name] && path.Base(dir) == name: // 720p/720p.m3u8
		return strings.Trim(path.Dir(dir), "./"), name
	case !plainNames[name]:
		return dir, name
	case dir != "":
		nonce, rendition = path.Split(dir)
		return strings.Trim(nonce, "/"), rendition
	case called != "" && !strings.Contains(called, "/"):
		return "", called
	}
	return "", defaultRendition
}

// defaultRendition is the name of a rendition that has none.
const defaultRendition = "source"

// place puts the segments of a playlist on their spots. Where another one, with
// numbers of its own, has some of them already, its numbers go on from there;
// where it has others on the same numbers, this is another writer.
func (p *page) place(l *Listing, spots [][]spot, taken map[seat]int) {
	found := make([]int, p.says.Len())
	shift, known := int64(0), false
	for i := range p.says.Len() {
		found[i] = p.find(l, i)
		if found[i] < 0 || known {
			continue
		}
		for _, s := range spots[found[i]] {
			if s.nonce == p.nonce && s.rendition == p.rendition && s.part == rangeOf(p.says.Entry(i).Range) {
				shift, known = s.seq-p.number(i), true
			}
		}
	}
	nonce := p.nonce
	for i, k := range found {
		other, ok := taken[seat{nonce, p.rendition, p.number(i) + shift}]
		if k >= 0 && len(spots[k]) == 0 && ok && l.Segments[other].Key != l.Segments[k].Key && nonce == p.nonce {
			nonce = path.Join(p.nonce, path.Base(p.from.Key))
		}
	}
	before := map[int]int{} // spots that other playlists gave
	for i, k := range found {
		if k < 0 {
			continue
		}
		if _, seen := before[k]; !seen {
			before[k] = len(spots[k])
		}
		if before[k] > 0 {
			continue
		}
		s := spot{nonce, p.rendition, p.number(i) + shift, rangeOf(p.says.Entry(i).Range)}
		if len(spots[k]) > 0 && (s.part.Length == 0 || spots[k][0].part.Length == 0) {
			continue // it is listed once more
		}
		spots[k] = append(spots[k], s)
		taken[seat{s.nonce, s.rendition, s.seq}] = k
	}
}

// number is that of an entry: media sequence and index.
func (p *page) number(i int) int64 {
	if seq, numbered := p.says.Seq(i); numbered {
		return seq
	}
	return int64(i)
}

// find gives the object of an entry, that of the playlist's own store before any
// other; -1: none, or the part is not in it.
func (p *page) find(l *Listing, entry int) int {
	for _, key := range playlist.Resolve(p.from.Key, p.says.URI(entry)) {
		from, to := l.at(key)
		best := -1
		for i := from; i < to; i++ {
			if best < 0 || l.Segments[i].Store == p.from.Store {
				best = i
			}
		}
		if best >= 0 {
			if r := p.says.Entry(entry).Range; r.Length > 0 && (r.Offset > l.Segments[best].Size || r.Length > l.Segments[best].Size-r.Offset) {
				return -1
			}
			return best
		}
	}
	return -1
}

// takeMaps moves objects that playlists name as init segments, and as nothing
// else, to where those are. What an entry of any playlist names too, of which an
// init segment is a part only, what is too large for one, and what the marker has
// as a segment stays one, whatever a playlist says.
func (l *Listing) takeMaps(sides []sidecar) {
	maps := namedAsMaps(sides)
	if len(maps) == 0 {
		return
	}
	chosen := l.Committed.known().chosen
	l.Segments = slices.DeleteFunc(slices.Clone(l.Segments), func(s Segment) bool {
		if _, ok := chosen[s.id()]; ok || maps[s.Key] < max(s.Size, 1) || s.Size > largestInit(s.Ext) {
			return false
		}
		x := keyed{Object: s.Object(), Layout: s.Layout}
		x.Recording, x.Nonce, x.Rendition, x.Ext, x.Kind = s.Recording, s.Nonce, s.Rendition, s.Ext, layout.Init
		l.Inits = append(l.Inits, x)
		return true
	})
	rest := l.Unknown[:0]
	for _, o := range l.Unknown {
		if maps[o.Key] >= max(o.Size, 1) {
			l.Inits = append(l.Inits, keyed{Object: o, Fields: layout.Fields{Recording: l.Recording, Kind: layout.Init}})
		} else {
			rest = append(rest, o)
		}
	}
	l.Unknown = rest
}

// namedAsMaps are the keys that playlists name as init segments and no entry
// names, each with the byte up to which it is one.
func namedAsMaps(sides []sidecar) map[string]int64 {
	maps := map[string]int64{}
	for i := range sides {
		x := &sides[i]
		if x.says == nil || !x.says.Maps() {
			continue
		}
		var last *playlist.Map
		for k := range x.says.Len() {
			m := x.says.Entry(k).Map
			if m != nil && m != last {
				end := int64(math.MaxInt64)
				if r := m.Range; r.Length > 0 {
					end = r.Offset + r.Length
				}
				for _, key := range playlist.Resolve(x.from.Key, m.URI) {
					maps[key] = max(maps[key], end)
				}
			}
			last = m
		}
	}
	if len(maps) == 0 {
		return maps
	}
	for i := range sides {
		if x := &sides[i]; x.says != nil {
			for k := range x.says.Len() {
				for _, key := range playlist.Resolve(x.from.Key, x.says.URI(k)) {
					delete(maps, key)
				}
			}
		}
	}
	return maps
}

// stem is the name of a segment without its number: what its neighbours share.
type stem struct{ before, after string }

// stemOf takes the number of a name away, which is its last run of digits.
func stemOf(s *Segment) (stem, bool) {
	dir, name := path.Split(s.Key)
	ext := path.Ext(name)
	name = strings.TrimSuffix(name, ext)
	end := strings.LastIndexAny(name, "0123456789") + 1
	from := len(strings.TrimRight(name[:end], "0123456789"))
	n, err := strconv.ParseInt(name[from:end], 10, 64)
	if end == 0 || err != nil || s.Unnumbered || n != s.Seq {
		return stem{}, false
	}
	return stem{dir + name[:from], name[end:] + ext}, true
}
