package probe

import (
	"fmt"
	"io"

	"recfin/mp4"
	"recfin/probe/mpegts"
)

// Demuxer turns the bytes of one container into samples. Segments of a
// contiguous run go through one demuxer, with Boundary between them, so that a
// picture or audio frame may run on from one into the next.
type Demuxer interface {
	// Write takes the next bytes, sliced in any way.
	io.Writer
	// Boundary says that what follows is the next segment of a contiguous run.
	Boundary()
	// Flush hands out what is open: the end of a part, or of everything.
	Flush() error
}

// Lost counts the access units that a demuxer had to drop since it was made:
// pictures for which no parameter sets came, units without any time, and units
// that were cut.
func Lost(d Demuxer) int64 {
	if ts, ok := d.(*mpegts.Demuxer); ok {
		s := ts.Stats()
		return s.NoParameters + s.Timeless + s.Truncated
	}
	return 0
}

// NewDemuxer makes a demuxer for a container.
func NewDemuxer(c Container, sink mp4.Sink) (Demuxer, error) {
	switch c {
	case MPEGTS:
		return mpegts.New(sink, mpegts.Options{}), nil
	case MP4:
		return nil, fmt.Errorf("%w: %w: %v", ErrUndecodable, ErrUnsupported, c)
	}
	return nil, fmt.Errorf("%w: %v", ErrUnreadable, c)
}
