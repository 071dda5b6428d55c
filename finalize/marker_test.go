package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/storetest"
)

// TestMarkerIsLast: every output is whole, and was read back, before the marker
// names it; doors and deletes come behind it (I2).
func TestMarkerIsLast(t *testing.T) {
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			w := s.lay(t, false)
			before := w.Snapshot()
			rec := storetest.NewRecorder(w)
			r := mustRun(t, settings(rec), "foo")
			ops := rec.Ops()
			mark := slices.IndexFunc(ops, func(l string) bool { return strings.HasPrefix(l, "put "+markerKey("foo")) })
			if mark < 0 {
				t.Fatal("no marker was written")
			}
			if n := count(ops, "put "+markerKey("foo")); n != 1 {
				t.Errorf("the marker was put %d times", n)
			}
			a := read(t, w.Snapshot(), "foo")
			e := a.Sessions[0]
			version := outPath + "foo/" + e.ID + "/" + e.Version + "/"
			for i, line := range ops {
				verb, rest, _ := strings.Cut(line, " ")
				key, _, _ := strings.Cut(rest, " ")
				switch {
				case verb == "delete" && !strings.HasPrefix(key, private) && i < mark:
					t.Errorf("before the marker: %s", line)
				case verb == "put" && strings.HasSuffix(key, "/index.m3u8") && i < mark:
					t.Errorf("before the marker: %s", line)
				case (verb == "put" || verb == "commit") && strings.HasPrefix(key, version) && i > mark:
					t.Errorf("behind the marker: %s", line)
				}
			}
			for _, o := range r.Committed[0].Record.Outputs {
				wrote := slices.IndexFunc(ops, func(l string) bool {
					return strings.HasPrefix(l, "put "+o.Key+" ") || strings.HasPrefix(l, "commit "+o.Key+" ")
				})
				back := -1
				for i := wrote + 1; i < mark; i++ {
					if strings.HasPrefix(ops[i], "get "+o.Key) {
						back = i
					}
				}
				if wrote < 0 || back < 0 {
					t.Errorf("%s: written at %d, read back at %d, marker at %d", o.Key, wrote, back, mark)
				}
			}
			listed := 0
			for _, line := range ops[slices.IndexFunc(ops, func(l string) bool { return strings.HasPrefix(l, "put "+version+"segments.json.gz") }):mark] {
				if line == "list foo/" {
					listed++
				}
			}
			if listed == 0 {
				t.Error("the segments were not listed again before the marker")
			}
			audit(t, before, w.Snapshot(), "foo")
		})
	}
}

func count(lines []string, prefix string) int {
	n := 0
	for _, l := range lines {
		if strings.HasPrefix(l, prefix) {
			n++
		}
	}
	return n
}

// TestMarkerNeedsCompareAndSwap: where a put ignores If-Match a marker is never
// replaced, because a rival's commit would be lost.
func TestMarkerNeedsCompareAndSwap(t *testing.T) {
	w := scenes[1].lay(t, false)
	before := w.Snapshot()
	if _, err := run(settings(&overwriting{w}), "foo"); !errors.Is(err, finalize.ErrRefused) {
		t.Errorf("error %v", err)
	}
	after := w.Snapshot()
	if string(before[markerKey("foo")].Body) != string(after[markerKey("foo")].Body) {
		t.Error("the marker was replaced")
	}
	same(t, "gone", gone(before, after), nil)
}

// overwriting is a store that ignores If-Match.
type overwriting struct{ store.Store }

func (o *overwriting) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	opt.IfMatch = ""
	return o.Store.Put(ctx, key, body, opt)
}

