package remux

import (
	"errors"
	"testing"

	"recfin/mp4"
	"recfin/probe"
)

// endless is a demuxer of a segment of an hour: a picture a second, and sound
// whose frames are no whole ticks of the clock.
type endless struct {
	sink  mp4.Sink
	hour  int64
	sound int64 // frames so far
}

func (d *endless) Boundary()    {}
func (d *endless) Flush() error { return nil }

func (d *endless) Write(p []byte) (int, error) {
	if d.hour == 0 {
		if err := errors.Join(d.sink.Track(1, *videoTrack(1, firstAVC).track), d.sink.Track(2, mp4.Track{Entry: aac44, Timescale: clock})); err != nil {
			return 0, err
		}
	}
	for s := d.hour * 3600; s < (d.hour+1)*3600; s++ {
		e := picture(1, s*clock, s*clock, mp4.Sync, p)
		if err := d.sink.Sample(1, &e.sample); err != nil {
			return 0, err
		}
		for ; d.sound*1024 < (s+1)*44100; d.sound++ {
			e := soundFrame(2, rescale(d.sound*1024, 44100, clock), p)
			if err := d.sink.Sample(2, &e.sample); err != nil {
				return 0, err
			}
		}
	}
	d.hour++
	return len(p), nil
}

// ruler is a Movie that holds each sample against the place where it belongs.
type ruler struct {
	counts [2]int64 // samples of each track
	offset int64    // of all start offsets
}

func (r *ruler) AddTrack(t mp4.Track) (int, error)     { return int(t.Entry.Kind() - mp4.Video), nil }
func (r *ruler) SetEntry(int, mp4.SampleEntry) error   { return nil }
func (r *ruler) StartOffset(_ int, media, other int64) { r.offset += media + other }

func (r *ruler) Write(track int, s *mp4.Sample) error {
	step := int64(clock)
	if track == 1 {
		step = 1024
	}
	if s.PTS != r.counts[track]*step || s.Duration != step {
		return errors.New("a sample is off its place")
	}
	r.counts[track]++
	return nil
}

// TestNoDrift: 48 h in and out agree to the tick, sound and pictures.
func TestNoDrift(t *testing.T) {
	const hours = 48
	r := &ruler{}
	j := New(r, Options{Open: func(_ probe.Container, sink mp4.Sink) (probe.Demuxer, error) {
		return &endless{sink: sink}, nil
	}})
	for h := range hours {
		if err := j.Begin(Boundary{Name: "foo/A/0.ts", Container: probe.MPEGTS}); err != nil {
			t.Fatalf("hour %d: %v", h, err)
		}
		if _, err := j.Write([]byte{1}); err != nil {
			t.Fatalf("hour %d: %v", h, err)
		}
		if err := j.End(); err != nil {
			t.Fatalf("hour %d: %v", h, err)
		}
	}
	res, err := j.Finish()
	if err != nil || len(res.Problems) > 0 || res.Silent > 0 || res.Parts != 1 {
		t.Fatalf("%v %+v", err, res.Problems)
	}
	frames := (int64(hours)*3600*44100 + 1023) / 1024
	if r.counts[0] != hours*3600 || r.counts[1] != frames || r.offset != 0 {
		t.Errorf("%d pictures, %d frames of %d", r.counts[0], r.counts[1], frames)
	}
}
