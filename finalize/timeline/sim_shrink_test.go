package timeline_test

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func simWord(v simVerdict) string {
	if len(v.complaints) == 0 {
		return ""
	}
	word, _, _ := strings.Cut(v.complaints[0], ":")
	return word
}

func (h *simHistory) clone() *simHistory {
	c := *h
	c.Streams = nil
	for _, s := range h.Streams {
		d := *s
		d.Pauses, d.starts = slices.Clone(s.Pauses), nil
		c.Streams = append(c.Streams, &d)
	}
	c.Pushes, c.Mishaps = slices.Clone(h.Pushes), slices.Clone(h.Mishaps)
	for i := range c.Pushes {
		c.Pushes[i].Rends = slices.Clone(c.Pushes[i].Rends)
	}
	return &c
}

// simShrink takes events, segments and renditions out of a history as long as
// the same complaint comes and the history is fair.
func simShrink(k simKind, h *simHistory, word string) *simHistory {
	tries := 0
	fails := func(c *simHistory) bool {
		tries++
		objs := c.list()
		if len(objs) == 0 || tries > 3000 || k.fair != nil && !k.fair(c, objs) {
			return false
		}
		return simWord(simJudge(k, c)) == word
	}
	for again := true; again; {
		again = false
		for _, smaller := range simSmaller(h) {
			if fails(smaller) {
				h, again = smaller, true
				break
			}
		}
	}
	return h
}

// simSmaller are the histories that are one step smaller, the boldest first.
func simSmaller(h *simHistory) (out []*simHistory) {
	try := func(change func(*simHistory)) {
		c := h.clone()
		change(c)
		out = append(out, c)
	}
	for i := range h.Pushes {
		try(func(c *simHistory) { c.Pushes = slices.Delete(c.Pushes, i, i+1) })
	}
	for i := range h.Mishaps {
		try(func(c *simHistory) { c.Mishaps = slices.Delete(c.Mishaps, i, i+1) })
	}
	for _, rend := range simRenditions(h) {
		try(func(c *simHistory) {
			for i := range c.Pushes {
				c.Pushes[i].Rends = slices.DeleteFunc(c.Pushes[i].Rends, func(r string) bool { return r == rend })
			}
		})
	}
	for _, step := range []int{16, 4, 1} {
		for i, p := range h.Pushes {
			if p.To-p.From > step {
				try(func(c *simHistory) { c.Pushes[i].To -= step })
				try(func(c *simHistory) { c.Pushes[i].From += step })
			}
		}
		for i, m := range h.Mishaps {
			if m.To-m.From > step {
				try(func(c *simHistory) { c.Mishaps[i].To -= step })
			}
		}
	}
	for i, p := range h.Pushes {
		if p.Jitter > 0 {
			try(func(c *simHistory) { c.Pushes[i].Jitter = 0 })
		}
		if p.Skew != 0 {
			try(func(c *simHistory) { c.Pushes[i].Skew = 0 })
		}
		if p.Delay != time.Second {
			try(func(c *simHistory) { c.Pushes[i].Delay = time.Second })
		}
	}
	for i, s := range h.Streams {
		if !s.Even {
			try(func(c *simHistory) { c.Streams[i].Even = true })
		}
	}
	if h.Coarse {
		try(func(c *simHistory) { c.Coarse = false })
	}
	return out
}

