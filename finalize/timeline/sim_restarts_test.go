package timeline_test

import (
	"fmt"
	"time"
)

// simRestarts are histories in which an encoder starts again: the same numbers,
// perhaps the same timestamps, other pictures.
var simRestarts = []simKind{
	{name: "restart-other-clock", mode: simTold, draw: func(g *simGen) {
		g.restart(g.renditions(), g.in(2, 3), false)
	}, fair: simBoth(simApart, simLive, simEachAtLeast(5), simOneAfterAnother)},
	{name: "restart-same-clock", mode: simTold, draw: func(g *simGen) {
		g.restart(g.renditions(), g.in(2, 3), true)
	}, fair: simBoth(simApart, simLive, simEachAtLeast(5), simOneAfterAnother)},
	// No content to compare; but each follows the one before by its length.
	{name: "restart-transcodes", mode: simWhole, draw: func(g *simGen) {
		g.restart(g.transcodes(), 2, g.chance(50))
	}, fair: simBoth(simLive, simEachAtLeast(8), simOneAfterAnother)},
	{name: "restart-crash", mode: simTold, draw: func(g *simGen) {
		g.restart(g.renditions(), 2, g.chance(50))
		p := &g.h.Pushes[0]
		g.mishap("cut", p, p.To-1, p.To)
		if g.chance(50) {
			g.anywhere("lost", 3, nil)
		}
	}, fair: simBoth(simApart, simLive, simEachAtLeast(5), simOneAfterAnother)},
	// All streams begin with the same slate; what comes after it differs.
	{name: "restart-slate", mode: simWhole, draw: func(g *simGen) {
		g.restart(g.renditions(), 2, g.chance(50))
		for _, s := range g.h.Streams {
			s.Slate, s.Even = 2, true
		}
	}, fair: simBoth(simApart, simLive, simEachAtLeast(6), simOneAfterAnother)},
	{name: "restart-often", mode: simTold, draw: func(g *simGen) {
		g.restart([]string{"source"}, g.in(9, 14), g.chance(50))
	}, fair: simBoth(simApart, simLive, simEachAtLeast(5), simOneAfterAnother)},
	// The same node starts over: its new head lies over the old one, whose tail
	// remains.
	{name: "overwrite", mode: simTold, draw: func(g *simGen) {
		g.overwrite(false)
	}, fair: simBoth(simOverwritten, simOneAfterAnother)},
	{name: "overwrite-same-clock", mode: simWhole, draw: func(g *simGen) {
		g.overwrite(true)
	}, fair: simBoth(simOverwritten, simOneAfterAnother)},
	{name: "overwrite-twice", mode: simTold, draw: func(g *simGen) {
		g.overwrite(false)
		g.after(g.span(time.Minute, 20*time.Minute)).Clock = (g.h.Streams[0].Clock + 21*time.Hour) % simWrap
		g.push("a", g.h.Pushes[0].Rends, 0, 7)
		g.h.Pushes[0].To, g.h.Pushes[1].To = g.in(24, 40), g.in(14, 18)
	}, fair: simBoth(simOverwritten, simOneAfterAnother)},
	// The numbers leap, a while later.
	{name: "leap", mode: simTold, draw: func(g *simGen) {
		g.stream(0)
		rends := g.renditions()
		g.push("a", rends, 0, g.in(5, 20))
		g.after(g.span(time.Minute, 200*time.Hour))
		g.push("a", rends, 0, g.in(5, 20)).Number = 63744
	}, fair: simBoth(simLive, simEachAtLeast(5), simOneAfterAnother)},
	// Nothing for longer than a session may pause, or for less; the numbers go on
	// or start again.
	{name: "outage", mode: simTold, draw: func(g *simGen) {
		g.h.Gap = time.Duration(g.in(1, 15)) * time.Minute
		g.stream(0)
		rends, n := g.renditions(), g.in(8, 20)
		g.push("a", rends, 0, n)
		g.after(g.span(5*time.Second, 2*g.h.Gap))
		p := g.push([]string{"a", "b"}[g.IntN(2)], rends, 0, g.in(8, 20))
		if p.Number = int64(n); p.Node == "b" && g.chance(50) {
			p.Number = 0
		}
	}, fair: simBoth(simLive, simEachAtLeast(5), simOneAfterAnother, simApartOrOnwards)},
	{name: "restart-copied", mode: simOpen, draw: func(g *simGen) {
		g.restart(g.renditions(), 2, g.chance(50))
		g.copied()
	}, fair: simEachAtLeast(6), law: simDoubts},
	// Two encoders push one key by turns.
	{name: "turns", mode: simOther, draw: func(g *simGen) {
		g.stream(0)
		n := g.in(8, 24)
		a := *g.push("a", []string{"source"}, 0, n)
		g.stream(g.span(0, time.Second)).Clock = (g.h.Streams[0].Clock + g.span(time.Hour, 20*time.Hour)).Truncate(40*time.Millisecond) % simWrap
		b := *g.push("a", []string{"source"}, 0, n)
		for i := range n {
			g.mishap("lost", []*simPush{&a, &b}[simHash(g.h.Seed, uint64(i))%2], i, i+1)
		}
	}, law: simTurns, fair: simChanges},
}

// after adds a stream a while after the end of the last push.
func (g *simGen) after(pause time.Duration) *simStream {
	p := g.h.Pushes[len(g.h.Pushes)-1]
	s := g.h.Streams[p.Stream]
	_, to := p.span(s, p.To-1)
	return g.stream(s.end(to) + pause)
}

// restart draws so many streams one after the other, each on a node of its own
// and each counted from 0.
func (g *simGen) restart(rends []string, times int, sameClock bool) {
	var clock time.Duration
	for i := range times {
		s := &simStream{}
		if i == 0 {
			s = g.stream(0)
			clock = s.Clock
		} else {
			s = g.after(g.span(2*time.Second, 3*time.Minute))
		}
		if sameClock {
			s.Clock = clock
		}
		g.push(fmt.Sprintf("n%02d", i), rends, 0, g.in(6, 20))
	}
}

// overwrite draws two streams of one node, counted from 0, the second one
// shorter.
func (g *simGen) overwrite(sameClock bool) {
	g.h.Gap = time.Duration(g.in(2, 15)) * time.Minute
	s := g.stream(0)
	rends, n := g.renditions(), g.in(14, 40)
	g.push("a", rends, 0, n)
	t := g.after(g.span(40*time.Second, 20*time.Minute))
	t.Clock = s.Clock
	if !sameClock {
		t.Clock = (s.Clock + g.span(time.Hour, 20*time.Hour)).Truncate(s.Frame) % simWrap
	}
	g.push("a", rends, 0, g.in(6, n-6))
}

// simOverwritten: the shift of upload time against number is more than a minute
// and holds over five segments on each side.
func simOverwritten(h *simHistory, objs []*simObject) bool {
	for i, p := range h.Pushes {
		if i > 0 && h.Streams[p.Stream].At-h.Streams[h.Pushes[i-1].Stream].At < 66*time.Second {
			return false
		}
	}
	return len(h.Pushes) > 1 && simEachAtLeast(5)(h, objs) && simLive(h, objs)
}

// simApartOrOnwards: a restart that content proves, or numbers that go on.
func simApartOrOnwards(h *simHistory, objs []*simObject) bool {
	return len(h.Pushes) < 2 || h.Pushes[1].Number != 0 || simApart(h, objs)
}
