package mp4_test

import (
	"bytes"
	"strings"
	"testing"

	"recfin/mp4"
)

// A file names the brands of its codecs, as far as there are any, each once.
func TestBrands(t *testing.T) {
	avc := &mp4.AVC{SPS: [][]byte{spsMain}, PPS: [][]byte{pps}, Width: 160, Height: 90}
	av1 := &mp4.AV1{Config: unhex("81040c00"), Width: 160, Height: 90}
	for want, entries := range map[string][]mp4.SampleEntry{
		"isom iso2 iso6 mp41":           {hevc(), &mp4.Opus{Channels: 1}},
		"isom iso2 iso6 mp41 avc1":      {avc, avc},
		"isom iso2 iso6 mp41 av01":      {&mp4.Opus{Channels: 1}, av1},
		"isom iso2 iso6 mp41 avc1 av01": {av1, avc},
	} {
		var body bytes.Buffer
		m := mp4.NewMovie(&body)
		for i, e := range entries {
			if _, err := m.AddTrack(mp4.Track{Entry: e, Timescale: 48000}); err != nil {
				t.Fatal(err)
			}
			if err := m.Write(i, &mp4.Sample{Duration: 960, Pieces: [][]byte{{1}}}); err != nil {
				t.Fatal(err)
			}
		}
		j, _ := checked(t, m, &body, 0)
		ftyp := inside(t, j.bytes(t), "ftyp")
		if string(ftyp[:4]) != "isom" {
			t.Errorf("major brand %q", ftyp[:4])
		}
		var got []string
		for b := ftyp[8:]; len(b) > 0; b = b[4:] {
			got = append(got, string(b[:4]))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("brands %q, want %q", got, want)
		}
	}
}
