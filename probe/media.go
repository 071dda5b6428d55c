package probe

import (
	"time"

	"recfin/mp4"
)

// Media is what measuring found in one segment.
type Media struct {
	Container Container
	Whole     bool  // everything was read; otherwise only a head
	Empty     bool  // the object has 0 bytes
	Bytes     int64 // bytes that were read
	Tracks    []Track
	Metadata  map[string]string // user metadata of the object, keys in lower case
	Problems  []string          // stable words with counts, sorted: "continuity-errors 3"
}

// Track is what measuring found of one track. Times are ticks of its timescale
// on the unwrapped clock of the segment, in the order of the container.
type Track struct {
	ID        int
	Kind      mp4.Kind
	Entry     mp4.SampleEntry // the first with parameters; an *mp4.AVC without sets where there were none
	Entries   int             // how many descriptions came
	Timescale uint32
	Language  string

	Frames      int // access units; of a head the last one may be cut
	Keyframes   int // with random access
	FirstAccess mp4.Access
	FirstPTS    int64
	FirstDTS    int64
	MinPTS      int64
	LastPTS     int64 // of the last access unit in decoding order
	LastDTS     int64
	LastDelta   int64 // duration of the last access unit: as long as the one before
	MaxEnd      int64 // largest PTS plus its duration
	Bytes       int64 // payload

	Digests [][16]byte // after each access unit, where Options.Digests is set
}

// Wrap is the period of the clock; 0: it never wraps.
func (m *Media) Wrap() time.Duration { return 0 }

// Video is the first video track, or nil.
func (m *Media) Video() *Track { return nil }

// Reorder is the reorder constant as this segment shows it: smallest PTS minus
// first DTS of its video; 0 without video.
func (m *Media) Reorder() time.Duration { return 0 }

// Start is where the segment starts on its clock: first DTS of its video plus
// Reorder; audio only: PTS of the first frame. false: no timestamps.
func (m *Media) Start() (time.Duration, bool) { return 0, false }

// StartWith is Start with the reorder constant of the run, which is that of the
// run's first segment.
func (m *Media) StartWith(reorder time.Duration) (time.Duration, bool) { return 0, false }

// Duration is the length of the video, or of the longest track where there is
// none: last DTS plus last delta minus first DTS. Of a head it is what was seen.
func (m *Media) Duration() time.Duration { return 0 }

// Access says whether decoding can start at the first sample: of the video, or
// without video of the audio.
func (m *Media) Access() bool { return false }

// Params names all that forces a discontinuity when it changes: track ids, kinds,
// codecs, profile, picture size, audio rate and channels.
func (m *Media) Params() string { return "" }

// Time is a number of ticks of the track as a time.
func (t *Track) Time(ticks int64) time.Duration { return 0 }
