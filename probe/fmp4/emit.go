package fmp4

import (
	"fmt"

	"recfin/mp4"
)

// coding is what is known of the samples of a track while they go by.
type coding struct {
	desc  *desc // that the track was last described by; nil: not described
	stale bool  // its pictures have to be described again
	video *pictures
}

// emit hands out a sample.
func (d *Demuxer) emit(t *track, h *held) error {
	if t.coding == nil {
		t.coding = &coding{}
	}
	e := t.entry(h.desc)
	if e == nil {
		d.stats.Truncated++
		return nil
	}
	s := &d.sample
	*s = mp4.Sample{
		PTS: h.dts + t.shift + h.offset, DTS: h.dts + t.shift, Duration: h.duration,
		Access: mp4.NotAccess, Pieces: s.Pieces[:0],
	}
	if h.sync || t.kind == mp4.Audio {
		s.Access = mp4.Sync
	}
	if t.kind == mp4.Video && h.dts+h.offset < t.hides {
		d.stats.Hidden++
	}
	if e.nal != nil {
		return d.emitPicture(t, e, h)
	}
	if t.coding.desc != e {
		t.coding.desc = e
		if err := d.announce(t, e, e.described(h.data)); err != nil {
			return err
		}
	}
	if e.keyed != nil {
		if key, ok := e.keyed(h.data); ok {
			s.Access = mp4.NotAccess
			if key {
				s.Access, s.Alone = mp4.Sync, h.alone()
			}
		}
	}
	if e.opus {
		s.Duration = opusDuration(h.data, h.duration, t.timescale)
	}
	s.InBand = true
	if len(h.data) > 0 {
		s.Pieces = append(s.Pieces, h.data)
	}
	return d.sink.Sample(int(t.id), s)
}

// described is the description of a track by its sample entry and its first
// frame.
func (e *desc) described(frame []byte) mp4.SampleEntry {
	if e.framed != nil {
		if s := e.framed(frame); s != nil {
			return s
		}
	}
	return e.entry
}

// entry is the sample entry with an index, counted from 1; 0 stands for the
// first, as writers that leave their defaults empty mean it.
func (t *track) entry(index uint32) *desc {
	i := max(index, 1) - 1
	if int64(i) >= int64(len(t.descs)) {
		return nil
	}
	return t.descs[i]
}

// priming is how much of a track of sound that begins at pts its edit list hides:
// nothing where the segment is one from the middle of the stream.
func (t *track) priming(pts int64) int64 {
	if t.kind != mp4.Audio {
		return 0
	}
	return min(max(t.hides-(pts-t.shift), 0), t.hides)
}

// announce hands a description of the track to the sink.
func (d *Demuxer) announce(t *track, from *desc, e mp4.SampleEntry) error {
	if e == nil {
		return fmt.Errorf("%w: track %d has no sample entry", ErrCorrupt, t.id)
	}
	return d.sink.Track(int(t.id), mp4.Track{
		Entry: e, Format: from.format(), Timescale: t.timescale, Language: t.language, Rotation: t.rotation, Priming: t.priming(d.sample.PTS),
	})
}

// Track is a track of audio or video that the moov declares.
type Track struct {
	ID       int
	Kind     mp4.Kind
	Language string
}

// Tracks are those that the moov declares, with or without samples.
func (d *Demuxer) Tracks() (list []Track) {
	if d.movie == nil {
		return nil
	}
	for _, t := range d.movie.tracks {
		if t.kind != 0 {
			list = append(list, Track{ID: int(t.id), Kind: t.kind, Language: t.language})
		}
	}
	return list
}
