package mpegts

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"testing"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

// seeds are the streams of all table cases.
func seeds() (out [][]byte) {
	w := newWriter()
	simple(w, 90000)
	out = append(out, w.Bytes())
	for _, c := range oddities {
		out = append(out, c.make())
	}
	for _, c := range pictures {
		out = append(out, videoOnly(c.pes).Bytes())
	}
	for _, c := range hevcPictures {
		out = append(out, hevcOnly(c.pes).Bytes())
	}
	for _, c := range audios {
		out = append(out, audioOnly(c.pes).Bytes())
	}
	for _, k := range allSounds {
		for _, c := range soundCases[:5] {
			out = append(out, k.writer(c.make(k)...).Bytes())
		}
	}
	return out
}

// checker is a sink that holds what every demuxer promises.
type checker struct {
	tracks map[int]bool
	bytes  int
	places []mp4.Place
	bad    error
}

func (c *checker) Track(id int, t mp4.Track) error {
	if t.Entry == nil || t.Timescale != Timescale {
		c.bad = errors.New("a track without entry or timescale")
	}
	c.tracks[id] = true
	return nil
}

func (c *checker) Sample(id int, s *mp4.Sample) error {
	if !c.tracks[id] {
		c.bad = errors.New("a sample before its track")
	}
	if s.Size() == 0 {
		c.bad = errors.New("an empty sample")
	}
	c.bytes += s.Size()
	c.places = append(c.places, s.Alone)
	return nil
}

// Whatever comes in, nothing crashes, no more comes out than went in (but for
// the lengths of NAL units, which replace start codes of three bytes), the
// buffers stay within the input, and slicing does not matter.
func FuzzDemuxer(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s, uint16(100), false)
		f.Add(s, uint16(188*3), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, step uint16, bare bool) {
		c := &checker{tracks: map[int]bool{}}
		d := New(c, Options{Bare: bare})
		_, err := d.Write(b)
		if err == nil {
			err = d.Flush()
		}
		if c.bad != nil {
			t.Fatal(c.bad)
		}
		for _, p := range c.places {
			if p.Back != 0 || p.Length < 0 || p.Offset < 0 || p.Offset+p.Length > int64(len(b)) || p.Length%packetSize != 0 && d.stats.SkippedBytes == 0 {
				t.Fatalf("a picture at %+v of %d bytes", p, len(b))
			}
		}
		if c.bytes > 2*len(b) {
			t.Fatalf("%d bytes out of %d", c.bytes, len(b))
		}
		for _, s := range d.streams {
			if n := cap(s.es.buf); n > 4*len(b)+8192 {
				t.Fatalf("a buffer of %d for %d bytes", n, len(b))
			}
		}
		c2 := &checker{tracks: map[int]bool{}}
		e := New(c2, Options{Bare: bare})
		var err2 error
		for len(b) > 0 && err2 == nil {
			n := min(len(b), int(step)+1)
			_, err2 = e.Write(b[:n])
			b = b[n:]
		}
		if err2 == nil {
			err2 = e.Flush()
		}
		if c2.bytes != c.bytes || !slices.Equal(c2.places, c.places) || (err == nil) != (err2 == nil) || err == nil && !reflect.DeepEqual(d.Stats(), e.Stats()) {
			t.Fatalf("sliced: %d bytes, %v, %+v\nwhole: %d bytes, %v, %+v", c2.bytes, err2, e.Stats(), c.bytes, err, d.Stats())
		}
	})
}

// The payload of a stream, without the layers around it, cut into two PES
// packets.
func FuzzPayload(f *testing.F) {
	makers := [...]func([]pes) *tswriter.Writer{videoOnly, hevcOnly, audioOnly}
	add := func(all []pes, maker byte) {
		var b []byte
		for _, p := range all {
			b = append(b, p.Data...)
		}
		f.Add(b, 20, maker)
	}
	for _, c := range pictures {
		add(c.pes, 0)
	}
	for _, c := range hevcPictures {
		add(c.pes, 1)
	}
	for _, c := range audios {
		add(c.pes, 2)
	}
	f.Fuzz(func(t *testing.T, b []byte, cut int, maker byte) {
		cut = max(0, min(cut, len(b)))
		w := makers[int(maker)%len(makers)]([]pes{{PTS: 1000, DTS: 0, Data: b[:cut]}, {PTS: 4600, DTS: 3600, Data: b[cut:]}})
		c := &checker{tracks: map[int]bool{}}
		d := New(c, Options{})
		_, err := d.Write(w.Bytes())
		if err == nil {
			err = d.Flush()
		}
		if err != nil && !errors.Is(err, ErrUnsupported) {
			t.Fatal(err)
		}
		if c.bad != nil || c.bytes > 2*len(b) {
			t.Fatalf("%v, %d bytes out of %d", c.bad, c.bytes, len(b))
		}
	})
}

