package finalize

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"recfin/finalize/timeline"
	"recfin/internal/bug"
	"recfin/store"
)

// Measured is a listing of which enough is known to decide, and the decision.
type Measured struct {
	*Listing
	Timeline *timeline.Timeline
	looks    map[int]*look    // by segment; nil: not read
	stills   map[int]stills   // of those that were read whole
	excluded func(i int) bool // whether the selection leaves segment i out
	Detail   map[rowID]string // what is wrong with a segment that cannot be used
	torn     map[string]bool  // committed sessions that the timeline was not given, because it would cut them
	heard    map[int]heard    // by index of a dropped segment that was read
}

// measure reads what the timeline needs to know, and no more, until it can be
// decided. Where the marker knows every segment nothing is read.
func (j *job) measure(ctx context.Context, l *Listing) (*Measured, error) {
	j.facts.forgetGone()
	l.openers = l.findOpeners()
	l.Committed.reopen(l.openers)
	m := j.unmeasured(l)
	if l.Committed != nil && m.allKnown() {
		m.Timeline = &timeline.Timeline{}
		return m, nil
	}
	var err error
	if l.now, err = j.f.sourcesLatest(ctx); err != nil {
		return nil, err
	}
	j.expected = j.promising(l)
	if l, err = j.consult(ctx, l); err != nil {
		return nil, err
	}
	m.Listing = l
	return m, j.settle(ctx, m)
}

// promising reports whether it looks as if something will be written, under a lease: there
// is no marker, and the last upload is long enough ago.
func (j *job) promising(l *Listing) bool {
	if j.life == nil || !j.f.cfg.Identity.knows() || l.Committed != nil || len(l.Segments) == 0 {
		return false
	}
	last := l.Segments[0].Modified()
	for i := range l.Segments {
		if at := l.Segments[i].Modified(); at.After(last) {
			last = at
		}
	}
	return j.f.cfg.Force || !last.After(l.now.Add(-j.f.cfg.settleAfter()))
}

// unmeasured is a listing of which nothing is known yet.
func (j *job) unmeasured(l *Listing) *Measured {
	m := &Measured{Listing: l, Detail: map[rowID]string{}}
	out := j.excludes()
	m.excluded = func(i int) bool { return out(m.Segments[i].Writer) }
	return m
}

// excludes tells whether the selection leaves out what a writer made. Segments that stand
// together are of one writer, so it is asked once for them.
func (j *job) excludes() func(*timeline.Writer) bool {
	names := map[string]bool{}
	var last *timeline.Writer
	excluded := false
	return func(w *timeline.Writer) bool {
		if w == last {
			return excluded
		}
		x, known := names[w.Rendition]
		if !known {
			x = !j.f.cfg.Selection.Takes(w.Rendition)
			names[w.Rendition] = x
		}
		last, excluded = w, x
		return x
	}
}

// settle builds the timeline of what was listed and consulted, and reads what that
// needs.
func (j *job) settle(ctx context.Context, m *Measured) error {
	l, err := m.Listing, error(nil)
	m.looks = make(map[int]*look, len(j.facts))
	for t := m.touch(j.f.cfg); ; {
		if m.Timeline, err = j.build(ctx, l, t.given()); err != nil {
			return err
		}
		if !t.learn(m.Timeline) {
			m.torn = t.off
			break
		}
	}
	for id, x := range j.facts {
		for _, i := range l.parts(id) {
			m.looks[i] = x.look
			if x.stills.read() {
				m.see(i, x.stills)
			}
			if x.detail != "" {
				m.Detail[id] = x.detail
			}
		}
	}
	m.heard = m.heardOf(j.facts)
	return nil
}

// see takes the I pictures of a segment that was read whole. Most never are.
func (m *Measured) see(i int, s stills) {
	if m.stills == nil {
		m.stills = map[int]stills{}
	}
	m.stills[i] = s
}

// longList is from how many segments on the collector is called before the first
// timeline is made: that takes arrays of tens of megabytes, faster than the collector
// follows on a busy machine, and what listing and sidecars left is as much.
const longList = 20000

// build makes the timeline of the given segments, and reads what that needs.
func (j *job) build(ctx context.Context, l *Listing, given []int) (*timeline.Timeline, error) {
	opt := j.f.cfg.timeline(l.Segments)
	if len(given) > longList {
		runtime.GC()
	}
	for {
		t, needs := timeline.Build(j.input(l, given), opt)
		if t != nil {
			within(t, given, len(l.Segments))
			return t, nil
		}
		if len(needs) == 0 {
			return nil, fmt.Errorf("plan %s: the timeline can neither decide nor say what it needs", store.Printable(l.Recording))
		}
		for i := range needs {
			needs[i].Segment = given[needs[i].Segment]
		}
		if err := j.readAll(ctx, l, needs); err != nil {
			return nil, err
		}
	}
}

