package mp4_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"

	"recfin/mp4"
)

type broken struct{ n int }

var errBroken = errors.New("broken")

func (b *broken) Write(p []byte) (int, error) {
	if b.n--; b.n < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

type short struct{}

func (short) Write(p []byte) (int, error) { return len(p) - 1, nil }

func TestErrors(t *testing.T) {
	video := mp4.Track{Entry: entry{mp4.Video, 0}, Timescale: 1000}
	ok := mp4.Sample{DTS: 100, PTS: 100, Duration: 10, Pieces: [][]byte{{1}}}
	for name, c := range map[string]struct {
		sample mp4.Sample
		want   error
	}{
		"steps back":     {mp4.Sample{DTS: 99, PTS: 99, Duration: 10}, mp4.ErrOrder},
		"no duration":    {mp4.Sample{DTS: 110, PTS: 110}, mp4.ErrRange},
		"minus duration": {mp4.Sample{DTS: 110, PTS: 110, Duration: -1}, mp4.ErrRange},
		"long":           {mp4.Sample{DTS: 110, PTS: 110, Duration: 1 << 32}, mp4.ErrRange},
		"far":            {mp4.Sample{DTS: 100 + 1<<32, PTS: 100 + 1<<32, Duration: 10}, mp4.ErrRange},
		"PTS far":        {mp4.Sample{DTS: 110, PTS: 110 + 1<<31, Duration: 10}, mp4.ErrRange},
		"PTS far before": {mp4.Sample{DTS: 110, PTS: 109 - 1<<31, Duration: 10}, mp4.ErrRange},
		"infinite":       {mp4.Sample{DTS: math.MaxInt64, PTS: math.MaxInt64, Duration: 10}, mp4.ErrRange},
		"infinite PTS":   {mp4.Sample{DTS: 110, PTS: math.MinInt64, Duration: 10}, mp4.ErrRange},
		"fine":           {mp4.Sample{DTS: 99 + 1<<32, PTS: 98 + 1<<32 + 1<<31, Duration: 1<<32 - 1}, nil},
		"fine, too":      {mp4.Sample{DTS: 110, PTS: 110 - 1<<31, Duration: 10}, nil},
	} {
		var body bytes.Buffer
		m := mp4.NewMovie(&body)
		v, err := m.AddTrack(video)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Write(v, &ok); err != nil {
			t.Fatal(err)
		}
		if err := m.Write(v, &c.sample); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		_, file := checked(t, m, &body, 0)
		if n := len(file.Samples(0)); (n == 2) != (c.want == nil) {
			t.Errorf("%s: %d samples were written", name, n)
		}
	}

	m := mp4.NewMovie(&broken{n: 1})
	v, _ := m.AddTrack(video)
	var err error
	for i := range 3 {
		at := int64(i * 1000)
		err = errors.Join(err, m.Write(v, &mp4.Sample{DTS: at, PTS: at, Duration: 1000, Pieces: [][]byte{{1}}}))
	}
	_, again := m.Finish(0)
	if !errors.Is(err, errBroken) || !errors.Is(again, errBroken) {
		t.Errorf("a broken writer: %v, then %v", err, again)
	}
	m = mp4.NewMovie(short{})
	v, _ = m.AddTrack(video)
	err = m.Write(v, &ok)
	if _, finish := m.Finish(0); err != nil || !errors.Is(finish, io.ErrShortWrite) {
		t.Errorf("a short writer: %v", finish)
	}
}

func TestMisuse(t *testing.T) {
	m := simple(t, io.Discard)
	_, noEntry := m.AddTrack(mp4.Track{Timescale: 1})
	_, noScale := m.AddTrack(mp4.Track{Entry: entry{mp4.Video, 0}})
	_, noKind := m.AddTrack(mp4.Track{Entry: entry{7, 0}, Timescale: 1})
	_, badBox := m.AddTrack(mp4.Track{Entry: &mp4.AVC{}, Timescale: 1})
	m.StartOffset(-1, 1, 1)
	m.StartOffset(2, 1, 1)
	for name, c := range map[string]struct{ got, want error }{
		"no entry":     {noEntry, mp4.ErrEntry},
		"timescale 0":  {noScale, mp4.ErrRange},
		"no kind":      {noKind, mp4.ErrEntry},
		"bad box":      {badBox, mp4.ErrEntry},
		"other kind":   {m.SetEntry(0, entry{mp4.Audio, 0}), mp4.ErrEntry},
		"nil entry":    {m.SetEntry(0, nil), mp4.ErrEntry},
		"entry of -1":  {m.SetEntry(-1, entry{mp4.Audio, 0}), mp4.ErrNoTrack},
		"write to 2":   {m.Write(2, &mp4.Sample{Duration: 1}), mp4.ErrNoTrack},
		"write to max": {m.Write(math.MaxInt, &mp4.Sample{Duration: 1}), mp4.ErrNoTrack},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
	for _, offset := range [][2]int64{{-1, 0}, {0, -1}, {math.MaxInt64, 0}, {0, math.MaxInt64}} {
		m := simple(t, io.Discard)
		m.StartOffset(0, offset[0], offset[1])
		if m.Duration() < 0 {
			t.Errorf("offset %v: lasts %d", offset, m.Duration())
		}
		if _, err := m.Finish(0); !errors.Is(err, mp4.ErrRange) {
			t.Errorf("offset %v: %v", offset, err)
		}
	}
	if _, err := m.Finish(0); err != nil {
		t.Fatal(err)
	}
	_, add := m.AddTrack(mp4.Track{Entry: entry{mp4.Video, 0}, Timescale: 1})
	_, finish := m.Finish(0)
	for _, err := range []error{add, finish, m.Write(0, &mp4.Sample{Duration: 1}), m.SetEntry(0, entry{mp4.Video, 0})} {
		if !errors.Is(err, mp4.ErrFinished) {
			t.Errorf("after Finish: %v", err)
		}
	}
	m = mp4.NewMovie(io.Discard)
	var err error
	n := 0
	for ; err == nil && n < 1000; n++ {
		_, err = m.AddTrack(mp4.Track{Entry: entry{mp4.Video, 0}, Timescale: 1})
	}
	if n != 129 || !errors.Is(err, mp4.ErrRange) {
		t.Errorf("%d tracks: %v", n, err)
	}
}
