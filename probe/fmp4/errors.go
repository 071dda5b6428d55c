package fmp4

import "errors"

// Errors of a Demuxer; test for them with errors.Is. An error of the sink comes
// back as it is.
var (
	// ErrNotMP4: the bytes are no boxes of ISO/IEC 14496-12.
	ErrNotMP4 = errors.New("not an MP4")
	// ErrNoInit: fragments came, and no moov box has described them. Give the init
	// segment.
	ErrNoInit = errors.New("no moov box describes the fragments")
	// ErrNoMoov: a segment ended, which has neither a moov nor fragments.
	ErrNoMoov = errors.New("no moov box in the MP4")
	// ErrMoovLast: the moov box stands behind more media than can be held. Give it
	// first, with Init; Behind says where to look for it.
	ErrMoovLast = errors.New("moov box stands behind too much media")
	// ErrEncrypted: samples are encrypted (ISO/IEC 23001-7).
	ErrEncrypted = errors.New("MP4 is encrypted")
	// ErrCorrupt: the boxes contradict each other.
	ErrCorrupt = errors.New("corrupt MP4")
)
