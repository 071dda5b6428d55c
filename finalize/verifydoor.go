package finalize

import (
	"bytes"
	"context"
	"slices"

	"recfin/finalize/playlist"
	"recfin/store"
)

// doorFile is index.m3u8 under one id of a session, as it is there, or as it should
// be.
type doorFile struct {
	key  string
	text *playlist.MultiText
}

// claim is what a multivariant playlist says of a media playlist.
type claim struct {
	codecs        string
	width, height int
}

// readDoors reads index.m3u8 of the session and of those that it has absorbed.
func (r *reading) readDoors(ctx context.Context) error {
	for _, id := range r.e.ids() {
		want, err := r.e.door(id)
		if err != nil {
			r.find(ruleEntry, at{session: r.e.ID, object: r.dir.marker()}, "no index.m3u8 can be made of what it says: %s", plain(err))
			return nil
		}
		if want == nil {
			return nil
		}
		key := r.dir.door(id)
		raw, _, ok, err := readSmall(ctx, r.j.f.cfg.Out, key, store.GetOptions{})
		if err != nil {
			return err
		}
		where := at{session: r.e.ID, object: key}
		if ok {
			r.seen.Playlists++
			r.parseDoor(key, raw)
		} else {
			r.find(ruleDoorGone, where, "it is not there")
		}
		if ok && bytes.Equal(raw, want) {
			continue
		}
		if ok {
			r.find(ruleDoorStale, where, "it is not what the marker says")
		}
		if id == r.e.ID { // what it should lead to is looked at all the same
			text, found := playlist.ParseMultivariant(key, want)
			for i := range found {
				found[i].Playlist = r.dir.marker() // the next run writes that
			}
			r.linted(found)
			r.doors = append(r.doors, &doorFile{key, text})
		}
	}
	return nil
}

// parseDoor reads what stands under the key of a door.
func (r *reading) parseDoor(key string, raw []byte) {
	text, found := playlist.ParseMultivariant(key, raw)
	r.linted(found)
	r.doors = append(r.doors, &doorFile{key, text})
}

// named are the playlists that a door names.
func (d *doorFile) named() []string {
	var uris []string
	for _, vs := range [][]playlist.VariantText{d.text.Variants, d.text.IFrames} {
		for i := range vs {
			uris = append(uris, vs[i].URI)
		}
	}
	for i := range d.text.Media {
		uris = append(uris, d.text.Media[i].URI)
	}
	return slices.DeleteFunc(uris, func(uri string) bool { return uri == "" })
}

// of finds the rendition that a playlist is of, where it is one of the version that
// the marker names, and what the doors claim of it.
func (m *mediaFile) of(r *reading, key string) {
	if o := r.outputOf(key); o != nil {
		for i := range r.rec.Renditions {
			if q := &r.rec.Renditions[i]; q.Name == o.Rendition {
				m.output, m.q = o, q
			}
		}
	}
	if m.text == nil {
		return
	}
	m.independent = m.text.Independent
	for _, d := range r.doors {
		groups := map[string]bool{}
		for i := range d.text.Media {
			x := &d.text.Media[i]
			if named, ok := clientKey(d.key, x.URI); ok && named == key && x.URI != "" {
				groups[x.Group] = true
				m.independent = m.independent || d.text.Independent
			}
		}
		for i := range d.text.Variants {
			v := &d.text.Variants[i]
			named, ok := clientKey(d.key, v.URI)
			switch {
			case ok && named == key:
				m.claims = append(m.claims, claim{v.Codecs, v.Width, v.Height})
				m.independent = m.independent || d.text.Independent
			case v.Audio != "" && groups[v.Audio]:
				m.claims = append(m.claims, claim{codecs: v.Codecs})
			}
		}
	}
}
