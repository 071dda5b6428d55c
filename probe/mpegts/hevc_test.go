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

var (
	vps5  = tswriter.HEVCVPS(0, 0)
	sps5  = tswriter.HEVCSPS{Width: 320, Height: 192, FrameTicks: 3600}.NAL()
	sps5F = tswriter.HEVCSPS{Width: 320, Height: 192, FrameTicks: 1800, Fields: true}.NAL()
	pps5  = tswriter.HEVCPPS(0, 0, 0)
	d5    = tswriter.HEVCDelimiter
	idr5  = segment5(tswriter.HEVCIDR, 0, 0, tswriter.HEVCTypeI)
	sets5 = lengths(vps5, sps5, pps5, idr5)
)

// segment5 is a slice segment that differs by poc and address.
func segment5(nal byte, poc, address int, kind uint32) []byte {
	return tswriter.HEVCSlice{NAL: nal, Type: kind, POC: uint32(poc) & 255, Address: uint32(address),
		Data: fmt.Appendf(nil, "segment %d of %d", address, poc)}.Bytes()
}

func trail5(poc int) []byte { return segment5(tswriter.HEVCTrail, poc, 0, tswriter.HEVCTypeP) }

func dependent5(address int) []byte {
	return tswriter.HEVCSlice{NAL: tswriter.HEVCTrail, Address: uint32(address), Dependent: true}.Bytes()
}