// plain is why a segment is dropped whatever else there is; empty: it has to be
// looked at.
func (m *Measured) plain(i int) Reason {
	switch {
	case m.Segments[i].Tombstoned:
		return timeline.Tombstone
	case m.Segments[i].Quality == timeline.Temp:
		return timeline.Temporary
	case m.excluded(i):
		return timeline.ExcludedSeg
	case m.Segments[i].Size == 0:
		return timeline.Empty
	}
	return ""
}

func (m *Measured) noNews(i int) bool { return m.plain(i) != "" }

// fresh reports whether the marker does not know a segment that could be chosen.
func (m *Measured) fresh(i int) bool {
	_, known := m.Committed.known().objects[m.Segments[i].version()]
	return !known && !m.noNews(i)
}

// allKnown reports whether the marker knows every listed segment that could be
// chosen.
func (m *Measured) allKnown() bool {
	for i := range m.Segments {
		if m.fresh(i) {
			return false
		}
	}
	return true
}

// readAll reads the segments that are asked for, several at once.
func (j *job) readAll(ctx context.Context, l *Listing, needs []timeline.Need) error {
	var mu sync.Mutex
	known, late := l.Committed.known(), j.readsLater(l.Committed)
	done := int64(0)
	if len(needs) > 0 {
		j.notify(Event{Stage: StageMeasure, Total: int64(len(needs)), Unit: UnitSegments})
	}
	g, ctx := bug.WithContext(ctx)
	g.SetLimit(min(j.f.cfg.Concurrency, max(8, len(needs)/8))) // of a small recording few: others are read at the same time
	for _, need := range needs {
		g.Go(func() error {
			s := &l.Segments[need.Segment]
			x, err := j.f.readFact(ctx, s, l.initOf(s), need.Level, late && j.passes(s))
			if _, ok := known.chosen[s.id()]; ok && errors.Is(err, store.ErrArchived) {
				x, err = &fact{level: need.Level, fault: timeline.Gone, missed: patience}, nil // its session is committed
			}
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			done++
			if before := j.facts[s.id()]; before != nil {
				x.missed += before.missed
			}
			j.shared.share(x)
			j.facts[s.id()] = x
			j.notify(Event{Stage: StageMeasure, Done: done, Total: int64(len(needs)), Unit: UnitSegments})
			if j.expected && x.fault == timeline.Healthy {
				return j.foresee()
			}
			return nil
		})
	}
	return g.Wait()
}

// input is the given segments as the timeline takes them: the very ones of the listing,
// with what was read of them.
func (j *job) input(l *Listing, given []int) []*timeline.Segment {
	in := make([]*timeline.Segment, len(given))
	known, late := l.Committed.known(), j.readsLater(l.Committed)
	inits := l.initsAlike()
	excluded := j.excludes()
	latest := timeline.NoTime
	if !l.now.IsZero() {
		latest = timeline.InstantOf(l.now.Add(skew))
	}
	for i, k := range given {
		s := &l.Segments[k]
		in[i] = &s.Segment
		s.Excluded, s.Undated = excluded(s.Writer), latest.Known() && s.Uploaded > latest
		s.Init, s.Media = 0, nil
		if x := l.initOf(s); x != nil && x.sum != "" {
			s.Init = inits[s.init-1]
		}
		if len(known.chosen) > 0 {
			_, s.Committed = known.chosen[s.id()]
		}
		s.ReadLater = late && j.passes(s)
	}
	for id, x := range j.facts {
		for _, i := range l.parts(id) {
			s, sum := &l.Segments[i], ""
			if x := l.initOf(s); x != nil {
				sum = x.sum
			}
			if x.init == sum {
				s.Media = x.asMedia()
			}
		}
	}
	return in
}

// parts are the listed segments that are a version of an object, or that part of one.
func (l *Listing) parts(id rowID) []int {
	var out []int
	for i, to := l.at(id.key); i < to; i++ {
		if l.Segments[i].id() == id {
			out = append(out, i)
		}
	}
	return out
}

// initsAlike gives each init segment the number, from 1, of the first that has the same
// bytes.
func (l *Listing) initsAlike() []int32 {
	first := map[string]int32{}
	out := make([]int32, len(l.inits))
	for i := range l.inits {
		n, ok := first[l.inits[i].sum]
		if !ok {
			n = int32(i + 1)
			first[l.inits[i].sum] = n
		}
		out[i] = n
	}
	return out
}

// detail says what is wrong with a segment, for a message.
func (d *decision) detail(x *Dropped) string {
	if s := d.m.Detail[x.id()]; s != "" {
		return ": " + s
	}
	return ""
}
