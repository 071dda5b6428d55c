package probe

import (
	"testing"

	"recfin/mp4"
)

// measured are pictures that stand so many ticks apart.
func measured(steps ...int64) Track {
	m := meter{}
	_ = m.Track(1, mp4.Track{Entry: &mp4.AVC{}, Timescale: 90000})
	at := int64(0)
	for _, s := range append([]int64{0}, steps...) {
		at += s
		_ = m.Sample(1, &mp4.Sample{DTS: at, PTS: at})
	}
	return m.finish()[0]
}

func TestStep(t *testing.T) {
	for name, c := range map[string]struct {
		steps []int64
		want  int64
	}{
		"one picture":                 {nil, 0},
		"always the same":             {[]int64{3600, 3600, 3600}, 3600},
		"the first lasts longer":      {[]int64{9000, 3600, 3600, 3600, 3600}, 3600},
		"three of four":               {[]int64{3754, 3754, 3754, 3753, 3754, 3754, 3754, 3753}, 3754},
		"two of three are not enough": {[]int64{33, 33, 34, 33, 33, 34}, 0},
		"none":                        {[]int64{10, 20, 30, 40}, 0},
		"backwards":                   {[]int64{-10, -10, -10}, 0},
		"six of ten":                  {[]int64{10, 20, 30, 40, 50, 50, 50, 50, 50, 50}, 50},
	} {
		if got := measured(c.steps...).Step; got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// Entries that playlists have other words for are kept, each once.
func TestMoreEntries(t *testing.T) {
	m := meter{}
	avc := func(level byte, width int) mp4.SampleEntry {
		return &mp4.AVC{SPS: [][]byte{{0x67, 0x4d, 0x40, level}}, PPS: [][]byte{{0x68, 0}}, Width: width, Height: 720}
	}
	for _, e := range []mp4.SampleEntry{&mp4.AVC{}, avc(30, 1280), avc(30, 1280), avc(31, 1280), avc(31, 1920), avc(31, 1280), &mp4.AVC{}} {
		_ = m.Track(1, mp4.Track{Entry: e, Timescale: 90000})
	}
	tr := m.finish()[0]
	if tr.Entry.Codecs() != "avc1.4d401e" || tr.Entries != 5 || len(tr.More) != 2 || tr.More[0].Codecs() != "avc1.4d401f" || tr.More[1].(*mp4.AVC).Width != 1920 {
		t.Errorf("%+v, and %d more", tr.Entry, len(tr.More))
	}
	for i := range 100 {
		_ = m.Track(1, mp4.Track{Entry: avc(32, 16*i), Timescale: 90000})
	}
	if n := len(m.finish()[0].More); n != maxMore {
		t.Errorf("%d entries", n)
	}
}
