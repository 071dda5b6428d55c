package mpegts

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

// pes is one PES packet of the video in a test.
type pes = tswriter.PES

func at(t int64, nals ...[]byte) pes {
	return pes{PTS: t, DTS: t, Data: tswriter.AnnexB(false, nals...)}
}

func untimed(nals ...[]byte) pes { return pes{NoTime: true, Data: tswriter.AnnexB(false, nals...)} }

func field(n, poc int, bottom bool, kind uint32, idr bool) []byte {
	return tswriter.Slice{IDR: idr, Type: kind, FrameNum: uint32(n), POC: uint32(poc), Fields: true, Field: true,
		Bottom: bottom, Data: fmt.Appendf(nil, "field %d %v", n, bottom)}.NAL()
}

func nonRef(s []byte) []byte {
	s = bytes.Clone(s)
	s[0] &^= 0x60
	return s
}

func slice(n, mb int, kind uint32) []byte {
	return tswriter.Slice{Type: kind, FirstMB: uint32(mb), FrameNum: uint32(n), POC: uint32(2 * n),
		Data: fmt.Appendf(nil, "slice %d of %d", mb, n)}.NAL()
}

type want struct {
	pts, dts int64
	access   mp4.Access
	inBand   bool
	payload  string
}

// split cuts the data of a PES packet in two at a byte.
func split(p pes, n int, second pes) []pes {
	second.Data = p.Data[n:]
	p.Data = p.Data[:n]
	return []pes{p, second}
}

var (
	d9    = tswriter.Delimiter
	first = lengths(sps, pps, idr(0))
	top0  = field(0, 0, false, tswriter.I, true)
	bot0  = field(0, 1, true, tswriter.P, false)
)

