package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/internal/broadcast"
	"recfin/store/mem"
)

// week lays out a recording a day, show-0 to show-6, and one that was on air each day,
// under daily. It gives the store and its URL.
func week(t *testing.T, name string) (*mem.Store, string) {
	t.Helper()
	at := mem.Open(name)
	put := func(key string, body []byte, uploaded time.Time) error {
		at.Set(key, body, uploaded, nil)
		return nil
	}
	for d := range 7 {
		s := broadcast.Make(t, broadcast.Options{Seconds: 2, Segment: time.Second, Width: 64, Height: 36, Rate: fmt.Sprint(5 + d), NoAudio: true}) // no two alike
		began := onAir.Add(time.Duration(d) * 24 * time.Hour)
		broadcast.Lay(t, put, s.Uploads(fmt.Sprintf("show-%d/A/36p", d), 0, 1, began))
		broadcast.Lay(t, put, s.Uploads(fmt.Sprintf("daily/N%d/36p", d), 0, 1, began))
	}
	return at, "mem://" + name
}

// dayAfter is a day of the week, as the flags have it.
func dayAfter(d int) string { return onAir.Add(time.Duration(d) * 24 * time.Hour).Format("2006-01-02") }

// TestRunOfADay: run --from D --to D finalizes what started that day and touches nothing
// else; once more there is nothing to do; shards share it; a run of everything does the
// rest, and is not told that it was done.
func TestRunOfADay(t *testing.T) {
	t.Parallel()
	at, url := week(t, "run-of-a-day")
	touched := func(args ...string) (keys []string) {
		t.Helper()
		before := at.Snapshot()
		mustRecfin(t, exitDone, append([]string{"run", "--log-level", "warn", "--store", url}, args...)...)
		for key, e := range at.Snapshot() {
			if was, there := before[key]; !there || !bytes.Equal(was.Body, e.Body) {
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
		return keys
	}
	dayOnly := []string{"--from", dayAfter(3), "--to", dayAfter(3)}
	day := strings.ReplaceAll(dayAfter(3), "-", "")
	var written []string
	for k := range 3 {
		written = append(written, touched(append([]string{"--shard", fmt.Sprintf("%d/3", k)}, dayOnly...)...)...)
	}
	for _, key := range written {
		if !strings.Contains(key, day) && key != "recordings/show-3/recording.json" && key != "recordings/daily/recording.json" {
			t.Errorf("%s was touched", key)
		}
	}
	if n := len(written); n < 2*5 { // entry, playlist, record, marker and door of each
		t.Errorf("%d objects written: %q", n, written)
	}
	if again := touched(dayOnly...); len(again) > 0 {
		t.Errorf("once more: %q", again)
	}
	if none := touched("--from", "2020-01-01", "--to", "2020-01-31"); len(none) > 0 {
		t.Errorf("a month before: %q", none)
	}
	plan := mustRecfin(t, exitDone, "plan", "--store", url, "--from", dayAfter(5)).out
	if !strings.Contains(plan, "show-5: ready") || !strings.Contains(plan, "show-6: ready") || strings.Contains(plan, "show-4") || strings.Contains(plan, "daily") {
		t.Errorf("a plan of two days:\n%s", plan)
	}
	mustRecfin(t, exitDone, "plan", "--store", url, "--from", dayAfter(3), "--to", dayAfter(3)).says(t, "daily", "keep", "outside (session 20250605T180000Z is not of 2025-06-04)")
	all := touched()
	for d := range 7 {
		if written := slices.Contains(all, fmt.Sprintf("recordings/show-%d/recording.json", d)); written != (d != 3) {
			t.Errorf("show-%d was written: %v", d, written)
		}
	}
	if rest := touched("--from", dayAfter(0)); len(rest) > 0 {
		t.Errorf("all days after a run of everything: %q", rest)
	}
}

// What does not go with days is wrong usage, said before anything is asked of a store.
func TestDaysUsage(t *testing.T) {
	t.Parallel()
	day := []string{"--from", "2026-03-01", "--store", "mem://days-usage"}
	for _, c := range []struct {
		args []string
		says string
	}{
		{append([]string{"plan", "foo"}, day...), "give no IDs (got foo)"},
		{append([]string{"run", "--ids", "-"}, day...), "leave --ids out"},
		{append([]string{"plan", "--explain", "foo/A/720p/1.ts"}, day...), "--explain"},
		{append([]string{"run", "--to", "2026-02-28"}, day...), "--from 2026-03-01 is behind --to 2026-02-28"},
		{[]string{"run", "--store", "mem://days-usage", "--to", "yesterday"}, "--to"},
		{append([]string{"finalize", "foo"}, day...), "from"},
	} {
		mustRecfin(t, exitUsage, c.args...).says(t, c.says)
	}
}
