package finalize

import (
	"slices"

	"recfin/finalize/playlist"
)

// lint holds the playlists of the version that the marker names against each other,
// and against what the door says of them. Those of another version, to which a door
// that is out of date leads, are read one by one only: what their renditions share is
// not known.
func (r *reading) lint() {
	if r.rec == nil {
		return
	}
	var done []string
	for _, d := range r.doors {
		if d.key != r.dir.door(r.e.ID) {
			continue // the same playlists by another way
		}
		set, keys := r.set(d)
		if len(keys) == 0 || slices.Equal(keys, done) {
			continue
		}
		done = keys
		r.linted(playlist.Lint(set))
	}
}

// set is what a client finds behind a door: its playlists, each once, and their keys.
// There are none where one is of another version, or not there.
func (r *reading) set(d *doorFile) (playlist.Set, []string) {
	set := playlist.Set{Multi: d.text}
	var keys, uris []string
	named := map[*RenditionRecord]string{} // URIs of media playlists
	for _, uri := range d.named() {
		key, _ := clientKey(d.key, uri)
		m := r.texts[key]
		if m == nil || m.text == nil || m.output == nil {
			return set, nil
		}
		if !slices.Contains(uris, uri) {
			uris, keys = append(uris, uri), append(keys, key)
			if m.output.Kind == "hls" {
				named[m.q] = uri
			}
		}
	}
	for i, key := range keys {
		m := r.texts[key]
		x := playlist.Member{URI: uris[i], Media: m.text, Sizes: make([]int64, len(m.keys)), OwnSlots: m.q.Slots != nil}
		for n, of := range m.keys {
			x.Sizes[n] = -1
			if o, ok := r.there[of]; ok {
				x.Sizes[n] = o.Size
			}
		}
		if m.output.Kind == "iframes" {
			x.Of = named[m.q]
		}
		set.Members = append(set.Members, x)
	}
	return set, keys
}
