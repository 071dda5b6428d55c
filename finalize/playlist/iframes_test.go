package playlist

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"recfin/finalize/timeline"
	"recfin/internal/golden"

	"pgregory.net/rapid"
)

const ms = time.Millisecond

// still is the n-th I picture of a segment of the tests, at some milliseconds.
func still(segment, n int, at time.Duration) IFrame {
	return IFrame{Segment: segment, Range: ByteRange{int64(564 + n*18800), 9400}, At: at * ms}
}

// B of twoRenditions: slot 2 is a gap. The first picture of slot 0 is late and has
// none before it; slot 1 begins late after one; slot 3 is late behind the gap; slot 4
// has none at all between two discontinuities; slot 5 has four in a second.
func TestIFramesGolden(t *testing.T) {
	frames := []IFrame{
		still(10, 0, 80), still(10, 1, 1000),
		still(11, 0, 40),
		still(13, 0, 500),
		still(15, 0, 0), still(15, 1, 250), still(15, 2, 500), still(15, 3, 750), still(15, 4, 1999),
		still(99, 0, 0),
	}
	cases := []struct {
		name   string
		r      int
		frames []IFrame
		uri    func(int) string
		part   func(int) (ByteRange, *Map)
	}{
		{name: "iframes", r: 1, frames: frames, uri: numbered},
		{name: "iframes-map", uri: func(n int) string { return strconv.Itoa(n) + ".m4s" }, frames: []IFrame{still(0, 0, 0), still(1, 0, 0), still(2, 0, 0), still(3, 0, 0), still(4, 0, 0), still(5, 0, 0), still(6, 0, 0)}, part: func(n int) (ByteRange, *Map) {
			return ByteRange{}, &Map{URI: map[bool]string{false: "init-1.mp4", true: "init-2.mp4"}[n > 5]}
		}},
	}
	for _, c := range cases {
		m := IFrames(twoRenditions(), c.r, c.frames, c.uri, c.part)
		text, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		golden.Check(t, c.name+".m3u8", string(text))
		if p, err := parseMedia(text); err != nil || !p.stills {
			t.Errorf("%s: %+v, %v", c.name, p, err)
		}
	}
}

func TestIFramesOfNothing(t *testing.T) {
	for _, frames := range [][]IFrame{nil, {still(99, 0, 0)}} {
		m := IFrames(twoRenditions(), 0, frames, numbered, nil)
		if text, err := m.Encode(); !errors.Is(err, ErrEmpty) {
			t.Errorf("%v: %q, %v", frames, text, err)
		}
	}
}

func TestIFramesRefuses(t *testing.T) {
	cases := []struct {
		name string
		seg  Segment
		want error
	}{
		{"a gap", Segment{URI: "gap.ts", Gap: true}, nil},
		{"a part", Segment{URI: "0.ts", Range: ByteRange{376, 188}}, nil},
		{"behind its init segment", Segment{URI: "0.mp4", Range: ByteRange{700, 5}, Map: &Map{"0.mp4", ByteRange{0, 700}}}, nil},
		{"an init segment elsewhere", Segment{URI: "0.mp4", Range: ByteRange{0, 5}, Map: &Map{"1.mp4", ByteRange{0, 700}}}, nil},
		{"at the start, with an init segment elsewhere", Segment{URI: "0.m4s", Range: ByteRange{0, 5}, Map: &Map{URI: "init.mp4"}}, nil},
		{"at the start, without", Segment{URI: "0.ts", Range: ByteRange{0, 188}}, ErrRange},
		{"all of it", Segment{URI: "0.ts"}, ErrRange},
		{"a part of the init segment", Segment{URI: "0.mp4", Range: ByteRange{699, 5}, Map: &Map{"0.mp4", ByteRange{0, 700}}}, ErrRange},
		{"within the init segment", Segment{URI: "0.mp4", Range: ByteRange{699, 5}, Map: &Map{URI: "0.mp4"}}, ErrRange},
	}
	for _, c := range cases {
		m := Media{IFramesOnly: true, Segments: []Segment{c.seg}}
		if text, err := m.Encode(); !errors.Is(err, c.want) || (err == nil) != (text != nil) {
			t.Errorf("%s: %q, %v; want %v", c.name, text, err, c.want)
		}
	}
}

// drawFrames gives some segments of a rendition pictures, some of them at times that
// the segment does not have.
func drawFrames(t *rapid.T, s *timeline.Session, r int) []IFrame {
	var frames []IFrame
	for _, p := range s.Renditions[r].Picks {
		at := time.Duration(rapid.Int64Range(-1e8, 1e9).Draw(t, "at"))
		for n := range rapid.IntRange(0, 4).Draw(t, "pictures") {
			frames = append(frames, IFrame{Segment: p.Segment, Range: ByteRange{int64(1000 * (n + 1)), 999}, At: at})
			at += time.Duration(rapid.Int64Range(1, 2e9).Draw(t, "apart"))
		}
	}
	return rapid.Permutation(frames).Draw(t, "order")
}

