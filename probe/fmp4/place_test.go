package fmp4

import (
	"slices"
	"testing"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

// placed is a sink that keeps where the samples of track 1 stand.
type placed []mp4.Place

func (placed) Track(int, mp4.Track) error { return nil }

func (p *placed) Sample(id int, s *mp4.Sample) error {
	if id == 1 {
		*p = append(*p, s.Alone)
	}
	return nil
}

// TestAlone: only the first picture of a fragment can stand by itself, with all that
// lies before it in the fragment.
func TestAlone(t *testing.T) {
	moof := func(st style, samples ...[]byte) []byte {
		var run []smp
		for _, s := range samples {
			run = append(run, smp{dur: 3600, data: s})
		}
		return moofBox(0, traf{id: 1, style: st, runs: [][]smp{run}})
	}
	key, still, next := lengths(4, idr(0)), lengths(4, tswriter.Slice{Type: tswriter.I, FrameNum: 1, POC: 2}.NAL()), lengths(4, inter(2))
	size := func(b []byte, behind ...[]byte) int64 { return int64(len(b) - len(slices.Concat(behind...))) }
	three, two, open := moof(plain, key, next, key), moof(plain, next, key), moof(plain, still, next)
	fixed := plain
	fixed.base = 1
	at := func(offset int, length int64) mp4.Place { return mp4.Place{Offset: int64(offset), Length: length} }
	none := mp4.Place{}
	for name, c := range map[string]struct {
		segment []byte
		want    []mp4.Place
	}{
		"first of three":    {three, []mp4.Place{at(0, size(three, next, key)), none, none}},
		"second":            {two, []mp4.Place{none, none}},
		"I picture, no IDR": {open, []mp4.Place{at(0, size(open, next)), none}},
		"second fragment":   {slices.Concat(two, three), []mp4.Place{none, none, at(len(two), size(three, next, key)), none, none}},
		"behind styp":       {slices.Concat(atom("styp", []byte("msdh")), three), []mp4.Place{at(12, size(three, next, key)), none, none}},
		"explicit base":     {moof(fixed, key, next), []mp4.Place{none, none}},
	} {
		for _, step := range []int{len(c.segment), 7} {
			var got placed
			d := New(&got, Options{Init: header})
			for b := range slices.Chunk(c.segment, step) {
				if _, err := d.Write(b); err != nil {
					t.Fatal(name, err)
				}
			}
			if err := d.Flush(); err != nil {
				t.Fatal(name, err)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s, written by %d: %v, want %v", name, step, got, c.want)
			}
			if end, ok := d.Described(); !ok || end != 0 {
				t.Errorf("%s: described %v by %d", name, ok, end)
			}
		}
	}
}

// TestDescribed: a segment is described by its own moov, or by one that was given for
// it.
func TestDescribed(t *testing.T) {
	other := moov(trackBox{id: 1, handler: "vide", scale: 90000, entry: visual("avc1", 640, 360, avcC(4, sps, pps))}.box(), mvex(trex(1, 0, 0, 0)))
	own := slices.Concat(header, one(0, 0, idr(0)))
	d := New(new(placed), Options{})
	for i, c := range []struct {
		init, segment []byte
		end           int
		ok            bool
	}{
		{nil, own, len(header), true},
		{nil, one(3600, 0, idr(1)), 0, false}, // it goes on with the one before
		{header, one(7200, 0, idr(2)), 0, true},
		{header, own, len(header), true},
		{nil, slices.Concat(own, other, one(7200, 0, idr(2))), len(header), false},
	} {
		if i > 0 {
			d.Boundary()
		}
		if c.init != nil {
			if err := d.Init(c.init); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := d.Write(c.segment); err != nil {
			t.Fatal(err)
		}
		if end, ok := d.Described(); end != int64(c.end) || ok != c.ok {
			t.Errorf("segment %d: described %v by %d, want %v by %d", i, ok, end, c.ok, c.end)
		}
	}
}
