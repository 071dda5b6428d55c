package playlist

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var livepeerCases = []struct{ name, text, want string }{
	{"two tracks", `{"duration_ms":4000,"tracks":[{"name":"source","bandwidth":1,"resolution":"1x1"},{"name":"P240p"}],"segments":{"source":[{"uri":"https://h/rec/mid/node/source/0.ts","duration_ms":2000},{"seq_no":1,"uri":"https://h/rec/mid/node/source/1.ts","duration_ms":2001}],"P240p":[{"seq_no":1,"uri":"a+b/1.ts","duration_ms":1999}]}}`,
		"source: https://h/rec/mid/node/source/0.ts #0 2s\nsource: https://h/rec/mid/node/source/1.ts #1 2.001s\nP240p: a+b/1.ts #1 1.999s\n"},
	{"in order of upload", `{"segments":{"source":[{"seq_no":7,"uri":"7"},{"seq_no":5,"uri":"5"},{"uri":"0"}]}}`, "source: 7 #7 0s\nsource: 5 #5 0s\nsource: 0 #0 0s\n"},
	{"nothing", `{}`, ""},
	{"no media yet", `{"duration_ms":0}`, ""},
	{"tracks alone", `{"tracks":[{"name":"source"}]}`, ""},
	{"nothing yet", `{"tracks":null,"segments":null}`, ""},
	{"no segments", `{"duration_ms":1,"segments":{"source":null,"x":[]}}`, ""},
	{"no names", `{"segments":{"source":[{},{"seq_no":3},null,{"uri":"a"}]}}`, "source: a #0 0s\n"},
	{"fields of a later version", `{"v":[1,{"a":"b"}],"segments":{"s":[{"uri":"a","x":{"y":[]}}]}}`, "s: a #0 0s\n"},
	{"blanks", " {\n\"segments\" : { \"s\" : [ ] } }\n ", ""},
}

var badLivepeer = []struct{ name, text, says string }{
	{"empty", "", "unexpected EOF"},
	{"not JSON", "#EXTM3U\n", "invalid character"},
	{"a list", "[]", "byte 1: [ where { was expected"},
	{"another document", `{"recording_status":"RECORDING_STARTED"}`, "none of the fields"},
	{"cut off", `{"segments":{"source":[{"uri":"a"},{"uri":`, "unexpected EOF"},
	{"cut off between", `{"segments":{"source":[{"uri":"a"}`, "unexpected EOF"},
	{"two documents", `{"segments":{}}{}`, "more than one value"},
	{"number", `{"segments":{"source":[{"uri":"a"},{"uri":"b","seq_no":-1}]}}`, `segments of "source": segment 1: json: `},
	{"fraction", `{"segments":{"source":[{"duration_ms":1.5}]}}`, `segments of "source": segment 0: json: `},
	{"large number", `{"segments":{"source":[{"seq_no":9223372036854775808}]}}`, "seq_no 9223372036854775808 is too large"},
	{"large duration", `{"segments":{"source":[{"duration_ms":9223372036855}]}}`, "duration_ms 9223372036855 is too large"},
	{"track", `{"segments":{"source":{}}}`, `segments of "source": byte`},
	{"segments", `{"segments":["a"]}`, "[ where { was expected"},
	{"endless number", `{"segments":{"source":[{"seq_no":` + strings.Repeat("1", 9999) + `}]}}`, `segment 0: json: `},
	{"segment", `{"segments":{"source":["a"]}}`, "segment 0: json: "},
}

