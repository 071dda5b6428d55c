package mpegts

import "recfin/mp4"

// Timescale is the number of ticks a second of all tracks.
const Timescale = 90000

// Wrap is the period of the timestamps, in ticks. The demuxer unwraps them.
const Wrap = int64(1) << 33

// Options of a Demuxer; the zero value is useful.
type Options struct {
	// Program is known from elsewhere in the run: it holds until the stream
	// brings a map of its own.
	Program *Program
	// Bare: pictures that come before any parameter set are handed out at once,
	// of a track whose *mp4.AVC has no sets, instead of being held until the
	// sets are there. For measuring.
	Bare bool
}

// Demuxer turns transport packets into samples. It is used by one goroutine.
type Demuxer struct {
	sink  mp4.Sink
	opt   Options
	stats Stats
}

// New makes a demuxer that hands its tracks and samples to sink. Ids are PIDs.
func New(sink mp4.Sink, opt Options) *Demuxer { return &Demuxer{sink: sink, opt: opt} }

// Write takes the next bytes of the stream, sliced in any way.
func (d *Demuxer) Write(p []byte) (int, error) { return len(p), nil }

// Boundary says that what follows is the next segment of a contiguous run. All
// state crosses it; only a packet that the segment has cut is dropped.
func (d *Demuxer) Boundary() {}

// Flush hands out what is open: the end of a part, or of everything.
func (d *Demuxer) Flush() error { return nil }

// Program is the program that is known by now, or nil.
func (d *Demuxer) Program() *Program { return nil }

// Stats counts what was met since New.
func (d *Demuxer) Stats() Stats { return d.stats }
