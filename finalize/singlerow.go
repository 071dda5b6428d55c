package finalize

import (
	"fmt"

	"recfin/finalize/playlist"
)

// SingleColumns say where the segments of a rendition are in its one media object.
//
// Of row i the bytes from Front on, as many as Length, are at Offset. What the row
// has besides is its own header, which is among the init segments, or was cut off:
// that is counted by Cut.
type SingleColumns struct {
	Offset []int64 `json:"offset"` // bytes, by row
	Length []int64 `json:"length"` // bytes, by row
	// Front is how many bytes of the segment stand before those at Offset: its own
	// header, or what was cut off there. Absent: none in any row.
	Front []int64 `json:"front_bytes,omitempty"`
	// Cut is how many bytes of the segment are nowhere in the object. Absent: it has
	// every row byte for byte.
	Cut []int64 `json:"cut_bytes,omitempty"`
	// InitOffset and InitLength are the places of the distinct init segments; InitOf is
	// the number of the one that each row needs, from 1. All are empty where there are
	// none.
	InitOffset []int64 `json:"init_offset,omitempty"`
	InitLength []int64 `json:"init_length,omitempty"`
	InitOf     []int   `json:"init_of,omitempty"`
}

// add takes the next row.
func (c *SingleColumns) add(offset, length, front, cut int64, init int) {
	rows := len(c.Offset)
	c.Offset, c.Length = append(c.Offset, offset), append(c.Length, length)
	c.Front, c.Cut = addSparse(c.Front, rows, front), addSparse(c.Cut, rows, cut)
	c.InitOf = addSparse(c.InitOf, rows, init)
}

// front is how many bytes of row i stand before those at its Offset.
func (c *SingleColumns) front(i int) int64 {
	if i >= len(c.Front) {
		return 0
	}
	return c.Front[i]
}

// holds reports whether the object has every byte of row i.
func (c *SingleColumns) holds(i int) bool {
	return c != nil && i < len(c.Offset) && (i >= len(c.Cut) || c.Cut[i] == 0)
}

// segment is the place of row i.
func (c *SingleColumns) segment(i int) playlist.ByteRange {
	return playlist.ByteRange{Offset: c.Offset[i], Length: c.Length[i]}
}

// init is the place of the init segment of row i; false: it needs none.
func (c *SingleColumns) init(i int) (playlist.ByteRange, bool) {
	if i >= len(c.InitOf) || c.InitOf[i] == 0 {
		return playlist.ByteRange{}, false
	}
	n := c.InitOf[i] - 1
	return playlist.ByteRange{Offset: c.InitOffset[n], Length: c.InitLength[n]}, true
}

// checkSingle holds the places in the one media object of a rendition against its
// rows and the size of the object.
func (r *Record) checkSingle(q *RenditionRecord) error {
	c, k := q.Single, q.Len()
	if c == nil {
		return nil
	}
	sparse := func(n, want int) bool { return n == 0 || n == want }
	if len(c.Offset) != k || len(c.Length) != k || !sparse(len(c.Front), k) || !sparse(len(c.Cut), k) || !sparse(len(c.InitOf), k) || len(c.InitOffset) != len(c.InitLength) {
		return fmt.Errorf("%w: its columns have different lengths", ErrRefused)
	}
	o := r.single(q.Name)
	if o == nil {
		return fmt.Errorf("%w: rendition %q has places in a media object that is none of its outputs", ErrRefused, q.Name)
	}
	inside := func(offset, length int64) bool {
		return offset >= 0 && length > 0 && offset <= o.Size && length <= o.Size-offset
	}
	for i := range c.Offset {
		switch size := q.rowBytes(i); {
		case !inside(c.Offset[i], c.Length[i]):
			return fmt.Errorf("%w: row %d of rendition %q is %d bytes at %d of an object of %d", ErrRefused, i, q.Name, c.Length[i], c.Offset[i], o.Size)
		case c.front(i) < 0 || c.front(i) > size || c.Length[i] > size-c.front(i), i < len(c.Cut) && (c.Cut[i] < 0 || c.Cut[i] > size-c.Length[i]):
			return fmt.Errorf("%w: row %d of rendition %q has %d bytes, and %d of them in its media object", ErrRefused, i, q.Name, size, c.Length[i])
		case i < len(c.InitOf) && (c.InitOf[i] < 0 || c.InitOf[i] > len(c.InitOffset)):
			return fmt.Errorf("%w: row %d of rendition %q needs init segment %d of %d", ErrRefused, i, q.Name, c.InitOf[i], len(c.InitOffset))
		}
	}
	for n := range c.InitOffset {
		if !inside(c.InitOffset[n], c.InitLength[n]) {
			return fmt.Errorf("%w: init segment %d of rendition %q is %d bytes at %d of an object of %d", ErrRefused, n+1, q.Name, c.InitLength[n], c.InitOffset[n], o.Size)
		}
	}
	return nil
}

// single is the one media object of a rendition; nil: it has none.
func (r *Record) single(rendition string) *Output {
	for i := range r.Outputs {
		if o := &r.Outputs[i]; o.Kind == "single" && o.Rendition == rendition {
			return o
		}
	}
	return nil
}
