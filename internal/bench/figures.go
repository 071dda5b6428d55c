package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// figures are all that was measured. The pages are made of them and of nothing
// else, so that they can be made again.
type figures struct {
	Date     string              `json:"date"` // of the run, UTC
	Machine  machine             `json:"machine"`
	Rounds   int                 `json:"rounds"`
	Media    media               `json:"media"`
	Sections map[string][]result `json:"sections"` // by name of the section
}

// media says what the contenders worked on.
type media struct {
	Segments     int   `json:"segments"`
	Bytes        int64 `json:"bytes"`
	Seconds      int   `json:"seconds"`
	LongHours    int   `json:"long_hours,omitempty"`
	LongBytes    int64 `json:"long_bytes,omitempty"`
	LongSegments int   `json:"long_segments,omitempty"`
}

// of gives the result of a contender, or nil.
func (f *figures) of(section, name string) *result {
	for i := range f.Sections[section] {
		if r := &f.Sections[section][i]; r.Name == name && len(r.Runs) > 0 {
			return r
		}
	}
	return nil
}

func readFigures(file string) (*figures, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	f := &figures{}
	if err := json.Unmarshal(text, f); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return f, nil
}

func (f *figures) write(file string) error {
	text, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
