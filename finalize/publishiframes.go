package finalize

import (
	"context"
	"errors"
	"strings"
	"time"

	"recfin/finalize/playlist"
	"recfin/finalize/timeline"
	"recfin/store"
)

// writeIFrames writes the I-frame playlist of a rendition beside its media playlist,
// i-th of the session s: where the record knows its I pictures. It gives what the door
// says of it; nil: there is none.
func (j *job) writeIFrames(ctx context.Context, rec *Record, i int, s *timeline.Session, put *shelf, dir string, target int) (*IFrameTrack, error) {
	q := &rec.Renditions[i]
	if q.IFrames == nil {
		return nil, nil
	}
	at := rec.stills(q, put)
	m := playlist.IFrames(s, i, at.frames, at.uri, at.part)
	m.Target = max(target, playlist.TargetDuration(m))
	text, err := m.Encode()
	switch {
	case errors.Is(err, playlist.ErrEmpty):
		return nil, nil
	case err != nil:
		j.report.problem("no I-frame playlist of " + store.Printable(q.Name) + ": " + err.Error())
		return nil, nil
	}
	name := q.Output + "/iframes.m3u8"
	j.notify(Event{Stage: StageWrite, Detail: name})
	o, err := j.putOnce(ctx, dir+name, text, playlistType)
	if err != nil {
		return nil, err
	}
	rec.Outputs = append(rec.Outputs, Output{
		Rendition: q.Name, Kind: "iframes", Store: o.Store, Key: o.Key, Size: o.Size, ETag: o.ETag,
		Checksum: "sha256:" + hashHex(text), DurationNS: int64(lasts(m)), Segments: q.Len(),
	})
	return q.iframeTrack(m), nil
}

// above is a relative reference, as seen from a folder below.
func above(uri string) string { return "../" + uri }

// iframeTrack is what the door says of an I-frame playlist: the rates are those of its
// pictures over the time that each of them stands for.
func (q *RenditionRecord) iframeTrack(m *playlist.Media) *IFrameTrack {
	const gap = -1
	sizes, durations := make([]int64, len(m.Segments)), make([]time.Duration, len(m.Segments))
	for i, s := range m.Segments {
		sizes[i], durations[i] = s.Range.Length, s.Duration
		if s.Gap {
			sizes[i] = gap
		}
	}
	t := &IFrameTrack{}
	t.Bandwidth, t.Average = playlist.Bandwidth(sizes, durations, m.Target)
	var codecs []string
	for _, c := range split(q.Codecs) {
		if pictures, _ := kindsOf(0, c); pictures {
			codecs = append(codecs, c)
		}
	}
	t.Codecs = strings.Join(codecs, ",")
	return t
}

// stillShelf says where the I-frame playlist of a rendition finds its pictures.
type stillShelf struct {
	*shelf
	frames []playlist.IFrame
	first  []int64         // by row: where the first of its pictures begins in its object
	maps   []*playlist.Map // by row; empty: those of the media playlist
}

// stills finds the I pictures of a rendition in the objects on its shelf.
func (r *Record) stills(q *RenditionRecord, put *shelf) *stillShelf {
	s := &stillShelf{shelf: put, first: make([]int64, q.Len())}
	for n, row := range q.IFrames.Row {
		in, _ := put.part(row)
		at := playlist.ByteRange{Offset: put.begin(row) + q.IFrames.Offset[n], Length: q.IFrames.Length[n]}
		if at.Offset < in.Offset || in.Length > 0 && at.Offset+at.Length > in.Offset+in.Length {
			continue // it is not in the object
		}
		if s.first[row] == 0 {
			s.first[row] = at.Offset
		}
		s.frames = append(s.frames, playlist.IFrame{Segment: row, Range: at, At: time.Duration(q.IFrames.AtNS[n])})
	}
	if s.shared() {
		s.describe(r, q)
	}
	return s
}

// shared reports whether a transport stream shares its object with others. Clients take
// what stands in an object before the first I picture that is listed of it for its init
// segment (RFC 8216 §4.3.3.6): that would be the PAT and the PMT of the first for all.
func (s *stillShelf) shared() bool {
	rows := map[string]int{}
	for row := range s.first {
		uri := s.shelf.uri(row)
		rows[uri]++
		if _, m := s.shelf.part(row); m == nil && (rows[uri] > 1 || s.begin(row) > 0) {
			return true
		}
	}
	return false
}

// describe gives each stretch without a discontinuity, in which PAT and PMT do not
// change, a MAP: what stands before the first I picture of the stretch in its own segment.
func (s *stillShelf) describe(r *Record, q *RenditionRecord) {
	s.maps = make([]*playlist.Map, len(s.first))
	var now *playlist.Map
	for row := range s.maps {
		in, m := s.shelf.part(row)
		if row > 0 && (s.shelf.uri(row) != s.shelf.uri(row-1) || r.breakBefore(q, row)) {
			now = nil
		}
		if m == nil && now == nil && s.first[row] > in.Offset {
			now = &playlist.Map{URI: s.shelf.uri(row), Range: playlist.ByteRange{Offset: in.Offset, Length: s.first[row] - in.Offset}}
		}
		if s.maps[row] = now; m != nil {
			s.maps[row] = m
		}
	}
}

// breakBefore reports whether something that players must be told of may change at row
// i, PIDs among it: the plan or what was read marks its slot, or one between it and the
// row before.
func (r *Record) breakBefore(q *RenditionRecord, i int) bool {
	marks := r.SlotsOf(q).Discontinuity
	for k := q.Slot[i-1] + 1; k <= q.Slot[i]; k++ {
		if has(marks, k) {
			return true
		}
	}
	return r.joinBefore(q, i)
}

// uri is the reference to the object of a row, from the folder of the rendition.
func (s *stillShelf) uri(row int) string { return above(s.shelf.uri(row)) }

// part is what the playlist says of a row, from the folder of the rendition.
func (s *stillShelf) part(row int) (playlist.ByteRange, *playlist.Map) {
	in, m := s.shelf.part(row)
	if len(s.maps) > 0 {
		m = s.maps[row]
	}
	if m != nil {
		m = &playlist.Map{URI: above(m.URI), Range: m.Range}
	}
	return in, m
}
