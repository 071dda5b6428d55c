package timeline_test

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"recfin/finalize/timeline"
)

// The second judge: what holds where the evidence suffices. The plan is then
// what was broadcast, in its order, with what is missing said.

// simStep is one slot of a plan as the pictures tell it.
type simStep struct {
	session, slot int
	objs          []*simObject // by rendition; nil: a GAP
	any           *simObject   // the one that holds most
}

func simSteps(objs []*simObject, p *simPlan) (out []simStep, names []string) {
	at := map[string]int{}
	for _, s := range p.Sessions {
		for _, r := range s.Renditions {
			if _, ok := at[r.Name]; !ok {
				at[r.Name] = len(names)
				names = append(names, r.Name)
			}
		}
	}
	for n, s := range p.Sessions {
		for i := range s.Slots {
			step := simStep{session: n, slot: i, objs: make([]*simObject, len(names))}
			for _, r := range s.Renditions {
				if k := r.Picks[i].Segment; k >= 0 {
					o := objs[k]
					step.objs[at[r.Name]] = o
					if step.any == nil || o.to-o.from > step.any.to-step.any.from {
						step.any = o
					}
				}
			}
			out = append(out, step)
		}
	}
	return out, names
}

func simExact(h *simHistory, objs []*simObject, p *simPlan) []string {
	var out []string
	all := make([]bool, len(objs))
	for i, o := range objs {
		all[i] = !o.bad
	}
	if want, got := simHeld(objs, all), simHeld(objs, p.chosen(len(objs))); !want.within(got) {
		out = append(out, "missing: pictures that exist are not in the recording")
	}
	// Without uploads that can be believed, or start times, wall times are made up.
	walls := !h.Copied && (simLive(h, objs) || !slices.ContainsFunc(h.Pushes, func(p simPush) bool { return !p.Dated }))
	out = append(out, simGaps(p)...)
	for _, s := range p.Sessions {
		if err := simClock(s); err != nil && walls {
			out = append(out, err.Error())
		}
	}
	steps, names := simSteps(objs, p)
	for r, name := range names {
		out = append(out, simOrder(steps, r, name, true)...)
	}
	for i := range steps {
		out = append(out, h.step(steps, i, p, walls)...)
	}
	return out
}

// simOrder: the pictures of a rendition in true order, none twice; aligned: what
// the renditions show in a slot is the same.
func simOrder(steps []simStep, r int, name string, aligned bool) []string {
	var last *simObject
	for _, s := range steps {
		o := s.objs[r]
		if o == nil {
			continue
		}
		if aligned && (o.number != s.any.number || o.from != s.any.from) {
			return []string{fmt.Sprintf("slots: %s shows something else than %s", o.Key, s.any.Key)}
		}
		if last != nil {
			if c := cmp.Or(cmp.Compare(last.stream.At, o.stream.At), cmp.Compare(last.from, o.from)); c > 0 {
				return []string{fmt.Sprintf("order: %s: %s before %s", name, last.Key, o.Key)}
			}
			if last.number == o.number && o.from < last.to {
				return []string{fmt.Sprintf("twice: %s: %s shows again what %s showed", name, o.Key, last.Key)}
			}
		}
		last = o
	}
	return nil
}

// step judges the seam before step i, and its times.
func (h *simHistory) step(steps []simStep, i int, p *simPlan, walls bool) (out []string) {
	b := steps[i]
	session := p.Sessions[b.session]
	slot := session.Slots[b.slot]
	// What was cut off and only whose head was read cannot be known; where a
	// playlist gives the length, its size tells.
	unseen := func(o *simObject) bool {
		return o != nil && o.lost > 0 && !o.push.Sidecar && p.levels[o.index] < timeline.ReadWhole
	}
	complain := func(word, format string, args ...any) {
		out = append(out, fmt.Sprintf("%s: slot %d (%s): %s", word, i, b.any.Key, fmt.Sprintf(format, args...)))
	}
	if walls {
		wall := simDay.Add(b.any.stream.begin(b.any.from))
		if off := slot.Wall.Sub(wall).Abs(); off > h.slack() {
			complain("wall", "%s instead of %s", slot.Wall.Format("15:04:05.0"), wall.Format("15:04:05.0"))
		}
	}
	for _, r := range session.Renditions {
		if pick := r.Picks[b.slot]; pick.Segment >= 0 {
			o := b.any
			for _, c := range b.objs {
				if c != nil && c.Rendition == r.Name {
					o = c
				}
			}
			if unseen(o) {
				continue
			}
			if off := (pick.Duration - time.Duration(o.to-o.from)*o.stream.Frame).Abs(); off > 50*time.Millisecond+o.lie {
				complain("duration", "%s lasts %s", r.Name, pick.Duration)
			}
		}
	}
	if i == 0 {
		return out
	}
	a := steps[i-1]
	gap := b.any.stream.begin(b.any.from) - a.any.stream.end(a.any.to)
	switch cut := a.session != b.session; {
	case h.Midnight:
		out = append(out, simMidnight(a, b, steps, p)...)
	case (gap-h.Gap).Abs() > h.slack() && (gap > h.Gap) != cut:
		complain("session", "cut %v at a gap of %s", cut, gap)
	}
	if a.session != b.session {
		return out
	}
	if must, may := simJoin(steps, i, p); !slices.ContainsFunc(a.objs, unseen) && must && !slot.Discontinuity || slot.Discontinuity && !may {
		complain("join", "discontinuity %v, truth %v", slot.Discontinuity, must)
	}
	return append(out, h.hole(a, b, p)...)
}

