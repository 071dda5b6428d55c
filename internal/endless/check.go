package endless

import (
	"fmt"

	"recfin/internal/mp4check"
)

// Movie is a movie of a stream that was written: its head, and what the body was
// seen to hold.
type Movie struct {
	Head int64 // bytes
	Size int64 // bytes, with the head
	body *body
	file *file
}

// Check holds the movie against the arithmetic of its stream: that it has the
// pictures and frames of so many segments, every one at its time to the tick, and
// that the tables lead to the place where it was written. It needs 70 bytes a
// sample.
func (m *Movie) Check(segments int) error {
	if err := m.check(segments); err != nil {
		return fmt.Errorf("check a movie of %d segments: %w", segments, err)
	}
	return nil
}

func (m *Movie) check(segments int) error {
	if len(m.body.rest) > 0 {
		return fmt.Errorf("%d bytes behind the last sample", len(m.body.rest))
	}
	movie, err := mp4check.Open(m.file, m.Size)
	if err != nil {
		return err
	}
	if movie.Timescale != 90000 || movie.Duration != int64(segments)*SegmentTicks && movie.Duration != frames(segments)*FrameTicks {
		return fmt.Errorf("it lasts %d ticks of %d Hz", movie.Duration, movie.Timescale)
	}
	seen := 0
	for i, track := range movie.Tracks {
		if len(track.Edits) > 1 || len(track.Edits) == 1 && track.Edits[0].MediaTime != 0 {
			return fmt.Errorf("track %d has the edits %v", i, track.Edits)
		}
		samples := movie.Samples(i)
		switch track.Handler {
		case "vide":
			err = m.pictures(samples, track.Timescale, segments)
		case "soun":
			err = m.sound(samples, track.Timescale, segments)
		default:
			return fmt.Errorf("track %d is of kind %q", i, track.Handler)
		}
		if err != nil {
			return fmt.Errorf("track %d: %w", i, err)
		}
		seen++
	}
	if seen != 2 {
		return fmt.Errorf("%d tracks", seen)
	}
	return nil
}

func (m *Movie) pictures(samples []mp4check.Sample, timescale uint32, segments int) error {
	if timescale != 90000 || len(samples) != segments*Pictures {
		return fmt.Errorf("%d pictures at %d Hz", len(samples), timescale)
	}
	place := walk{of: &m.body.video, head: m.Head}
	for i, s := range samples {
		k := i % Pictures
		want := mp4check.Sample{
			Offset: place.next(int64(i), int64(m.body.stream.sizes[k])), Size: int64(m.body.stream.sizes[k]),
			DTS: int64(i) * PictureTicks, PTS: int64(i-k+display(k)) * PictureTicks, Duration: PictureTicks,
			Sync: k == 0,
		}
		if s != want {
			return fmt.Errorf("picture %d is %+v, not %+v", i, s, want)
		}
	}
	return nil
}

func (m *Movie) sound(samples []mp4check.Sample, timescale uint32, segments int) error {
	if timescale != 48000 || int64(len(samples)) != frames(segments) {
		return fmt.Errorf("%d frames at %d Hz", len(samples), timescale)
	}
	size := int64(len(m.body.stream.frame))
	place := walk{of: &m.body.audio, head: m.Head}
	for i, s := range samples {
		at := int64(i) * 1024
		want := mp4check.Sample{Offset: place.next(int64(i), size), Size: size, DTS: at, PTS: at, Duration: 1024, Sync: true}
		if s != want {
			return fmt.Errorf("frame %d is %+v, not %+v", i, s, want)
		}
	}
	return nil
}

// walk goes through the places of all samples of a kind.
type walk struct {
	of   *places
	head int64
	run  int
	at   int64
}

// next is where sample i was written, in the file.
func (w *walk) next(i, size int64) int64 {
	if w.run < len(w.of.runs) && w.of.runs[w.run].first == i {
		w.at = w.of.runs[w.run].at
		w.run++
	}
	at := w.at
	w.at += size
	return w.head + at
}
