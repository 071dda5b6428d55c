package probe

import (
	"fmt"
	"strings"
	"time"

	"recfin/mp4"
)

// Seconds is a time that stands in JSON as a decimal number of seconds with up
// to nine decimals.
type Seconds time.Duration

// MarshalJSON writes the number without going through a float.
func (s Seconds) MarshalJSON() ([]byte, error) { return []byte(s.String()), nil }

// String is the number: "2.0", "1.433333333".
func (s Seconds) String() string {
	d, sign := time.Duration(s), ""
	u := uint64(d)
	if d < 0 {
		sign, u = "-", -u
	}
	t := strings.TrimRight(fmt.Sprintf("%s%d.%09d", sign, u/1e9, u%1e9), "0")
	if strings.HasSuffix(t, ".") {
		t += "0"
	}
	return t
}

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

// Report describes m under the name of its file. Tracks start at their
// smallest PTS.
func (m *Media) Report(name string) Report {
	start, _ := m.Start()
	r := Report{
		File: name, Container: m.Container.String(),
		Duration: Seconds(m.Duration()), Start: Seconds(start),
		Tracks: []TrackReport{}, Problems: append([]string{}, m.Problems...),
	}
	for i := range m.Tracks {
		r.Tracks = append(r.Tracks, m.Tracks[i].report())
	}
	return r
}

func (t *Track) report() TrackReport {
	r := TrackReport{
		ID: t.ID, Type: t.Kind.String(), Language: t.Language,
		Frames: t.Frames, Keyframes: t.Keyframes, FirstIsKeyframe: t.FirstAccess > mp4.NotAccess,
		Duration: Seconds(t.Duration()),
	}
	if t.Frames > 0 {
		r.Start = Seconds(t.Time(t.MinPTS))
	}
	if t.Entry == nil {
		return r
	}
	r.Codec, r.Codecs = t.Entry.Codec(), t.Entry.Codecs()
	switch e := t.Entry.(type) {
	case mp4.Pictures:
		r.Width, r.Height = e.Dimensions()
	case mp4.Sound:
		r.SampleRate, r.Channels = e.Layout()
	}
	return r
}
