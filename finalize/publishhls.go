package finalize

import (
	"context"
	"fmt"
	"slices"
	"time"

	"recfin/finalize/playlist"
	"recfin/finalize/timeline"
	"recfin/store"
)

const (
	playlistType = "application/vnd.apple.mpegurl"
	movieType    = "video/mp4"
)

// shelf says where the playlist of a rendition finds the segment of a row.
type shelf struct {
	uri  func(row int) string
	part func(row int) (playlist.ByteRange, *playlist.Map)
	// measured: its segments were read whole on their way, and the record has what was
	// found.
	measured bool
	// begin is where in its object the first byte of the segment stands, or would if it
	// were not cut off.
	begin func(row int) int64
}

// writePlaylists puts the media of all renditions where their playlists shall find
// them, and writes one media playlist a rendition.
func (j *job) writePlaylists(ctx context.Context, rec *Record, dir string) ([]Variant, error) {
	shelves := make([]*shelf, len(rec.Renditions))
	if HLSMode(rec.Settings.HLS) == HLSSingle {
		for i := range rec.Renditions { // what is to come
			q := &rec.Renditions[i]
			j.notify(Event{Stage: StageWrite, Detail: q.Output + ".media", Total: q.bytes(), Unit: UnitBytes})
		}
	}
	for i := range rec.Renditions {
		q := &rec.Renditions[i]
		put, err := j.shelve(ctx, rec, q, dir)
		if cannot(err) {
			rec.leaveOut(q, "hls", err)
			continue
		}
		if err != nil {
			return nil, err
		}
		shelves[i] = put
	}
	if slices.ContainsFunc(shelves, func(put *shelf) bool { return put != nil && put.measured }) {
		rec.align()
	}
	s := rec.timeline()
	media, target := rec.mediaPlaylists(s, shelves)
	var written []*RenditionRecord
	var iframes []*IFrameTrack
	for i, m := range media {
		if m == nil {
			continue
		}
		q := &rec.Renditions[i]
		if err := j.writePlaylist(ctx, rec, q, m, dir); err != nil {
			return nil, err
		}
		track, err := j.writeIFrames(ctx, rec, i, s, shelves[i], dir, target)
		if err != nil {
			return nil, err
		}
		written, iframes = append(written, q), append(iframes, track)
	}
	variants := rec.variants(written, target)
	for n := range variants {
		variants[n].IFrames = iframes[n]
	}
	return variants, nil
}

// mediaPlaylists are the playlists of the renditions that have a shelf, nil for the
// others, and the target duration that all of them have.
func (r *Record) mediaPlaylists(s *timeline.Session, shelves []*shelf) ([]*playlist.Media, int) {
	media := make([]*playlist.Media, len(r.Renditions))
	for i, put := range shelves {
		if put != nil {
			media[i] = playlist.FromSession(s, i, put.uri, put.part)
		}
	}
	target := playlist.TargetDuration(slices.DeleteFunc(slices.Clone(media), func(m *playlist.Media) bool { return m == nil })...)
	for i, m := range media {
		if m != nil {
			m.Target, m.Independent = target, r.Renditions[i].Independent
		}
	}
	return media, target
}

// shelve puts the media of a rendition where its playlist finds them.
func (j *job) shelve(ctx context.Context, rec *Record, q *RenditionRecord, dir string) (*shelf, error) {
	if HLSMode(rec.Settings.HLS) == HLSSingle {
		return j.shelveSingle(ctx, rec, q, dir)
	}
	return j.shelveObjects(ctx, rec, q, dir)
}

// shelveObjects leaves each segment an object of its own: where it is, or in a copy.
func (j *job) shelveObjects(ctx context.Context, rec *Record, q *RenditionRecord, dir string) (*shelf, error) {
	copies := j.copies(rec, q, dir)
	if err := q.nameable(copies); err != nil {
		return nil, err
	}
	if err := q.oneWay(); err != nil {
		return nil, err
	}
	if err := j.writeCopies(ctx, rec, q, copies); err != nil {
		return nil, err
	}
	return rec.objectShelf(q, func(o store.Object) string { return reach(o, dir, copies) }), nil
}

