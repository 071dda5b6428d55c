package mp4_test

import (
	"bytes"
	"slices"
	"testing"

	"recfin/internal/mp4check"
	"recfin/mp4"
)

// TestLoneIntra: a lone I picture is in stss only where there is nothing else.
func TestLoneIntra(t *testing.T) {
	const n, i, r, s = mp4.NotAccess, mp4.Intra, mp4.Recovery, mp4.Sync
	for _, c := range []struct {
		name    string
		samples []mp4.Access // one a second
		want    []int        // those in stss
	}{
		{"a scene change between IDR pictures", []mp4.Access{s, i, n, n, s, i, n}, []int{0, 4}},
		{"after a recovery point", []mp4.Access{r, n, i, n, r}, []int{0, 4}},
		{"there is nothing else", []mp4.Access{i, n, i, n, i}, []int{0, 2, 4}},
		{"until there is", []mp4.Access{n, i, n, i, s, i, n}, []int{1, 3, 4}},
		{"from then on there is nothing else", []mp4.Access{s, i, n, n, n, n, n, n, n, n, i, i, n, i}, []int{0, 11, 13}},
	} {
		var body bytes.Buffer
		m := mp4.NewMovie(&body)
		v, err := m.AddTrack(mp4.Track{Entry: &mp4.AVC{SPS: [][]byte{spsMain}, PPS: [][]byte{pps}, Width: 160, Height: 90}, Timescale: 90000})
		if err != nil {
			t.Fatal(err)
		}
		for k, a := range c.samples {
			at := int64(k) * 90000
			if err := m.Write(v, &mp4.Sample{DTS: at, PTS: at, Duration: 90000, Access: a, Pieces: [][]byte{{0, 0, 0, 1, 1}}}); err != nil {
				t.Fatal(err)
			}
		}
		head, err := m.Finish(0)
		if err != nil {
			t.Fatal(err)
		}
		raw := make([]byte, head.Size())
		if _, err := head.ReadAt(raw, 0); err != nil {
			t.Fatal(err)
		}
		raw = append(raw, body.Bytes()...)
		file, err := mp4check.Open(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for k, x := range file.Samples(0) {
			if x.Sync {
				got = append(got, k)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v in stss, not %v", c.name, got, c.want)
		}
	}
}
