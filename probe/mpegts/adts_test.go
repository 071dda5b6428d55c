package mpegts

import (
	"bytes"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

func frames48(lo, hi int) (b []byte) {
	for i := lo; i < hi; i++ {
		b = append(b, tswriter.Stereo48(block(i))...)
	}
	return b
}

func soundPES(t int64, b []byte) pes { return pes{PTS: t, DTS: t, Data: b} }

type heard struct {
	pts     int64
	payload string
}

func blocksAt(base int64, lo, hi int) (h []heard) {
	for i := lo; i < hi; i++ {
		h = append(h, heard{base + int64(i-lo)*1920, string(block(i))})
	}
	return h
}

var mono = tswriter.ADTS{Profile: 1, Rate: 3, Channels: 1, Blocks: [][]byte{bytes9}}.Frame()

var audios = []struct {
	name string
	pes  []pes
	want []heard
	st   Stats
}{
	{name: "frames run over into the next PES packet",
		pes:  []pes{soundPES(0, frames48(0, 3)[:20]), soundPES(3840, append(frames48(0, 3)[20:], frames48(3, 4)...))},
		want: blocksAt(0, 0, 4)},
	{name: "each PES packet anchors anew",
		pes:  []pes{soundPES(100, frames48(0, 2)), soundPES(3941, frames48(2, 4))},
		want: append(blocksAt(100, 0, 2), blocksAt(3941, 2, 4)...)},
	{name: "junk before, between and behind",
		pes: []pes{soundPES(0, append([]byte("junk"), frames48(0, 2)...)), soundPES(3840, append([]byte{0xff, 0xff, 0xf1, 0}, frames48(2, 4)...)),
			soundPES(7680, append(frames48(4, 6), "tail"...))},
		want: blocksAt(0, 0, 6), st: Stats{JunkBytes: 12}},
	{name: "a frame that is cut at the end",
		pes:  []pes{soundPES(0, frames48(0, 3)[:len(frames48(0, 3))-1])},
		want: blocksAt(0, 0, 2), st: Stats{Truncated: 1}},
	{name: "no PTS in the first PES packet",
		pes:  []pes{{NoTime: true, Data: frames48(0, 2)}, soundPES(3840, frames48(2, 4))},
		want: blocksAt(0, 0, 4), st: Stats{Untimed: 2}},
	{name: "no PTS later on",
		pes:  []pes{soundPES(0, frames48(0, 2)), {NoTime: true, Data: frames48(2, 4)}},
		want: blocksAt(0, 0, 4)},
	{name: "no PTS at all",
		pes: []pes{{NoTime: true, Data: frames48(0, 2)}},
		st:  Stats{Timeless: 2}},
	{name: "checksum",
		pes: []pes{soundPES(0, bytes.Join([][]byte{
			tswriter.ADTS{Profile: 1, Rate: 3, Channels: 2, CRC: true, Blocks: [][]byte{block(0)}}.Frame(),
			tswriter.ADTS{Profile: 1, Rate: 3, Channels: 2, CRC: true, Blocks: [][]byte{block(1)}}.Frame()}, nil))},
		want: blocksAt(0, 0, 2)},
	{name: "several raw data blocks in a frame",
		pes: []pes{soundPES(0, bytes.Join([][]byte{
			tswriter.ADTS{Profile: 1, Rate: 3, Channels: 2, CRC: true, Blocks: [][]byte{block(0), block(1), block(2)}}.Frame(),
			frames48(3, 4)}, nil))},
		want: blocksAt(0, 0, 4)},
	{name: "a single frame",
		pes:  []pes{soundPES(0, frames48(0, 1))},
		want: blocksAt(0, 0, 1)},
	{name: "a lone frame of another configuration is believed only with a second one",
		pes:  []pes{soundPES(0, bytes.Join([][]byte{frames48(0, 2), mono, frames48(2, 4)}, nil))},
		want: blocksAt(0, 0, 4), st: Stats{JunkBytes: int64(len(mono))}},
}

func audioOnly(p []pes) *tswriter.Writer {
	w := tswriter.New(tswriter.Stream{PID: aPID, Type: tswriter.TypeADTS, StreamID: 0xc0})
	w.Tables()
	for _, x := range p {
		w.PES(aPID, x)
	}
	return w
}

func TestAudioFrames(t *testing.T) {
	for _, c := range audios {
		t.Run(c.name, func(t *testing.T) {
			r, st := demux(t, Options{}, audioOnly(c.pes).Bytes())
			var have []heard
			for _, s := range r.of(aPID) {
				have = append(have, heard{s.pts, s.payload})
			}
			if !reflect.DeepEqual(have, c.want) {
				t.Errorf("frames %v\nwant %v", have, c.want)
			}
			st.Packets = 0
			if !reflect.DeepEqual(st, c.st) {
				t.Errorf("counted %+v, want %+v", st, c.st)
			}
		})
	}
}

func TestConfigurationChanges(t *testing.T) {
	b := append(frames48(0, 2), bytes.Repeat(mono, 3)...)
	b = append(b, frames48(2, 4)...)
	r, st := demux(t, Options{}, audioOnly([]pes{soundPES(0, b)}).Bytes())
	var channels []int
	for _, e := range r.entries[aPID] {
		channels = append(channels, e.(*mp4.AAC).Channels)
	}
	if !reflect.DeepEqual(channels, []int{2, 1, 2}) || len(r.samples) != 7 || st.JunkBytes != 0 {
		t.Errorf("channels %v, %d samples, %+v", channels, len(r.samples), st)
	}
	for i, s := range r.samples {
		if s.pts != int64(i)*1920 {
			t.Errorf("frame %d at %d", i, s.pts)
		}
	}
}

// Behind a change of the rate, times go on from where the old rate left off.
func TestRateChangesInsideAPES(t *testing.T) {
	half := tswriter.ADTS{Profile: 1, Rate: 6, Channels: 2, Blocks: [][]byte{bytes9}}.Frame() // 24 kHz
	r, _ := demux(t, Options{}, audioOnly([]pes{soundPES(0, append(frames48(0, 2), bytes.Repeat(half, 2)...))}).Bytes())
	var times []int64
	for _, s := range r.samples {
		times = append(times, s.pts)
	}
	if !reflect.DeepEqual(times, []int64{0, 1920, 3840, 7680}) {
		t.Errorf("%v", times)
	}
}

// At 44,100 Hz a frame has 2089.79… ticks: they are reckoned from the anchor, so
// that a thousand frames later the error is still below one tick.
func TestTimesDoNotDrift(t *testing.T) {
	var b []byte
	for i := range 1000 {
		b = append(b, tswriter.ADTS{Profile: 1, Rate: 4, Channels: 2, Blocks: [][]byte{block(i)}}.Frame()...)
	}
	r, _ := demux(t, Options{}, audioOnly([]pes{soundPES(7, b)}).Bytes())
	if len(r.samples) != 1000 {
		t.Fatalf("%d frames", len(r.samples))
	}
	end := int64(7)
	for i, s := range r.samples {
		exact := int64(i) * 1024 * 90000 // in 1/44100 ticks
		if d := (s.pts-7)*44100 - exact; d > 22050 || d < -22050 {
			t.Fatalf("frame %d at %d", i, s.pts)
		}
		if s.pts != end {
			t.Fatalf("frame %d begins at %d, the one before ends at %d", i, s.pts, end)
		}
		end = s.pts + s.duration
	}
}

// Lost packets: the frame around the gap is dropped because the next header is
// not in place; a counter that merely leaps loses nothing.
func TestGapInsideAFrame(t *testing.T) {
	long := func(i int) []byte { return bytes.Repeat([]byte{byte(i + 1)}, 300) }
	make := func() *tswriter.Writer {
		var p []pes
		for g := range 3 {
			var b []byte
			for i := range 4 {
				b = append(b, tswriter.Stereo48(long(4*g+i))...)
			}
			p = append(p, soundPES(int64(g)*4*1920, b))
		}
		return audioOnly(p)
	}
	w := make()
	w.Drop(2 + 7 + 2) // inside the second frame of the second PES packet
	r, st := demux(t, Options{}, w.Bytes())
	if st.ContinuityErrors != 1 || len(r.samples) < 10 || len(r.samples) > 11 {
		t.Errorf("%d frames, %+v", len(r.samples), st)
	}
	for _, s := range r.samples {
		if s.payload != string(long(int(s.payload[0])-1)) {
			t.Errorf("a damaged frame came through: %q", s.payload)
		}
	}
	if last := r.samples[len(r.samples)-1]; last.pts != 11*1920 || last.payload != string(long(11)) {
		t.Errorf("last frame at %d", last.pts)
	}
	w = make()
	for _, p := range w.Packets()[8:] {
		p[3] = p[3]&0xf0 | (p[3]+3)&15
	}
	if r, st = demux(t, Options{}, w.Bytes()); len(r.samples) != 12 || st.ContinuityErrors != 1 {
		t.Errorf("a leap alone: %d frames, %+v", len(r.samples), st)
	}
}

// Random grouping of frames into PES packets: every frame comes out once, at
// its time, if the PES packets carry the times of the frames that begin in them.
func TestRandomGrouping(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "frames")
		base := rapid.Int64Range(0, Wrap-1).Draw(t, "base")
		var es []byte
		var starts []int
		for i := range n {
			starts = append(starts, len(es))
			es = append(es, tswriter.Stereo48(append(block(i), rapid.SliceOfN(rapid.Byte(), 0, 60).Draw(t, "more")...))...)
		}
		w := audioOnly(nil)
		for lo := 0; lo < len(es); {
			hi := min(len(es), lo+rapid.IntRange(1, 400).Draw(t, "bytes"))
			p := pes{NoTime: true, Data: es[lo:hi], Bounded: rapid.Bool().Draw(t, "bounded")}
			for i, s := range starts {
				if s >= lo && s < hi {
					p.NoTime, p.PTS, p.DTS = false, base+int64(i)*1920, base+int64(i)*1920
					break
				}
			}
			w.PES(aPID, p)
			lo = hi
		}
		r, st, err := tryDemux(Options{}, w.Bytes())
		if err != nil || len(r.samples) != n || st.JunkBytes != 0 || st.Untimed != 0 {
			t.Fatalf("%d frames of %d: %v %+v", len(r.samples), n, err, st)
		}
		for i, s := range r.samples {
			if s.pts != base+int64(i)*1920 || !bytes.HasPrefix([]byte(s.payload), block(i)) {
				t.Fatalf("frame %d: %+v", i, s)
			}
		}
	})
}
