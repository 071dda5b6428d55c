// Package demo lays out the broadcast that `recfin demo` finalizes: real media,
// made by testdata/make-media.sh and embedded in the program, so that a newcomer
// needs nothing else.
package demo

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

//go:embed media/*.ts
var media embed.FS

// What the demo is called, and when it was on air. The times are fixed, so that
// the demo has the same outputs wherever and whenever it runs.
const (
	Recording = "demo"
	Rendition = "180p"

	segments = 20
	duration = 2 * time.Second
	delay    = 400 * time.Millisecond // from the end of a segment to its upload
)

// Start is the wall time of the first picture.
var Start = time.Date(2025, 6, 1, 18, 0, 0, 0, time.UTC)

// Story says what was laid out and what a right decision about it is.
type Story struct {
	Recording string
	Rendition string
	Files     int      // objects in all
	Chosen    int      // segments that belong into the recording
	Dropped   int      // segments that do not
	Unknown   int      // files that are no segments
	Lines     []string // in words, a sentence each
}

// file is one object of the demo. The body is the first size bytes of media
// number seq, or text where there is any.
type file struct {
	key      string
	seq      int
	size     int // -1: all of it
	text     string
	uploaded time.Duration // since Start
}

// The takeover: A dies in its tenth segment, B sends the last two again while
// it catches up, and one of its segments never arrives.
const (
	takeover = 8
	died     = 9
	lost     = 14
)

// plan lists the objects.
func plan() []file {
	var all []file
	add := func(writer string, seq, size int, late time.Duration) {
		key := fmt.Sprintf("%s/%s/%s/%d.ts", Recording, writer, Rendition, seq)
		all = append(all, file{key: key, seq: seq, size: size, uploaded: time.Duration(seq+1)*duration + delay + late})
	}
	for seq := range died {
		add("A", seq, -1, 0)
	}
	add("A", died, 188*60, 0)
	add("A", died+1, 0, -duration)
	for seq := takeover; seq < segments; seq++ {
		if seq != lost {
			add("B", seq, -1, max(0, time.Duration(takeover+4-seq)*time.Second))
		}
	}
	return append(all, file{
		key:      Recording + "/notes.txt",
		text:     "Operator: node A lost power at 18:00:20, B took over.\n",
		uploaded: time.Hour,
	})
}

// ErrTaken means that a file of that name is there and is not the demo's.
var ErrTaken = errors.New("another file is there")

// Write lays the broadcast out below a folder, which is made if need be, as
// <dir>/demo/<broadcaster>/180p/<number>.ts. Files that are there already are
// left as they are; one that differs is [ErrTaken], and nothing is overwritten.
func Write(dir string) (Story, error) {
	files := plan()
	for _, f := range files {
		if err := f.write(dir); err != nil {
			return Story{}, fmt.Errorf("write the demo: %s: %w", f.key, err)
		}
	}
	return Story{
		Recording: Recording,
		Rendition: Rendition,
		Files:     len(files),
		Chosen:    segments - 1,
		Dropped:   3,
		Unknown:   1,
		Lines: []string{
			"A broadcast of 40 s in segments of 2 s, from two broadcasters, A and B.",
			"A sent 0 to 9 and died: its 9 is cut off, its 10 is empty.",
			"B took over and sent 8 to 19; 8 and 9 are therefore there twice.",
			"B's 14 never arrived: a hole of 2 s.",
			"Beside them lies notes.txt, which is no segment.",
		},
	}, nil
}

// body is what an object holds.
func (f file) body() ([]byte, error) {
	if f.text != "" {
		return []byte(f.text), nil
	}
	body, err := media.ReadFile("media/" + strconv.Itoa(f.seq) + ".ts")
	if err != nil {
		return nil, err
	}
	if f.size >= 0 {
		body = body[:min(f.size, len(body))]
	}
	return body, nil
}

// write puts an object in place as a whole, with its upload time.
func (f file) write(dir string) error {
	body, err := f.body()
	if err != nil {
		return err
	}
	name := filepath.Join(dir, filepath.FromSlash(f.key))
	uploaded := Start.Add(f.uploaded)
	if there, err := os.ReadFile(name); err == nil {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		if !bytes.Equal(there, body) || !info.ModTime().Equal(uploaded) {
			return ErrTaken
		}
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	partial := name + ".partial"
	if err := os.WriteFile(partial, body, 0o644); err != nil {
		return err
	}
	if err := os.Chtimes(partial, uploaded, uploaded); err != nil {
		return err
	}
	return os.Rename(partial, name)
}
