package finalize_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/storetest"
)

// TestNothingNamedIsDeleted: segments come in time, late, or over others; runs follow
// each other with any formats, modes of playlists and modes of deleting; some die,
// and sometimes somebody keeps what is marked. After every operation no playlist that
// recfin wrote names what it deleted, what is played is there and not condemned, and
// every segment that was chosen is there or is held, byte by byte or sample by sample.
func TestNothingNamedIsDeleted(t *testing.T) {
	t.Parallel()
	deletes, looks := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Bool().Draw(t, "opaque"))
		w.clock.set(onAir.Add(time.Minute))
		x, used := newWatch(w), map[string]bool{}
		if n := rapid.IntRange(0, 6).Draw(t, "at first"); n > 0 {
			w.lay("foo/A/720p", high, 0, n, 0)
			w.clock.advance(rapid.SampledFrom([]time.Duration{0, time.Hour}).Draw(t, "settled"))
		}
		for step := range rapid.IntRange(2, 7).Draw(t, "steps") {
			arrive(t, w, used, fmt.Sprint("uploads ", step))
			if rapid.IntRange(0, 9).Draw(t, "overwrite") == 0 {
				x.overwrite(t)
			}
			x.uploads()
			w.clock.advance(rapid.SampledFrom([]time.Duration{0, time.Minute, time.Hour, day}).Draw(t, "later"))
			before := w.Snapshot()
			f := storetest.NewFault(x.on(), storetest.Plan{At: rapid.IntRange(-60, 60).Draw(t, "crash"), Crash: true, After: rapid.Bool().Draw(t, "after")})
			cfg := anyMode(t, f)
			_, err := run(cfg, "foo")
			x.right(t, fmt.Sprintf("run %d, %s %s, delete %s", step, cfg.Formats, cfg.HLS, cfg.Delete))
			if err != nil && !f.Crashed() && !harmless(err) && !x.foreseen(err) {
				t.Fatalf("run %d: %v", step, err)
			}
			if len(x.touched) == 0 {
				audit(t, before, w.Snapshot(), "foo")
			}
			if rapid.IntRange(0, 9).Draw(t, "keep") == 0 && read(t, w.Snapshot(), "foo") != nil {
				if f, err := finalize.New(settings(x.on())); err != nil {
					t.Fatal(err)
				} else if _, err := f.Keep(t.Context(), "foo"); err != nil && len(x.touched) == 0 {
					t.Fatalf("keep: %v", err)
				}
				x.right(t, "keep")
			}
		}
		deletes, looks = deletes+x.deletes, looks+x.looks
	})
	t.Logf("%d deletes, %d looks", deletes, looks)
	if deletes == 0 || looks == 0 {
		t.Errorf("%d deletes and %d looks: that proves nothing", deletes, looks)
	}
}

// overwrite uploads something else over a segment, or a missing one anew.
func (x *watch) overwrite(t *rapid.T) {
	keys := slices.Sorted(maps.Keys(sources(x.w.Snapshot())))
	if len(keys) == 0 {
		return
	}
	key := rapid.SampledFrom(keys).Draw(t, "over")
	f := high
	f.Content = "sent again"
	x.w.Set(key, f.segment(rapid.IntRange(0, 9).Draw(t, "with")), x.w.clock.now(), nil)
	x.touched[key] = true
}

// foreseen reports whether a run had to refuse: what is gone cannot be made into
// something else, and what was overwritten is damage.
func (x *watch) foreseen(err error) bool {
	return errors.Is(err, finalize.ErrRefused) && (len(x.touched) > 0 || strings.Contains(err.Error(), "cannot be made"))
}

// anyMode gives settings of any kind that go together.
func anyMode(t *rapid.T, s store.Store) finalize.Config {
	c := anySettings(t, s)
	c.HLS = rapid.SampledFrom([]finalize.HLSMode{finalize.HLSReference, finalize.HLSCopy, finalize.HLSSingle}).Draw(t, "hls")
	c.Delete = rapid.SampledFrom([]finalize.DeleteMode{finalize.DeleteNone, finalize.DeleteLeftovers, finalize.DeleteSources, finalize.DeleteSources}).Draw(t, "deleting")
	c.Durations = rapid.SampledFrom([]finalize.Durations{finalize.DurationsAuto, finalize.DurationsProbe}).Draw(t, "durations")
	if rapid.IntRange(0, 3).Draw(t, "accept") > 0 {
		c.Accept = []string{"foo"}
	}
	if c.Defaults().Check() != nil { // playlists that reference, beside sources that go
		c.Delete = finalize.DeleteLeftovers
	}
	return c
}
