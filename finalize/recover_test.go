package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/storetest"
)

// dies gives settings of a process on a host of which every other process that
// was there before is gone.
func dies(host string, cfg finalize.Config) finalize.Config {
	return with(on(host, cfg), func(c *finalize.Config) {
		c.Identity.PID = 8
		c.Identity.Alive = func(int, int64) bool { return false }
	})
}

func recovered(t testing.TB, cfg finalize.Config, writer string) *finalize.Recovery {
	t.Helper()
	v, err := finalize.Recover(context.Background(), cfg, finalize.RecoverOptions{Writer: writer})
	if err != nil {
		t.Fatalf("recover: %v", err)
	}
	return v
}

// outcomes are the recordings with their status, in order of names.
func outcomes(v *finalize.Recovery) []string {
	all := []string{}
	for _, r := range v.Reports {
		all = append(all, r.Recording+" "+string(r.Status()))
	}
	slices.Sort(all)
	return all
}

// killed is a store whose process dies before it puts an object of some name.
func killed(s store.Store, name string) *hook {
	dead := false
	return &hook{Store: s, before: func(c call) error {
		if dead = dead || c.op == "put" && strings.HasSuffix(c.key, name); dead {
			return storetest.ErrCrashed
		}
		return nil
	}}
}

// TestKilledIsFinishedAtOnce: a run dies at each of its mutations, before and
// after its effect. On the same host recover finishes it at once, with the
// settings that it had and not with those of today, and leaves neither its lease
// nor an upload of it.
func TestKilledIsFinishedAtOnce(t *testing.T) {
	t.Parallel()
	began := func(s store.Store) finalize.Config {
		return on("here", with(only(s, finalize.Formats{HLS: true, MP4: true}), func(c *finalize.Config) {
			c.Selection = finalize.Selection{Exclude: []string{"360p"}}
		}))
	}
	start := newWorld(false)
	start.takeover("foo")
	start.takeover("bar") // which nobody began
	before := start.Snapshot()
	calm := start.clone()
	counting := storetest.NewFault(calm, storetest.Never)
	mustRun(t, began(counting), "foo")
	want := calm.Snapshot()
	points, leases := 0, 0
	for at := range counting.Count() {
		for _, after := range []bool{false, true} {
			w := start.clone()
			f := storetest.NewFault(w, storetest.Plan{At: at, After: after, Crash: true})
			_, _ = run(began(f), "foo")
			points++
			left := w.held(t)
			w.clock.advance(time.Second)
			v := recovered(t, dies("here", settings(w)), "")
			audit(t, before, w.Snapshot(), "foo")
			uploads := slices.DeleteFunc(w.Uploads(), func(key string) bool { return strings.HasPrefix(key, private) })
			if w.held(t) != nil || len(uploads) > 0 {
				t.Errorf("left: %+v, uploads %v", w.held(t), uploads)
			}
			if left == nil { // it died before its first write, or behind its last
				same(t, "recovered without a lease", outcomes(v), []string{})
			} else {
				leases++
				same(t, "recovered", outcomes(v), []string{"foo done"})
				noDifference(t, w.Snapshot(), want, false)
			}
			w.clock.advance(-time.Second)
			if t.Failed() {
				t.Fatalf("died at mutation %d of %d, after %v", at, counting.Count(), after)
			}
		}
	}
	if leases < 10 {
		t.Errorf("of %d dead runs %d left a lease", points, leases)
	}
	t.Logf("%d dead runs, of which %d left a lease", points, leases)
}

