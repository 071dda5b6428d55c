package finalize_test

import (
	"slices"
	"testing"
	"time"

	"recfin/finalize"
)

// TestLaterBesideOneOnAir: one session is written while another of the same writer is on
// air, and so not joined. Its heads are read before anything is committed: two encoders
// push it by turns, so nothing of the writer is certain, and no copy goes.
func TestLaterBesideOneOnAir(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	w.lay("foo/B/720p", high, 4, 5, 3*time.Second)
	w.lay("foo/A/720p", high, 10, 29, 20*time.Minute)
	other := high
	other.Clock += 7777777
	w.lay("foo/A/720p", other, 15, 15, 20*time.Minute)
	w.clock.set(onAir.Add(32 * time.Minute))
	heads, before := w.clone(), w.Snapshot()
	cfg := settings(nil)
	cfg.Formats.HLS = false
	got, err := w.runs(cfg, (*finalize.Finalizer).Run)
	want, wantErr := heads.runs(cfg, (*finalize.Finalizer).RunWithHeads)
	if len(want.Committed) != 1 || want.Plan.Sessions[1].Action != finalize.Wait || len(want.Plan.Uncertain) == 0 {
		t.Fatalf("the story is another one: %+v", want.Plan)
	}
	alike(t, "report", told(t, got, err), told(t, want, wantErr))
	alike(t, "archive", archived(t, w.Snapshot()), archived(t, heads.Snapshot()))
	if lost := gone(before, w.Snapshot()); len(lost) > 0 || slices.Contains(read(t, w.Snapshot(), "foo").doomed(), "foo/B/720p/4.ts") {
		t.Errorf("gone: %v", lost)
	}
	audit(t, before, w.Snapshot(), "foo")
}
