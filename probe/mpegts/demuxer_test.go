package mpegts

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

func TestSimpleStream(t *testing.T) {
	w := newWriter()
	simple(w, 90000)
	r, st := demux(t, Options{}, w.Bytes())
	v, a := r.of(vPID), r.of(aPID)
	if len(v) != 25 || len(a) != 47 {
		t.Fatalf("%d pictures and %d audio frames, want 25 and 47", len(v), len(a))
	}
	if want := lengths(sps, pps, idr(0)); v[0].payload != want || v[0].access != mp4.Sync || !v[0].inBand {
		t.Errorf("first picture is %q %v %v", v[0].payload, v[0].access, v[0].inBand)
	}
	for i, s := range v {
		if i > 0 && (s.payload != lengths(inter(i)) || s.access != mp4.NotAccess || s.inBand) {
			t.Errorf("picture %d is %q %v", i, s.payload, s.access)
		}
		if want := 90000 + int64(i)*3600; s.pts != want || s.dts != want {
			t.Errorf("picture %d is at %d, %d; want %d", i, s.pts, s.dts, want)
		}
	}
	for i, s := range a {
		if s.payload != string(block(i)) || s.pts != 90000+int64(i)*1920 || s.duration != 1920 || s.access != mp4.Sync {
			t.Errorf("audio frame %d is %+v", i, s)
		}
	}
	e := r.entries[vPID][0].(*mp4.AVC)
	if e.Width != 320 || e.Height != 192 || !bytes.Equal(e.SPS[0], sps) || !bytes.Equal(e.PPS[0], pps) {
		t.Errorf("entry is %+v", e)
	}
	want := &mp4.AAC{Config: []byte{0x11, 0x90}, ObjectType: 2, SampleRate: 48000, Channels: 2, FrameSize: 1024}
	if !reflect.DeepEqual(r.entries[aPID][0], want) {
		t.Errorf("audio entry is %+v", r.entries[aPID][0])
	}
	if clean := (Stats{Packets: st.Packets}); !reflect.DeepEqual(st, clean) {
		t.Errorf("a clean stream counts %+v", st)
	}
}

// oddities are streams that must give the samples of the simple one, each with
// the count that they leave behind.
var oddities = []struct {
	name  string
	make  func() []byte
	count func(Stats) int64
	want  int64
}{
	{"duplicates", func() []byte {
		w := newWriter()
		simple(w, 90000)
		return bytes.Join(twice(w.Packets()), nil)
	}, func(s Stats) int64 { return s.Duplicates }, -1},
	{"null packets", func() []byte {
		w := newWriter()
		w.Null()
		simple(w, 90000)
		w.Null()
		return w.Bytes()
	}, func(s Stats) int64 { return s.UnknownPackets }, 0},
	{"map last", func() []byte {
		w := newWriter()
		simple(w, 90000)
		p := w.Packets()
		return append(bytes.Join(p[2:], nil), bytes.Join(p[:2], nil)...)
	}, func(s Stats) int64 { return s.UnknownPackets }, 0},
	{"map before PAT", func() []byte {
		w := newWriter()
		simple(w, 90000)
		p := w.Packets()
		p[0], p[1] = p[1], p[0]
		return bytes.Join(p, nil)
	}, func(s Stats) int64 { return s.UnknownPackets }, 0},
	{"transport errors", func() []byte {
		w := newWriter()
		simple(w, 90000)
		w.Packets()[4][1] |= 0x80
		return w.Bytes()
	}, func(s Stats) int64 { return s.TransportErrors }, 1},
	{"counter out of step", func() []byte {
		w := newWriter()
		simple(w, 90000)
		for _, p := range w.Packets()[10:] {
			p[3] = p[3]&0xf0 | (p[3]+5)&15
		}
		return w.Bytes()
	}, func(s Stats) int64 { return s.ContinuityErrors }, 2},
	{"junk before", func() []byte {
		w := newWriter()
		simple(w, 90000)
		return append([]byte("some junk G with a sync byte"), w.Bytes()...)
	}, func(s Stats) int64 { return s.SkippedBytes }, 28},
	{"junk between", func() []byte {
		w := newWriter()
		simple(w, 90000)
		p := w.Packets()
		return bytes.Join([][]byte{bytes.Join(p[:9], nil), []byte("junk GGG"), bytes.Join(p[9:], nil)}, nil)
	}, func(s Stats) int64 { return s.SyncLosses }, 1},
	{"trailing partial packet", func() []byte {
		w := newWriter()
		simple(w, 90000)
		n := w.Bytes()
		w.Null()
		return append(n, w.Packets()[0][:100]...)
	}, func(s Stats) int64 { return s.CutPackets }, 1},
	{"data and unknown PIDs", func() []byte {
		w := newWriter()
		w.Streams = append(w.Streams, tswriter.Stream{PID: 0x102, Type: tswriter.TypeID3})
		w.PES(0x102, tswriter.PES{Data: []byte("ID3")})
		w.PES(0x103, tswriter.PES{Data: []byte("who knows")})
		simple(w, 90000)
		return w.Bytes()
	}, func(s Stats) int64 { return s.DataPackets*10 + s.UnknownPackets }, 11},
}

