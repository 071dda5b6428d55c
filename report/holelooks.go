package report

import (
	"fmt"

	"recfin/finalize"
)

// mostLooks is how many holes are told one by one.
const mostLooks = 8

// holeLooks tell what is missing, in plain words: a recording may be finalized as well
// as can be, and still lack something that somebody should know of.
func holeLooks(records []*finalize.Record) []look {
	var out []look
	var more missing
	for _, r := range records {
		for _, h := range holesOf(r) {
			if len(out) == mostLooks {
				more.add(h.Row)
				continue
			}
			out = append(out, holeLook(r, h))
		}
	}
	if n := more.holes + more.gaps; n > 0 {
		out = append(out, look{Tone: "note", What: "missing", Text: fmt.Sprintf("and %s more, %s together: each session lists its own", count(n, "stretch"), spoken(more.ns+more.gapNS))})
	}
	return out
}

func holeLook(r *finalize.Record, h place) look {
	at := " at " + wallAt(r, h.Start).Text
	if h.Rendition >= 0 {
		return look{Tone: "note", What: "GAP", Text: fmt.Sprintf("%s lacks %s%s%s; other renditions have it", shown(r.Renditions[h.Rendition].Name), spoken(h.Duration), at, between(h.Row))}
	}
	return look{Tone: "note", What: "hole", Text: fmt.Sprintf("%s are missing%s%s in all renditions: %s", spoken(h.Duration), at, between(h.Row), absent(h.Row))}
}

func between(h *finalize.HoleRow) string {
	if h.BeforeSeq <= h.AfterSeq {
		return ""
	}
	return fmt.Sprintf(" between %d and %d", h.AfterSeq, h.BeforeSeq)
}

// absent says which numbers nobody has.
func absent(h *finalize.HoleRow) string {
	switch n := h.BeforeSeq - h.AfterSeq - 1; {
	case n == 1:
		return fmt.Sprintf("there is no usable segment %d", h.AfterSeq+1)
	case n > 1:
		return fmt.Sprintf("there are no usable segments %d to %d", h.AfterSeq+1, h.BeforeSeq-1)
	}
	return "no usable segment lies there"
}
