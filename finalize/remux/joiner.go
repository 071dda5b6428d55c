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
}

// Boundary is what the plan knows about a segment and the place before it.
type Boundary struct {
	Name string // key, for errors and problems
	// Join: a new part begins here. The first segment begins one anyway.
	Join bool
	// Same: the writer of the segment before wrote this one too. Over a join of
	// its own what it announced once holds on: the map and the parameter sets,
	// which some encoders send in their first segment only.
	Same bool
	// MissingBefore is the planned hole before it. Without Join the media time
	// runs on behind the hole, which stays open; with Join it is closed.
	MissingBefore time.Duration
	// Container of the segment; Unknown: that of the run, else told from the
	// first bytes. Another one than that of the run begins a part.
	Container probe.Container
	// Init describes the segment and is no part of it: the init segment of
	// fragments, or the moov of an MP4 that has it behind its media. Nil: what
	// held for the segment before holds on, or the segment describes itself.
	Init []byte
}

// Joiner writes the segments of one rendition of one session, in order, into a
// Movie. It holds the start of a part (at most one segment or 32 MiB) and a
// window of pictures. It is used by one goroutine; after an error it is of no
// use and returns the error again.
type Joiner struct {
	movie Movie
	opt   Options
	log   ledger
	pool  pool

	tracks []*track
	part   *part
	in     *intake

	container probe.Container
	demux     probe.Demuxer // nil until the container is known
	relay     *relay        // its sink
	head      []byte        // bytes that came before it was
	init      []byte        // Boundary.Init, until the demuxer has it

	reading, finished bool
	err               error
}

// New makes a Joiner that writes to m, which must be empty.
func New(m Movie, opt Options) *Joiner {
	if opt.Open == nil {
		opt.Open = probe.NewDemuxer
	}
	return &Joiner{movie: m, opt: opt}
}

// Begin starts the next segment. An error that is a SegmentError is about the
// segment that it names, which may be the one before.
func (j *Joiner) Begin(b Boundary) error {
	switch {
	case j.err != nil:
		return j.err
	case j.reading || j.finished:
		return j.fail(ErrOrder)
	}
	fresh := j.in == nil || b.Join || b.Container != probe.Unknown && b.Container != j.container
	if err := j.between(fresh); err != nil {
		return err
	}
	j.log.open(b.Name)
	j.reading, j.init = true, b.Init
	if !fresh {
		j.in.begin(b)
		return j.describe()
	}
	j.in = &intake{j: j}
	if !b.Same || j.demux == nil || b.Container != probe.Unknown && b.Container != j.container {
		j.demux, j.container, j.relay = nil, b.Container, nil
	} else {
		j.relay.to(j.in)
	}
	if err := j.nextPart(); err != nil {
		return err
	}
	return j.describe()
}

// describe hands Boundary.Init to the demuxer, if there is one that takes it.
func (j *Joiner) describe() error {
	if j.demux == nil || len(j.init) == 0 {
		return nil
	}
	init := j.init
	j.init = nil
	if d, ok := j.demux.(interface{ Init([]byte) error }); ok {
		return j.blame(d.Init(init))
	}
	return nil
}

// between ends the segment before: its part, or only the segment.
func (j *Joiner) between(fresh bool) error {
	switch {
	case j.in == nil:
		return nil
	case fresh:
		return j.drain()
	case j.demux == nil:
		return nil
	}
	j.demux.Boundary()
	return nil
}

// Write takes the next bytes of the segment.
func (j *Joiner) Write(b []byte) (int, error) {
	switch {
	case j.err != nil:
		return 0, j.err
	case !j.reading:
		return 0, j.fail(ErrOrder)
	case j.demux == nil:
		j.head = append(j.head, b...)
		if j.container == probe.Unknown && len(j.head) < sniffed {
			return len(b), nil
		}
		return len(b), j.openDemuxer()
	}
	n, err := j.demux.Write(b)
	return n, j.blame(err)
}

// sniffed is how many bytes tell the container.
const sniffed = 4096

// openDemuxer makes the demuxer and hands it what came before.
func (j *Joiner) openDemuxer() error {
	if j.container == probe.Unknown {
		j.container, _ = probe.Sniff(j.head)
	}
	j.relay = &relay{in: j.in}
	d, err := j.opt.Open(j.container, j.relay)
	if err != nil {
		return j.blame(err)
	}
	head := j.head
	j.demux, j.head = d, nil
	if err := j.describe(); err != nil {
		return err
	}
	_, err = d.Write(head)
	return j.blame(err)
}

// End ends the segment.
func (j *Joiner) End() error {
	switch {
	case j.err != nil:
		return j.err
	case !j.reading:
		return j.fail(ErrOrder)
	}
	j.reading = false
	if j.demux == nil && len(j.head) > 0 {
		if err := j.openDemuxer(); err != nil {
			return err
		}
	}
	if err := j.in.end(); err != nil {
		return j.fail(err)
	}
	return j.fail(j.part.segmentEnd(j.in.announced()))
}

// Finish writes what is held and reports. The caller finishes the Movie.
func (j *Joiner) Finish() (Result, error) {
	switch {
	case j.err != nil:
		return Result{}, j.err
	case j.reading || j.finished:
		return Result{}, j.fail(ErrOrder)
	}
	j.finished = true
	if j.in != nil {
		if err := j.drain(); err != nil {
			return Result{}, err
		}
	}
	return j.log.result(), nil
}

// drain ends the part that runs, with its demuxer.
func (j *Joiner) drain() error {
	if err := j.flush(); err != nil {
		return err
	}
	if j.demux != nil {
		n := probe.Lost(j.demux) - j.relay.lost
		if j.relay.lost += n; n > 0 {
			j.log.lost(n)
		}
	}
	if err := j.in.end(); err != nil {
		return j.fail(err)
	}
	return j.fail(j.part.close())
}

func (j *Joiner) flush() error {
	if j.demux == nil {
		return nil
	}
	return j.blame(j.demux.Flush())
}

// nextPart ends the part that runs, if any, and begins another.
func (j *Joiner) nextPart() error {
	if j.part != nil {
		if err := j.part.close(); err != nil {
			return j.fail(err)
		}
	}
	j.part = &part{j: j}
	return nil
}

// reach is how far the output has come, in ticks of clock.
func (j *Joiner) reach() (latest int64, known bool) {
	for _, t := range j.tracks {
		if at, ok := t.reach(); ok {
			latest, known = max(latest, rescale(at, t.scale, clock)), true
		}
	}
	return latest, known
}

// blame turns an error of the demuxer into one of the segment, unless it is one
// of the output that came back through the demuxer and is kept already.
func (j *Joiner) blame(err error) error {
	if err == nil || j.err != nil {
		return j.err
	}
	i := j.log.current()
	return j.fail(&SegmentError{Index: i, Name: j.log.name(i), Err: err})
}

// fail keeps the first error for good.
func (j *Joiner) fail(err error) error {
	if j.err == nil {
		j.err = err
	}
	return err
}