// TestRecoverLeases: those of living runs are respected, those of other stores are
// reported, and so is what cannot be read.
func TestRecoverLeases(t *testing.T) {
	begun := func(t *testing.T) (*world, snapshot) { // and killed
		w := newWorld(false)
		w.takeover("foo")
		_, _ = run(on("here", only(killed(w, "/segments.json.gz"), finalize.Formats{HLS: true})), "foo")
		if w.held(t) == nil {
			t.Fatal("there is no lease")
		}
		return w, w.Snapshot()
	}
	rewrite := func(w *world, change func(text string) string) {
		e := w.Snapshot()[leaseKey]
		w.Set(leaseKey, []byte(change(string(e.Body))), e.Modified, nil)
	}
	t.Run("it lives", func(t *testing.T) {
		w, before := begun(t)
		cfg := with(dies("here", settings(w)), func(c *finalize.Config) { c.Identity.Alive = func(int, int64) bool { return true } })
		v := recovered(t, cfg, "A")
		same(t, "recovered", outcomes(v), []string{"foo leased"})
		if v.Left() {
			t.Error("it is left")
		}
		same(t, "new", gone(w.Snapshot(), before), nil)
	})
	t.Run("on another host", func(t *testing.T) {
		w, _ := begun(t)
		same(t, "recovered", outcomes(recovered(t, dies("there", settings(w)), "")), []string{"foo leased"})
		w.clock.advance(2 * time.Minute)
		same(t, "recovered", outcomes(recovered(t, dies("there", settings(w)), "")), []string{"foo done"})
	})
	for name, change := range map[string][2]string{
		"another store":  {`"stores": [` + "\n   " + `"mem://test/"`, `"stores": ["s3://elsewhere/"`},
		"another folder": {`"out_path": "recordings/"`, `"out_path": "done/"`},
		"another zone":   {`"formats": "hls"`, `"formats": "hls", "time_zone": "Nowhere/Land"`},
	} {
		t.Run(name, func(t *testing.T) {
			w, before := begun(t)
			rewrite(w, func(s string) string {
				if !strings.Contains(s, change[0]) {
					t.Fatalf("no %q in %s", change[0], s)
				}
				return strings.Replace(s, change[0], change[1], 1)
			})
			v := recovered(t, dies("here", settings(w)), "")
			same(t, "recovered", outcomes(v), []string{"foo left"})
			if !v.Left() || !errors.Is(v.Reports[0].Err, finalize.ErrLeft) {
				t.Errorf("%v", v.Reports[0].Err)
			}
			same(t, "new", gone(w.Snapshot(), before), nil)
		})
	}
	t.Run("garbage", func(t *testing.T) {
		w, before := begun(t)
		rewrite(w, func(string) string { return strings.Repeat("[", 1<<20) })
		if v := recovered(t, dies("here", settings(w)), ""); len(v.Reports) > 0 {
			t.Errorf("at first: %v", outcomes(v))
		}
		w.clock.advance(time.Hour)
		v := recovered(t, dies("here", settings(w)), "")
		same(t, "recovered", outcomes(v), []string{leaseKey + " left"})
		same(t, "new", gone(w.Snapshot(), before), nil)
	})
	t.Run("several IDs", func(t *testing.T) {
		w := newWorld(false)
		w.takeover("a")
		w.lay("b/C/720p", high, 10, 14, 0)
		dead, err := finalize.New(on("here", only(killed(w, "/segments.json.gz"), finalize.Formats{HLS: true})))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = dead.RunAs(context.Background(), "match", []string{"a", "b"})
		same(t, "recovered", outcomes(recovered(t, dies("here", settings(w)), "")), []string{"match done"})
		for _, id := range []string{"a", "b"} {
			if !w.has(outPath + id + "/recording.json") {
				t.Errorf("%s is not claimed", id)
			}
		}
	})
}

// TestRecoverWriter: what the writer wrote last is finalized, settled or not; what
// went on at another one, and what is done, is not touched; nothing is deleted.
func TestRecoverWriter(t *testing.T) {
	t.Parallel()
	w := newWorld(false)
	for n := range 300 {
		w.Set(fmt.Sprintf("long/A/720p/%d.ts", n), high.segment(n), uploaded(n), nil)
	}
	for _, id := range []string{"moved", "tie"} {
		w.lay(id+"/A/720p", high, 0, 9, 0)
	}
	w.lay("moved/B/720p", high, 10, 12, 0)
	w.Set("tie/B/720p/10.ts", high.segment(10), uploaded(9), nil)
	w.takeover("other") // of which B was the last
	w.lay("back/B/720p", high, 0, 4, 0)
	w.lay("back/A/720p", high, 5, 9, 0)
	w.lay("done/A/720p", high, 0, 4, 0)
	mustRun(t, only(w, finalize.Formats{HLS: true}), "done")
	w.lay("grew/A/720p", high, 0, 4, 0)
	mustRun(t, only(w, finalize.Formats{HLS: true}), "grew")
	w.lay("grew/A/720p", high, 5, 9, 0)
	w.Set("A/A/720p/notes.txt", nil, onAir, nil)
	w.clock.set(uploaded(300))
	before := w.Snapshot()
	rec := storetest.NewRecorder(w)
	v := recovered(t, dies("node", with(settings(rec), func(c *finalize.Config) { c.Formats = finalize.Formats{HLS: true} })), "A")
	same(t, "recovered", outcomes(v), []string{"back done", "done done", "grew done", "long done"})
	slices.Sort(v.Elsewhere)
	same(t, "elsewhere", v.Elsewhere, []string{"moved", "other", "tie"})
	if v.Left() || v.Unseen > 0 || v.Reports[0].Recording != "long" && v.Reports[1].Recording != "long" {
		t.Errorf("left %v, unseen %d; the newest is not first: %s", v.Left(), v.Unseen, v.Reports[0].Recording)
	}
	after := w.Snapshot()
	same(t, "gone", gone(before, after), nil)
	for _, id := range []string{"long", "back", "grew"} {
		audit(t, before, after, id)
	}
	if a := read(t, after, "long"); a == nil || len(a.chosen(a.Sessions[0].ID)) != 300 {
		t.Error("the broadcast of the node that died is not whole")
	}
	for _, id := range []string{"moved", "tie", "other"} {
		if w.has(markerKey(id)) {
			t.Errorf("%s went on elsewhere and is finalized", id)
		}
	}
	for _, line := range rec.Ops() {
		if line == "list " || line == "list foo" {
			t.Errorf("everything was listed: %q", line)
		}
	}
	if v := recovered(t, dies("node", settings(w)), "nobody"); len(v.Reports)+len(v.Elsewhere) > 0 {
		t.Errorf("of nobody: %v", outcomes(v))
	}
}

