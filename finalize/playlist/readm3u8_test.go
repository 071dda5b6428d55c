package playlist

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// describe gives a sidecar as lines that a person can read.
func describe(s *Sidecar) string {
	var b strings.Builder
	for _, e := range s.Entries {
		if e.Track != "" {
			fmt.Fprintf(&b, "%s: ", e.Track)
		}
		b.WriteString(e.URI)
		if e.Numbered {
			fmt.Fprintf(&b, " #%d", e.Seq)
		}
		fmt.Fprintf(&b, " %v", e.Duration)
		if !e.Wall.IsZero() {
			b.WriteString(e.Wall.Format(" 2006-01-02T15:04:05.999999999Z07:00"))
		}
		if e.Discontinuity {
			b.WriteString(" discontinuity")
		}
		if e.Gap {
			b.WriteString(" gap")
		}
		if e.Range != (ByteRange{}) {
			fmt.Fprintf(&b, " %d@%d", e.Range.Length, e.Range.Offset)
		}
		if e.Map != nil {
			fmt.Fprintf(&b, " map %s", e.Map.URI)
			if e.Map.Range != (ByteRange{}) {
				fmt.Fprintf(&b, " %d@%d", e.Map.Range.Length, e.Map.Range.Offset)
			}
		}
		b.WriteByte('\n')
	}
	for _, c := range s.Children {
		fmt.Fprintf(&b, "child %s %q\n", c.URI, c.Name)
	}
	if e := s.Event; e != nil {
		fmt.Fprintf(&b, "%s %v %v\n", e.Kind, e.Started, e.Ended)
		for _, m := range e.Media {
			fmt.Fprintf(&b, "media %s\n", m)
		}
	}
	if s.Ended {
		b.WriteString("ended\n")
	}
	return b.String()
}

