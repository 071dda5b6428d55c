package fmp4

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"recfin/mp4"
)

// checker is a sink that holds what every demuxer promises.
type checker struct {
	tracks  map[int]uint32
	last    map[int]int64
	bytes   int
	samples int
	places  []mp4.Place
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
	c.places = append(c.places, s.Alone)
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
	for _, c := range codecCases {
		tb := trackBox{id: 1, handler: "vide", scale: 90000, entry: c.entry}
		if c.want.Kind() == mp4.Audio {
			tb.handler = "soun"
		}
		f.Add(append(moov(tb.box(), mvex(trex(1, 0, 0, 0))), one(0, 0, slice265(19, 2, 0))...), uint16(30), uint8(0))
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
		for _, p := range c.places {
			if !opt.Partial && (p.Back != 0 || p.Length < 0 || p.Offset < 0 || p.Offset+p.Length > int64(len(b))) {
				t.Fatalf("a picture at %+v of %d bytes", p, len(b))
			}
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
			_ = e.Flush() // what it says is judged above
		}
		if c2.bytes != c.bytes || !opt.Partial && !slices.Equal(c2.places, c.places) || c2.samples != c.samples || (err == nil) != (err2 == nil) || err == nil && !reflect.DeepEqual(d.Stats(), e.Stats()) {
			t.Fatalf("sliced: %d bytes, %v, %+v\nwhole: %d bytes, %v, %+v", c2.bytes, err2, e.Stats(), c.bytes, err, d.Stats())
		}
	})
}

// drainEntries is a sink that checks the descriptions.
type drainEntries struct {
	drain
	bad error
}

func (d *drainEntries) Track(_ int, t mp4.Track) error {
	e := t.Entry
	for _, s := range []string{e.Codec(), e.Codecs()} {
		for _, c := range s {
			if c <= ' ' || c > '~' || c == '"' || c == ',' {
				d.bad = fmt.Errorf("%T is called %q", e, s)
			}
		}
	}
	_, err := e.Box()
	switch e := e.(type) {
	case *mp4.ForeignVideo, *mp4.ForeignAudio:
		if !errors.Is(err, mp4.ErrCodec) {
			d.bad = fmt.Errorf("%T: %w", e, err)
		}
	case *mp4.AVC, *mp4.HEVC: // sets in the stream may say anything
		if err != nil && !errors.Is(err, mp4.ErrEntry) {
			d.bad = fmt.Errorf("%T: %w", e, err)
		}
	default:
		if err != nil {
			d.bad = fmt.Errorf("%T: %w", e, err)
		}
	}
	return nil
}

// Whatever a sample entry and a sample hold, the track is described as something
// that can be written, or as foreign.
func FuzzEntry(f *testing.F) {
	samples := [][]byte{lengths(4, sps, pps, idr(0)), lengths(4, vps265, sps265, pps265, slice265(19, 2, 0)), unhex("0a0b000000043cfefcdaf90040321000"),
		unhex("82498342"), unhex("fffb9000"), unhex("ff06"), nil}
	for _, c := range codecCases {
		for _, s := range samples {
			f.Add(c.entry, s, c.want.Kind() == mp4.Audio)
		}
	}
	f.Fuzz(func(t *testing.T, entry, sample []byte, audio bool) {
		tb := trackBox{id: 1, handler: "vide", scale: 90000, entry: entry}
		if audio {
			tb.handler = "soun"
		}
		b := moofBox(0, traf{id: 1, style: plain, runs: [][]smp{{{dur: 1, data: sample}}}})
		for _, opt := range []Options{{}, {Bare: true}, {Bare: true, Partial: true}} {
			sink := &drainEntries{}
			d := New(sink, opt)
			_, err := d.Write(moov(tb.box(), mvex(trex(1, 0, 0, 0))))
			if err == nil {
				_, err = d.Write(b)
			}
			if err == nil {
				err = d.Flush()
			}
			if sink.bad != nil {
				t.Fatal(sink.bad)
			}
			if err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrEncrypted) {
				t.Fatal(err)
			}
		}
	})
}

// Whatever a moov holds, memory stays within what its bytes and the media are
// worth, and nothing comes twice.
func FuzzMoov(f *testing.F) {
	for _, last := range []bool{false, true} {
		f.Add(boxList(plainFile(last)).find("moov").body, uint8(8))
	}
	f.Add(boxList(header).find("moov").body, uint8(0))
	f.Fuzz(func(t *testing.T, body []byte, skip uint8) {
		moov := atom("moov", body)
		media := append(atom("mdat", bytes.Repeat([]byte{0, 0, 0, 2, 0x41, 0x9a}, 40)), one(1000, 8+240, idr(0))...)
		c := newChecker()
		d := New(c, Options{})
		_, err := d.Write(append(moov, media...))
		if err == nil {
			err = d.Flush()
		}
		if c.bad != nil {
			t.Fatal(c.bad)
		}
		if c.bytes > 5*(len(media)) {
			t.Fatalf("%d bytes out of %d: %v", c.bytes, len(media), err)
		}
		c2 := newChecker()
		e := New(c2, Options{})
		_, err2 := e.Write(append(atom("free", make([]byte, skip)), media...))
		if err2 == nil {
			err2 = e.Init(moov)
		}
		if err2 == nil {
			_ = e.Flush() // what it says is judged above
		}
		if c2.bad != nil {
			t.Fatal(c2.bad)
		}
	})
}
