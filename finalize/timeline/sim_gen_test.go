package timeline_test

import (
	"math/rand/v2"
	"time"
)

// simGen draws a history.
type simGen struct {
	*rand.Rand
	h *simHistory
}

func simDraw(k simKind, seed uint64) *simHistory {
	g := &simGen{rand.New(rand.NewPCG(seed, simText(k.name))), &simHistory{Kind: k.name, Seed: seed, Gap: 15 * time.Minute, Source: "source"}}
	g.h.Coarse = g.chance(50)
	k.draw(g)
	return g.h
}

func (g *simGen) chance(percent int) bool { return g.IntN(100) < percent }

// in draws from lo to hi, both included.
func (g *simGen) in(lo, hi int) int { return lo + g.IntN(hi-lo+1) }

func (g *simGen) span(lo, hi time.Duration) time.Duration {
	return lo + time.Duration(g.Int64N(int64(hi-lo)+1))
}

// stream adds an encoder that starts at a wall time, one time in three shortly
// before its clock wraps.
func (g *simGen) stream(at time.Duration) *simStream {
	s := &simStream{At: at, Frame: 40 * time.Millisecond, Seed: g.Uint64() | 1, Clock: time.Duration(g.IntN(90000)) * time.Second}
	if g.chance(33) {
		s.Clock = simWrap - time.Duration(g.IntN(60))*time.Second
	}
	s.Clock = s.Clock / s.Frame * s.Frame
	g.h.Streams = append(g.h.Streams, s)
	return s
}

func (g *simGen) renditions() []string {
	return [][]string{{"source"}, {"source", "360p"}, {"source", "720p", "360p"}}[g.IntN(3)]
}

// transcodes are renditions without the broadcaster's own.
func (g *simGen) transcodes() []string {
	g.h.Source = ""
	return [][]string{{"720p"}, {"720p", "360p"}}[g.IntN(2)]
}

// push adds a writer of ordinals from..to of the last stream.
func (g *simGen) push(node string, rends []string, from, to int) *simPush {
	p := simPush{
		ID: len(g.h.Pushes), Stream: len(g.h.Streams) - 1, Node: node, Rends: rends, Each: 1, From: from, To: to,
		Delay: g.span(300*time.Millisecond, 2*time.Second), Jitter: g.span(0, 2*time.Second),
	}
	g.h.Pushes = append(g.h.Pushes, p)
	return &g.h.Pushes[len(g.h.Pushes)-1]
}

// foreign gives a writer a media clock of its own.
func (g *simGen) foreign(p *simPush) {
	p.Shift = time.Duration(g.in(10000, 40000)) * 40 * time.Millisecond * 25
}

func (g *simGen) mishap(what string, p *simPush, from, to int) *simMishap {
	g.h.Mishaps = append(g.h.Mishaps, simMishap{What: what, Push: p.ID, From: from, To: to})
	return &g.h.Mishaps[len(g.h.Mishaps)-1]
}

// anywhere draws one to most mishaps of single segments.
func (g *simGen) anywhere(what string, most int, dress func(*simMishap)) {
	for range g.in(1, most) {
		p := &g.h.Pushes[g.IntN(len(g.h.Pushes))]
		n := g.in(p.From, p.To-1)
		m := g.mishap(what, p, n, n+1)
		if g.chance(40) {
			m.Rend = p.Rends[g.IntN(len(p.Rends))]
		}
		if dress != nil {
			dress(m)
		}
	}
}

// base is a broadcast with shared numbers: one node, a failover or a flapping
// source, with retried segments at each change; all media clocks are one.
func (g *simGen) base() {
	g.stream(0)
	rends := g.renditions()
	switch g.IntN(3) {
	case 0:
		g.push("a", rends, 0, g.in(12, 40))
	case 1:
		n := g.in(8, 20)
		g.push("a", rends, 0, n)
		g.push("b", rends, n-g.IntN(4), n+g.in(6, 20))
	default:
		g.flap(rends, []string{"a", "b", "c"}[:g.in(2, 3)], g.in(3, 7))
	}
}

func (g *simGen) flap(rends, nodes []string, turns int) {
	at, shift := 0, map[string]time.Duration{}
	for i := range turns {
		n := g.in(4, 9)
		from := at
		if i > 0 {
			from -= g.IntN(3)
		}
		p := g.push(nodes[i%len(nodes)], rends, from, at+n)
		p.Shift = shift[p.Node]
		at += n
	}
}

// copied writes the day of a copy on everything.
func (g *simGen) copied() { g.h.Copied = true }
