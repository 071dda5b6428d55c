package probe

import (
	"time"

	"recfin/mp4"
)

// Track is what measuring found of one track. Times are ticks of its timescale
// on the unwrapped clock of the segment, in the order of the container.
type Track struct {
	ID      int
	Kind    mp4.Kind
	Entry   mp4.SampleEntry // the first with parameters; an *mp4.AVC or *mp4.HEVC without sets where there were none; nil: no access unit
	Entries int             // how many descriptions with parameters came
	// More are those after the first whose Codecs, Dimensions or Layout differ from
	// all before; at most 16.
	More      []mp4.SampleEntry
	Timescale uint32
	Language  string
	Format    string // as in mp4.Track, with the first description

	Frames      int // access units; of a head the last one may be cut
	Keyframes   int // with random access
	FirstAccess mp4.Access
	FirstPTS    int64
	FirstDTS    int64
	MinPTS      int64
	LastPTS     int64 // of the last access unit in decoding order
	LastDTS     int64
	LastDelta   int64 // duration of the last access unit: as long as the one before
	Step        int64 // from one access unit to the next, by DTS, where most have the same; 0: no such
	MaxEnd      int64 // largest PTS plus LastDelta
	Bytes       int64 // payload

	alone []alone
	votes int // for Step, less those against it
	steps int // how many were counted

	Digests [][16]byte // after each access unit, where Options.Digests is set
}

// Time is a number of ticks of the track as a time, to the nearest nanosecond.
func (t *Track) Time(ticks int64) time.Duration { return toTime(ticks, t.Timescale) }

// Duration is last DTS plus last delta minus first DTS.
func (t *Track) Duration() time.Duration {
	if t.Frames == 0 {
		return 0
	}
	return t.Time(t.LastDTS+t.LastDelta) - t.Time(t.FirstDTS)
}

// toTime rounds halves up. Whole seconds are split off first, so that it does
// not overflow for any time that a Duration can hold.
func toTime(ticks int64, scale uint32) time.Duration {
	if scale == 0 {
		return 0
	}
	n := int64(scale)
	s, r := ticks/n, ticks%n
	if r < 0 {
		s, r = s-1, r+n
	}
	return time.Duration(s)*time.Second + time.Duration((2*r*int64(time.Second)+n)/(2*n))
}
