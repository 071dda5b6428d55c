package finalize_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize"
)

// TestModelAny plays scenes that nobody thought of: some performers with acts of any
// kind, and a schedule of any moves. The laws of the referee hold at every step;
// and where nobody overwrote anything, all is accounted for when it is quiet.
func TestModelAny(t *testing.T) {
	t.Parallel()
	starts := anyStarts(t)
	known := gallery{}
	rapid.Check(t, func(t *rapid.T) {
		start := starts[rapid.IntRange(0, len(starts)-1).Draw(t, "start")]
		start.tolerates = func(err error) bool { return refusing(err) || errors.Is(err, finalize.ErrNothing) }
		drawn := anyCast(t)
		var plan []move
		for range rapid.IntRange(0, 5).Draw(t, "moves") {
			m := move{at: rapid.IntRange(0, 140).Draw(t, "at"), to: rapid.IntRange(0, len(drawn.cast)-1).Draw(t, "to")}
			m.dies = rapid.SampledFrom([]death{lives, lives, diesBefore, diesAfter}).Draw(t, "dies")
			plan = append(plan, m)
		}
		e := &explorer{scene: modelScene{cast: drawn.cast}, start: start, gallery: known}
		if !drawn.overwrites {
			e.scene.last = finally(asBoth)
		}
		if trace, found := e.play(plan); len(found) > 0 {
			t.Fatalf("%s\n%s", strings.Join(found, "\n"), tracedBy(trace, plan))
		}
	})
}

// tracedBy shows what went on around the moves of a plan.
func tracedBy(trace []point, plan []move) string {
	var b strings.Builder
	for at, p := range trace {
		k := slices.IndexFunc(plan, func(m move) bool { return m.at == at })
		fmt.Fprintf(&b, "%3d %s", at, p.what)
		if k >= 0 {
			fmt.Fprintf(&b, "   <- %s", plan[k])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// anyStarts are states of a recording.
func anyStarts(t *testing.T) []stock {
	two := tiny()
	two.lay("foo/A/360p", low, 0, 2, 0)
	two.lay("foo/B/360p", low, 2, 3, 3*time.Second)
	starts := []stock{tiny().stands(), two.stands()}
	mustRun(t, modelSettings(two, keeping), "foo")
	starts = append(starts, two.stands())
	for _, changes := range [][]func(*finalize.Config){{later}, {later, asMP4}, {asBoth}} {
		starts = append(starts, finalizedWith(23*time.Hour, changes...)(t))
	}
	return starts
}

// anyCasting is a cast, and what is to be known of it.
type anyCasting struct {
	cast       []performer
	overwrites bool
}

func anyCast(t *rapid.T) anyCasting {
	var c anyCasting
	for i := range rapid.IntRange(2, 3).Draw(t, "performers") {
		p := mortal(fmt.Sprint("performer ", i))
		for range rapid.IntRange(1, 3).Draw(t, "acts") {
			p.acts = append(p.acts, c.anyAct(t))
		}
		c.cast = append(c.cast, p)
	}
	return c
}

func (c *anyCasting) anyAct(t *rapid.T) act {
	switch rapid.SampledFrom([]string{"run", "run", "run", "wait", "upload", "overwrite", "keep"}).Draw(t, "act") {
	case "wait":
		return waits(rapid.SampledFrom([]time.Duration{time.Minute, 10 * time.Minute, time.Hour, day}).Draw(t, "for"))
	case "keep":
		return keeps()
	case "upload": // what was not there in any start
		n := rapid.IntRange(4, 7).Draw(t, "segment")
		return uploads(fmt.Sprintf("foo/%s/720p/%d.ts", rapid.SampledFrom([]string{"A", "B"}).Draw(t, "writer"), n), high.segment(n))
	case "overwrite":
		c.overwrites = true
		n := rapid.IntRange(0, 3).Draw(t, "segment")
		f := rapid.SampledFrom([]feed{high, another}).Draw(t, "what")
		return uploads(fmt.Sprintf("foo/%s/720p/%d.ts", rapid.SampledFrom([]string{"A", "B"}).Draw(t, "writer"), n), f.segment(n))
	}
	formats := rapid.SampledFrom([]func(*finalize.Config){asHLS, asMP4, asBoth}).Draw(t, "formats")
	var more []func(*finalize.Config)
	for _, change := range []func(*finalize.Config){later, keeping, hasty, forcing, without360} {
		if rapid.IntRange(0, 3).Draw(t, "change") == 0 {
			more = append(more, change)
		}
	}
	return runWith(append(more, formats)...)
}