func twice(p [][]byte) (out [][]byte) {
	for i, b := range p {
		if out = append(out, b); i > 1 {
			out = append(out, b)
		}
	}
	return out
}

func TestOddStreamsGiveTheSameSamples(t *testing.T) {
	w := newWriter()
	simple(w, 90000)
	want, _ := demux(t, Options{}, w.Bytes())
	for _, c := range oddities {
		t.Run(c.name, func(t *testing.T) {
			r, st := demux(t, Options{}, c.make())
			equalSamples(t, want, r)
			n := c.count(st)
			if c.want >= 0 && n != c.want || c.want < 0 && n == 0 {
				t.Errorf("counted %d, want %d: %+v", n, c.want, st)
			}
		})
	}
}

func equalSamples(t interface {
	Helper()
	Fatalf(string, ...any)
}, want, r *recorder) {
	t.Helper()
	for _, id := range []int{vPID, aPID} {
		a, b := want.of(id), r.of(id)
		if len(a) != len(b) {
			t.Fatalf("PID %d: %d samples, want %d", id, len(b), len(a))
		}
		for i := range a {
			if a[i] != b[i] {
				t.Fatalf("PID %d, sample %d: %+v, want %+v", id, i, b[i], a[i])
			}
		}
	}
}

func TestRefused(t *testing.T) {
	clear := func(change func(w *tswriter.Writer)) []byte {
		w := newWriter()
		simple(w, 0)
		change(w)
		return w.Bytes()
	}
	for _, c := range []struct {
		name string
		in   []byte
		want error
	}{
		{"text", bytes.Repeat([]byte("hello "), 10000), ErrNotTS},
		{"short text", []byte("hello"), ErrNotTS},
		{"zeros", make([]byte, 100000), ErrNotTS},
		{"m2ts", m2ts(clear(func(*tswriter.Writer) {})), ErrPacketSize},
		{"packets with parity", parity(clear(func(*tswriter.Writer) {})), ErrPacketSize},
		{"no tables, and nothing in it that is known", unknown(), ErrNoProgram},
		{"encrypted", clear(func(w *tswriter.Writer) {
			for _, p := range w.Packets()[2:] {
				p[3] |= 0x80
			}
		}), ErrEncrypted},
		{"channel configuration 0 without elements", audioOnly([]pes{{
			Data: bytes.Repeat(tswriter.ADTS{Profile: 1, Rate: 3, Blocks: [][]byte{bytes9}}.Frame(), 3),
		}}).Bytes(), ErrUnsupported},
		{"raw data blocks without positions", clear(func(w *tswriter.Writer) {
			f := tswriter.ADTS{Profile: 1, Rate: 3, Channels: 2, Blocks: [][]byte{bytes9, bytes9}}.Frame()
			w.PES(aPID, tswriter.PES{Data: bytes.Repeat(f, 3)})
		}), ErrUnsupported},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := tryDemux(Options{}, c.in)
			if !errors.Is(err, c.want) {
				t.Errorf("error is %v, want %v", err, c.want)
			}
		})
	}
}

