package store

import (
	"fmt"
	"hash"

	"github.com/minio/crc64nvme"
)

// NewCRC64 computes the CRC-64/NVME, the checksum that S3 keeps of whole objects
// and that combines from parts. Every byte that is read or written goes through it,
// so it is the version that uses carry-less multiplication where the processor has it.
func NewCRC64() hash.Hash64 { return crc64nvme.New() }

// SumCRC64 is the CRC-64/NVME of p.
func SumCRC64(p []byte) uint64 { return crc64nvme.Checksum(p) }

// CRC64 gives the CRC-64/NVME of p in the form of Info.CRC64.
func CRC64(p []byte) string { return FormatCRC64(SumCRC64(p)) }

// FormatCRC64 writes a sum in the form of Info.CRC64: 16 hex digits in lower case.
func FormatCRC64(sum uint64) string { return fmt.Sprintf("%016x", sum) }

// CombineCRC64 gives the CRC-64/NVME of a followed by b from those of a and b
// and the length of b in bytes: CRCs are linear, so that of a is carried over
// length zero bytes by squaring the matrix of one zero bit.
func CombineCRC64(a, b uint64, length int64) uint64 {
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
