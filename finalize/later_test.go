package finalize_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"

	"recfin/finalize"
	"recfin/internal/testenv"
)

// gets counts what is read of segments.
type gets struct {
	*hook
	mu   sync.Mutex
	by   map[string]int
	rest int // of all else
}

func counted(w *world) *gets {
	g := &gets{hook: &hook{Store: w.Store}, by: map[string]int{}}
	g.before = func(c call) error {
		g.mu.Lock()
		defer g.mu.Unlock()
		if c.op == "get" && !strings.HasPrefix(c.key, outPath) {
			g.by[c.key]++
		} else if c.op == "get" || c.op == "head" {
			g.rest++
		}
		return nil
	}
	return g
}

// total is how often segments were read.
func (g *gets) total() int {
	n := 0
	for _, k := range g.by {
		n += k
	}
	return n
}

// TestEachByteOnce: a recording without lengths in keys, metadata or sidecars of which
// only an MP4 is made costs one GET a segment, and reads no byte twice.
func TestEachByteOnce(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 199, 0)
	g := counted(w)
	mustRun(t, only(g, finalize.Formats{MP4: true}), "foo")
	for key, n := range g.by {
		if n != 1 {
			t.Errorf("%s was read %d times", key, n)
		}
	}
	if n := g.total(); n != 200 {
		t.Errorf("%d GETs for 200 segments", n)
	}
	testenv.Figure(t, "GETs of segments where only an MP4 is made", "%d for 200 segments", g.total())
	// The marker before and after, its rivals' places, two looks at each output.
	if g.rest > 10 {
		t.Errorf("%d other reads", g.rest)
	}
}

// TestLateIsHeldAgainstAll: what comes to a recording that has a marker is measured
// before anything is decided, as where playlists are made.
func TestLateIsHeldAgainstAll(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 59, 0)
	mustRun(t, only(w, finalize.Formats{MP4: true}), "foo")
	w.clock.set(uploaded(4000))
	w.lay("foo/A/720p", high, 60, 119, 0)
	g := counted(w)
	mustRun(t, only(g, finalize.Formats{MP4: true}), "foo")
	for n := 60; n < 120; n++ {
		if key := "foo/A/720p/" + strconv.Itoa(n) + ".ts"; g.by[key] < 2 {
			t.Errorf("%s was read %d times, so its head was not read before it was joined", key, g.by[key])
		}
	}
}