func TestReadLivepeer(t *testing.T) {
	for _, c := range livepeerCases {
		t.Run(c.name, func(t *testing.T) {
			s, err := ReadLivepeer([]byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := describe(s); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

func TestReadLivepeerRefuses(t *testing.T) {
	for _, c := range badLivepeer {
		t.Run(c.name, func(t *testing.T) {
			s, err := ReadLivepeer([]byte(c.text))
			if s != nil || !errors.Is(err, ErrSidecar) || !strings.Contains(err.Error(), c.says) || len(err.Error()) > 1000 {
				t.Errorf("got %+v, %v; want %q", s, err, c.says)
			}
		})
	}
}

// livepeerSegment and livepeerTracks are what a broadcaster writes: with Go's
// encoding/json, maps sorted by name, zeros left out.
type livepeerSegment struct {
	SeqNo      uint64 `json:"seq_no,omitempty"`
	URI        string `json:"uri,omitempty"`
	DurationMS uint64 `json:"duration_ms,omitempty"`
}

func TestReadLivepeerReadsItsWriter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		segment := rapid.Custom(func(t *rapid.T) livepeerSegment {
			return livepeerSegment{
				SeqNo:      rapid.Uint64Range(0, 5).Draw(t, "seq"),
				URI:        rapid.StringN(1, 9, -1).Draw(t, "uri"),
				DurationMS: rapid.Uint64Range(0, 3000).Draw(t, "duration"),
			}
		})
		tracks := rapid.MapOf(rapid.String(), rapid.SliceOf(segment)).Draw(t, "tracks")
		raw, err := json.Marshal(map[string]any{"duration_ms": 1, "segments": tracks})
		if err != nil {
			t.Fatal(err)
		}
		got, err := ReadLivepeer(raw)
		if err != nil {
			t.Fatal(err)
		}
		names := make([]string, 0, len(tracks))
		for name := range tracks {
			names = append(names, name)
		}
		slices.Sort(names)
		var want []Entry
		for _, name := range names {
			for _, s := range tracks[name] {
				want = append(want, Entry{URI: s.URI, Track: name, Seq: int64(s.SeqNo), Numbered: true, Duration: time.Duration(s.DurationMS) * time.Millisecond})
			}
		}
		if !slices.Equal(got.Entries, want) {
			t.Fatalf("got %+v, want %+v of %s", got.Entries, want, raw)
		}
	})
}

func FuzzReadLivepeer(f *testing.F) {
	for _, c := range livepeerCases {
		f.Add(c.text)
	}
	for _, c := range badLivepeer {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkFast(t, []byte(text))
		s, err := ReadLivepeer([]byte(text))
		sane(t, s, err)
		if err == nil && !json.Valid([]byte(text)) {
			t.Fatalf("not JSON, but %+v", s)
		}
	})
}

var ivsCases = []struct{ name, text, want string }{
	{"started", `{"version":"v1","channel_arn":"arn:aws:ivs:us-west-2:1:channel/A","recording_started_at":"2026-11-21T12:00:00Z","recording_status":"RECORDING_STARTED","media":{"hls":{"path":"media/hls","playlist":"master.m3u8","byte_range_playlist":"byte-range-multivariant.m3u8","renditions":[{"path":"480p30","playlist":"playlist.m3u8","resolution_height":480},{"path":"160p 30","playlist":"playlist.m3u8"}]},"thumbnails":{"path":"media/thumbnails"}}}`,
		"started 2026-11-21 12:00:00 +0000 UTC 0001-01-01 00:00:00 +0000 UTC\nmedia ../media/hls/master.m3u8\nmedia ../media/hls/480p30/playlist.m3u8\nmedia ../media/hls/160p%2030/playlist.m3u8\n"},
	{"ended", `{"recording_started_at":"2026-11-21T12:00:00.5Z","recording_ended_at":"2026-11-21T14:00:00+01:00","recording_status":"RECORDING_ENDED","media":{"hls":{"duration_ms":1,"path":"media/hls","playlist":"master.m3u8"}}}`,
		"ended 2026-11-21 12:00:00.5 +0000 UTC 2026-11-21 13:00:00 +0000 UTC\nmedia ../media/hls/master.m3u8\nended\n"},
	{"failed before anything", `{"recording_status":"RECORDING_ENDED_WITH_FAILURE","recording_status_message":"x","recording_ended_at":null}`,
		"failed 0001-01-01 00:00:00 +0000 UTC 0001-01-01 00:00:00 +0000 UTC\nended\n"},
	{"paths that lead out", `{"recording_status":"RECORDING_STARTED","media":{"hls":{"path":"..","playlist":"a.m3u8","renditions":[{"path":"../x","playlist":"b.m3u8"},{"path":"x"},{"path":"../y","playlist":"../../c.m3u8"}]}}}`,
		"started 0001-01-01 00:00:00 +0000 UTC 0001-01-01 00:00:00 +0000 UTC\n"},
}

func TestReadIVS(t *testing.T) {
	for _, c := range ivsCases {
		t.Run(c.name, func(t *testing.T) {
			s, err := ReadIVS([]byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := describe(s); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
	s, err := ReadIVS([]byte(ivsCases[0].text))
	if err != nil {
		t.Fatal(err)
	}
	if got := Resolve("ivs/v1/1/A/2026/11/21/12/0/id/events/recording-started.json", s.Event.Media[2]); got[0] != "ivs/v1/1/A/2026/11/21/12/0/id/media/hls/160p 30/playlist.m3u8" {
		t.Errorf("the playlist is %q", got)
	}
}

var badIVS = []struct{ name, text, says string }{
	{"empty", "", "unexpected end"},
	{"another document", `{"segments":{}}`, `recording_status is ""`},
	{"another status", `{"recording_status":"x"}`, `recording_status is "x"`},
	{"no date", `{"recording_status":"RECORDING_STARTED","recording_started_at":"noon"}`, "noon"},
	{"endless date", `{"recording_status":"RECORDING_STARTED","recording_started_at":"` + strings.Repeat("1", 9999) + `"}`, "1111"},
	{"no path", `{"recording_status":"RECORDING_STARTED","media":{"hls":{"path":1}}}`, "media.hls.path"},
}

func TestReadIVSRefuses(t *testing.T) {
	for _, c := range badIVS {
		t.Run(c.name, func(t *testing.T) {
			s, err := ReadIVS([]byte(c.text))
			if s != nil || !errors.Is(err, ErrSidecar) || !strings.Contains(err.Error(), c.says) || len(err.Error()) > 1000 {
				t.Errorf("got %+v, %v; want %q", s, err, c.says)
			}
		})
	}
}

func FuzzReadIVS(f *testing.F) {
	for _, c := range ivsCases {
		f.Add(c.text)
	}
	for _, c := range badIVS {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ReadIVS([]byte(text))
		sane(t, s, err)
		if err != nil {
			return
		}
		for _, m := range s.Event.Media {
			if err := checkURI(m); err != nil || !strings.HasPrefix(m, "../") || strings.HasPrefix(m, "../../") {
				t.Fatalf("media %q (%v)", m, err)
			}
		}
	})
}

// checkFast fails where the quick reader says something else than the one for all texts.
func checkFast(t testing.TB, raw []byte) {
	t.Helper()
	packed, ok := fastLivepeer(raw)
	if !ok {
		return
	}
	got := packed.Unpack()
	want, err := readLivepeer(raw)
	if err == nil && !reflect.DeepEqual(packed, want.Pack()) {
		t.Fatalf("got\n%+v, want\n%+v", packed, want.Pack())
	}
	if err != nil || describe(got) != describe(want) || len(got.Entries) != len(want.Entries) {
		t.Fatalf("got\n%swant (%v)\n%sof %s", describe(got), err, describe(want), raw)
	}
}

// TestFastLivepeer: what writers write is read the quick way, and what is not of that form
// is left to the other.
func TestFastLivepeer(t *testing.T) {
	for text, fast := range map[string]bool{
		`{"duration_ms":4000,"tracks":[{"name":"a","bandwidth":1}],"segments":{"a":[{"seq_no":1,"uri":"a/1.ts","duration_ms":2000},{"uri":"a/0.ts","duration_ms":2000}]}}`: true,
		" {\n\"segments\" : { \"a\" : [ { \"uri\" : \"x\" } , { } ] , \"b\" : [ ] } } \n":                                                                                  true,
		`{"segments":{}}`:                                               true,
		`{"segments":null}`:                                             false,
		`{"segments":{"a":[{"uri":"\u0041"}]}}`:                         false,
		`{"segments":{"a":[{"URI":"x"}]}}`:                              false,
		`{"segments":{"a":[{"uri":"x","uri":"y"}]}}`:                    false,
		`{"segments":{"a":[{"uri":"x","seq_no":01}]}}`:                  false,
		`{"segments":{"a":[{"uri":"x","seq_no":1.5}]}}`:                 false,
		`{"segments":{"a":[{"uri":"x","seq_no":-1}]}}`:                  false,
		`{"segments":{"a":[{"uri":"x"},]}}`:                             false,
		`{"segments":{"a":[{"uri":"x",}]}}`:                             false,
		`{"segments":{"a":[{,"uri":"x"}]}}`:                             false,
		`{"segments":{"a":[{"uri":"x" "seq_no":1}]}}`:                   false,
		`{"segments":{"a":[{"uri":"x"}]}} {}`:                           false,
		`{"segments":{"a":[{"uri":"x"}]}`:                               false,
		`{"other":1,"segments":{}}`:                                     false,
		`{"segments":{"a":[{"uri":"x","duration_ms":1e3}]}}`:            false,
		`{"segments":{"a":[{"uri":"x","seq_no":9999999999999999999}]}}`: false,
	} {
		if _, ok := fastLivepeer([]byte(text)); ok != fast {
			t.Errorf("%s: %v", text, ok)
		}
		checkFast(t, []byte(text))
	}
}

// TestPackedSaysTheSame: packing loses nothing.
func TestPackedSaysTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entry := rapid.Custom(func(t *rapid.T) Entry {
			e := Entry{
				URI: rapid.StringN(1, 9, -1).Draw(t, "uri"), Track: rapid.SampledFrom([]string{"", "a"}).Draw(t, "track"),
				Duration: time.Duration(rapid.Int64Range(0, 5e9).Draw(t, "duration")), Discontinuity: rapid.Bool().Draw(t, "breaks"), Gap: rapid.Bool().Draw(t, "gap"),
			}
			if e.Numbered = rapid.Bool().Draw(t, "numbered"); e.Numbered {
				e.Seq = rapid.Int64Range(0, 3).Draw(t, "seq")
			}
			if rapid.Bool().Draw(t, "dated") {
				e.Wall = time.Unix(0, rapid.Int64Range(-9e18, 9e18).Draw(t, "wall")).UTC()
			}
			if rapid.Bool().Draw(t, "part") {
				e.Range = ByteRange{rapid.Int64Range(0, 9).Draw(t, "offset"), rapid.Int64Range(1, 9).Draw(t, "length")}
			}
			if rapid.Bool().Draw(t, "map") {
				e.Map = &Map{URI: "init.mp4"}
			}
			return e
		})
		s := &Sidecar{Entries: rapid.SliceOf(entry).Draw(t, "entries"), Ended: rapid.Bool().Draw(t, "ended")}
		got := s.Pack().Unpack()
		if !slices.Equal(got.Entries, s.Entries) || got.Ended != s.Ended {
			t.Fatalf("got %+v, want %+v", got.Entries, s.Entries)
		}
	})
}
