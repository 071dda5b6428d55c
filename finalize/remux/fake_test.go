package remux

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"recfin/mp4"
	"recfin/probe"
)

// event is one call of a sink.
type event struct {
	id     int
	track  *mp4.Track // an announcement, else
	sample mp4.Sample // a sample
}

var errScript = errors.New("broken bytes")

// script plays segments: a segment's bytes are its index in four bytes. Like a
// real demuxer it keeps the last picture open until the next one begins.
type script struct {
	segments [][]event
	broken   map[int]bool
	sink     mp4.Sink
	open     map[int]event
	known    map[int]bool
	opened   int
}

func (s *script) joiner(m Movie) *Joiner {
	return New(m, Options{Open: s.demuxer})
}

// demuxer is Options.Open.
func (s *script) demuxer(_ probe.Container, sink mp4.Sink) (probe.Demuxer, error) {
	s.sink, s.open, s.known = sink, map[int]event{}, map[int]bool{}
	s.opened++
	return s, nil
}

func (s *script) Write(p []byte) (int, error) {
	i := int(binary.BigEndian.Uint32(p))
	if s.broken[i] {
		return 0, errScript
	}
	for _, e := range s.segments[i] {
		if e.track != nil {
			if !s.known[e.id] || e.track.Entry.Kind() == mp4.Audio { // another program map
				if err := s.Flush(); err != nil {
					return 0, err
				}
				s.known = map[int]bool{}
			}
			s.known[e.id] = true
			if err := s.sink.Track(e.id, *e.track); err != nil {
				return 0, err
			}
			continue
		}
		if err := s.play(e); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (s *script) play(e event) error {
	if e.sample.Access == mp4.Sync && len(e.sample.Pieces[0]) == soundSize {
		return s.sink.Sample(e.id, &e.sample)
	}
	before, ok := s.open[e.id]
	s.open[e.id] = e
	if !ok {
		return nil
	}
	return s.sink.Sample(before.id, &before.sample)
}

func (s *script) Boundary() {}

func (s *script) Flush() error {
	for id := range 1000 {
		if e, ok := s.open[id]; ok {
			delete(s.open, id)
			if err := s.sink.Sample(id, &e.sample); err != nil {
				return err
			}
		}
	}
	return nil
}

// film is a Movie that keeps what it is given.
type film struct {
	tracks []*reel
	broken bool
}

type reel struct {
	track   mp4.Track
	entry   mp4.SampleEntry
	offset  int64
	priming int64
	samples []frame
	entries []mp4.SampleEntry
}

// frame is a sample as it stands in the file; times without the offset.
type frame struct {
	mp4.Sample
	entry mp4.SampleEntry
	data  []byte
}

var errFilm = errors.New("disk full")

func (f *film) AddTrack(t mp4.Track) (int, error) {
	f.tracks = append(f.tracks, &reel{track: t, entry: t.Entry, entries: []mp4.SampleEntry{t.Entry}})
	return len(f.tracks) - 1, nil
}

func (f *film) SetEntry(n int, e mp4.SampleEntry) error {
	f.tracks[n].entry = e
	f.tracks[n].entries = append(f.tracks[n].entries, e)
	return nil
}

func (f *film) StartOffset(n int, media, priming int64) {
	f.tracks[n].offset, f.tracks[n].priming = media, priming
}

func (f *film) Write(n int, s *mp4.Sample) error {
	if f.broken {
		return errFilm
	}
	r := f.tracks[n]
	if s.Duration <= 0 {
		return fmt.Errorf("duration %d", s.Duration)
	}
	if k := len(r.samples); k == 0 && s.DTS != 0 {
		return fmt.Errorf("first DTS %d", s.DTS)
	} else if k > 0 && s.DTS <= r.samples[k-1].DTS {
		return fmt.Errorf("DTS %d after %d", s.DTS, r.samples[k-1].DTS)
	}
	fr := frame{Sample: *s, entry: r.entry}
	fr.Pieces = nil
	for _, p := range s.Pieces {
		fr.data = append(fr.data, p...)
	}
	r.samples = append(r.samples, fr)
	return nil
}

// reel finds the n-th track of a kind.
func (f *film) reel(k mp4.Kind, n int) *reel {
	for _, r := range f.tracks {
		if r.entry.Kind() == k {
			if n == 0 {
				return r
			}
			n--
		}
	}
	return nil
}

// name is a payload that says which sample it is: kind, part, number.
func pictureData(part, n int) []byte {
	return binary.BigEndian.AppendUint32([]byte{0, 0, 0, 9, 0x41, byte(part)}, uint32(n))
}

const soundSize = 6

func soundData(part, n int) []byte {
	return binary.BigEndian.AppendUint32([]byte{0xa0, byte(part)}, uint32(n))
}

func avc(n byte) *mp4.AVC {
	return &mp4.AVC{SPS: [][]byte{{0x67, 0x42, 0xc0, 0x1f, n}}, PPS: [][]byte{{0x68, n}}, Width: 640, Height: 360}
}

// aac makes an AAC-LC entry with a channel configuration.
func aac(rate, channels int) *mp4.AAC {
	rates := map[int]byte{48000: 3, 44100: 4, 32000: 5, 22050: 7}
	r := rates[rate]
	return &mp4.AAC{Config: []byte{2<<3 | r>>1, r<<7 | byte(channels)<<3}, ObjectType: 2, SampleRate: rate, Channels: channels, FrameSize: 1024}
}

func videoTrack(id int, e mp4.SampleEntry) event {
	return event{id: id, track: &mp4.Track{Entry: e, Timescale: 90000}}
}

func picture(id int, pts, dts int64, a mp4.Access, data []byte) event {
	return event{id: id, sample: mp4.Sample{PTS: pts, DTS: dts, Access: a, Pieces: [][]byte{data}}}
}

func soundFrame(id int, pts int64, data []byte) event {
	return event{id: id, sample: mp4.Sample{PTS: pts, DTS: pts, Access: mp4.Sync, Pieces: [][]byte{data}}}
}

// play joins all segments of a script.
func (s *script) run(t testing.TB, bounds []Boundary) (*film, Result) {
	t.Helper()
	f := &film{}
	res, err := s.into(f, bounds)
	if err != nil {
		t.Fatal(err)
	}
	return f, res
}

func (s *script) into(m Movie, bounds []Boundary) (Result, error) {
	return s.through(s.joiner(m), bounds)
}

// through plays all segments into a joiner.
func (s *script) through(j *Joiner, bounds []Boundary) (Result, error) {
	for i := range s.segments {
		b := Boundary{}
		if i < len(bounds) {
			b = bounds[i]
		}
		if b.Name == "" {
			b.Name = fmt.Sprintf("foo/A/%d.ts", i)
		}
		b.Container = probe.MPEGTS
		if err := j.Begin(b); err != nil {
			return Result{}, err
		}
		if _, err := j.Write(binary.BigEndian.AppendUint32(nil, uint32(i))); err != nil {
			return Result{}, err
		}
		if err := j.End(); err != nil {
			return Result{}, err
		}
	}
	return j.Finish()
}
