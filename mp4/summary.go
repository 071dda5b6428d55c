package mp4

import "slices"

// Summary is what a file holds, in numbers.
type Summary struct {
	Tracks   []TrackSummary // of pictures and sound
	Chapters int            // samples of the chapter track, which is not among Tracks
	Duration int64          // of the movie, ticks of Timescale
	Size     int64          // bytes of the whole file, head and body
}

// TrackSummary is one track of a Summary.
type TrackSummary struct {
	Kind      Kind
	Codecs    string // RFC 6381, distinct values in the order of the sample entries, joined by commas
	Samples   int
	Chunks    int
	Duration  int64  // of the media, ticks of Timescale below; edits do not count
	Timescale uint32 // ticks a second
	Sync      int    // samples at which decoding can start
	Entries   int    // distinct sample entries
}

// Equal reports whether both say the same.
func (s Summary) Equal(o Summary) bool {
	return s.Duration == o.Duration && s.Size == o.Size && s.Chapters == o.Chapters && slices.Equal(s.Tracks, o.Tracks)
}