func simRenditions(h *simHistory) (out []string) {
	for _, p := range h.Pushes {
		for _, r := range p.Rends {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// simShow is a history with its listing, the truth and the decision side by
// side.
func simShow(k simKind, h *simHistory) string {
	var b strings.Builder
	v := simJudge(k, h)
	fmt.Fprintf(&b, "minimal history (kind %s, seed %d, gap %s, copied %v, coarse %v, source %q):\n", h.Kind, h.Seed, h.Gap, h.Copied, h.Coarse, h.Source)
	for i, s := range h.Streams {
		fmt.Fprintf(&b, "  stream %d at %s, clock %s, frame %s, pauses %v, slate %d\n", i, s.At, s.Clock, s.Frame, s.Pauses, s.Slate)
	}
	for _, p := range h.Pushes {
		fmt.Fprintf(&b, "  push %+v\n", p)
	}
	for _, m := range h.Mishaps {
		fmt.Fprintf(&b, "  mishap %+v\n", m)
	}
	for _, c := range v.complaints[:min(len(v.complaints), 6)] {
		fmt.Fprintf(&b, "  ! %s\n", c)
	}
	objs := h.list()
	p, err := simPlanOf(h, objs, simIdentity(len(objs)), false)
	if err != nil {
		return b.String() + err.Error()
	}
	b.WriteString("  upload      truth               media          read key = decision\n")
	said := simDecisions(objs, p)
	order := simIdentity(len(objs))
	slices.SortStableFunc(order, func(i, j int) int { return objs[i].Uploaded.Compare(objs[j].Uploaded) })
	shown := 0
	for n, i := range order {
		o := objs[i]
		if simDull(objs, said, order, n) || shown > 60 {
			if n > 0 && !simDull(objs, said, order, n-1) {
				b.WriteString("  …\n")
			}
			continue
		}
		shown++
		media := (o.stream.Clock + o.push.Shift + time.Duration(o.from)*o.stream.Frame) % simWrap
		fmt.Fprintf(&b, "  %s  stream %d %5d–%-5d %14s  %d   %s %s = %s\n", o.Uploaded.Format("15:04:05.0"), o.number, o.from, o.to,
			media, p.levels[i], o.Store, o.Key, said[i])
	}
	for i, s := range p.Sessions {
		fmt.Fprintf(&b, "  session %d: %s to %s, holes %+v\n", i, s.Start.Format("15:04:05.0"), s.End.Format("15:04:05.0"), s.Holes)
	}
	for _, u := range p.Uncertain {
		fmt.Fprintf(&b, "  uncertain %s: %s %v\n", u.What, u.Why, u.Segments)
	}
	fmt.Fprintf(&b, "  warnings %v\n", p.Warnings)
	return b.String()
}

// simDull: what stands around this row of the listing is like it.
func simDull(objs []*simObject, said []string, order []int, n int) bool {
	if n < 2 || n+2 >= len(order) {
		return false
	}
	o := objs[order[n]]
	for _, i := range order[n-2 : n+3] {
		c := objs[i]
		if c.Nonce != o.Nonce || c.number != o.number || c.to != c.from+o.to-o.from && o.stream.Even || c.lost != o.lost ||
			!strings.HasPrefix(said[i], "slot") || strings.Contains(said[i], "after") || c.Uploaded.Sub(o.Uploaded).Abs() > 30*time.Second ||
			strings.Contains(said[i], "uncertain") != strings.Contains(said[order[n]], "uncertain") {
			return false
		}
	}
	return true
}

func simDecisions(objs []*simObject, p *simPlan) []string {
	said := make([]string, len(objs))
	for n, s := range p.Sessions {
		for i, slot := range s.Slots {
			mark := ""
			if slot.Discontinuity {
				mark = " after a discontinuity"
			}
			for _, r := range s.Renditions {
				if k := r.Picks[i].Segment; k >= 0 {
					said[k] = fmt.Sprintf("slot %d.%d%s, seq %d, %s", n, i, mark, slot.Seq, r.Picks[i].Duration)
				}
			}
		}
	}
	for _, d := range p.Dropped {
		said[d.Segment] = fmt.Sprintf("%s (%s)", d.Reason, d.Why)
		if d.Winner >= 0 {
			said[d.Segment] += " against " + objs[d.Winner].Key
		}
		if d.Leftover {
			said[d.Segment] += ", leftover"
		}
	}
	for i, doubt := range p.doubted(len(objs)) {
		if doubt {
			said[i] += ", uncertain"
		}
	}
	return said
}