// simJoin: in some rendition the pictures or the media clock do not go on from
// what it showed last, or the parameters change. It may be marked where no
// rendition shows both sides, and where one comes back from a GAP in which there
// was another join, or before which its pictures were cut off: holes are closed,
// so its media time leaps there.
func simJoin(steps []simStep, i int, p *simPlan) (must, may bool) {
	shown := false
	for r, y := range steps[i].objs {
		if y == nil {
			continue
		}
		joined := false
		for j := i - 1; j >= 0 && steps[j].session == steps[i].session; j-- {
			if x := steps[j].objs[r]; x != nil {
				if shown = shown || j == i-1; joined || j < i-1 && x.lost > 0 {
					may = true
				} else if j == i-1 && !simGoesOn(x, y) || !simOneClock(x, y) {
					must = true
				}
				break
			}
			joined = joined || p.Sessions[steps[j].session].Slots[steps[j].slot].Discontinuity
		}
	}
	return must, must || may || !shown
}

func simOneClock(x, y *simObject) bool {
	return x.number == y.number && x.push.Shift == y.push.Shift && x.push.Params == y.push.Params
}

func simGoesOn(x, y *simObject) bool {
	return x.to == y.from && simOneClock(x, y)
}

// hole: pictures of a stream that nobody has are a hole, and nothing else is.
func (h *simHistory) hole(a, b simStep, p *simPlan) []string {
	if a.any.number != b.any.number {
		return nil // how long an encoder was away is between two clocks
	}
	missing := time.Duration(b.any.from-a.any.to) * a.any.stream.Frame
	longest := simLongest(a.any)
	var said time.Duration
	found := false
	for _, hole := range p.Sessions[b.session].Holes {
		if hole.Rendition == "" && hole.AfterSlot == a.slot {
			said, found = hole.Duration, true
		}
	}
	switch {
	case found && missing == 0 && said <= longest && slices.ContainsFunc(a.objs, func(o *simObject) bool { return o != nil && o.lost > 0 }):
		return nil // what one rendition lost when its segment was cut off
	case found && missing == 0:
		return []string{fmt.Sprintf("hole: %s after %s, where nothing is missing", said, a.any.Key)}
	case !found && missing >= longest/3 && a.any.lost == 0, !found && missing > longest:
		return []string{fmt.Sprintf("hole: %s after %s is not reported", missing, a.any.Key)}
	case found && (said-missing).Abs() > longest:
		return []string{fmt.Sprintf("hole: %s after %s, in truth %s", said, a.any.Key, missing)}
	}
	return nil
}

// simLongest is the longest segment that o's writer could make.
func simLongest(o *simObject) time.Duration {
	return time.Duration(62*o.push.Each) * o.stream.Frame
}

// slack is how far wall times can be off that come from uploads.
func (h *simHistory) slack() time.Duration {
	var delay, early, late time.Duration
	for _, p := range h.Pushes {
		delay = max(delay, p.Delay+p.Jitter)
		early, late = min(early, p.Skew), max(late, p.Skew)
	}
	for _, s := range h.Streams {
		for _, p := range s.Pauses {
			if p.Length <= h.Gap {
				delay += p.Length // too short to be told from late uploads
			}
		}
	}
	for _, m := range h.Mishaps {
		if m.What == "lie" {
			delay += m.By.Abs()
		}
	}
	return delay + late - early + 3*time.Second
}
