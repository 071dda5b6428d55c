package hlscases

import "time"

// Pictures a second, in all cases.
const Rate = 15

// Session is what is known of a session of a recording.
type Session struct {
	ID   string // its door is <out>/<recording>/<ID>/index.m3u8
	Runs []Run  // of its pictures, in order; empty where there are none
	// Duration of its renditions: of the pictures, or of all frames of its sound.
	Duration   time.Duration
	Renditions []Rendition
}

// Run are pictures in a row, with no discontinuity between them.
type Run struct {
	First, Pictures int // number of the first, as it is burned in; how many
}

// Kind says what a rendition has.
type Kind int

// Kinds.
const (
	Both     Kind = iota
	Pictures      // no sound
	Sound         // no pictures
)

// Rendition is what is known of one rendition of a session.
type Rendition struct {
	Name          string // as in the keys
	Kind          Kind
	Stream        int   // number that its pictures bear besides their own
	Width, Height int   // of its pictures, the largest
	Gaps          []Run // pictures of the session that it lacks
	Language      string
	Tone          int // Hz, of its sound; 0: 440
}
