package probe

import "time"

// Seconds is a time that stands in JSON as a decimal number of seconds with up
// to nine decimals.
type Seconds time.Duration

// Report is what `recfin probe --json` says of one file.
type Report struct {
	File      string        `json:"file"`
	Container string        `json:"container"`
	Duration  Seconds       `json:"duration"`
	Start     Seconds       `json:"start"`
	Tracks    []TrackReport `json:"tracks"`
	Problems  []string      `json:"problems"`
}

// TrackReport is one track of a Report.
type TrackReport struct {
	ID              int     `json:"id"`
	Type            string  `json:"type"`
	Codec           string  `json:"codec"`
	Codecs          string  `json:"codecs"`
	Width           int     `json:"width,omitempty"`
	Height          int     `json:"height,omitempty"`
	SampleRate      int     `json:"sample_rate,omitempty"`
	Channels        int     `json:"channels,omitempty"`
	Language        string  `json:"language,omitempty"`
	Frames          int     `json:"frames"`
	Start           Seconds `json:"start"`
	Duration        Seconds `json:"duration"`
	Keyframes       int     `json:"keyframes"`
	FirstIsKeyframe bool    `json:"first_is_keyframe"`
}

// Report describes m under the name of its file.
func (m *Media) Report(name string) Report { return Report{} }
