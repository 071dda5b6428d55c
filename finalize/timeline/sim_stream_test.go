package timeline_test

import (
	"encoding/binary"
	"time"

	"recfin/finalize/timeline"
)

// The simulator knows what was broadcast, picture by picture. A history of
// broadcasters turns the pictures into objects; the judge compares the decision
// with the pictures, never with another decision.

// simWrap is the period of the clock of MPEG-TS: 2^33 ticks of 90 kHz.
const simWrap = time.Duration(int64(1<<33) * 100000 / 9)

// simDay is the origin of wall time.
var simDay = time.Date(2026, 5, 4, 18, 0, 0, 0, time.UTC)

// simStream is one run of one encoder: pictures in GOPs of varying length.
type simStream struct {
	At     time.Duration // wall time of picture 0, since simDay
	Clock  time.Duration // media time of picture 0
	Frame  time.Duration // duration of a picture
	Seed   uint64        // of the lengths of its GOPs
	Even   bool          // all GOPs last the same
	Slate  int           // its first GOPs show what those of every stream with a slate show
	Pauses []simPause
	starts []int
}

// simPause is a stop of the encoder: nothing is made, and the media clock
// stands still.
type simPause struct {
	Picture int // the first one after it
	Length  time.Duration
}

// simHash mixes numbers; histories draw everything that is per object from it,
// so that taking one event out leaves the others as they were.
func simHash(parts ...uint64) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, p := range parts {
		h ^= p + 0x9e3779b97f4a7c15 + h<<6 + h>>2
		h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
		h = (h ^ h>>27) * 0x94d049bb133111eb
		h ^= h >> 31
	}
	return h
}

func simText(s string) uint64 {
	h := uint64(len(s))
	for _, c := range []byte(s) {
		h = simHash(h, uint64(c))
	}
	return h
}

// gop is the number of the first picture of GOP g.
func (s *simStream) gop(g int) int {
	if len(s.starts) == 0 {
		s.starts = []int{0}
	}
	for len(s.starts) <= g {
		n := 50
		if !s.Even {
			n = 38 + int(simHash(s.Seed, uint64(len(s.starts)))%25)
		}
		s.starts = append(s.starts, s.starts[len(s.starts)-1]+n)
	}
	return s.starts[g]
}

// begin and end are wall times of a picture, since simDay.
func (s *simStream) begin(picture int) time.Duration {
	at := s.At + time.Duration(picture)*s.Frame
	for _, p := range s.Pauses {
		if p.Picture <= picture {
			at += p.Length
		}
	}
	return at
}

func (s *simStream) end(picture int) time.Duration { return s.begin(picture-1) + s.Frame }

// digests is the running digest of pictures from..to; who distinguishes one
// transcode from another and is 0 for the broadcaster's own.
func (s *simStream) digests(from, to int, who uint64) []timeline.Digest {
	out := make([]timeline.Digest, 0, to-from)
	var h uint64
	for p := from; p < to; p++ {
		stream := s.Seed
		if p < s.gop(s.Slate) {
			stream = 0
		}
		h = simHash(h, stream, uint64(p), who)
		var d timeline.Digest
		binary.LittleEndian.PutUint64(d[:], h)
		binary.LittleEndian.PutUint64(d[8:], ^h)
		out = append(out, d)
	}
	return out
}
