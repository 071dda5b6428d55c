package finalize_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
)

// evening lays ten segments of another evening, days after the first.
func (w *world) evening(nonce string, days int) {
	f := feed{Content: nonce, Width: 1280, Height: 720}
	for n := range 10 {
		w.Set(keysOf("foo/"+nonce+"/720p", n)[0], f.segment(n), uploaded(n).Add(time.Duration(days)*24*time.Hour), nil)
	}
}

// allMovies are the keys of all MP4s.
func allMovies(all snapshot) []string {
	keys := []string{}
	for key := range all {
		if strings.HasSuffix(key, ".mp4") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// TestMarkerOfABackup: a marker that is older than what lies beside it, or that is
// lost, names versions no more that are the only ones to have what went as a source.
// They stay; and what is found beside an unharmed marker still goes.
func TestMarkerOfABackup(t *testing.T) {
	for _, c := range []struct {
		name  string
		lost  bool
		after finalize.DeleteMode
	}{
		{"older", false, finalize.DeleteSources}, {"older, leftovers", false, finalize.DeleteLeftovers},
		{"lost", true, finalize.DeleteSources}, {"lost, leftovers", true, finalize.DeleteLeftovers},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(false)
			cfg := sourceSettings(w)
			w.lay("foo/A/720p", high, 0, 9, 0)
			mustRun(t, cfg, "foo")
			backup := w.Snapshot()[markerKey("foo")].Body
			w.evening("B", 1)
			w.clock.advance(26 * time.Hour)
			mustRun(t, cfg, "foo")
			made := allMovies(w.Snapshot())
			if left := inputs(w.Snapshot()); len(left) > 0 || len(made) != 2 {
				t.Fatalf("the test proves nothing: left %v, made %v", left, made)
			}
			w.remove(t, markerKey("foo"))
			if !c.lost {
				w.Set(markerKey("foo"), backup, w.clock.now(), nil)
			}
			w.evening("C", 2)
			cfg.Delete = c.after
			for range 3 {
				w.clock.advance(26 * time.Hour)
				r := mustRun(t, cfg, "foo")
				if all := strings.Join(r.Problems, "\n"); !strings.Contains(all, "was recording.json put back") {
					t.Errorf("nothing is said of it: %q", all)
				}
			}
			for _, key := range made {
				if !w.has(key) {
					t.Errorf("%s is deleted, and no segment of it is anywhere", key)
				}
			}
			if n := len(allMovies(w.Snapshot())); n != 3 {
				t.Errorf("%d MP4s of three evenings", n)
			}
		})
	}
}
