package timeline_test

import (
	"fmt"
	"slices"
	"time"
)

// simMode is how much the evidence of a kind of history tells.
type simMode int

const (
	// simTold: it suffices, and nothing may be called uncertain.
	simTold simMode = iota
	// simWhole: order and content are told, though a doubt may be spoken.
	simWhole
	// simCover: boundaries differ, and segments are whole: nothing twice, in order,
	// and no choice of whole segments covers more.
	simCover
	// simOpen: it does not suffice: what is not the truth must be called uncertain.
	simOpen
	// simOther: it does not suffice, and the kind has a law of its own.
	simOther
)

// simKinds is every kind of history.
func simKinds() []simKind {
	return slices.Concat(simOneNumbering, simRestarts, simTimes, simParallel, simSidecars)
}

// simKind is one kind of history.
type simKind struct {
	name string
	mode simMode
	draw func(*simGen)
	// fair says whether a history of this kind, shrunk perhaps, still has the
	// evidence that its mode promises; nil: always.
	fair func(*simHistory, []*simObject) bool
	// reads is how many requests it may cost; nil: not judged.
	reads func(*simHistory, []*simObject) int
	// law is one more that holds of this kind; nil: none.
	law func(*simHistory, []*simObject, *simPlan) []string
	// off says why a kind is not judged yet.
	off string
}

