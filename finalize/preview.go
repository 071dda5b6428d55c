package finalize

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"recfin/finalize/playlist"
	"recfin/store"
)

// Preview is what players need of a session that is not written: its playlists as
// [HLSReference] would write them, without I-frame playlists. They lie in one folder.
type Preview struct {
	Door      []byte            // the multivariant playlist
	Playlists []PreviewPlaylist // to which it leads, in the order of the renditions
	Unmade    []UnmadeRow       // renditions of which no playlist can be made
}

// PreviewPlaylist is the media playlist of a rendition.
type PreviewPlaylist struct {
	Name string // of its file in the folder of the door
	Text []byte
}

// Preview gives the playlists of a session of the plan. No store is asked: what the
// plan knows has to do, so durations may be less exact than those that are published.
// The function uri gives the reference to an object, percent-encoded; it is called for
// the segments and init segments that the playlists name, once or more, and for no
// other object.
//
// It is about the segments, and they may be gone where the session is committed: its
// own door then leads to what there is. The error is an [ErrNothing] where the plan has
// no such session, and an [ErrRefused] where none of its renditions can stand in a
// playlist.
func (r *Report) Preview(session string, uri func(store.Object) string) (Preview, error) {
	rec, err := r.planned(session)
	if err != nil {
		return Preview{}, err
	}
	return rec.preview(uri)
}

// Previewable gives the error that Preview would give for what a session is made of,
// and makes no playlist.
func (r *Report) Previewable(session string) error {
	rec, err := r.planned(session)
	if err != nil {
		return err
	}
	_, err = rec.bare().previews(nil)
	return err
}

// planned is the record of a session of the plan.
func (r *Report) planned(session string) (*Record, error) {
	if r.Plan != nil {
		for i := range r.Plan.Sessions {
			if rec := r.Plan.Sessions[i].Record; rec.Session == session {
				return rec, nil
			}
		}
	}
	return nil, fmt.Errorf("preview %s of %s: %w: the plan has no such session", store.Printable(session), store.Printable(r.Recording), ErrNothing)
}

func (r *Record) preview(uri func(store.Object) string) (Preview, error) {
	rec := r.bare()
	shelves, err := rec.previews(uri)
	if err != nil {
		return Preview{}, err
	}
	out := Preview{Unmade: rec.Unmade}
	media, target := rec.mediaPlaylists(rec.timeline(), shelves)
	var written []*RenditionRecord
	for i, m := range media {
		if m == nil {
			continue
		}
		q := &rec.Renditions[i]
		text, err := m.Encode()
		if err != nil {
			return Preview{}, fmt.Errorf("playlist of %s/%s: %w", store.Printable(rec.Recording), store.Printable(q.Name), err)
		}
		out.Playlists = append(out.Playlists, PreviewPlaylist{Name: q.Output + ".m3u8", Text: text})
		written = append(written, q)
	}
	if out.Door, err = multivariant(rec.variants(written, target), func(name string) string { return playlist.RelativeURI("", name) }); err != nil {
		return Preview{}, fmt.Errorf("preview %s of %s: %w", store.Printable(r.Session), store.Printable(r.Recording), err)
	}
	return out, nil
}

// previews are the shelves of the renditions whose segments a playlist can name. The
// others are noted as unmade; where that is all of them, it is an error.
func (r *Record) previews(uri func(store.Object) string) ([]*shelf, error) {
	shelves := make([]*shelf, len(r.Renditions))
	var whys []error
	for i := range r.Renditions {
		q := &r.Renditions[i]
		if err := q.previewable(); err != nil {
			r.leaveOut(q, "hls", err)
			whys = append(whys, fmt.Errorf("%s: %w", store.Printable(q.Name), err))
			continue
		}
		shelves[i] = r.objectShelf(q, uri)
	}
	if len(whys) == len(r.Renditions) {
		return nil, fmt.Errorf("preview %s of %s: %w", store.Printable(r.Session), store.Printable(r.Recording), cmp.Or(errors.Join(whys...), ErrNothing))
	}
	return shelves, nil
}

// bare is the record without what was written of it: where each segment is in one
// media object, and which outputs could not be made.
func (r *Record) bare() *Record {
	rec := *r
	rec.Outputs, rec.Unmade, rec.because = nil, nil, nil
	rec.Renditions = slices.Clone(r.Renditions)
	for i := range rec.Renditions {
		rec.Renditions[i].Single, rec.Renditions[i].IFrames = nil, nil
	}
	return &rec
}

// previewable says why no playlist can be made of the segments of a rendition.
func (q *RenditionRecord) previewable() error {
	for row := range q.Key {
		if err := q.fragmented(row); err != nil {
			return err
		}
	}
	return q.oneWay()
}
