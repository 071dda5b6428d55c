package timeline_test

import "time"

// simTimes are histories that upload times and wall starts decide.
var simTimes = []simKind{
	// The encoder stands still; numbers and timestamps run on from where they
	// were. The delay of the uploads rises and stays up.
	{name: "frozen", mode: simTold, draw: func(g *simGen) {
		g.frozen("a")
	}, fair: simBoth(simLive, simFrozen)},
	{name: "frozen-flap", mode: simTold, draw: func(g *simGen) {
		g.frozen("a", "b")
	}, fair: simBoth(simLive, simFrozen)},
	// The uplink is dead, and then comes a burst: the delay falls back.
	{name: "burst", mode: simTold, draw: func(g *simGen) {
		g.burst()
	}, fair: simBoth(simLive, simFallsBack, simBurst(0, 45))},
	// Most segments came in the burst.
	{name: "burst-of-most", mode: simTold, draw: func(g *simGen) {
		g.burst()
	}, fair: simBoth(simLive, simFallsBack, simBurst(45, 90))},
	// After the outage its segments follow in parallel with those that are live.
	{name: "backlog", mode: simTold, draw: func(g *simGen) {
		g.h.Gap = time.Minute
		g.stream(0)
		n := g.in(80, 140)
		p := g.push("a", g.renditions()[:1], 0, n)
		from := g.in(8, n/4)
		p.Dead, p.Trickle = [2]int{from, from + g.in(3, n/3)}, g.span(200*time.Millisecond, 1500*time.Millisecond)
	}, fair: simBoth(simLive, simFallsBack)},
	// Playlists with wall starts tell where the source stood still.
	{name: "frozen-dated", mode: simTold, draw: func(g *simGen) {
		g.frozen("a")
		g.h.Pushes[0].Dated, g.h.Pushes[0].Sidecar = true, true
	}, fair: simBoth(simLive, simFrozen)},
	{name: "midnight-failover", mode: simTold, draw: func(g *simGen) {
		g.h.Midnight = true
		s := g.stream(time.Duration(g.in(0, 24*60)) * time.Minute)
		s.Frame = 12 * time.Second
		rends, n := g.renditions(), g.in(20, 300)
		g.push("a", rends, 0, n)
		b := g.push("b", rends, n-g.IntN(3), n+g.in(20, 200))
		if g.chance(50) {
			g.foreign(b)
		}
	}, fair: simSharedSource},
	{name: "midnight", mode: simTold, draw: func(g *simGen) {
		g.h.Midnight = true
		s := g.stream(time.Duration(g.in(0, 24*60)) * time.Minute)
		s.Frame = 12 * time.Second
		g.push("a", g.renditions(), 0, g.in(100, 450))
	}},
	// No numbers in the keys: the natural order of their names.
	{name: "names", mode: simTold, draw: func(g *simGen) {
		g.stream(0)
		p := g.push("a", g.renditions(), 0, g.in(6, 30))
		p.Number, p.Nameless = int64(g.IntN(100)), true
	}, fair: simEachAtLeast(4)},
	{name: "times", mode: simTold, draw: func(g *simGen) {
		g.timed(1, 0)
	}},
	// Recorders that cut alike: copies within 10 ms.
	{name: "times-copies", mode: simTold, draw: func(g *simGen) {
		g.timed(g.in(2, 3), 4*time.Millisecond)
		g.anywhere("lost", 8, func(m *simMishap) { m.To += g.IntN(3) })
	}, fair: simMeet},
	// One recorder has parts only of what another has whole.
	{name: "times-qualities", mode: simTold, draw: func(g *simGen) {
		g.timed(2, 4*time.Millisecond)
		g.anywhere("lost", 3, nil)
		g.anywhere("temp", 3, nil)
		g.anywhere([]string{"partial", "suspect"}[g.IntN(2)], 6, nil)
	}, fair: simMeet},
	{name: "times-unaligned", mode: simCover, draw: func(g *simGen) {
		g.timed(2, 4*time.Millisecond)
		for i := range g.h.Pushes {
			g.h.Pushes[i].Each, g.h.Pushes[i].Phase = 2, i
		}
		g.anywhere("lost", 4, nil)
	}},
	// A playlist tells when each began, though the bucket was copied.
	{name: "dated-copied-restart", mode: simTold, draw: func(g *simGen) {
		g.restart(g.renditions(), g.in(2, 3), g.chance(50))
		for i := range g.h.Pushes {
			g.h.Pushes[i].Dated = true
		}
		g.copied()
	}, fair: simBoth(simApart, simEachAtLeast(5), simOneAfterAnother)},
	{name: "dated", mode: simTold, draw: func(g *simGen) {
		g.base()
		for i := range g.h.Pushes {
			g.h.Pushes[i].Dated = true
		}
		g.anywhere("late", 3, func(m *simMishap) { m.By = g.span(0, 10*time.Minute) })
	}},
}

// burst draws a writer whose uplink is dead for a while.
func (g *simGen) burst() {
	g.h.Gap = time.Minute
	g.stream(0)
	n := g.in(60, 120)
	p := g.push("a", g.renditions()[:1], 0, n)
	from := g.in(2, n/3)
	p.Dead, p.Trickle = [2]int{from, from + g.in(3, n/2)}, 100*time.Millisecond
}

// frozen draws a stream that stands still once, for less or for longer than a
// session may pause, and has as much media as it stood still on both sides.
func (g *simGen) frozen(nodes ...string) {
	g.h.Gap = time.Minute
	s := g.stream(0)
	pause := g.span(30*time.Second, 2*time.Minute)
	n := int(pause*3/2/(2*time.Second)) + g.in(20, 60)
	at := g.in(n/4, 3*n/4)
	s.Pauses = []simPause{{Picture: s.gop(at), Length: pause}}
	rends := g.renditions()[:1]
	if len(nodes) == 1 {
		g.push(nodes[0], rends, 0, n)
		return
	}
	for from := 0; from < n; {
		to := min(n, from+g.in(25, 45))
		if to >= n-8 {
			to = n
		}
		g.push(nodes[len(g.h.Pushes)%2], rends, from, to)
		from = to
	}
}

// simFrozen: there are at least eight segments on both sides of each pause.
func simFrozen(h *simHistory, objs []*simObject) bool {
	for i, s := range h.Streams {
		for _, p := range s.Pauses {
			before, after := 0, 0
			for _, o := range objs {
				if o.number == i && o.to <= p.Picture {
					before++
				} else if o.number == i {
					after++
				}
			}
			if before < 8 || after < 8 {
				return false
			}
		}
	}
	return true
}

// timed draws recorders of one stream whose keys hold start times.
func (g *simGen) timed(recorders int, skew time.Duration) {
	g.stream(0)
	rends, n := g.renditions(), g.in(8, 30)
	for i := range recorders {
		p := g.push([]string{"a", "b", "c"}[i], rends, 0, n)
		p.Dated, p.Nameless = true, true
		if i > 0 {
			p.Skew = g.span(-skew, skew)
		}
	}
}
