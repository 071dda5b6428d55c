package s3

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"

	"recfin/store"
)

// checksum is the one that uploads carry.
type checksum int

const (
	sumDefault checksum = iota // by the endpoint
	sumMD5                     // Content-MD5, RFC 1864: every store takes it
	sumCRC64                   // x-amz-checksum-crc64nvme, of whole objects
)

// toHex writes the CRC-64 of a header as store.Info does; empty: there is none of
// the whole object.
func toHex(header *string) string {
	raw, err := base64.StdEncoding.DecodeString(aws.ToString(header))
	if err != nil || len(raw) != 8 {
		return ""
	}
	return hex.EncodeToString(raw)
}

// sums is a checksum in the form of the two headers; one of them is nil.
type sums struct {
	md5, crc64 *string
	wrong      bool // what is told is not the checksum of the contents
}

// sum reads all of r and sets it back to its start.
func (c checksum) sum(r io.ReadSeeker) (sums, error) {
	var h hash.Hash
	if c == sumCRC64 {
		h = store.NewCRC64()
	} else {
		h = md5.New()
	}
	if _, err := io.Copy(h, r); err != nil {
		return sums{}, fmt.Errorf("read the body: %w", err)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return sums{}, fmt.Errorf("rewind the body: %w", err)
	}
	if c == sumCRC64 {
		text := base64.StdEncoding.EncodeToString(h.Sum(nil))
		return sums{crc64: &text}, nil
	}
	text := base64.StdEncoding.EncodeToString(h.Sum(nil))
	return sums{md5: &text}, nil
}
