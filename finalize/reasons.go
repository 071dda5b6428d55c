package finalize

import "recfin/finalize/timeline"

// Reasons are all that a segment can be dropped for, in the order of the package
// timeline.
func Reasons() []Reason {
	return []Reason{
		timeline.Identical, timeline.Duplicate, timeline.Truncated, timeline.Partial, timeline.Overlap, timeline.Empty, timeline.UnreadableSeg,
		timeline.GoneSeg, timeline.Changed, timeline.Late, timeline.Temporary, timeline.Tombstone, timeline.ExcludedSeg, timeline.UndecodableSeg,
	}
}
