package fmp4

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

// one is a fragment of one picture of an IDR.
func one(dts uint64, start int, nals ...[]byte) []byte {
	return moofBox(start, traf{id: 1, dts: dts, style: plain, runs: [][]smp{{{dur: 3600, sync: true, data: lengths(4, nals...)}}}})
}

func withSize(typ string, size uint32, body []byte) []byte {
	return append(append(u32(size), typ...), body...)
}

var bigMdat = append(append(u32(1), "mdat"...), append(u64(16+4), "data"...)...)

// oddities are segments behind header, and what they count. samples -1: the error
// that comes.
var oddities = []struct {
	name    string
	segment []byte
	samples int
	err     error
	stats   Stats
}{
	{name: "nothing", samples: 0},
	{name: "a picture", segment: one(0, 0, sps, pps, idr(0)), samples: 1, stats: Stats{Fragments: 1}},
	{name: "boxes between", samples: 1, stats: Stats{Fragments: 1, Events: 1},
		segment: append(bytes.Join([][]byte{atom("styp", []byte("msdh\x00\x00\x00\x00")), full("sidx", 0, 0, make([]byte, 40)), full("emsg", 0, 0, make([]byte, 30)), atom("uuid", make([]byte, 16)), bigMdat}, nil), one(0, 148+20, idr(0))...)},
	{name: "no tfdt", samples: 1, stats: Stats{Fragments: 1, Untimed: 1},
		segment: moofBox(0, traf{id: 1, style: style{perDur: true, perSize: true, tfdt: -1}, runs: [][]smp{{{dur: 1, data: lengths(4, idr(0))}}}})},
	{name: "media is missing", segment: one(0, 0, idr(0))[:len(one(0, 0, idr(0)))-3], samples: 0, stats: Stats{CutBoxes: 1, Truncated: 1, Fragments: 1}},
	{name: "cut in the moof", segment: one(0, 0, idr(0))[:50], samples: 0, stats: Stats{CutBoxes: 1}},
	{name: "cut in a header", segment: append(one(0, 0, idr(0)), 0, 0, 1), samples: 1, stats: Stats{CutBoxes: 1, Fragments: 1}},
	{name: "junk behind", segment: append(one(0, 0, idr(0)), make([]byte, 100)...), samples: 1, stats: Stats{JunkBytes: 100, Fragments: 1}},
	{name: "junk in front", segment: []byte("\x00\x00\x00\x10\x01\x02\x03\x04abcdefgh"), samples: -1, err: ErrNotMP4},
	{name: "a box to the end", segment: append(one(0, 0, idr(0)), withSize("mdat", 0, []byte("more"))...), samples: 1, stats: Stats{Fragments: 1}},
	{name: "an undeclared track", samples: 0, stats: Stats{Fragments: 1, Strays: 1},
		segment: moofBox(0, traf{id: 9, style: plain, runs: [][]smp{{{data: []byte("x")}}}})},
	{name: "an empty sample", samples: 0, stats: Stats{Fragments: 1, Empty: 1},
		segment: moofBox(0, traf{id: 1, style: plain, runs: [][]smp{{{dur: 1}}}})},
	{name: "a delimiter alone", segment: one(0, 0, []byte{9, 0xf0}), samples: 0, stats: Stats{Fragments: 1, Empty: 1}},
	{name: "a NAL unit that is too long", samples: 1, stats: Stats{Fragments: 1, Damaged: 1},
		segment: moofBox(0, traf{id: 1, style: plain, runs: [][]smp{{{data: append(lengths(4, idr(0)), 0, 0, 9, 9, 0x41, 0x9a)}}}})},
	{name: "a billion samples from nothing", samples: 0, stats: Stats{Fragments: 1, Truncated: 1 << 30},
		segment: append(atom("moof", atom("traf", full("tfhd", 0, tfhdBaseIsMoof|tfhdSize, u32(1, 1)), full("tfdt", 0, 0, u32(0)),
			full("trun", 0, trunOffset, u32(1<<30, 0)))), atom("mdat", []byte("x"))...)},
	{name: "a billion empty samples", samples: 0, stats: Stats{Fragments: 1, Untimed: 1, Empty: 1 << 30},
		segment: append(atom("moof", atom("traf", full("tfhd", 0, tfhdBaseIsMoof, u32(1)), full("trun", 0, trunOffset, u32(1<<30, 0)))), atom("mdat", []byte("x"))...)},
	{name: "more rows than bytes", samples: 0, stats: Stats{Fragments: 1, Untimed: 1, BadBoxes: 1, Truncated: 1},
		segment: append(atom("moof", atom("traf", full("tfhd", 0, tfhdBaseIsMoof, u32(1)), full("trun", 0, trunOffset|trunSize, u32(1<<30, 0, 5)))), atom("mdat", []byte("x"))...)},
	{name: "a time of never", samples: -1, err: ErrCorrupt, segment: one(1<<63, 0, idr(0))},
	{name: "a sample of 4 GB", samples: -1, err: ErrCorrupt,
		segment: append(atom("moof", atom("traf", full("tfhd", 0, tfhdBaseIsMoof, u32(1)), full("trun", 0, trunSize, u32(1, 1<<32-1)))), atom("mdat", []byte("x"))...)},
}