var pictures = []struct {
	name string
	pes  []pes
	want []want
	st   Stats // without Packets
}{
	{name: "delimiters, filler and ends are left out, the rest is kept",
		pes: []pes{at(0, d9, sps, pps, tswriter.CaptionSEI, idr(0), tswriter.Filler),
			at(3600, d9, inter(1), tswriter.EndOfSequence)},
		want: []want{{0, 0, mp4.Sync, true, lengths(sps, pps, tswriter.CaptionSEI, idr(0))},
			{3600, 3600, 0, false, lengths(inter(1))}}},
	{name: "no delimiters",
		pes:  []pes{at(0, sps, pps, idr(0)), at(3600, inter(1)), at(7200, inter(2))},
		want: []want{{0, 0, mp4.Sync, true, first}, {3600, 3600, 0, false, lengths(inter(1))}, {7200, 7200, 0, false, lengths(inter(2))}}},
	{name: "several slices",
		pes: []pes{at(0, d9, sps, pps, idr(0)), at(3600, slice(1, 0, 0), slice(1, 40, 2)), at(7200, slice(2, 0, 2), slice(2, 40, 2))},
		want: []want{{0, 0, mp4.Sync, true, first}, {3600, 3600, 0, false, lengths(slice(1, 0, 0), slice(1, 40, 2))},
			{7200, 7200, mp4.Intra, false, lengths(slice(2, 0, 2), slice(2, 40, 2))}}},
	{name: "a recovery point",
		pes: []pes{at(0, sps, pps, idr(0)), at(3600, d9, tswriter.CaptionSEI, tswriter.RecoveryPoint, inter(1))},
		want: []want{{0, 0, mp4.Sync, true, first},
			{3600, 3600, mp4.Recovery, false, lengths(tswriter.CaptionSEI, tswriter.RecoveryPoint, inter(1))}}},
	{name: "a picture over two PES packets with equal times",
		pes: append(append([]pes{at(0, sps, pps, idr(0))}, split(at(3600, d9, slice(1, 0, 0), slice(1, 40, 0)), 20, pes{PTS: 3600, DTS: 3600})...),
			at(7200, d9, inter(2))),
		want: []want{{0, 0, mp4.Sync, true, first}, {3600, 3600, 0, false, lengths(slice(1, 0, 0), slice(1, 40, 0))},
			{7200, 7200, 0, false, lengths(inter(2))}}},
	{name: "a picture goes on in a PES packet without a time",
		pes: append(append([]pes{at(0, sps, pps, idr(0))}, split(at(3600, slice(1, 0, 0), slice(1, 40, 0)), 30, pes{NoTime: true})...),
			at(7200, inter(2))),
		want: []want{{0, 0, mp4.Sync, true, first}, {3600, 3600, 0, false, lengths(slice(1, 0, 0), slice(1, 40, 0))},
			{7200, 7200, 0, false, lengths(inter(2))}}},
	{name: "a NAL unit runs over into the PES packet of the next picture",
		pes: []pes{at(0, sps, pps, idr(0)),
			{PTS: 3600, DTS: 3600, Data: tswriter.AnnexB(false, inter(1))[:9]},
			{PTS: 7200, DTS: 7200, Data: append(tswriter.AnnexB(false, inter(1))[9:], tswriter.AnnexB(false, inter(2))...)}},
		want: []want{{0, 0, mp4.Sync, true, first}, {3600, 3600, 0, false, lengths(inter(1))}, {7200, 7200, 0, false, lengths(inter(2))}}},
	{name: "repeated times say nothing about the picture that follows",
		pes: append([]pes{at(0, sps, pps, idr(0))},
			split(at(3600, d9, slice(1, 0, 0), slice(1, 40, 0), d9, inter(2)), 20, pes{PTS: 3600, DTS: 3600})...),
		want: []want{{0, 0, mp4.Sync, true, first}, {3600, 3600, 0, false, lengths(slice(1, 0, 0), slice(1, 40, 0))},
			{7200, 7200, 0, false, lengths(inter(2))}},
		st: Stats{Untimed: 1}},
	{name: "several pictures in one PES packet",
		pes: []pes{at(0, sps, pps, idr(0), inter(1), inter(2)), at(10800, inter(3))},
		want: []want{{0, 0, mp4.Sync, true, first}, {3600, 3600, 0, false, lengths(inter(1))},
			{7200, 7200, 0, false, lengths(inter(2))}, {10800, 10800, 0, false, lengths(inter(3))}},
		st: Stats{Untimed: 2}},
	{name: "pictures without a time are put in order by their picture order count",
		pes: []pes{
			{PTS: 7200, DTS: 0, Data: tswriter.AnnexB(false, sps, pps, idr(0))}, {PTS: 18000, DTS: 3600, Data: tswriter.AnnexB(false, inter(3))},
			untimed(inter(1)), untimed(inter(2))},
		want: []want{{7200, 0, mp4.Sync, true, first}, {18000, 3600, 0, false, lengths(inter(3))},
			{10800, 7200, 0, false, lengths(inter(1))}, {14400, 10800, 0, false, lengths(inter(2))}},
		st: Stats{Untimed: 2}},
	{name: "an IDR picture without a time comes behind everything before it",
		pes: []pes{
			{PTS: 7200, DTS: 0, Data: tswriter.AnnexB(false, sps, pps, idr(0))}, {PTS: 18000, DTS: 3600, Data: tswriter.AnnexB(false, inter(3))},
			{PTS: 10800, DTS: 7200, Data: tswriter.AnnexB(false, inter(1))}, untimed(idr(1))},
		want: []want{{7200, 0, mp4.Sync, true, first}, {18000, 3600, 0, false, lengths(inter(3))},
			{10800, 7200, 0, false, lengths(inter(1))}, {21600, 10800, mp4.Sync, false, lengths(idr(1))}},
		st: Stats{Untimed: 1}},
	{name: "two whole pictures with equal times keep them",
		pes:  []pes{at(0, sps, pps, idr(0)), at(3600, inter(1)), at(3600, inter(2))},
		want: []want{{0, 0, mp4.Sync, true, first}, {3600, 3600, 0, false, lengths(inter(1))}, {3600, 3600, 0, false, lengths(inter(2))}}},
	{name: "the first picture has no time",
		pes:  []pes{untimed(sps, pps, idr(0)), at(3600, inter(1))},
		want: []want{{0, 0, mp4.Sync, true, first}, {3600, 3600, 0, false, lengths(inter(1))}},
		st:   Stats{Untimed: 1}},
	{name: "pictures before the first parameter sets are held",
		pes: []pes{at(0, inter(0)), at(3600, inter(1)), at(7200, sps, pps, idr(0))},
		want: []want{{0, 0, 0, false, lengths(inter(0))}, {3600, 3600, 0, false, lengths(inter(1))},
			{7200, 7200, mp4.Sync, true, first}}},
	{name: "no parameter sets at all",
		pes: []pes{at(0, inter(0)), at(3600, inter(1))},
		st:  Stats{NoParameters: 2}},
	{name: "no time at all",
		pes: []pes{untimed(sps, pps, idr(0)), untimed(inter(1))},
		st:  Stats{Timeless: 2}},
	{name: "a picture without its beginning",
		pes:  []pes{at(0, sps, pps, slice(0, 40, 0)), at(3600, idr(0))},
		want: []want{{3600, 3600, mp4.Sync, false, lengths(idr(0))}},
		st:   Stats{Truncated: 1}},
	{name: "two fields, each with its delimiter, in one PES packet",
		pes:  []pes{at(0, d9, spsI, pps, top0, d9, bot0), at(3600, d9, field(1, 2, false, 0, false), d9, field(1, 3, true, 0, false))},
		want: []want{{0, 0, mp4.Sync, true, lengths(spsI, pps, top0, bot0)}, {3600, 3600, 0, false, lengths(field(1, 2, false, 0, false), field(1, 3, true, 0, false))}}},
	{name: "two fields with a PES packet each",
		pes:  []pes{at(0, d9, spsI, pps, top0), at(1800, d9, bot0)},
		want: []want{{0, 0, mp4.Sync, true, lengths(spsI, pps, top0, bot0)}}},
	{name: "fields of equal parity are not a pair",
		pes:  []pes{at(0, spsI, pps, top0), at(3600, field(0, 2, false, 0, false))},
		want: []want{{0, 0, mp4.Sync, true, lengths(spsI, pps, top0)}, {3600, 3600, 0, false, lengths(field(0, 2, false, 0, false))}}},
	{name: "fields of two frames are not a pair",
		pes:  []pes{at(0, spsI, pps, top0), at(3600, field(1, 2, true, 0, false))},
		want: []want{{0, 0, mp4.Sync, true, lengths(spsI, pps, top0)}, {3600, 3600, 0, false, lengths(field(1, 2, true, 0, false))}}},
	{name: "a non-reference field and a reference field are not a pair",
		pes: []pes{at(0, spsI, pps, top0, bot0), at(3600, nonRef(field(1, 2, false, 0, false))), at(7200, field(1, 4, true, 0, false))},
		want: []want{{0, 0, mp4.Sync, true, lengths(spsI, pps, top0, bot0)},
			{3600, 3600, 0, false, lengths(nonRef(field(1, 2, false, 0, false)))}, {7200, 7200, 0, false, lengths(field(1, 4, true, 0, false))}}},
	{name: "two IDR fields are not a pair",
		pes: []pes{at(0, spsI, pps, top0), at(3600, field(0, 0, true, tswriter.I, true))},
		want: []want{{0, 0, mp4.Sync, true, lengths(spsI, pps, top0)},
			{3600, 3600, mp4.Sync, false, lengths(field(0, 0, true, tswriter.I, true))}}},
	{name: "an unpaired field at the end",
		pes:  []pes{at(0, spsI, pps, top0, bot0), at(3600, field(1, 2, false, tswriter.I, false))},
		want: []want{{0, 0, mp4.Sync, true, lengths(spsI, pps, top0, bot0)}, {3600, 3600, mp4.Intra, false, lengths(field(1, 2, false, tswriter.I, false))}}},
	{name: "DTS above PTS is taken as it is",
		pes:  []pes{at(0, sps, pps, idr(0)), {PTS: 3600, DTS: 7200, Data: tswriter.AnnexB(false, inter(1))}},
		want: []want{{0, 0, mp4.Sync, true, first}, {3600, 7200, 0, false, lengths(inter(1))}}},
}

