package mp4

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// A column gives back what was added, from any record on, and as a table the
// same bytes in whatever pieces.
func TestColumn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := column{fields: rapid.IntRange(1, maxFields).Draw(t, "fields")}
		number := rapid.OneOf(rapid.Int64Range(0, 100), rapid.Int64Range(0, math.MaxUint32))
		var want []record
		repeat := rapid.IntRange(1, 1000).Draw(t, "repeat") // so that there are several blocks
		for range rapid.IntRange(0, 20).Draw(t, "n") {
			var r record
			for i := range c.fields {
				r[i] = number.Draw(t, "number")
			}
			for i := range repeat {
				r[0] = (r[0] + int64(i)) & math.MaxUint32
				c.add(r)
				want = append(want, r)
			}
		}
		from := rapid.IntRange(0, len(want)).Draw(t, "from")
		cur := c.at(from)
		for i := from; i < len(want); i++ {
			if got, ok := cur.next(); !ok || got != want[i] {
				t.Fatalf("record %d is %v, %v, want %v", i, got, ok, want[i])
			}
		}
		if got, ok := cur.next(); ok {
			t.Fatalf("behind the end is %v", got)
		}

		tab := table{col: &c, wide: rapid.Bool().Draw(t, "wide"), add: rapid.Int64Range(0, 1000).Draw(t, "add")}
		var whole []byte
		for _, r := range want {
			r[0] += tab.add
			for i := range c.fields {
				if tab.wide {
					whole = binary.BigEndian.AppendUint64(whole, uint64(r[i]))
				} else {
					whole = binary.BigEndian.AppendUint32(whole, uint32(r[i]))
				}
			}
		}
		if int64(len(whole)) != tab.size() {
			t.Fatalf("%d bytes, size says %d", len(whole), tab.size())
		}
		lo := rapid.IntRange(0, len(whole)).Draw(t, "lo")
		hi := rapid.IntRange(lo, len(whole)).Draw(t, "hi")
		p := make([]byte, hi-lo)
		tab.readAt(p, int64(lo))
		if string(p) != string(whole[lo:hi]) {
			t.Fatalf("bytes %d to %d differ", lo, hi)
		}
	})
}

// stream writes pictures and frames into a movie without their payload: 30
// pictures a second with B-frames and times in whole milliseconds, as RTMP has
// them, and AAC of 48 kHz.
func stream(m *Movie, seconds int) (samples int) {
	v, a := newTrack(Track{Entry: &AVC{}, Timescale: 90000}, nil), newTrack(Track{Entry: &AAC{}, Timescale: 48000}, nil)
	m.tracks = []*track{v, a}
	noise := uint32(1)
	random := func(n uint32) int64 {
		noise = noise*1664525 + 1013904223
		return int64(noise >> 8 % n)
	}
	at := func(picture int) int64 { return int64(picture*1000/30) * 90 }
	add := func(t *track, s *Sample, size int64) {
		dts, err := t.times(s)
		if err != nil {
			panic(err)
		}
		if t.full(s, dts, 0) {
			for _, t := range m.tracks {
				t.closeChunk(m.sent)
				m.sent += 100_000 + random(1000)
			}
		}
		if t.open == 0 {
			t.openStart, t.openEntry = dts, t.useEntry()
		}
		t.open++
		t.record(s, dts, size)
		samples++
	}
	audio := int64(0)
	for i := range seconds * 30 {
		s := Sample{DTS: at(i), PTS: at(i + []int{0, 3, -1, -1}[i%4]), Duration: 2970, Access: NotAccess}
		if i%10 == 0 { // often, so that stss outweighs the slack of TableBytes
			s.Access = Sync
		}
		add(v, &s, 2000+random(60000))
		for ; audio*1024*30 <= int64(i)*48000; audio++ {
			add(a, &Sample{DTS: audio * 1024, PTS: audio * 1024, Duration: 1024}, 300+random(200))
		}
	}
	return samples
}

// Tables take at most 8 bytes a sample in memory, and TableBytes is above the
// size of the head by little more than 4 bytes a chunk, those of co64.
func TestTableMemory(t *testing.T) {
	m := NewMovie(io.Discard)
	samples := stream(m, 3600)
	used := 0
	for _, k := range m.tracks {
		used += k.memory()
	}
	if used > 8*samples {
		t.Errorf("%d samples take %d bytes", samples, used)
	}
	if samples < 270_000 {
		t.Errorf("only %d samples", samples)
	}
	slack := int64(4096)
	for _, k := range m.tracks {
		k.entries[0] = bareBox()
		slack += 4 * int64(k.chunks.n+1)
	}
	bound := m.TableBytes()
	head, err := m.Finish(0)
	if err != nil {
		t.Fatal(err)
	}
	if head.Size() > bound || head.Size() < bound-slack {
		t.Errorf("TableBytes said %d, the head has %d", bound, head.Size())
	}
}

