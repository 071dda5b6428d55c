// Package mp4check checks MP4 files in tests. It is written from the text of
// ISO/IEC 14496-12 and 14496-15 alone and shares no code with package mp4, so
// that both do not make the same mistake.
package mp4check

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Movie is a file that was read and found sound.
type Movie struct {
	Tracks   []Track
	Duration int64 // of mvhd, in ticks of Timescale
	// Timescale is the number of ticks a second of the movie.
	Timescale uint32
	// Chapters are those of the text track, which is among Tracks.
	Chapters []Chapter
	r        io.ReaderAt
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
	Rotation  int // degrees clockwise, by the matrix of tkhd
	Roll      int // samples that are decoded before one is right; 0: none
	samples   []Sample
	chapters  uint32 // id of the track that this one refers to
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

// File checks a file of size bytes: that its boxes nest, that moov is before
// mdat, that the tables agree with each other, with the durations and with the
// place of the samples, and that the configurations of codecs are what their
// boxes promise. It does not look into samples; see [NALUnits].
func File(r io.ReaderAt, size int64) error {
	_, err := Open(r, size)
	return err
}

// Open checks a file of size bytes, as File does, and gives access to its
// samples. It holds moov in memory.
func Open(r io.ReaderAt, size int64) (*Movie, error) {
	m := &Movie{r: r}
	if err := m.open(size); err != nil {
		return nil, fmt.Errorf("check MP4: %w", err)
	}
	return m, nil
}

// Samples gives the samples of a track (counted from 0) in decoding order.
func (m *Movie) Samples(track int) []Sample { return m.Tracks[track].samples }

// Payload reads the bytes of one sample.
func (m *Movie) Payload(s Sample) ([]byte, error) {
	p := make([]byte, s.Size)
	if n, err := m.r.ReadAt(p, s.Offset); n < len(p) {
		return nil, fmt.Errorf("read the sample at byte %d: %w", s.Offset, err)
	}
	return p, nil
}

// top is a box of the file itself.
type top struct {
	name         string
	start, inner int64
	end          int64
}

func (m *Movie) open(size int64) error {
	boxes, err := m.topLevel(size)
	if err != nil {
		return err
	}
	var moov, mdat *top
	for i := range boxes {
		switch b := &boxes[i]; {
		case b.name == "moov" && moov == nil && mdat == nil:
			moov = b
		case b.name == "mdat" && mdat == nil:
			mdat = b
		case b.name == "ftyp" && i == 0, b.name == "free", b.name == "skip":
		default:
			return fmt.Errorf("box %d, at byte %d, is %q", i, b.start, b.name)
		}
	}
	if boxes[0].name != "ftyp" || moov == nil || mdat == nil {
		return errors.New("not ftyp, moov and mdat")
	}
	content := make([]byte, moov.end-moov.inner)
	if n, err := m.r.ReadAt(content, moov.inner); n < len(content) {
		return fmt.Errorf("read moov: %w", err)
	}
	named, err := m.moov(content)
	if err != nil {
		return err
	}
	if err := m.body(mdat.inner, mdat.end); err != nil {
		return err
	}
	return m.chapterTrack(named)
}

// topLevel lists the boxes of the file (§4.2).
func (m *Movie) topLevel(size int64) ([]top, error) {
	var boxes []top
	for at := int64(0); at < size; {
		head := make([]byte, min(16, size-at))
		if n, err := m.r.ReadAt(head, at); n < len(head) {
			return nil, fmt.Errorf("read at byte %d: %w", at, err)
		}
		if len(head) < 8 {
			return nil, fmt.Errorf("%d bytes too many at byte %d", len(head), at)
		}
		b := top{name: string(head[4:8]), start: at, inner: at + 8}
		n := int64(binary.BigEndian.Uint32(head))
		if n == 1 && len(head) == 16 {
			n, b.inner = int64(binary.BigEndian.Uint64(head[8:])), at+16
		}
		if b.end = at + n; n < b.inner-at || b.end > size {
			return nil, fmt.Errorf("%q at byte %d has %d bytes, the file %d", b.name, at, n, size)
		}
		boxes = append(boxes, b)
		at = b.end
	}
	if len(boxes) == 0 {
		return nil, errors.New("the file is empty")
	}
	return boxes, nil
}
