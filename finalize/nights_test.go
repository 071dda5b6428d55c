package finalize_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
)

// TestForeignIsReadOnlyForLeftovers: where nothing can be condemned, nobody's
// playlists need to be read.
func TestForeignIsReadOnlyForLeftovers(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	for n := range 50 {
		w.Set(fmt.Sprintf("foo/A/playlist_%d.json", n), []byte(`{}`), onAir, nil)
	}
	mustRun(t, settings(w), "foo")
	if r := mustRun(t, settings(w), "foo"); r.Cost.Get > 20 {
		t.Errorf("%d GETs, and nothing to do", r.Cost.Get)
	}
}

// TestRoomComesBack: whatever goes wrong while segments are read ahead, the
// next recording has all of the memory again.
func TestRoomComesBack(t *testing.T) {
	null := append([]byte{0x47, 0x1f, 0xff, 0x10}, bytes.Repeat([]byte{0xff}, 184)...)
	pad := bytes.Repeat(null, (12<<20)/188)
	w := newWorld(false)
	for _, rec := range []string{"bad", "gone", "good"} {
		for n := range 6 {
			body := high.segment(n)
			if rec == "bad" && n == 3 {
				body = high.slower(t, n)
			}
			w.Set(fmt.Sprintf("%s/A/720p/%d.ts", rec, n), append(bytes.Clone(body), pad...), uploaded(n), nil)
		}
	}
	h := &hook{Store: w}
	whole := 0
	h.before = func(c call) error {
		if c.op == "get" && c.key == "gone/A/720p/4.ts" {
			if whole++; whole > 1 {
				return store.ErrUnavailable
			}
		}
		return nil
	}
	cfg := with(only(h, finalize.Formats{MP4: true}), func(c *finalize.Config) { c.Memory, c.Concurrency = 64<<20, 4 })
	f, err := finalize.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var g sync.WaitGroup
	for range 3 {
		for _, rec := range []string{"bad", "gone"} {
			g.Go(func() {
				_, err := f.Run(ctx, rec)
				t.Log(rec, err)
			})
		}
		g.Wait()
	}
	if _, err := f.Run(ctx, "good"); err != nil {
		t.Error(err)
	}
}

// TestKnownSegmentsAreNotReadAgain: the marker knows the old session. What can be
// in no recording is no reason to read the old one again.
func TestKnownSegmentsAreNotReadAgain(t *testing.T) {
	for _, c := range []struct {
		what string
		lay  func(w *world)
	}{
		{"an empty object", func(w *world) { w.Set("foo/B/720p/7.ts", nil, w.clock.now(), nil) }},
		{"an excluded rendition", func(w *world) { w.lay("foo/C/240p", low, 2, 2, time.Second) }},
	} {
		t.Run(c.what, func(t *testing.T) {
			w := newWorld(false)
			w.lay("foo/A/720p", high, 0, 49, 0)
			h := &hook{Store: w}
			cfg := with(only(h, finalize.Formats{HLS: true}), func(c *finalize.Config) { c.Selection.Exclude = []string{"240p"} })
			mustRun(t, cfg, "foo")
			c.lay(w)
			var reads []int
			for range 3 {
				w.clock.advance(2 * day)
				n := 0
				h.before = func(c call) error {
					if c.op == "get" && strings.HasPrefix(c.key, "foo/A/") {
						n++
					}
					return nil
				}
				mustRun(t, cfg, "foo")
				reads = append(reads, n)
			}
			if slices.Max(reads) > 5 {
				t.Errorf("reads of the 50 old segments in three nights: %v", reads)
			}
		})
	}
}

// TestManySetsAreListedOnce: one night condemns in many sessions. The deletes
// need a listing for each thousand objects, not for each session.
func TestManySetsAreListedOnce(t *testing.T) {
	w := newWorld(false)
	const sessions = 50
	for s := range sessions {
		w.lay("foo/A/720p", high, s*20, s*20+9, 0)
		w.lay("foo/B/720p", high, s*20, s*20+9, 3*time.Second)
	}
	w.clock.set(uploaded(sessions * 20).Add(2 * time.Hour))
	h := &hook{Store: w}
	cfg := with(settings(h), func(c *finalize.Config) { c.Formats.MP4, c.SessionGap = false, 5*time.Second })
	lists := 0
	h.before = func(c call) error {
		if c.op == "list" && c.key == "foo/" {
			lists++
		}
		return nil
	}
	r := mustRun(t, cfg, "foo")
	if len(r.Deleted) == 0 {
		t.Fatal("nothing was deleted: the test proves nothing")
	}
	if lists > 10 {
		t.Errorf("%d listings of the recording to delete %d objects", lists, len(r.Deleted))
	}
}
