package finalize

import (
	"recfin/finalize/remux"
	"recfin/mp4"
)

// singleMeter measures the segments of a rendition as they pass, by joining them
// into a movie that nobody keeps: so a playlist has the same durations, joins and
// pictures whether an MP4 is made beside it or not. What cannot be joined is not
// measured, and the plan stands; it says nothing against a segment.
type singleMeter struct {
	joiner *remux.Joiner
	list   []fed
	q      *RenditionRecord
	inits  [][]byte // of the session, by number from 1
	err    error    // the first one
	result *remux.Result
}

func newSingleMeter(rec *Record, q *RenditionRecord, inits [][]byte) *singleMeter {
	bare := *q
	bare.Fills = nil // what an MP4 alone takes
	next := func(remux.Change) (remux.Movie, error) { return new(nowhere), nil }
	return &singleMeter{
		joiner: remux.New(new(nowhere), remux.Options{Next: next}), list: rec.feed(movie{&bare}), q: q, inits: inits,
	}
}

// begin begins a row.
func (m *singleMeter) begin(row int) {
	x := m.list[row]
	m.note(m.joiner.Begin(remux.Boundary{
		At: x.at, Name: m.q.Key[row], Join: row > 0 && x.part != m.list[row-1].part, MissingBefore: x.missing,
		Same: row > 0 && m.q.Nonce[row] == m.q.Nonce[row-1], Init: m.inits[m.q.initNumber(row)],
	}))
}

// Write never fails.
func (m *singleMeter) Write(p []byte) (int, error) {
	if m.err == nil {
		_, err := m.joiner.Write(p)
		m.note(err)
	}
	return len(p), nil
}

// end ends the row.
func (m *singleMeter) end() {
	if m.err == nil {
		m.note(m.joiner.End())
	}
}

func (m *singleMeter) note(err error) {
	if m.err == nil {
		m.err = err
	}
}

// finish gives what the rows were measured to be; false: nothing is known.
func (m *singleMeter) finish() ([]remux.Measured, bool) {
	if m.err == nil && m.result == nil {
		r, err := m.joiner.Finish()
		m.note(err)
		m.result = &r
	}
	if m.err != nil {
		return nil, false
	}
	return m.result.Segments, true
}

// damaged reports whether a row may have lost some of its bytes, or the one behind
// it shows that.
func (m *singleMeter) damaged(row int) bool {
	if m == nil {
		return false
	}
	segments, ok := m.finish()
	if !ok {
		return false
	}
	return segments[row].Damage.Any() || row+1 < len(segments) && segments[row+1].Damage.Any()
}

// nowhere is a movie of which nothing is kept.
type nowhere int

// AddTrack implements remux.Movie.
func (n *nowhere) AddTrack(mp4.Track) (int, error) {
	*n++
	return int(*n) - 1, nil
}

// SetEntry implements remux.Movie.
func (*nowhere) SetEntry(int, mp4.SampleEntry) error { return nil }

// Write implements remux.Movie.
func (*nowhere) Write(int, *mp4.Sample) error { return nil }

// StartOffset implements remux.Movie.
func (*nowhere) StartOffset(int, int64, int64) {}
