package finalize

import (
	"time"

	"recfin/finalize/remux"
	"recfin/finalize/timeline"
)

// tolerance is how far two measurements of one duration may differ.
const tolerance = 50 * time.Millisecond

// measured takes what joining found into the record: durations as they were
// read, and joins that no head had shown.
//
// Inside a part the distance of two starts is exact; which segment a picture belongs
// to that was handed out late is not. So there a duration that is far from what was
// seen of it is not taken, and nowhere one that is longer than the segment has by
// itself. (Where a part ends the plan may have assumed more than there is.)
func (r *Record) measured(q *RenditionRecord, segments []remux.Measured) {
	q.sighted(segments)
	var at int64
	for i, m := range segments {
		q.StartNS[i] = at
		inside := i+1 < len(segments) && !segments[i+1].Join && !r.joinBefore(q, i+1)
		alone := q.Source[i] == timeline.FromProbe
		started := q.Source[i] == timeline.FromNeighbour || alone
		more := m.Duration - time.Duration(q.DurationNS[i])
		near := more.Abs() <= tolerance
		if m.Duration > 0 && (near || !inside && !(alone && more > 0) || !started) {
			q.DurationNS[i] = int64(m.Duration)
			q.Source[i] = timeline.FromProbe
		}
		at += q.DurationNS[i]
		if k := q.Slot[i]; m.Join && k > 0 {
			r.joinAt(q, k)
		}
	}
}

// align gives every slot the measured duration of the first rendition that has
// it, so that a GAP elsewhere lasts as long.
func (r *Record) align() {
	set := make(map[*SlotColumns][]bool)
	for i := range r.Renditions {
		q := &r.Renditions[i]
		slots := r.SlotsOf(q)
		if set[slots] == nil {
			set[slots] = make([]bool, len(slots.Seq))
		}
		for n, k := range q.Slot {
			if !set[slots][k] {
				set[slots][k] = true
				slots.DurationNS[k] = q.DurationNS[n]
			}
		}
	}
}
