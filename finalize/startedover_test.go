package finalize_test

import (
	"fmt"
	"testing"
	"time"

	"recfin/finalize"
)

// TestStartedOverAtOneTime: B shares numbers and a clock with A (both have segment 2), and
// later writes another 0 at the time of A's. As it uploaded others as late, its upload times
// tell nothing; then neither the number nor the time proves that its 0 shows what A's does,
// and it stays. Equal content proves it as ever.
func TestStartedOverAtOneTime(t *testing.T) {
	w := tiny()
	w.Set("foo/B/720p/0.ts", another.segment(0), w.clock.now(), nil)
	for _, n := range []int{5, 6} {
		w.Set(fmt.Sprintf("foo/B/720p/%d.ts", n), high.segment(n), w.clock.now(), nil)
	}
	w.clock.advance(time.Hour)
	f, err := finalize.New(modelSettings(w, asBoth))
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Plan(t.Context(), "foo")
	if err != nil {
		t.Fatal(err)
	}
	leftover := map[string]bool{}
	for _, d := range r.Plan.Dropped {
		leftover[d.Key] = d.Leftover
	}
	if len(leftover) != 2 || leftover["foo/B/720p/0.ts"] || !leftover["foo/B/720p/2.ts"] {
		t.Errorf("dropped, and whether each may go: %v", leftover)
	}
}
