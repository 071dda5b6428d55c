package finalize_test

import (
	"fmt"
	"testing"
	"time"

	"recfin/finalize"
)

// TestSplitMidnight: a session longer than a day is cut at each UTC midnight, and
// a piece is named by the midnight that it begins with.
func TestSplitMidnight(t *testing.T) {
	for _, c := range []struct {
		hours int
		split finalize.Split
		want  []string
	}{
		{30, finalize.SplitNever, []string{"20260301T200000Z"}},
		{30, finalize.SplitMidnight, []string{"20260301T200000Z", "20260302T000000Z", "20260303T000000Z"}},
		{22, finalize.SplitMidnight, []string{"20260301T200000Z"}},
	} {
		w := newWorld(false)
		for h := 0; h <= c.hours; h += 2 {
			f := feed{Content: fmt.Sprintf("hour %d", h), Width: 640, Height: 352, Clock: int64(h) * 1000000}
			w.lay(fmt.Sprintf("foo/%02d/720p", h), f, 0, 1, time.Duration(h)*time.Hour)
		}
		w.clock.set(onAir.Add(4 * day))
		r := mustRun(t, with(only(w, finalize.Formats{HLS: true}), func(cfg *finalize.Config) {
			cfg.Split, cfg.SessionGap = c.split, 3*time.Hour
		}), "foo")
		got := []string{}
		for _, s := range r.Plan.Sessions {
			got = append(got, s.Record.Session)
		}
		same(t, fmt.Sprintf("%d hours, %s", c.hours, c.split), got, c.want)
	}
}
