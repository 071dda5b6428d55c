package mp4

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"slices"
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
	ErrCodec     = errors.New("codec cannot be joined into an MP4")
)

// Movie writes one progressive MP4. It is used by one goroutine. After an error
// from the writer every later call returns it again; after any other error the
// movie is as it was before the call.
type Movie struct {
	w      io.Writer
	taker  Taker // w, if it is one
	tracks []*track
	order  []*track // scratch of flush
	sent   int64    // bytes handed to w
	err    error

	chapters  []chapter
	unordered bool // a chapter began before the one before it
}

// NewMovie begins a movie whose body goes to w: what follows the head in the
// file, chunks and nothing else. w must not keep the bytes of a Write.
// One that is a Taker is given the buffers themselves.
func NewMovie(w io.Writer) *Movie {
	taker, _ := w.(Taker)
	return &Movie{w: w, taker: taker}
}

// AddTrack adds a track at any time and returns its number, from 0. Timescale
// and kind hold for the whole track. A track that gets no samples is left out
// of the file. There may be 128 tracks (ErrRange). Pictures are shown turned by
// Rotation, which must be 0, 90, 180 or 270 (ErrRange); Priming is not looked
// at, see [Movie.StartOffset].
func (m *Movie) AddTrack(t Track) (track int, err error) {
	if m.err != nil {
		return 0, m.err
	}
	box, err := entryBox(t.Entry)
	switch {
	case err != nil:
		return 0, fmt.Errorf("add track: %w", err)
	case t.Entry.Kind() != Video && t.Entry.Kind() != Audio:
		return 0, fmt.Errorf("add %s track: %w", t.Entry.Kind(), ErrEntry)
	case t.Timescale == 0:
		return 0, fmt.Errorf("add track with timescale 0: %w", ErrRange)
	case t.Rotation%90 != 0 || t.Rotation < 0 || t.Rotation > 270:
		return 0, fmt.Errorf("add track turned by %d degrees: %w", t.Rotation, ErrRange)
	case len(m.tracks) == maxTracks:
		return 0, fmt.Errorf("add track %d: %w", maxTracks, ErrRange)
	}
	m.tracks = append(m.tracks, newTrack(t, box))
	return len(m.tracks) - 1, nil
}

func (m *Movie) track(i int) (*track, error) {
	if m.err != nil {
		return nil, m.err
	}
	if i < 0 || i >= len(m.tracks) {
		return nil, fmt.Errorf("track %d: %w", i, ErrNoTrack)
	}
	return m.tracks[i], nil
}

// SetEntry says how the samples that follow are decoded. Entries with equal
// boxes are one; a chunk never mixes entries.
func (m *Movie) SetEntry(track int, e SampleEntry) error {
	t, err := m.track(track)
	if err != nil {
		return err
	}
	box, err := entryBox(e)
	if err == nil && e.Kind() != t.kind {
		err = fmt.Errorf("%s entry in a %s track: %w", e.Kind(), t.kind, ErrEntry)
	}
	if err != nil {
		return fmt.Errorf("track %d: %w", track, err)
	}
	t.setEntry(box)
	return nil
}

// Write appends a sample; the payload is copied. Its DTS must not be before
// that of the sample before it (ErrOrder), and its Duration must be positive:
// a sample lasts until the DTS of the next one, the last one for its Duration.
// A DTS that stands still is moved on by one tick, because ISO/IEC 14496-12
// §8.6.1 wants times that grow; the PTS is always kept. What the tables cannot
// hold is ErrRange: a step or a PTS − DTS of more than 32 bits, a movie of
// 2^40 s or 2^60 ticks. Chunks leave in the order in which they fill, so samples of
// different tracks should come interleaved to within a second.
func (m *Movie) Write(track int, s *Sample) error {
	t, err := m.track(track)
	if err != nil {
		return err
	}
	size := int64(s.Size())
	dts, err := t.times(s)
	switch {
	case err != nil:
		return fmt.Errorf("track %d, sample %d: %w", track, t.samples, err)
	case size > math.MaxUint32 || t.samples == math.MaxUint32:
		return fmt.Errorf("track %d, sample %d of %d bytes: %w", track, t.samples, size, ErrRange)
	}
	if t.full(s, dts, size) {
		if err := m.flush(); err != nil {
			return err
		}
	}
	if t.open == 0 {
		t.openStart, t.openEntry = dts, t.useEntry()
	}
	for _, p := range s.Pieces {
		t.buf = append(t.buf, p...)
	}
	t.open++
	t.record(s, dts, size)
	return nil
}

