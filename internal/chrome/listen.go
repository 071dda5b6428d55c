package chrome

import (
	"slices"
	"testing"
	"time"
)

// Listen plays the film in real time and finds where beeps begin.
func (f *Film) Listen(t testing.TB) Heard {
	t.Helper()
	var h heard
	f.b.do(t, job{Kind: "listen", URL: f.url}, 2*time.Minute, &h)
	return Heard{Facts: h.Facts, Sizes: h.Sizes, Beeps: h.beeps()}
}

// heard is what the page answers.
type heard struct {
	Facts
	Sizes []string
	sound
}

// sound is what the page hears.
type sound struct {
	Blocks [][3]float64 // 128 samples each: number of the first of 48 kHz, loudness, waves
	Clock  [][2]float64 // time of the sound, time of the player
}

const (
	loud = 0.05 // of full scale
	// quiet is how long it is silent before a beep, s.
	quiet = 0.2
	// around a beep the two clocks are compared for so long, s.
	around = 0.3
)

// beeps finds where sound begins, on the clock of the player. That clock is
// estimated by the player and read at odd moments: the median of many readings
// around the place tells.
func (h *sound) beeps() []float64 {
	var beeps []float64
	last := -quiet
	for _, b := range h.Blocks {
		if b[1] < loud {
			continue
		}
		if at := b[0] / 48000; at-last >= quiet {
			beeps = append(beeps, h.player(at))
		}
		last = b[0] / 48000
	}
	return beeps
}

// player gives the time of the player at a time of the sound.
func (h *sound) player(at float64) float64 {
	var ahead []float64
	for _, c := range h.Clock {
		if c[0] > at-around && c[0] < at+around {
			ahead = append(ahead, c[1]-c[0])
		}
	}
	if len(ahead) == 0 {
		return -1
	}
	slices.Sort(ahead)
	return at + ahead[len(ahead)/2]
}
