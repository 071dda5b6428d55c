package finalize

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"recfin/finalize/timeline"
)

// FillColumns are segments of a rendition that were not chosen, because they
// overlap what was, and that have a part of a hole. A playlist takes whole segments
// and cannot use them; an MP4 takes that part. They stand among what was dropped
// too, and are never leftovers. An MP4 is complete without them, so they need not
// be there when it is made again.
type FillColumns struct {
	ObjectColumns
	PartColumns
	After       []int    `json:"after_slot"`   // the slot of the rendition behind which each belongs
	UncoveredNS []int64  `json:"uncovered_ns"` // what nothing chosen has of it
	Meets       []bool   `json:"meets"`        // it has the hole up to the next chosen segment
	Nonce       []string `json:"nonce"`
	Init        []int    `json:"init,omitempty"` // as in RenditionRecord
}

// Len is the number of fills; of none it is 0.
func (c *FillColumns) Len() int {
	if c == nil {
		return 0
	}
	return c.ObjectColumns.Len()
}

// piece gives fill i as what is read of it.
func (c *FillColumns) piece(i int) piece { return piece{c.Object(i), c.Part(i)} }

// after finds the fill behind a slot; -1: none.
func (c *FillColumns) after(slot int) int {
	if c.Len() == 0 {
		return -1
	}
	return slices.Index(c.After, slot)
}

// checkFills holds the fills of a rendition against its slots and init segments.
func (r *Record) checkFills(q *RenditionRecord) error {
	c := q.Fills
	if c == nil {
		return nil
	}
	n, slots := c.Len(), len(r.SlotsOf(q).Seq)
	if len(c.After) != n || len(c.UncoveredNS) != n || len(c.Meets) != n || len(c.Nonce) != n || len(c.Init) != 0 && len(c.Init) != n {
		return fmt.Errorf("%w: its fills have columns of different lengths", ErrRefused)
	}
	for _, k := range c.After {
		if k < 0 || k >= slots {
			return fmt.Errorf("%w: a fill is in slot %d of %d", ErrRefused, k, slots)
		}
	}
	for _, n := range c.Init {
		if n < 0 || n > r.Inits.Len() {
			return fmt.Errorf("%w: a fill needs init segment %d of %d", ErrRefused, n, r.Inits.Len())
		}
	}
	return errors.Join(c.ObjectColumns.check(), c.checkParts(&c.ObjectColumns))
}

// addFill writes down the use of a dropped segment of session s, if it has one.
func (d *decision) addFill(r *Record, s *timeline.Session, x timeline.Drop) {
	seg := &d.m.Segments[x.Segment]
	k := slices.IndexFunc(s.Renditions, func(q timeline.Rendition) bool { return q.Name == seg.Rendition })
	if x.Fill == nil || k < 0 {
		return
	}
	slot := slices.IndexFunc(s.Renditions[k].Picks, func(p timeline.Pick) bool { return p.Segment == x.Fill.After })
	if slot < 0 {
		return
	}
	q := &r.Renditions[k]
	if q.Fills == nil {
		q.Fills = &FillColumns{}
	}
	c := q.Fills
	n, init := c.Len(), 0
	if x := d.m.initOf(seg); x != nil && x.raw != nil {
		init = r.initRow(x.piece, x.sum) + 1
	}
	c.Init = addSparse(c.Init, n, init)
	c.addPart(n, seg.Range())
	c.add(seg.Object())
	c.After = append(c.After, slot)
	c.UncoveredNS = append(c.UncoveredNS, int64(x.Fill.Uncovered))
	c.Meets = append(c.Meets, x.Fill.Meets)
	c.Nonce = append(c.Nonce, seg.Nonce)
}

// fillWhy adds to why a segment was dropped what it is good for.
func fillWhy(why string, x *timeline.Fill) string {
	if x == nil {
		return why
	}
	return fmt.Sprintf("%s; an MP4 takes the %s of it that nothing chosen has", why, x.Uncovered.Round(time.Millisecond))
}

// bridged reports whether a fill leads from the segment before a slot to it, so that
// no part begins there in an MP4.
func (q *RenditionRecord) bridged(slot int) bool {
	n, _ := slices.BinarySearch(q.Slot, slot)
	if n == 0 || n == len(q.Slot) {
		return false
	}
	i := q.Fills.after(q.Slot[n-1])
	return i >= 0 && q.Fills.Meets[i]
}

// withoutLostFills is a rendition without the fills that are gone.
func (q RenditionRecord) withoutLostFills(there *presence) RenditionRecord {
	c := q.Fills
	if c.Len() == 0 {
		return q
	}
	q.Fills = nil
	for i := range c.Key {
		if !there.has(idOf(c.Object(i))) {
			continue
		}
		if q.Fills == nil {
			q.Fills = &FillColumns{}
		}
		to := q.Fills
		n := to.Len()
		if len(c.Init) > 0 {
			to.Init = addSparse(to.Init, n, c.Init[i])
		}
		to.addPart(n, c.Part(i))
		to.add(c.Object(i))
		to.After, to.UncoveredNS = append(to.After, c.After[i]), append(to.UncoveredNS, c.UncoveredNS[i])
		to.Meets, to.Nonce = append(to.Meets, c.Meets[i]), append(to.Nonce, c.Nonce[i])
	}
	return q
}

// init gives what describes fill i.
func (c *FillColumns) init(i int, inits [][]byte) []byte {
	if i >= len(c.Init) {
		return inits[0]
	}
	return inits[c.Init[i]]
}

// fills is how much an MP4 takes of a dropped segment.
func (r *Record) fills(id rowID) time.Duration {
	for i := range r.Renditions {
		c := r.Renditions[i].Fills
		for k := range c.Len() {
			if c.piece(k).id() == id {
				return time.Duration(c.UncoveredNS[k])
			}
		}
	}
	return 0
}

// fillOf finds a fill by its key.
func (r *Record) fillOf(key string) (rowID, bool) {
	for i := range r.Renditions {
		c := r.Renditions[i].Fills
		for k := range c.Len() {
			if c.Key[k] == key {
				return c.piece(k).id(), true
			}
		}
	}
	return rowID{}, false
}