var m3u8Cases = []struct{ name, text, want string }{
	{"VOD of ffmpeg", "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:2.002000,\n0.ts\n#EXTINF:1.968633,\n1.ts\n#EXT-X-ENDLIST\n",
		"0.ts #0 2.002s\n1.ts #1 1.968633s\nended\n"},
	{"EVENT of Mist, a date for each", "#EXTM3U\r\n#EXT-X-VERSION:3\r\n#EXT-X-PLAYLIST-TYPE:EVENT\r\n#EXT-X-TARGETDURATION:5.167\r\n#EXT-X-MEDIA-SEQUENCE:0\r\n#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:00.123Z\r\n#EXTINF:5.167,\r\nhttps://b.example/hls/rec/source/0.ts\r\n#EXT-X-PROGRAM-DATE-TIME:2026-11-21T13:00:05.29+01:00\r\n#EXTINF:4.9,\r\nhttps://b.example/hls/rec/source/5167.ts\r\n",
		"https://b.example/hls/rec/source/0.ts #0 5.167s 2026-11-21T12:00:00.123Z\nhttps://b.example/hls/rec/source/5167.ts #1 4.9s 2026-11-21T12:00:05.29Z\n"},
	{"live window", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:1234567\n#EXT-X-DISCONTINUITY-SEQUENCE:3\n#EXTINF:2,no comment\na.ts\n#EXTINF:2\nb.ts\n",
		"a.ts #1234567 2s\nb.ts #1234568 2s\n"},
	{"no numbers", "#EXTM3U\n#EXTINF:2,\na.ts\n", "a.ts 2s\n"},
	{"dates are carried on", "#EXTM3U\n#EXTINF:1,\na.ts\n#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:00.000+0000\n#EXTINF:1.5,\nb.ts\n#EXTINF:1.25,\nc.ts\n#EXT-X-GAP\n#EXTINF:1,\nd.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:1,\ne.ts\n#EXTINF:1,\nf.ts\n#EXT-X-PROGRAM-DATE-TIME:2026-11-21T13:00:00+01\n#EXT-X-DISCONTINUITY\n#EXTINF:1,\ng.ts\n#EXTINF:1,\nh.ts\n",
		"a.ts 1s\nb.ts 1.5s 2026-11-21T12:00:00Z\nc.ts 1.25s 2026-11-21T12:00:01.5Z\nd.ts 1s 2026-11-21T12:00:02.75Z gap\ne.ts 1s discontinuity\nf.ts 1s\ng.ts 1s 2026-11-21T12:00:00Z discontinuity\nh.ts 1s 2026-11-21T12:00:01Z\n"},
	{"dates that say nothing", "#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:00Z\n#EXTINF:1,\na.ts\n#EXT-X-PROGRAM-DATE-TIME:2026-11-21T12:00:01\n#EXTINF:1,\nb.ts\n#EXTINF:1,\nc.ts\n#EXT-X-PROGRAM-DATE-TIME:tomorrow\n#EXTINF:1,\nd.ts\n",
		"a.ts 1s 2026-11-21T12:00:00Z\nb.ts 1s\nc.ts 1s\nd.ts 1s\n"},
	{"single file of ffmpeg", "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-MAP:URI=\"all.m4s\",BYTERANGE=\"803@0\"\n#EXTINF:2.000000,\n#EXT-X-BYTERANGE:9000@803\nall.m4s\n#EXTINF:2.000000,\n#EXT-X-BYTERANGE:8000@9803\nall.m4s\n#EXT-X-ENDLIST\n",
		"all.m4s #0 2s 9000@803 map all.m4s 803@0\nall.m4s #1 2s 8000@9803 map all.m4s 803@0\nended\n"},
	{"offsets left out", "#EXTM3U\n#EXT-X-BYTERANGE:100@50\n#EXTINF:1,\na.ts\n#EXTINF:1,\n#EXT-X-BYTERANGE:10\na.ts\n#EXT-X-BYTERANGE:7@0\n#EXTINF:1,\nb.ts\n#EXT-X-BYTERANGE:20\n#EXTINF:1,\na.ts\n#EXTINF:1,\na.ts\n",
		"a.ts 1s 100@50\na.ts 1s 10@150\nb.ts 1s 7@0\na.ts 1s 20@160\na.ts 1s\n"},
	{"maps that change", "#EXTM3U\n#EXTINF:1,\n0.ts\n#EXT-X-MAP:URI=\"i,1=.mp4\"\n#EXTINF:1,\n1.m4s\n#EXTINF:1,\n2.m4s\n#EXT-X-MAP: X=Y , URI = \"i2.mp4\" , BYTERANGE=100\n#EXTINF:1,\n3.m4s\n",
		"0.ts 1s\n1.m4s 1s map i,1=.mp4\n2.m4s 1s map i,1=.mp4\n3.m4s 1s map i2.mp4 100@0\n"},
	{"mark, blanks, comments, unknown tags", "\uFEFF\n #EXTM3U \n\n# by hand\n#EXT-X-FUTURE:x\n#EXTINF: 2.5 , t\n\n  a b.ts \r\n\n", "a b.ts 2.5s\n"},
	{"cut in a URI", "#EXTM3U\n#EXTINF:2,\n10.ts\n#EXTINF:2,\n11.t", "10.ts 2s\n"},
	{"cut before the extension", "#EXTM3U\n#EXTINF:2,\n10\n#EXTINF:2,\n1", "10 2s\n"},
	{"cut in a query", "#EXTM3U\n#EXTINF:2,\n10.ts?t=abc\n#EXTINF:2,\n11.ts?t=a", "10.ts?t=abc 2s\n11.ts?t=a 2s\n"},
	{"cut in the first", "#EXTM3U\n#EXTINF:2,\n10.t", ""},
	{"cut in EXTINF", "#EXTM3U\n#EXTINF:2,\n10.ts\n#EXTINF:", "10.ts 2s\n"},
	{"cut in a map", "#EXTM3U\n#EXTINF:2,\n10.ts\n#EXT-X-MAP:URI=\"ini", "10.ts 2s\n"},
	{"cut in a range", "#EXTM3U\n#EXTINF:2,\n#EXT-X-BYTERANGE:5@0\n10.ts\n#EXTINF:2,\n#EXT-X-BYTERANGE:5@1", "10.ts 2s 5@0\n"},
	{"cut between EXTINF and its URI", "#EXTM3U\n#EXTINF:2,\n10.ts\n#EXTINF:2,\n", "10.ts 2s\n"},
	{"nothing at the end of the last line", "#EXTM3U\n#EXTINF:2,\na/0.ts\n#EXTINF:2,\nb/1.ts", "a/0.ts 2s\nb/1.ts 2s\n"},
	{"nothing at the end of ENDLIST", "#EXTM3U\n#EXTINF:2,\n0.ts\n#EXT-X-ENDLIST", "0.ts 2s\nended\n"},
	{"a URI that was lost", "#EXTM3U\n#EXTINF:3,\n#EXTINF:2,\n1.ts\n", "1.ts 2s\n"},
	{"only begun", "#EXTM3U", ""},
	{"multivariant", "#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"English, stereo\",URI=\"audio.m3u8\"\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",NAME=\"en\",URI=\"subs.m3u8\"\n#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID=\"480p30\",NAME=\"480p\"\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"avc1,mp4a\",VIDEO=\"480p30\"\n480p30/playlist.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2,NAME=\"720p\"\n# between\n720p.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=3,AUDIO=\"b\",NAME=\"again\"\n720p.m3u8\n#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"iframes.m3u8\"\n",
		"child audio.m3u8 \"English, stereo\"\nchild 480p30/playlist.m3u8 \"480p30\"\nchild 720p.m3u8 \"720p\"\n"},
	{"multivariant, cut", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\nb.m3u", "child a.m3u8 \"\"\n"},
	{"multivariant, no end", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8", "child a.m3u8 \"\"\n"},
	{"hostile names", "#EXTM3U\n#EXTINF:1,\n../../\x00\xff\x1b[2J.ts\n", "../../\x00\xff\x1b[2J.ts 1s\n"},
	{"durations", "#EXTM3U\n#EXTINF:0,\na\n#EXTINF:.5,\nb\n#EXTINF:2.,\nc\n#EXTINF:0.1,\nd\n#EXTINF:1.9999999999,\ne\n#EXTINF:9223372036.854775807,\nf\n#EXTINF:000000000000000000000001,\ng\n",
		"a 0s\nb 500ms\nc 2s\nd 100ms\ne 2s\nf 2562047h47m16.854775807s\ng 1s\n"},
}

