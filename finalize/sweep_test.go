package finalize_test

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/testenv"
	"recfin/store"
	"recfin/store/storetest"
)

// play is a scene of the crash sweep: what is in the stores, and the settings
// of the runs that follow. lay may make runs of its own with those settings, or
// with some of them.
type play struct {
	name string
	lay  func(t testing.TB, opaque bool, cfg func(*finalize.Config)) pair
	only []finalize.DeleteMode // the modes in which it tells something; nil: all
}

var plays = []play{
	{name: "first", lay: func(_ testing.TB, opaque bool, _ func(*finalize.Config)) pair {
		w := newWorld(opaque)
		w.takeover("foo")
		return pair{primary: w}
	}},
	{name: "grows", lay: func(t testing.TB, opaque bool, cfg func(*finalize.Config)) pair {
		w := newWorld(opaque)
		w.takeover("foo")
		mustRun(t, with(with(settings(w), cfg), keepAll), "foo")
		w.Set("foo/B/720p/7.ts", high.segment(7), w.clock.now(), nil)
		w.Set("foo/B/360p/7.ts", low.segment(7), w.clock.now(), nil)
		w.clock.advance(time.Hour)
		return pair{primary: w}
	}},
	{name: "merges", lay: func(t testing.TB, opaque bool, cfg func(*finalize.Config)) pair {
		w := apart(t, opaque, func(c *finalize.Config) { cfg(c); keepAll(c) })
		w.Set("foo/C/720p/3.ts", []byte("no media"), uploaded(3), nil)
		w.Set("foo/C/720p/752.ts", []byte("nor this"), uploaded(752), nil)
		return pair{primary: w}
	}},
	{name: "split", lay: func(_ testing.TB, opaque bool, _ func(*finalize.Config)) pair { return splitTakeover(opaque) }},
	{name: "marked", only: []finalize.DeleteMode{finalize.DeleteLeftovers, finalize.DeleteSources},
		lay: func(t testing.TB, opaque bool, cfg func(*finalize.Config)) pair {
			w := newWorld(opaque)
			w.takeover("foo")
			if r := mustRun(t, with(with(settings(w), cfg), later), "foo"); r.Condemned == 0 || len(r.Deleted) > 0 {
				t.Fatalf("%d objects are marked, %d gone", r.Condemned, len(r.Deleted))
			}
			w.clock.advance(day + time.Hour)
			return pair{primary: w}
		}},
	{name: "late", only: []finalize.DeleteMode{finalize.DeleteSources}, lay: func(t testing.TB, opaque bool, cfg func(*finalize.Config)) pair {
		w := newWorld(opaque)
		w.takeover("foo")
		mustRun(t, with(settings(w), cfg), "foo")
		w.Set("foo/B/720p/7.ts", high.segment(7), w.clock.now(), nil)
		w.clock.advance(time.Hour)
		return pair{primary: w}
	}},
}

// wishes are the formats and modes of deleting that are swept.
func wishes() []func(*finalize.Config) {
	var all []func(*finalize.Config)
	for _, f := range []finalize.Formats{{HLS: true, MP4: true}, {HLS: true}, {MP4: true}} {
		for _, mode := range []finalize.DeleteMode{finalize.DeleteLeftovers, finalize.DeleteNone, finalize.DeleteSources} {
			if mode == finalize.DeleteSources && f.HLS {
				continue // refused: playlists name the sources
			}
			all = append(all, wish(f, finalize.HLSReference, mode))
		}
	}
	for _, mode := range []finalize.DeleteMode{finalize.DeleteLeftovers, finalize.DeleteNone, finalize.DeleteSources} {
		all = append(all, wish(finalize.Formats{HLS: true}, finalize.HLSCopy, mode))
	}
	for _, mode := range []finalize.DeleteMode{finalize.DeleteLeftovers, finalize.DeleteSources} {
		all = append(all, wish(finalize.Formats{HLS: true}, finalize.HLSSingle, mode))
	}
	return all
}

func wish(f finalize.Formats, hls finalize.HLSMode, mode finalize.DeleteMode) func(*finalize.Config) {
	return func(c *finalize.Config) {
		c.Formats, c.HLS, c.Delete, c.Concurrency = f, hls, mode, 1 // one thing after the other, so that operations have numbers
		c.Accept = []string{"foo"}                                  // holes and all
	}
}

