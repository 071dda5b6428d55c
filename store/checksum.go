package store

import (
	"fmt"
	"hash"
	"hash/crc64"
)

// nvme is the polynomial of CRC-64/NVME, reflected.
var nvme = crc64.MakeTable(0x9a6c9329ac4bc9b5)

// NewCRC64 computes the CRC-64/NVME, the checksum that S3 keeps of whole objects.
func NewCRC64() hash.Hash64 { return crc64.New(nvme) }

// CRC64 gives the CRC-64/NVME of p in the form of Info.CRC64.
func CRC64(p []byte) string { return FormatCRC64(crc64.Checksum(p, nvme)) }

// FormatCRC64 writes a sum in the form of Info.CRC64: 16 hex digits in lower case.
func FormatCRC64(sum uint64) string { return fmt.Sprintf("%016x", sum) }