func FuzzPES(f *testing.F) {
	w := newWriter()
	f.Add(w.Header(vPID, pes{PTS: 1, DTS: 2, Data: []byte("data")}), 5)
	f.Add(w.Header(vPID, pes{PTS: 1, DTS: 1, Bounded: true, Stuffing: 240, Data: []byte("data")}), 100)
	f.Fuzz(func(t *testing.T, b []byte, cut int) {
		d := New(&checker{tracks: map[int]bool{}}, Options{})
		s := d.newStream(Stream{PID: vPID, Type: 0x1b})
		cut = max(0, min(cut, len(b)))
		if err := d.pesData(s, b[:cut], true); err != nil {
			t.Fatal(err)
		}
		if err := d.pesData(s, b[cut:], false); err != nil {
			t.Fatal(err)
		}
		if s.es.end() > int64(len(b)) {
			t.Fatalf("%d bytes of payload in %d", s.es.end(), len(b))
		}
	})
}

func FuzzADTS(f *testing.F) {
	f.Add(mono)
	f.Add(frames48(0, 1))
	f.Add(bytes.Repeat([]byte{0xff}, 9))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, ok := parseADTS(b)
		if !ok || h.size > len(b) {
			return
		}
		r, ok, err := h.blocks(b)
		if !ok || err != nil {
			return
		}
		lo := 0
		for _, s := range r[:h.count] {
			if s.lo < lo || s.hi < s.lo || s.hi > h.size {
				t.Fatalf("blocks %v of a frame of %d bytes", r, h.size)
			}
			lo = s.hi
		}
	})
}

// The payload of a stream of sound of any codec under any stream type, cut into
// two PES packets with a gap between them or without.
func FuzzSound(f *testing.F) {
	for i, k := range allSounds {
		for _, c := range soundCases[:4] {
			var b []byte
			for _, p := range c.make(k) {
				b = append(b, p.Data...)
			}
			f.Add(b, 40, uint8(i), false)
		}
	}
	f.Add(join(leading(2, 1), part(0, 0, 2, 2), part(1, 0, 3, 1), part(0, 1, 3, 1)), 100, uint8(2), true)
	f.Add(tswriter.LATM{ASC: config48, Version: 1, Other: 9, Payloads: [][]byte{{1}, {2}}}.Frame(), 5, uint8(4), false)
	f.Add(tswriter.Opus(312, 900, []byte{1}, opus20), 5, uint8(5), false)
	f.Add(tswriter.ADTS{Profile: 1, Rate: 3, Blocks: [][]byte{tswriter.PCE("a", nil)}}.Frame(), 5, uint8(0), false)
	f.Fuzz(func(t *testing.T, b []byte, cut int, kind uint8, gap bool) {
		k := allSounds[int(kind)%len(allSounds)]
		if kind >= 128 {
			k.typ, k.tags = 0x06, nil
		}
		cut = max(0, min(cut, len(b)))
		w := k.writer(soundPES(1000, b[:cut]))
		if gap {
			w.SetCounter(aPID, w.Counter(aPID)+3)
		}
		w.PES(aPID, soundPES(9000, b[cut:]))
		c := &checker{tracks: map[int]bool{}}
		d := New(c, Options{})
		_, err := d.Write(w.Bytes())
		if err == nil {
			err = d.Flush()
		}
		if err != nil && !errors.Is(err, ErrUnsupported) {
			t.Fatal(err)
		}
		if c.bad != nil || c.bytes > len(b) {
			t.Fatalf("%v, %d bytes out of %d", c.bad, c.bytes, len(b))
		}
		if s := d.pids.of(aPID); s != nil && cap(s.es.buf) > 4*len(b)+8192 {
			t.Fatalf("a buffer of %d for %d bytes", cap(s.es.buf), len(b))
		}
	})
}