// stretch is what stands between two discontinuities or gaps.
type stretch struct {
	gap, discontinuity bool
	lasts              time.Duration
}

// stretchesOf takes a playlist apart.
func stretchesOf(all []Segment) []stretch {
	var out []stretch
	for _, s := range all {
		if len(out) == 0 || s.Gap || s.Discontinuity || out[len(out)-1].gap {
			out = append(out, stretch{gap: s.Gap, discontinuity: s.Discontinuity})
		}
		out[len(out)-1].lasts += s.Duration
	}
	return out
}

// An I-frame playlist has the stretches of its media playlist, with the same length
// to the nanosecond; every segment that has pictures is in it, with its first; at most
// two a second; and each stands at the time that it has.
func TestIFramesAlongside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSession(t)
		r := rapid.IntRange(0, len(s.Renditions)-1).Draw(t, "r")
		frames := drawFrames(t, s, r)
		media := FromSession(s, r, numbered, nil)
		m := IFrames(s, r, frames, numbered, nil)
		first := firsts(media, s.Renditions[r].Picks, frames)
		if len(first) == 0 {
			if len(m.Segments) > 0 {
				t.Fatalf("pictures from nowhere: %+v", m.Segments)
			}
			return
		}
		text, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseMedia(text); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		want, got := stretchesOf(media.Segments), stretchesOf(m.Segments)
		if len(want) != len(got) {
			t.Fatalf("%+v became %+v", want, got)
		}
		for i, w := range want {
			if g := got[i]; g.lasts != w.lasts || g.discontinuity != w.discontinuity || w.gap && !g.gap {
				t.Fatalf("stretch %d: %+v became %+v", i, w, g)
			}
		}
		listed := map[string]int{}
		begin := map[string]time.Duration{}
		var at time.Duration
		for _, seg := range m.Segments {
			if !seg.Gap {
				if n := listed[seg.URI]; n > 0 && at-begin[seg.URI] < time.Duration(n)*stillEvery {
					t.Fatalf("%s: picture %d at %v, the first at %v", seg.URI, n, at, begin[seg.URI])
				} else if n == 0 {
					begin[seg.URI] = at
					if seg.Range != first[seg.URI].Range {
						t.Fatalf("%s begins with %+v, not %+v", seg.URI, seg.Range, first[seg.URI])
					}
				}
				listed[seg.URI]++
			}
			at += seg.Duration
		}
		if len(listed) != len(first) {
			t.Fatalf("%d segments of %d that have pictures", len(listed), len(first))
		}
		inTime(t, media, m, first)
	})
}

// firsts gives the first picture of each segment, by reference.
func firsts(media *Media, picks []timeline.Pick, frames []IFrame) map[string]IFrame {
	first := map[string]IFrame{}
	for i, p := range picks {
		for _, f := range frames {
			uri := media.Segments[i].URI
			if have, ok := first[uri]; p.Segment >= 0 && f.Segment == p.Segment && (!ok || f.At < have.At) {
				first[uri] = f
			}
		}
	}
	return first
}

// inTime checks where the first picture of each segment stands, and its date.
func inTime(t *rapid.T, media, m *Media, first map[string]IFrame) {
	starts, dates := map[string]time.Duration{}, map[string]time.Time{}
	var at time.Duration
	var date time.Time
	for i, seg := range media.Segments {
		if d := seg.ProgramDateTime; !d.IsZero() {
			date = d
		} else if i > 0 {
			date = date.Add(media.Segments[i-1].Duration)
		}
		starts[seg.URI], dates[seg.URI] = at, date
		if f, ok := first[seg.URI]; ok && !seg.Gap {
			late := min(max(f.At, 0), seg.Duration)
			starts[seg.URI] += late
			dates[seg.URI] = date.Add(late)
		}
		at += seg.Duration
	}
	at, date = 0, time.Time{}
	seen := map[string]bool{}
	fresh := true // nothing of this stretch before
	for _, seg := range m.Segments {
		if !seg.ProgramDateTime.IsZero() {
			if seg.ProgramDateTime.Before(date.Add(-ms)) {
				t.Fatalf("%s: %v after %v", seg.URI, seg.ProgramDateTime, date)
			}
			date = seg.ProgramDateTime
		} else if seg.Discontinuity || at == 0 {
			t.Fatalf("%s has no date", seg.URI)
		}
		fresh = fresh || seg.Discontinuity || seg.Gap
		if !seg.Gap && !seen[seg.URI] {
			seen[seg.URI] = true
			if at > starts[seg.URI] || !fresh && at != starts[seg.URI] {
				t.Fatalf("%s stands at %v, not at %v", seg.URI, at, starts[seg.URI])
			}
			if !fresh && date.Sub(dates[seg.URI]).Abs() > 0 {
				t.Fatalf("%s has the date %v, not %v", seg.URI, date, dates[seg.URI])
			}
		}
		fresh = seg.Gap
		at += seg.Duration
		date = date.Add(seg.Duration)
	}
}
