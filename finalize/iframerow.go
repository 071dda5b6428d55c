package finalize

import (
	"fmt"
	"slices"
	"time"

	"recfin/probe"
)

// IFrameColumns are the I pictures of a rendition that an I-frame playlist may name
// (RFC 8216 §4.3.3.6), in order, one a row.
type IFrameColumns struct {
	Row    []int   `json:"row"`    // of the segment, from 0
	Offset []int64 `json:"offset"` // bytes in the segment; of TS whole packets
	Length []int64 `json:"length"` // bytes
	AtNS   []int64 `json:"at_ns"`  // presentation time since the segment's start
}

// add takes those of a segment.
func (c *IFrameColumns) add(row int, frames []probe.IFrame) {
	for _, f := range frames {
		c.Row = append(c.Row, row)
		c.Offset, c.Length, c.AtNS = append(c.Offset, f.Offset), append(c.Length, f.Length), append(c.AtNS, int64(f.At))
	}
}

// of gives those of a segment.
func (c *IFrameColumns) of(row int) []probe.IFrame {
	from, _ := slices.BinarySearch(c.Row, row)
	var frames []probe.IFrame
	for i := from; i < len(c.Row) && c.Row[i] == row; i++ {
		frames = append(frames, probe.IFrame{Offset: c.Offset[i], Length: c.Length[i], At: time.Duration(c.AtNS[i])})
	}
	return frames
}

// checkIFrames holds the places of I pictures against the segments.
func (r *Record) checkIFrames(q *RenditionRecord) error {
	c := q.IFrames
	if c == nil {
		return nil
	}
	if n := len(c.Row); len(c.Offset) != n || len(c.Length) != n || len(c.AtNS) != n || n == 0 {
		return fmt.Errorf("%w: its columns have different lengths", ErrRefused)
	}
	for i, row := range c.Row {
		if row < 0 || row >= q.Len() || i > 0 && row < c.Row[i-1] {
			return fmt.Errorf("%w: I picture %d of rendition %q is in row %d of %d", ErrRefused, i, q.Name, row, q.Len())
		}
		if size := q.rowBytes(row); c.Offset[i] < 0 || c.Length[i] <= 0 || c.Offset[i] > size || c.Length[i] > size-c.Offset[i] {
			return fmt.Errorf("%w: I picture %d of rendition %q is %d bytes at %d of a segment of %d", ErrRefused, i, q.Name, c.Length[i], c.Offset[i], size)
		}
	}
	return nil
}