// unknown has no tables, and PES packets of what nobody knows.
func unknown() []byte {
	w := newWriter()
	for range 5 {
		w.PES(vPID, tswriter.PES{Data: bytes.Repeat([]byte("who knows"), 40)})
		w.PES(aPID, tswriter.PES{Data: bytes.Repeat([]byte("who knows"), 40)})
	}
	return w.Bytes()
}

func m2ts(b []byte) (out []byte) {
	for ; len(b) > 0; b = b[188:] {
		out = append(append(out, 0, 1, 2, 3), b[:188]...)
	}
	return out
}

// parity gives packets of 204 bytes (ETSI EN 300 429 §4.4.2).
func parity(b []byte) (out []byte) {
	for ; len(b) > 0; b = b[188:] {
		out = append(append(out, b[:188]...), make([]byte, 16)...)
	}
	return out
}

func TestNothingAtAllIsNoError(t *testing.T) {
	if _, st := demux(t, Options{}, nil); st.Packets != 0 {
		t.Errorf("%+v", st)
	}
}

func TestUnsupportedStreamsAreNamedAndNotFed(t *testing.T) {
	w := newWriter()
	w.Streams = append(w.Streams, tswriter.Stream{PID: 0x200, Type: 0x33},
		tswriter.Stream{PID: 0x201, Type: 0x06, Descriptors: []byte{5, 4, 'D', 'T', 'S', '1'}},
		tswriter.Stream{PID: 0x202, Type: 0x06})
	w.PES(0x200, tswriter.PES{Data: tswriter.AnnexB(false, idr(0))})
	simple(w, 0)
	r, st := demux(t, Options{}, w.Bytes())
	want := []Unsupported{{0x200, 0x33, "VVC"}, {0x201, 0x06, "DTS"}}
	if !reflect.DeepEqual(st.Unsupported, want) || !reflect.DeepEqual(st.Data, []uint16{0x202}) {
		t.Errorf("unsupported %v, data %v", st.Unsupported, st.Data)
	}
	if len(r.of(0x200)) != 0 || len(r.of(vPID)) != 25 {
		t.Errorf("%d and %d samples", len(r.of(0x200)), len(r.of(vPID)))
	}
}

func TestLanguage(t *testing.T) {
	w := newWriter()
	w.Streams[1].Descriptors = []byte{0x0a, 4, 'D', 'e', 'u', 0}
	simple(w, 0)
	r, _ := demux(t, Options{}, w.Bytes())
	if !strings.Contains(strings.Join(r.log, "\n"), "track 257 mp4a.40.2 deu") {
		t.Errorf("no language in %v", r.log[:2])
	}
}

// A segment without tables of its own is demuxed with those of the run.
func TestProgramIsCarried(t *testing.T) {
	w := newWriter()
	simple(w, 90000)
	r := &recorder{}
	d := New(r, Options{})
	if _, err := d.Write(w.Bytes()); err != nil {
		t.Fatal(err)
	}
	p := d.Program()
	if p == nil || len(p.Streams) != 2 || p.Streams[0].Kind() != mp4.Video {
		t.Fatalf("program is %+v", p)
	}
	w.Drop(0)
	w.Drop(0)
	got, _ := demux(t, Options{Program: p}, w.Bytes())
	want, _ := demux(t, Options{Program: p}, w.Bytes())
	equalSamples(t, want, got)
	if len(got.of(vPID)) != 25 {
		t.Errorf("%d pictures", len(got.of(vPID)))
	}
}

