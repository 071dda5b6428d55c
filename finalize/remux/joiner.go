package remux

import (
	"time"

	"recfin/mp4"
)

// Movie is the output: what a Joiner needs of *mp4.Movie.
type Movie interface {
	AddTrack(t mp4.Track) (track int, err error)
	SetEntry(track int, e mp4.SampleEntry) error
	Write(track int, s *mp4.Sample) error
	StartOffset(track int, media int64, priming int64)
}

// Demuxer turns the bytes of segments into samples for the sink that it was
// made with.
type Demuxer interface {
	Write(p []byte) (int, error)
	Boundary()
	Flush() error
}

// Options are the settings of a Joiner. The zero value is right.
type Options struct {
}

// Boundary is what the plan knows about a segment and the place before it.
type Boundary struct {
	Name string // key, for errors
	// Join: a new part begins here. The first segment needs none.
	Join bool
	// MissingBefore is the planned hole before it.
	MissingBefore time.Duration
}

// Joiner writes the segments of one rendition of one session, in order, into a
// Movie. It holds at most the start of a part and a window of pictures.
type Joiner struct {
	movie Movie
	opt   Options
}

// New makes a Joiner that writes to m, which must be empty.
func New(m Movie, opt Options) *Joiner { return &Joiner{movie: m, opt: opt} }

// Begin starts the next segment.
func (j *Joiner) Begin(b Boundary) error { return nil }

// Write takes the next bytes of the segment.
func (j *Joiner) Write(p []byte) (int, error) { return len(p), nil }

// End ends the segment.
func (j *Joiner) End() error { return nil }

// Finish writes what is held and reports. The caller finishes the Movie.
func (j *Joiner) Finish() (Result, error) { return Result{}, nil }
