package finalize

import (
	"context"
	"fmt"
	"time"

	"recfin/finalize/timeline"
)

// An upload time in the future is that of a clock that is wrong, or of a file
// that was touched: it says nothing of when the segment was on air, and the
// timeline does not get it. For settling it counts up to a day ahead, because a
// writer whose clock is ahead may be on air; what is further ahead says nothing
// there either. As a part of an object's identity, and where something is to be
// deleted, it counts as it stands.
const (
	skew  = time.Minute    // by how much the clocks of machines that keep the time differ
	ahead = 24 * time.Hour // how far a clock that is wrong may be that of a live writer
)

// futureUploads is the warning that some segment that is not committed has an
// upload time in the future.
const futureUploads = "uploads-in-the-future"

// sourcesLatest is the latest of the clocks of the stores of segments: what was
// uploaded after it was so by the clock of its own store too.
func (f *Finalizer) sourcesLatest(ctx context.Context) (time.Time, error) {
	var latest time.Time
	for _, s := range f.cfg.Sources {
		now, err := s.Now(ctx)
		if err != nil {
			return time.Time{}, err
		}
		if now.After(latest) {
			latest = now
		}
	}
	return latest, nil
}

// uploaded is when a segment was uploaded; zero: nobody knows.
func (l *Listing) uploaded(s *Segment) time.Time {
	if at := s.Modified(); l.now.IsZero() || !at.After(l.now.Add(skew)) {
		return at
	}
	return time.Time{}
}

// fromFuture reports whether something that the marker does not know has an
// upload time in the future.
func (m *Measured) fromFuture() bool {
	if m.now.IsZero() {
		return false
	}
	latest := timeline.InstantOf(m.now.Add(skew))
	for i := range m.Segments {
		if m.Segments[i].Uploaded > latest && m.fresh(i) {
			return true
		}
	}
	return false
}

// lastUpload is when anything of session i of the timeline was uploaded last, as
// far as settling goes.
func (d *decision) lastUpload(i int) time.Time {
	s := &d.m.Timeline.Sessions[i]
	last := timeline.InstantOf(s.Uploaded)
	now, until := timeline.InstantOf(d.m.now), timeline.InstantOf(d.now.Add(ahead))
	take := func(segment int) {
		if t := d.m.Segments[segment].Uploaded; t > last && t > now && t <= until {
			last = t
		}
	}
	for _, r := range s.Renditions {
		for _, p := range r.Picks {
			if p.Segment >= 0 {
				take(p.Segment)
			}
		}
	}
	latest := i == len(d.m.Timeline.Sessions)-1
	for _, x := range d.m.Timeline.Dropped {
		if x.Session == i || x.Session < 0 && latest {
			take(x.Segment)
		}
	}
	if last == timeline.InstantOf(s.Uploaded) {
		return s.Uploaded
	}
	return last.Time()
}

// uploads takes the latest upload of what each committed session knows: the same
// bytes may have come anew under their key, and then somebody uploads there.
func (k *known) uploads(segments []Segment, now time.Time, to map[string]time.Time) {
	if len(k.objects)+len(k.chosen) == 0 {
		return
	}
	for i := range segments {
		s := &segments[i]
		if id, ok := k.sessionOf(s); ok && s.Modified().After(to[id]) && !far(s.Modified(), now) {
			to[id] = s.Modified()
		}
	}
}

// settling says for how long a session has been over, and must be.
func settling(quiet, must time.Duration) string {
	if quiet < 0 {
		return fmt.Sprintf("its last upload is dated %s after now, and %s must pass after it (a clock that is ahead?): run later, or give --force", (-quiet).Round(time.Second), must)
	}
	return fmt.Sprintf("its last upload was %s before now, and %s must pass: run later, or give --force", quiet.Round(time.Second), must)
}

// far reports whether an upload time is too far ahead of a clock to say anything.
func far(t, now time.Time) bool { return t.After(now.Add(ahead)) }
