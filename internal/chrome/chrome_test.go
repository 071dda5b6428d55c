package chrome

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"recfin/finalize/remux"
	"recfin/mp4"
)

func colours(s string) []string { return strings.Fields(s) }

// story makes takes and says what must become of them.
type story struct {
	name string
	make func(t *testing.T) []take
	want want
}

var stories = []story{
	{"a segment without sound", func(t *testing.T) []take {
		s := clip{colours: colours("red lime blue yellow")}.segments(t)
		s[1] = mute(t, s[1])
		return []take{{nonce: "A", segments: s}}
	}, want{colours: colours("red lime blue yellow"), mute: map[int]bool{1: true}}},
	{"another clock", func(t *testing.T) []take {
		return []take{
			{nonce: "A", segments: clip{colours: colours("red lime"), offset: "4321.5"}.segments(t)},
			{nonce: "B", segments: clip{colours: colours("blue yellow")}.segments(t)},
		}
	}, want{colours: colours("red lime blue yellow")}},
	{"a hole", func(t *testing.T) []take {
		s := clip{colours: colours("red lime blue yellow")}.segments(t)
		s[2] = nil
		return []take{{nonce: "A", segments: s}}
	}, want{colours: colours("red lime yellow")}},
	{"a clock that wraps", func(t *testing.T) []take {
		return []take{{nonce: "A", segments: clip{colours: colours("red lime blue"), offset: "95440.7"}.segments(t)}}
	}, want{colours: colours("red lime blue"), deaf: true}},
	{"A, B, A of another size", abaOf(clip{size: "640x360"}), want{
		colours: colours("red lime blue yellow cyan magenta"), sizes: []string{"320x180", "640x360", "320x180"},
	}},
	{"A, B, A of other parameter sets", abaOf(clip{video: []string{"-c:v", "libx264", "-preset", "medium", "-profile:v", "high", "-level", "4.0", "-bf", "3", "-refs", "5"}}), want{
		colours: colours("red lime blue yellow cyan magenta"), sizes: []string{"320x180"}, deaf: true,
	}},
	{"Opus", single(clip{audio: []string{"-c:a", "libopus", "-b:a", "96k"}}), want{colours: colours("red lime blue")}},
	{"MP3", single(clip{audio: []string{"-c:a", "libmp3lame", "-b:a", "128k"}}), want{colours: colours("red lime blue")}},
	{"AV1", single(clip{fmp4: true, video: []string{"-c:v", "libsvtav1", "-preset", "12", "-svtav1-params", "keyint=50"}}), want{colours: colours("red lime blue"), deaf: true}},
	{"VP9 and Opus", single(clip{fmp4: true, video: []string{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"}, audio: []string{"-c:a", "libopus"}}), want{colours: colours("red lime blue")}},
}

// abaOf has another encoder between two takes of one.
func abaOf(b clip) func(t *testing.T) []take {
	return func(t *testing.T) []take {
		b := b
		b.colours, b.offset = colours("blue yellow"), "70"
		return []take{
			{nonce: "A", segments: clip{colours: colours("red lime")}.segments(t)},
			{nonce: "B", segments: b.segments(t)},
			{nonce: "C", segments: clip{colours: colours("cyan magenta"), offset: "900"}.segments(t)},
		}
	}
}

func single(c clip) func(t *testing.T) []take {
	return func(t *testing.T) []take {
		c := c
		c.colours = colours("red lime blue")
		return []take{{nonce: "A", segments: c.segments(t), fmp4: c.fmp4}}
	}
}

// TestChromium: what a recording went through, a player does not notice.
func TestChromium(t *testing.T) {
	t.Parallel()
	b := Start(t)
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			for _, wrong := range judge(t, b, finalizeAll(t, s.make(t)...), s.want) {
				t.Error(wrong)
			}
		})
	}
}

// spoiled is a movie that is written wrongly.
type spoiled struct {
	*mp4.Movie
	kinds []mp4.Kind
	spoil func(kind mp4.Kind, s *mp4.Sample) (drop bool)
}

// AddTrack implements remux.Movie.
func (m *spoiled) AddTrack(t mp4.Track) (int, error) {
	m.kinds = append(m.kinds, t.Entry.Kind())
	return m.Movie.AddTrack(t)
}

// Write implements remux.Movie.
func (m *spoiled) Write(track int, s *mp4.Sample) error {
	c := *s
	if m.spoil(m.kinds[track], &c) {
		return nil
	}
	return m.Movie.Write(track, &c)
}

// joinSpoiled joins takes into a movie that is spoiled.
func joinSpoiled(t *testing.T, spoil func(kind mp4.Kind, s *mp4.Sample) bool, takes []take) []byte {
	t.Helper()
	var body bytes.Buffer
	m := &spoiled{Movie: mp4.NewMovie(&body), spoil: spoil}
	j := remux.New(m, remux.Options{})
	for n, k := range takes {
		for i, b := range k.segments {
			if err := j.Begin(remux.Boundary{Name: k.nonce, Join: n > 0 && i == 0}); err != nil {
				t.Fatal(err)
			}
			if _, err := j.Write(b); err != nil {
				t.Fatal(err)
			}
			if err := j.End(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := j.Finish(); err != nil {
		t.Fatal(err)
	}
	head, err := m.Finish(0)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(io.NewSectionReader(head, 0, head.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return append(raw, body.Bytes()...)
}

// TestChromiumCatches: the same judge finds what is wrong with movies that are
// written as others write them.
func TestChromiumCatches(t *testing.T) {
	t.Parallel()
	b := Start(t)
	quiet, aba := stories[0], stories[4]
	for _, c := range []struct {
		name  string
		of    story
		spoil func(kind mp4.Kind, s *mp4.Sample) bool
		want  string // in what is found; empty: nothing is wrong
	}{
		{"right", quiet, func(mp4.Kind, *mp4.Sample) bool { return false }, ""},
		{"a gap in the table of sound", quiet, func(kind mp4.Kind, s *mp4.Sample) bool {
			return kind == mp4.Audio && s.DTS > 48000*21/10 && s.DTS < 48000*39/10
		}, "beep"},
		{"pictures 100 ms late after the gap", quiet, func(kind mp4.Kind, s *mp4.Sample) bool {
			if kind == mp4.Video && s.DTS >= 4*90000 {
				s.DTS, s.PTS = s.DTS+9000, s.PTS+9000
			}
			return false
		}, "beep"},
		{"another entry without sets in band", aba, func(kind mp4.Kind, s *mp4.Sample) bool {
			if kind == mp4.Video && s.InBand {
				s.Pieces = withoutSets(s.Pieces)
			}
			return false
		}, "code"},
		{"scene changes announced as access points", stories[5], func(_ mp4.Kind, s *mp4.Sample) bool {
			if s.Access == mp4.Intra {
				s.Access = mp4.Sync
			}
			return false
		}, "colour"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wrong := judge(t, b, joinSpoiled(t, c.spoil, c.of.make(t)), c.of.want)
			found := strings.Join(wrong, "\n")
			t.Log(found)
			if c.want == "" && found != "" || !strings.Contains(found, c.want) {
				t.Errorf("%q was found, %q expected", found, c.want)
			}
		})
	}
}

// withoutSets takes SPS and PPS out of a sample of H.264.
func withoutSets(pieces [][]byte) [][]byte {
	var kept []byte
	for b := bytes.Join(pieces, nil); len(b) >= 5; {
		n := 4 + int(b[0])<<24 + int(b[1])<<16 + int(b[2])<<8 + int(b[3])
		if kind := b[4] & 31; kind != 7 && kind != 8 {
			kept = append(kept, b[:n]...)
		}
		b = b[n:]
	}
	return [][]byte{kept}
}
