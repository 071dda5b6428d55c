package chrome

import (
	"slices"
	"sort"
	"testing"
	"time"
)

// StreamPlayed is what playing a stream found.
type StreamPlayed struct {
	Streamed
	Ended    bool
	Pictures []Picture
	sound
	rate float64
}

// Play plays the stream to its end, at a rate. Where it is to hear, Sound and Tone
// tell what was heard.
func (s *Stream) Play(t testing.TB, rate float64, hear bool) StreamPlayed {
	t.Helper()
	return s.play(t, job{Rate: rate, Hear: hear})
}

// Hear plays the stream to its end, at a rate, with the sound of its own that has
// that name.
func (s *Stream) Hear(t testing.TB, rate float64, track string) StreamPlayed {
	t.Helper()
	return s.play(t, job{Rate: rate, Hear: true, Track: track})
}

func (s *Stream) play(t testing.TB, j job) StreamPlayed {
	t.Helper()
	j.Kind, j.URL = "stream", s.url
	var p StreamPlayed
	s.b.do(t, j, 2*time.Minute, &p)
	p.rate = j.Rate
	return p
}

// Tone is the pitch of what was heard, Hz, the median of many short times: a player
// that plays fast keeps it.
func (p *StreamPlayed) Tone() float64 {
	const long = 32 // blocks
	var tones []float64
	waves, n := 0.0, 0
	for _, b := range p.Blocks {
		if b[1] < loud {
			waves, n = 0, 0
			continue
		}
		if waves, n = waves+b[2], n+1; n == long {
			tones = append(tones, waves*48000/128/long)
			waves, n = 0, 0
		}
	}
	if len(tones) == 0 {
		return 0
	}
	slices.Sort(tones)
	return tones[len(tones)/2]
}

// Sound gives how long the stream was heard, from the first loud block to the last,
// and the longest silence between, in seconds of the player's clock: one that waits
// for more is silent, and its clock stands.
func (p *StreamPlayed) Sound() (heard, silence float64) {
	first, last := -1.0, -1.0
	for _, b := range p.Blocks {
		if b[1] < loud {
			continue
		}
		at := b[0] / 48000
		if first < 0 {
			first = at
		} else {
			// The clock is read at odd moments.
			silence = max(silence, min(p.clock(at)-p.clock(last), (at-last)*p.rate))
		}
		last = at
	}
	return p.clock(last) - p.clock(first), silence
}

// clock is the time of the player when a sound was heard.
func (p *StreamPlayed) clock(at float64) float64 {
	i := sort.Search(len(p.Clock), func(i int) bool { return p.Clock[i][0] >= at })
	if len(p.Clock) == 0 {
		return 0
	}
	return p.Clock[min(i, len(p.Clock)-1)][1]
}
