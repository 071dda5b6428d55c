package finalize_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/condemn"
	"recfin/store"
	"recfin/store/mem"
	"recfin/store/storetest"
)

// crowd is a finalized recording whose marker condemns n more segments, as sources
// that its MP4 holds: what there is of them is tiny, but it is as many.
func crowd(t testing.TB, n int, opt mem.Options) (*world, []string) {
	t.Helper()
	w := newWorld(false)
	opt.Clock = w.clock.now
	w.Store = mem.New(opt)
	w.lay("foo/A/720p", high, 0, 3, 0)
	mustRun(t, only(w, finalize.Formats{MP4: true}), "foo")
	var many []store.Object
	for i := range n {
		key := fmt.Sprintf("foo/A/720p/%d.ts", 100+i)
		many = append(many, w.Set(key, []byte{byte(i), byte(i >> 8), byte(i >> 16)}, uploaded(4), nil))
	}
	if err := condemn.Set(t.Context(), w, outPath+"foo/", "sources", many); err != nil {
		t.Fatal(err)
	}
	w.clock.advance(2 * day)
	return w, keys(many)
}

// tally counts deletes as a store sees them. After so many batches the process is
// dead, where dieAt says so.
type tally struct {
	store.Store
	batches int // with DeleteOptions.Batch, at most 1,000 victims each
	singles int // victims one at a time
	dieAt   int
	before  func(batch int) // called ahead of each delete
}

func (s *tally) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	if len(victims) > 0 && strings.HasPrefix(victims[0].Key, "foo/") {
		if s.before != nil {
			s.before(s.batches)
		}
		if s.dieAt > 0 && s.batches >= s.dieAt {
			return func(yield func(store.Object, error) bool) {
				for _, v := range victims {
					if !yield(v, storetest.ErrCrashed) {
						return
					}
				}
			}
		}
		if opt.Batch {
			s.batches += (len(victims) + 999) / 1000
		} else {
			s.singles += len(victims)
		}
	}
	return s.Store.Delete(ctx, victims, opt)
}

// deleting are the settings under which sources go.
func deleting(s store.Store) finalize.Config {
	return with(settings(s), func(c *finalize.Config) {
		c.Formats, c.Delete, c.DeleteDelay = finalize.Formats{MP4: true}, finalize.DeleteSources, day
	})
}

// TestThousands deletes the sources of a recording of 50,000 segments.
func TestThousands(t *testing.T) {
	t.Parallel()
	const many = 50_000
	t.Run("in batches, and the work grows with the segments", func(t *testing.T) {
		requests := func(n int) int64 {
			w, victims := crowd(t, n, mem.Options{})
			rec := storetest.NewRecorder(w)
			s := &tally{Store: rec}
			r := mustRun(t, deleting(s), "foo")
			if s.batches != n/1000 || s.singles != 0 || len(r.Deleted) != n || len(r.Kept) != 0 {
				t.Errorf("%d segments: %d batches and %d single deletes, %d deleted, %d kept", n, s.batches, s.singles, len(r.Deleted), len(r.Kept))
			}
			for _, key := range []string{victims[0], victims[n-1]} {
				if w.has(key) {
					t.Errorf("%s is there", key)
				}
			}
			c := rec.Counters
			return c.List.Load() + c.Get.Load() + c.Head.Load() + c.Put.Load()
		}
		small, large := requests(many/10), requests(many)
		t.Logf("requests beside the deletes: %d for %d segments, %d for %d", small, many/10, large, many)
		if large > small*10*5/4 {
			t.Errorf("%d requests for %d segments and %d for %d: that grows faster than the segments", small, many/10, large, many)
		}
	})
	t.Run("singly where the batch form is not honoured", func(t *testing.T) {
		w, _ := crowd(t, 3000, mem.Options{IgnoreBatchIf: true})
		s := &tally{Store: w}
		r := mustRun(t, deleting(s), "foo")
		if s.batches != 0 || s.singles != 3000 || len(r.Deleted) != 3000 {
			t.Errorf("%d batches, %d single deletes, %d deleted", s.batches, s.singles, len(r.Deleted))
		}
	})
	t.Run("resumed where it died", func(t *testing.T) {
		w, victims := crowd(t, 5000, mem.Options{})
		s := &tally{Store: w, dieAt: 2}
		_, _ = run(deleting(s), "foo") // what a dead process says nobody hears
		left := slices.DeleteFunc(slices.Clone(victims), func(key string) bool { return !w.has(key) })
		if s.batches != 2 || len(left) != 3000 {
			t.Fatalf("died after %d batches, and %d are left", s.batches, len(left))
		}
		s = &tally{Store: w}
		r := mustRun(t, deleting(s), "foo")
		same(t, "deleted then", keys(r.Deleted), left)
		if s.batches != 3 {
			t.Errorf("%d batches for the rest", s.batches)
		}
		if r := mustRun(t, deleting(w), "foo"); !r.Done() {
			t.Error("there is always something to do")
		}
	})
}

// TestKeepStopsTheDeleter: what is kept while a run deletes stays, but for the
// batch that it has begun with.
func TestKeepStopsTheDeleter(t *testing.T) {
	w, victims := crowd(t, 3000, mem.Options{})
	s := &tally{Store: w, before: func(batch int) {
		if batch == 1 {
			mustKeep(t, w, "foo")
		}
	}}
	r := mustRun(t, deleting(s), "foo")
	if s.batches != 2 || len(r.Deleted) != 2000 || len(failed(r)) > 0 {
		t.Fatalf("%d batches, %d deleted, %d kept: %+v", s.batches, len(r.Deleted), len(r.Kept), r.Kept[:min(1, len(r.Kept))])
	}
	w.clock.advance(7 * day)
	mustRun(t, deleting(w), "foo")
	n := 0
	for _, key := range victims {
		if w.has(key) {
			n++
		}
	}
	if n != 1000 {
		t.Errorf("%d are left", n)
	}
}

// TestManyLooks: batches of a recording that is not listed whole see what a whole
// listing would show: what was uploaded anew, and a writer that starts over.
func TestManyLooks(t *testing.T) {
	t.Run("uploaded anew", func(t *testing.T) {
		w, victims := crowd(t, 5000, mem.Options{})
		slices.Sort(victims)
		fresh := victims[4500]
		s := &tally{Store: w, before: func(batch int) {
			if batch == 3 {
				w.Set(fresh, []byte("new"), w.clock.now().Add(-3*day), nil)
			}
		}}
		r := mustRun(t, deleting(s), "foo")
		if !w.has(fresh) || len(r.Deleted) != 4999 {
			t.Errorf("%d deleted, the new one is there: %v", len(r.Deleted), w.has(fresh))
		}
	})
	t.Run("started over", func(t *testing.T) {
		w, _ := crowd(t, 5000, mem.Options{})
		s := &tally{Store: w, before: func(batch int) {
			if batch == 1 {
				w.Set("foo/A/720p/0.ts", []byte("another match"), w.clock.now(), nil)
				w.clock.advance(time.Second)
			}
		}}
		r := mustRun(t, deleting(s), "foo")
		if len(r.Deleted) != 2000 || len(r.Kept) != 3000 || !strings.Contains(r.Kept[0].Why, "started over") {
			t.Errorf("%d deleted, %d kept: %+v", len(r.Deleted), len(r.Kept), r.Kept[:min(1, len(r.Kept))])
		}
	})
}
