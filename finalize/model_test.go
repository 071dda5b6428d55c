package finalize_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/internal/testenv"
)

// TestModel plays every scene with no interruption, with each one, and with two at
// every pair of points (of these in short a sample: RECFIN_MODEL=all plays all). At
// every step the laws of the referee hold, and when all is quiet everything is
// accounted for.
func TestModel(t *testing.T) {
	how := os.Getenv("RECFIN_MODEL")
	bound, most := 2, 20
	switch how {
	case "all":
		most = 1 << 20
	case "hunt":
		most = 40
	}
	total, hunted := 0, ""
	scenes := modelScenes()
	for _, scene := range scenes {
		if only := os.Getenv("RECFIN_MODEL_SCENE"); only != "" && only != scene.name {
			continue
		}
		e := &explorer{scene: scene, start: scene.begin(t), gallery: gallery{}}
		n, plan, found := e.explore(bound, most)
		total += n
		if len(found) > 0 {
			if hunted = fmt.Sprintf("schedules %d, scene %q: %s", total, scene.name, found[0]); how == "hunt" {
				break
			}
			trace, _ := e.play(plan)
			t.Errorf("%s, schedule %v:\n  %s\n%s", scene.name, plan, strings.Join(found, "\n  "), tracedBy(trace, plan))
		}
		t.Logf("%-50s %5d schedules", scene.name, n)
	}
	if how == "hunt" && hunted != "" {
		t.Fatalf("found after %s", hunted)
	}
	testenv.Figure(t, "model", "%d schedules of %d scenes", total, len(scenes))
}

// explorer plays the schedules of a scene.
type explorer struct {
	scene   modelScene
	start   stock
	gallery gallery
}

// explore plays all schedules with up to so many interruptions, fewer first. Where
// there are more than most of one kind it takes a sample, the same each time. It
// ends with the first schedule that breaks a law.
func (e *explorer) explore(bound, most int) (n int, plan []move, found []string) {
	level := [][]move{nil}
	for k := 0; k <= bound && len(level) > 0; k++ {
		var next [][]move
		for len(level) > 0 {
			if len(level) > most {
				r := rand.New(rand.NewPCG(uint64(k), 1))
				r.Shuffle(len(level), func(i, j int) { level[i], level[j] = level[j], level[i] })
				level = level[:most]
			}
			var free [][]move
			for _, plan := range level {
				trace, found := e.play(plan)
				if n++; len(found) > 0 {
					return n, plan, found
				}
				a, b := children(plan, trace)
				free, next = append(free, a...), append(next, b...)
			}
			level = free
		}
		level = next
	}
	return n, nil, nil
}

// children are the schedules with one move more behind the last one of a plan: free
// ones, where somebody else comes next who has to be chosen anyway, and others.
func children(plan []move, trace []point) (free, others [][]move) {
	from := 0
	if len(plan) > 0 {
		from = plan[len(plan)-1].at + 1
	}
	for at := from; at < len(trace); at++ {
		p := trace[at]
		for _, to := range p.others {
			child := append(slices.Clone(plan), move{at: at, to: to})
			if p.free {
				free = append(free, child)
			} else {
				others = append(others, child)
			}
		}
		if p.mortal && p.mutation {
			for _, how := range []death{diesBefore, diesAfter} {
				others = append(others, append(slices.Clone(plan), move{at, p.by, how}))
			}
		}
	}
	return free, others
}

// play runs one schedule, and what comes behind it.
func (e *explorer) play(plan []move) (trace []point, found []string) {
	r := newReferee(e.start, e.gallery)
	s := perform(r, e.scene.cast, plan)
	if !r.broken() && e.scene.last != nil {
		r.hear(func() { e.quiet(r) })
	}
	return s.trace, r.found
}

// quiet runs until nothing is to be done.
func (e *explorer) quiet(r *referee) {
	r.world.clock.advance(sweepAge)
	for n := 0; ; n++ {
		report, err := run(with(e.scene.last(r.world), func(c *finalize.Config) { c.Concurrency = 1 }), "foo")
		if err != nil || n == 5 {
			r.law("quiet run %d: %v", n+1, err)
			return
		}
		if report.Done() {
			r.standing = read(&r.jury, r.world.Snapshot(), "foo")
			r.ended(report)
			return
		}
	}
}
