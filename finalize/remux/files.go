package remux

import (
	"fmt"
	"math"
	"time"

	"recfin/mp4"
)

// mostFiles bounds how many files the changes of a stream may ask for.
const mostFiles = 999

// Change says where and why a file ends and another one begins.
type Change struct {
	Index int    // of the segment, of its Begin, from 0
	Name  string // Boundary.Name of it
	// Was and Becomes are what one track cannot hold both:
	// "mp4a.40.2 48000 Hz" and "mp4a.40.2 44100 Hz".
	Was, Becomes string
	// Hole is set instead where nothing but too long a hole is the reason.
	Hole time.Duration
	// Before is what the file that ends holds.
	Before File
}

// String says why.
func (c *Change) String() string {
	if c.Hole > 0 {
		return fmt.Sprintf("a hole of %s is more than one file can hold", c.Hole.Round(time.Second))
	}
	return fmt.Sprintf("%s becomes %s", c.Was, c.Becomes)
}

// File is what one file of the output holds. Counts are of access units.
type File struct {
	First, Last int // segments that brought something, by index; -1: none
	Segments    int // how many of them did

	Video, Audio int // source samples
	Silent       int // frames of silence beside them
	Dropped      int // pictures and frames that were left out while it was written
	// Marks are where its parts begin and where holes were planned, in order. The
	// first is its beginning.
	Marks []Mark
}

// Mark is a place in a file.
type Mark struct {
	At      int64         // ticks of mp4.Timescale
	Segment int           // what stands there, by index
	Into    time.Duration // how far into the segment, where the place is inside it
}

// change says whether the file cannot take a unit, and why. at is where the
// unit would stand, in ticks of its track.
func (t *track) change(u *unit, at int64) *Change {
	if c := t.refuses(u); c != nil {
		return c
	}
	if hole := at - t.end(); t.placed && hole > t.longestStep() {
		return &Change{Hole: nanoseconds(hole, t.scale)}
	}
	return nil
}

// refuses says why the track cannot take samples like a unit.
func (t *track) refuses(u *unit) *Change {
	switch e := t.engine.(type) {
	case *grid:
		if u.entry == t.entry {
			return nil
		}
		if s, err := soundOf(u.entry); err == nil && !e.sound.continues(s) {
			return &Change{Was: e.sound.String(), Becomes: s.String()}
		}
	case *pictures:
		if was, is := t.entry.Codec(), u.entry.Codec(); u.entry != t.entry && was != is {
			return &Change{Was: was, Becomes: is}
		}
		if rotation := u.src.track.Rotation; t.rotation != rotation {
			return &Change{Was: fmt.Sprintf("rotation %d", t.rotation), Becomes: fmt.Sprintf("rotation %d", rotation)}
		}
	}
	return nil
}

// longestHole is how long, in seconds, silence and a still picture may last
// before another file is begun instead: the tables of a file hold steps of 32
// bits, and nobody looks at half a day of nothing.
const longestHole = 12 * 3600

// longestStep is the longest step of the track in its ticks.
func (t *track) longestStep() int64 {
	return min(longestHole*int64(t.scale), math.MaxUint32/2)
}

// nextFile ends the file that is written and begins another. The engines of its
// tracks are flushed.
func (j *Joiner) nextFile(c *Change, u *unit) error {
	c.Index, c.Name = u.seg, j.log.name(u.seg)
	if j.opt.Next == nil || j.log.file+1 == mostFiles {
		return j.fail(&ConfigError{Index: c.Index, Name: c.Name, Was: c.Was, Becomes: c.Becomes, Hole: c.Hole})
	}
	c.Before = j.log.endFile()
	m, err := j.opt.Next(*c)
	if err != nil {
		return j.fail(fmt.Errorf("begin file %d at %s: %w", j.log.file+1, c.Name, err))
	}
	j.movie, j.tracks, j.from = m, nil, 0
	return nil
}

// latest is the end of the latest track, in ticks of clock.
func (j *Joiner) latest() (end int64) {
	for _, t := range j.tracks {
		if t.placed {
			end = max(end, rescaleUp(t.end(), t.scale, clock))
		}
	}
	return end
}

var _ Movie = (*mp4.Movie)(nil)
