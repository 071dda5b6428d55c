package hevc

import (
	"bytes"
	"testing"

	"recfin/internal/tswriter"
	"recfin/mp4"
)

var (
	vps0   = tswriter.HEVCVPS(0, 0)
	small  = tswriter.HEVCSPS{Width: 320, Height: 192}
	pps0   = tswriter.HEVCPPS(0, 0, 0)
	ticks  = tswriter.HEVCSPS{Width: 320, Height: 192, FrameTicks: 3600}
	fields = tswriter.HEVCSPS{Width: 320, Height: 192, FrameTicks: 1800, Fields: true}
)

func TestSPS(t *testing.T) {
	cropped := small
	cropped.Width, cropped.Height, cropped.CropRight, cropped.CropBottom = 1920, 1088, 1, 4
	full := tswriter.HEVCSPS{Width: 720, Height: 576, FrameTicks: 3600, Aspect: 4, Colour: true, References: true}
	for _, c := range []struct {
		name string
		sps  tswriter.HEVCSPS
		want SPS
	}{
		{"plain", small, SPS{Width: 320, Height: 192}},
		{"conformance window", cropped, SPS{Width: 1918, Height: 1080}},
		{"timing", ticks, SPS{Width: 320, Height: 192, FrameDuration: 3600}},
		{"fields", fields, SPS{Width: 320, Height: 192, FrameDuration: 1800, Fields: true}},
		{"all", full, SPS{Width: 720, Height: 576, FrameDuration: 3600, ParWidth: 16, ParHeight: 11,
			Colour: &mp4.Colour{Primaries: 1, Transfer: 1, Matrix: 1}}},
	} {
		s, id, ok := parseSPS(c.sps.NAL())
		if !ok || id != 0 {
			t.Errorf("%s: id %d, %v", c.name, id, ok)
			continue
		}
		if s.Width != c.want.Width || s.Height != c.want.Height || s.ParWidth != c.want.ParWidth || s.ParHeight != c.want.ParHeight ||
			s.FrameDuration != c.want.FrameDuration || s.Fields != c.want.Fields || s.POCBits != 8 {
			t.Errorf("%s: %+v", c.name, s)
		}
		if (s.Colour == nil) != (c.want.Colour == nil) || s.Colour != nil && *s.Colour != *c.want.Colour {
			t.Errorf("%s: colour %v", c.name, s.Colour)
		}
		e := s.entry()
		if e.Profile != [12]byte{1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 90} || e.Chroma != 1 || e.LumaDepth != 8 || e.ChromaDepth != 8 ||
			e.TemporalLayers != 1 || !e.TemporalNested {
			t.Errorf("%s: %+v", c.name, e)
		}
	}
}

// An SPS whose end cannot be read is one all the same: pictures are worth more
// than their aspect ratio.
func TestSPSWithABrokenEnd(t *testing.T) {
	whole := tswriter.HEVCSPS{Width: 320, Height: 192, FrameTicks: 3600, Aspect: 4, References: true}.NAL()
	usable := 0
	for n := range whole {
		s, _, ok := parseSPS(append([]byte{66, 1}, whole[2:max(2, n)]...))
		if !ok {
			if usable > 0 {
				t.Fatalf("%d bytes are enough and %d are not", n-1, n)
			}
			continue
		}
		usable++
		if s.Width != 320 || s.Height != 192 || s.POCBits != 8 || s.addressBits != 8 {
			t.Fatalf("of %d bytes: %+v", n, s)
		}
	}
	if usable < 8 {
		t.Errorf("readable in %d lengths", usable)
	}
}

