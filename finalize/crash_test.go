package finalize_test

import (
	"os"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store/storetest"
)

// scene is a state of a store from which a run is made.
type scene struct {
	name string
	lay  func(t testing.TB, opaque bool) *world
}

// scenes: a recording that is written for the first time; one that grows by a
// late segment, so that a marker is replaced and a version is superseded. The
// crash sweep has more of them.
var scenes = []scene{
	{"first", func(_ testing.TB, opaque bool) *world {
		w := newWorld(opaque)
		w.takeover("foo")
		return w
	}},
	{"grows", func(t testing.TB, opaque bool) *world {
		w := newWorld(opaque)
		w.takeover("foo")
		mustRun(t, only(w, finalize.Formats{HLS: true, MP4: true}), "foo")
		w.Set("foo/B/720p/7.ts", high.segment(7), w.clock.now(), nil)
		w.Set("foo/B/360p/7.ts", low.segment(7), w.clock.now(), nil)
		w.clock.advance(time.Hour)
		return w
	}},
}

// thorough reports whether the long campaigns are wanted (make crash).
func thorough() bool { return os.Getenv("RECFIN_TEST_CRASH") == "all" }

// sweepAge is beyond the age at which an unfinished upload is taken for dead.
const sweepAge = 25 * time.Hour

// crash runs until the process dies. It reports false if the run ended first.
// What a dead process returns nobody hears.
func crash(w *world, p storetest.Plan) bool {
	f := storetest.NewFault(w, p)
	_, _ = run(settings(f), "foo")
	return f.Crashed()
}

// outcome is what was there at first, and what must be there at last.
type outcome struct {
	before, after snapshot
	opaque        bool
}

// recovers runs, when an upload of the dead process is old enough to be swept,
// until nothing is to be done, and compares.
func recovers(t testing.TB, w *world, want outcome, name string) {
	t.Helper()
	defer w.clock.set(w.clock.now())
	w.clock.advance(sweepAge)
	for n := 0; ; n++ {
		r, err := run(settings(w), "foo")
		if err != nil {
			t.Errorf("%s: run %d after it: %v", name, n+1, err)
			return
		}
		audit(t, want.before, w.Snapshot(), "foo")
		if r.Done() {
			break
		}
		if n == 3 {
			t.Errorf("%s: there is always something to do", name)
			return
		}
	}
	noDifference(t, w.Snapshot(), want.after, want.opaque)
	if left := w.Uploads(); len(left) > 0 {
		t.Errorf("%s: unfinished uploads of a dead process stay for ever: %v", name, left)
	}
}
