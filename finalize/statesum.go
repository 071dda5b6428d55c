package finalize

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"

	"recfin/store"
)

// listingSum is a sum over the objects of a listing, in whatever order they come: 128
// bits of each object (of its store, key, ETag, size and upload time), added up modulo
// 2^128. So a listing that was made in parallel has the same sum, and what was deleted
// since can be taken out of it again.
//
// It answers whether anything is other than it was when a recording was worked on last,
// and nothing else: nobody decides by it what an object holds, and nothing is deleted by
// it. That two listings have one sum by accident is what it is made against (1 in 2^128);
// it does not withstand somebody who looks for such listings. He would have to write
// into the recording, and what he gains is that a run overlooks what he wrote until the
// recording is looked at again whatever its sum is.
type listingSum struct {
	hi, lo uint64
	buf    []byte // of the object at hand, kept between calls
}

// add counts an object in.
func (s *listingSum) add(o *store.Object) {
	hi, lo := s.of(o)
	s.plus(hi, lo)
}

// join counts in what another sum has.
func (s *listingSum) join(o *listingSum) { s.plus(o.hi, o.lo) }

func (s *listingSum) plus(hi, lo uint64) {
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, lo, 0)
	s.hi, _ = bits.Add64(s.hi, hi, carry)
}

// remove takes an object out that was counted in.
func (s *listingSum) remove(o *store.Object) {
	hi, lo := s.of(o)
	var borrow uint64
	s.lo, borrow = bits.Sub64(s.lo, lo, 0)
	s.hi, _ = bits.Sub64(s.hi, hi, borrow)
}

func (s *listingSum) of(o *store.Object) (hi, lo uint64) {
	b := s.buf[:0]
	for _, text := range [...]string{o.Store, o.Key, o.ETag} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	b = binary.AppendVarint(b, o.Size)
	b = binary.LittleEndian.AppendUint64(b, uint64(o.Modified.UnixNano()))
	hi, lo = mixed(b)
	s.buf = b[:0]
	return hi, lo
}

// mixed gives 128 bits of some bytes: 16 bytes at a time go into two lanes, each the
// folded product of two words that were made odd by the lane's own constants, as in
// wyhash (github.com/wangyi-fudan/wyhash). Both lanes end in a product with the length.
func mixed(b []byte) (hi, lo uint64) {
	const ( // digits of π behind the point
		k0, k1, k2, k3 = 0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89
		k4, k5, k6, k7 = 0x452821e638d01377, 0xbe5466cf34e90c6c, 0xc0ac29b7c97c50dd, 0x3f84d5b5b5470917
	)
	n := uint64(len(b))
	hi, lo = k0, k4
	for ; len(b) > 0; b = b[min(16, len(b)):] {
		var last [16]byte
		at := b
		if len(b) < 16 {
			copy(last[:], b)
			at = last[:]
		}
		x, y := binary.LittleEndian.Uint64(at), binary.LittleEndian.Uint64(at[8:16])
		hi, lo = folded(x^k1, y^hi), folded(y^k5, x^lo)
	}
	return folded(folded(hi^k2, n^k3), lo^k1), folded(folded(lo^k6, n^k7), hi^k5)
}

// folded is the product of two words, its halves put over one another.
func folded(x, y uint64) uint64 {
	hi, lo := bits.Mul64(x, y)
	return hi ^ lo
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
