package fmp4

import (
	"bytes"
	"slices"
	"testing"

	"recfin/mp4"
)

// drain is a sink that counts.
type drain struct{ bytes, samples int }

func (*drain) Track(int, mp4.Track) error { return nil }

func (d *drain) Sample(_ int, s *mp4.Sample) error {
	d.bytes += s.Size()
	d.samples++
	return nil
}

// realistic is a segment of 2 s of 30 pictures a second and of sound, of
// 4 Mbit/s, in one fragment that holds one track behind the other.
func realistic(n int) []byte {
	v := traf{id: 1, dts: uint64(n) * 60 * 3000, style: plain, runs: [][]smp{nil}}
	for i := range 60 {
		slice, size := inter(i), 12_000
		if i == 0 {
			slice, size = idr(0), 250_000
		}
		nals := [][]byte{slice}
		if i == 0 {
			nals = [][]byte{sps, pps, slice}
		}
		nals[len(nals)-1] = append(bytes.Clone(slice), bytes.Repeat([]byte{0x5a}, size)...)
		v.runs[0] = append(v.runs[0], smp{dur: 3000, sync: i == 0, data: lengths(4, nals...)})
	}
	a := traf{id: 2, dts: uint64(n) * 94 * 1024, style: plain, runs: [][]smp{nil}}
	for range 94 {
		a.runs[0] = append(a.runs[0], smp{dur: 1024, sync: true, data: bytes.Repeat([]byte{0x33}, 340)})
	}
	return moofBox(0, v, a)
}

// split puts the samples of a segment into fragments of n samples each.
func split(segment []byte, n int) (out []byte) {
	r := &recorder{}
	d := New(r, Options{Init: header})
	if _, err := d.Write(segment); err != nil {
		panic(err)
	}
	for from := 0; from < len(r.samples); from += n {
		var trafs []traf
		for _, s := range r.samples[from:min(from+n, len(r.samples))] {
			one := smp{dur: uint32(s.duration), sync: s.access == mp4.Sync, data: []byte(s.payload)}
			trafs = append(trafs, traf{id: uint32(s.id), dts: uint64(s.dts), style: plain, runs: [][]smp{{one}}})
		}
		out = append(out, moofBox(len(out), trafs...)...)
	}
	return out
}

// BenchmarkDemuxer reads segments of a recording that lie in memory, each in one
// Write.
func BenchmarkDemuxer(b *testing.B) {
	b.Run("a fragment", func(b *testing.B) { benchmark(b, realistic, 1<<30) })
	b.Run("a fragment for each sample", func(b *testing.B) {
		benchmark(b, func(i int) []byte { return split(realistic(i), 1) }, 1<<30)
	})
	b.Run("64 KiB at a time", func(b *testing.B) { benchmark(b, realistic, 64<<10) })
}

func benchmark(b *testing.B, segment func(int) []byte, step int) {
	segments := make([][]byte, 8)
	for i := range segments {
		segments[i] = segment(i)
	}
	sink := &drain{}
	d := New(sink, Options{Init: header})
	b.SetBytes(int64(len(segments[0])))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		for rest := segments[i%len(segments)]; len(rest) > 0; rest = rest[min(step, len(rest)):] {
			if _, err := d.Write(rest[:min(step, len(rest))]); err != nil {
				b.Fatal(err)
			}
		}
		d.Boundary()
	}
	if err := d.Flush(); err != nil || sink.samples != b.N*154 {
		b.Fatalf("%d samples: %v", sink.samples, err)
	}
}

// A fragment costs some allocations, a sample none.
func TestAllocations(t *testing.T) {
	segments := make([][]byte, 4)
	for i := range segments {
		segments[i] = realistic(i)
	}
	d := New(&drain{}, Options{Init: header})
	i := 0
	n := testing.AllocsPerRun(50, func() {
		if _, err := d.Write(segments[i%len(segments)]); err != nil {
			t.Fatal(err)
		}
		d.Boundary()
		i++
	})
	if n > 40 {
		t.Errorf("%v allocations for a segment of one fragment and 154 samples", n)
	}
}

// A sample that needs no change is one piece of what Write was given.
func TestOnePiece(t *testing.T) {
	b := realistic(0)
	sink := &aliases{b: b}
	d := New(sink, Options{Init: header})
	if _, err := d.Write(b); err != nil || sink.samples != 154 || sink.inside != 154 || sink.pieces != 154 {
		t.Errorf("%d samples, %d pieces, %d of them slices of the input: %v", sink.samples, sink.pieces, sink.inside, err)
	}
}

// aliases is a sink that counts the pieces that lie in b.
type aliases struct {
	b                       []byte
	samples, pieces, inside int
}

func (*aliases) Track(int, mp4.Track) error { return nil }

func (a *aliases) Sample(_ int, s *mp4.Sample) error {
	a.samples++
	for _, p := range s.Pieces {
		a.pieces++
		for i := range a.b {
			if &a.b[i] == &p[0] {
				a.inside++
				break
			}
		}
	}
	return nil
}

// What is handed out later lies in buffers of the demuxer: the caller writes over
// its own as soon as Write returns.
func TestBytesAreTheCallers(t *testing.T) {
	for name, b := range map[string][]byte{
		"fragment": append(bytes.Clone(header), realistic(0)...), "moov first": plainFile(false), "moov last": plainFile(true),
	} {
		want, _, err := demux(t, Options{}, b)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []int{1, 7, 100, 4096, 300_000, 500_000} {
			r, buf := &recorder{}, make([]byte, step)
			d := New(r, Options{})
			for rest := b; len(rest) > 0; {
				n := copy(buf, rest)
				if _, err := d.Write(buf[:n]); err != nil {
					t.Fatal(err)
				}
				clear(buf)
				rest = rest[n:]
			}
			if err := d.Flush(); err != nil || !slices.Equal(r.log, want.log) {
				t.Errorf("%s, %d bytes a time: other samples (%v)", name, step, err)
			}
		}
	}
}