func TestOddities(t *testing.T) {
	for _, c := range oddities {
		t.Run(c.name, func(t *testing.T) {
			r, stats, err := demux(t, Options{Init: header}, c.segment)
			if c.samples < 0 {
				if !errors.Is(err, c.err) {
					t.Errorf("%v, want %v", err, c.err)
				}
				return
			}
			stats.Data = nil
			if err != nil || len(r.samples) != c.samples || !reflect.DeepEqual(stats, c.stats) {
				t.Errorf("%d samples, %+v: %v\nwant %d, %+v", len(r.samples), stats, err, c.samples, c.stats)
			}
		})
	}
}

func TestNeedsDescription(t *testing.T) {
	if _, _, err := demux(t, Options{}, one(0, 0, idr(0))); !errors.Is(err, ErrNoInit) {
		t.Errorf("a fragment alone: %v", err)
	}
	if _, _, err := demux(t, Options{Init: atom("ftyp", []byte("abcd"))}, one(0, 0, idr(0))); !errors.Is(err, ErrNoInit) {
		t.Errorf("an init segment without moov: %v", err)
	}
	file := plainFile(true)
	if _, _, err := demux(t, Options{}, file[:60]); !errors.Is(err, ErrNoMoov) {
		t.Errorf("cut before the moov: %v", err)
	}
	protected := trackBox{id: 1, handler: "vide", scale: 1, entry: visual("encv", 1, 1)}
	if _, _, err := demux(t, Options{}, moov(protected.box())); !errors.Is(err, ErrEncrypted) {
		t.Errorf("encrypted: %v", err)
	}
	d := New(&recorder{}, Options{})
	if _, err := d.Write(withSize("mdat", 1<<30, make([]byte, 1<<20))); err != nil || d.Behind() != 1<<30 {
		t.Errorf("behind %d: %v", d.Behind(), err)
	}
	var err error
	for range 64 {
		_, err = d.Write(make([]byte, 1<<20))
	}
	if !errors.Is(err, ErrMoovLast) {
		t.Errorf("too much media before its moov: %v", err)
	}
}

