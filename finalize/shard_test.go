package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize"
)

// shapes are forms that IDs of real services have: n of each, all different.
var shapes = map[string]func(seed uint64, i int) string{
	"padded": func(seed uint64, i int) string { return fmt.Sprintf("cam%d-%06d", seed%97, i) },
	"plain":  func(seed uint64, i int) string { return fmt.Sprintf("%d", seed%1e6+uint64(i)) },
	"uuid":   func(seed uint64, i int) string { return uuid(seed, i) },
	"dates": func(seed uint64, i int) string {
		return time.Unix(int64(seed%4e8)*4, 0).AddDate(0, 0, i).UTC().Format("2006-01-02")
	},
	"hours": func(seed uint64, i int) string {
		return time.Unix(int64(seed%4e8)*4, 0).Add(time.Duration(i)*time.Hour).UTC().Format("20060102T15") + "/front"
	},
	"suffix":  func(seed uint64, i int) string { return fmt.Sprintf("%06d+%d-news", i, seed%97) },
	"letters": func(_ uint64, i int) string { return fmt.Sprintf("%c%c%c", 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26) },
}

// uuid makes 32 hexadecimal digits of two numbers, by xorshift.
func uuid(seed uint64, i int) string {
	x := seed*0x9e3779b97f4a7c15 + uint64(i) + 1
	next := func() uint64 {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		return x
	}
	a, b := next(), next()
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>52, b&0xffffffffffff)
}

// TestShardShares: every name is in exactly one share, and shares are as even as dice
// would make them: within eight of their standard deviations, whatever the names.
func TestShardShares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := shapes[rapid.SampledFrom(slices.Sorted(maps.Keys(shapes))).Draw(t, "shape")]
		seed, count := rapid.Uint64().Draw(t, "seed"), rapid.IntRange(2, 64).Draw(t, "shards")
		names := rapid.IntRange(count*20, 4000).Draw(t, "names")
		size := make([]int, count)
		for i := range names {
			in, id := 0, name(seed, i)
			for k := range count {
				if (finalize.Shard{Index: k, Count: count}).Takes(id) {
					size[k]++
					in++
				}
			}
			if in != 1 {
				t.Fatalf("%s is in %d shares", id, in)
			}
		}
		mean := float64(names) / float64(count)
		for k, n := range size {
			if off := float64(n) - mean; off*off > 64*mean {
				t.Errorf("share %d has %d of %d names, the mean is %.1f", k, n, names, mean)
			}
		}
	})
}

// TestShardIsForLife: which share a name is in never changes, whatever the program's
// version: two machines with different ones must not both have it, or neither.
func TestShardIsForLife(t *testing.T) {
	var got []int
	for _, name := range []string{"foo", "bar", "news-2026-11-22", "0", "cam/front", "日本", "a+b c"} {
		for k := range 8 {
			if (finalize.Shard{Index: k, Count: 8}).Takes(name) {
				got = append(got, k)
			}
		}
	}
	if want := []int{4, 5, 0, 4, 2, 3, 7}; !slices.Equal(got, want) {
		t.Errorf("shares %v, want %v", got, want)
	}
	for _, s := range []finalize.Shard{{}, {Count: 1}} {
		if !s.Takes("foo") {
			t.Errorf("%v does not have all", s)
		}
	}
}

func sharded(cfg finalize.Config, index, count int) *finalize.Finalizer {
	f, err := finalize.New(with(cfg, func(c *finalize.Config) { c.Shard = finalize.Shard{Index: index, Count: count} }))
	if err != nil {
		panic(err)
	}
	return f
}

// TestShardsFind: together shards find what one run finds, each name once, of segments
// and of markers, and so do they after a crash.
func TestShardsFind(t *testing.T) {
	w := newWorld(false)
	var names []string
	for i := range 20 {
		name := fmt.Sprintf("cam-%d", i)
		names = append(names, name)
		w.lay(name+"/A/720p", high, 0, 1, 0)
		mustRun(t, only(w, finalize.Formats{HLS: true}), name)
	}
	slices.Sort(names)
	for _, count := range []int{1, 2, 8, 64} {
		var found, finalized []string
		for k := range count {
			f := sharded(settings(w), k, count)
			a, err := f.Discover(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			b, err := f.Finalized(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(a, b) {
				t.Errorf("share %d/%d: segments of %q, markers of %q", k, count, a, b)
			}
			found, finalized = append(found, a...), append(finalized, b...)
			if any, err := f.AnyFinalized(t.Context()); !any || err != nil {
				t.Errorf("share %d/%d: %v, %v", k, count, any, err)
			}
		}
		slices.Sort(found)
		slices.Sort(finalized)
		same(t, "found", found, names)
		same(t, "finalized", finalized, names)
	}
	for _, s := range []finalize.Shard{{Index: 8, Count: 8}, {Index: -1, Count: 8}, {Index: 1}, {Count: -1}} {
		if _, err := finalize.New(with(settings(w), func(c *finalize.Config) { c.Shard = s })); !errors.Is(err, finalize.ErrUsage) {
			t.Errorf("%v: %v", s, err)
		}
	}
}

// TestShardsHold: of the shards in which IDs of one recording are, exactly one works on
// it, whichever of its IDs there are still segments of.
func TestShardsHold(t *testing.T) {
	for _, found := range [][]string{{"bar", "foo"}, {"foo"}, {"bar"}, {"bar", "foo", "match"}, {"another", "bar", "foo", "zoo"}} {
		for _, name := range []string{"match", "foo", "bar"} {
			w := halves(false)
			if _, err := runAs(settings(w), name, "foo", "bar"); err != nil {
				t.Fatal(err)
			}
			for _, count := range []int{1, 2, 3, 8, 13} {
				holds := 0
				for k := range count {
					if sharded(settings(w), k, count).Holds(t.Context(), name, found) {
						holds++
						mine := slices.ContainsFunc(found, (finalize.Shard{Index: k, Count: count}).Takes)
						if !mine {
							t.Errorf("%s of %q is held by share %d/%d, which has none of it", name, found, k, count)
						}
					}
				}
				if holds != 1 {
					t.Errorf("%s of %q is held by %d of %d shards", name, found, holds, count)
				}
			}
		}
	}
	// What cannot be read is worked on: that says why.
	w := newWorld(false)
	w.Set(markerKey("foo"), []byte("{"), w.clock.now(), nil)
	for k := range 2 {
		if !sharded(settings(w), k, 2).Holds(context.Background(), "foo", []string{"bar"}) {
			t.Error("nobody says that its marker is damaged")
		}
	}
}

// TestUrgent: what was never finalized comes first, and of equals the last name.
func TestUrgent(t *testing.T) {
	w := newWorld(false)
	for _, name := range []string{"2026-01", "2026-02", "2026-03", "2026-04"} {
		w.lay(name+"/A/720p", high, 0, 1, 0)
	}
	mustRun(t, only(w, finalize.Formats{HLS: true}), "2026-04")
	mustRun(t, only(w, finalize.Formats{HLS: true}), "2026-01")
	f := sharded(settings(w), 0, 1)
	got, err := f.Urgent(t.Context(), []string{"2026-01", "2026-02", "2026-03", "2026-04"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "order", got, []string{"2026-03", "2026-02", "2026-04", "2026-01"})
}
