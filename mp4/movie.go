package mp4

import (
	"errors"
	"io"
)

// Timescale is the number of ticks a second of the movie (mvhd, tkhd, elst).
const Timescale = 90000

// Sentinels. Test for them with errors.Is.
var (
	ErrOrder     = errors.New("decode time steps back")
	ErrRange     = errors.New("does not fit into the format")
	ErrEntry     = errors.New("sample entry cannot be used")
	ErrNoTrack   = errors.New("no such track")
	ErrNoSamples = errors.New("the movie has no samples")
	ErrFinished  = errors.New("the movie is finished")
	ErrCorrupt   = errors.New("corrupt MP4")
)

// Movie writes one progressive MP4. It is used by one goroutine. After an error
// from the writer every later call returns it again.
type Movie struct {
	w io.Writer
}

// NewMovie begins a movie whose body goes to w: what follows the head in the
// file, chunks and nothing else. The bytes of a Write to w are reused after it.
func NewMovie(w io.Writer) *Movie { return &Movie{w: w} }

// AddTrack adds a track at any time and returns its number, from 0. Timescale
// and kind hold for the whole track. A track that gets no samples is left out
// of the file.
func (m *Movie) AddTrack(t Track) (track int, err error) { return 0, ErrFinished }

// SetEntry says how the samples that follow are decoded. Entries with equal
// boxes are one; a chunk never mixes entries.
func (m *Movie) SetEntry(track int, e SampleEntry) error { return ErrFinished }

// Write appends a sample; the payload is copied. Its DTS must not be before
// that of the sample before it (ErrOrder), and its Duration must be positive:
// the sample lasts until the DTS of the next one, and the last one for its
// Duration. A DTS that stands still is moved on by one tick, because ISO/IEC
// 14496-12 §8.6.1 wants strictly growing times; the PTS is always kept.
func (m *Movie) Write(track int, s *Sample) error { return ErrFinished }

// StartOffset gives the track an edit list: it begins media ticks (of the
// track) after the movie does, and priming ticks of it are skipped there.
// Neither may be negative (Finish says ErrRange). The last call counts.
func (m *Movie) StartOffset(track int, media, priming int64) {}

// TableBytes is an upper bound of the size of the head, without padding, if
// the movie were finished now.
func (m *Movie) TableBytes() int64 { return 0 }

// BodyBytes is the number of payload bytes so far, handed on or buffered.
func (m *Movie) BodyBytes() int64 { return 0 }

// Duration is the length of the movie so far, in ticks of Timescale: the
// latest end of a track, with its start offset.
func (m *Movie) Duration() int64 { return 0 }

// Finish hands the last chunks on and returns the head. It has exactly room
// bytes where that is enough, otherwise as many as it needs. Afterwards nothing
// can be written. Without a single sample it is ErrNoSamples.
func (m *Movie) Finish(room int64) (*Head, error) { return nil, ErrFinished }