// TestRecoverCosts one delimiter listing, and one page for each recording: history
// is not listed.
func TestRecoverCosts(t *testing.T) {
	w := newWorld(false)
	for n := range 50 {
		w.lay(fmt.Sprintf("r%02d/B/720p", n), high, 0, 3, 0)
	}
	w.lay("r07/A/720p", high, 4, 5, 0)
	rec := storetest.NewRecorder(w)
	v := recovered(t, dies("node", with(settings(rec), func(c *finalize.Config) { c.Formats = finalize.Formats{HLS: true} })), "A")
	same(t, "recovered", outcomes(v), []string{"r07 done"})
	pages, whole := 0, map[string]int{}
	for _, line := range rec.Ops() {
		if prefix, ok := strings.CutPrefix(line, "list "); ok && !strings.HasPrefix(prefix, outPath) {
			if strings.HasSuffix(prefix, "/A/") {
				pages++
			} else {
				whole[prefix]++
			}
		}
	}
	if pages != 50 || len(whole) != 1 || whole["r07/"] == 0 {
		t.Errorf("%d pages, and whole listings %v", pages, whole)
	}
	if _, err := finalize.Recover(context.Background(), with(settings(w), func(c *finalize.Config) {
		c.Layouts, _ = finalize.ParseLayouts([]string{"ivs"}, nil)
	}), finalize.RecoverOptions{Writer: "A"}); !errors.Is(err, finalize.ErrUsage) {
		t.Errorf("a layout that needs a listing of everything: %v", err)
	}
}

// TestRecoverOutOfTime: what there was no time for is named, nothing of it is
// damaged, and a later run finishes it. A store that does not answer is an error.
func TestRecoverOutOfTime(t *testing.T) {
	w := newWorld(false)
	for n := range 6 {
		w.lay(fmt.Sprintf("r%d/A/720p", n), high, 0, 3, 0)
	}
	before := w.Snapshot()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	h := &hook{Store: w, before: once("put", "/recording.json", cancel)}
	v, err := finalize.Recover(ctx, with(dies("node", settings(h)), func(c *finalize.Config) { c.Concurrency = 1 }), finalize.RecoverOptions{Writer: "A"})
	if err != nil || !v.Left() || len(v.Reports) != 6 {
		t.Fatalf("%v: %v", err, outcomes(v))
	}
	for _, r := range v.Reports {
		if r.Status() != finalize.Left {
			t.Errorf("%s: %s", r.Recording, r.Status())
		}
		audit(t, before, w.Snapshot(), r.Recording)
	}
	same(t, "recovered later", outcomes(recovered(t, dies("node", settings(w)), "A")), []string{"r0 done", "r1 done", "r2 done", "r3 done", "r4 done", "r5 done"})

	down := &hook{Store: w, before: func(call) error { return store.ErrUnavailable }}
	if _, err := finalize.Recover(context.Background(), dies("node", settings(down)), finalize.RecoverOptions{Writer: "A"}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a store that is down: %v", err)
	}
}
