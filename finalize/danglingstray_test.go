package finalize_test

import (
	"path"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store/storetest"
)

// TestPlaylistsOfAVersionThatStays: a run dies behind its version and before its swap,
// and then that version stays, because a segment that only it holds is overwritten, or
// because somebody keeps what is condemned of it. So does what its playlists name,
// though nothing leads to them.
func TestPlaylistsOfAVersionThatStays(t *testing.T) {
	for _, kept := range []bool{false, true} {
		t.Run(map[bool]string{false: "bereft", true: "kept"}[kept], func(t *testing.T) {
			t.Parallel()
			playlistsThatStay(t, kept)
		})
	}
}

func playlistsThatStay(t *testing.T, kept bool) {
	const late = "foo/B/720p/6.ts"
	met := 0
	for at := 10; at <= 60; at++ {
		w := newWorld(false)
		w.lay("foo/A/720p", high, 0, 5, 0)
		w.clock.advance(time.Hour)
		mustRun(t, only(w, finalize.Formats{MP4: true}), "foo")
		w.Set(late, high.segment(6), w.clock.now(), nil)
		w.clock.advance(time.Hour)
		f := storetest.NewFault(w, storetest.Plan{At: at, Crash: true})
		_, _ = run(only(f, finalize.Formats{HLS: true}), "foo")
		var lists []string
		whole := false
		for key := range w.Snapshot() {
			if strings.HasPrefix(key, outPath+"foo/") && strings.Contains(key, "/2-") {
				whole = whole || path.Base(key) == "segments.json.gz"
				if path.Ext(key) == ".m3u8" {
					lists = append(lists, key)
				}
			}
		}
		if marker := string(w.Snapshot()[markerKey("foo")].Body); !whole || len(lists) == 0 || !strings.Contains(marker, `"1-`) {
			continue
		}
		met++
		if kept {
			mustRun(t, with(only(w, finalize.Formats{MP4: true}), func(c *finalize.Config) {
				c.Delete, c.DeleteDelay = finalize.DeleteLeftovers, time.Hour
			}), "foo")
			keeper, err := finalize.New(settings(w))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := keeper.Keep(t.Context(), "foo"); err != nil {
				t.Fatal(err)
			}
		} else {
			w.Set(late, high.segment(7), w.clock.now(), nil)
		}
		w.clock.advance(day)
		r := mustRun(t, with(only(w, finalize.Formats{MP4: true}), func(c *finalize.Config) {
			c.Delete, c.DeleteDelay, c.Accept = finalize.DeleteSources, 0, []string{"foo"}
		}), "foo")
		for n := range 6 {
			if key := "foo/A/720p/" + string(rune('0'+n)) + ".ts"; !w.has(key) {
				t.Errorf("died at %d: %s is gone, and %q name it", at, key, lists)
			}
		}
		if len(r.Problems) == 0 && !kept {
			t.Errorf("died at %d: nobody is told", at)
		}
	}
	if met == 0 {
		t.Error("no run died between its version and its swap")
	}
}