var hevcPictures = []struct {
	name string
	pes  []pes
	want []want
	st   Stats // without Packets
}{
	{name: "delimiters, filler and ends are left out, the rest is kept",
		pes: []pes{at(0, d5, vps5, sps5, pps5, tswriter.HEVCPrefixSEI, idr5, tswriter.HEVCSuffixSEI, tswriter.HEVCFiller),
			at(3600, d5, trail5(1), tswriter.HEVCEndOfSequence, tswriter.HEVCEndOfStream)},
		want: []want{{0, 0, mp4.Sync, true, lengths(vps5, sps5, pps5, tswriter.HEVCPrefixSEI, idr5, tswriter.HEVCSuffixSEI)},
			{3600, 3600, 0, false, lengths(trail5(1))}}},
	{name: "no delimiters",
		pes:  []pes{at(0, vps5, sps5, pps5, idr5), at(3600, trail5(1)), at(7200, trail5(2))},
		want: []want{{0, 0, mp4.Sync, true, sets5}, {3600, 3600, 0, false, lengths(trail5(1))}, {7200, 7200, 0, false, lengths(trail5(2))}}},
	{name: "no VPS",
		pes:  []pes{at(0, sps5, pps5, idr5)},
		want: []want{{0, 0, mp4.Sync, false, lengths(sps5, pps5, idr5)}}},
	{name: "kinds of random access",
		pes: []pes{at(0, vps5, sps5, pps5, idr5), at(3600, segment5(tswriter.HEVCCRA, 1, 0, 2)), at(7200, segment5(tswriter.HEVCBLA, 2, 0, 2)),
			at(10800, tswriter.HEVCRecoveryPoint, trail5(3)), at(14400, segment5(tswriter.HEVCTrail, 4, 0, 2)), at(18000, tswriter.HEVCPrefixSEI, trail5(5))},
		want: []want{{0, 0, mp4.Sync, true, sets5}, {3600, 3600, mp4.OpenSync, false, lengths(segment5(tswriter.HEVCCRA, 1, 0, 2))},
			{7200, 7200, mp4.OpenSync, false, lengths(segment5(tswriter.HEVCBLA, 2, 0, 2))},
			{10800, 10800, mp4.Recovery, false, lengths(tswriter.HEVCRecoveryPoint, trail5(3))},
			{14400, 14400, mp4.Intra, false, lengths(segment5(tswriter.HEVCTrail, 4, 0, 2))},
			{18000, 18000, 0, false, lengths(tswriter.HEVCPrefixSEI, trail5(5))}}},
	{name: "several slice segments",
		pes: []pes{at(0, vps5, sps5, pps5, idr5), at(3600, segment5(1, 1, 0, 2), dependent5(20), segment5(1, 1, 40, 1)),
			at(7200, segment5(1, 2, 0, 2), dependent5(20), segment5(1, 2, 40, 2))},
		want: []want{{0, 0, mp4.Sync, true, sets5},
			{3600, 3600, 0, false, lengths(segment5(1, 1, 0, 2), dependent5(20), segment5(1, 1, 40, 1))},
			{7200, 7200, mp4.Intra, false, lengths(segment5(1, 2, 0, 2), dependent5(20), segment5(1, 2, 40, 2))}}},
	{name: "a prefix SEI between the slice segments of a picture",
		pes: []pes{at(0, vps5, sps5, pps5, idr5), at(3600, segment5(1, 1, 0, 1), tswriter.HEVCPrefixSEI, segment5(1, 1, 40, 1), tswriter.HEVCPrefixSEI, trail5(2)), at(10800, trail5(3))},
		want: []want{{0, 0, mp4.Sync, true, sets5},
			{3600, 3600, 0, false, lengths(segment5(1, 1, 0, 1), tswriter.HEVCPrefixSEI, segment5(1, 1, 40, 1))},
			{7200, 7200, 0, false, lengths(tswriter.HEVCPrefixSEI, trail5(2))}, {10800, 10800, 0, false, lengths(trail5(3))}},
		st: Stats{Untimed: 1}},
	{name: "a PES packet begins with an SEI inside a picture, and with its times",
		pes: []pes{at(0, vps5, sps5, pps5, idr5), at(3600, segment5(1, 1, 0, 1)), at(3600, tswriter.HEVCPrefixSEI, segment5(1, 1, 40, 1)), at(7200, trail5(2))},
		want: []want{{0, 0, mp4.Sync, true, sets5},
			{3600, 3600, 0, false, lengths(segment5(1, 1, 0, 1), tswriter.HEVCPrefixSEI, segment5(1, 1, 40, 1))}, {7200, 7200, 0, false, lengths(trail5(2))}}},
	{name: "a PES packet that begins inside a picture has the times of the next",
		pes: []pes{at(0, vps5, sps5, pps5, idr5), at(3600, segment5(1, 1, 0, 1)), at(7200, tswriter.HEVCPrefixSEI, segment5(1, 1, 40, 1), trail5(2))},
		want: []want{{0, 0, mp4.Sync, true, sets5},
			{3600, 3600, 0, false, lengths(segment5(1, 1, 0, 1), tswriter.HEVCPrefixSEI, segment5(1, 1, 40, 1))}, {7200, 7200, 0, false, lengths(trail5(2))}}},
	{name: "the first slice segment of the next picture is lost",
		pes: []pes{at(0, vps5, sps5, pps5, idr5), at(3600, trail5(1)), at(7200, tswriter.HEVCPrefixSEI, segment5(tswriter.HEVCCRA, 2, 40, 2))},
		want: []want{{0, 0, mp4.Sync, true, sets5}, {3600, 3600, 0, false, lengths(trail5(1))},
			{7200, 7200, mp4.OpenSync, false, lengths(tswriter.HEVCPrefixSEI, segment5(tswriter.HEVCCRA, 2, 40, 2))}}},
	{name: "a second layer belongs to the picture",
		pes: []pes{at(0, d5, vps5, sps5, pps5, tswriter.Layered(sps5), idr5, tswriter.Layered(pps5), tswriter.Layered(idr5), tswriter.Layered(d5)),
			at(3600, trail5(1), tswriter.Layered(trail5(1))), at(7200, trail5(2))},
		want: []want{{0, 0, mp4.Sync, true, lengths(vps5, sps5, pps5, tswriter.Layered(sps5), idr5, tswriter.Layered(pps5), tswriter.Layered(idr5))},
			{3600, 3600, 0, false, lengths(trail5(1), tswriter.Layered(trail5(1)))}, {7200, 7200, 0, false, lengths(trail5(2))}}},
	{name: "unspecified NAL units behind the slices stay with them",
		pes: []pes{at(0, vps5, sps5, pps5, idr5, []byte{62 << 1, 1, 0x19, 0x80}), at(3600, []byte{48 << 1, 1, 7}, trail5(1))},
		want: []want{{0, 0, mp4.Sync, true, lengths(vps5, sps5, pps5, idr5, []byte{62 << 1, 1, 0x19, 0x80})},
			{3600, 3600, 0, false, lengths([]byte{48 << 1, 1, 7}, trail5(1))}}},
	{name: "a picture over two PES packets with equal times",
		pes: append(append([]pes{at(0, vps5, sps5, pps5, idr5)}, split(at(3600, d5, trail5(1), segment5(1, 1, 40, 1)), 20, pes{PTS: 3600, DTS: 3600})...),
			at(7200, d5, trail5(2))),
		want: []want{{0, 0, mp4.Sync, true, sets5}, {3600, 3600, 0, false, lengths(trail5(1), segment5(1, 1, 40, 1))}, {7200, 7200, 0, false, lengths(trail5(2))}}},
	{name: "several pictures in one PES packet",
		pes:  []pes{at(0, vps5, sps5, pps5, idr5, trail5(1), trail5(2)), at(10800, trail5(3))},
		want: []want{{0, 0, mp4.Sync, true, sets5}, {3600, 3600, 0, false, lengths(trail5(1))}, {7200, 7200, 0, false, lengths(trail5(2))}, {10800, 10800, 0, false, lengths(trail5(3))}},
		st:   Stats{Untimed: 2}},
	{name: "pictures without a time are put in order by their picture order count",
		pes: []pes{{PTS: 7200, DTS: 0, Data: tswriter.AnnexB(false, vps5, sps5, pps5, idr5)}, {PTS: 18000, DTS: 3600, Data: tswriter.AnnexB(false, trail5(3))},
			untimed(trail5(1)), untimed(trail5(2))},
		want: []want{{7200, 0, mp4.Sync, true, sets5}, {18000, 3600, 0, false, lengths(trail5(3))},
			{10800, 7200, 0, false, lengths(trail5(1))}, {14400, 10800, 0, false, lengths(trail5(2))}},
		st: Stats{Untimed: 2}},
	{name: "an IDR or BLA picture without a time comes behind everything before it",
		pes: []pes{{PTS: 7200, DTS: 0, Data: tswriter.AnnexB(false, vps5, sps5, pps5, idr5)}, {PTS: 18000, DTS: 3600, Data: tswriter.AnnexB(false, trail5(3))},
			{PTS: 10800, DTS: 7200, Data: tswriter.AnnexB(false, trail5(1))}, untimed(segment5(tswriter.HEVCBLA, 77, 0, 2))},
		want: []want{{7200, 0, mp4.Sync, true, sets5}, {18000, 3600, 0, false, lengths(trail5(3))},
			{10800, 7200, 0, false, lengths(trail5(1))}, {21600, 10800, mp4.OpenSync, false, lengths(segment5(tswriter.HEVCBLA, 77, 0, 2))}},
		st: Stats{Untimed: 1}},
	{name: "fields are samples of their own",
		pes: []pes{at(0, d5, vps5, sps5F, pps5, idr5, d5, trail5(1)), at(3600, d5, trail5(2), d5, trail5(3))},
		want: []want{{0, 0, mp4.Sync, true, lengths(vps5, sps5F, pps5, idr5)}, {1800, 1800, 0, false, lengths(trail5(1))},
			{3600, 3600, 0, false, lengths(trail5(2))}, {5400, 5400, 0, false, lengths(trail5(3))}},
		st: Stats{Untimed: 2}},
	{name: "pictures before the first parameter sets are held",
		pes:  []pes{at(0, trail5(0)), at(3600, trail5(1)), at(7200, vps5, sps5, pps5, idr5)},
		want: []want{{0, 0, 0, false, lengths(trail5(0))}, {3600, 3600, 0, false, lengths(trail5(1))}, {7200, 7200, mp4.Sync, true, sets5}}},
	{name: "no parameter sets at all",
		pes: []pes{at(0, trail5(0)), at(3600, trail5(1))},
		st:  Stats{NoParameters: 2}},
	{name: "a picture without its beginning",
		pes:  []pes{at(0, vps5, sps5, pps5, segment5(1, 0, 40, 1)), at(3600, idr5)},
		want: []want{{3600, 3600, mp4.Sync, false, lengths(idr5)}},
		st:   Stats{Truncated: 1}},
	{name: "half a NAL unit header",
		pes:  []pes{at(0, vps5, sps5, pps5, idr5, []byte{0x41}), at(3600, trail5(1))},
		want: []want{{0, 0, mp4.Sync, true, sets5}, {3600, 3600, 0, false, lengths(trail5(1))}}},
}

