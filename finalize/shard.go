package finalize

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"

	"recfin/store"
)

// Shard is one of Count equal shares of all recordings, from 0. The zero value is
// all of them. Which share a recording is in depends on its name and Count alone, so
// machines that know nothing of each other never have one twice.
type Shard struct{ Index, Count int }

// check refuses a share that is none, which would be worked on by nobody.
func (s Shard) check() error {
	if s != (Shard{}) && (s.Count < 1 || s.Index < 0 || s.Index >= s.Count) {
		return fmt.Errorf("%w: shard %d of %d: they are numbered from 0 to %d", ErrUsage, s.Index, s.Count, s.Count-1)
	}
	return nil
}

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

// Share are the names that are in the share of Config.Shard, in their order.
func (f *Finalizer) Share(names []string) []string {
	var mine []string
	for _, name := range names {
		if f.cfg.Shard.Takes(name) {
			mine = append(mine, name)
		}
	}
	return mine
}

// Holds reports whether a recording of several IDs, which one of this share turned out
// to be a part of, is to be worked on here. Its IDs may be in several shares, so one of
// them decides for all: that of its own name if there is something of it, otherwise the
// first by name. found are all names that were found, sorted, whatever their share:
// shards that find the same decide alike. Where shards found different names, because
// something was uploaded meanwhile, the recording may be worked on twice, which its
// lease and its marker are for, or be left to the next run.
//
// Where its marker cannot be read it is to be worked on: that says why.
func (f *Finalizer) Holds(ctx context.Context, whole string, found []string) bool {
	has := func(name string) bool { _, ok := slices.BinarySearch(found, name); return ok }
	if f.cfg.Shard.Count <= 1 {
		return true
	}
	if has(whole) {
		return f.cfg.Shard.Takes(whole)
	}
	c, err := f.readMarker(ctx, whole, store.GetOptions{})
	if err != nil || c == nil {
		return true
	}
	for _, id := range c.members(whole) {
		if has(id) {
			return f.cfg.Shard.Takes(id)
		}
	}
	return true
}
