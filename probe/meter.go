package probe

import (
	"cmp"
	"crypto/sha256"
	"hash"
	"slices"

	"recfin/mp4"
	"recfin/probe/mpegts"
)

// meter is the sink that measures.
type meter struct {
	digests bool
	tracks  []Track
	hash    hash.Hash
	sum     [sha256.Size]byte
}

// find gives the track that has an id by now, or nil.
func (m *meter) find(id int) *Track {
	for i := len(m.tracks) - 1; i >= 0; i-- {
		if m.tracks[i].ID == id {
			return &m.tracks[i]
		}
	}
	return nil
}

// Track implements mp4.Sink.
func (m *meter) Track(id int, t mp4.Track) error {
	tr := m.add(id, t.Entry.Kind())
	if bare(tr.Entry) {
		tr.Entry, tr.Timescale, tr.Language, tr.Format = t.Entry, t.Timescale, t.Language, t.Format
	}
	if !bare(t.Entry) {
		tr.Entries++
		tr.vary(t.Entry)
	}
	return nil
}

// maxMore bounds Track.More.
const maxMore = 16

// vary keeps an entry that differs in what playlists say of it.
func (t *Track) vary(e mp4.SampleEntry) {
	same := func(o mp4.SampleEntry) bool { return shape(o) == shape(e) }
	if e != t.Entry && !same(t.Entry) && len(t.More) < maxMore && !slices.ContainsFunc(t.More, same) {
		t.More = append(t.More, e)
	}
}

// shaped is what playlists say of an entry.
type shaped struct {
	codecs string
	a, b   int
}

func shape(e mp4.SampleEntry) shaped {
	s := shaped{codecs: e.Codecs()}
	switch e := e.(type) {
	case mp4.Pictures:
		s.a, s.b = e.Dimensions()
	case mp4.Sound:
		s.a, s.b = e.Layout()
	}
	return s
}

// vote counts a step for or against the one that most may have (the majority vote
// of Boyer and Moore): one with votes for half of all is that of most.
func (t *Track) vote(step int64) {
	t.steps++
	switch {
	case t.votes == 0:
		t.Step, t.votes = step, 1
	case t.Step == step:
		t.votes++
	default:
		t.votes--
	}
}

// add gives the track with an id and a kind: a new one where the id has none, or
// has changed hands.
func (m *meter) add(id int, k mp4.Kind) *Track {
	if tr := m.find(id); tr != nil && tr.Kind == k {
		return tr
	}
	m.tracks = append(m.tracks, Track{ID: id, Kind: k, Timescale: mpegts.Timescale})
	return &m.tracks[len(m.tracks)-1]
}

// bare reports whether an entry lacks what a decoder needs.
func bare(e mp4.SampleEntry) bool {
	switch e := e.(type) {
	case *mp4.AVC:
		return len(e.SPS) == 0
	case *mp4.HEVC:
		return len(e.SPS) == 0
	}
	return e == nil
}

// Sample implements mp4.Sink.
func (m *meter) Sample(id int, s *mp4.Sample) error {
	t := m.find(id)
	if t == nil {
		return nil
	}
	if t.Frames == 0 {
		t.FirstAccess, t.FirstPTS, t.FirstDTS = s.Access, s.PTS, s.DTS
		t.MinPTS, t.MaxEnd = s.PTS, s.PTS
	} else {
		t.LastDelta = s.DTS - t.LastDTS
		t.vote(t.LastDelta)
	}
	if s.Duration > 0 {
		t.LastDelta = s.Duration
	}
	t.Frames++
	if s.Access > mp4.NotAccess {
		t.Keyframes++
	}
	t.LastPTS, t.LastDTS = s.PTS, s.DTS
	t.MinPTS, t.MaxEnd = min(t.MinPTS, s.PTS), max(t.MaxEnd, s.PTS)
	t.Bytes += int64(s.Size())
	if p := s.Alone; p.Length > 0 && p.Back == 0 {
		t.alone = append(t.alone, alone{p, s.PTS})
	}
	if m.digests {
		t.Digests = append(t.Digests, m.chain(t.Digests, s))
	}
	return nil
}

// chain is the digest of everything up to s: SHA-256 over the digest before and
// the payload, cut to 16 bytes. Timestamps and container do not enter it.
func (m *meter) chain(before [][16]byte, s *mp4.Sample) (d [16]byte) {
	if m.hash == nil {
		m.hash = sha256.New()
	}
	m.hash.Reset()
	if n := len(before); n > 0 {
		m.hash.Write(before[n-1][:])
	}
	for _, p := range s.Pieces {
		m.hash.Write(p)
	}
	copy(d[:], m.hash.Sum(m.sum[:0]))
	return d
}

// timed reports whether a track of a kind has an access unit.
func (m *meter) timed(k mp4.Kind) bool {
	for i := range m.tracks {
		if m.tracks[i].Kind == k && m.tracks[i].Frames > 0 {
			return true
		}
	}
	return false
}

// has reports whether there is a track of a kind, be it without an access unit.
func (m *meter) has(k mp4.Kind) bool {
	return slices.ContainsFunc(m.tracks, func(t Track) bool { return t.Kind == k })
}

// finish gives the tracks by id.
func (m *meter) finish() []Track {
	for i := range m.tracks {
		t := &m.tracks[i]
		t.LastDelta = max(t.LastDelta, 0)
		if 2*t.votes < t.steps || t.Step < 0 {
			t.Step = 0
		}
		if t.Frames > 0 {
			t.MaxEnd += t.LastDelta
		}
	}
	slices.SortStableFunc(m.tracks, func(a, b Track) int { return cmp.Compare(a.ID, b.ID) })
	return m.tracks
}
