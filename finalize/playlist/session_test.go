package playlist

import (
	"fmt"
	"testing"
	"time"

	"recfin/finalize/timeline"
	"recfin/internal/golden"

	"pgregory.net/rapid"
)

// numbered gives the reference of a segment of the tests.
func numbered(n int) string { return fmt.Sprintf("../../../foo/%d.ts", n) }

// Two renditions, B lacks slot 2; a hole in both before slot 4 with 6 s of wall
// time; a join at slot 5 whose wall clock is 3 s behind.
func twoRenditions() *timeline.Session {
	const d = 2 * time.Second
	s := &timeline.Session{Start: noon}
	wall := []time.Duration{0, d, 2 * d, 3 * d, 7 * d, 8*d - 3*time.Second, 9 * d}
	for i, w := range wall {
		s.Slots = append(s.Slots, timeline.Slot{Seq: int64(i), Wall: noon.Add(w), Duration: d})
	}
	s.Slots[0].Discontinuity = true
	s.Slots[4].Discontinuity, s.Slots[4].Gap = true, 3*d
	s.Slots[5].Discontinuity, s.Slots[5].Join = true, true
	for r, name := range []string{"A", "B"} {
		rendition := timeline.Rendition{Name: name}
		for i := range wall {
			rendition.Picks = append(rendition.Picks, timeline.Pick{Segment: 10*r + i, Start: time.Duration(i) * d, Duration: d})
		}
		s.Renditions = append(s.Renditions, rendition)
	}
	s.Renditions[1].Picks[2] = timeline.Pick{Segment: -1}
	return s
}

func TestFromSessionGolden(t *testing.T) {
	s := twoRenditions()
	for r, name := range []string{"session-a", "session-b"} {
		text, err := FromSession(s, r, numbered, nil).Encode()
		if err != nil {
			t.Fatal(err)
		}
		golden.Check(t, name+".m3u8", string(text))
		if _, err := parseMedia(text); err != nil {
			t.Error(err)
		}
	}
}

// Ranges and init segments come by segment; a gap has neither, and a rendition
// whose first slot is one begins its init segment behind it.
func TestFromSessionParts(t *testing.T) {
	s := twoRenditions()
	part := func(n int) (ByteRange, *Map) {
		return ByteRange{int64(n) * 100, 100}, &Map{"init.mp4", ByteRange{0, int64(n/15) + 1}}
	}
	m := FromSession(s, 1, numbered, part)
	for i, seg := range m.Segments {
		if n := s.Renditions[1].Picks[i].Segment; n < 0 {
			if seg.Range != (ByteRange{}) || seg.Map != nil {
				t.Errorf("slot %d is a gap with %+v, %+v", i, seg.Range, seg.Map)
			}
		} else if want, init := part(n); seg.Range != want || *seg.Map != *init {
			t.Errorf("slot %d: got %+v, %+v", i, seg.Range, seg.Map)
		}
	}
	text, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parseMedia(text); err != nil {
		t.Error(err)
	}
}

func TestFromSessionGapName(t *testing.T) {
	s := &timeline.Session{
		Slots:      []timeline.Slot{{Duration: time.Second}, {Duration: time.Second}},
		Renditions: []timeline.Rendition{{Picks: []timeline.Pick{{Segment: -1}, {Segment: 0}}}, {}},
	}
	cases := []struct{ uri, want string }{
		{"a/0.ts", "gap.ts"}, {"0.m4s", "gap.m4s"}, {"a.b/0", "gap"}, {"0.ts?sig=a.b/c.d", "gap.ts"},
		{"../a/0.b:c", "gap.b%3Ac"},
	}
	for _, c := range cases {
		m := FromSession(s, 0, func(int) string { return c.uri }, nil)
		if got := m.Segments[0]; got.URI != c.want || !got.Gap || m.Segments[1].Gap {
			t.Errorf("%s: got %+v, want %s", c.uri, m.Segments, c.want)
		}
	}
	for _, seg := range FromSession(s, 1, numbered, nil).Segments {
		if seg.URI != "gap" || !seg.Gap || seg.Duration != time.Second {
			t.Errorf("a rendition without picks: %+v", seg)
		}
	}
}

func drawSession(t *rapid.T) *timeline.Session {
	s := &timeline.Session{}
	n := rapid.IntRange(1, 30).Draw(t, "slots")
	renditions := rapid.IntRange(1, 3).Draw(t, "renditions")
	s.Renditions = make([]timeline.Rendition, renditions)
	wall := noon
	var end time.Duration                     // of the slot
	ends := make([]time.Duration, renditions) // of what the renditions have, some milliseconds apart
	for i := range n {
		slot := timeline.Slot{Seq: int64(i), Wall: wall, Duration: time.Duration(rapid.Int64Range(1e8, 4e9).Draw(t, "duration"))}
		slot.Discontinuity = rapid.IntRange(0, 4).Draw(t, "discontinuity") == 0
		if rapid.IntRange(0, 5).Draw(t, "gap") == 0 {
			slot.Gap = time.Duration(rapid.Int64Range(1, 9e9).Draw(t, "length"))
		}
		// Clocks of writers differ by some seconds.
		wall = wall.Add(slot.Duration + slot.Gap + time.Duration(rapid.Int64Range(-5e9, 5e9).Draw(t, "skew")))
		s.Slots = append(s.Slots, slot)
		end += slot.Duration
		for r := range renditions {
			pick := timeline.Pick{Segment: i*renditions + r, Duration: end + time.Duration(rapid.Int64Range(-12e6, 12e6).Draw(t, "off")) - ends[r]}
			if rapid.IntRange(0, 5).Draw(t, "lacks") == 0 {
				pick = timeline.Pick{Segment: -1, Duration: slot.Duration}
			}
			ends[r] += pick.Duration
			s.Renditions[r].Picks = append(s.Renditions[r].Picks, pick)
		}
	}
	return s
}

// All renditions have the same segments in the same places with the same
// discontinuities and times; no time runs backwards; and where media resumes
// it is said when.
func TestFromSessionAligned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSession(t)
		var first *Media
		for r := range s.Renditions {
			m := FromSession(s, r, numbered, nil)
			if len(m.Segments) != len(s.Slots) {
				t.Fatalf("%d segments for %d slots", len(m.Segments), len(s.Slots))
			}
			if first == nil {
				first = m
			}
			var least time.Time
			for i, seg := range m.Segments {
				other := first.Segments[i]
				if seg.Discontinuity != other.Discontinuity || !seg.ProgramDateTime.Equal(other.ProgramDateTime) {
					t.Fatalf("rendition %d, slot %d: %+v against %+v", r, i, seg, other)
				}
				missing := s.Renditions[r].Picks[i].Segment < 0
				if seg.Gap != missing || missing && seg.URI != "gap.ts" && seg.URI != "gap" {
					t.Fatalf("slot %d: gap %v with URI %s, missing %v", i, seg.Gap, seg.URI, missing)
				}
				must := i == 0 || seg.Discontinuity || s.Slots[i].Gap > 0 || !seg.Gap && m.Segments[i-1].Gap
				if must && seg.ProgramDateTime.IsZero() {
					t.Fatalf("slot %d has no time", i)
				}
				if !seg.ProgramDateTime.IsZero() {
					if seg.ProgramDateTime.Before(least) || seg.ProgramDateTime.Before(s.Slots[i].Wall.Truncate(time.Millisecond)) {
						t.Fatalf("slot %d: %v is before %v or %v", i, seg.ProgramDateTime, least, s.Slots[i].Wall)
					}
					least = seg.ProgramDateTime
				}
				least = least.Add(seg.Duration)
			}
		}
	})
}
