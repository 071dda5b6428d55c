package timeline_test

import "time"

// simParallel are histories in which several writers record the same all the
// time.
var simParallel = []simKind{
	// The same numbers; the source's content proves them copies.
	{name: "twins", mode: simTold, draw: func(g *simGen) {
		g.both(0, 0)
	}, fair: simSharedSource},
	{name: "twins-other-clock", mode: simTold, draw: func(g *simGen) {
		g.both(0, 0)
		g.foreign(&g.h.Pushes[1])
	}, fair: simSharedSource},
	// Only transcodes: one clock and the same time prove them copies.
	{name: "twins-transcodes", mode: simTold, draw: func(g *simGen) {
		g.both(0, 0)
		for i, rends := 0, g.transcodes(); i < 2; i++ {
			g.h.Pushes[i].Rends = rends
		}
		for i := range g.h.Mishaps {
			g.h.Mishaps[i].Rend = ""
		}
	}, fair: simBoth(simLive, simEachAtLeast(6))},
	// Numbers of their own, one clock, the same boundaries: equal content at equal
	// times.
	{name: "parallel", mode: simTold, draw: func(g *simGen) {
		g.both(int64(-g.in(1, 9)), 0)
	}, fair: simMeet},
	{name: "parallel-far", mode: simTold, draw: func(g *simGen) {
		g.both(int64(g.in(1000, 5000)), 0)
	}, fair: simMeet},
	{name: "parallel-unaligned", mode: simCover, draw: func(g *simGen) {
		g.both(int64(-g.in(1, 9)), 1)
	}, fair: simBoth(simLive, simEachAtLeast(6), simOverlap)},
	// One clock for all, and each node counts for itself while it has the source.
	{name: "flap-own-numbers", mode: simWhole, draw: func(g *simGen) {
		g.ownNumbers(g.in(2, 3), false)
	}, fair: simBoth(simLive, simEachAtLeast(5))},
	{name: "flap-own-numbers-clocks", mode: simWhole, draw: func(g *simGen) {
		g.ownNumbers(g.in(2, 3), true)
	}, fair: simBoth(simLive, simEachAtLeast(5))},
	{name: "flap-own-numbers-many", mode: simWhole, draw: func(g *simGen) {
		g.ownNumbers(12, false)
	}, fair: simBoth(simLive, simEachAtLeast(5))},
	// Clocks of their own: what is the same cannot be told cheaply.
	{name: "parallel-other-clock", mode: simOpen, draw: func(g *simGen) {
		g.both(int64(g.in(1, 9)), g.IntN(2))
		g.foreign(&g.h.Pushes[1])
	}, fair: simBoth(simLive, simEachAtLeast(6), simCommon)},
	{name: "parallel-copied", mode: simOpen, draw: func(g *simGen) {
		g.both(int64(g.in(-9, 9)), g.IntN(2))
		g.copied()
	}, fair: simBoth(simEachAtLeast(6), simCommon)},
	// Two cameras under one name: the second starts before half of the first has
	// passed, so it is no restart of it.
	{name: "cameras", mode: simOther, draw: func(g *simGen) {
		g.cameras()
	}, fair: simBoth(simLive, simEachAtLeast(6), simTogether, simCommon, simLag(0, 40)), law: simDoubts},
	// It starts later, but before the first ends: neither parallel nor a restart.
	{name: "cameras-between", mode: simOther, draw: func(g *simGen) {
		g.cameras()
	}, fair: simBoth(simLive, simEachAtLeast(6), simTogether, simCommon, simLag(50, 90)), law: simDoubts},
}

// both draws two writers of one stream all the time, the second with numbers
// that are off by so many, each of which loses something.
func (g *simGen) both(off int64, phase int) {
	g.stream(0)
	rends, n := g.renditions(), g.in(8, 30)
	g.push("a", rends, 0, n)
	b := g.push("b", rends, g.IntN(4), n+g.in(-3, 3))
	b.Number = off
	if phase > 0 {
		for i := range g.h.Pushes {
			g.h.Pushes[i].Each = 2
		}
		b.Phase = phase
	}
	if off < 0 {
		b.From, b.To = b.From+int(-off), b.To+int(-off)
	}
	g.anywhere("lost", 6, func(m *simMishap) { m.To += g.IntN(4) })
}

// cameras draws two streams at the same time, each counted by a writer of its
// own.
func (g *simGen) cameras() {
	s := g.stream(0)
	rends, n := g.renditions(), g.in(8, 24)
	g.push("a", rends, 0, n)
	t := g.stream(g.span(0, 20*time.Second))
	if g.chance(40) {
		t.Clock = s.Clock + t.At/s.Frame*s.Frame
	}
	p := g.push("b", rends, 0, g.in(8, 24))
	if g.chance(50) {
		p.Number = int64(g.in(1, 7))
	}
	if g.chance(40) {
		g.anywhere("lost", 5, nil)
	}
}

// ownNumbers draws a source that changes between nodes, each of which counts
// on from where it was when it had the source before.
func (g *simGen) ownNumbers(nodes int, clocks bool) {
	g.stream(0)
	rends := g.renditions()[:1]
	next := make([]int, nodes)
	shift := make([]time.Duration, nodes)
	at := 0
	for turn := range nodes * g.in(1, 3) {
		k, n := turn%nodes, g.in(6, 12)
		p := g.push(string(rune('a'+k)), rends, at, at+n)
		p.Number = int64(next[k] - at)
		if clocks && turn < nodes && k > 0 {
			g.foreign(p)
			shift[k] = p.Shift
		}
		p.Shift = shift[k]
		next[k] += n
		at += n
	}
}

// simMeet: the two writers have at least three whole source segments of the
// same pictures, and each has six.
func simMeet(h *simHistory, objs []*simObject) bool {
	by := map[[2]int]int{}
	meet := 0
	for _, o := range objs {
		if !o.bad && o.Rendition == h.Source {
			if by[[2]int{o.from, o.to}]++; by[[2]int{o.from, o.to}] == 2 {
				meet++
			}
		}
	}
	return meet >= 3 && simEachAtLeast(6)(h, objs) && simLive(h, objs)
}
