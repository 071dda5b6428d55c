package finalize

import (
	"hash"

	"recfin/store"
)

// newCRC computes CRC-64/NVME, the checksum of everything that is read and written.
func newCRC() hash.Hash64 { return store.NewCRC64() }

// sumOf is the CRC-64/NVME of one slice.
func sumOf(p []byte) uint64 { return store.SumCRC64(p) }

func crcText(sum uint64) string { return store.FormatCRC64(sum) }