// objectShelf has each segment in an object of its own, to which a URI leads.
func (r *Record) objectShelf(q *RenditionRecord, uri func(store.Object) string) *shelf {
	return &shelf{
		uri:   func(row int) string { return uri(q.Object(row)) },
		part:  func(row int) (playlist.ByteRange, *playlist.Map) { return r.part(q, row, uri) },
		begin: func(row int) int64 { return q.Part(row).Offset },
	}
}

// writePlaylist writes the media playlist of a rendition.
func (j *job) writePlaylist(ctx context.Context, rec *Record, q *RenditionRecord, m *playlist.Media, dir string) error {
	text, err := m.Encode()
	if err != nil {
		return fmt.Errorf("playlist of %s/%s: %w", store.Printable(rec.Recording), store.Printable(q.Name), err)
	}
	j.notify(Event{Stage: StageWrite, Detail: q.Output + ".m3u8"})
	o, err := j.putOnce(ctx, dir+q.Output+".m3u8", text, playlistType)
	if err != nil {
		return err
	}
	rec.Outputs = append(rec.Outputs, Output{
		Rendition: q.Name, Kind: "hls", Store: o.Store, Key: o.Key, Size: o.Size, ETag: o.ETag,
		Checksum: "sha256:" + hashHex(text), DurationNS: int64(lasts(m)), Segments: q.Len(),
	})
	return nil
}

// oneWay says why no playlist can be made of a rendition in which a transport stream
// follows fragments: no tag ends what EXT-X-MAP says.
func (q *RenditionRecord) oneWay() error {
	mapped := false
	for row := range q.Key {
		needs := q.initNumber(row) > 0 || row < len(q.Header) && q.Header[row] > 0
		if mapped && !needs {
			return playlist.ErrMap
		}
		mapped = mapped || needs
	}
	return nil
}

// nameable says why a playlist cannot name a segment that it has no copy of, or any.
func (q *RenditionRecord) nameable(copies map[objectID]string) error {
	for n, key := range q.Key {
		if copies[idOf(q.Object(n))] == "" && !playlist.Addressable(key) {
			return fmt.Errorf("%w: no URL leads to the key %s (an element \".\" or \"..\"): use --format mp4", errUnnamed, store.Printable(key))
		}
		if err := q.fragmented(n); err != nil {
			return err
		}
	}
	return nil
}

// fragmented says why a playlist cannot name the segment of a row, wherever it lies.
func (q *RenditionRecord) fragmented(row int) error {
	if row < len(q.Header) && q.Header[row] == q.rowBytes(row) {
		return fmt.Errorf("%w: %s is an MP4 without fragments: use --format mp4", errUnnamed, store.Printable(q.Key[row]))
	}
	return nil
}

// part gives the bytes that a row is in a playlist, and its init segment. A
// fragmented file that brings its own moov is both.
func (r *Record) part(q *RenditionRecord, row int, uri func(store.Object) string) (playlist.ByteRange, *playlist.Map) {
	part := q.Part(row)
	if row < len(q.Header) && q.Header[row] > 0 {
		n := q.Header[row]
		rest := playlist.ByteRange{Offset: part.Offset + n, Length: q.rowBytes(row) - n}
		return rest, &playlist.Map{URI: uri(q.Object(row)), Range: playlist.ByteRange{Offset: part.Offset, Length: n}}
	}
	var m *playlist.Map
	if x, ok := r.needsInit(q, row); ok {
		m = &playlist.Map{URI: uri(x.Object), Range: playlist.ByteRange{Offset: x.part.Offset, Length: x.part.Length}}
	}
	return playlist.ByteRange{Offset: part.Offset, Length: part.Length}, m
}

func lasts(m *playlist.Media) time.Duration {
	var d time.Duration
	for _, s := range m.Segments {
		d += s.Duration
	}
	return d
}
