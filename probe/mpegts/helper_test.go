package mpegts

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

const (
	vPID = 0x100
	aPID = 0x101
)

// got is a sample as the sink saw it.
type got struct {
	id       int
	pts, dts int64
	duration int64
	access   mp4.Access
	inBand   bool
	payload  string
}

// recorder is a sink that keeps everything.
type recorder struct {
	entries map[int][]mp4.SampleEntry
	order   []int // ids in the order of announcement
	priming []int64
	samples []got
	log     []string
}

func (r *recorder) Track(id int, t mp4.Track) error {
	if r.entries == nil {
		r.entries = map[int][]mp4.SampleEntry{}
	}
	r.entries[id] = append(r.entries[id], t.Entry)
	r.order = append(r.order, id)
	r.priming = append(r.priming, t.Priming)
	r.log = append(r.log, fmt.Sprintf("track %d %s %s", id, t.Entry.Codecs(), t.Language))
	return nil
}

func (r *recorder) Sample(id int, s *mp4.Sample) error {
	if r.entries[id] == nil {
		return fmt.Errorf("sample of unknown track %d", id)
	}
	r.samples = append(r.samples, got{id, s.PTS, s.DTS, s.Duration, s.Access, s.InBand, string(bytes.Join(s.Pieces, nil))})
	r.log = append(r.log, fmt.Sprint(r.samples[len(r.samples)-1]))
	return nil
}

// of gives the samples of a track.
func (r *recorder) of(id int) []got {
	var s []got
	for _, g := range r.samples {
		if g.id == id {
			s = append(s, g)
		}
	}
	return s
}

// demux runs pieces through one demuxer with a boundary between them.
func demux(t testing.TB, opt Options, pieces ...[]byte) (*recorder, Stats) {
	t.Helper()
	r, st, err := tryDemux(opt, pieces...)
	if err != nil {
		t.Fatal(err)
	}
	return r, st
}

func tryDemux(opt Options, pieces ...[]byte) (*recorder, Stats, error) {
	r := &recorder{}
	d := New(r, opt)
	for i, p := range pieces {
		if i > 0 {
			d.Boundary()
		}
		if _, err := d.Write(p); err != nil {
			return r, d.Stats(), err
		}
	}
	err := d.Flush()
	return r, d.Stats(), err
}

// lengths gives NAL units as they stand in a sample.
func lengths(nals ...[]byte) string {
	var b []byte
	for _, n := range nals {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(n))), n...)
	}
	return string(b)
}

func newWriter() *tswriter.Writer {
	return tswriter.New(
		tswriter.Stream{PID: vPID, Type: tswriter.TypeH264},
		tswriter.Stream{PID: aPID, Type: tswriter.TypeADTS, StreamID: 0xc0},
	)
}

var (
	sps    = tswriter.SPS{Width: 320, Height: 192, FrameTicks: 3600}.NAL()
	spsI   = tswriter.SPS{Width: 320, Height: 192, Fields: true, FrameTicks: 3600}.NAL()
	pps    = tswriter.PPS(0, 0, 0)
	bytes9 = []byte("payload 9")
)

// idr, inter: a slice that is alone in its picture and differs by n.
func idr(n int) []byte {
	return tswriter.Slice{IDR: true, Type: tswriter.I, Data: fmt.Appendf(nil, "idr %d", n)}.NAL()
}

func inter(n int) []byte {
	return tswriter.Slice{Type: tswriter.P, FrameNum: uint32(n) & 255, POC: uint32(2*n) & 255, Data: fmt.Appendf(nil, "p %d", n)}.NAL()
}

// block is a raw data block that differs by n.
func block(n int) []byte { return fmt.Appendf(nil, "block %d", n) }

// simple is one second of stream: 25 pictures, 47 audio frames in groups.
func simple(w *tswriter.Writer, base int64) {
	frame := 0
	for i := range 25 {
		t := base + int64(i)*3600
		nals := [][]byte{tswriter.Delimiter, inter(i)}
		if i == 0 {
			w.Tables()
			nals = [][]byte{tswriter.Delimiter, sps, pps, idr(0)}
		}
		w.PES(vPID, tswriter.PES{PTS: t, DTS: t, Data: tswriter.AnnexB(i%2 == 1, nals...)})
		if i%5 != 0 {
			continue
		}
		var b []byte
		at := base + int64(frame)*1920
		for range 10 {
			if frame < 47 {
				b = append(b, tswriter.Stereo48(block(frame))...)
				frame++
			}
		}
		w.PES(aPID, tswriter.PES{PTS: at, DTS: at, Bounded: true, Data: b})
	}
}
