package finalize

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/bits"

	"recfin/store"
)

// listingSum is a sum over the objects of a listing, in whatever order they come: the
// first 128 bits of the SHA-256 of each object (its store, key, ETag, size and upload
// time), added up modulo 2^128. So a listing that was made in parallel has the same sum,
// and what was deleted since can be taken out of it again.
//
// It answers whether anything is other than it was when a recording was worked on last,
// and nothing else: nobody decides by it what an object holds.
type listingSum struct {
	hi, lo uint64
	buf    []byte // of the object at hand, kept between calls
}

// add counts an object in.
func (s *listingSum) add(o store.Object) {
	hi, lo := s.of(o)
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, lo, 0)
	s.hi, _ = bits.Add64(s.hi, hi, carry)
}

// remove takes an object out that was counted in.
func (s *listingSum) remove(o store.Object) {
	hi, lo := s.of(o)
	var borrow uint64
	s.lo, borrow = bits.Sub64(s.lo, lo, 0)
	s.hi, _ = bits.Sub64(s.hi, hi, borrow)
}

func (s *listingSum) of(o store.Object) (hi, lo uint64) {
	b := s.buf[:0]
	for _, text := range []string{o.Store, o.Key, o.ETag} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	b = binary.AppendVarint(b, o.Size)
	b = binary.AppendVarint(b, o.Modified.UnixNano())
	s.buf = b
	h := sha256.Sum256(b)
	return binary.BigEndian.Uint64(h[:8]), binary.BigEndian.Uint64(h[8:16])
}

// sum is the value, of a size that a table of many holds.
func (s *listingSum) sum() (v [16]byte) {
	binary.BigEndian.PutUint64(v[:8], s.hi)
	binary.BigEndian.PutUint64(v[8:], s.lo)
	return v
}

// String is the sum in 32 hexadecimal digits.
func (s *listingSum) String() string {
	v := s.sum()
	return hex.EncodeToString(v[:])
}
