package avc

import (
	"testing"

	"recfin/internal/tswriter"
)

// Whatever the sets are, what is taken of them can be written.
func FuzzParameterSets(f *testing.F) {
	pps := tswriter.PPS(0, 0, 0)
	f.Add(tswriter.SPS{Width: 320, Height: 192}.NAL()[1:], pps[1:], tswriter.Slice{IDR: true, Type: tswriter.I}.NAL()[1:])
	f.Add(tswriter.SPS{Width: 320, Height: 192, Fields: true}.NAL()[1:], pps[1:],
		tswriter.Slice{IDR: true, Type: tswriter.I, Fields: true, Field: true}.NAL()[1:])
	f.Add([]byte{100, 0, 40, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb, 0x01, 0x10}, []byte{0xee, 0x3c, 0x80}, []byte{0x88})
	f.Add([]byte("z00$112X0"), []byte("d"), []byte("0")) // a bit depth that no avcC can hold
	f.Fuzz(func(t *testing.T, s, p, sl []byte) {
		var sets Sets
		for _, n := range [][]byte{append([]byte{0x67}, s...), append([]byte{0x68}, p...)} {
			sets.Take(n)
		}
		HasRecoveryPoint(append([]byte{0x06}, sl...))
		sl = append([]byte{0x65}, sl...)
		SliceStart(sl)
		id, _ := SlicePPS(sl)
		active := sets.Active(id)
		if active == nil {
			if active = sets.Any(); active == nil {
				return
			}
		}
		ParseSlice(sl, active)
		e := sets.Entry(active)
		if e.Width <= 0 || e.Height <= 0 || e.Width > maxSide || e.Height > maxSide || len(e.SPS) == 0 || len(e.PPS) == 0 {
			t.Fatalf("%+v", e)
		}
		if _, err := e.Box(); err != nil {
			t.Fatalf("an entry that cannot be written: %v", err)
		}
	})
}
