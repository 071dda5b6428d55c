package remux

import (
	"encoding/binary"

	"recfin/mp4"
)

// parameterSets gives the parameter sets of an entry as they stand in a
// sample, each behind its length of 4 bytes; nil for codecs that have none.
func parameterSets(e mp4.SampleEntry) []byte {
	avc, ok := e.(*mp4.AVC)
	if !ok {
		return nil
	}
	var b []byte
	for _, list := range [][][]byte{avc.SPS, avc.PPS} {
		for _, nal := range list {
			b = binary.BigEndian.AppendUint32(b, uint32(len(nal)))
			b = append(b, nal...)
		}
	}
	return b
}