// TestRivalsMeetAtTheMarker lets a second complete run go by just before the
// marker of the first is put: with the same settings, with others, and with
// segments that only one of them has seen. Both end right, no segment is lost,
// and the markers are a chain.
func TestRivalsMeetAtTheMarker(t *testing.T) {
	lateKeys := []string{"foo/B/720p/7.ts", "foo/B/360p/7.ts"}
	hls, mp4 := finalize.Formats{HLS: true}, finalize.Formats{MP4: true}
	quiet := func(s store.Store) finalize.Config { return only(s, finalize.Formats{HLS: true, MP4: true}) }
	onlyHLS := func(s store.Store) finalize.Config { return only(s, hls) }
	onlyMP4 := func(s store.Store) finalize.Config { return only(s, mp4) }
	cases := []struct {
		name         string
		first, rival func(store.Store) finalize.Config
		unseen       [2][]string // what each has not seen when it plans
	}{
		{name: "same settings", first: settings, rival: settings},
		{name: "the rival writes hls alone", first: settings, rival: onlyHLS},
		{name: "the rival writes mp4 alone", first: settings, rival: onlyMP4},
		{name: "hls meets mp4", first: onlyHLS, rival: onlyMP4},
		{name: "the rival deletes nothing", first: settings, rival: quiet},
		{name: "the rival deletes", first: quiet, rival: settings},
		{"the rival has not seen the late segments", settings, settings, [2][]string{nil, lateKeys}},
		{"the first has not seen the late segments", settings, settings, [2][]string{lateKeys, nil}},
		{"each has seen one", settings, settings, [2][]string{lateKeys[:1], lateKeys[1:]}},
		{"each has seen one, and no one deletes", quiet, quiet, [2][]string{lateKeys[:1], lateKeys[1:]}},
	}
	for _, committed := range []bool{false, true} {
		for _, c := range cases {
			t.Run(fmt.Sprintf("%s/marker there %v", c.name, committed), func(t *testing.T) {
				w := newWorld(false)
				w.takeover("foo")
				if committed {
					mustRun(t, only(w, hls), "foo")
				}
				for i, f := range []feed{high, low} {
					w.Set(lateKeys[i], f.segment(7), uploaded(7), nil)
				}
				before := w.Snapshot()
				chain := &chain{world: w}
				mine := without(chain.watch(w), c.unseen[0]...)
				met := false
				mine.before = once("put", markerKey("foo"), func() {
					met = true
					if _, err := run(c.rival(without(chain.watch(w), c.unseen[1]...)), "foo"); err != nil {
						t.Errorf("the rival: %v", err)
					}
					mine.revealed = true
				})
				if _, err := run(c.first(mine), "foo"); err != nil || !met {
					t.Errorf("the first: %v", err)
				}
				audit(t, before, w.Snapshot(), "foo")
				for range 2 { // whoever comes next finds nothing lost
					mustRun(t, settings(chain.watch(w)), "foo")
					audit(t, before, w.Snapshot(), "foo")
				}
				if r := mustRun(t, settings(chain.watch(w)), "foo"); !r.Done() {
					t.Error("there is always something to do")
				}
				chain.check(t)
				noneLost(t, before, w.Snapshot())
			})
		}
	}
}

// noneLost holds that the one session has every slot of the takeover, the late
// ones too, and that what is gone are leftovers and superseded outputs.
func noneLost(t *testing.T, before, after snapshot) {
	t.Helper()
	a := read(t, after, "foo")
	if len(a.Sessions) != 1 {
		t.Fatalf("%d sessions", len(a.Sessions))
	}
	if a.Sessions[0].Formats != "hls,mp4" {
		t.Errorf("formats %s", a.Sessions[0].Formats)
	}
	slots := map[string]bool{}
	for _, key := range a.chosen(a.Sessions[0].ID) {
		parts := strings.Split(key, "/")
		slots[parts[2]+"/"+parts[3]] = true
	}
	for _, q := range []string{"720p", "360p"} {
		for n := range 10 {
			if slot := fmt.Sprintf("%s/%d.ts", q, n); !slots[slot] && slot != "360p/8.ts" {
				t.Errorf("%s is not in the recording", slot)
			}
		}
	}
	same(t, "sources that are gone", gone(sources(before), after), losers("foo"))
}

// chain collects every marker that is put.
type chain struct {
	*world
	markers [][]byte
}

