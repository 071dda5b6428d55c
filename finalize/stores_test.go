package finalize_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/mem"
	"recfin/store/storetest"
)

// pair is a primary store, which takes the outputs, and a backup, or none.
type pair struct{ primary, backup *world }

func newPair(opaque bool) pair {
	p := newWorld(opaque)
	return pair{p, &world{mem.New(mem.Options{Name: "backup", Clock: p.clock.now, Opaque: opaque}), p.clock}}
}

func (p pair) clone() pair {
	q := pair{primary: p.primary.clone()}
	if p.backup != nil {
		q.backup = p.backup.clone()
	}
	return q
}

// share puts what was laid into a world of its own into the one store, the other,
// or both, as where says by key.
func (p pair) share(w *world, where func(key string) (primary, backup bool)) pair {
	for key, e := range w.Snapshot() {
		one, two := where(key)
		if one {
			p.primary.Set(key, e.Body, e.Modified, nil)
		}
		if two {
			p.backup.Set(key, e.Body, e.Modified.Add(700*time.Millisecond), nil)
		}
	}
	return p
}

// splitTakeover is the takeover with A's segments in the primary and B's in the
// backup.
func splitTakeover(opaque bool) pair {
	w := newWorld(opaque)
	w.takeover("foo")
	return newPair(opaque).share(w, func(key string) (bool, bool) {
		b := strings.HasPrefix(key, "foo/B/")
		return !b, b
	})
}

// both gives settings with the stores in this order, outputs in the primary.
func both(out store.Store, sources ...store.Store) finalize.Config {
	return with(settings(out), func(c *finalize.Config) { c.Sources, c.Out = sources, out })
}

func (p pair) settings() finalize.Config { return both(p.primary, p.primary, p.backup) }

// audit holds for the primary what it holds for one store, and that what is gone
// from the backup was condemned there.
func (p pair) audit(t tester, before, after [2]snapshot) {
	t.Helper()
	audit(t, before[0], after[0], "foo")
	inIndex(t, after[0], "foo")
	condemned := map[objectVersion]bool{}
	if a := read(t, after[0], "foo"); a != nil {
		for _, o := range a.condemned {
			condemned[o] = true
		}
	}
	for key, e := range before[1] {
		if _, there := after[1][key]; !there && !condemned[versionOf("mem://backup/", key, e)] {
			t.Errorf("%s is gone from the backup, and no marker condemned it there", key)
		}
	}
}

func (p pair) snapshot() [2]snapshot {
	all := [2]snapshot{0: p.primary.Snapshot()}
	if p.backup != nil {
		all[1] = p.backup.Snapshot()
	}
	return all
}

// TestSplitRecording: what the primary lacks is taken from the backup. Playlists
// name copies of it in the version, and the movie is that of one whole store.
func TestSplitRecording(t *testing.T) {
	whole := newWorld(false)
	whole.takeover("foo")
	whole.remove(t, "foo/notes.txt")
	mustRun(t, only(whole, finalize.Formats{HLS: true, MP4: true}), "foo")
	p := splitTakeover(false)
	before := p.snapshot()
	mustRun(t, with(p.settings(), func(c *finalize.Config) { c.Delete = finalize.DeleteNone }), "foo")
	after := p.snapshot()
	p.audit(t, before, after)
	id := read(t, after[0], "foo").Sessions[0].ID
	version := outPath + "foo/" + id + "/" + read(t, after[0], "foo").Sessions[0].Version + "/"
	want := []string{}
	for n := range 5 {
		want = append(want, fmt.Sprintf("foo/A/720p/%d.ts", n))
	}
	for slot, n := range map[int]int{5: 5, 6: 6, 7: 8, 8: 9} {
		key := fmt.Sprintf("%s720p/%06d.ts", version, slot)
		if string(after[0][key].Body) != string(high.segment(n)) || after[0][key].ContentType != "video/mp2t" {
			t.Errorf("%s is no copy of segment %d", key, n)
		}
	}
	for slot := 5; slot < 9; slot++ {
		want = append(want, fmt.Sprintf("%s720p/%06d.ts", version, slot))
	}
	same(t, "720p", played(t, after[0], "foo", id)["720p.m3u8"], want)
	for _, q := range []string{"/720p.mp4", "/360p.mp4"} {
		if string(after[0][find(t, after[0], q)].Body) != string(whole.Snapshot()[find(t, whole.Snapshot(), q)].Body) {
			t.Errorf("%s is not that of one store", q)
		}
	}
	// A copy is an output like the others: if it is gone, the session is made again.
	p.primary.remove(t, version+"720p/000006.ts")
	mustRun(t, with(p.settings(), func(c *finalize.Config) { c.Delete = finalize.DeleteNone }), "foo")
	if a := read(t, p.primary.Snapshot(), "foo"); a.Sessions[0].Highest != 2 {
		t.Errorf("a copy is gone, and the version is still %s", a.Sessions[0].Version)
	}
	p.audit(t, p.snapshot(), p.snapshot())
}

