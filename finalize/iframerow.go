package finalize

// IFrameColumns are the I pictures of a rendition that an I-frame playlist names
// (RFC 8216 §4.3.3.6), in order, one a row.
type IFrameColumns struct {
	Row    []int   `json:"row"`    // of the segment, from 0
	Offset []int64 `json:"offset"` // bytes in the segment; of TS whole packets
	Length []int64 `json:"length"` // bytes
	AtNS   []int64 `json:"at_ns"`  // presentation time since the segment's start
}

// SingleColumns say where the segments of a rendition are in its one media object.
type SingleColumns struct {
	Offset []int64 `json:"offset"` // bytes, by row
	Length []int64 `json:"length"` // bytes, by row; what was cut off at its ends is missing
	// InitOffset and InitLength are the places of the distinct init segments; InitOf is
	// the number of the one that each row needs, from 1. All are empty where there are
	// none.
	InitOffset []int64 `json:"init_offset,omitempty"`
	InitLength []int64 `json:"init_length,omitempty"`
	InitOf     []int   `json:"init_of,omitempty"`
}
