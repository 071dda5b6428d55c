package finalize

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"recfin/store"
)

// Cancelled says what Keep has kept of one recording.
type Cancelled struct {
	Recording string `json:"recording"`
	Sets      int    `json:"sets"`    // condemned sets that were marked as kept by this call
	Objects   int    `json:"objects"` // of them, what is still there and stays for good
	Bytes     int64  `json:"bytes"`   // of those objects
	Already   int    `json:"already"` // objects that are there and were kept before
}

// Keep cancels every deletion of a recording that was not carried out yet, for
// good: one swap of the marker says that its condemned sets are kept. They stay
// condemned, so nothing ever chooses or references them, and they are condemned no
// second time. A run that is deleting reads the marker before each batch: what it
// has begun with is finished, and nothing more goes.
//
// Nothing but the marker and the lists of the sets is trusted, so that a damaged
// recording can be kept too. An ID that is a part of another recording stands for
// all of it. An ID without a marker is [ErrNothing].
func (f *Finalizer) Keep(ctx context.Context, recording string) (*Cancelled, error) {
	if err := checkRecording(recording); err != nil {
		return nil, err
	}
	for range attempts {
		j := f.job(recording)
		c, err := j.f.readMarker(ctx, recording, store.GetOptions{})
		switch {
		case err != nil:
			return nil, err
		case c == nil:
			return nil, fmt.Errorf("%w: there is no marker of %s in %s, so nothing of it is due for deletion", ErrNothing, store.Printable(recording), f.cfg.Out.Label())
		case c.marker.As != "":
			recording = c.marker.As
			continue
		}
		done, err := j.cancel(ctx, c)
		if !errors.Is(err, errMoved) {
			return done, err
		}
	}
	return nil, fmt.Errorf("keep %s: %w", store.Printable(recording), ErrAgain)
}

// cancel marks as kept what is still there of the condemned sets.
func (j *job) cancel(ctx context.Context, c *committed) (*Cancelled, error) {
	done := &Cancelled{Recording: j.recording}
	if len(c.marker.Condemned) == 0 {
		return done, nil
	}
	ground, err := j.survey(ctx, c.members(j.recording))
	if err != nil {
		return nil, err
	}
	next := c.next()
	next.Generation++
	for i := range next.Condemned {
		set := &next.Condemned[i]
		objects, err := j.f.readSet(ctx, j.f.cfg.folder(j.recording), set)
		if err != nil {
			return nil, err
		}
		left, bytes := 0, int64(0)
		for _, o := range objects {
			if ground.listed.has(o.Object) {
				left++
				bytes += o.Size
			}
		}
		switch {
		case set.Kept:
			done.Already += left
		case left > 0:
			set.Kept = true
			done.Sets, done.Objects, done.Bytes = done.Sets+1, done.Objects+left, done.Bytes+bytes
		}
	}
	if done.Sets == 0 {
		return done, nil
	}
	if err := j.swap(ctx, c, next); err != nil {
		return nil, err
	}
	now, err := j.f.readMarker(ctx, j.recording, durable)
	if err != nil {
		return nil, err
	}
	if now == nil || !now.keeps(next) {
		return nil, fmt.Errorf("keep %s: %w: the marker was written and is not there", store.Printable(j.recording), store.ErrUnknown)
	}
	return done, nil
}

// keeps reports whether all that another marker keeps is kept.
func (c *committed) keeps(m *Marker) bool {
	for i := range m.Condemned {
		set := &m.Condemned[i]
		if set.Kept && !slices.ContainsFunc(c.marker.Condemned, func(s CondemnedSet) bool {
			return s.Kept && s.SHA256 == set.SHA256 && s.File == set.File && s.Session == set.Session
		}) {
			return false
		}
	}
	return true
}