func videoOnly(p []pes) *tswriter.Writer {
	w := tswriter.New(tswriter.Stream{PID: vPID, Type: tswriter.TypeH264})
	w.Tables()
	for _, x := range p {
		w.PES(vPID, x)
	}
	return w
}

func TestPictures(t *testing.T) {
	for _, c := range pictures {
		t.Run(c.name, func(t *testing.T) {
			w := videoOnly(c.pes)
			r, st := demux(t, Options{}, w.Bytes())
			var have []want
			for _, s := range r.of(vPID) {
				have = append(have, want{s.pts, s.dts, s.access, s.inBand, s.payload})
			}
			if !reflect.DeepEqual(have, c.want) {
				t.Errorf("samples\n%+v\nwant\n%+v", have, c.want)
			}
			st.Packets = 0
			if !reflect.DeepEqual(st, c.st) {
				t.Errorf("counted %+v, want %+v", st, c.st)
			}
		})
	}
}

// Every case, cut into segments at any packets, gives the same samples.
func TestPicturesAcrossBoundaries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := pictures[rapid.IntRange(0, len(pictures)-1).Draw(t, "case")]
		packets := videoOnly(c.pes).Packets()
		want, _, _ := tryDemux(Options{}, bytes.Join(packets, nil))
		n := rapid.IntRange(0, len(packets)).Draw(t, "cut")
		r, _, err := tryDemux(Options{}, bytes.Join(packets[:n], nil), bytes.Join(packets[n:], nil))
		if err != nil || !reflect.DeepEqual(want.log, r.log) {
			t.Fatalf("%s: %v\n%v\nwant\n%v", c.name, err, r.log, want.log)
		}
	})
}