// TestCrashSweep lets the process die at operations of whole runs, before and
// after their effect, in all formats and modes of deleting, and once more in the
// run that follows. The next run finishes the work, with the result of an
// undisturbed one. The usual settings are swept at every mutation and the others
// at some; make crash sweeps all at every operation, reading ones too, and dies in
// the second run as well at every mutation.
func TestCrashSweep(t *testing.T) {
	t.Parallel()
	points := new(atomic.Int64)
	t.Run("scenes", func(t *testing.T) {
		for _, p := range plays {
			for n, cfg := range wishes() {
				for _, opaque := range []bool{false, true} {
					c := with(finalize.Config{}, cfg)
					if len(p.only) > 0 && !slices.Contains(p.only, c.Delete) {
						continue
					}
					formats := strings.ReplaceAll(c.Formats.String(), ",", "+")
					if c.HLS != finalize.HLSReference {
						formats += " " + string(c.HLS)
					}
					name := fmt.Sprintf("%s/%s/%s/opaque=%v", p.name, formats, c.Delete, opaque)
					s := &sweep{play: p, cfg: cfg, opaque: opaque, points: points, stride: 1, second: 40, recovered: map[string]bool{}}
					if n > 0 {
						s.stride, s.second = 9, 200
					}
					if c.Delete == finalize.DeleteSources || c.HLS == finalize.HLSSingle {
						s.stride = 3
						if c.HLS == finalize.HLSCopy || c.HLS == finalize.HLSSingle && c.Delete == finalize.DeleteSources && p.only == nil {
							s.stride = 7 // many mutations, or what the other modes sweep too
						}
					}
					if opaque {
						s.offset = s.stride / 2
					}
					if thorough() {
						s.stride, s.offset, s.second, s.all = 1, 0, 1, true
					}
					t.Run(name, func(t *testing.T) {
						if thorough() {
							t.Parallel()
						}
						s.run(t)
					})
				}
			}
		}
	})
	testenv.Figure(t, "crash points", "%d of runs over stores in memory", points.Load())
}

// sweep is the sweep of one play with one wish.
type sweep struct {
	play
	cfg    func(*finalize.Config)
	opaque bool
	points *atomic.Int64

	stride, offset int  // every stride-th operation is a crash point
	second         int  // so many mutations apart are those of the second crash
	all            bool // reading operations too

	before, want [2]snapshot
	recovered    map[string]bool // states from which a run was seen to bring what is wanted
}

// config is that of a process that uses the stores of a pair; a crash in one of
// them is one in both.
func (s *sweep) config(p pair, plan storetest.Plan) (finalize.Config, *storetest.Fault) {
	f := storetest.NewFault(p.primary, plan)
	stores := []store.Store{f}
	if p.backup != nil {
		stores = append(stores, f.Also(p.backup))
	}
	return newProcess(with(both(f, stores...), s.cfg)), f
}

// processes counts those that ran.
var processes atomic.Int64

// newProcess gives the settings of a new process on a host whose other ones are dead.
func newProcess(cfg finalize.Config) finalize.Config {
	return with(on("here", cfg), func(c *finalize.Config) {
		c.Identity.PID = int(processes.Add(1))
		c.Identity.Alive = func(int, int64) bool { return false }
	})
}

func (s *sweep) run(t *testing.T) {
	start := s.lay(t, s.opaque, s.cfg)
	s.before = start.snapshot()
	calm := start.clone()
	cfg, counting := s.config(calm, storetest.Plan{At: -1, All: s.all})
	mustRun(t, cfg, "foo")
	s.want = calm.snapshot()
	calm.audit(t, s.before, s.want)
	n, least := len(gone(s.before[0], s.want[0]))+len(gone(s.before[1], s.want[1])), 4
	if cfg.Delete == finalize.DeleteSources {
		least = 10
	}
	if cfg.Delete != finalize.DeleteNone && s.name != "late" && n < least {
		t.Fatalf("an undisturbed run deletes %d objects: the sweep would prove nothing", n)
	}
	for at := s.offset; at < counting.Count(); at += s.stride {
		for _, after := range []bool{false, true} {
			name := fmt.Sprintf("operation %d of %d, after %v", at, counting.Count(), after)
			p := start.clone()
			s.crash(p, storetest.Plan{At: at, After: after, Crash: true, All: s.all})
			p.audit(t, s.before, p.snapshot())
			if state := fingerprint(p); !s.recovered[state] {
				s.again(t, p, name, at)
				s.recovers(t, p, name)
				s.recovered[state] = true
			}
			if t.Failed() {
				t.Fatalf("crash at %s", name)
			}
		}
	}
}

