package timeline

import "time"

// Segment is one listed object with what is known of it. The timeline never
// changes it and refers to it by its index in the input.
type Segment struct {
	Store, Key, ETag string
	Size             int64
	Uploaded         time.Time // by the store's clock; zero: unknown

	// Range is the part of the object that is the segment, where a playlist says
	// that it is a part (EXT-X-BYTERANGE). Size is the size of that part. Zero: all
	// of the object.
	Range Range

	Nonce     string // writer: broadcaster, node or session; may be empty
	Rendition string
	Seq       int64 // number in its name, or in a playlist that counts
	// Unnumbered: Seq says nothing; Begins, else the natural order of the keys,
	// orders it.
	Unnumbered bool

	Begins time.Time     // wall start by key or sidecar; zero: unknown
	Length time.Duration // by key or sidecar; 0: unknown
	// LengthSource is FromKey or FromSidecar where Length is known.
	LengthSource Source
	Quality      Quality // as the writer judged it
	Tombstoned   bool    // its writer hid it
	Named        bool    // a sidecar written after it names this very copy
	Init         string  // identity of its init segment; empty: it needs none

	Excluded  bool // left out by the selection of the user
	Committed bool // the marker knows it as chosen

	Media Media
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