func hevcOnly(p []pes) *tswriter.Writer {
	w := tswriter.New(tswriter.Stream{PID: vPID, Type: tswriter.TypeHEVC})
	w.Tables()
	for _, x := range p {
		w.PES(vPID, x)
	}
	return w
}

func TestHEVCPictures(t *testing.T) {
	for _, c := range hevcPictures {
		t.Run(c.name, func(t *testing.T) {
			r, st := demux(t, Options{}, hevcOnly(c.pes).Bytes())
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
func TestHEVCPicturesAcrossBoundaries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := hevcPictures[rapid.IntRange(0, len(hevcPictures)-1).Draw(t, "case")]
		packets := hevcOnly(c.pes).Packets()
		want, _, _ := tryDemux(Options{}, bytes.Join(packets, nil))
		n := rapid.IntRange(0, len(packets)).Draw(t, "cut")
		r, _, err := tryDemux(Options{}, bytes.Join(packets[:n], nil), bytes.Join(packets[n:], nil))
		if err != nil || !reflect.DeepEqual(want.log, r.log) {
			t.Fatalf("%s: %v\n%v\nwant\n%v", c.name, err, r.log, want.log)
		}
	})
}

func TestHEVCEntries(t *testing.T) {
	wide := tswriter.HEVCSPS{Width: 640, Height: 192}.NAL()
	w := hevcOnly([]pes{at(0, vps5, sps5, pps5, idr5), at(3600, vps5, sps5, pps5, idr5), at(7200, tswriter.HEVCPPS(1, 0, 5), trail5(2)),
		at(10800, vps5, wide, pps5, idr5), at(14400, trail5(4))})
	r, _ := demux(t, Options{}, w.Bytes())
	type e struct{ width, vps, sps, pps int }
	var have []e
	for _, x := range r.entries[vPID] {
		a := x.(*mp4.HEVC)
		have = append(have, e{a.Width, len(a.VPS), len(a.SPS), len(a.PPS)})
	}
	if want := []e{{320, 1, 1, 1}, {320, 1, 1, 2}, {640, 1, 1, 2}}; !reflect.DeepEqual(have, want) {
		t.Errorf("entries %v, want %v", have, want)
	}
}

// Registered as private data it is the same stream.
func TestHEVCByRegistration(t *testing.T) {
	w := tswriter.New(tswriter.Stream{PID: vPID, Type: 0x06, Descriptors: []byte{5, 4, 'H', 'E', 'V', 'C'}})
	w.Tables()
	w.PES(vPID, at(0, vps5, sps5, pps5, idr5))
	if r, _ := demux(t, Options{}, w.Bytes()); len(r.samples) != 1 || r.samples[0].payload != sets5 {
		t.Errorf("%v", r.log)
	}
}

func TestHEVCBare(t *testing.T) {
	w := hevcOnly([]pes{at(0, trail5(0)), at(3600, segment5(tswriter.HEVCCRA, 1, 0, 2)), at(7200, vps5, sps5, pps5, idr5)})
	r, _ := demux(t, Options{Bare: true}, w.Bytes())
	if len(r.samples) != 3 || len(r.entries[vPID]) != 2 || r.samples[1].access != mp4.OpenSync {
		t.Fatalf("%v", r.log)
	}
	if a := r.entries[vPID][0].(*mp4.HEVC); len(a.SPS) != 0 {
		t.Errorf("first entry has sets: %+v", a)
	}
}
