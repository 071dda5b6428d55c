package s3

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"

	"recfin/store"
)

// told is the checksum of r, or the claim of the caller in its place, see
// store.PutOptions.CRC64. r is set back to its start.
func (c checksum) told(r io.ReadSeeker, claim string) (sums, error) {
	if claim == "" {
		return c.sum(r)
	}
	header, err := toHeader(claim)
	if err != nil {
		return sums{}, err
	}
	s, err := sumCRC64.sum(r)
	if err != nil {
		return sums{}, err
	}
	s.wrong = *s.crc64 != *header
	s.crc64 = header
	return s, nil
}

// toHeader writes a CRC-64 of package store as S3 does.
func toHeader(claim string) (*string, error) {
	raw, err := hex.DecodeString(claim)
	if err != nil || len(raw) != 8 {
		return nil, fmt.Errorf("%w: %q is no CRC-64", store.ErrInvalid, claim)
	}
	text := base64.StdEncoding.EncodeToString(raw)
	return &text, nil
}

// digestCodes say that contents do not have the checksum that came with them.
var digestCodes = map[string]bool{"BadDigest": true, "XAmzContentChecksumMismatch": true}

// heard is what a request came to. Where the checksum was wrong, a refusal is
// final, and not something that was spoilt on its way.
func (s *Store) heard(ctx context.Context, sum sums, err error) error {
	if err == nil || !sum.wrong {
		return err
	}
	f := s.classify(ctx, err)
	if !digestCodes[f.code] {
		return err
	}
	g := *f
	g.kind, g.transient, g.lost = store.ErrInvalid, false, false
	return &g
}
