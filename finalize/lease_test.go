package finalize_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store/mem"
	"recfin/store/storetest"
)

// leaseFile is the form of a lease, written from the documented format.
type leaseFile struct {
	Format    string         `json:"format"`
	Version   int            `json:"version"`
	Recording string         `json:"recording"`
	Token     string         `json:"token"`
	Renewed   int            `json:"renewed"`
	Host      string         `json:"host"`
	Boot      string         `json:"boot,omitempty"`
	PIDs      string         `json:"pids,omitempty"`
	PID       int            `json:"pid"`
	Started   int64          `json:"started,omitempty"`
	Since     time.Time      `json:"since"`
	Settings  map[string]any `json:"settings"`
	Released  bool           `json:"released,omitempty"`
}

// leaseKey is that of the recording foo.
var leaseKey = private + "leases/" + hexSum([]byte("foo"))[:32] + ".json"

// held is the lease that stands, or nil.
func (w *world) held(t testing.TB) *leaseFile {
	t.Helper()
	e, ok := w.Snapshot()[leaseKey]
	if !ok {
		return nil
	}
	l := &leaseFile{}
	decode(t, leaseKey, e.Body, l)
	return l
}

// leave puts the lease of somebody, as it would stand age after its last renewal.
func (w *world) leave(t testing.TB, age time.Duration, change func(*leaseFile)) {
	t.Helper()
	l := &leaseFile{
		Format: "recfin/lease", Version: 1, Recording: "foo", Token: strings.Repeat("ab", 16), Host: "elsewhere", Boot: "b1", PIDs: "p1",
		PID: 7, Started: 70, Since: w.clock.now().Add(-time.Hour), Settings: map[string]any{},
	}
	if change != nil {
		change(l)
	}
	raw, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	w.Set(leaseKey, raw, w.clock.now().Add(-age), nil)
}

// on gives settings of a run that takes leases, as a process of some host.
func on(host string, cfg finalize.Config) finalize.Config {
	return with(cfg, func(c *finalize.Config) {
		c.Identity = finalize.Identity{Host: host, Boot: "b1", PIDs: "p1", PID: 7, Started: 70}
	})
}

// leaseOps are the lines of a recorder that are of leases.
func leaseOps(rec *storetest.Recorder) []string {
	ops := []string{}
	for _, line := range rec.Ops() {
		if op, rest, _ := strings.Cut(line, " "); strings.HasPrefix(rest, private+"leases/") {
			condition := ""
			if _, c, ok := strings.Cut(rest, " if-"); ok {
				condition = " if-" + strings.Fields(c)[0]
			}
			ops = append(ops, op+condition)
		}
	}
	return ops
}

// TestLease: it is taken before the first write and given back at the end. A run
// with nothing to do, and a plan, take none.
func TestLease(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	rec := storetest.NewRecorder(w)
	mustPlan(t, on("here", settings(rec)), "foo")
	same(t, "leases of a plan", leaseOps(rec), []string{})
	rec.Reset()
	mustRun(t, on("here", settings(rec)), "foo")
	same(t, "leases of a run", leaseOps(rec), []string{"put if-absent", "delete"})
	first := slices.IndexFunc(rec.Mutations(), func(line string) bool { return !strings.Contains(line, private+"probe/") })
	if line := rec.Mutations()[first]; !strings.HasPrefix(line, "put "+leaseKey) {
		t.Errorf("the first write is %q", line)
	}
	if l := w.held(t); l != nil {
		t.Errorf("it stands still: %+v", l)
	}
	rec.Reset()
	if r := mustRun(t, on("here", settings(rec)), "foo"); !r.Done() {
		t.Error("there is something to do")
	}
	same(t, "leases of a run with nothing to do", leaseOps(rec), []string{})
}

