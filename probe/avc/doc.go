// Package avc reads of an H.264 stream (ITU-T H.264) what a demuxer needs,
// whatever the container: parameter sets, the beginning of slice headers,
// recovery points.
package avc

// NAL unit types (Table 7-1).
const (
	NALSlice      = 1
	NALPartitionA = 2
	NALIDR        = 5
	NALSEI        = 6
	NALSPS        = 7
	NALPPS        = 8
	NALDelimiter  = 9
	NALEndOfSeq   = 10
	NALEndOfStrm  = 11
	NALFiller     = 12
	NALPrefix     = 14
)