// simOneNumbering are histories in which all writers count the same segments.
var simOneNumbering = []simKind{
	// One writer: its numbers say everything.
	{name: "plain", mode: simTold, draw: func(g *simGen) {
		g.stream(0)
		p := g.push("a", g.renditions(), 0, g.in(3, 50))
		p.Number, p.Each = int64(g.IntN(5000)), g.in(1, 3)
		if g.chance(30) {
			p.Declares = 2 * time.Second
		}
	}},
	// What a healthy recording costs without a playlist.
	{name: "plain-cost", mode: simTold, draw: func(g *simGen) {
		g.stream(0)
		g.push("a", g.renditions(), 0, g.in(100, 160))
	}, reads: func(_ *simHistory, objs []*simObject) int { return len(objs) * 102 / 100 }},
	// Shared numbers: nothing in common, or the source's content proves the copies.
	{name: "failover", mode: simTold, draw: func(g *simGen) {
		g.stream(0)
		rends, n := g.renditions(), g.in(4, 20)
		a := *g.push("a", rends, 0, n)
		b := g.push("b", rends, n-g.IntN(4), n+g.in(4, 20))
		if g.chance(40) {
			g.foreign(b)
		}
		if g.chance(30) {
			b.Params = "/b"
		}
		if b.From < n && g.chance(50) {
			g.mishap("cut", &a, n-1, n)
		}
		if g.chance(30) {
			g.mishap("late", &a, n-1, n).By = g.span(0, 20*time.Minute)
		}
	}, fair: simSharedSource},
	// Only transcodes: under one clock, soon after one another, they are copies.
	{name: "failover-transcodes", mode: simTold, draw: func(g *simGen) {
		g.stream(0)
		rends, n := g.transcodes(), g.in(10, 20)
		g.push("a", rends, 0, n)
		g.push("b", rends, n-g.IntN(4), n+g.in(4, 20))
	}, fair: simEachAtLeast(8)},
	{name: "flap", mode: simTold, draw: func(g *simGen) {
		g.stream(0)
		g.flap(g.renditions(), []string{"a", "b", "c", "d"}[:g.in(2, 4)], g.in(3, 9))
	}},
	{name: "swarm", mode: simTold, draw: func(g *simGen) {
		g.stream(0)
		var nodes []string
		for i := range g.in(12, 40) {
			nodes = append(nodes, fmt.Sprintf("n%02d", i))
		}
		g.flap(g.renditions()[:1], nodes, len(nodes))
	}},
	{name: "retries", mode: simTold, draw: func(g *simGen) {
		g.base()
		g.anywhere("late", 5, func(m *simMishap) { m.By = g.span(0, 20*time.Minute) })
	}},
	{name: "lost", mode: simTold, draw: func(g *simGen) {
		g.base()
		g.anywhere("lost", 8, func(m *simMishap) { m.To += g.IntN(3) })
	}, fair: simSharedSource},
	{name: "copies", mode: simTold, draw: func(g *simGen) {
		g.base()
		g.anywhere([]string{"copy", "retake", "mirror"}[g.IntN(3)], 8, func(m *simMishap) {
			m.Node, m.By, m.To = "z", g.span(time.Second, time.Minute), m.To+g.IntN(4)
		})
	}, fair: simSharedSource},
	{name: "crash", mode: simTold, draw: func(g *simGen) {
		g.base()
		for i := range g.h.Pushes {
			if p := &g.h.Pushes[i]; g.chance(60) {
				g.mishap("cut", p, p.To-1, p.To)
			}
		}
	}},
	{name: "broken", mode: simTold, draw: func(g *simGen) {
		g.base()
		g.anywhere([]string{"empty", "gone", "unreadable", "excluded"}[g.IntN(4)], 4, nil)
		if g.chance(50) {
			g.anywhere("gone", 2, nil)
		}
	}, fair: simSharedSource},
	{name: "hidden", mode: simTold, draw: func(g *simGen) {
		g.base()
		g.anywhere([]string{"hidden", "temp"}[g.IntN(2)], 4, nil)
	}, fair: simSharedSource},
	{name: "skew", mode: simTold, draw: func(g *simGen) {
		g.base()
		skew := map[string]time.Duration{}
		for i := range g.h.Pushes {
			p := &g.h.Pushes[i]
			if _, ok := skew[p.Node]; !ok {
				skew[p.Node] = g.span(-3*time.Minute, 3*time.Minute)
			}
			p.Skew = skew[p.Node]
		}
	}},
	{name: "copied", mode: simTold, draw: func(g *simGen) {
		g.base()
		g.copied()
		if g.chance(50) {
			g.anywhere("lost", 4, nil)
		}
	}, fair: simSharedSource},
	// A little of everything that can happen to one numbering.
	{name: "mixed", mode: simTold, draw: func(g *simGen) {
		g.base()
		for _, what := range []string{"lost", "late", "copy", "retake", "mirror", "cut", "empty", "gone", "excluded"} {
			most := 3
			if what == "cut" {
				most = 1
			}
			if g.chance(35) {
				g.anywhere(what, most, func(m *simMishap) { m.Node, m.By = "z", g.span(time.Second, 15*time.Minute) })
			}
		}
		if p := &g.h.Pushes[len(g.h.Pushes)-1]; len(g.h.Pushes) == 2 && g.chance(30) {
			g.foreign(p)
		}
		if g.h.Copied = g.chance(25); !g.h.Copied && g.chance(25) {
			for i := range g.h.Pushes {
				g.h.Pushes[i].Skew = time.Duration(simText(g.h.Pushes[i].Node)%120) * time.Second
			}
		}
	}, fair: simSharedSource},
	// Two segments of one writer were cut off, neither of them its last.
	{name: "cut-twice", mode: simTold, draw: func(g *simGen) {
		g.base()
		p := &g.h.Pushes[0]
		for range 2 {
			n := g.in(p.From, p.To-1)
			g.mishap("cut", p, n, n+1)
		}
	}, fair: simSharedSource},
	{name: "lag", mode: simTold, draw: func(g *simGen) {
		g.stream(0)
		n := g.in(12, 40)
		p := g.push("a", []string{"source", "720p", "360p"}, 0, n)
		for _, r := range p.Rends[1:] {
			if g.chance(60) {
				g.mishap("lost", p, 0, g.in(1, 5)).Rend = r
			}
			if g.chance(60) {
				g.mishap("lost", p, n-g.in(1, 5), n).Rend = r
			}
			g.mishap("lost", p, n/2, n/2+g.IntN(3)).Rend = r
		}
	}},
}
