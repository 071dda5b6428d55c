package finalize_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
)

// orders are all orders of the ways to have a recording.
func orders() [][]string {
	var all [][]string
	var permute func(done, left []string)
	permute = func(done, left []string) {
		if len(left) == 0 {
			all = append(all, slices.Clone(done))
		}
		for i, mode := range left {
			permute(append(slices.Clone(done), mode), slices.Delete(slices.Clone(left), i, i+1))
		}
	}
	permute(nil, hlsModes)
	return all
}

// fate is what may happen to sources in the runs of an order.
type fate struct {
	name  string
	mode  finalize.DeleteMode
	delay time.Duration
	keep  bool // somebody keeps what is marked
}

var fates = []fate{
	{"not deleted", finalize.DeleteNone, 0, false},
	{"deleted", finalize.DeleteSources, 0, false},
	{"marked", finalize.DeleteSources, 1000 * time.Hour, false},
	{"marked and kept", finalize.DeleteSources, 1000 * time.Hour, true},
}

// TestModesInAnyOrder: whatever is asked for first, a later wish for another way adds
// what can be added and breaks nothing: a session keeps the mode of its playlists, and
// its segments are named where they lie, or may go, for ever.
func TestModesInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, order := range orders() {
		for _, k := range fates {
			for _, grows := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/grows %v", strings.Join(order, " "), k.name, grows), func(t *testing.T) {
					inOrder(t, order, k, grows)
				})
			}
		}
	}
}

func inOrder(t *testing.T, order []string, k fate, grows bool) {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 3, 0)
	w.lay("foo/B/720p", high, 3, 5, 3*time.Second)
	x := newWatch(w)
	first := "" // mode of the playlists, by what was asked for first
	final := false
	for step, mode := range order {
		x.uploads()
		cfg := with(settings(x.on()), func(c *finalize.Config) {
			c.Delete, c.DeleteDelay, c.Accept, c.MaxDeletePercent = k.mode, k.delay, []string{"foo"}, 100
			inMode(c, mode)
			if mode == "reference" && k.mode == finalize.DeleteSources {
				c.Delete = finalize.DeleteLeftovers // the other is refused
			}
		})
		if mode != "mp4" && first == "" && !final {
			first = mode
		}
		before := w.Snapshot()
		_, err := run(cfg, "foo")
		x.right(t, mode)
		audit(t, before, w.Snapshot(), "foo")
		if err != nil && !(final && x.foreseen(err)) {
			t.Fatalf("%s: %v", mode, err)
		}
		a := read(t, w.Snapshot(), "foo")
		is := waysOf(t, a)
		if want := first; want != "" && !slices.Contains(is, want) {
			t.Errorf("behind %s the ways are %v", order[:step+1], is)
		}
		if !final && mode == "mp4" && !slices.Contains(is, "mp4") {
			t.Errorf("behind %s there is no MP4", order[:step+1])
		}
		final = final || a.departed() > 0
		if (a.departed() > 0) != (final && first != "reference") {
			t.Errorf("behind %s %d sources are condemned", order[:step+1], a.departed())
		}
		if k.keep && a.departed() > 0 {
			mustKeep(t, w, "foo")
		}
		if grows {
			w.lay("foo/B/720p", high, 6+2*step, 7+2*step, 0)
			w.clock.advance(time.Hour)
		}
	}
	if k.mode == finalize.DeleteSources && !final && first != "reference" {
		t.Errorf("no source was ever condemned: that proves nothing")
	}
	late := w.Snapshot()
	w.Set("foo/C/720p/7.ts", high.segment(7), w.clock.now(), nil)
	w.clock.advance(time.Hour)
	x.uploads()
	_, err := run(with(settings(x.on()), func(c *finalize.Config) { c.Delete = finalize.DeleteNone; inMode(c, order[3]) }), "foo")
	x.right(t, "a late segment")
	audit(t, late, w.Snapshot(), "foo")
	if err != nil && !(final && x.foreseen(err)) {
		t.Errorf("a late segment: %v", err)
	}
	if !w.has("foo/C/720p/7.ts") {
		t.Error("the late segment is gone")
	}
}

// waysOf are the ways in which the one session of an archive is held.
func waysOf(t *testing.T, a *archive) []string {
	t.Helper()
	if len(a.Sessions) != 1 {
		t.Fatalf("%d sessions", len(a.Sessions))
	}
	var ways []string
	add := func(way string) {
		if !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
	}
	lists := false
	for _, o := range a.records[a.Sessions[0].ID].Outputs {
		switch o.Kind {
		case "hls":
			lists = true
		case "mp4", "copy", "single":
			add(o.Kind)
		}
	}
	if lists && !slices.Contains(ways, "copy") && !slices.Contains(ways, "single") {
		add("reference")
	}
	return ways
}

// departed is how many objects are condemned as sources.
func (a *archive) departed() (n int) {
	for _, source := range a.sources {
		if source {
			n++
		}
	}
	return n
}

// TestModesOfJoinedSessions: late segments join two sessions that were written in two
// modes. What they become names its segments where they lie if one of them did, and
// otherwise is what the first was.
func TestModesOfJoinedSessions(t *testing.T) {
	t.Parallel()
	for _, first := range hlsModes {
		for _, second := range hlsModes {
			t.Run(first+" "+second, func(t *testing.T) {
				w := newWorld(false)
				x := newWatch(w)
				none := func(mode string) finalize.Config {
					return with(settings(x.on()), func(c *finalize.Config) { c.Delete = finalize.DeleteNone; inMode(c, mode) })
				}
				w.clock.set(uploaded(4).Add(time.Hour))
				w.lay("foo/A/720p", high, 0, 4, 0)
				mustRun(t, none(first), "foo")
				w.clock.advance(2 * time.Hour)
				w.lay("foo/A/720p", high, 750, 754, 0)
				mustRun(t, none(second), "foo")
				if n := len(read(t, w.Snapshot(), "foo").Sessions); n != 2 {
					t.Fatalf("%d sessions", n)
				}
				w.lay("foo/A/720p", high, 375, 377, 0)
				x.uploads()
				before := w.Snapshot()
				mustRun(t, with(none("copy"), func(c *finalize.Config) {
					c.Delete, c.Accept = finalize.DeleteSources, []string{"foo"}
				}), "foo")
				x.right(t, "joined")
				audit(t, before, w.Snapshot(), "foo")
				want := first
				switch {
				case first == "reference" || second == "reference":
					want = "reference"
				case first == "mp4" && second != "mp4":
					want = second
				case first == "mp4":
					want = "copy"
				}
				a := read(t, w.Snapshot(), "foo")
				ways := waysOf(t, a)
				if !slices.Contains(ways, want) || want == "reference" && slices.ContainsFunc(ways, func(way string) bool { return way == "copy" || way == "single" }) {
					t.Errorf("they became %v, want %s", ways, want)
				}
				if n := a.departed(); (n == 0) != (want == "reference") {
					t.Errorf("%d sources are condemned", n)
				}
			})
		}
	}
}
