package remux

import (
	"time"

	"recfin/mp4"
	"recfin/probe"
)

// Movie is the output: what a Joiner needs of *mp4.Movie.
type Movie interface {
	AddTrack(t mp4.Track) (track int, err error)
	SetEntry(track int, e mp4.SampleEntry) error
	Write(track int, s *mp4.Sample) error
	StartOffset(track int, media, priming int64)
}

// Options are the settings of a Joiner. The zero value is right.
type Options struct {
	// Open makes the demuxer of a part; nil: probe.NewDemuxer.
	Open func(c probe.Container, sink mp4.Sink) (probe.Demuxer, error)
	// Inputs is how many renditions there are; 0: one.
	Inputs int
	// Segments is how many there will be, as far as that is known.
	Segments int
	// Next makes the Movie of the next file, where the one before cannot hold what
	// follows. All of the one before has been written to it by then: its caller may
	// finish it. Nil: there is only one file, and such a change is a ConfigError.
	Next func(Change) (Movie, error)
	// KeepGaps keeps the planned holes before joins (Boundary.MissingBefore): the
	// last picture stands and there is silence. Without, they are closed.
	KeepGaps bool
}

// Boundary is what the plan knows about a segment and the place before it.
type Boundary struct {
	Name string // key, for errors and problems
	// Input is the rendition that it is of: 0 is the one that the movie is made of,
	// from 1 on others whose tracks join its own.
	Input int
	// At is when the segment begins by the plan, on one clock for all inputs. It
	// says where an input stands whose own clock has nothing to do with the others.
	At time.Duration
	// Join: a new part begins here, of all inputs. The first segment begins one
	// anyway.
	Join bool
	// Same: the writer of the segment before, of this input, wrote this one too. Over a join of
	// its own what it announced once holds on: the map and the parameter sets,
	// which some encoders send in their first segment only.
	Same bool
	// MissingBefore is the planned hole before it. Without Join the media time
	// runs on behind the hole, which stays open; with Join it is closed, unless
	// Options.KeepGaps.
	MissingBefore time.Duration
	// Shared: it is a copy of another writer on the clock of the segment before,
	// and may begin before that one ends. That is no join: both become one row of
	// pictures and sound.
	Shared bool
	// NextShared: the next segment of this input is Shared. The pictures of this
	// one wait for it (32 MiB at most).
	NextShared bool
	// Container of the segment; Unknown: that of the run, else told from the
	// first bytes. Another one than that of the run begins a part.
	Container probe.Container
	// Init describes the segment and is no part of it: the init segment of
	// fragments, or the moov of an MP4 that has it behind its media. Nil: what
	// held for the segment before holds on, or the segment describes itself.
	Init []byte
}

// Joiner writes the segments of one rendition of one session, and of those whose
// tracks join its own, into a Movie. The segments of each input come in order,
// those of several in the order of their begin, and all of a part before those of
// the next. It holds the start of a part (10 s and one segment of each input, at most 32
// MiB) and a window of pictures. It is used by one goroutine; after an error it is
// of no use and returns the error again.
type Joiner struct {
	movie Movie
	opt   Options
	log   ledger
	pool  pool

	tracks []*track // of the file that is written
	from   int64    // where its latest part begins, in ticks of clock
	inputs []*input
	now    *input // whose segment is being read; nil: none
	part   *part  // the newest
	before *part  // the one before it, while an input is still there
	held   int    // bytes that wait in both
	runs   int    // demuxers that were opened

	finished bool
	err      error
}

// mostInputs bounds Options.Inputs.
const mostInputs = 64

// New makes a Joiner that writes to m, which must be empty.
func New(m Movie, opt Options) *Joiner {
	if opt.Open == nil {
		opt.Open = probe.NewDemuxer
	}
	j := &Joiner{movie: m, opt: opt}
	j.log.rows = make([]row, 0, max(opt.Segments, 0))
	for n := range min(max(opt.Inputs, 1), mostInputs) {
		j.inputs = append(j.inputs, &input{j: j, number: n, seg: -1, last: -1})
	}
	return j
}

// Begin starts the next segment. An error that is a SegmentError is about the
// segment that it names, which may be the one before.
func (j *Joiner) Begin(b Boundary) error {
	switch {
	case j.err != nil:
		return j.err
	case j.now != nil || j.finished || b.Input < 0 || b.Input >= len(j.inputs):
		return j.fail(ErrOrder)
	}
	if b.Join {
		if err := j.endPart(); err != nil {
			return err
		}
	}
	x := j.inputs[b.Input]
	j.now = x
	return x.begin(b)
}

// Write takes the next bytes of the segment.
func (j *Joiner) Write(b []byte) (int, error) {
	switch {
	case j.err != nil:
		return 0, j.err
	case j.now == nil:
		return 0, j.fail(ErrOrder)
	}
	return j.now.write(b)
}

// End ends the segment.
func (j *Joiner) End() error {
	switch {
	case j.err != nil:
		return j.err
	case j.now == nil:
		return j.fail(ErrOrder)
	}
	x := j.now
	j.now = nil
	return x.end()
}

// Finish writes what is held and reports. The caller finishes the Movie.
func (j *Joiner) Finish() (Result, error) {
	switch {
	case j.err != nil:
		return Result{}, j.err
	case j.now != nil || j.finished:
		return Result{}, j.fail(ErrOrder)
	}
	j.finished = true
	if err := j.endPart(); err != nil {
		return Result{}, err
	}
	return j.log.result(), nil
}

// fail keeps the first error for good.
func (j *Joiner) fail(err error) error {
	if j.err == nil {
		j.err = err
	}
	return err
}