// TestStoresInAnyOrder: the order of the stores reaches no plan and no output.
func TestStoresInAnyOrder(t *testing.T) {
	for name, p := range map[string]pair{"split": splitTakeover(false), "copied": mirrored(t), "other bytes": overwritten()} {
		t.Run(name, func(t *testing.T) {
			q := p.clone()
			a := mustRun(t, both(p.primary, p.primary, p.backup), "foo")
			b := mustRun(t, both(q.primary, q.backup, q.primary), "foo")
			noDifference(t, p.primary.Snapshot(), q.primary.Snapshot(), false)
			noDifference(t, p.backup.Snapshot(), q.backup.Snapshot(), false)
			if !slices.Equal(a.Plan.Dropped, b.Plan.Dropped) || a.Cost != b.Cost {
				t.Errorf("dropped %v at %+v, and in the other order %v at %+v", a.Plan.Dropped, a.Cost, b.Plan.Dropped, b.Cost)
			}
		})
	}
}

// mirrored is a broadcast of which the backup has every second segment too, with
// equal keys and ETags.
func mirrored(t testing.TB) pair {
	w := newWorld(false)
	w.lay("foo/A/720p", high, 0, 9, 0)
	p := newPair(false).share(w, func(key string) (bool, bool) {
		var n int
		if _, err := fmt.Sscanf(key, "foo/A/720p/%d.ts", &n); err != nil {
			t.Fatal(err)
		}
		return true, n%2 == 1
	})
	return p
}

// overwritten has other content under the keys of the primary in the backup: the
// node started over hours later, and its uploads went there.
func overwritten() pair {
	p := newPair(false)
	p.primary.lay("foo/A/720p", high, 0, 5, 0)
	second := high
	second.Content = "another match"
	p.backup.lay("foo/A/720p", second, 0, 5, time.Hour)
	return p
}

// TestEqualKeysInTwoStores: an equal key with an equal ETag in both is two
// objects, one of them a copy: only that is deleted, and only where it is.
func TestEqualKeysInTwoStores(t *testing.T) {
	p := mirrored(t)
	before := p.snapshot()
	r := mustRun(t, p.settings(), "foo")
	p.audit(t, before, p.snapshot())
	var copies []string
	for n := 1; n < 10; n += 2 {
		copies = append(copies, fmt.Sprintf("foo/A/720p/%d.ts", n))
	}
	same(t, "gone from the primary", gone(before[0], p.primary.Snapshot()), nil)
	same(t, "gone from the backup", gone(before[1], p.backup.Snapshot()), copies)
	for _, d := range r.Plan.Dropped {
		if d.Store != "mem://backup/" || d.Reason != "identical" || !d.Leftover {
			t.Errorf("dropped %+v", d)
		}
	}
	for _, d := range mustPlan(t, mirrored(t).settings(), "foo").PlanJSON().Dropped {
		if d.Store != "mem://backup/" || d.Kept != d.Key || d.KeptStore != "mem://test/" {
			t.Errorf("the plan says %+v", d)
		}
	}
	if done := mustRun(t, p.settings(), "foo"); !done.Done() {
		t.Error("there is always something to do")
	}
}

