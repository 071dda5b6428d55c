package report

import (
	"slices"

	"recfin/finalize"
)

// markOf is how segments that were dropped for a reason are drawn. Each mark has a
// colour, a pattern and a sign of its own, so that it can be told without colours.
func markOf(r finalize.Reason) string {
	switch r {
	case "identical", "duplicate":
		return "copy"
	case "truncated":
		return "short"
	case "partial", "overlap":
		return "lap"
	case "late":
		return "late"
	case "temporary", "tombstone", "excluded":
		return "out"
	}
	return "bad" // empty, unreadable, undecodable, gone, changed
}

// legendRow explains one mark of the timeline.
type legendRow struct{ Mark, Name string }

// legend explains the marks that a page needs.
func legend(records []*finalize.Record, dropped []finalize.DroppedAt) []legendRow {
	out := []legendRow{{"chosen", "in the recording, by writer"}}
	var hole, gap, cut, join bool
	for _, r := range records {
		for i := range r.Renditions {
			q := &r.Renditions[i]
			slots := r.SlotsOf(q)
			gap = gap || q.Len() < len(slots.Seq)
			joins := set(slots.Join)
			join = join || len(joins) > 0
			for _, k := range slots.Discontinuity {
				cut = cut || !joins[k]
			}
		}
		hole = hole || slices.ContainsFunc(r.Holes, func(h finalize.HoleRow) bool { return h.Rendition == "" })
	}
	for _, row := range []struct {
		want bool
		legendRow
	}{
		{join, legendRow{"join", "discontinuity: media does not continue"}},
		{cut, legendRow{"cut", "discontinuity: parameters change"}},
		{hole, legendRow{"hole", "hole: no rendition has it"}},
		{gap, legendRow{"gap", "GAP: this rendition lacks it"}},
	} {
		if row.want {
			out = append(out, row.legendRow)
		}
	}
	words := map[string]string{
		"copy": "a copy (identical, duplicate)", "short": "cut off (truncated)", "lap": "partial or overlapping",
		"late": "came too late", "out": "left out (temporary, tombstone, excluded)", "bad": "unusable (empty, unreadable, gone …)",
	}
	seen := map[string]bool{}
	for i := range dropped {
		seen[markOf(dropped[i].Reason)] = true
	}
	for _, mark := range []string{"copy", "short", "lap", "late", "out", "bad"} {
		if seen[mark] {
			out = append(out, legendRow{mark, words[mark]})
		}
	}
	return out
}
