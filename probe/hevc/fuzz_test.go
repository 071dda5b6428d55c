package hevc

import (
	"testing"

	"recfin/internal/tswriter"
)

// Whatever the sets are, what is taken of them is within its bounds.
func FuzzParameterSets(f *testing.F) {
	idr := tswriter.HEVCSlice{NAL: tswriter.HEVCIDR, Type: tswriter.HEVCTypeI}.Bytes()
	add := func(sps tswriter.HEVCSPS, slice []byte) {
		f.Add(vps0[1:], sps.NAL()[1:], pps0[1:], slice[0], slice[1:])
	}
	add(small, idr)
	add(fields, tswriter.HEVCSlice{NAL: tswriter.HEVCTrail, Type: tswriter.HEVCTypeP, Address: 7, POC: 3}.Bytes())
	add(tswriter.HEVCSPS{Width: 1920, Height: 1088, CropBottom: 4, References: true, FrameTicks: 3600, Aspect: 16, Colour: true}, idr)
	f.Fuzz(func(t *testing.T, v, s, p []byte, head byte, sl []byte) {
		var sets Sets
		for _, n := range [][]byte{append([]byte{NALVPS << 1}, v...), append([]byte{NALSPS << 1}, s...), append([]byte{NALPPS << 1}, p...)} {
			sets.Take(n)
		}
		sl = append([]byte{head}, sl...)
		HasRecoveryPoint(append([]byte{NALPrefixSEI << 1}, sl...))
		h, id := sets.Slice(sl), uint32(0)
		if got, ok := SlicePPS(sl); ok {
			id = got
		}
		if h.OK && (h.PPS != id || sets.Active(id) == nil || h.First != FirstSlice(sl)) {
			t.Fatalf("%+v of PPS %d", h, id)
		}
		active := sets.Any()
		if active == nil {
			return
		}
		e := sets.Entry(active)
		if e.Width <= 0 || e.Height <= 0 || e.Width > maxSide || e.Height > maxSide || len(e.SPS) == 0 || len(e.PPS) == 0 ||
			e.LumaDepth < 8 || e.LumaDepth > 16 || e.TemporalLayers < 1 || e.TemporalLayers > 7 {
			t.Fatalf("%+v", e)
		}
	})
}
