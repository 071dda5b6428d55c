package finalize

import (
	"fmt"
	"math/bits"
	"testing"
	"time"

	"recfin/store"
)

// Every bit of what is mixed turns each of the 128 bits around as often as not, wherever it
// stands, and so does a byte more.
func TestMixedTurnsEveryBit(t *testing.T) {
	const rounds = 400
	for _, size := range []int{1, 15, 16, 17, 40, 64} {
		var turned [128]int
		trials := 0
		raw := make([]byte, size)
		count := func(hi, lo uint64) {
			trials++
			if n := bits.OnesCount64(hi) + bits.OnesCount64(lo); n < 20 || n > 108 {
				t.Fatalf("%d bytes: %d bits turn around", size, n)
			}
			for i := range 64 {
				turned[i] += int(hi >> i & 1)
				turned[64+i] += int(lo >> i & 1)
			}
		}
		for round := range rounds {
			for i := range raw {
				raw[i] = byte(round * (i + 3) >> (i % 5))
			}
			hi, lo := mixed(raw)
			for bit := range 8 * size {
				raw[bit/8] ^= 1 << (bit % 8)
				h, l := mixed(raw)
				raw[bit/8] ^= 1 << (bit % 8)
				count(hi^h, lo^l)
			}
			h, l := mixed(append(raw, 0))
			count(hi^h, lo^l)
		}
		for i, n := range turned {
			if n < trials*4/10 || n > trials*6/10 {
				t.Errorf("%d bytes: bit %d turns around %d times of %d", size, i, n, trials)
			}
		}
	}
}

// Objects that differ in little have values of their own, and so have the halves of
// those.
func TestMixedTellsObjectsApart(t *testing.T) {
	var s listingSum
	his, los := map[uint64]bool{}, map[uint64]bool{}
	n := 0
	for folder := range 10 {
		for number := range 10_000 {
			for _, size := range []int64{0, 1} {
				hi, lo := s.of(&store.Object{Store: "s3://b", Key: fmt.Sprintf("foo/%d/720p/%d.ts", folder, number), Size: size, Modified: time.Unix(int64(number), 0)})
				his[hi], los[lo] = true, true
				n++
			}
		}
	}
	if len(his) != n || len(los) != n {
		t.Errorf("%d and %d values of %d", len(his), len(los), n)
	}
}

// What rows of the state hold of earlier runs is compared with what is summed up today.
func TestListingSumStays(t *testing.T) {
	var s listingSum
	s.add(&store.Object{Store: "s3://bucket", Key: "foo/A/720p/1.ts", ETag: "0123456789abcdef0123456789abcdef", Size: 1 << 20, Modified: time.Unix(1764000000, 5)})
	if got, want := s.String(), "8f28d42e409d9fe497f2114e1130bc16"; got != want {
		t.Errorf("the sum is %s, was %s", got, want)
	}
}
