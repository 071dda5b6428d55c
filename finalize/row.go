package finalize

import (
	"fmt"

	"recfin/finalize/timeline"
	"recfin/store"
)

// objectID is a version of an object, as the marker knows it.
type objectID struct {
	store, key, etag string
	size             int64
}

func idOf(o store.Object) objectID { return objectID{o.Store, o.Key, o.ETag, o.Size} }

// rowID is a segment: a version of an object, or a part of one where a playlist
// says so (EXT-X-BYTERANGE). What is condemned, protected or there is an object;
// what is chosen, dropped or measured is a segment.
type rowID struct {
	objectID
	part timeline.Range
}

// piece is an object in a store, or a part of one.
type piece struct {
	store.Object
	part timeline.Range
}

func (x piece) id() rowID { return rowID{idOf(x.Object), x.part} }

// bytes is the size of the piece itself.
func (x piece) bytes() int64 { return partSize(x.Object, x.part) }

func partSize(o store.Object, part timeline.Range) int64 {
	if part.Length > 0 {
		return part.Length
	}
	return o.Size
}

// PartColumns say which part of its object each row is. Both are empty where
// every row is a whole object, and a length of 0 is a whole object.
type PartColumns struct {
	Offset []int64 `json:"range_offset,omitempty"` // bytes
	Length []int64 `json:"range_length,omitempty"` // bytes
}

// addPart adds the part of a row; rows is how many there were before.
func (c *PartColumns) addPart(rows int, part timeline.Range) {
	if c.Length == nil && part.Length != 0 {
		c.Offset, c.Length = make([]int64, rows), make([]int64, rows)
	}
	if c.Length != nil {
		c.Offset, c.Length = append(c.Offset, part.Offset), append(c.Length, part.Length)
	}
}

// Part gives the part of row i; zero: the whole object.
func (c *PartColumns) Part(i int) timeline.Range {
	if c.Offset == nil {
		return timeline.Range{}
	}
	return timeline.Range{Offset: c.Offset[i], Length: c.Length[i]}
}

func (c *PartColumns) checkParts(objects *ObjectColumns) error {
	if len(c.Offset) == 0 && len(c.Length) == 0 {
		c.Offset, c.Length = nil, nil
		return nil
	}
	if n := objects.Len(); len(c.Offset) != n || len(c.Length) != n || len(objects.Size) != n {
		return fmt.Errorf("%w: its parts and its objects differ in number", ErrRefused)
	}
	for i, off := range c.Offset {
		if n := c.Length[i]; off < 0 || n < 0 || off > objects.Size[i] || n > objects.Size[i]-off {
			return fmt.Errorf("%w: row %d is %d bytes at %d of an object of %d", ErrRefused, i, n, off, objects.Size[i])
		}
	}
	return nil
}

// row tells the segment of row i from all others.
func (q *RenditionRecord) row(i int) rowID { return rowID{idOf(q.Object(i)), q.Part(i)} }

// piece gives row i as what is read of it.
func (q *RenditionRecord) piece(i int) piece { return piece{q.Object(i), q.Part(i)} }

// rowBytes is the size of the segment of row i.
func (q *RenditionRecord) rowBytes(i int) int64 {
	if n := q.Part(i).Length; n > 0 {
		return n
	}
	return q.Size[i]
}

// row tells the segment of row i from all others.
func (d *DroppedColumns) row(i int) rowID { return rowID{idOf(d.Object(i)), d.Part(i)} }

// id tells the segment from all others.
func (d *Dropped) id() rowID { return rowID{idOf(d.Object), d.Part} }
