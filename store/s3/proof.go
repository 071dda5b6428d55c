package s3

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"recfin/store"
)

// proof shows that a whole object came over as the store holds it. Where the
// answer carries a checksum of the whole, that decides. Else the ETag may be an
// MD5 of the contents: if so, it decides too. Where neither is there, or the ETag
// turns out to be something else, the object is read once more: the same bytes
// twice are what the store holds.
type proof struct {
	ask   request
	size  int64
	sum   hash.Hash
	want  []byte // empty: there is nothing to compare with
	final bool   // want is a checksum, and a difference needs no second look
}

// errSpoilt: what was read is not what the store holds.
var errSpoilt = fmt.Errorf("%w: the body was spoilt on its way", store.ErrUnavailable)

// proof makes the proof of a whole object that was opened with ask.
func (p part) proof(ask request) *proof {
	f := &proof{ask: ask, size: p.info.Size}
	if p.info.Strong() {
		f.ask.pin = p.info.ETag
	}
	if f.fromChecksum(p) {
		return f
	}
	if sum, err := hex.DecodeString(p.info.ETag); err == nil && len(sum) == md5.Size {
		f.sum, f.want = md5.New(), sum
		return f
	}
	f.sum = store.NewCRC64()
	return f
}

// fromChecksum takes a checksum of the whole object out of the answer. One that
// was made of those of the parts ("…-3") is of no use.
func (f *proof) fromChecksum(p part) bool {
	if p.sums == nil || p.sums.ChecksumType == types.ChecksumTypeComposite {
		return false
	}
	for _, c := range []struct {
		header *string
		sum    func() hash.Hash
	}{
		{p.sums.ChecksumCRC64NVME, func() hash.Hash { return store.NewCRC64() }},
		{p.sums.ChecksumCRC32C, func() hash.Hash { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }},
		{p.sums.ChecksumCRC32, func() hash.Hash { return crc32.NewIEEE() }},
	} {
		want, err := base64.StdEncoding.DecodeString(aws.ToString(c.header))
		if sum := c.sum(); err == nil && len(want) == sum.Size() {
			f.sum, f.want, f.final = sum, want, true
			return true
		}
	}
	return false
}

// take notes what was read. A proof that is nil takes anything.
func (f *proof) take(p []byte) {
	if f != nil {
		f.sum.Write(p) // it never fails (package hash)
	}
}

// check says what is wrong with all that was read.
func (f *proof) check(ctx context.Context, s *Store) error {
	if f == nil {
		return nil
	}
	got := f.sum.Sum(nil)
	switch {
	case bytes.Equal(got, f.want):
		return nil
	case f.final:
		return errSpoilt
	}
	return f.again(ctx, s, got)
}

// again reads the object once more, and compares with what was read before.
func (f *proof) again(ctx context.Context, s *Store, first []byte) error {
	ask := f.ask
	ask.span = ""
	p, err := s.open(withFresh(ctx), ask)
	if errors.Is(err, store.ErrNotExist) {
		return store.ErrChanged
	}
	if err != nil {
		return err
	}
	defer p.close()
	opt := store.GetOptions{IfMatch: ask.pin, Size: f.size, Sized: true}
	if err := p.admit(store.Whole, opt); err != nil {
		return err
	}
	f.sum.Reset()
	n, err := io.Copy(f.sum, io.LimitReader(p.rc, f.size))
	switch {
	case err != nil:
		return s.classify(ctx, err)
	case n < f.size:
		return fmt.Errorf("%w: %w at byte %d of %d", store.ErrUnavailable, io.ErrUnexpectedEOF, n, f.size)
	case !bytes.Equal(f.sum.Sum(nil), first):
		return errSpoilt
	}
	return nil
}
