package timeline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// wallFeed is a writer of ten-second segments from one wall time to another. The
// uploads of the test world come half a second after the end of each segment.
func wallFeed(from, to string) []flat {
	const form = "2 15:04:05.000"
	parse := func(s string) time.Time {
		t, err := time.Parse(form, s)
		if err != nil {
			panic(err)
		}
		return time.Date(2026, 11, 20+t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	}
	each := 10 * time.Second
	a, z := parse(from), parse(to)
	n := int64(z.Sub(a) / each)
	f := feed{nonce: "n" + strings.ReplaceAll(from, " ", "_"), stream: from, to: n - 1, at: a.Sub(day) - 500*time.Millisecond, each: each, clock: time.Hour}
	segs := f.make()
	if rest := z.Sub(a) - time.Duration(n)*each; rest > 0 {
		last := &segs[n-1] // the last segment takes the rest
		last.Media.Duration += rest
		for i := range last.Media.Tracks {
			last.Media.Tracks[i].Last += rest
		}
		last.Uploaded = last.Uploaded.Add(rest)
	}
	return segs
}

// The table of sessions as the documentation has it.
func TestTableOfSessions(t *testing.T) {
	for _, c := range []struct {
		name     string
		feeds    [][2]string
		midnight bool
		want     string
	}{
		{"exactly 15 min", [][2]string{{"1 10:00:00.000", "1 10:30:00.000"}, {"1 10:45:00.000", "1 11:00:00.000"}}, false, "1 10:00:00–1 11:00:00"},
		{"15 min and 1 ms", [][2]string{{"1 10:00:00.000", "1 10:30:00.000"}, {"1 10:45:00.001", "1 11:00:00.000"}}, false, "1 10:00:00–1 10:30:00, 1 10:45:00–1 11:00:00"},
		{"exactly a day", [][2]string{{"1 14:13:00.000", "2 14:13:00.000"}}, true, "1 14:13:00–2 14:13:00"},
		{"a day and a minute", [][2]string{{"1 14:13:00.000", "2 14:14:00.000"}}, true, "1 14:13:00–2 00:00:00 until 2, 2 00:00:00–2 14:14:00 from 2"},
		{"the same, not split", [][2]string{{"1 14:13:00.000", "2 14:14:00.000"}}, false, "1 14:13:00–2 14:14:00"},
		{"a day and a millisecond", [][2]string{{"1 14:13:00.000", "2 14:13:00.001"}}, true, "1 14:13:00–2 00:00:00 until 2, 2 00:00:00–2 14:13:00 from 2"},
		{"from midnight on", [][2]string{{"1 00:00:00.000", "2 00:00:10.000"}}, true, "1 00:00:00–2 00:00:00 until 2, 2 00:00:00–2 00:00:10 from 2"},
		{"three days, a segment over midnight", [][2]string{{"1 14:13:05.000", "3 01:00:05.000"}}, true,
			"1 14:13:05–2 00:00:05 until 2, 2 00:00:05–3 00:00:05 from 2 until 3, 3 00:00:05–3 01:00:05 from 3"},
		{"late, without", [][2]string{{"1 10:00:00.000", "1 10:30:00.000"}, {"1 10:50:00.000", "1 11:00:00.000"}}, false, "1 10:00:00–1 10:30:00, 1 10:50:00–1 11:00:00"},
		{"late, with", [][2]string{{"1 10:00:00.000", "1 10:30:00.000"}, {"1 10:50:00.000", "1 11:00:00.000"}, {"1 10:35:00.000", "1 10:35:10.000"}}, false, "1 10:00:00–1 11:00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var segs []flat
			for _, f := range c.feeds {
				segs = append(segs, wallFeed(f[0], f[1])...)
			}
			opt := defaults
			opt.Midnight = c.midnight
			tl, _ := plan(t, segs, opt)
			if got := showSessions(tl); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func showSessions(tl *Timeline) string {
	var out []string
	for _, s := range tl.Sessions {
		date := func(t time.Time) int { return int(t.Sub(day.Truncate(dayLong))/dayLong) + 1 }
		clock := func(t time.Time) string { return fmt.Sprint(date(t), " ", t.Format(time.TimeOnly)) }
		line := clock(s.Start) + "–" + clock(s.End)
		if !s.From.IsZero() {
			line += fmt.Sprint(" from ", date(s.From))
		}
		if !s.Until.IsZero() {
			line += fmt.Sprint(" until ", date(s.Until))
		}
		out = append(out, line)
	}
	return strings.Join(out, ", ")
}

// Whatever the rows are: pieces keep all rows, each piece but the first begins
// with the first row at or after its midnight, and a session of at most a day
// has none.
func TestMidnightsCut(t *testing.T) {
	b := &builder{opt: Options{SessionGap: 40 * time.Hour, Midnight: true}}
	rapid.Check(t, func(t *rapid.T) {
		at := day.Add(time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "at")))
		var rows []row
		for range rapid.IntRange(1, 30).Draw(t, "rows") {
			gap := time.Duration(rapid.SampledFrom([]int64{0, 0, 1, 30}).Draw(t, "gap")) * time.Hour
			r := row{wall: at.Add(gap).UnixNano(), gap: gap, length: time.Duration(rapid.Int64Range(1, int64(9*time.Hour)).Draw(t, "length"))}
			rows, at = append(rows, r), at.Add(gap+r.length)
		}
		cuts := b.cutRows(rows)
		if whole := at.Sub(wallTime(rows[0].wall)) <= dayLong; whole != (len(cuts) == 1) && whole {
			t.Fatalf("%d pieces of a day", len(cuts))
		}
		for k, c := range cuts {
			if k == 0 {
				if c.row != 0 || !c.from.IsZero() {
					t.Fatalf("the first piece is %+v", c)
				}
				continue
			}
			before, first := wallTime(rows[c.row-1].wall), wallTime(rows[c.row].wall)
			if !before.Before(c.from) || first.Before(c.from) || !c.from.Equal(c.from.Truncate(dayLong)) || first.Sub(c.from) >= dayLong ||
				cuts[k-1].until.After(c.from) || cuts[k-1].until.IsZero() {
				t.Fatalf("piece %+v after %+v: rows at %v and %v", c, cuts[k-1], before, first)
			}
		}
	})
}
