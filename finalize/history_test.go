package finalize_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/storetest"
)

// TestAnyHistory lets uploads, runs with any settings, crashes and days go by
// in any order. Nobody overwrites or deletes anything but the runs: so no
// recording is ever damaged, no session ever shrinks, no chosen segment is ever
// deleted, and what is deleted was condemned.
func TestAnyHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(false)
		w.clock.set(onAir.Add(time.Minute))
		used := map[string]bool{}
		for step := range rapid.IntRange(2, 8).Draw(t, "steps") {
			arrive(t, w, used, fmt.Sprint("uploads ", step))
			w.clock.advance(rapid.SampledFrom([]time.Duration{0, time.Minute, time.Hour, day}).Draw(t, "later"))
			before := w.Snapshot()
			f := storetest.NewFault(w, storetest.Plan{At: rapid.IntRange(-40, 40).Draw(t, "crash"), Crash: true, After: rapid.Bool().Draw(t, "after")})
			_, err := run(anySettings(t, f), "foo")
			if err != nil && !f.Crashed() && !harmless(err) {
				t.Fatalf("run %d: %v", step, err)
			}
			after := w.Snapshot()
			audit(t, before, after, "foo")
			grown(t, before, after)
			readsBack(t, w, f.Crashed() || err != nil)
		}
	})
}

// readsBack holds that reading a recording back agrees with the audit: nothing is
// wrong, but for the doors, which the run after a crash writes. Segments that broke
// off end before those of the other renditions in their slot, which is a warning. And
// where only heads are read, a segment lasts until the next one begins, which is too
// long where it broke off, or where one writer has two clocks by turns: reading it back
// tells, and that is what --durations probe is for.
func readsBack(t tester, w *world, crashed bool) {
	t.Helper()
	v, err := verify(w, "foo", false)
	if err != nil {
		if !errors.Is(err, finalize.ErrNothing) {
			t.Errorf("verify: %v", err)
		}
		return
	}
	for _, x := range v.Findings {
		if x.Rule == "set-slots" && x.Severity == finalize.SeverityWarning || x.Rule == "probe-duration" {
			continue
		}
		if door := x.Rule == "door-gone" || x.Rule == "door-stale"; x.Severity != finalize.SeverityInfo && !(crashed && door) {
			t.Errorf("verify: %+v", x)
		}
	}
}

// harmless reports whether an error is right where nothing is wrong: there is
// nothing yet, or nothing of use. What a dead process says nobody hears.
func harmless(err error) bool {
	return errors.Is(err, finalize.ErrNothing) || errors.Is(err, finalize.ErrRefused) &&
		(strings.Contains(err.Error(), "can be used") || strings.Contains(err.Error(), "--rendition excludes"))
}

// arrive uploads segments under keys that are not taken, soon after the end of
// the segment or late. Where something was and is deleted, an upload has the time
// of today.
func arrive(t *rapid.T, w *world, used map[string]bool, label string) {
	for range rapid.IntRange(0, 10).Draw(t, label) {
		n := rapid.IntRange(0, 9).Draw(t, "n")
		f := rapid.SampledFrom([]feed{high, high, high, low, {Content: "another", Width: 1280, Height: 720}, {Content: "the match", Width: 1280, Height: 720, Clock: 900000}}).Draw(t, "feed")
		rendition := map[int]string{720: "720p", 352: "360p"}[f.Height]
		key := fmt.Sprintf("foo/%s/%s/%d.ts", rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "nonce"), rendition, n)
		if w.has(key) {
			continue
		}
		body := f.segment(n)
		switch rapid.IntRange(0, 9).Draw(t, "damage") {
		case 0:
			body = body[:188*rapid.IntRange(1, 20).Draw(t, "packets")]
		case 1:
			body = nil
		}
		at := uploaded(n).Add(rapid.SampledFrom([]time.Duration{0, 0, 0, 3 * time.Second, time.Minute, time.Hour, day}).Draw(t, "late"))
		if now := w.clock.now(); at.After(now) || used[key] {
			at = now
		}
		used[key] = true
		w.Set(key, body, at, nil)
	}
}

func anySettings(t *rapid.T, s store.Store) finalize.Config {
	c := settings(s)
	c.MaxDeletePercent = 100
	c.Formats = rapid.SampledFrom([]finalize.Formats{{HLS: true}, {MP4: true}, {HLS: true, MP4: true}}).Draw(t, "formats")
	c.Delete = rapid.SampledFrom([]finalize.DeleteMode{finalize.DeleteNone, finalize.DeleteLeftovers}).Draw(t, "delete")
	c.DeleteDelay = rapid.SampledFrom([]time.Duration{0, time.Hour, day}).Draw(t, "delay")
	c.Force = rapid.Bool().Draw(t, "force")
	c.Selection.Exclude = slices.Clone(rapid.SampledFrom([][]string{nil, nil, {"360p"}}).Draw(t, "exclude"))
	return c
}
