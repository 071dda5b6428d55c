package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// figures are all that was measured. The pages are made of them and of nothing
// else, so that they can be made again.
type figures struct {
	Date     string              `json:"date"` // of the run, UTC
	Machine  machine             `json:"machine"`
	Rounds   int                 `json:"rounds"`
	Media    media               `json:"media"`
	Sections map[string][]result `json:"sections"` // by name of the section
	// Benchmarks are the Go benchmarks that have targets; the rest is for benchstat.
	Benchmarks []benchmark `json:"benchmarks"`
	Counts     []count     `json:"counts,omitempty"` // that tests hold
}

// media says what the contenders worked on.
type media struct {
	Segments int    `json:"segments"`
	Bytes    int64  `json:"bytes"`
	Seconds  int    `json:"seconds"`
	Hours    int    `json:"hours"`          // how many times as long the long recording is
	Thin     string `json:"thin,omitempty"` // what the recording of 48 hours was
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

// Names of the pages and of the figures that they are made of.
const (
	figuresFile = "benchmarks.json"
	pageFile    = "benchmarks.md"
	scaleFile   = "scale.md"
)

// Between these lines of README.md stand the main figures.
const (
	readmeFile = "README.md"
	frontBegin = "<!-- measured by make bench -->\n"
	frontEnd   = "<!-- end of what was measured -->\n"
)

// writePages writes the figures and the pages into a folder, and the main figures
// into README.md in the folder above, where that has a place for them.
func (f *figures) writePages(dir string) error {
	if err := f.write(filepath.Join(dir, figuresFile)); err != nil {
		return err
	}
	for file, text := range map[string]string{pageFile: f.page(), scaleFile: f.scalePage()} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			return err
		}
	}
	readme := filepath.Join(dir, "..", readmeFile)
	text, err := os.ReadFile(readme)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(readme, []byte(f.intoReadme(string(text))), 0o644)
}

// intoReadme puts the main figures between the lines that mark their place.
func (f *figures) intoReadme(text string) string {
	before, rest, begins := strings.Cut(text, frontBegin)
	_, after, ends := strings.Cut(rest, frontEnd)
	if !begins || !ends {
		return text
	}
	return before + frontBegin + "\n" + f.front() + "\n" + frontEnd + after
}

// render writes the pages anew from the figures beside them.
func render(dir string) error {
	f, err := readFigures(filepath.Join(dir, figuresFile))
	if err != nil {
		return err
	}
	return f.writePages(dir)
}
