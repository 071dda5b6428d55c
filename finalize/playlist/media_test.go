package playlist

import (
	"errors"
	"math"
	"testing"
	"time"

	"recfin/internal/golden"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestEncodeGolden(t *testing.T) {
	third := time.Second / 3
	cases := []struct {
		name  string
		media Media
	}{
		{"plain", Media{Independent: true, Segments: []Segment{
			{URI: "../../../../foo/A/720p/0.ts", Duration: 2 * time.Second, ProgramDateTime: noon},
			{URI: "../../../../foo/A/720p/1.ts", Duration: 2 * time.Second},
			{URI: "../../../../foo/A/720p/2.ts", Duration: 1966667 * time.Microsecond},
		}}},
		{"gap", Media{Target: 4, Segments: []Segment{
			{URI: "0.ts", Duration: 2 * time.Second, ProgramDateTime: noon.In(time.FixedZone("", 3600))},
			{URI: "gap.ts", Duration: 2 * time.Second, Gap: true},
			{URI: "2.ts", Duration: 2 * time.Second, ProgramDateTime: noon.Add(4*time.Second + 123456789)},
			{URI: "7.ts", Duration: 2 * time.Second, Discontinuity: true, ProgramDateTime: noon.Add(14 * time.Second)},
			{URI: "gap.ts", Duration: 2 * time.Second, Gap: true, Discontinuity: true, ProgramDateTime: noon.Add(20 * time.Second)},
		}}},
		{"thirds", Media{Segments: []Segment{
			{URI: "a%20b.ts", Duration: third}, {URI: "c.ts", Duration: third}, {URI: "d.ts", Duration: third},
			{URI: "e.ts?x=1", Duration: third}, {URI: "https://cdn.example/f.ts", Duration: 2*third + 1},
		}}},
		{"ranges", Media{Segments: []Segment{
			{URI: "720p.media.ts", Duration: 2 * time.Second, ProgramDateTime: noon, Range: ByteRange{0, 376000}},
			{URI: "720p.media.ts", Duration: 2 * time.Second, Range: ByteRange{376000, 188000}},
			{URI: "720p.media.ts", Duration: 2 * time.Second, Range: ByteRange{1 << 40, 188}, Discontinuity: true},
		}}},
		{"maps", Media{Segments: []Segment{
			{URI: "0.m4s", Duration: 2 * time.Second, ProgramDateTime: noon, Map: &Map{URI: "init-1.mp4"}},
			{URI: "1.m4s", Duration: 2 * time.Second, Map: &Map{URI: "init-1.mp4"}},
			{URI: "2.mp4", Duration: 2 * time.Second, Discontinuity: true, Range: ByteRange{800, 9200}, Map: &Map{"2.mp4", ByteRange{0, 800}}},
			{URI: "3.mp4", Duration: 2 * time.Second, Discontinuity: true, ProgramDateTime: noon.Add(6 * time.Second), Range: ByteRange{700, 9300}, Map: &Map{"3.mp4", ByteRange{0, 700}}},
			{URI: "4.m4s", Duration: 2 * time.Second, Map: &Map{URI: "init-1.mp4"}},
			{URI: "5.m4s", Duration: 2 * time.Second, Discontinuity: true, Map: &Map{URI: "init-1.mp4"}},
			{URI: "6.m4s", Duration: 2 * time.Second, Map: &Map{URI: "init-1.mp4"}},
		}}},
		{"maps-gap", Media{Segments: []Segment{
			{URI: "gap.m4s", Duration: 2 * time.Second, Gap: true},
			{URI: "1.m4s", Duration: 2 * time.Second, Map: &Map{URI: "a%20b.mp4"}},
			{URI: "gap.m4s", Duration: 2 * time.Second, Gap: true},
			{URI: "3.m4s", Duration: 2 * time.Second, Map: &Map{URI: "a%20b.mp4"}},
			{URI: "gap.m4s", Duration: 2 * time.Second, Gap: true, Discontinuity: true},
			{URI: "5.m4s", Duration: 2 * time.Second, Map: &Map{URI: "a%20b.mp4"}},
		}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text, err := c.media.Encode()
			if err != nil {
				t.Fatal(err)
			}
			golden.Check(t, c.name+".m3u8", string(text))
			if _, err := parseMedia(text); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	one := func(s Segment) Media { return Media{Segments: []Segment{{URI: "0.ts", Duration: time.Second}, s}} }
	cases := []struct {
		name  string
		media Media
		want  error
	}{
		{"nothing", Media{}, ErrEmpty},
		{"no URI", one(Segment{}), ErrURI},
		{"space", one(Segment{URI: "a b.ts"}), ErrURI},
		{"line break", one(Segment{URI: "a\n#EXT-X-ENDLIST"}), ErrURI},
		{"comment", one(Segment{URI: "#a.ts"}), ErrURI},
		{"bare percent", one(Segment{URI: "100%.ts"}), ErrURI},
		{"half an escape", one(Segment{URI: "a%2"}), ErrURI},
		{"not ASCII", one(Segment{URI: "é.ts"}), ErrURI},
		{"quote", one(Segment{URI: `a".ts`}), ErrURI},
		{"negative", one(Segment{URI: "1.ts", Duration: -1}), ErrDuration},
		{"endless", one(Segment{URI: "1.ts", Duration: math.MaxInt64}), ErrDuration},
		{"init segment", one(Segment{URI: "1.ts", Map: &Map{URI: `a",METHOD="`}}), ErrURI},
		{"no init segment", one(Segment{URI: "1.ts", Map: &Map{}}), ErrURI},
		{"init segment's range", one(Segment{URI: "1.ts", Map: &Map{"a", ByteRange{-1, 5}}}), ErrRange},
		{"nothing of it", one(Segment{URI: "1.ts", Range: ByteRange{5, 0}}), ErrRange},
		{"negative offset", one(Segment{URI: "1.ts", Range: ByteRange{-5, 9}}), ErrRange},
		{"past the end of numbers", one(Segment{URI: "1.ts", Range: ByteRange{math.MaxInt64, 1}}), ErrRange},
		{"part of a gap", one(Segment{URI: "gap.ts", Gap: true, Range: ByteRange{0, 1}}), ErrRange},
		{"no init segment any more", Media{Segments: []Segment{{URI: "0.m4s", Map: &Map{URI: "init.mp4"}}, {URI: "gap.m4s", Gap: true}, {URI: "2.ts"}}}, ErrMap},
		{"target", Media{Target: 2, Segments: []Segment{{URI: "0.ts", Duration: 2500 * time.Millisecond}}}, ErrTarget},
		{"negative target", Media{Target: -1, Segments: []Segment{{URI: "0.ts"}}}, ErrTarget},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text, err := c.media.Encode()
			if !errors.Is(err, c.want) || text != nil {
				t.Errorf("got %q, %v; want %v", text, err, c.want)
			}
		})
	}
}

func TestTargetDuration(t *testing.T) {
	of := func(ds ...time.Duration) *Media {
		m := &Media{}
		for _, d := range ds {
			m.Segments = append(m.Segments, Segment{URI: "0.ts", Duration: d})
		}
		return m
	}
	cases := []struct {
		name string
		ms   []*Media
		want int
	}{
		{"nothing", nil, 1},
		{"short", []*Media{of(100 * time.Millisecond)}, 1},
		{"down", []*Media{of(2499999 * time.Microsecond)}, 2},
		{"half up", []*Media{of(2500 * time.Millisecond)}, 3},
		{"as written", []*Media{of(2499999600)}, 3},
		{"longest of all", []*Media{of(2*time.Second, 6*time.Second), of(9 * time.Second), of()}, 9},
	}
	for _, c := range cases {
		if got := TargetDuration(c.ms...); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

func drawSegment(t *rapid.T) Segment {
	s := Segment{
		URI:           RelativeURI("out/x/1", rapid.StringN(1, 20, -1).Draw(t, "key")),
		Duration:      time.Duration(rapid.Int64Range(0, int64(12*time.Second)).Draw(t, "duration")),
		Discontinuity: rapid.Bool().Draw(t, "discontinuity"),
		Gap:           rapid.IntRange(0, 9).Draw(t, "gap") == 0,
	}
	if rapid.Bool().Draw(t, "dated") {
		s.ProgramDateTime = noon.Add(time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "since")))
	}
	if !s.Gap {
		s.Range = drawRange(t)
	}
	return s
}

func drawRange(t *rapid.T) ByteRange {
	if rapid.Bool().Draw(t, "whole") {
		return ByteRange{}
	}
	return ByteRange{rapid.Int64Range(0, 1<<50).Draw(t, "offset"), rapid.Int64Range(1, 1<<40).Draw(t, "length")}
}

// drawMedia gives segments of which all from some place on have an init segment.
func drawMedia(t *rapid.T) Media {
	m := Media{
		Segments:    rapid.SliceOfN(rapid.Custom(drawSegment), 1, 40).Draw(t, "segments"),
		Independent: rapid.Bool().Draw(t, "independent"),
	}
	maps := []*Map{{URI: "init-1.mp4"}, {"init-1.mp4", drawRange(t)}, {RelativeURI("", rapid.StringN(1, 9, -1).Draw(t, "init")), ByteRange{}}}
	for i := rapid.IntRange(0, len(m.Segments)).Draw(t, "mapped"); i < len(m.Segments); i++ {
		if s := &m.Segments[i]; !s.Gap || rapid.Bool().Draw(t, "gap's map") {
			init := *rapid.SampledFrom(maps).Draw(t, "map")
			s.Map = &init
		}
	}
	return m
}

// inForce are the init segments of the segments as a client has them.
func inForce(m Media) []Map {
	all := make([]Map, len(m.Segments))
	for i, s := range m.Segments {
		if s.Map != nil {
			all[i] = *s.Map
		} else if i > 0 {
			all[i] = all[i-1]
		}
	}
	return all
}

// What is written is what a strict reader reads, and no prefix of the EXTINF
// values is further than half a microsecond from the durations.
func TestEncodeReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMedia(t)
		m.Target = TargetDuration(&m) + rapid.IntRange(0, 2).Draw(t, "more")
		text, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := parseMedia(text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if got.target != m.Target || got.independent != m.Independent || len(got.segments) != len(m.Segments) {
			t.Fatalf("header or length differ:\n%s", text)
		}
		var exact, written int64
		maps := inForce(m)
		for i, s := range m.Segments {
			p := got.segments[i]
			if p.rangeOf() != s.Range || p.mapOf() != maps[i] {
				t.Fatalf("segment %d: got %+v, want %+v with %+v", i, p, s, maps[i])
			}
			if p.uri != s.URI || p.disc != s.Discontinuity || p.gap != s.Gap || !p.dateTime.Equal(s.ProgramDateTime.Truncate(time.Millisecond)) {
				t.Fatalf("segment %d: got %+v, want %+v", i, p, s)
			}
			exact += int64(s.Duration)
			written += p.micros * 1000
			if diff := written - exact; diff > 500 || diff < -500 {
				t.Fatalf("after segment %d EXTINF is %d ns off", i, diff)
			}
		}
	})
}

func (p parsedSegment) rangeOf() ByteRange {
	return ByteRange{int64(p.part.offset), int64(p.part.length)}
}

func (p parsedSegment) mapOf() Map {
	return Map{p.initial, ByteRange{int64(p.initPart.offset), int64(p.initPart.length)}}
}
