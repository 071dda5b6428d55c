package finalize

import (
	"context"
	"fmt"
	"time"

	"recfin/finalize/playlist"
	"recfin/store"
)

const (
	playlistType = "application/vnd.apple.mpegurl"
	movieType    = "video/mp4"
)

// writePlaylists writes one media playlist a rendition, in reference mode: the
// segments in the store of the outputs stay where they are and are named relative
// to the version; those of other stores are copied into it.
func (j *job) writePlaylists(ctx context.Context, rec *Record, dir string) ([]Variant, error) {
	s := rec.timeline()
	var media []*playlist.Media
	var of []int // the rendition of each
	copies := make([]map[objectID]string, len(rec.Renditions))
	for i := range rec.Renditions {
		q := &rec.Renditions[i]
		copies[i] = j.copies(rec, q, dir)
		if err := q.nameable(copies[i]); err != nil {
			rec.leaveOut(q, "hls", err)
			continue
		}
		of = append(of, i)
		media = append(media, playlist.FromSession(s, i, func(row int) string { return reach(q.Object(row), dir, copies[i]) },
			func(row int) (playlist.ByteRange, *playlist.Map) { return rec.part(q, row, dir, copies[i]) }))
	}
	target := playlist.TargetDuration(media...)
	var variants []Variant
	for n, m := range media {
		i := of[n]
		q := &rec.Renditions[i]
		m.Target = target
		text, err := m.Encode()
		if cannot(err) {
			rec.leaveOut(q, "hls", err)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("playlist of %s/%s: %w", store.Printable(rec.Recording), store.Printable(q.Name), err)
		}
		if err := j.writeCopies(ctx, rec, q, copies[i]); err != nil {
			return nil, err
		}
		j.f.cfg.notify(Event{Recording: rec.Recording, Stage: "write", Detail: q.Output + ".m3u8"})
		o, err := j.putOnce(ctx, dir+q.Output+".m3u8", text, playlistType)
		if err != nil {
			return nil, err
		}
		rec.Outputs = append(rec.Outputs, Output{
			Rendition: q.Name, Kind: "hls", Store: o.Store, Key: o.Key, Size: o.Size, ETag: o.ETag,
			Checksum: "sha256:" + hashHex(text), DurationNS: int64(lasts(m)), Segments: q.Len(),
		})
		variants = append(variants, rec.variant(q, target))
	}
	return variants, nil
}

// nameable says why a playlist cannot name a segment that it has no copy of, or any.
func (q *RenditionRecord) nameable(copies map[objectID]string) error {
	for n, key := range q.Key {
		if copies[idOf(q.Object(n))] == "" && !playlist.Addressable(key) {
			return fmt.Errorf("%w: no URL leads to the key %s (an element \".\" or \"..\"): use --format mp4", errUnnamed, store.Printable(key))
		}
		if n < len(q.Header) && q.Header[n] == q.rowBytes(n) {
			return fmt.Errorf("%w: %s is an MP4 without fragments: use --format mp4", errUnnamed, store.Printable(key))
		}
	}
	return nil
}

// part gives the bytes that a row is in a playlist, and its init segment. A
// fragmented file that brings its own moov is both.
func (r *Record) part(q *RenditionRecord, row int, dir string, copies map[objectID]string) (playlist.ByteRange, *playlist.Map) {
	part := q.Part(row)
	if row < len(q.Header) && q.Header[row] > 0 {
		n := q.Header[row]
		rest := playlist.ByteRange{Offset: part.Offset + n, Length: q.rowBytes(row) - n}
		return rest, &playlist.Map{URI: reach(q.Object(row), dir, copies), Range: playlist.ByteRange{Offset: part.Offset, Length: n}}
	}
	var m *playlist.Map
	if x, ok := r.needsInit(q, row); ok {
		m = &playlist.Map{URI: reach(x.Object, dir, copies), Range: playlist.ByteRange{Offset: x.part.Offset, Length: x.part.Length}}
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

// variant measures a rendition slot by slot. A GAP counts in no bandwidth.
func (r *Record) variant(q *RenditionRecord, target int) Variant {
	const gap = -1
	slots := r.SlotsOf(q)
	sizes, durations := make([]int64, len(slots.Seq)), make([]time.Duration, len(slots.Seq))
	for k := range sizes {
		sizes[k], durations[k] = gap, time.Duration(slots.DurationNS[k])
	}
	for i, k := range q.Slot {
		sizes[k], durations[k] = q.rowBytes(i), time.Duration(q.DurationNS[i])
	}
	peak, average := playlist.Bandwidth(sizes, durations, target)
	return Variant{
		Name: q.Output, Bandwidth: peak, Average: average, Codecs: q.Codecs,
		Width: q.Width, Height: q.Height, FrameNum: q.FrameNum, FrameDen: q.FrameDen,
	}
}

// door is the text of a session's door under its own id or one that it has
// absorbed, a pure function of the marker's entry. A session without HLS has none.
func (e *MarkerSession) door(id string) ([]byte, error) {
	if len(e.Variants) == 0 {
		return nil, nil
	}
	vs := make([]playlist.Variant, len(e.Variants))
	for i, v := range e.Variants {
		vs[i] = playlist.Variant{
			URI: playlist.RelativeURI(id, e.ID+"/"+e.Version+"/"+v.Name+".m3u8"), Name: v.Name,
			Bandwidth: v.Bandwidth, AverageBandwidth: v.Average, Codecs: v.Codecs,
			Width: v.Width, Height: v.Height, FrameRate: playlist.Rate{Num: v.FrameNum, Den: v.FrameDen},
			AudioOnly: v.Width == 0 && v.Codecs != "",
		}
	}
	return playlist.Multivariant(vs, false)
}
