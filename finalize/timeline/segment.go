package timeline

import "time"

// Segment is one listed object with what is known of it. The timeline never
// changes it and refers to it by its index in the input.
type Segment struct {
	Store, Key, ETag string
	Size             int64
	Uploaded         time.Time // by the store's clock; zero: unknown

	Nonce     string // writer: broadcaster, node or session; may be empty
	Rendition string
	Seq       int64 // number in its name

	Excluded  bool // left out by the selection of the user
	Committed bool // the marker knows it as chosen

	Media Media
}

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
