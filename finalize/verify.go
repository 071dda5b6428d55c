package finalize

import (
	"context"
	"errors"
	"fmt"
	"time"

	"recfin/internal/bug"
	"recfin/store"
)

// VerifyOptions say how thoroughly a recording is read back.
type VerifyOptions struct {
	// Deep reads every byte of every segment and output. Without it all playlists,
	// lists and heads of MP4s are read, and of the segments a sample.
	Deep bool
}

// Verification is what reading a finalized recording back found.
type Verification struct {
	Deep      bool              // every byte was read
	Recording string            // the one that was read: that of which a named ID is a part
	Sessions  []VerifiedSession // as the marker names them
	Findings  []Finding         // by session, object, line and rule; empty: nothing is wrong
	// Damaged: something that the marker stands on is gone or is another one, and the
	// next run does not bring it back. A run would refuse the recording.
	Damaged bool
	Cost    Cost
}

// VerifiedSession says how much of a session was looked at.
type VerifiedSession struct {
	ID         string
	Version    string
	Duration   time.Duration // of the longest rendition
	Renditions int
	Playlists  int // that were read, the doors among them
	References int // of playlists that were looked for
	Probed     int // segments of which the media were read
	Movies     int // MP4s whose head was read
}

// Failed reports whether anything is wrong: a warning alone is not.
func (v *Verification) Failed() bool { return v.Count(SeverityError) > 0 }

// Count is the number of findings of a severity.
func (v *Verification) Count(s Severity) int {
	n := 0
	for i := range v.Findings {
		if v.Findings[i].Severity == s {
			n += v.Findings[i].times()
		}
	}
	return n
}

// Verify reads a finalized recording back as a client would, and holds what it finds
// against the marker: playlists by the letter of the specification, references,
// durations, renditions against each other, heads of MP4s, and the media of some
// segments. It writes and deletes nothing and takes no lease: a credential that may
// read suffices.
//
// What is wrong with the recording is a [Finding]. An error says that it could not be
// read back: the store is not there, there is no marker ([ErrNothing]), or a newer
// program wrote it ([ErrRefused]). Where a run commits meanwhile it is read back
// again, and it is [ErrAgain] where that happens over and over.
//
// An ID that is a part of another recording stands for all of it.
func (f *Finalizer) Verify(ctx context.Context, recording string, opt VerifyOptions) (*Verification, error) {
	if err := checkRecording(recording); err != nil {
		return nil, err
	}
	var counters []*store.Counters
	for range attempts {
		j := f.job(recording)
		counters = append(counters, j.counters...)
		k := newChecker(j, opt)
		err := bug.Contain(func() error { return k.verify(ctx) })
		switch {
		case errors.Is(err, errMoved), errors.Is(err, store.ErrChanged) && ctx.Err() == nil:
			continue
		case err != nil:
			return nil, err
		case k.c != nil && k.c.marker.As != "":
			recording = k.c.marker.As
			continue
		}
		k.finish()
		k.v.Cost = costOf(counters)
		return k.v, nil
	}
	return nil, fmt.Errorf("verify %s: %w", store.Printable(recording), ErrAgain)
}
