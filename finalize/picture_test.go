package finalize_test

import (
	"testing"
	"time"
)

// TestSinglePictureReplacesNothing: of a segment that broke off behind its first
// picture all can be read, and shows no length. It is no copy of a whole one that a
// session has, which stays chosen and is never deleted for it.
func TestSinglePictureReplacesNothing(t *testing.T) {
	w := newWorld(false)
	other := feed{Content: "another", Width: 1280, Height: 720}
	w.Set("foo/B/720p/1.ts", other.segment(1), uploaded(1), nil)
	w.Set("foo/B/720p/2.ts", high.segment(2), uploaded(2), nil)
	mustRun(t, settings(w), "foo")
	w.Set("foo/A/720p/0.ts", high.segment(0), uploaded(0), nil)
	w.Set("foo/A/360p/1.ts", low.segment(1), uploaded(1), nil)
	mustRun(t, settings(w), "foo")
	before := w.Snapshot()
	w.Set("foo/C/720p/2.ts", high.segment(2), uploaded(2).Add(time.Minute), nil)
	w.Set("foo/A/720p/9.ts", high.segment(9), uploaded(9).Add(time.Minute), nil)
	w.Set("foo/A/720p/2.ts", high.segment(2), uploaded(2).Add(time.Hour), nil)
	w.Set("foo/C/360p/2.ts", low.segment(2), uploaded(2).Add(3*time.Second), nil)
	w.Set("foo/A/720p/1.ts", high.segment(1)[:188*4], w.clock.now(), nil)
	w.Set("foo/A/720p/5.ts", high.segment(5), uploaded(5), nil)
	w.clock.advance(day)
	mustRun(t, settings(w), "foo")
	grown(t, before, w.Snapshot())
	if !w.has("foo/B/720p/1.ts") {
		t.Error("the whole segment was deleted")
	}
}
