package probe

import "time"

// IFrame is an I picture of a segment as a range of bytes that decodes by itself,
// with the segment's PAT and PMT or init segment before it (RFC 8216 §4.3.3.6).
type IFrame struct {
	// Offset and Length are bytes of the segment: of a transport stream whole packets,
	// from that in which the picture's PES begins to the last that holds some of it; of
	// fragments from the begin of the moof to the end of the picture.
	Offset, Length int64
	At             time.Duration // presentation time since Media.Start
}
