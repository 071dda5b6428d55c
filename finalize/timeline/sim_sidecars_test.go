package timeline_test

import "time"

// simSidecars are histories in which a playlist tells how long segments are.
var simSidecars = []simKind{
	{name: "sidecar", mode: simTold, draw: func(g *simGen) {
		g.withSidecar()
	}},
	// What a healthy recording costs where a playlist tells the lengths.
	{name: "sidecar-cost", mode: simTold, draw: func(g *simGen) {
		g.stream(0)
		rends, at := g.renditions(), 0
		for i := range g.in(1, 3) {
			n := g.in(30, 150)
			g.push([]string{"a", "b", "c"}[i], rends, at, at+n).Sidecar = true
			at += n
		}
	}, reads: simSidecarCost},
	{name: "sidecar-lost", mode: simTold, draw: func(g *simGen) {
		g.withSidecar()
		g.anywhere("lost", 4, func(m *simMishap) { m.To += g.IntN(4) })
	}, fair: simSharedSource},
	{name: "sidecar-twins", mode: simTold, draw: func(g *simGen) {
		g.both(0, 0)
		g.h.Pushes[0].Sidecar, g.h.Pushes[1].Sidecar = true, g.chance(50)
	}, fair: simSharedSource},
	// A crash that the playlist does not know: the size tells.
	{name: "sidecar-crash", mode: simTold, draw: func(g *simGen) {
		g.withSidecar()
		p := &g.h.Pushes[0]
		n := g.in(p.From, p.To-1)
		g.mishap("cut", p, n, n+1)
	}, fair: simEachAtLeast(8)},
	// One of two copies was cut off; both playlists call theirs whole.
	{name: "sidecar-twins-crash", mode: simTold, draw: func(g *simGen) {
		g.both(0, 0)
		for i := range g.h.Pushes {
			g.h.Pushes[i].Sidecar = true
		}
		g.anywhere("cut", 4, nil)
	}, fair: simBoth(simSharedSource, simEachAtLeast(8))},
	{name: "sidecar-lies", mode: simWhole, draw: func(g *simGen) {
		g.withSidecar()
		g.anywhere("lie", 5, func(m *simMishap) { m.By = g.span(-time.Second, 10*time.Second) })
	}},
	{name: "sidecar-restart", mode: simTold, draw: func(g *simGen) {
		g.restart(g.renditions(), 2, g.chance(50))
		for i := range g.h.Pushes {
			g.h.Pushes[i].Sidecar = true
		}
	}, fair: simBoth(simApart, simLive, simEachAtLeast(5), simOneAfterAnother)},
}

func (g *simGen) withSidecar() {
	g.base()
	for i := range g.h.Pushes {
		g.h.Pushes[i].Sidecar = true
	}
}

// simSidecarCost is 0.02 requests a segment and 4 for each run of each
// rendition.
func simSidecarCost(_ *simHistory, objs []*simObject) int {
	runs := map[string]bool{}
	for _, o := range objs {
		runs[o.Nonce+"/"+o.Rendition] = true
	}
	return len(objs)/50 + 4*len(runs)
}