// again lets the run after a crash die as well. Ahead of a mutation is behind the
// one before it, as far as the stores know.
func (s *sweep) again(t *testing.T, p pair, name string, at int) {
	for second := at % min(s.second, 9); ; second += s.second {
		q := p.clone()
		if !s.crash(q, storetest.Plan{At: second, Crash: true}) {
			return
		}
		if state := fingerprint(q); !s.recovered[state] {
			q.audit(t, s.before, q.snapshot())
			s.recovers(t, q, fmt.Sprintf("%s, and again at mutation %d", name, second))
			s.recovered[state] = true
		}
		if t.Failed() {
			t.Fatalf("crash at %s, and again at mutation %d", name, second)
		}
	}
}

// crash runs until the process dies, and reports false if the run ended first.
// What a dead process returns nobody hears.
func (s *sweep) crash(p pair, plan storetest.Plan) bool {
	cfg, f := s.config(p, plan)
	_, _ = run(cfg, "foo")
	if f.Crashed() {
		s.points.Add(1)
	}
	return f.Crashed()
}

// recovers runs, when an upload of the dead process is old enough to be swept,
// until nothing is to be done, and compares.
func (s *sweep) recovers(t testing.TB, p pair, name string) {
	t.Helper()
	w := p.primary
	defer w.clock.set(w.clock.now())
	w.clock.advance(sweepAge)
	for n := 0; ; n++ {
		cfg, _ := s.config(p, storetest.Never)
		r, err := run(cfg, "foo")
		if err != nil {
			t.Errorf("%s: run %d after it: %v", name, n+1, err)
			return
		}
		p.audit(t, s.before, p.snapshot())
		if r.Done() {
			break
		}
		if n == 3 {
			t.Errorf("%s: there is always something to do", name)
			return
		}
	}
	now := p.snapshot()
	noDifference(t, now[0], s.want[0], s.opaque)
	noDifference(t, now[1], s.want[1], s.opaque)
	if left := w.Uploads(); len(left) > 0 {
		t.Errorf("%s: unfinished uploads of a dead process stay for ever: %v", name, left)
	}
	for _, all := range now {
		onlyDocumented(t, all)
	}
}

// documented are the names below .recfin/, wherever it lies. Probes of a dead
// process stay, and are no input.
var documented = regexp.MustCompile(`^([^/]+/)?\.recfin/(probe/[0-9a-f]{24}-[a-z]+|leases/[0-9a-f]{32}\.json|days/[0-9]{4}-[0-9]{2}-[0-9]{2}/foo@[0-9]{8}T[0-9]{6}Z)$`)

// onlyDocumented holds that the private folder has nothing else in it.
func onlyDocumented(t testing.TB, all snapshot) {
	t.Helper()
	for key := range all {
		if isPrivate(key) && !documented.MatchString(key) {
			t.Errorf("%s is documented nowhere", key)
		}
	}
}

// fingerprint tells states of the stores apart, without what is random in them.
func fingerprint(p pair) string {
	var lines []string
	for n, all := range p.snapshot() {
		for key, e := range all {
			switch i := strings.Index(key, store.Private); {
			case i >= 0 && strings.HasPrefix(key[i+len(store.Private):], "probe/"):
			case i >= 0:
				lines = append(lines, fmt.Sprint(n, key))
			default:
				lines = append(lines, fmt.Sprint(n, key, e.ETag, e.Modified.UnixNano()))
			}
		}
	}
	for _, key := range p.primary.Uploads() {
		lines = append(lines, "upload "+key)
	}
	slices.Sort(lines)
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(lines, "\n"))))
}
