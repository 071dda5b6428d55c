package mpegts

import (
	"errors"
	"fmt"
	"testing"

	"recfin/internal/tswriter"
)

// without gives a stream from which some packets of PAT and PMT are missing.
func without(w *tswriter.Writer, missing ...uint16) []byte {
	for i := len(w.Packets()) - 1; i >= 0; i-- {
		for _, pid := range missing {
			if p := w.Packets()[i]; pidOf(p) == pid {
				w.Drop(i)
				break
			}
		}
	}
	return w.Bytes()
}

// A segment without PAT, or without both tables, gives all of its samples.
func TestNoMap(t *testing.T) {
	hevc := func() *tswriter.Writer {
		w := tswriter.New(tswriter.Stream{PID: vPID, Type: tswriter.TypeHEVC}, tswriter.Stream{PID: aPID, Type: 0x81, StreamID: 0xbd})
		w.Tables()
		for i := range int64(5) {
			v := [][]byte{d5, trail5(int(i))}
			if i == 0 {
				v = [][]byte{d5, vps5, sps5, pps5, idr5}
			}
			w.PES(vPID, at(i*3600, v...))
		}
		return w
	}
	avc := func() *tswriter.Writer {
		w := newWriter()
		simple(w, 90000)
		return w
	}
	for name, c := range map[string]struct {
		make func() *tswriter.Writer
	}{"H.264 and AAC": {avc}, "H.265": {hevc}} {
		want, _ := demux(t, Options{}, c.make().Bytes())
		for _, missing := range [][]uint16{{0}, {0, 0x1000}} {
			r, st := demux(t, Options{}, without(c.make(), missing...))
			equalSamples(t, want, r)
			if st.Guessed != 1 || len(r.samples) < 5 {
				t.Errorf("%s without %v: %+v", name, missing, st)
			}
			_, _, err := tryDemux(Options{Partial: true}, without(c.make(), missing...))
			if !errors.Is(err, ErrNoProgram) {
				t.Errorf("%s without %v: of a head %v", name, missing, err)
			}
		}
	}
}

// The map of the next segment is better than a guess.
func TestMapInTheNextSegment(t *testing.T) {
	w := newWriter()
	w.Streams[1].Descriptors = []byte{0x0a, 4, 'd', 'e', 'u', 0}
	simple(w, 90000)
	first := without(w, 0, 0x1000)
	v := newWriter()
	v.Streams[1].Descriptors = w.Streams[1].Descriptors
	simple(v, 90000+90000)
	r, st := demux(t, Options{}, first, v.Bytes())
	if len(r.of(vPID)) != 50 || len(r.of(aPID)) != 94 || st.Guessed != 0 || r.log[0] != "track 257 mp4a.40.2 deu" {
		t.Errorf("%d and %d samples, %+v, %v", len(r.of(vPID)), len(r.of(aPID)), st, r.log[0])
	}
}

// After a guess the true map of another part goes on with the streams.
func TestMapAfterAGuess(t *testing.T) {
	w, v := newWriter(), newWriter()
	simple(w, 90000)
	simple(v, 900000)
	r := &recorder{}
	d := New(r, Options{})
	for _, b := range [][]byte{without(w, 0, 0x1000), v.Bytes()} {
		if _, err := d.Write(b); err != nil {
			t.Fatal(err)
		}
		if err := d.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.of(vPID)) != 50 || len(r.of(aPID)) != 94 || d.Program().Number != 1 {
		t.Errorf("%d and %d samples, %+v", len(r.of(vPID)), len(r.of(aPID)), d.Program())
	}
}

// Each kind of stream is told from all others.
func TestRecognized(t *testing.T) {
	frames := func(p []pes) (b []byte) {
		for _, x := range p {
			b = append(b, x.Data...)
		}
		return b
	}
	for _, c := range []struct {
		name string
		id   byte
		data []byte
		want string
	}{
		{"H.264", 0xe0, tswriter.AnnexB(false, d9, sps, pps, idr(0)), "[{256 27"},
		{"H.264 without sets", 0xe0, tswriter.AnnexB(true, tswriter.CaptionSEI, inter(3)), "[{256 27"},
		{"H.265", 0xef, frames(hevcPictures[0].pes), "[{256 36"},
		{"H.265 without sets", 0xe0, tswriter.AnnexB(true, d5, trail5(3)), "[{256 36"},
		{"AAC", 0xc0, frames48(0, 2), "[{256 15"},
		{"one frame of AAC", 0xc1, frames48(0, 1), "[{256 15"},
		{"MPEG-2 video", 0xe0, []byte{0, 0, 1, 0xb3, 0x14, 0, 0xf0, 0, 0, 1, 0, 0, 0x0f}, ""},
		{"teletext", 0xbd, []byte("\x10teletext"), ""},
		{"text as sound", 0xc0, []byte("who knows what that is"), ""},
		{"sound as video", 0xe0, frames48(0, 9), ""},
	} {
		w := tswriter.New(tswriter.Stream{PID: vPID, StreamID: c.id})
		w.PES(vPID, pes{PTS: 1, DTS: 1, Data: c.data})
		d := New(&recorder{}, Options{})
		_, err := d.Write(w.Bytes())
		if err == nil {
			err = d.Flush()
		}
		if c.want == "" {
			if !errors.Is(err, ErrNoProgram) {
				t.Errorf("%s: %v, %+v", c.name, err, d.Program())
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := fmt.Sprint(d.Program().Streams)[:len(c.want)]; got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}