func TestReadM3U8(t *testing.T) {
	for _, c := range m3u8Cases {
		t.Run(c.name, func(t *testing.T) {
			s, err := ReadM3U8([]byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := describe(s); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

var badM3U8 = []struct{ name, text, says string }{
	{"empty", "", "line 1: #EXTM3U is missing"},
	{"not a playlist", "\n<?xml?>\n", "line 2: #EXTM3U is missing"},
	{"EXTINF", "#EXTM3U\n#EXTINF:x,\na.ts\n", `line 2: EXTINF "x"`},
	{"no EXTINF", "#EXTM3U\n#EXTINF:,\na.ts\n", `line 2: EXTINF ""`},
	{"negative", "#EXTM3U\n#EXTINF:-1,Radio\nhttp://a\n", `line 2: EXTINF "-1"`},
	{"exponent", "#EXTM3U\n#EXTINF:1e3,\na\n", `line 2: EXTINF "1e3"`},
	{"not a number", "#EXTM3U\n#EXTINF:NaN,\na\n", `line 2: EXTINF "NaN"`},
	{"point", "#EXTM3U\n#EXTINF:.,\na\n", `line 2: EXTINF "."`},
	{"two points", "#EXTM3U\n#EXTINF:1.2.3,\na\n", `line 2: EXTINF "1.2.3"`},
	{"too long", "#EXTM3U\n#EXTINF:9223372036.8547758075,\na\n", "line 2: EXTINF"},
	{"far too long", "#EXTM3U\n#EXTINF:99999999999999999999,\na\n", "line 2: EXTINF"},
	{"URI alone", "#EXTM3U\na.ts\n", `line 2: the URI "a.ts" without EXTINF`},
	{"range", "#EXTM3U\n#EXTINF:1,\n#EXT-X-BYTERANGE:5@x\na.ts\n", `line 3: EXT-X-BYTERANGE "5@x"`},
	{"range of nothing", "#EXTM3U\n#EXTINF:1,\n#EXT-X-BYTERANGE:0@5\na.ts\n", `line 3: EXT-X-BYTERANGE "0@5"`},
	{"range too far", "#EXTM3U\n#EXTINF:1,\n#EXT-X-BYTERANGE:5@9223372036854775807\na.ts\n", `line 3: EXT-X-BYTERANGE`},
	{"range goes on from nothing", "#EXTM3U\n#EXTINF:1,\n#EXT-X-BYTERANGE:5\na.ts\n", `line 4: EXT-X-BYTERANGE of "a.ts" without an offset`},
	{"range goes on too far", "#EXTM3U\n#EXTINF:1,\n#EXT-X-BYTERANGE:1@9223372036854775800\na.ts\n#EXTINF:1,\n#EXT-X-BYTERANGE:9\na.ts\n", `line 7: EXT-X-BYTERANGE`},
	{"sequence", "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:-5\n", `line 2: EXT-X-MEDIA-SEQUENCE "-5"`},
	{"large sequence", "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:9223372036854775808\n", "line 2: EXT-X-MEDIA-SEQUENCE"},
	{"sequence of two playlists", "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\na.ts\n#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n", `line 6: EXT-X-MEDIA-SEQUENCE "0"`},
	{"sequence runs over", "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:9223372036854775807\n#EXTINF:1,\na.ts\n#EXTINF:1,\nb.ts\n", "line 6: the media sequence number"},
	{"map without URI", "#EXTM3U\n#EXT-X-MAP:BYTERANGE=\"5@0\"\n", "line 2: EXT-X-MAP: no URI"},
	{"map with open quotes", "#EXTM3U\n#EXT-X-MAP:URI=\"a\n", `line 2: EXT-X-MAP: attribute "URI": the quotes are open`},
	{"map with a bad range", "#EXTM3U\n#EXT-X-MAP:URI=\"a\",BYTERANGE=\"all\"\n", `line 2: EXT-X-MAP: BYTERANGE "all"`},
	{"map that is no list", "#EXTM3U\n#EXT-X-MAP:a.mp4\n", `line 2: EXT-X-MAP: attribute "a.mp4" without a value`},
	{"variant that is no list", "#EXTM3U\n#EXT-X-STREAM-INF:NAME=\"a\na.m3u8\n", "line 2: EXT-X-STREAM-INF"},
	{"I-frames", "#EXTM3U\n#EXT-X-I-FRAMES-ONLY\n", "line 2: EXT-X-I-FRAMES-ONLY"},
	{"delta", "#EXTM3U\n#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n", "line 2: EXT-X-SKIP"},
	{"both kinds", "#EXTM3U\n#EXTINF:1,\na.ts\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n", "both segments and playlists"},
}

func TestReadM3U8Refuses(t *testing.T) {
	for _, c := range badM3U8 {
		t.Run(c.name, func(t *testing.T) {
			s, err := ReadM3U8([]byte(c.text))
			if s != nil || !errors.Is(err, ErrSidecar) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %+v, %v; want %q", s, err, c.says)
			}
		})
	}
}

// What Encode wrote is read as it was: the durations as they stand in the text,
// the dates of the text to the millisecond and carried on between them.
func TestReadM3U8ReadsEncode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMedia(t)
		text, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		s, err := ReadM3U8(text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if len(s.Entries) != len(m.Segments) || !s.Ended || s.Children != nil || s.Event != nil {
			t.Fatalf("%d entries, ended %v, in\n%s", len(s.Entries), s.Ended, text)
		}
		inf, err := m.extinf()
		if err != nil {
			t.Fatal(err)
		}
		maps := inForce(m)
		var wall time.Time
		for i, seg := range m.Segments {
			e := s.Entries[i]
			if !seg.ProgramDateTime.IsZero() {
				wall = seg.ProgramDateTime.Truncate(time.Millisecond)
			} else if seg.Discontinuity {
				wall = time.Time{}
			}
			var init Map
			if e.Map != nil {
				init = *e.Map
			}
			e.Map = nil
			want := Entry{
				URI: seg.URI, Seq: int64(i), Numbered: true, Duration: time.Duration(inf[i]) * time.Microsecond, Wall: wall,
				Discontinuity: seg.Discontinuity, Gap: seg.Gap, Range: seg.Range,
			}
			if e != want || init != maps[i] {
				t.Fatalf("entry %d: got %+v with %+v, want %+v with %+v, in\n%s", i, e, init, want, maps[i], text)
			}
			if !wall.IsZero() {
				wall = wall.Add(want.Duration)
			}
		}
	})
}

// However a text is cut off, what is read is the beginning of what it was, and
// no name is made up.
func TestReadM3U8CutOff(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMedia(t)
		for i := range m.Segments {
			m.Segments[i].URI += ".ts"
		}
		text, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		all, err := ReadM3U8(text)
		if err != nil {
			t.Fatal(err)
		}
		cut := rapid.IntRange(len("#EXTM3U"), len(text)).Draw(t, "cut")
		part, err := ReadM3U8(text[:cut])
		if err != nil {
			t.Fatalf("%v in\n%s", err, text[:cut])
		}
		ended := cut >= len(text)-len("\n")
		if part.Ended != ended || len(part.Entries) > len(all.Entries) {
			t.Fatalf("ended %v with %d entries in\n%s", part.Ended, len(part.Entries), text[:cut])
		}
		if want := strings.Count(string(text[:cut]), ".ts\n"); len(part.Entries) < want {
			t.Fatalf("%d entries of %d whole ones in\n%s", len(part.Entries), want, text[:cut])
		}
		before := &Sidecar{Entries: all.Entries[:len(part.Entries)], Ended: ended}
		if got, want := describe(part), describe(before); got != want {
			t.Fatalf("got\n%swant\n%sof\n%s", got, want, text[:cut])
		}
	})
}

