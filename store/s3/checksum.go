package s3

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash"
	"hash/crc64"
	"io"
)

// checksum is the one that uploads carry.
type checksum int

const (
	sumDefault checksum = iota // by the endpoint
	sumMD5                     // Content-MD5, RFC 1864: every store takes it
	sumCRC64                   // x-amz-checksum-crc64nvme, of whole objects
)

// nvme is the polynomial of CRC-64/NVME, reflected.
var nvme = crc64.MakeTable(0x9a6c9329ac4bc9b5)

// sums is a checksum in the form of the two headers; one of them is nil.
type sums struct{ md5, crc64 *string }

// sum reads all of r and sets it back to its start.
func (c checksum) sum(r io.ReadSeeker) (sums, error) {
	var h hash.Hash
	if c == sumCRC64 {
		h = crc64.New(nvme)
	} else {
		h = md5.New()
	}
	if _, err := io.CopyBuffer(h, struct{ io.Reader }{r}, make([]byte, 256<<10)); err != nil {
		return sums{}, fmt.Errorf("read the body: %w", err)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return sums{}, fmt.Errorf("rewind the body: %w", err)
	}
	if c == sumCRC64 {
		raw := binary.BigEndian.AppendUint64(nil, h.(hash.Hash64).Sum64())
		text := base64.StdEncoding.EncodeToString(raw)
		return sums{crc64: &text}, nil
	}
	text := base64.StdEncoding.EncodeToString(h.Sum(nil))
	return sums{md5: &text}, nil
}
