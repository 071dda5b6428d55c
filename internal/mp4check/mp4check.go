// Package mp4check checks MP4 files in tests. It is written from the text of
// ISO/IEC 14496-12 and 14496-15 alone and shares no code with package mp4, so
// that both do not make the same mistake.
package mp4check

import (
	"errors"
	"io"
)

// Movie is a file that was read and found sound.
type Movie struct {
	Tracks   []Track
	Duration int64 // of mvhd, in ticks of Timescale
	// Timescale is the number of ticks a second of the movie.
	Timescale uint32
	r         io.ReaderAt
}

// Track is one track, without its samples.
type Track struct {
	ID        uint32
	Handler   string // "vide", "soun", "text"
	Timescale uint32
	Duration  int64    // of mdhd, media ticks
	Language  string   // ISO 639-2/T
	Entries   [][]byte // sample entry boxes, whole
	Edits     []Edit
	Chunks    []Chunk
	samples   []Sample
}

// Edit is one entry of an edit list.
type Edit struct {
	Duration  int64 // movie ticks
	MediaTime int64 // media ticks; -1: an empty edit
}

// Chunk is one chunk of a track.
type Chunk struct {
	Offset  int64
	Size    int64
	Samples int
	Entry   int // from 0
}

// Sample is one sample. DTS and PTS are media ticks without edits.
type Sample struct {
	Offset, Size int64
	DTS, PTS     int64
	Duration     int64
	Sync         bool
	Entry        int // from 0
}

// File checks a file of size bytes.
func File(r io.ReaderAt, size int64) error {
	_, err := Open(r, size)
	return err
}

// Open checks a file of size bytes and gives access to its samples.
func Open(r io.ReaderAt, size int64) (*Movie, error) { return nil, errors.New("nothing read") }

// Samples gives the samples of a track (counted from 0) in decoding order.
func (m *Movie) Samples(track int) []Sample { return m.Tracks[track].samples }

// Payload reads the bytes of one sample.
func (m *Movie) Payload(s Sample) ([]byte, error) {
	p := make([]byte, s.Size)
	_, err := m.r.ReadAt(p, s.Offset)
	return p, err
}
