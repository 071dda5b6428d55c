package mpegts

import (
	"testing"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

type discard struct{ n int }

func (*discard) Track(int, mp4.Track) error          { return nil }
func (d *discard) Sample(_ int, s *mp4.Sample) error { d.n += len(s.Pieces); return nil }

// A second of 6 Mb/s video in 25 pictures of 30 kB and audio, many times over.
func BenchmarkDemuxer(b *testing.B) {
	w := newWriter()
	w.Tables()
	noise := make([]byte, 30000)
	x := uint32(1)
	for i := range noise {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	for i := range 25 {
		t := int64(i) * 3600
		n := tswriter.Slice{FrameNum: uint32(i), POC: uint32(2 * i), Data: noise}.NAL()
		nals := [][]byte{d9, n}
		if i == 0 {
			nals = [][]byte{d9, sps, pps, tswriter.Slice{IDR: true, Type: tswriter.I, Data: noise}.NAL()}
		}
		w.PES(vPID, tswriter.PES{PTS: t, DTS: t, Data: tswriter.AnnexB(false, nals...)})
		w.PES(aPID, tswriter.PES{PTS: t, DTS: t, Bounded: true, Data: frames48(0, 2)})
	}
	ts := w.Bytes()
	sink := &discard{}
	d := New(sink, Options{})
	b.SetBytes(int64(len(ts)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Write(ts); err != nil {
			b.Fatal(err)
		}
		d.Boundary()
	}
	if sink.n == 0 {
		b.Fatal("no sample")
	}
}
