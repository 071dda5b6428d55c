package finalize

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"recfin/finalize/remux"
	"recfin/finalize/timeline"
	"recfin/mp4"
	"recfin/probe"
	"recfin/store"
)

// Measured is a listing of which enough is known to decide, and the decision.
type Measured struct {
	*Listing
	Media    []*probe.Media // like Segments; nil: not read
	Timeline *timeline.Timeline
	excluded func(i int) bool    // whether the selection leaves segment i out
	Detail   map[objectID]string // what is wrong with a segment that cannot be used
}

// fact is what reading an object found. It holds for that version of the
// object, so planning again reads nothing twice.
type fact struct {
	level  timeline.Level
	fault  timeline.Fault
	detail string
	media  *probe.Media
	missed int // how often it was listed and not found
}

type facts map[objectID]*fact

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
		id := idOf(q.Object(bad.Index))
		if x := fs[id]; x == nil || x.fault == timeline.Healthy {
			fs[id] = &fact{level: timeline.ReadWhole, fault: timeline.Undecodable, detail: bad.Err.Error()}
			return true
		}
	}
	return false
}

// measure reads what the timeline needs to know, and no more, until it can be
// decided. Where the marker knows every segment nothing is read.
func (j *job) measure(ctx context.Context, l *Listing) (*Measured, error) {
	j.facts.forgetGone()
	m := &Measured{Listing: l, Media: make([]*probe.Media, len(l.Segments)), Detail: map[objectID]string{}}
	m.excluded = func(i int) bool { return !j.f.cfg.Selection.Takes(l.Segments[i].Rendition) }
	if l.Committed != nil && m.allKnown() {
		m.Timeline = &timeline.Timeline{}
		return m, nil
	}
	opt := timeline.Options{SessionGap: j.f.cfg.SessionGap, Source: "source"}
	var needs []timeline.Need
	for {
		if m.Timeline, needs = timeline.Build(j.input(l), opt); m.Timeline != nil {
			break
		}
		if len(needs) == 0 {
			return nil, fmt.Errorf("plan %s: the timeline can neither decide nor say what it needs", store.Printable(l.Recording))
		}
		if err := j.readAll(ctx, l, needs); err != nil {
			return nil, err
		}
	}
	for i, s := range l.Segments {
		if x := j.facts[idOf(s.Object)]; x != nil {
			m.Media[i] = x.media
			m.Detail[idOf(s.Object)] = x.detail
		}
	}
	return m, nil
}

// plain is why a segment is dropped whatever else there is; empty: it has to be
// looked at.
func (m *Measured) plain(i int) Reason {
	switch {
	case m.excluded(i):
		return timeline.ExcludedSeg
	case m.Segments[i].Size == 0:
		return timeline.Empty
	}
	return ""
}

func (m *Measured) noNews(i int) bool { return m.plain(i) != "" }

// allKnown reports whether the marker knows every listed segment that could be
// chosen.
func (m *Measured) allKnown() bool {
	k := m.Committed.known()
	for i, s := range m.Segments {
		if m.noNews(i) {
			continue
		}
		id := idOf(s.Object)
		if _, ok := k.chosen[id]; ok {
			continue
		}
		if _, ok := k.dropped[id]; !ok {
			return false
		}
	}
	return true
}

// readAll reads the segments that are asked for, several at once.
func (j *job) readAll(ctx context.Context, l *Listing, needs []timeline.Need) error {
	var mu sync.Mutex
	known := l.Committed.known()
	done := int64(0)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(j.f.cfg.Concurrency)
	for _, need := range needs {
		g.Go(func() error {
			o := l.Segments[need.Segment].Object
			x, err := readFact(ctx, j.f.cfg.Source, o, need.Level)
			if _, ok := known.chosen[idOf(o)]; ok && errors.Is(err, store.ErrArchived) {
				x, err = &fact{level: need.Level, fault: timeline.Gone, missed: patience}, nil // its session is committed
			}
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			done++
			if before := j.facts[idOf(o)]; before != nil {
				x.missed += before.missed
			}
			j.facts[idOf(o)] = x
			j.f.cfg.notify(Event{Recording: j.recording, Stage: "measure", Done: done, Total: int64(len(needs))})
			return nil
		})
	}
	return g.Wait()
}