// What describes the samples holds on over Boundary and Flush, and is announced
// again only where it changes.
func TestDescriptionHoldsOn(t *testing.T) {
	small := tswriter.SPS{Width: 160, Height: 96}.NAL()
	other := moov(trackBox{id: 1, handler: "vide", scale: 90000, entry: visual("avc1", 160, 96, avcC(4, small, pps))}.box(), mvex(trex(1, 0, 0, 0)))
	r := &recorder{}
	d := New(r, Options{})
	for i, b := range [][]byte{header, one(0, 0, idr(0)), header, one(3600, 0, idr(1)), one(7200, 0, sps, pps, idr(2)), other, one(10800, 0, idr(3)), one(14400, 0, sps, pps, idr(4))} {
		if _, err := d.Write(b); err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 {
			d.Boundary()
		}
		if i == 3 {
			if err := d.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := d.Flush(); err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, l := range r.log {
		if have = append(have, l[:strings.IndexByte(l+"  ", ' ')]); l[0] == 't' {
			have[len(have)-1] = l
		}
	}
	if got := fmt.Sprint(have); got != "[track 1 avc1.4d001e 90000 eng 1 1 1 track 1 avc1.4d001e 90000 eng 1 track 1 avc1.4d001e 90000 eng 1]" {
		t.Errorf("%s", got)
	}
	if e := r.tracks[1].Entry.(*mp4.AVC); e.Width != 320 || !r.samples[2].inBand || r.samples[3].inBand {
		t.Errorf("%+v", r.samples)
	}
}

// NAL lengths of any width come out as four bytes, without delimiters; NAL units
// say what kind of access point a picture is.
func TestPictures(t *testing.T) {
	for size := 1; size <= 4; size++ {
		init := moov(trackBox{id: 1, handler: "vide", scale: 90000, entry: visual("avc1", 320, 192, avcC(size, sps, pps))}.box(), mvex(trex(1, 0, 0, 0)))
		pictures := [][][]byte{
			{{9, 0xf0}, idr(0), {12, 0xff}}, {inter(1)}, {tswriter.RecoveryPoint, inter(2)},
			{tswriter.Slice{Type: tswriter.I, FrameNum: 3}.NAL()}, {{9, 0xf0}, sps, pps, idr(4), {10}},
		}
		want := []got{
			{access: mp4.Sync, payload: string(lengths(4, idr(0)))}, {access: mp4.NotAccess, payload: string(lengths(4, inter(1)))},
			{access: mp4.Recovery, payload: string(lengths(4, tswriter.RecoveryPoint, inter(2)))},
			{access: mp4.Intra, payload: string(lengths(4, pictures[3][0]))},
			{access: mp4.Sync, inBand: true, payload: string(lengths(4, sps, pps, idr(4)))},
		}
		tr := traf{id: 1, style: plain, runs: [][]smp{nil}}
		for i, p := range pictures {
			tr.runs[0] = append(tr.runs[0], smp{dur: 3600, sync: true, data: lengths(size, p...)})
			want[i].id, want[i].duration, want[i].pts, want[i].dts = 1, 3600, int64(i)*3600, int64(i)*3600
		}
		r, stats, err := demux(t, Options{Init: init}, moofBox(0, tr))
		if err != nil || stats.Damaged != 0 || !reflect.DeepEqual(r.samples, want) {
			t.Errorf("lengths of %d bytes: %+v %v\n%+v\nwant\n%+v", size, stats, err, r.samples, want)
		}
	}
}

// Pictures whose sets stand in no box and in no picture are dropped, or handed
// out bare.
func TestWithoutParameterSets(t *testing.T) {
	init := moov(trackBox{id: 1, handler: "vide", scale: 90000, entry: visual("avc3", 320, 192, avcC(4))}.box(), mvex(trex(1, 0, 0, 0)))
	b := append(one(0, 0, idr(0)), one(3600, len(one(0, 0, idr(0))), sps, pps, idr(1))...)
	r, stats, err := demux(t, Options{Init: init}, b)
	if err != nil || len(r.samples) != 1 || stats.NoParameters != 1 {
		t.Errorf("%d samples, %+v: %v", len(r.samples), stats, err)
	}
	r, stats, err = demux(t, Options{Init: init, Bare: true}, b)
	if err != nil || len(r.samples) != 2 || stats.NoParameters != 0 || r.tracks[1].Entry.(*mp4.AVC).Width != 320 {
		t.Errorf("%d samples, %+v: %v", len(r.samples), stats, err)
	}
}

// A head tells all times of a segment where its boxes cover it.
func TestPartial(t *testing.T) {
	a := one(0, 0, idr(0), make([]byte, 500))
	both := append(bytes.Clone(a), one(3600, len(a), idr(1), make([]byte, 500))...)
	for _, c := range []struct {
		name    string
		b       []byte
		cut     int
		samples int
		exact   bool
	}{
		{"one fragment", a, 120, 1, true},
		{"one of two fragments", both, 120, 1, false},
		{"both fragments", both, len(a) + 120, 2, true},
		{"the media ends before it should", a[:len(a)-1], 120, 0, false},
		{"in the moof", a, 40, 0, false},
	} {
		r := &recorder{}
		d := New(r, Options{Init: header, Partial: true, Bare: true, Size: int64(len(c.b))})
		_, err := d.Write(c.b[:c.cut])
		if err = errors.Join(err, d.Flush()); err != nil || len(r.samples) != c.samples || d.Exact() != c.exact {
			t.Errorf("%s: %d samples, %v: %v", c.name, len(r.samples), d.Exact(), err)
		}
	}
	file := plainFile(false)
	r := &recorder{}
	d := New(r, Options{Partial: true, Size: int64(len(file))})
	_, err := d.Write(file[:len(file)-25])
	if err = errors.Join(err, d.Flush()); err != nil || len(r.samples) != 7 || !d.Exact() {
		t.Errorf("a complete file: %d samples, %v: %v", len(r.samples), d.Exact(), err)
	}
}
