package timeline_test

import (
	"fmt"
	"time"

	"recfin/finalize/timeline"
)

// simGaps: each run of GAPs of a rendition is a hole of it, as long as the slots
// that it lacks, and nothing else is one.
func simGaps(p *simPlan) []string {
	for n, s := range p.Sessions {
		for _, r := range s.Renditions {
			said := map[int]time.Duration{}
			for _, hole := range s.Holes {
				if hole.Rendition == r.Name {
					said[hole.AfterSlot] = hole.Duration
				}
			}
			for i := 0; i < len(r.Picks); i++ {
				after, lacks, longest := i-1, time.Duration(0), time.Duration(0)
				for ; i < len(r.Picks) && r.Picks[i].Segment == -1; i++ {
					lacks += s.Slots[i].Duration
					longest = max(longest, s.Slots[i].Duration)
				}
				if lacks == 0 {
					continue
				}
				got, ok := said[after]
				if !ok || (got-lacks).Abs() > longest {
					return []string{fmt.Sprintf("gap: session %d: %s lacks %s after slot %d; reported: %v %s", n, r.Name, lacks, after, ok, got)}
				}
				delete(said, after)
			}
			if len(said) > 0 {
				return []string{fmt.Sprintf("gap: session %d: holes of %s where nothing is missing: %v", n, r.Name, said)}
			}
		}
	}
	return nil
}

// simClock: starts of picks go on from one slot to the next, and a slot lasts as
// long as the rendition that leads.
func simClock(s timeline.Session) error {
	for _, r := range s.Renditions {
		for i := 1; i < len(r.Picks); i++ {
			if r.Picks[i].Start < r.Picks[i-1].Start {
				return fmt.Errorf("clock: %s: slot %d starts before the one before", r.Name, i)
			}
		}
	}
	for i, slot := range s.Slots {
		if slot.Duration < 0 || i > 0 && slot.Wall.Before(s.Slots[i-1].Wall) {
			return fmt.Errorf("clock: slot %d lasts %s and starts at %s", i, slot.Duration, slot.Wall.Format("15:04:05.0"))
		}
	}
	return nil
}