// A sample costs no allocation: its payload goes into a buffer that is there,
// its numbers into a block.
func TestWriteAllocates(t *testing.T) {
	m := NewMovie(io.Discard)
	v, err := m.AddTrack(Track{Entry: bare{}, Timescale: 90000})
	if err != nil {
		t.Fatal(err)
	}
	s := Sample{Duration: 3000, Pieces: [][]byte{make([]byte, 1000), make([]byte, 500)}}
	write := func() {
		s.DTS += 3000
		s.PTS = s.DTS + s.DTS/3000%7
		if err := m.Write(v, &s); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		write()
	}
	if n := testing.AllocsPerRun(10, func() {
		for range 1000 {
			write()
		}
	}); n > 20 { // a block for some thousand samples
		t.Errorf("1000 samples cost %v allocations", n)
	}
}

// bare is an entry with nothing in it.
type bare struct{}

func (bare) Kind() Kind           { return Video }
func (bare) Codec() string        { return "bare" }
func (bare) Codecs() string       { return "bare" }
func (bare) Box() ([]byte, error) { return bareBox(), nil }

func bareBox() []byte {
	content := make([]byte, 78)
	content[7] = thisFile
	return appendBox(nil, "bare", content)
}

// BenchmarkTables48h writes the tables of 48 hours and reads the head of them.
func BenchmarkTables48h(b *testing.B) {
	for b.Loop() {
		m := NewMovie(io.Discard)
		samples := stream(m, 48*3600)
		used := 0
		for _, t := range m.tracks {
			used += t.memory()
			t.entries[0] = bareBox()
		}
		head, err := m.Finish(0)
		if err != nil {
			b.Fatal(err)
		}
		buf := make([]byte, 1<<20)
		for off := int64(0); off < head.Size(); off += int64(len(buf)) {
			if _, err := head.ReadAt(buf, off); err != nil && err != io.EOF {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(samples), "samples")
		b.ReportMetric(float64(used)/float64(samples), "B/sample")
		b.ReportMetric(float64(head.Size())/float64(samples), "headB/sample")
	}
}

// BenchmarkReadHead checks the head of an hour, 77 samples a second.
func BenchmarkReadHead(b *testing.B) {
	m := NewMovie(io.Discard)
	for _, t := range []Track{{Entry: bare{}, Timescale: 90000}, {Entry: &AAC{Config: []byte{0x11, 0x90}, SampleRate: 48000}, Timescale: 48000}} {
		if _, err := m.AddTrack(t); err != nil {
			b.Fatal(err)
		}
	}
	piece, samples := make([]byte, 512), 0
	write := func(track int, at, step int64) {
		s := Sample{DTS: at * step, PTS: at*step + step*(at%4), Duration: step, Pieces: [][]byte{piece[:at*7919%512]}}
		if err := m.Write(track, &s); err != nil {
			b.Fatal(err)
		}
		samples++
	}
	frame := int64(0)
	for i := range int64(3600 * 30) {
		for write(0, i, 3000); frame*1024*30 <= i*48000; frame++ {
			write(1, frame, 1024)
		}
	}
	head, err := m.Finish(0)
	if err != nil {
		b.Fatal(err)
	}
	file := make([]byte, head.Size()+m.BodyBytes())
	if _, err := head.ReadAt(file[:head.Size()], 0); err != nil {
		b.Fatal(err)
	}
	r := bytes.NewReader(file)
	b.SetBytes(head.Size())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadHead(r, int64(len(file))); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(samples), "samples")
}

// BenchmarkWrite copies samples of 10 kB through a movie.
func BenchmarkWrite(b *testing.B) {
	m := NewMovie(io.Discard)
	v, err := m.AddTrack(Track{Entry: bare{}, Timescale: 90000})
	if err != nil {
		b.Fatal(err)
	}
	s := Sample{Duration: 3000, Pieces: [][]byte{make([]byte, 10_000)}}
	b.SetBytes(10_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Write(v, &s); err != nil {
			b.Fatal(err)
		}
		s.DTS += 3000
		s.PTS += 3000
	}
}

// memory is the number of bytes that the column holds.
func (c *column) memory() int { return len(c.blocks) * blockBytes }

// memory is the number of bytes that the tables of the track hold.
func (t *track) memory() int {
	n := 0
	for _, c := range []*column{&t.stts.col, &t.ctts.col, &t.sizes, &t.sync, &t.chunks, &t.stsc} {
		n += c.memory()
	}
	return n
}
