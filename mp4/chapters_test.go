package mp4_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recfin/mp4"
)

// titled is a chapter as a reader tells it, in ms.
type titled struct {
	at, end int64
	title   string
}

// probed has ffprobe list the chapters of a file.
func probed(t *testing.T, j *joined) []titled {
	t.Helper()
	path := filepath.Join(t.TempDir(), "chapters.mp4")
	if err := os.WriteFile(path, j.bytes(t), 0o600); err != nil {
		t.Fatal(err)
	}
	var out struct {
		Chapters []struct {
			TimeBase   string `json:"time_base"`
			Start, End int64
			Tags       struct{ Title string }
		}
	}
	text := run(t, "ffprobe", "-v", "error", "-show_chapters", "-of", "json", path)
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	var list []titled
	for _, c := range out.Chapters {
		if c.TimeBase != "1/1000" {
			t.Fatalf("time base %s", c.TimeBase)
		}
		list = append(list, titled{c.Start, c.End, c.Tags.Title})
	}
	return list
}

func TestChapters(t *testing.T) {
	type given struct {
		at    int64
		title string
	}
	long := strings.Repeat("é", 200)
	for name, c := range map[string]struct {
		given []given
		want  []titled
	}{
		"none":         {nil, nil},
		"one":          {[]given{{0, "2024-01-01T00:00:00Z"}}, []titled{{0, 2000, "2024-01-01T00:00:00Z"}}},
		"two":          {[]given{{0, "a"}, {90000, "b ä"}}, []titled{{0, 1000, "a"}, {1000, 2000, "b ä"}}},
		"not at 0":     {[]given{{45000, "a"}}, []titled{{0, 500, ""}, {500, 2000, "a"}}},
		"same time":    {[]given{{0, "a"}, {9000, "b"}, {9000, "c"}, {9089, "d"}, {9090, "e"}}, []titled{{0, 100, "a"}, {100, 101, "d"}, {101, 2000, "e"}}},
		"at the end":   {[]given{{0, "a"}, {180000, "b"}, {200000, "c"}}, []titled{{0, 2000, "a"}}},
		"only behind":  {[]given{{180000, "b"}}, nil},
		"long":         {[]given{{0, long}}, []titled{{0, 2000, long[:254]}}},
		"no UTF-8":     {[]given{{0, "a\xffb"}}, []titled{{0, 2000, "a\uFFFDb"}}},
		"the last one": {[]given{{0, "a"}, {179910, "b"}}, []titled{{0, 1999, "a"}, {1999, 2000, "b"}}},
	} {
		t.Run(name, func(t *testing.T) {
			var body bytes.Buffer
			m := simple(t, &body)
			for _, g := range c.given {
				m.AddChapter(g.at, g.title)
			}
			j, file := checked(t, m, &body, 0)
			if got := probed(t, j); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("ffprobe lists %v, want %v", got, c.want)
			}
			sum := j.head.Summary()
			if sum.Chapters != len(c.want) || len(sum.Tracks) != 2 {
				t.Errorf("%d chapters and %d tracks, want %d", sum.Chapters, len(sum.Tracks), len(c.want))
			}
			if len(file.Chapters) != len(c.want) {
				t.Fatalf("mp4check finds %v, want %v", file.Chapters, c.want)
			}
			for i, got := range file.Chapters {
				if w := c.want[i]; got.Start != w.at || got.Title != w.title {
					t.Errorf("chapter %d is %+v, want %+v", i, got, w)
				}
			}
		})
	}
}

// Chapters beyond those that udta can name are in the track, and the body ends
// with them.
func TestManyChapters(t *testing.T) {
	var body bytes.Buffer
	m := simple(t, &body)
	const n = 300
	for i := range int64(n) {
		m.AddChapter(i*450, fmt.Sprint("chapter ", i))
	}
	before := m.BodyBytes()
	j, file := checked(t, m, &body, 0)
	list := probed(t, j)
	if len(list) != n || len(file.Chapters) != n || j.head.Summary().Chapters != n {
		t.Fatalf("ffprobe lists %d, mp4check %d chapters", len(list), len(file.Chapters))
	}
	for i, c := range list {
		if want := fmt.Sprint("chapter ", i); c.at != int64(i)*5 || c.title != want || file.Chapters[i].Title != want {
			t.Errorf("chapter %d is %+v and %+v", i, c, file.Chapters[i])
		}
	}
	last := file.Tracks[2].Chunks
	if len(last) != 1 || last[0].Offset != j.head.Size()+before || last[0].Samples != n {
		t.Errorf("the chapters are in %+v", last)
	}
}

// A movie of more than 49 days has chapters, too.
func TestChaptersOfLongMovie(t *testing.T) {
	var body bytes.Buffer
	m := mp4.NewMovie(&body)
	if _, err := m.AddTrack(mp4.Track{Entry: entry{mp4.Video, 0}, Timescale: 1}); err != nil {
		t.Fatal(err)
	}
	const days = 100 * 86400
	if err := m.Write(0, &mp4.Sample{Duration: days, Pieces: [][]byte{{1}}}); err != nil {
		t.Fatal(err)
	}
	m.AddChapter(0, "a")
	m.AddChapter(60*86400*mp4.Timescale, "b")
	_, file := checked(t, m, &body, 0)
	if c := file.Chapters; len(c) != 2 || c[1].Start != 60*86400*1000 || file.Tracks[1].Timescale != 1 {
		t.Errorf("chapters are %+v", c)
	}
}

func TestChaptersOutOfOrder(t *testing.T) {
	for name, at := range map[string][]int64{"before 0": {-1}, "back": {5, 4}} {
		var body bytes.Buffer
		m := simple(t, &body)
		for _, at := range at {
			m.AddChapter(at, "x")
		}
		if _, err := m.Finish(0); !errors.Is(err, mp4.ErrOrder) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// An error of the writer for the chapters is one.
	m := simple(t, &broken{n: 4})
	m.AddChapter(0, "x")
	if _, err := m.Finish(0); !errors.Is(err, errBroken) {
		t.Errorf("a broken writer: %v", err)
	}
}
