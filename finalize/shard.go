package finalize

import "hash/fnv"

// Shard is one of Count equal shares of all recordings, from 0. The zero value is
// all of them. Which share a recording is in depends on its name and Count alone, so
// machines that know nothing of each other never have one twice.
type Shard struct{ Index, Count int }

// Takes reports whether a recording is in the share.
func (s Shard) Takes(recording string) bool {
	if s.Count <= 1 {
		return true
	}
	h := fnv.New64a()
	h.Write([]byte(recording))
	return mix(h.Sum64())%uint64(s.Count) == uint64(s.Index)
}

// mix spreads what names differ in (often only the last digits) over all bits: the
// finalizer of MurmurHash3.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
