package finalize

import (
	"fmt"
	"slices"
	"time"

	"recfin/finalize/timeline"
)

// SlotColumns has one entry a slot in Seq, StartNS and DurationNS, and the
// indices of the slots with a mark in the others.
type SlotColumns struct {
	Seq           []int64 `json:"seq"`
	StartNS       []int64 `json:"start_ns"` // wall time since the session's start
	DurationNS    []int64 `json:"duration_ns"`
	Discontinuity []int   `json:"discontinuity,omitempty"`
	Join          []int   `json:"join,omitempty"`
	GapNS         []int64 `json:"gap_ns,omitempty"` // wall time lost before each slot of GapAt
	GapAt         []int   `json:"gap_at,omitempty"`
}

// SlotsOf are the slots of a rendition: its own, or those of the session.
func (r *Record) SlotsOf(q *RenditionRecord) *SlotColumns {
	if q.Slots != nil {
		return q.Slots
	}
	return &r.Slots
}

// slotColumns writes slots down, for a session that begins at start.
func slotColumns(slots []timeline.Slot, start time.Time) SlotColumns {
	var c SlotColumns
	c.Seq, c.StartNS, c.DurationNS = slices.Grow(c.Seq, len(slots)), slices.Grow(c.StartNS, len(slots)), slices.Grow(c.DurationNS, len(slots))
	for k, slot := range slots {
		c.Seq = append(c.Seq, slot.Seq)
		c.StartNS = append(c.StartNS, int64(slot.Wall.Sub(start)))
		c.DurationNS = append(c.DurationNS, int64(slot.Duration))
		if slot.Discontinuity {
			c.Discontinuity = append(c.Discontinuity, k)
		}
		if slot.Join {
			c.Join = append(c.Join, k)
		}
		if slot.Gap > 0 {
			c.GapAt = append(c.GapAt, k)
			c.GapNS = append(c.GapNS, int64(slot.Gap))
		}
	}
	return c
}

// slots reads what slotColumns wrote.
func (c *SlotColumns) slots(start time.Time) []timeline.Slot {
	out := make([]timeline.Slot, len(c.Seq))
	for k := range out {
		out[k] = timeline.Slot{
			Seq: c.Seq[k], Wall: start.Add(time.Duration(c.StartNS[k])), Duration: time.Duration(c.DurationNS[k]),
			Discontinuity: has(c.Discontinuity, k), Join: has(c.Join, k),
		}
	}
	for n, k := range c.GapAt {
		if k >= 0 && k < len(out) {
			out[k].Gap = time.Duration(c.GapNS[n])
		}
	}
	return out
}

// clone copies the columns that publishing changes.
func (c SlotColumns) clone() SlotColumns {
	c.DurationNS, c.Discontinuity, c.Join = slices.Clone(c.DurationNS), slices.Clone(c.Discontinuity), slices.Clone(c.Join)
	return c
}

func (c *SlotColumns) check() error {
	n := len(c.Seq)
	if len(c.StartNS) != n || len(c.DurationNS) != n || len(c.GapAt) != len(c.GapNS) {
		return fmt.Errorf("%w: its slots have different lengths", ErrRefused)
	}
	for _, marks := range [][]int{c.Discontinuity, c.Join, c.GapAt} {
		for _, k := range marks {
			if k < 0 || k >= n {
				return fmt.Errorf("%w: a mark stands before slot %d of %d", ErrRefused, k, n)
			}
		}
	}
	return nil
}

// joinAt puts a join that only reading showed before slot k of a rendition, and
// a discontinuity at the nearest boundary of those that have other slots, so that
// all count as many.
func (r *Record) joinAt(q *RenditionRecord, k int) {
	mine := r.SlotsOf(q)
	mine.Join = insert(mine.Join, k)
	if has(mine.Discontinuity, k) {
		return
	}
	mine.Discontinuity = insert(mine.Discontinuity, k)
	marked := map[*SlotColumns]bool{mine: true}
	for i := range r.Renditions {
		if c := r.SlotsOf(&r.Renditions[i]); !marked[c] {
			marked[c] = true
			if at := c.nearest(mine.StartNS[k]); at > 0 {
				c.Discontinuity = insert(c.Discontinuity, at)
			}
		}
	}
}

// nearest is the slot whose beginning is nearest to a time among those, but the
// first, that no discontinuity stands before; 0: none.
func (c *SlotColumns) nearest(ns int64) int {
	best := 0
	for k := 1; k < len(c.StartNS); k++ {
		if !has(c.Discontinuity, k) && (best == 0 || away(c.StartNS[k], ns) < away(c.StartNS[best], ns)) {
			best = k
		}
	}
	return best
}

func away(a, b int64) int64 { return max(a-b, b-a) }

// missing is how long nothing is there between two slots: as long as the slots
// between them, and the wall time lost before those and the later one. What lies
// in one part goes by its media alone.
func (c *SlotColumns) missing(before, after int, onePart bool) time.Duration {
	var ns int64
	for _, d := range c.DurationNS[before+1 : after] {
		ns += d
	}
	n, _ := slices.BinarySearch(c.GapAt, before+1)
	for ; !onePart && n < len(c.GapAt) && c.GapAt[n] <= after; n++ {
		ns += c.GapNS[n]
	}
	return time.Duration(ns)
}
