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
// seen of it is not taken, and where the part ends the rest of it is what the last
// segment has, where that is nearer to what was planned. (Where a part ends the plan
// may have assumed more than there is.)
func (r *Record) measured(q *RenditionRecord, segments []remux.Measured) {
	q.sighted(segments)
	var at int64
	var rest time.Duration // of the part as it was measured, less what its rows were given
	for i, m := range segments {
		q.StartNS[i] = at
		planned := time.Duration(q.DurationNS[i])
		inside := i+1 < len(segments) && !segments[i+1].Join && !r.joinBefore(q, i+1)
		started := q.Source[i] == timeline.FromNeighbour || q.Source[i] == timeline.FromProbe
		rest += m.Duration
		lasts := m.Duration
		if !inside && rest > 0 && (rest-planned).Abs() < (lasts-planned).Abs() {
			lasts = rest
		}
		near := (lasts - planned).Abs() <= tolerance
		if lasts > 0 && (near || !inside || !started) {
			q.DurationNS[i] = int64(lasts)
			q.Source[i] = timeline.FromProbe
		}
		at += q.DurationNS[i]
		if rest -= time.Duration(q.DurationNS[i]); !inside {
			rest = 0
		}
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