// The PIDs change in mid-stream: the old streams end, the new ones begin.
func TestMapChanges(t *testing.T) {
	w := newWriter()
	simple(w, 0)
	w.Streams[0].PID, w.Streams[1].PID = aPID, vPID // swapped
	w.Version = 1
	w.Tables()
	for i := range 3 {
		at := int64(90000 + 3600*i)
		w.PES(aPID, tswriter.PES{PTS: at, DTS: at, Data: tswriter.AnnexB(false, tswriter.Delimiter, sps, pps, idr(i))})
		w.PES(vPID, tswriter.PES{PTS: at, DTS: at, Data: tswriter.Stereo48(block(i))})
	}
	r, _ := demux(t, Options{}, w.Bytes())
	if v, a := r.of(vPID), r.of(aPID); len(v) != 25+3 || len(a) != 47+3 {
		t.Errorf("%d and %d samples, want 28 and 50", len(v), len(a))
	}
	if len(r.entries[vPID]) != 2 || r.entries[vPID][1].Kind() != mp4.Audio || r.entries[aPID][1].Kind() != mp4.Video {
		t.Errorf("announced: %v", r.order)
	}
}

// A map that is announced for later, or damaged, changes nothing.
func TestMapsThatDoNotCount(t *testing.T) {
	for name, spoil := range map[string]func(p []byte){
		"not in force": func(p []byte) { p[10] &^= 1; fixCRC(p) },
		"damaged":      func(p []byte) { p[20] ^= 0x10 },
	} {
		w := newWriter()
		simple(w, 0)
		other := tswriter.New(tswriter.Stream{PID: 0x300, Type: tswriter.TypeH264})
		other.Map()
		spoil(other.Packets()[0])
		w.Raw(other.Packets()[0])
		r := &recorder{}
		d := New(r, Options{})
		if _, err := d.Write(w.Bytes()); err != nil {
			t.Fatal(err)
		}
		if p := d.Program(); len(p.Streams) != 2 {
			t.Errorf("%s: %+v", name, p)
		}
		if bad := d.Stats().BadSections; bad != 0 == (name == "not in force") {
			t.Errorf("%s: %d bad sections", name, bad)
		}
	}
}

// fixCRC makes the checksum of the section in a packet right again.
func fixCRC(p []byte) {
	b := p[5 : 8+int(p[6]&15)<<8+int(p[7])]
	n := len(b) - 4
	binary.BigEndian.PutUint32(b[n:], crc32(b[:n]))
}

func TestWraps(t *testing.T) {
	for _, base := range []int64{Wrap - 45000, 2*Wrap - 45000, Wrap - 1} {
		w := newWriter()
		simple(w, base)
		r, _ := demux(t, Options{}, w.Bytes())
		for i, s := range r.of(vPID) {
			if want := base&(Wrap-1) + int64(i)*3600; s.pts != want {
				t.Fatalf("base %d: picture %d at %d, want %d", base, i, s.pts, want)
			}
		}
		for i, s := range r.of(aPID) {
			if want := base&(Wrap-1) + int64(i)*1920; s.pts != want {
				t.Fatalf("base %d: audio frame %d at %d, want %d", base, i, s.pts, want)
			}
		}
	}
}

func TestFirstPTSIsRawAndDTSMayLieBelowZero(t *testing.T) {
	w := newWriter()
	w.Tables()
	w.PES(vPID, tswriter.PES{PTS: 0, DTS: -7200, Data: tswriter.AnnexB(false, sps, pps, idr(0))})
	w.PES(vPID, tswriter.PES{PTS: 10800, DTS: -3600, Data: tswriter.AnnexB(false, inter(1))})
	r, _ := demux(t, Options{}, w.Bytes())
	v := r.of(vPID)
	if v[0].pts != 0 || v[0].dts != -7200 || v[1].pts != 10800 || v[1].dts != -3600 {
		t.Errorf("%+v", v)
	}
}

// A 48 h stream wraps twice, whatever the number of pictures between.
func TestUnwrapIsNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ref := rapid.Int64Range(-1<<40, 1<<40).Draw(t, "ref")
		raw := rapid.Int64Range(0, Wrap-1).Draw(t, "raw")
		n := near(raw, ref)
		if (n-raw)%Wrap != 0 || n-ref > Wrap/2 || ref-n > Wrap/2 {
			t.Fatalf("near(%d, %d) = %d", raw, ref, n)
		}
	})
}

