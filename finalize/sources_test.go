package finalize_test

import (
	"testing"
	"time"

	"recfin/finalize"
)

// sourceSettings write MP4s and let the sources go at once.
func sourceSettings(w *world) finalize.Config {
	return with(settings(w.Store), func(c *finalize.Config) {
		c.Formats, c.Delete = finalize.Formats{MP4: true}, finalize.DeleteSources
	})
}

func TestSourcesGo(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	w.lay("foo/A/360p", low, 0, 9, 0)
	before := w.Snapshot()
	r := mustRun(t, sourceSettings(w), "foo")
	t.Log(r.Condemned, len(r.Deleted), r.Kept, r.Problems)
	t.Log(gone(before, w.Snapshot()))
	w.clock.advance(time.Hour)
	r = mustRun(t, sourceSettings(w), "foo")
	t.Log(r.Condemned, len(r.Deleted), r.Kept, r.Problems, r.Done(), r.Status(), r.Cost)
}
