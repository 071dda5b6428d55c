package finalize_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
)

// TestSweepOnce: one look at what dead runs left of uploads takes the place of those of
// all recordings. What may still be under way stays. Where the look fails, each
// recording makes its own.
func TestSweepOnce(t *testing.T) {
	for _, fails := range []bool{false, true} {
		w := newWorld(false)
		h := &hook{Store: w}
		sweeps := 0
		h.before = func(c call) error {
			if c.op != "sweep" || strings.HasPrefix(c.key, private) {
				return nil
			}
			if sweeps++; fails && sweeps == 1 {
				return store.ErrUnavailable
			}
			return nil
		}
		f, err := finalize.New(only(h, finalize.Formats{HLS: true}))
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"foo", "bar"} {
			w.lay(id+"/A/720p", high, 0, 3, 0)
			begin(t, w, outPath+id+"/20250601T180000Z/1-0123456789abcdef/720p.mp4")
		}
		w.clock.advance(25 * time.Hour)
		begin(t, w, outPath+"new/720p.mp4")
		if err := f.Sweep(t.Context()); (err != nil) != fails {
			t.Errorf("error %v", err)
		}
		for _, id := range []string{"foo", "bar"} {
			if r, err := f.Run(t.Context(), id); err != nil || len(r.Committed) != 1 {
				t.Errorf("%s: %d sessions are committed, error %v", id, len(r.Committed), err)
			}
		}
		if left := w.Uploads(); len(left) != 1 || left[0] != outPath+"new/720p.mp4" {
			t.Errorf("unfinished uploads: %v", left)
		}
		if !fails && sweeps != 1 || fails && sweeps <= 2 {
			t.Errorf("%d looks; the first one fails: %t", sweeps, fails)
		}
	}
}

// begin leaves an upload that nobody will end.
func begin(t *testing.T, w *world, key string) {
	t.Helper()
	u, err := w.Create(context.WithoutCancel(t.Context()), key, store.CreateOptions{})
	if err == nil {
		_, err = u.Write([]byte("a part"))
	}
	if err != nil {
		t.Fatal(err)
	}
}