func TestSlicingDoesNotMatter(t *testing.T) {
	streams := []func() []byte{func() []byte { w := newWriter(); simple(w, 90000); return w.Bytes() }}
	for _, c := range oddities {
		streams = append(streams, c.make)
	}
	rapid.Check(t, func(t *rapid.T) {
		b := streams[rapid.IntRange(0, len(streams)-1).Draw(t, "stream")]()
		want, wantStats, err := tryDemux(Options{}, b)
		if err != nil {
			t.Fatal(err)
		}
		r := &recorder{}
		d := New(r, Options{})
		for len(b) > 0 {
			n := min(len(b), rapid.OneOf(rapid.IntRange(1, 400), rapid.IntRange(1, 5000)).Draw(t, "n"))
			piece := bytes.Clone(b[:n])
			if _, err := d.Write(piece); err != nil {
				t.Fatal(err)
			}
			clear(piece) // a writer may use its buffer again
			b = b[n:]
		}
		if err := d.Flush(); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(want.log, r.log) || !reflect.DeepEqual(wantStats, d.Stats()) {
			t.Fatalf("%v\nwant\n%v", d.Stats(), wantStats)
		}
	})
}

func TestBoundariesDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWriter()
		simple(w, 90000)
		packets := w.Packets()
		if rapid.Bool().Draw(t, "map late") {
			n := rapid.IntRange(2, len(packets)).Draw(t, "map")
			packets = slices.Concat(packets[2:n], packets[:2], packets[n:])
		}
		want, _, _ := tryDemux(Options{}, bytes.Join(packets, nil))
		if len(want.of(vPID)) != 25 || len(want.of(aPID)) != 47 {
			t.Fatalf("%d and %d samples", len(want.of(vPID)), len(want.of(aPID)))
		}
		var pieces [][]byte
		for len(packets) > 0 {
			n := rapid.IntRange(1, len(packets)).Draw(t, "packets")
			pieces = append(pieces, bytes.Join(packets[:n], nil))
			packets = packets[n:]
		}
		r, st, err := tryDemux(Options{}, pieces...)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(want.log, r.log) || st.CutPackets != 0 {
			t.Fatalf("%d pieces: %d entries, want %d", len(pieces), len(r.log), len(want.log))
		}
	})
}

// Segments of many producers start their counters anew, so that a segment may
// begin with the counter that the one before ended with. Nothing is lost.
func TestCountersStartAnewAtBoundary(t *testing.T) {
	for shift := range byte(16) {
		a, b := newWriter(), newWriter()
		simple(a, 0)
		b.SetCounter(vPID, shift)
		b.SetCounter(aPID, shift)
		simple(b, 90000)
		r, st := demux(t, Options{}, a.Bytes(), b.Bytes())
		if v, n := r.of(vPID), r.of(aPID); len(v) != 50 || len(n) != 94 || st.Duplicates != 0 {
			t.Fatalf("shift %d: %d and %d samples, %+v", shift, len(v), len(n), st)
		}
	}
}

func TestSinkErrorEnds(t *testing.T) {
	w := newWriter()
	simple(w, 0)
	stop := errors.New("stop")
	d := New(failing{stop}, Options{})
	_, err := d.Write(w.Bytes())
	if err == nil {
		err = d.Flush()
	}
	if !errors.Is(err, stop) {
		t.Errorf("error is %v", err)
	}
	if _, again := d.Write(nil); !errors.Is(again, stop) {
		t.Errorf("it does not stick: %v", again)
	}
}

type failing struct{ err error }

func (f failing) Track(int, mp4.Track) error    { return f.err }
func (f failing) Sample(int, *mp4.Sample) error { return f.err }

func ExampleDemuxer() {
	w := newWriter()
	simple(w, 90000)
	r := &recorder{}
	d := New(r, Options{})
	if _, err := d.Write(w.Bytes()); err != nil {
		fmt.Println(err)
	}
	if err := d.Flush(); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(r.samples), "samples")
	// Output: 72 samples
}
