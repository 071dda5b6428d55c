package finalize_test

import (
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store/mem"
)

// asking counts the requests for a key, by operation, and does something behind one of
// them, once.
type asking struct {
	*hook
	by map[string]int
}

func newAsking(w *world, key string, behind string, do func()) *asking {
	t := &asking{hook: &hook{Store: w.Store}, by: map[string]int{}}
	done := do == nil
	t.after = func(c call) {
		if c.key == key {
			t.by[c.op]++
		}
		if !done && c.op+" "+c.key[strings.LastIndex(c.key, "/")+1:] == behind {
			done = true
			do()
		}
	}
	return t
}

// TestFirstMarkerIsReadThrice: where there is no marker it is asked for at the beginning
// and under the lease, and what was put is read back. Without a lease, and where nothing
// shows that the first one is put where none is, it is asked for before each listing.
func TestFirstMarkerIsReadThrice(t *testing.T) {
	mp4 := finalize.Formats{MP4: true}
	for name, c := range map[string]struct {
		opt  mem.Options
		on   string // host; empty: no leases
		gets int
	}{
		"under a lease":       {on: "here", gets: 3},
		"without a lease":     {gets: 3},
		"deaf to create once": {opt: mem.Options{IgnorePutIf: true}, on: "here", gets: 3},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(false)
			w = &world{mem.New(mem.Options{Clock: w.clock.now, IgnorePutIf: c.opt.IgnorePutIf}), w.clock}
			w.lay("foo/A/720p", high, 0, 9, 0)
			w.clock.set(onAir.Add(12 * time.Hour))
			asked := newAsking(w, markerKey("foo"), "", nil)
			cfg := only(asked, mp4)
			if c.on != "" {
				cfg = on(c.on, cfg)
			}
			mustRun(t, cfg, "foo")
			if asked.by["get"] != c.gets || asked.by["put"] != 1 {
				t.Errorf("%d GETs and %d PUTs of the marker, want %d and 1", asked.by["get"], asked.by["put"], c.gets)
			}
		})
	}
}

// TestFirstMarkerOfARival: a run that saw no marker under its lease meets the one that
// came while it wrote in the listing behind that, and what it does then rests on it: it
// does not even try to put its own.
func TestFirstMarkerOfARival(t *testing.T) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	w.clock.set(onAir.Add(12 * time.Hour))
	before := w.Snapshot()
	rival := on("elsewhere", with(only(w, finalize.Formats{MP4: true}), func(c *finalize.Config) { c.Force = true }))
	asked := newAsking(w, markerKey("foo"), "commit 720p.mp4", func() { mustRun(t, rival, "foo") })
	r := mustRun(t, on("here", only(asked, finalize.Formats{MP4: true})), "foo")
	if len(r.Committed) != 0 || asked.by["put"] != 0 || asked.by["get"] != 4 {
		t.Errorf("it committed %d, and asked for the marker %v", len(r.Committed), asked.by)
	}
	after := w.Snapshot()
	audit(t, before, after, "foo")
	if a := read(t, after, "foo"); a == nil || a.Generation != 1 {
		t.Errorf("the marker is not that of the rival: %+v", a)
	}
}