// TestOtherBytesUnderOneKey: equal keys and numbers say nothing where the content
// differs: whatever is chosen, it is said, and nothing goes.
func TestOtherBytesUnderOneKey(t *testing.T) {
	p := overwritten()
	before := p.snapshot()
	r := mustRun(t, p.settings(), "foo")
	p.audit(t, before, p.snapshot())
	a := read(t, p.primary.Snapshot(), "foo")
	n := 0
	for id := range a.records {
		n += len(a.chosen(id))
	}
	if n+len(r.Plan.Dropped) != 12 || n < 12 && len(r.Plan.Uncertain) == 0 || len(a.Condemned) > 0 {
		t.Errorf("%d chosen and %d dropped of 12, %d sets condemned, uncertain %v", n, len(r.Plan.Dropped), len(a.Condemned), r.Plan.Uncertain)
	}
	same(t, "gone from the primary", gone(before[0], p.primary.Snapshot()), nil)
	same(t, "gone from the backup", gone(before[1], p.backup.Snapshot()), nil)
}

// TestLeftoversOfBothStores: each copy that lost goes in its own store, though
// its winner is in the other.
func TestLeftoversOfBothStores(t *testing.T) {
	p := splitTakeover(false)
	before := p.snapshot()
	mustRun(t, p.settings(), "foo")
	p.audit(t, before, p.snapshot())
	same(t, "gone from the primary", gone(before[0], p.primary.Snapshot()), losers("foo")[:2])
	same(t, "gone from the backup", gone(before[1], p.backup.Snapshot()), losers("foo")[2:])
}

// TestOneStoreIsDown: a store that does not answer is no empty one.
func TestOneStoreIsDown(t *testing.T) {
	for _, op := range []string{"list", "get", "now"} {
		for first := range 2 {
			p := splitTakeover(false)
			mustRun(t, with(p.settings(), later), "foo") // something is condemned
			p.primary.clock.advance(2 * day)
			p.primary.Set("foo/A/720p/7.ts", high.segment(7), p.primary.clock.now(), nil)
			p.backup.Set("foo/B/360p/7.ts", low.segment(7), p.primary.clock.now(), nil)
			p.primary.clock.advance(time.Hour)
			stores := []store.Store{p.primary, p.backup}
			down := &hook{Store: stores[first], before: func(c call) error {
				if c.op == op && !strings.HasPrefix(c.key, outPath) {
					return store.ErrUnavailable
				}
				return nil
			}}
			stores[first] = down
			one, two := storetest.NewRecorder(stores[0]), storetest.NewRecorder(stores[1])
			r, err := run(both(one, one, two), "foo")
			if !finalize.Retry(err) || len(r.Committed)+len(r.Deleted) > 0 {
				t.Errorf("%s fails in store %d: %v", op, first, err)
			}
			for _, line := range append(one.Mutations(), two.Mutations()...) {
				if !strings.HasPrefix(line, "sweep ") {
					t.Errorf("%s fails in store %d, and yet: %s", op, first, line)
				}
			}
		}
	}
}

// TestAStoreIsMissing: a run without the backup that a recording stands on drops
// nothing of it, and says so where it has to read it.
func TestAStoreIsMissing(t *testing.T) {
	p := splitTakeover(false)
	mustRun(t, with(p.settings(), func(c *finalize.Config) { c.Formats.MP4, c.Delete = false, finalize.DeleteNone }), "foo")
	marker := p.primary.Snapshot()[markerKey("foo")].ETag
	alone := with(settings(p.primary), func(c *finalize.Config) { c.Formats.MP4 = false })
	before := p.snapshot()
	mustRun(t, alone, "foo")
	same(t, "gone", gone(before[0], p.primary.Snapshot()), nil)
	if now := p.primary.Snapshot()[markerKey("foo")].ETag; now != marker {
		t.Error("the marker was swapped")
	}
	if _, err := run(settings(p.primary), "foo"); !errors.Is(err, finalize.ErrRefused) {
		t.Errorf("an MP4 of what is not given: %v", err)
	}
	// The other way round the playlists cannot be judged at all.
	movies := with(both(p.primary, p.backup), func(c *finalize.Config) { c.Formats = finalize.Formats{MP4: true} })
	if _, err := run(movies, "foo"); !errors.Is(err, finalize.ErrUsage) || !strings.Contains(err.Error(), "mem://test/") {
		t.Errorf("without the store of the playlists: %v", err)
	}
	same(t, "gone", gone(before[0], p.primary.Snapshot()), nil)
}
