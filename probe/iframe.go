package probe

import (
	"math"
	"time"

	"recfin/mp4"
	"recfin/probe/fmp4"
	"recfin/probe/mpegts"
)

// IFrame is an I picture of a segment as a range of bytes that decodes by itself,
// with the segment's PAT and PMT or init segment before it (RFC 8216 §4.3.3.6).
// Pictures that run on into the next segment are none.
type IFrame struct {
	// Offset and Length are bytes of the segment: of a transport stream whole packets,
	// from that in which the picture's PES begins to the last that holds some of it; of
	// fragments from the begin of the moof to the end of the picture.
	Offset, Length int64
	At             time.Duration // presentation time since Media.Start
}

// alone is a picture that decodes by itself.
type alone struct {
	mp4.Place
	pts int64
}

// placeIFrames takes the I pictures of the first video track.
func (m *Media) placeIFrames() {
	v := m.Video()
	if v == nil || len(v.alone) == 0 {
		return
	}
	start, _ := m.Start()
	m.IFrames = make([]IFrame, len(v.alone))
	for i, a := range v.alone {
		m.IFrames[i] = IFrame{Offset: a.Offset, Length: a.Length, At: v.Time(a.pts) - start}
	}
}

// firstIFrame is where the first I picture begins.
func (m *Media) firstIFrame() int64 {
	if len(m.IFrames) == 0 {
		return math.MaxInt64
	}
	return m.IFrames[0].Offset
}

// Description is what a segment says of itself for its I pictures.
type Description struct {
	// End is where its PAT and PMT, or its moov, are complete; 0 where an init segment
	// was given to its demuxer and it brings none.
	End int64
	// Steady: they are there, and hold for all of the segment.
	Steady bool
	// Cut: it begins with a part of something, not counting pictures that its demuxer
	// hands out (mp4.Place).
	Cut bool
}

// Describes says how the segment that a demuxer was written last describes itself. It
// is asked before Demuxer.Boundary.
func Describes(d Demuxer) (x Description) {
	switch d := d.(type) {
	case *mpegts.Demuxer:
		x.End, x.Steady = d.Described()
		x.Cut = d.Cut()
	case *fmp4.Demuxer:
		x.End, x.Steady = d.Described()
	}
	return x
}