// A random stream: the slices that went in come out, in order, with their times.
func TestRandomPictures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := tswriter.New(tswriter.Stream{PID: vPID, Type: tswriter.TypeH264})
		w.Tables()
		var wants []want
		var es []byte // of all pictures
		var starts []int
		for i := range rapid.IntRange(1, 12).Draw(t, "pictures") {
			nals := [][]byte{inter(i)}
			if i == 0 {
				nals = [][]byte{sps, pps, idr(0)}
			}
			for s := range rapid.IntRange(0, 3).Draw(t, "slices") {
				nals = append(nals, tswriter.Slice{Type: tswriter.P, FirstMB: uint32(s + 1), FrameNum: uint32(i), POC: uint32(2 * i),
					Data: rapid.SliceOfN(rapid.SampledFrom([]byte{0, 0, 0, 1, 3, 255}), 0, 300).Draw(t, "data")}.NAL())
			}
			starts = append(starts, len(es))
			in := nals
			if rapid.Bool().Draw(t, "delimiter") {
				in = append([][]byte{d9}, nals...)
			}
			es = append(es, tswriter.AnnexB(rapid.Bool().Draw(t, "short"), in...)...)
			es = append(es, make([]byte, rapid.IntRange(0, 3).Draw(t, "zeros"))...)
			wants = append(wants, want{payload: lengths(nals...)})
		}
		starts = append(starts, len(es))
		for i := range wants {
			at := int64(i) * 3600
			wants[i].pts, wants[i].dts = at, at
			b := es[starts[i]:starts[i+1]]
			p := pes{PTS: at, DTS: at, Data: b, Bounded: rapid.Bool().Draw(t, "bounded"), Stuffing: rapid.IntRange(0, 200).Draw(t, "stuffing")}
			if n := rapid.IntRange(0, len(b)).Draw(t, "split"); n > 8 && n < len(b) {
				q := pes{NoTime: rapid.Bool().Draw(t, "no time"), PTS: at, DTS: at, Data: b[n:]}
				p.Data = b[:n]
				w.PES(vPID, p)
				p = q
			}
			w.PES(vPID, p)
		}
		r, st, err := tryDemux(Options{}, w.Bytes())
		if err != nil || len(r.samples) != len(wants) || st.Untimed != 0 {
			t.Fatalf("%d samples, want %d: %v %+v", len(r.samples), len(wants), err, st)
		}
		for i, s := range r.samples {
			if s.payload != wants[i].payload || s.pts != wants[i].pts || s.dts != wants[i].dts {
				t.Fatalf("picture %d: %+v, want %+v", i, s, wants[i])
			}
		}
	})
}

func TestEntriesFollowTheSets(t *testing.T) {
	wide := tswriter.SPS{Width: 640, Height: 192}.NAL()
	pps1 := tswriter.PPS(1, 0, 5)
	w := videoOnly([]pes{at(0, sps, pps, idr(0)), at(3600, sps, pps, idr(1)), at(7200, pps1, inter(2)),
		at(10800, wide, pps, idr(3)), at(14400, inter(4))})
	r, _ := demux(t, Options{}, w.Bytes())
	type e struct{ width, sps, pps int }
	var have []e
	for _, x := range r.entries[vPID] {
		a := x.(*mp4.AVC)
		have = append(have, e{a.Width, len(a.SPS), len(a.PPS)})
	}
	if want := []e{{320, 1, 1}, {320, 1, 2}, {640, 1, 2}}; !reflect.DeepEqual(have, want) {
		t.Errorf("entries %v, want %v", have, want)
	}
	var kinds []byte
	for _, l := range r.log {
		kinds = append(kinds, l[0])
	}
	if string(kinds) != "t{{t{t{{" {
		t.Errorf("order of announcements and samples: %s", kinds)
	}
}

