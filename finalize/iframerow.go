package finalize

// IFrameColumns are the I pictures of a rendition that an I-frame playlist names
// (RFC 8216 §4.3.3.6), in order, one a row.
type IFrameColumns struct {
	Row    []int   `json:"row"`    // of the segment, from 0
	Offset []int64 `json:"offset"` // bytes in the segment; of TS whole packets
	Length []int64 `json:"length"` // bytes
	AtNS   []int64 `json:"at_ns"`  // presentation time since the segment's start
}
