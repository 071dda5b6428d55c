package timeline_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"recfin/finalize/timeline"
)

// The first judge: what holds of every plan of every history, whatever the
// evidence. Each complaint begins with the word of its law.

func simLaws(h *simHistory, objs []*simObject, p *simPlan) []string {
	if out := simShape(objs, p); len(out) > 0 {
		return out
	}
	var out []string
	held := simHeld(objs, p.chosen(len(objs)))
	doubted := p.doubted(len(objs))
	for _, d := range p.Dropped {
		o := objs[d.Segment]
		whole := held.holds(o, 0)
		switch {
		case d.Leftover && doubted[d.Segment]:
			out = append(out, fmt.Sprintf("leftover-doubted: %s", o.Key))
		case d.Leftover && o.bad:
			out = append(out, fmt.Sprintf("leftover-bad: %s (%s)", o.Key, d.Reason))
		case d.Leftover && !whole:
			out = append(out, fmt.Sprintf("leftover-unheld: %s has pictures that no chosen segment has", o.Key))
		case !whole && !o.bad && !doubted[d.Segment]:
			out = append(out, fmt.Sprintf("lost: %s (%s) has pictures that no chosen segment has, and nothing says so", o.Key, d.Reason))
		}
		if o.bad != simHopeless(d.Reason) {
			out = append(out, fmt.Sprintf("reason: %s is %s", o.Key, d.Reason))
		}
	}
	return out
}

func simHopeless(r timeline.Reason) bool {
	return slices.Contains([]timeline.Reason{timeline.Empty, timeline.GoneSeg, timeline.UnreadableSeg, timeline.Tombstone,
		timeline.Temporary, timeline.UndecodableSeg, timeline.ExcludedSeg}, r)
}

// simShape: chosen + dropped = listed, each once, and every table has its
// length.
func simShape(objs []*simObject, p *simPlan) []string {
	seen := make([]int, len(objs))
	count := func(i int) bool {
		if i < 0 || i >= len(seen) {
			return false
		}
		seen[i]++
		return true
	}
	for n, s := range p.Sessions {
		filled := make([]bool, len(s.Slots))
		for _, r := range s.Renditions {
			if len(r.Picks) != len(s.Slots) {
				return []string{fmt.Sprintf("shape: %d picks of %s for %d slots", len(r.Picks), r.Name, len(s.Slots))}
			}
			for i, pick := range r.Picks {
				if pick.Segment == -1 {
					continue
				}
				filled[i] = true
				if !count(pick.Segment) || objs[pick.Segment].Rendition != r.Name || objs[pick.Segment].bad {
					return []string{fmt.Sprintf("shape: pick %d of session %d: %d", i, n, pick.Segment)}
				}
			}
		}
		if slices.Contains(filled, false) || len(s.Slots) == 0 || s.Slots[0].Join || s.Slots[0].Discontinuity {
			return []string{fmt.Sprintf("shape: session %d: empty slot, or a join before the first", n)}
		}
		if n > 0 && s.Start.Before(p.Sessions[n-1].Start) {
			return []string{fmt.Sprintf("shape: session %d begins before the one before", n)}
		}
	}
	for _, d := range p.Dropped {
		if !count(d.Segment) {
			return []string{fmt.Sprintf("shape: drops %d", d.Segment)}
		}
		if d.Winner >= 0 && (d.Winner == d.Segment || objs[d.Winner].Rendition != objs[d.Segment].Rendition) {
			return []string{fmt.Sprintf("shape: %s lost against %d", objs[d.Segment].Key, d.Winner)}
		}
	}
	if bad := simFills(p, objs); bad != "" {
		return []string{bad}
	}
	for i, n := range seen {
		if n != 1 {
			return []string{fmt.Sprintf("shape: %s %s is in the plan %d times", objs[i].Store, objs[i].Key, n)}
		}
	}
	return nil
}

// simSpans holds, by rendition and stream, which pictures there are.
type simSpans map[string][][2]int

func simSpanKey(o *simObject) string { return fmt.Sprintf("%s/%d", o.Rendition, o.number) }

func simHeld(objs []*simObject, which []bool) simSpans {
	out := simSpans{}
	for i, o := range objs {
		if which[i] {
			k := simSpanKey(o)
			out[k] = append(out[k], [2]int{o.from, o.to})
		}
	}
	for k, spans := range out {
		out[k] = simUnion(spans)
	}
	return out
}

func simUnion(spans [][2]int) [][2]int {
	slices.SortFunc(spans, func(a, b [2]int) int { return a[0] - b[0] })
	var out [][2]int
	for _, s := range spans {
		if n := len(out); n > 0 && s[0] <= out[n-1][1] {
			out[n-1][1] = max(out[n-1][1], s[1])
			continue
		}
		out = append(out, s)
	}
	return out
}

// holds reports whether all pictures of o are there, but for slack at each of
// its ends.
func (s simSpans) holds(o *simObject, slack time.Duration) bool {
	n := int(slack / o.stream.Frame)
	for _, span := range s[simSpanKey(o)] {
		if span[0] <= o.from+n && o.to-n <= span[1] {
			return true
		}
	}
	return false
}

// pictures counts them by rendition.
func (s simSpans) pictures() map[string]int {
	out := map[string]int{}
	for k, spans := range s {
		rend, _, _ := strings.Cut(k, "/")
		for _, span := range spans {
			out[rend] += span[1] - span[0]
		}
	}
	return out
}

// within reports whether t holds every picture that s holds.
func (s simSpans) within(t simSpans) bool {
	for k, spans := range s {
		for _, a := range spans {
			if !slices.ContainsFunc(t[k], func(b [2]int) bool { return b[0] <= a[0] && a[1] <= b[1] }) {
				return false
			}
		}
	}
	return true
}

// simFills: what fills a hole overlaps what is chosen, is no leftover, and stands
// alone behind a chosen segment of its rendition and session.
func simFills(p *simPlan, objs []*simObject) string {
	home := map[int]int{}
	for k, s := range p.Sessions {
		for _, r := range s.Renditions {
			for _, pick := range r.Picks {
				home[pick.Segment] = k + 1
			}
		}
	}
	taken := map[int]bool{}
	for _, d := range p.Dropped {
		x := d.Fill
		if x == nil {
			continue
		}
		if taken[x.After] || home[x.After] != d.Session+1 || d.Leftover || d.Reason != timeline.Overlap || x.Uncovered <= 50*time.Millisecond || objs[x.After].Rendition != objs[d.Segment].Rendition {
			return fmt.Sprintf("shape: %s fills %+v", objs[d.Segment].Key, *x)
		}
		taken[x.After] = true
	}
	return ""
}