// TestLeaseSays who works on what with which settings, and nothing else.
func TestLeaseSays(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	h := &hook{Store: w}
	var l *leaseFile
	h.before = once("put", "segments.json.gz", func() { l = w.held(t) })
	mustRun(t, on("here", with(settings(h), func(c *finalize.Config) {
		c.Selection, c.Split = finalize.Selection{Include: []string{"7*"}, Exclude: []string{"x"}}, finalize.SplitMidnight
		c.Renames, c.HLS = []finalize.Rename{{Glob: "P720p*", Name: "720p"}}, finalize.HLSCopy
	})), "foo")
	if l == nil || l.Format != "recfin/lease" || l.Recording != "foo" || len(l.Token) != 32 || l.Host != "here" || l.PID != 7 || !l.Since.Equal(w.clock.now()) {
		t.Fatalf("the lease: %+v", l)
	}
	want := map[string]any{
		"stores": []any{"mem://test/"}, "out": "mem://test/", "out_path": outPath, "layouts": []any{"nonce"}, "formats": "hls,mp4", "hls": "copy",
		"renditions": []any{"7*", "!x"}, "renames": []any{"P720p*=720p"}, "durations": "auto", "split": "midnight", "gaps": "close",
		"session_gap_ns": float64(15 * time.Minute), "settle_ns": float64(30 * time.Minute),
	}
	if got := fmt.Sprint(l.Settings); got != fmt.Sprint(want) {
		t.Errorf("settings:\n got  %s\n want %v", got, want)
	}
}

// TestLeaseHeld: whose lease stands, by host, boot and process, by its age and by
// --force.
func TestLeaseHeld(t *testing.T) {
	gone := func(int, int64) bool { return false }
	runs := func(int, int64) bool { return true }
	is := func(host, boot, pids string) func(*leaseFile) {
		return func(l *leaseFile) { l.Host, l.Boot, l.PIDs = host, boot, pids }
	}
	for _, c := range []struct {
		name  string
		age   time.Duration
		lease func(*leaseFile)
		alive func(int, int64) bool
		free  bool
	}{
		{"another host", time.Second, nil, gone, false},
		{"another host, not renewed for almost two minutes", 2*time.Minute - 1, nil, gone, false},
		{"another host, not renewed for two minutes", 2 * time.Minute, nil, gone, true},
		{"another host, uploaded in the future", -time.Hour, nil, gone, false},
		{"this host, the process is gone", 0, is("here", "b1", "p1"), gone, true},
		{"this host, the process runs", 0, is("here", "b1", "p1"), runs, false},
		{"this host, the process hangs", 3 * time.Minute, is("here", "b1", "p1"), runs, true},
		{"this host, it cannot be told", 0, is("here", "b1", "p1"), nil, false},
		{"this host, started anew since", 0, is("here", "b0", "p1"), runs, true},
		{"this host, the boot is not known", 0, is("here", "", "p1"), gone, false},
		{"this host, another container", 0, is("here", "b1", "p2"), gone, false},
		{"released", 0, func(l *leaseFile) { l.Released = true }, runs, true},
		{"of a newer program", 0, func(l *leaseFile) { l.Version = 2 }, gone, false},
		{"of a newer program, old", 2 * time.Minute, func(l *leaseFile) { l.Version = 2 }, gone, true},
		{"of another recording", 0, func(l *leaseFile) { l.Recording = "bar"; is("here", "b1", "p1")(l) }, gone, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(false)
			w.takeover("foo")
			w.leave(t, c.age, c.lease)
			before := w.Snapshot()
			rec := storetest.NewRecorder(w)
			r, err := run(with(on("here", settings(rec)), func(x *finalize.Config) { x.Identity.Alive = c.alive }), "foo")
			if c.free {
				if err != nil || len(r.Committed) != 1 || w.held(t) != nil {
					t.Errorf("it was not taken over: %v", err)
				}
				same(t, "leases", leaseOps(rec), []string{"put if-absent", "get", "put if-match", "delete"})
				return
			}
			var leased *finalize.LeasedError
			if !errors.As(err, &leased) || !errors.Is(err, finalize.ErrLeased) || r.Status() != finalize.Leased || !finalize.Retry(err) {
				t.Fatalf("it was not respected: %v", err)
			}
			for key, e := range w.Snapshot() {
				if was, ok := before[key]; !strings.HasPrefix(key, private+"probe/") && (!ok || was.ETag != e.ETag) {
					t.Errorf("%s was written", key)
				}
			}
		})
	}
}