// readFact measures one object. What is wrong with the segment is a fact; what
// is wrong with the store is an error, and says nothing about the segment.
func readFact(ctx context.Context, r store.Reader, o store.Object, level timeline.Level) (*fact, error) {
	x := &fact{level: level}
	var err error
	if level == timeline.ReadWhole {
		x.media, err = probe.Whole(ctx, r, o, probe.Options{Digests: true})
	} else {
		x.media, err = probe.Head(ctx, r, o)
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
	return x, nil
}

// input is the listing as the timeline takes it.
func (j *job) input(l *Listing) []timeline.Segment {
	in := make([]timeline.Segment, len(l.Segments))
	known := l.Committed.known()
	for i := range l.Segments {
		s := &l.Segments[i]
		in[i] = timeline.Segment{
			Store: s.Store, Key: s.Key, ETag: s.ETag, Size: s.Size, Uploaded: s.Modified,
			Nonce: s.Nonce, Rendition: s.Rendition, Seq: s.Seq,
			Excluded: !j.f.cfg.Selection.Takes(s.Rendition),
		}
		_, in[i].Committed = known.chosen[idOf(s.Object)]
		if x := j.facts[idOf(s.Object)]; x != nil {
			in[i].Media = x.asMedia()
		}
	}
	return in
}

// asMedia is the fact as the timeline takes it.
func (x *fact) asMedia() timeline.Media {
	m := timeline.Media{Level: x.level, Fault: x.fault}
	if x.media == nil || x.fault != timeline.Healthy {
		return m
	}
	m.Declared = declared(x.media.Metadata)
	m.Start, m.Timed = x.media.Start()
	m.Wrap = x.media.Wrap()
	m.Params = x.media.Container.String()
	m.Access = x.media.Access()
	whole := x.level == timeline.ReadWhole // of a head, what was seen is no end
	if whole {
		m.Duration = x.media.Duration()
	}
	for i := range x.media.Tracks {
		t := &x.media.Tracks[i]
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
	return m
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

// looks gathers what the segments of one rendition look like.
type looks struct {
	video, audio     []string
	width, height    int
	rateNum, rateDen int
	longest          time.Duration
}

func (l *looks) add(m *probe.Media) {
	if m == nil {
		return
	}
	for i := range m.Tracks {
		t := &m.Tracks[i]
		if t.Entry == nil || t.Frames == 0 {
			continue
		}
		if t.Kind == mp4.Audio {
			l.audio = addDistinct(l.audio, t.Entry.Codecs())
			continue
		}
		l.video = addDistinct(l.video, t.Entry.Codecs())
		if p, ok := t.Entry.(mp4.Pictures); ok {
			if w, h := p.Dimensions(); w*h > l.width*l.height {
				l.width, l.height = w, h
			}
		}
		if d := t.LastDTS - t.FirstDTS + t.LastDelta; m.Whole && t.Frames > 1 && d > 0 && t.Time(d) > l.longest {
			l.longest = t.Time(d)
			l.rateNum, l.rateDen = lowest(int64(t.Frames)*int64(t.Timescale), d)
		}
	}
}

// codecs are the distinct values, video before audio.
func (l *looks) codecs() []string { return append(append([]string(nil), l.video...), l.audio...) }

func addDistinct(list []string, s string) []string {
	for _, t := range list {
		if t == s {
			return list
		}
	}
	return append(list, s)
}

// lowest reduces a fraction.
func lowest(num, den int64) (int, int) {
	a, b := num, den
	for b != 0 {
		a, b = b, a%b
	}
	return int(num / a), int(den / a)
}

// detail says what is wrong with a segment, for a message.
func (d *decision) detail(o store.Object) string {
	if s := d.m.Detail[idOf(o)]; s != "" {
		return ": " + s
	}
	return ""
}
