package layout

import "time"

// Kind is what an object is to a recording.
type Kind uint8

// The kinds of objects.
const (
	Media     Kind = iota // a segment
	Init                  // the initialization segment of those beside it
	Sidecar               // a playlist or manifest that a writer made of its segments
	Tombstone             // hides the segment of the same name
)

// Form is the format of a sidecar.
type Form uint8

// The forms of sidecars.
const (
	NoForm       Form = iota // not a sidecar
	LivepeerJSON             // JSON playlist of a go-livepeer record store
	M3U8                     // HLS playlist
	IVSEvent                 // JSON of the start, end or failure of an Amazon IVS recording
)

// Fields is what a key says. Values are comparable with ==.
type Fields struct {
	Recording string
	Nonce     string // the writer; empty where the layout has no such field
	Rendition string // "source" where the layout has no such field

	Seq      int64
	Numbered bool // the key holds a number

	Time     time.Time     // wall start, in UTC; zero: none
	Fold     time.Duration // see Later
	Duration time.Duration // 0: none

	Quality, Hash string // as in the key
	Ext           string // without a dot, as in the key

	Kind Kind
	Form Form // of a Sidecar
}

// Later gives the second reading of a Time in an hour that the zone of the keys
// repeats (the end of daylight saving); Time is the first. False: there is one
// reading only.
func (f Fields) Later() (time.Time, bool) { return f.Time.Add(f.Fold), f.Fold != 0 }
