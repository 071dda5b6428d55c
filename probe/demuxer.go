package probe

import (
	"fmt"
	"io"

	"recfin/mp4"
	"recfin/probe/fmp4"
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
// pictures for which no parameter sets came, sound without its configuration
// or without any frame, units without any time, and units that were cut.
func Lost(d Demuxer) int64 {
	switch d := d.(type) {
	case *mpegts.Demuxer:
		s := d.Stats()
		return s.NoParameters + s.Soundless + s.Undescribed + s.Timeless + s.Truncated
	case *fmp4.Demuxer:
		s := d.Stats()
		return s.NoParameters + s.Truncated
	}
	return 0
}

// NewDemuxer makes a demuxer for a container. That of MP4 takes an init segment
// like the head of the segment that follows: it is written before it. Codecs
// that an MP4 cannot hold yet are handed out too; the Box of their sample entry
// is mp4.ErrCodec.
func NewDemuxer(c Container, sink mp4.Sink) (Demuxer, error) {
	switch c {
	case MPEGTS:
		return mpegts.New(sink, mpegts.Options{}), nil
	case MP4:
		return fmp4.New(sink, fmp4.Options{}), nil
	}
	return nil, fmt.Errorf("%w: %v", ErrUnreadable, c)
}