func TestSets(t *testing.T) {
	var s Sets
	if s.Changed() || s.Any() != nil || s.Active(0) != nil {
		t.Fatal("sets out of nothing")
	}
	other := tswriter.HEVCSPS{ID: 1, Width: 640, Height: 384}.NAL()
	for _, n := range [][]byte{vps0, small.NAL(), tswriter.HEVCPPS(3, 1, 0)} {
		s.Take(n)
	}
	if s.Any() != nil || s.Active(3) != nil {
		t.Fatal("a PPS whose SPS is missing is used")
	}
	s.Take(pps0)
	s.Take(other)
	if a := s.Active(3); a == nil || a.Width != 640 {
		t.Fatalf("active: %+v", a)
	}
	if a := s.Any(); a == nil || a.Width != 640 {
		t.Fatalf("the first PPS that came is not the one: %+v", a)
	}
	e := s.Entry(s.Active(0))
	if e.Width != 320 || len(e.VPS) != 1 || len(e.SPS) != 2 || len(e.PPS) != 2 ||
		!bytes.Equal(e.SPS[1], other) || !bytes.Equal(e.PPS[1], pps0) || s.Changed() {
		t.Fatalf("%+v", e)
	}
	for _, n := range [][]byte{vps0, small.NAL(), pps0, other, tswriter.Layered(tswriter.HEVCPPS(0, 0, 7)), tswriter.HEVCDelimiter, {66, 1}, {66}, nil} {
		if s.Take(n); s.Changed() {
			t.Fatalf("% x changes something", n)
		}
	}
	for i, n := range [][]byte{tswriter.HEVCVPS(0, 1), tswriter.HEVCPPS(0, 0, 1), ticks.NAL()} {
		if s.Take(n); !s.Changed() {
			t.Fatalf("set %d changes nothing", i)
		}
		e = s.Entry(s.Active(0))
	}
	if len(e.VPS) != 1 || len(e.SPS) != 2 || len(e.PPS) != 2 || !bytes.Equal(e.SPS[0], ticks.NAL()) {
		t.Fatalf("%+v", e)
	}
}

func TestSlices(t *testing.T) {
	var s Sets
	s.Take(small.NAL())
	s.Take(pps0)
	for _, c := range []struct {
		name  string
		slice tswriter.HEVCSlice
		want  SliceHead
	}{
		{"idr", tswriter.HEVCSlice{NAL: 20, Type: 2}, SliceHead{OK: true, First: true, Intra: true, HasPOC: true}},
		{"cra", tswriter.HEVCSlice{NAL: 21, Type: 2, POC: 9}, SliceHead{OK: true, First: true, Intra: true, HasPOC: true, POC: 9}},
		{"trail P", tswriter.HEVCSlice{NAL: 1, Type: 1, POC: 255}, SliceHead{OK: true, First: true, HasPOC: true, POC: 255}},
		{"trail B", tswriter.HEVCSlice{NAL: 0, Type: 0, POC: 3}, SliceHead{OK: true, First: true, HasPOC: true, POC: 3}},
		{"second slice", tswriter.HEVCSlice{NAL: 1, Type: 2, Address: 200, POC: 4}, SliceHead{OK: true, Intra: true, HasPOC: true, POC: 4}},
		{"dependent", tswriter.HEVCSlice{NAL: 1, Address: 200, Dependent: true}, SliceHead{OK: true, Dependent: true}},
		{"unknown PPS", tswriter.HEVCSlice{NAL: 1, PPS: 5}, SliceHead{First: true, PPS: 5}},
	} {
		nal := c.slice.Bytes()
		if got := s.Slice(nal); got != c.want {
			t.Errorf("%s: %+v", c.name, got)
		}
		if id, ok := SlicePPS(nal); !ok || id != c.want.PPS || FirstSlice(nal) != c.want.First {
			t.Errorf("%s: PPS %d, %v, first %v", c.name, id, ok, FirstSlice(nal))
		}
	}
	if s.Slice([]byte{2, 1, 0x80}).OK {
		t.Error("a header of one byte is read")
	}
}

func TestKinds(t *testing.T) {
	for typ := range byte(64) {
		want := mp4.NotAccess
		switch typ {
		case 16, 17, 18, 21:
			want = mp4.OpenSync
		case 19, 20:
			want = mp4.Sync
		}
		if Access(typ) != want || IsIRAP(typ) != (typ >= 16 && typ <= 23) || IsSet(typ) != (typ >= 32 && typ <= 34) ||
			IsSlice(typ) != (typ <= 9 || typ >= 16 && typ <= 21) {
			t.Errorf("type %d", typ)
		}
	}
	if !HasRecoveryPoint(tswriter.HEVCRecoveryPoint) || HasRecoveryPoint(tswriter.HEVCPrefixSEI) || HasRecoveryPoint(nil) {
		t.Error("recovery points")
	}
	if Layer(tswriter.Layered(pps0)) != 1 || Layer(pps0) != 0 || Type(tswriter.Layered(pps0)) != NALPPS {
		t.Error("layers")
	}
}
