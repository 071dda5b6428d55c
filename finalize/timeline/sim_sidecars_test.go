package timeline_test

import "time"

// simSidecars are histories in which a playlist tells how long segments are.
var simSidecars = []simKind{
	{name: "sidecar", mode: simTold, draw: func(g *simGen) {
		g.withSidecar()
	}, off: "sidecars"},
	{name: "sidecar-lost", mode: simTold, draw: func(g *simGen) {
		g.withSidecar()
		g.anywhere("lost", 4, func(m *simMishap) { m.To += g.IntN(4) })
	}, fair: simSharedSource, off: "sidecars"},
	// A crash that the playlist does not know: the size tells.
	{name: "sidecar-crash", mode: simTold, draw: func(g *simGen) {
		g.withSidecar()
		p := &g.h.Pushes[0]
		n := g.in(p.From, p.To-1)
		g.mishap("cut", p, n, n+1)
	}, off: "sidecars"},
	{name: "sidecar-lies", mode: simWhole, draw: func(g *simGen) {
		g.withSidecar()
		g.anywhere("lie", 5, func(m *simMishap) { m.By = g.span(-time.Second, 10*time.Second) })
	}, off: "sidecars"},
	{name: "sidecar-restart", mode: simTold, draw: func(g *simGen) {
		g.restart(g.renditions(), 2, g.chance(50))
		for i := range g.h.Pushes {
			g.h.Pushes[i].Sidecar = true
		}
	}, fair: simBoth(simApart, simLive, simEachAtLeast(5), simOneAfterAnother), off: "sidecars"},
}

func (g *simGen) withSidecar() {
	g.base()
	for i := range g.h.Pushes {
		g.h.Pushes[i].Sidecar = true
	}
}