// flush hands the open chunks of all tracks on, earliest first. That all go when
// one is full keeps tracks side by side in the file.
func (m *Movie) flush() error {
	m.order = m.order[:0]
	for _, t := range m.tracks {
		if t.open > 0 {
			m.order = append(m.order, t)
		}
	}
	slices.SortStableFunc(m.order, func(a, b *track) int { return cmp.Compare(a.openTime(), b.openTime()) })
	for _, t := range m.order {
		if err := m.send(t); err != nil {
			return err
		}
	}
	return nil
}

// send hands the open chunk of a track on.
func (m *Movie) send(t *track) error {
	size := int64(len(t.buf))
	if err := m.hand(t); err != nil {
		m.err = fmt.Errorf("write the body at byte %d: %w", m.sent, err)
		return m.err
	}
	off := m.sent
	m.sent += size
	t.closeChunk(off)
	return nil
}

// hand passes the payload of the open chunk on.
func (m *Movie) hand(t *track) (err error) {
	if m.taker != nil {
		t.buf, err = m.taker.Take(t.buf)
		return err
	}
	n, err := m.w.Write(t.buf)
	if err == nil && n != len(t.buf) {
		err = io.ErrShortWrite
	}
	return err
}

// openTime is the movie time at which the open chunk begins.
func (t *track) openTime() int64 { return scale(t.openStart+t.startOffset(), t.timescale, down) }

// startOffset is the offset where it is valid; Finish complains of others.
func (t *track) startOffset() int64 { return min(max(t.media, 0), t.longest()) }

// StartOffset gives the track an edit list: it begins media ticks (of the
// track) after the movie does, and priming ticks of it are skipped there. The
// last call counts. Neither may be negative or exceed 2^40 s (Finish says
// ErrRange). Priming that would leave nothing of the track leaves one tick.
// A number that is no track is ignored.
func (m *Movie) StartOffset(track int, media, priming int64) {
	if track >= 0 && track < len(m.tracks) {
		m.tracks[track].media, m.tracks[track].priming = media, priming
	}
}

// TableBytes is an upper bound of the size of the head, without padding, if
// the movie were finished now.
func (m *Movie) TableBytes() int64 {
	n := int64(512) // ftyp, mvhd, an empty free and the header of mdat
	for _, t := range m.tracks {
		n += t.tableBytes()
	}
	return n + m.chapterBytes()
}

// BodyBytes is the number of payload bytes so far, handed on or buffered.
func (m *Movie) BodyBytes() int64 {
	n := m.sent
	for _, t := range m.tracks {
		n += int64(len(t.buf))
	}
	return n
}

// Duration is the length of the movie so far, in ticks of Timescale: the
// latest end of a track, with its start offset and without its priming.
func (m *Movie) Duration() int64 {
	var d int64
	for _, t := range m.tracks {
		if t.samples > 0 {
			d = max(d, sum(t.edits()))
		}
	}
	return d
}

// Finish hands the last chunks on and returns the head. It has exactly room
// bytes where that is enough, otherwise as many as it needs. Afterwards nothing
// can be written. Without a single sample it is ErrNoSamples.
func (m *Movie) Finish(room int64) (*Head, error) {
	if m.err != nil {
		return nil, m.err
	}
	if err := m.flush(); err != nil {
		return nil, err
	}
	m.err = ErrFinished
	b := &builder{}
	for i, t := range m.tracks {
		if min(t.media, t.priming) < 0 || max(t.media, t.priming) > t.longest() {
			return nil, fmt.Errorf("track %d: start offset %d, priming %d: %w", i, t.media, t.priming, ErrRange)
		}
		if t.samples > 0 {
			b.tracks = append(b.tracks, t)
		}
		t.buf = nil
	}
	if err := m.addChapters(b); err != nil {
		return nil, err
	}
	if len(b.tracks) == 0 {
		return nil, ErrNoSamples
	}
	for _, t := range b.tracks {
		t.stts.add(t.duration)
		t.stts.close()
		t.ctts.close()
	}
	return b.head(m.sent, room)
}

// rounding of a conversion.
type rounding uint8

const (
	down rounding = iota
	nearest
	up
)

// scale converts v ticks of a timescale into ticks of the movie. v is not
// negative and at most a few times what track.longest allows.
func scale(v int64, timescale uint32, r rounding) int64 {
	hi, lo := bits.Mul64(uint64(v), Timescale)
	q, rem := bits.Div64(hi, lo, uint64(timescale))
	if r == up && rem > 0 || r == nearest && rem >= (uint64(timescale)+1)/2 {
		q++
	}
	return int64(q)
}