// An unpaired field waits for the next picture; sets that come with that one
// must not be announced before the field is out.
func TestNewSetsDoNotOvertakeAField(t *testing.T) {
	wide := tswriter.SPS{Width: 640, Height: 192, Fields: true}.NAL()
	w := videoOnly([]pes{at(0, spsI, pps, top0), at(3600, wide, pps, field(0, 0, false, tswriter.I, true))})
	r, _ := demux(t, Options{}, w.Bytes())
	if len(r.log) != 4 || r.log[0][0] != 't' || r.log[1][0] != '{' || r.log[2][0] != 't' || r.log[3][0] != '{' {
		t.Errorf("%v", r.log)
	}
}

func TestBareHandsOutAtOnce(t *testing.T) {
	w := videoOnly([]pes{at(0, inter(0)), at(3600, inter(1)), at(7200, sps, pps, idr(0))})
	r, _ := demux(t, Options{Bare: true}, w.Bytes())
	if len(r.samples) != 3 || len(r.entries[vPID]) != 2 {
		t.Fatalf("%v", r.log)
	}
	if a := r.entries[vPID][0].(*mp4.AVC); len(a.SPS) != 0 {
		t.Errorf("first entry has sets: %+v", a)
	}
	if a := r.entries[vPID][1].(*mp4.AVC); len(a.SPS) != 1 || a.Width != 320 {
		t.Errorf("second entry: %+v", a)
	}
}

func TestShortBoundedPES(t *testing.T) {
	w := videoOnly([]pes{at(0, sps, pps, idr(0)), {PTS: 3600, DTS: 3600, Bounded: true,
		Data: tswriter.AnnexB(false, tswriter.Slice{FrameNum: 1, Data: make([]byte, 400)}.NAL())}})
	b := w.Bytes()
	if r, st := demux(t, Options{}, b); len(r.samples) != 2 || st.Truncated != 0 {
		t.Errorf("complete: %d samples, %+v", len(r.samples), st)
	}
	b = b[:len(b)-188]
	r, st := demux(t, Options{}, b)
	if len(r.samples) != 1 || st.Truncated != 1 {
		t.Errorf("%d samples, %+v", len(r.samples), st)
	}
	if r, _ = demux(t, Options{Partial: true}, b); len(r.samples) != 2 {
		t.Errorf("partial: %d samples", len(r.samples))
	}
}

// A gap discards nothing by itself: the picture around it stays, counted.
func TestGapInsideAPicture(t *testing.T) {
	big := tswriter.Slice{FrameNum: 1, POC: 2, Data: bytes.Repeat([]byte{7}, 1000)}.NAL()
	w := videoOnly([]pes{at(0, sps, pps, idr(0)), at(3600, big), at(7200, inter(2))})
	n := len(w.Packets())
	w.Drop(n - 4)
	r, st := demux(t, Options{}, w.Bytes())
	if len(r.samples) != 3 || st.ContinuityErrors != 1 || st.Damaged != 1 {
		t.Fatalf("%d samples, %+v", len(r.samples), st)
	}
	if len(r.samples[1].payload) != len(big)+4-184 || r.samples[2].pts != 7200 {
		t.Errorf("%d bytes, %d", len(r.samples[1].payload), r.samples[2].pts)
	}
}

// One byte less than the stated length is a cut, too.
func TestBoundedPESShortByAByte(t *testing.T) {
	w := videoOnly([]pes{at(0, sps, pps, idr(0))})
	h := w.Header(vPID, pes{PTS: 3600, DTS: 3600, Bounded: true, Stuffing: 3, Data: tswriter.AnnexB(false, inter(1))})
	w.Payload(vPID, h[:len(h)-1], true)
	if r, st := demux(t, Options{}, w.Bytes()); len(r.samples) != 1 || st.Truncated != 1 {
		t.Errorf("%d samples, %+v", len(r.samples), st)
	}
}

// A great many tiny pictures for which no sets ever come are given up, in linear
// time and bounded memory.
func TestEndlessWait(t *testing.T) {
	const n = 3*maxWaiting + 5
	b := bytes.Repeat(tswriter.AnnexB(true, slice(1, 0, 0)), n)
	r, st := demux(t, Options{}, videoOnly([]pes{{Data: b}}).Bytes())
	if len(r.samples) != 0 || st.NoParameters != n {
		t.Errorf("%d samples, %+v", len(r.samples), st)
	}
	b = append(b, tswriter.AnnexB(false, sps, pps, idr(0))...)
	r, st = demux(t, Options{}, videoOnly([]pes{{Data: b}}).Bytes())
	if len(r.samples) != 6 || st.NoParameters != n-5 {
		t.Errorf("with sets at last: %d samples, %+v", len(r.samples), st)
	}
}
