package report

import (
	"slices"

	"recfin/finalize"
)

// place is a hole on the axis of its session, in ns of wall time since its start.
type place struct {
	Rendition       int // in the record; -1: none has it
	Start, Duration int64
	Row             *finalize.HoleRow
}

// holesOf places the holes of a session. One that is in all renditions lies between
// the slots of the session, one of a rendition in its own.
func holesOf(r *finalize.Record) []place {
	var out []place
	for i := range r.Holes {
		h := &r.Holes[i]
		slots, q := &r.Slots, -1
		if h.Rendition != "" {
			if q = slices.IndexFunc(r.Renditions, func(x finalize.RenditionRecord) bool { return x.Name == h.Rendition }); q < 0 {
				continue
			}
			slots = r.SlotsOf(&r.Renditions[q])
		}
		start := int64(0)
		switch k := h.AfterSlot; {
		case k >= len(slots.StartNS):
			continue
		case k >= 0:
			start = slots.StartNS[k] + slots.DurationNS[k]
		case h.Rendition == "":
			start = -h.DurationNS // before the first slot
		}
		out = append(out, place{Rendition: q, Start: start, Duration: h.DurationNS, Row: h})
	}
	return out
}

// playedUntil is how much of a session is played before a hole, holes closed.
func playedUntil(r *finalize.Record, h *place) int64 {
	slots := &r.Slots
	if h.Rendition >= 0 {
		slots = r.SlotsOf(&r.Renditions[h.Rendition])
	}
	ns := int64(0)
	for k := range max(h.Row.AfterSlot+1, 0) {
		ns += slots.DurationNS[k]
	}
	return ns
}

// lacking are the renditions of which everything in a session was dropped, sorted.
func lacking(r *finalize.Record, by map[[2]string][]*finalize.DroppedAt) []string {
	var out []string
	for k := range by {
		if k[0] == r.Session && !slices.ContainsFunc(r.Renditions, func(q finalize.RenditionRecord) bool { return q.Name == k[1] }) {
			out = append(out, k[1])
		}
	}
	slices.Sort(out)
	return out
}