// TestLeaseGarbage: what is no lease keeps others off for two minutes, not longer.
func TestLeaseGarbage(t *testing.T) {
	deep := strings.Repeat(`{"settings":`, 20_000)
	for _, text := range []string{"", "null", "{}", "[]", "\x00\xff", deep, strings.Repeat("[", 1<<20), strings.Repeat(" ", 3<<20), `{"format":"recfin/lease","version":1}`} {
		w := newWorld(false)
		w.takeover("foo")
		w.Set(leaseKey, []byte(text), w.clock.now(), nil)
		if _, err := run(on("here", settings(w)), "foo"); !errors.Is(err, finalize.ErrLeased) {
			t.Errorf("%.20q: %v", text, err)
		}
		w.clock.advance(2 * time.Minute)
		if r := mustRun(t, on("here", settings(w)), "foo"); len(r.Committed) != 1 || w.held(t) != nil {
			t.Errorf("%.20q: it stands for ever", text)
		}
	}
}

// TestForceBesideLease: --force writes although another run holds the recording.
// It deletes nothing then, and leaves the lease alone.
func TestForceBesideLease(t *testing.T) {
	w := newWorld(false)
	w.takeover("foo")
	w.leave(t, 0, nil)
	before := w.Snapshot()
	forced := on("here", with(settings(w), func(c *finalize.Config) { c.Force = true }))
	r := mustRun(t, forced, "foo")
	audit(t, before, w.Snapshot(), "foo")
	same(t, "gone", gone(before, w.Snapshot()), nil)
	if len(r.Committed) != 1 || r.Condemned != len(losers("foo")) || len(r.Deleted) > 0 || r.Status() != finalize.Done {
		t.Errorf("committed %d, condemned %d, deleted %d", len(r.Committed), r.Condemned, len(r.Deleted))
	}
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0], "on host elsewhere, process 7") {
		t.Errorf("problems %q", r.Problems)
	}
	if after := w.Snapshot(); string(after[leaseKey].Body) != string(before[leaseKey].Body) {
		t.Error("the lease of the other run was touched")
	}
	if r := mustRun(t, forced, "foo"); len(r.Deleted) > 0 {
		t.Errorf("the second run deleted %v", keys(r.Deleted))
	}
	w.clock.advance(2 * time.Minute)
	mustRun(t, on("here", settings(w)), "foo")
	same(t, "gone without a rival", gone(before, w.Snapshot()), losers("foo"))
}

// TestLeaseWithoutRights: where nothing may be deleted the lease is marked as
// free, and where conditions are not honoured there is none, which is said once.
func TestLeaseWithoutRights(t *testing.T) {
	t.Run("deleting is denied", func(t *testing.T) {
		w := newWorld(false)
		w = &world{mem.New(mem.Options{Clock: w.clock.now, DenyDelete: true}), w.clock}
		w.takeover("foo")
		cfg := only(w, finalize.Formats{HLS: true})
		mustRun(t, on("here", cfg), "foo")
		if l := w.held(t); l == nil || !l.Released {
			t.Errorf("the lease: %+v", l)
		}
		r := mustRun(t, on("there", with(cfg, func(c *finalize.Config) { c.Formats.MP4 = true })), "foo")
		if l := w.held(t); len(r.Committed) != 1 || l.Host != "there" || !l.Released {
			t.Errorf("the next run has not taken it: %+v", l)
		}
	})
	t.Run("conditions are ignored", func(t *testing.T) {
		w := newWorld(false)
		w = &world{mem.New(mem.Options{Clock: w.clock.now, IgnorePutIf: true}), w.clock}
		w.takeover("foo")
		w.takeover("bar")
		rec := storetest.NewRecorder(w)
		f, err := finalize.New(on("here", only(rec, finalize.Formats{HLS: true})))
		if err != nil {
			t.Fatal(err)
		}
		said := 0
		for _, id := range []string{"foo", "bar"} {
			r, err := f.Run(context.Background(), id)
			if err != nil || len(r.Committed) != 1 {
				t.Errorf("%s: %v", id, err)
			}
			for _, p := range r.Problems {
				if strings.Contains(p, "nothing keeps another run") {
					said++
				}
			}
		}
		same(t, "leases", leaseOps(rec), []string{})
		if said != 1 {
			t.Errorf("it is said %d times", said)
		}
	})
}
