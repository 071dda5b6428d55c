package finalize_test

import (
	"strings"
	"testing"
)

// TestNamedIsNoLeftover: what a sidecar names is never deleted, so a plan that
// read the sidecar does not call it a leftover and says why it stays.
func TestNamedIsNoLeftover(t *testing.T) {
	w := livepeerBucket()
	cfg := laid(t, "livepeer", w)
	r := mustPlan(t, cfg, "video+rec")
	if n := len(r.PlanJSON().Leftovers); n > 0 || len(r.Plan.Dropped) != 4 {
		t.Errorf("%d leftovers, %d dropped", n, len(r.Plan.Dropped))
	}
	for _, d := range r.Plan.Dropped {
		e := r.Explain(d.Key)
		if len(e) != 1 || e[0].Leftover || !strings.Contains(e[0].Why, "video+rec/bd201/playlist_") || !strings.Contains(e[0].Why, "names it") {
			t.Errorf("%s: %+v", d.Key, e)
		}
	}
	// The same afterwards, when nothing is read any more.
	mustRun(t, cfg, "video+rec")
	for _, d := range mustPlan(t, cfg, "video+rec").Plan.Dropped {
		if d.Leftover || !strings.Contains(d.Why, "names it") {
			t.Errorf("committed: %s: %q", d.Key, d.Why)
		}
	}
}

// TestNamedIsSaid: what the plan did not read is read before anything goes, and
// what stays for it is told once, with an example.
func TestNamedIsSaid(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	w.Set("foo/live.m3u8", []byte("#EXTM3U\n#EXTINF:2,\nB/720p/4.ts\n#EXTINF:2,\nA/720p/5.ts\n"), onAir, nil)
	r := mustRun(t, settings(w), "foo")
	same(t, "deleted", keys(r.Deleted), []string{"foo/A/360p/5.ts", "foo/B/360p/4.ts"})
	if len(r.Problems) != 1 || r.Problems[0] != "2 copies that lost stay, because playlists name them: foo/live.m3u8 names foo/A/720p/5.ts" {
		t.Errorf("problems %q", r.Problems)
	}
}