// A small text never takes much memory, whatever stands in it.
func TestReadingIsBounded(t *testing.T) {
	const size = 1 << 20
	fill := func(head, body, tail string) []byte {
		return []byte(head + strings.Repeat(body, (size-len(head)-len(tail))/len(body)) + tail)
	}
	cases := []struct {
		name string
		raw  []byte
		read func([]byte) (*Sidecar, error)
	}{
		{"segments", fill("#EXTM3U\n", "#EXTINF:1,\na\n", ""), ReadM3U8},
		{"ranges", fill("#EXTM3U\n#EXTINF:1,\n#EXT-X-BYTERANGE:1@0\na\n", "#EXTINF:1,\n#EXT-X-BYTERANGE:1\na\n", ""), ReadM3U8},
		{"maps", fill("#EXTM3U\n", "#EXT-X-MAP:URI=\"a\"\n", ""), ReadM3U8},
		{"attributes", fill("#EXTM3U\n#EXT-X-MAP:", "A=,", "URI=\"a\"\n"), ReadM3U8},
		{"groups", fill("#EXTM3U\n"+strings.Repeat("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",URI=\"x\"\n", 9000), "#EXT-X-STREAM-INF:AUDIO=\"a\"\nb\n", ""), ReadM3U8},
		{"lines", fill("#EXTM3U\n", "\n", ""), ReadM3U8},
		{"one line", fill("#EXTM3U\n#EXTINF:", "9", ",\na\n"), ReadM3U8},
		{"segments of nothing", fill(`{"segments":{"a":[{}`, ",{}", "]}}"), ReadLivepeer},
		{"nulls", fill(`{"segments":{"a":[null`, ",null", "]}}"), ReadLivepeer},
		{"short segments", fill(`{"segments":{"a":[{}`, `,{"uri":"a"}`, "]}}"), ReadLivepeer},
		{"tracks", fill(`{"segments":{"":[]`, `,"":[]`, "}}"), ReadLivepeer},
		{"deep", fill(`{"segments":`, "[", ""), ReadLivepeer},
		{"deep elsewhere", fill(`{"other":`, "[", ""), ReadLivepeer},
		{"renditions", fill(`{"recording_status":"RECORDING_STARTED","media":{"hls":{"renditions":[{}`, `,{"playlist":"a"}`, "]}}}"), ReadIVS},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			s, err := c.read(c.raw)
			runtime.ReadMemStats(&after)
			if took := after.TotalAlloc - before.TotalAlloc; took > 60*size {
				t.Errorf("%d bytes took %d (%v)", len(c.raw), took, err)
			}
			runtime.KeepAlive(s)
		})
	}
}

