package progress

import (
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"
	"pgregory.net/rapid"

	"recfin/finalize"
)

func asIs(name string) string { return name }

func TestLines(t *testing.T) {
	rows := []Row{
		{Recording: "foo", Stage: finalize.StageWrite, Done: 3 << 30, Total: 4 << 30, Unit: finalize.UnitBytes, Rate: 64 << 20, Left: 16 * time.Second, Running: time.Minute},
		{Recording: "a much longer name than anybody would give", Stage: finalize.StageMeasure, Done: 7, Total: 1000, Unit: finalize.UnitSegments, Left: -1, Running: time.Minute},
		{Recording: "just begun", Stage: finalize.StageList, Running: patience - 1},
		{Recording: "日本語", Stage: finalize.StageCommit, Left: -1, Running: 3723 * time.Second},
	}
	for _, c := range []struct {
		name          string
		width, height int
		expected      int
		want          string
	}{
		{"wide", 200, 25, 12, `
foo                           write    [============>   ]  3.0 GiB of 4.0 GiB  64.0 MiB/s  0:16 left
a much longer name than any…  measure  [>                           ]  7 of 1000 segments
日本語                        commit   1:02:03
5 of 12 recordings
`},
		{"80 columns", 80, 25, 1, `
foo                         write    3.0 GiB of 4.0 GiB  64.0 MiB/s  0:16 left
a much longer name than a…  measure  [>                   ]  7 of 1000 segments
日本語                      commit   1:02:03
`},
		{"narrow", 50, 25, 1, `
foo               write    3.0 GiB of 4.0 GiB
a much longer n…  measure  7 of 1000 segments
日本語            commit   1:02:03
`},
		{"narrower", 30, 25, 1, `
foo        write    75 %
a much l…  measure  0 %
日本語     commit   1:02:03
`},
		{"very narrow", 20, 25, 1, `
foo       write   …
a much …  measure …
日本語    commit  …
`},
		{"low", 50, 3, 12, `
foo               write    3.0 GiB of 4.0 GiB
5 of 12 recordings
`},
		{"one line", 50, 2, 12, "\n5 of 12 recordings\n"},
		{"no room", 1, 25, 12, "\n"},
		{"no height", 80, 1, 12, "\n"},
		{"a terminal without a size", 0, 0, 12, "\n"},
	} {
		got := "\n" + strings.Join(append(Lines(rows, 5, c.expected, c.width, c.height, asIs), ""), "\n")
		if got != c.want {
			t.Errorf("%s: got%s", c.name, got)
		}
	}
}

// However wide the window is, each line fits into it, and there are fewer lines than
// it has.
func TestLinesFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows []Row
		for range rapid.IntRange(0, 6).Draw(t, "rows") {
			r := Row{
				Recording: rapid.StringOfN(rapid.RuneFrom([]rune("aé漢\u0301🎬-")), 0, 40, -1).Draw(t, "name"), Stage: finalize.StageMeasure,
				Unit: finalize.UnitBytes, Rate: rapid.Int64Min(0).Draw(t, "rate"), Left: time.Duration(rapid.Int64Min(-1).Draw(t, "left")), Running: time.Hour,
			}
			r.Total = rapid.Int64Min(0).Draw(t, "total")
			r.Done = rapid.Int64Range(0, r.Total).Draw(t, "done")
			rows = append(rows, r)
		}
		width, height := rapid.IntRange(0, 130).Draw(t, "width"), rapid.IntRange(0, 8).Draw(t, "height")
		lines := Lines(rows, 1, rapid.IntRange(0, 3).Draw(t, "expected"), width, height, asIs)
		if len(lines) > max(0, height-1) {
			t.Fatalf("%d lines of %d", len(lines), height)
		}
		for _, line := range lines {
			if n := runewidth.StringWidth(line); n >= max(width, 1) || strings.ContainsAny(line, "\n\r\x1b") {
				t.Fatalf("%q takes %d of %d columns", line, n, width)
			}
		}
	})
}

func TestDrawn(t *testing.T) {
	for _, c := range []struct {
		done, total int64
		want        string
	}{
		{0, 10, "[>         ]"}, {1, 10, "[=>        ]"}, {9, 10, "[=========>]"}, {999, 1000, "[=========>]"}, {10, 10, "[==========]"},
		{1 << 62, 1<<62 + 1, "[=========>]"},
	} {
		if got := drawn(c.done, c.total, 12); got != c.want {
			t.Errorf("%d of %d: %s, want %s", c.done, c.total, got, c.want)
		}
	}
}
