package remux

import (
	"fmt"

	"recfin/mp4"
)

// engine places the units of one output track. Positions are ticks of the
// track's timescale on the timeline of the movie.
type engine interface {
	// push takes the next unit of the current part, moved by shift.
	push(u *unit, shift int64) error
	// flush ends the part; the next one may stand anywhere after end.
	flush() error
	// end is where the track ends; meaningful once something was placed.
	end() int64
	// reach is the latest position that it knows of.
	reach() (at int64, known bool)
}

// track is one track of the output, for all parts.
type track struct {
	movie  Movie
	log    *ledger
	pool   *pool
	kind   mp4.Kind
	input  int // of which it comes
	number int // in the Movie
	part   int // in which its samples are, from 1
	scale  uint32
	// What a player sets up once for the track.
	rotation int // degrees
	language string
	id       int   // of the source that it began with
	priming  int64 // ticks at its start that are not heard

	placed bool  // a sample was written
	origin int64 // position of the first sample: media time 0; negative: priming
	first  mp4.SampleEntry
	entry  mp4.SampleEntry // of the last unit
	sets   []byte          // of entry
	bare   bool            // the next sample begins a part
	sample mp4.Sample      // that is written, used again

	engine
}

// newTrack adds a track to the movie, for units like the first.
func newTrack(j *Joiner, first *unit) (*track, error) {
	out := first.src.track
	t := &track{movie: j.movie, log: &j.log, pool: &j.pool, kind: first.entry.Kind(), first: first.entry, entry: first.entry, rotation: out.Rotation, language: out.Language, id: first.src.id}
	switch t.kind {
	case mp4.Video:
		t.engine = &pictures{track: t}
	case mp4.Audio:
		sound, err := soundOf(first.entry)
		if err != nil {
			return nil, &SegmentError{Index: first.seg, Name: j.log.name(first.seg), Err: err}
		}
		out.Timescale = uint32(sound.rate)
		t.engine = &grid{track: t, sound: sound}
	}
	out.Entry, t.scale = first.entry, out.Timescale
	number, err := j.movie.AddTrack(out)
	if err != nil {
		return nil, fmt.Errorf("add %s track: %w", t.kind, err)
	}
	t.number, t.sets = number, parameterSets(t.entry)
	return t, nil
}

// position converts a time of a unit's clock.
func (t *track) position(at int64, u *unit, shift int64) int64 {
	return rescale(at, u.scale, t.scale) + shift
}

// described is how the file describes samples of an entry. What the entry says of
// the way to here alone (a pre-skip that only the start of a stream has, the bit
// rate of one frame) stays as the first entry had it.
func (t *track) described(e mp4.SampleEntry) mp4.SampleEntry {
	switch is := e.(type) {
	case *mp4.Opus:
		if first, ok := t.first.(*mp4.Opus); ok {
			c := *is
			c.PreSkip = first.PreSkip
			return &c
		}
	case *mp4.AC3:
		if first, ok := t.first.(*mp4.AC3); ok {
			c := *is
			c.BitRateCode = first.BitRateCode
			return &c
		}
	case *mp4.EAC3:
		if first, ok := t.first.(*mp4.EAC3); ok {
			c := *is
			c.DataRate = first.DataRate
			return &c
		}
	}
	return e
}

// write puts a unit at a place. A random access point and the first sample of
// a part carry their parameter sets, because decoders that switch or seek may
// read no sample entry but the first.
func (t *track) write(u *unit, pts, dts, duration int64) error {
	if !t.placed {
		t.placed, t.origin = true, dts
		t.movie.StartOffset(t.number, t.origin+t.priming, t.priming)
	}
	if u.entry != t.entry {
		if err := t.movie.SetEntry(t.number, t.described(u.entry)); err != nil {
			return fmt.Errorf("change the sample entry of %s: %w", t.kind, err)
		}
		t.entry, t.sets = u.entry, parameterSets(u.entry)
	}
	s := &t.sample
	*s = mp4.Sample{PTS: pts - t.origin, DTS: dts - t.origin, Duration: duration,
		Access: u.access, InBand: u.inBand, Pieces: s.Pieces[:0]}
	if len(t.sets) > 0 && !u.inBand && (t.bare || u.access > mp4.NotAccess) {
		s.Pieces, s.InBand = append(s.Pieces, t.sets), true
	}
	s.Pieces = append(s.Pieces, u.data)
	t.bare = false
	if err := t.movie.Write(t.number, s); err != nil {
		return fmt.Errorf("write %s: %w", t.kind, err)
	}
	return nil
}
