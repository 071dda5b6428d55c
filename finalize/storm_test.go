package finalize_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize"
	"recfin/internal/testenv"
	"recfin/store"
	"recfin/store/storetest"
)

// bad is the weather of the storm: every fifth operation fails.
var bad = storetest.Weather{Fail: 200, Late: 300, Cut: 60, Slow: 50, Wrong: 50}

// reruns is how many runs may follow the first one until it is done.
const reruns = 3

// tale is a random recording on the eve of a run.
type tale struct {
	w   *world
	cfg finalize.Config // Sources and Out are still to be set
}

// tales draws histories without damage: who uploads what, calm runs with any
// settings between, and days that go by.
var tales = rapid.Custom(func(t *rapid.T) tale {
	w := newWorld(rapid.Bool().Draw(t, "opaque"))
	w.clock.set(onAir.Add(time.Minute))
	used := map[string]bool{}
	for step := range rapid.IntRange(1, 3).Draw(t, "steps") {
		if step > 0 {
			_, _ = run(anyWish(t, w), "foo") // nothing may be settled yet, or of use
		}
		arrive(t, w, used, fmt.Sprint("uploads ", step))
		arrive(t, w, used, fmt.Sprint("more uploads ", step))
		w.clock.advance(rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, time.Hour, day}).Draw(t, "later"))
	}
	return tale{w, anyWish(t, nil)}
})

// anyWish gives any settings, those too that delete sources.
func anyWish(t *rapid.T, s store.Store) finalize.Config {
	c := anySettings(t, s)
	if !c.Formats.HLS && rapid.Bool().Draw(t, "sources") {
		c.Delete, c.Accept = finalize.DeleteSources, []string{"foo"}
	}
	return c
}

// TestStorm finalizes random recordings while each operation of the store fails
// with 20 %, answers are lost, effects come late, bodies are cut, slow and wrong.
// There is never a wrong output, a lost segment or a hang; nearly all are done
// within three reruns, and when the storm is over, one more run brings the result
// of an undisturbed one.
//
// RECFIN_STORM is how many recordings, RECFIN_STORM_SEED the only one to repeat.
func TestStorm(t *testing.T) {
	t.Parallel()
	first, count := 0, envNumber(t, "RECFIN_STORM", 100)
	if only := envNumber(t, "RECFIN_STORM_SEED", -1); only >= 0 {
		first, count = only, 1
	}
	total, done := map[string]int{}, make([]int, reruns+1)
	for seed := first; seed < first+count; seed++ {
		n, did := storm(t, seed)
		for k, v := range did {
			total[k] += v
		}
		if n >= 0 {
			done[n]++
		}
		if t.Failed() {
			t.Fatalf("repeat it with RECFIN_STORM_SEED=%d go test -run '^TestStorm$' ./finalize", seed)
		}
	}
	within := 0
	for _, n := range done {
		within += n
	}
	testenv.Figure(t, "storm", "%d recordings; of %d operations %d had no effect, of %d the answer was lost, %d effects came late; of the bodies %d were cut, %d slow, %d wrong; %d were done at once, %d within %d reruns",
		count, total["operations"], total["failed"], total["lost"], total["late"], total["cut"], total["slow"], total["wrong"], done[0], within, reruns)
	if count > 20 && within*100 < count*95 {
		t.Errorf("%d of %d recordings were done within %d reruns, fewer than 95 %%", within, count, reruns)
	}
}

func envNumber(t testing.TB, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// storm plays one tale. It gives the number of the rerun that was done, negative
// where none was, and what went wrong on the way.
func storm(t *testing.T, seed int) (int, map[string]int) {
	s := tales.Example(seed)
	before := s.w.Snapshot()
	calm := s.w.clone()
	quiet := untilDone(t, seed, calm, s.cfg)
	want := calm.Snapshot()
	weather := storetest.NewStorm(s.w, uint64(seed), bad)
	done := -1
	for n := 0; n <= reruns && done < 0; n++ {
		at := s.w.Snapshot()
		_, err := watched(t, seed, through(s.cfg, &patient{weather, 4 + seed%3}))
		switch {
		case err == nil, quiet != nil && sameKind(err, quiet):
			done = n
		case !finalize.Retry(err):
			t.Errorf("seed %d: bad weather is no reason to call a human: %v", seed, err)
		}
		after := s.w.Snapshot()
		audit(t, at, after, "foo")
		grown(t, at, after)
	}
	weather.Rest()
	audit(t, before, s.w.Snapshot(), "foo")
	if err := untilDone(t, seed, s.w, s.cfg); !sameKind(err, quiet) {
		t.Errorf("seed %d: after the storm: %v; undisturbed: %v", seed, err, quiet)
	}
	noDifference(t, s.w.Snapshot(), want, s.opaque())
	s.w.clock.advance(sweepAge)
	_ = untilDone(t, seed, s.w, s.cfg)
	s.w.takeover("bar") // those of probes are swept by the next probe
	mustRun(t, settings(s.w), "bar")
	if left := s.w.Uploads(); len(left) > 0 {
		t.Errorf("seed %d: unfinished uploads stay for ever: %v", seed, left)
	}
	return done, weather.Did()
}

// opaque reports whether ETags are no hashes.
func (s *tale) opaque() bool {
	for _, e := range s.w.Snapshot() {
		return len(e.ETag) != 32
	}
	return false
}

// through gives the settings with a store.
func through(cfg finalize.Config, s *patient) finalize.Config {
	cfg.Sources, cfg.Out = both(s, s).Sources, s
	return newProcess(cfg)
}

// untilDone runs in calm weather until a run changes nothing, and gives the error
// of the last run.
func untilDone(t *testing.T, seed int, w *world, cfg finalize.Config) error {
	t.Helper()
	for range 6 {
		was := fingerprint(pair{primary: w})
		_, err := watched(t, seed, through(cfg, &patient{w, 1}))
		if err != nil || fingerprint(pair{primary: w}) == was {
			return err
		}
	}
	t.Errorf("seed %d: there is always something to do", seed)
	return nil
}

// sameKind reports whether two runs ended for the same reason.
func sameKind(a, b error) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	for _, kind := range []error{finalize.ErrNothing, finalize.ErrUsage, finalize.ErrRefused} {
		if errors.Is(a, kind) != errors.Is(b, kind) {
			return false
		}
	}
	return finalize.Retry(a) == finalize.Retry(b)
}

// watched is run, and shows all goroutines where it does not come to an end.
func watched(t *testing.T, seed int, cfg finalize.Config) (r *finalize.Report, err error) {
	t.Helper()
	timer := time.AfterFunc(hangs, func() {
		stacks := make([]byte, 1<<20)
		panic(fmt.Sprintf("storm seed %d: the run hangs:\n%s", seed, stacks[:runtime.Stack(stacks, true)]))
	})
	defer timer.Stop()
	return run(cfg, "foo")
}