func (c *chain) watch(s store.Store) store.Store {
	note := func() {
		if e, ok := c.Snapshot()[markerKey("foo")]; ok {
			if n := len(c.markers); n == 0 || string(c.markers[n-1]) != string(e.Body) {
				c.markers = append(c.markers, e.Body)
			}
		}
	}
	note()
	return &hook{Store: s, after: func(x call) {
		if x.op == "put" && x.key == markerKey("foo") {
			note()
		}
	}}
}

// check holds that each marker names the one before it.
func (c *chain) check(t *testing.T) {
	t.Helper()
	if len(c.markers) == 0 {
		t.Error("no marker was put")
	}
	was := ""
	for i, raw := range c.markers {
		var m markerFile
		decode(t, "marker", raw, &m)
		if m.Generation != int64(i+1) || m.Predecessor != was {
			t.Errorf("marker %d has generation %d and predecessor %q, and should have %q", i+1, m.Generation, m.Predecessor, was)
		}
		was = hexSum(raw)
	}
}

// TestCondemnedIsNeverChosen: a run has decided for an object, and before it
// commits another run condemns that object. The first must decide anew (I1).
func TestCondemnedIsNeverChosen(t *testing.T) {
	// A's 4 came late: who has not seen it takes B's, who has condemns B's.
	winners := []string{"foo/A/720p/4.ts", "foo/A/360p/4.ts"}
	const victim = "foo/B/720p/4.ts"
	for _, committed := range []bool{false, true} {
		for _, vanish := range []bool{false, true} {
			t.Run(fmt.Sprintf("marker there %v, the winner vanishes %v", committed, vanish), func(t *testing.T) {
				w := newWorld(false)
				if committed { // an earlier session
					for n := range 5 {
						w.Set(fmt.Sprintf("foo/Z/720p/%d.ts", n), feed{Content: "yesterday", Width: 1280, Height: 720, Clock: 0}.segment(n), uploaded(n).Add(-day), nil)
					}
					mustRun(t, settings(w), "foo")
				}
				w.takeover("foo")
				before := w.Snapshot()
				change := func(c *finalize.Config) { later(c); c.Formats.HLS = !vanish }
				mine := without(w, winners...)
				if p := mustPlan(t, with(settings(mine), change), "foo"); !chooses(p, victim) {
					t.Fatal("the first run would not choose B's 4: the test proves nothing")
				}
				mine.before = once("put", markerKey("foo"), func() {
					mustRun(t, with(settings(w), change), "foo")
					mine.revealed = true
					if vanish {
						w.remove(t, winners...)
						delete(before, winners[0])
						delete(before, winners[1])
					}
				})
				for _, s := range []store.Store{mine, w, w} {
					r := mustRun(t, with(settings(s), change), "foo")
					if chooses(r, victim) {
						t.Error("the condemned copy is chosen")
					}
					audit(t, before, w.Snapshot(), "foo")
				}
				same(t, "condemned", read(t, w.Snapshot(), "foo").leftovers(), losers("foo"))
				w.clock.advance(day)
				mustRun(t, with(settings(w), change), "foo")
				want := losers("foo")
				if vanish { // what has the place of B's 4 is gone: it is the last and stays
					want = slices.DeleteFunc(want, func(key string) bool { return strings.HasSuffix(key, "/4.ts") })
				}
				same(t, "sources that are gone", gone(sources(before), w.Snapshot()), want)
				audit(t, before, w.Snapshot(), "foo")
			})
		}
	}
}

// leftovers gives the condemned keys that are no outputs.
func (a *archive) leftovers() []string {
	return slices.DeleteFunc(a.doomed(), func(k string) bool { return strings.HasPrefix(k, outPath) })
}

// chooses reports whether a plan has a key among its segments.
func chooses(r *finalize.Report, key string) bool {
	for _, s := range r.Plan.Sessions {
		for _, q := range s.Record.Renditions {
			if slices.Contains(q.Key, key) {
				return true
			}
		}
	}
	return false
}