func FuzzReadM3U8(f *testing.F) {
	for _, c := range m3u8Cases {
		f.Add(c.text)
	}
	for _, c := range badM3U8 {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ReadM3U8([]byte(text))
		sane(t, s, err)
		if err != nil {
			return
		}
		for i, e := range s.Entries {
			if !strings.Contains(text, e.URI) || strings.ContainsAny(e.URI, "\n") || e.Numbered && e.Seq != s.Entries[0].Seq+int64(i) {
				t.Fatalf("entry %d: %+v", i, e)
			}
		}
	})
}

// sane checks what holds of everything that is read.
func sane(t *testing.T, s *Sidecar, err error) {
	t.Helper()
	if err != nil {
		if s != nil || !errors.Is(err, ErrSidecar) || len(err.Error()) > 2000 {
			t.Fatalf("%+v, %v", s, err)
		}
		return
	}
	for _, e := range s.Entries {
		if e.URI == "" || e.Duration < 0 || e.Seq < 0 || !e.Numbered && e.Seq != 0 || e.Range.check() != nil {
			t.Fatalf("%+v", e)
		}
		if e.Map != nil && (e.Map.URI == "" || e.Map.Range.check() != nil) {
			t.Fatalf("%+v", *e.Map)
		}
	}
	for _, c := range s.Children {
		if c.URI == "" {
			t.Fatalf("%+v", s.Children)
		}
	}
}
