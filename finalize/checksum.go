package finalize

import (
	"fmt"
	"hash"

	"github.com/minio/crc64nvme"
)

// newCRC computes CRC-64/NVME, the checksum that object stores compute over
// whole objects and that combines from parts. Every byte that is read or
// written goes through it, so it is the version that uses carry-less
// multiplication where the processor has it.
func newCRC() hash.Hash64 { return crc64nvme.New() }

// sumOf is the CRC-64/NVME of one slice.
func sumOf(p []byte) uint64 { return crc64nvme.Checksum(p) }

func crcText(sum uint64) string { return fmt.Sprintf("%016x", sum) }

// combineCRC gives the CRC-64/NVME of a followed by b from those of a and b
// and the length of b: CRCs are linear, so that of a is carried over length(b)
// zero bytes by squaring the matrix of one zero bit.
func combineCRC(a, b uint64, length int64) uint64 {
	if length <= 0 {
		return a
	}
	var odd, even matrix
	odd[0] = 0x9a6c9329ac4bc9b5 // one zero bit
	for i := 1; i < 64; i++ {
		odd[i] = 1 << (i - 1)
	}
	odd.square(&even) // two zero bits
	even.square(&odd) // four
	for {
		odd.square(&even) // at the first turn: one zero byte
		if length&1 != 0 {
			a = even.times(a)
		}
		if length >>= 1; length == 0 {
			break
		}
		even.square(&odd)
		if length&1 != 0 {
			a = odd.times(a)
		}
		if length >>= 1; length == 0 {
			break
		}
	}
	return a ^ b
}

// matrix is a linear map over GF(2): the image of each bit.
type matrix [64]uint64

func (m *matrix) times(v uint64) uint64 {
	var sum uint64
	for i := 0; v != 0; i, v = i+1, v>>1 {
		if v&1 != 0 {
			sum ^= m[i]
		}
	}
	return sum
}

func (m *matrix) square(into *matrix) {
	for i := range m {
		into[i] = m.times(m[i])
	}
}
