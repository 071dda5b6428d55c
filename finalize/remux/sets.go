package remux

import (
	"encoding/binary"

	"recfin/mp4"
)

// parameterSets gives the parameter sets of an entry as they stand in a
// sample, each behind its length of 4 bytes; nil for codecs that have none.
func parameterSets(e mp4.SampleEntry) []byte {
	var lists [][][]byte
	switch e := e.(type) {
	case *mp4.AVC:
		lists = [][][]byte{e.SPS, e.PPS}
	case *mp4.HEVC:
		lists = [][][]byte{e.VPS, e.SPS, e.PPS}
	}
	var b []byte
	for _, list := range lists {
		for _, nal := range list {
			b = binary.BigEndian.AppendUint32(b, uint32(len(nal)))
			b = append(b, nal...)
		}
	}
	return b
}
