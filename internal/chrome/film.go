package chrome

import (
	"fmt"
	"testing"
	"time"
)

// Film is a movie that the browser can be asked about.
type Film struct {
	b   *Browser
	url string
}

// Serve gives the browser a movie.
func (b *Browser) Serve(movie []byte) *Film {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.movies = append(b.movies, movie)
	return &Film{b, fmt.Sprintf("/%d.mp4", len(b.movies)-1)}
}

// Facts are what each job finds. Times are seconds, as a player has them.
type Facts struct {
	Error         string  // of the player; empty: none
	Duration      float64 // as the player has it before it plays
	Width, Height int     // at first
	At            float64 // where it ended
}

// Played is what playing found.
type Played struct {
	Facts
	Ended bool
	Times []float64 // of the pictures that were shown
	Sizes []string  // "320x180", each time it changed
}

// Play plays the film to its end, at a rate, without its sound.
func (f *Film) Play(t testing.TB, rate float64) Played {
	t.Helper()
	var p Played
	f.b.do(t, job{Kind: "play", URL: f.url, Rate: rate}, 2*time.Minute, &p)
	return p
}

// Look is a picture that was sought.
type Look struct {
	At            float64 // that was asked for
	MediaTime     float64 // of the picture; -1: none came
	Colour        [3]int  // red, green, blue in its middle, 0 to 255
	Width, Height int
}

// Looks is what seeking found.
type Looks struct {
	Facts
	Looks []Look
}

// Seek goes to each of the times, in the order given.
func (f *Film) Seek(t testing.TB, times ...float64) Looks {
	t.Helper()
	var l Looks
	f.b.do(t, job{Kind: "seek", URL: f.url, Seeks: times}, time.Duration(len(times))*2*time.Second, &l)
	return l
}

// Heard is what listening found.
type Heard struct {
	Facts
	Sizes []string // as Played has them
	// Beeps are where loud sound begins after silence, by the clock of the player.
	Beeps []float64
}
