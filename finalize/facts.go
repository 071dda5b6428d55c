package finalize

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"recfin/finalize/remux"
	"recfin/finalize/timeline"
	"recfin/mp4"
	"recfin/probe"
	"recfin/store"
)

// fact is what reading an object found. It holds for that version of the
// object, so planning again reads nothing twice. There is one for every segment
// until the recording is committed, so it holds what is needed and no more.
type fact struct {
	level  timeline.Level
	fault  timeline.Fault
	detail string
	media  timeline.Media // where it is healthy
	look   *look          // nil: there was nothing to look at
	stills stills         // its I pictures
	init   string         // identity of the init segment that it was read with
	missed int            // how often it was listed and not found
}

type facts map[rowID]*fact

// forgetGone forgets what could not be found: it is listed again, so it is
// looked for again. After a few times that is the answer.
func (fs facts) forgetGone() {
	for id, x := range fs {
		if x.fault == timeline.Gone && x.missed < patience {
			fs[id] = &fact{missed: x.missed}
		}
	}
}

// patience is how often an object that is listed may not be found.
const patience = 3

// vanished reports whether the last look at some object found nothing, and
// listing once more may tell more.
func (fs facts) vanished() bool {
	for _, x := range fs {
		if x.fault == timeline.Gone && x.missed < patience {
			return true
		}
	}
	return false
}

// condemnMedia marks the segment that joining could not demux as unreadable. It
// reports false if it is marked already or is not of this record.
func (fs facts) condemnMedia(r *Record, bad *remux.SegmentError) bool {
	for i := range r.Renditions {
		q := &r.Renditions[i]
		if bad.Index >= q.Len() || bad.Index < 0 || q.Key[bad.Index] != bad.Name {
			continue
		}
		id := q.row(bad.Index)
		if x := fs[id]; x == nil || x.fault == timeline.Healthy {
			init := ""
			if x != nil {
				init = x.init
			}
			fs[id] = &fact{level: timeline.ReadWhole, init: init, fault: timeline.Undecodable, detail: bad.Err.Error()}
			return true
		}
	}
	if id, ok := r.fillOf(bad.Name); ok {
		x := fs[id]
		if x != nil && x.fault != timeline.Healthy {
			return false
		}
		init := ""
		if x != nil {
			init = x.init
		}
		fs[id] = &fact{level: timeline.ReadWhole, init: init, fault: timeline.Undecodable, detail: bad.Err.Error()}
		return true
	}
	return false
}

// readFact measures one segment with its init segment, if any. What is wrong
// with the segment is a fact; what is wrong with the store is an error, and says
// nothing about the segment.
//
// keep: all of it will be joined, and is kept for that if there is room.
func (f *Finalizer) readFact(ctx context.Context, s *Segment, init *readInit, level timeline.Level, keep bool) (*fact, error) {
	r, o := f.cfg.source(s.Store), f.today(s.Object())
	x := &fact{level: level}
	opt := probe.Options{Off: s.Range().Offset, Len: s.Range().Length, Digests: level == timeline.ReadWhole}
	if init != nil {
		opt.Init, x.init = init.raw, init.sum
	}
	var media *probe.Media
	var err error
	done := false
	if keep {
		media, done, err = f.measureKept(ctx, s, level)
	}
	if !done && err == nil {
		media, err = measureIn(ctx, r, o, level, opt)
	}
	switch {
	case err == nil:
	case errors.Is(err, probe.ErrUndecodable):
		x.fault = timeline.Undecodable
	case errors.Is(err, probe.ErrUnreadable):
		x.fault = timeline.Unreadable
	case errors.Is(err, store.ErrNotExist), errors.Is(err, store.ErrChanged):
		x.fault, x.missed = timeline.Gone, 1
	default:
		return nil, err
	}
	if err != nil {
		x.detail = err.Error()
	}
	x.take(media)
	return x, nil
}

// measureIn measures a segment where it lies.
func measureIn(ctx context.Context, r store.Reader, o store.Object, level timeline.Level, opt probe.Options) (*probe.Media, error) {
	if level == timeline.ReadWhole {
		return probe.Whole(ctx, r, o, opt)
	}
	return probe.Head(ctx, r, o, opt)
}

// take takes what a measurement found.
func (x *fact) take(media *probe.Media) {
	if x.look = lookAt(media); media != nil && x.fault == timeline.Healthy {
		x.measured(media)
		if x.level == timeline.ReadWhole {
			x.stills = stillsOf(media)
		}
	}
}

// asMedia is the fact as the timeline takes it.
func (x *fact) asMedia() *timeline.Media {
	x.media.Level, x.media.Fault = x.level, x.fault
	return &x.media
}

// measured takes what the timeline needs of a measurement.
func (x *fact) measured(media *probe.Media) {
	m := &x.media
	m.Declared = declared(media.Metadata)
	m.Start, m.Timed = media.Start()
	m.Wrap = media.Wrap()
	m.Params = media.Container.String()
	if media.InitID != "" {
		m.Params += ";init:" + media.InitID
	}
	m.Access = media.Access()
	whole := x.level == timeline.ReadWhole // of a head, what was seen is no end
	if whole {
		m.Duration = media.Duration()
	}
	m.Tracks = make([]timeline.TrackTime, 0, len(media.Tracks))
	for i := range media.Tracks {
		t := &media.Tracks[i]
		if t.Frames == 0 {
			continue
		}
		tt := timeline.TrackTime{ID: t.ID, Video: t.Kind == mp4.Video, Params: t.Params()}
		first, last := t.FirstPTS, t.LastPTS
		if tt.Video {
			first, last = t.FirstDTS, t.LastDTS
		}
		tt.First = t.Time(first)
		if whole {
			tt.Last, tt.Delta = t.Time(last), t.Time(t.LastDelta)
		}
		m.Tracks = append(m.Tracks, tt)
		if t.Digests != nil {
			m.Content.Tracks = append(m.Content.Tracks, digests(t.Digests))
		}
	}
}

func digests(d [][16]byte) []timeline.Digest {
	out := make([]timeline.Digest, len(d))
	for i := range d {
		out[i] = timeline.Digest(d[i])
	}
	return out
}

// declared is the duration that an uploader put into the metadata, in
// milliseconds. It is used where nothing was measured, and never trusted alone.
func declared(metadata map[string]string) time.Duration {
	ms, err := strconv.ParseInt(strings.TrimSpace(metadata["duration"]), 10, 64)
	if err != nil || ms <= 0 || ms > int64(24*time.Hour/time.Millisecond) {
		return 0
	}
	return time.Duration(ms) * time.Millisecond
}
