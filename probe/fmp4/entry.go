package fmp4

import (
	"fmt"
	"strings"

	"recfin/mp4"
)

// desc is a sample entry of an stsd box (ISO/IEC 14496-12 §8.5.2).
type desc struct {
	raw []byte
	// entry is what the box says; nil where nal is set, because sets that come
	// with the pictures belong to it.
	entry mp4.SampleEntry
	nal   *nalConfig
	// keyed reads from a sample whether decoding can start at it; nil, or ok
	// false: the container's word holds.
	keyed func(sample []byte) (key, ok bool)
	// framed describes the track by the header of a frame, where the box does not
	// say all; nil: the box does, or the header cannot be read.
	framed func(frame []byte) mp4.SampleEntry
	opus   bool // samples tell how long they last
}

// format is the type of the box.
func (e *desc) format() string {
	if len(e.raw) < 8 {
		return ""
	}
	return clean(string(e.raw[4:8]))
}

// maxEntries bounds the sample entries of a track.
const maxEntries = 1024

// readEntries reads the sample entries of a track.
func (d *Demuxer) readEntries(t *track, stsd box) error {
	if len(stsd.body) < 8 {
		d.stats.BadBoxes++
		return nil
	}
	list := boxList(stsd.body[8:])
	if list.ragged() {
		d.stats.BadBoxes++
	}
	for b := range list.all {
		if len(t.descs) == maxEntries {
			d.stats.BadBoxes++
			break
		}
		e := &desc{raw: b.raw}
		var err error
		if t.kind == mp4.Video {
			err = e.readVisual(b)
		} else {
			err = e.readSound(b)
		}
		if err != nil {
			return err
		}
		t.descs = append(t.descs, e)
	}
	return nil
}

func encrypted(b box) error { return fmt.Errorf("%w: sample entry %q", ErrEncrypted, b.typ()) }

// holds reports whether an MP4 of ours can hold samples of an entry.
func holds(e mp4.SampleEntry) bool {
	_, err := e.Box()
	return err == nil
}

// clean makes of a box type what may stand in a playlist and on a terminal.
func clean(typ string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, strings.TrimSpace(typ))
}
