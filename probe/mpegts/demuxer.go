package mpegts

import (
	"cmp"
	"slices"

	"recfin/mp4"
)

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
	// of a track whose entry (*mp4.AVC, *mp4.HEVC) has no sets, instead of being held until the
	// sets are there. For measuring.
	Bare bool
	// Partial: the bytes are the head of something longer. Flush hands out the
	// last picture even if it is known to be cut. For measuring.
	Partial bool
	// Memory is used instead of new buffers until Release; nil: none is. Samples are
	// then in force up to Release at most.
	Memory *Memory
}

// Demuxer turns transport packets into samples. It is used by one goroutine.
type Demuxer struct {
	sink  mp4.Sink
	opt   Options
	stats Stats
	err   error // sticky

	framer  framer
	at      spot // of the packet that is read
	tables  tables
	flushed bool // what is written next is another segment
	psi     psi
	held    holder
	clock   clock

	program *Program
	streams []*stream // of the program, in its order
	pids    pidTable
}

// New makes a demuxer that hands its tracks and samples to sink. Ids are PIDs.
func New(sink mp4.Sink, opt Options) *Demuxer {
	d := &Demuxer{sink: sink, opt: opt}
	if opt.Program != nil {
		p := opt.Program.clone()
		d.psi.follow(p)
		d.err = d.adopt(p)
	}
	return d
}

// Write takes the next bytes of the stream, sliced in any way. An error is
// final: one of this package, or that of the sink.
func (d *Demuxer) Write(p []byte) (int, error) {
	if d.flushed {
		d.nextSegment()
	}
	if d.err == nil {
		d.err = d.frame(p)
	}
	if d.err != nil {
		return 0, d.err
	}
	return len(p), nil
}

// Boundary says that what follows is the next segment of a contiguous run. All
// state crosses it; only a packet that the segment has cut is dropped. Packets
// of PIDs that the map does not name are held again until the next map, since
// the new segment may bring another one; those of a segment that had no map at
// all stay held if none is known.
func (d *Demuxer) Boundary() {
	if d.err == nil {
		d.err = d.endFraming()
	}
	d.nextSegment()
	if d.program != nil {
		d.stats.UnknownPackets += d.held.reset()
	}
}

// Flush hands out what is open: the end of a part, or of everything. What is
// written after it begins anew; program and parameter sets stay known.
func (d *Demuxer) Flush() error {
	if d.err != nil {
		return d.err
	}
	if d.err = d.endFraming(); d.err != nil {
		return d.err
	}
	if d.err = d.ensureProgram(); d.err != nil {
		return d.err
	}
	d.stats.UnknownPackets += d.held.reset()
	d.flushed = true
	for _, s := range d.streams {
		if d.err = d.endStream(s); d.err != nil {
			return d.err
		}
	}
	return nil
}

// ensureProgram guesses the program where no map came.
func (d *Demuxer) ensureProgram() error {
	if d.program != nil || d.stats.Packets == 0 {
		return nil
	}
	if d.opt.Partial { // the map may come yet
		return ErrNoProgram
	}
	ok, err := d.guessProgram()
	if !ok && err == nil {
		return ErrNoProgram
	}
	return err
}

// Program is the program that is known by now, or nil.
func (d *Demuxer) Program() *Program { return d.program.clone() }

// Stats counts what was met since New.
func (d *Demuxer) Stats() Stats {
	st := d.stats
	st.Data, st.Unsupported = slices.Clone(st.Data), slices.Clone(st.Unsupported)
	return st
}

// note remembers a stream that is not fed, in the order of PIDs.
func (d *Demuxer) note(s *stream) {
	st := &d.stats
	switch pid := s.info.PID; {
	case s.data:
		if i, ok := slices.BinarySearch(st.Data, pid); !ok {
			st.Data = slices.Insert(st.Data, i, pid)
		}
	case s.parser == nil:
		d.noteUnsupported(s)
	}
}

// noteUnsupported remembers a stream of audio or video that cannot be demuxed.
func (d *Demuxer) noteUnsupported(s *stream) {
	st := &d.stats
	u := Unsupported{PID: s.info.PID, Type: s.info.Type, Name: s.name}
	if !slices.Contains(st.Unsupported, u) {
		st.Unsupported = append(st.Unsupported, u)
		slices.SortStableFunc(st.Unsupported, func(a, b Unsupported) int { return cmp.Compare(a.PID, b.PID) })
	}
}

// adopt makes p the program: streams that it keeps go on, others end.
func (d *Demuxer) adopt(p *Program) error {
	d.psi.last = d.psi.last[:0]
	old := d.streams
	d.program, d.streams = p, nil
	keep := make(map[*stream]bool, len(p.Streams))
	for _, info := range p.Streams {
		s := d.pids.of(info.PID)
		if s != nil && keep[s] {
			continue // a PID named twice: the first holds
		}
		if s == nil || !s.same(info) {
			if s != nil {
				if err := d.retire(s); err != nil {
					return err
				}
			}
			s = d.newStream(info)
			d.note(s)
			d.pids.set(info.PID, s)
		}
		s.info = info
		keep[s] = true
		d.streams = append(d.streams, s)
	}
	for _, s := range old {
		if keep[s] || d.pids.of(s.info.PID) != s {
			continue
		}
		if err := d.retire(s); err != nil {
			return err
		}
		d.pids.set(s.info.PID, nil)
	}
	return nil
}

// Ender is a sink that wants to know that a track brings no more under its id.
type Ender interface {
	// Ended: the program has no stream of that PID any more, or another one.
	Ended(id int)
}

// retire ends a stream that the program no longer has.
func (d *Demuxer) retire(s *stream) error {
	if err := d.endStream(s); err != nil {
		return err
	}
	if e, ok := d.sink.(Ender); ok {
		e.Ended(int(s.info.PID))
	}
	return nil
}
