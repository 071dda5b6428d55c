package fmp4

import (
	"errors"
	"reflect"
	"testing"

	"recfin/mp4"
)

// checker is a sink that holds what every demuxer promises.
type checker struct {
	tracks  map[int]uint32
	last    map[int]int64
	bytes   int
	samples int
	bad     error
}

func newChecker() *checker { return &checker{tracks: map[int]uint32{}, last: map[int]int64{}} }

func (c *checker) Track(id int, t mp4.Track) error {
	if t.Entry == nil || t.Timescale == 0 {
		c.bad = errors.New("a track without entry or timescale")
	}
	c.tracks[id] = t.Timescale
	return nil
}

func (c *checker) Sample(id int, s *mp4.Sample) error {
	scale, ok := c.tracks[id]
	if !ok {
		c.bad = errors.New("a sample before its track")
	}
	if !ranged(s.PTS, scale) || !ranged(s.DTS, scale) || s.Duration < 0 {
		c.bad = errors.New("a time out of range")
	}
	c.bytes += s.Size()
	c.samples++
	return nil
}

// Whatever comes in, nothing crashes, no more comes out than went in (but for
// the lengths of NAL units), and slicing does not matter.
func FuzzDemuxer(f *testing.F) {
	for _, c := range oddities {
		f.Add(append(append([]byte{}, header...), c.segment...), uint16(7), uint8(0))
		f.Add(append(append([]byte{}, header...), c.segment...), uint16(100), uint8(1))
	}
	for _, last := range []bool{false, true} {
		f.Add(plainFile(last), uint16(50), uint8(0))
		f.Add(plainFile(last)[:300], uint16(50), uint8(2))
	}
	f.Fuzz(func(t *testing.T, b []byte, step uint16, how uint8) {
		opt := Options{Bare: how&1 != 0, Partial: how&2 != 0, Size: 2 * int64(len(b))}
		c := newChecker()
		d := New(c, opt)
		_, err := d.Write(b)
		if err == nil {
			err = d.Flush()
		}
		switch {
		case c.bad != nil:
			t.Fatal(c.bad)
		case c.bytes > 5*len(b): // lengths of one byte become four
			t.Fatalf("%d bytes out of %d", c.bytes, len(b))
		case !opt.Partial && c.samples > len(b):
			t.Fatalf("%d samples out of %d bytes", c.samples, len(b))
		}
		c2 := newChecker()
		e := New(c2, opt)
		var err2 error
		for len(b) > 0 && err2 == nil {
			n := min(len(b), int(step)+1)
			_, err2 = e.Write(b[:n])
			b = b[n:]
		}
		if err2 == nil {
			err2 = e.Flush()
		}
		if c2.bytes != c.bytes || c2.samples != c.samples || (err == nil) != (err2 == nil) || err == nil && !reflect.DeepEqual(d.Stats(), e.Stats()) {
			t.Fatalf("sliced: %d bytes, %v, %+v\nwhole: %d bytes, %v, %+v", c2.bytes, err2, e.Stats(), c.bytes, err, d.Stats())
		}
	})
}
