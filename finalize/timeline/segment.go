package timeline

import (
	"math"
	"time"
)

// Segment is one listed object with what is known of it. The timeline never
// changes it and refers to it by its index in the input. There may be millions, so
// it holds no more than each needs for itself.
type Segment struct {
	*Writer
	Key, ETag string
	Size      int64   // of the whole object, in bytes
	Uploaded  Instant // by the store's clock

	Seq    int64         // number in its name, or in a playlist that counts
	Begins Instant       // wall start by key or sidecar
	Length time.Duration // by key or sidecar; 0: unknown

	// Part is the part of the object that is the segment, where a playlist says
	// that it is a part (EXT-X-BYTERANGE). nil: all of the object.
	Part  *Range
	Media *Media // nil: nothing was read

	// Init tells its init segment from others: segments with equal ones have equal
	// init segments. 0: it needs none.
	Init int32
	// LengthSource is FromKey or FromSidecar where Length is known. (Build itself puts
	// lengths FromNeighbour into copies of segments that are read later.)
	LengthSource Source
	Quality      Quality // as the writer judged it
	// Unnumbered: Seq says nothing; Begins, else the natural order of the keys,
	// orders it.
	Unnumbered bool
	Undated    bool // Uploaded says nothing: it lies in the future
	Tombstoned bool // its writer hid it
	Named      bool // a sidecar written after it names this very copy
	Excluded   bool // left out by the selection of the user
	Committed  bool // the marker knows it as chosen
	ReadLater  bool // all of it is read if it is chosen, and its head is known before that is committed
}

// Writer is what many segments have in common: who wrote what into which store.
type Writer struct {
	Store     string
	Nonce     string // broadcaster, node or session; may be empty
	Rendition string
}

// Range gives the part of the object that is the segment; zero: all of it.
func (s *Segment) Range() Range {
	if s.Part == nil {
		return Range{}
	}
	return *s.Part
}

// Bytes is the size of the segment itself.
func (s *Segment) Bytes() int64 {
	if s.Part != nil && s.Part.Length > 0 {
		return s.Part.Length
	}
	return s.Size
}

// unread stands for what was not read.
var unread Media

// media is what was found in the segment, never nil.
func (s *Segment) media() *Media {
	if s.Media == nil {
		return &unread
	}
	return s.Media
}

// uploaded is the upload time as far as it says something.
func (s *Segment) uploaded() Instant {
	if s.Undated {
		return NoTime
	}
	return s.Uploaded
}

// Instant is a time in nanoseconds since 1970, UTC.
type Instant int64

// NoTime is an unknown time.
const NoTime Instant = math.MinInt64

// InstantOf gives a time as an instant: the zero time is unknown, and what lies
// before 1678 or behind 2262 is the end of what can be counted.
func InstantOf(t time.Time) Instant {
	switch y := t.Year(); {
	case t.IsZero():
		return NoTime
	case y < 1678:
		return NoTime + 1
	case y >= 2262:
		return math.MaxInt64
	}
	return Instant(t.UnixNano())
}

// Known tells whether the time is known.
func (i Instant) Known() bool { return i != NoTime }

// Time gives the time in UTC; zero: it is unknown.
func (i Instant) Time() time.Time {
	if i == NoTime {
		return time.Time{}
	}
	return time.Unix(0, int64(i)).UTC()
}

// Sub is the time from j to i, bounded by what a duration holds.
func (i Instant) Sub(j Instant) time.Duration {
	d := i - j
	switch {
	case i > j && d < 0:
		return math.MaxInt64
	case i < j && d > 0:
		return math.MinInt64
	}
	return time.Duration(d)
}

// Range is a byte range of an object.
type Range struct{ Offset, Length int64 }

// Quality is what the writer of a segment says of it, the best first: that of
// a whole segment, one that may lack something, one that does, and one that was
// being written.
type Quality uint8

// Qualities. A segment of a layout without qualities is Full.
const (
	Full Quality = iota
	Suspect
	PartialSeg
	Temp
)

// Level says how much of a segment was read.
type Level uint8

// Levels, from nothing to everything.
const (
	Unread    Level = iota
	ReadHead        // the head: start, tracks and parameters are known
	ReadWhole       // all of it: everything is known
)

// Fault says why a segment can never be chosen.
type Fault uint8

// Faults. Unreadable and Undecodable are said only of bytes that arrived in
// full, twice, equal both times.
const (
	Healthy     Fault = iota
	Unreadable        // not a media container, or damaged beyond use
	Undecodable       // a container or codec that recfin cannot join
	Gone              // 404 or 412 on a pinned read
)

// Media is what measuring found in a segment. Times are on the segment's own
// clock, in nanoseconds.
type Media struct {
	Level Level
	Fault Fault

	Declared time.Duration // duration by metadata; 0: none

	// From ReadHead on.
	Timed  bool          // Start is known
	Start  time.Duration // decode start, see semantics: first DTS + reorder constant
	Wrap   time.Duration // period of the clock (TS: 2^33 / 90 kHz); 0: it never wraps
	Params string        // of the container: whatever forces a discontinuity when it differs
	Access bool          // begins at a random access point
	Tracks []TrackTime   // by id; all times on the same unwrapped clock as Start

	// From ReadWhole on.
	Duration time.Duration // longest track's (video's where there is one) end − start
	Content  Content       // coded payload
}

// TrackTime is the span of one track in a segment.
type TrackTime struct {
	ID    int
	Video bool
	// Params: codec, profile, size, audio rate and channels, which force a
	// discontinuity when they differ. Empty: not seen (the head did not reach it).
	Params string
	First  time.Duration // first DTS (audio: PTS)
	Last   time.Duration // last DTS (audio: PTS); from ReadWhole on
	Delta  time.Duration // duration of the last sample; from ReadWhole on
}

// Content is a fingerprint of the coded payload of a segment, independent of
// the container. Per track, in the order of track kinds: the running digest
// after each access unit.
type Content struct {
	Tracks [][]Digest
}

// Digest is a truncated SHA-256.
type Digest [16]byte
