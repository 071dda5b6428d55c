package s3

import (
	"fmt"
	"iter"
	"sync/atomic"
	"testing"
	"time"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// far is a double that takes 40 ms for each request, and counts.
type far struct {
	*s3double.Server
	requests, active, most atomic.Int64
}

const distance = 40 * time.Millisecond

func newFar(t testing.TB, keys iter.Seq[string]) (*far, *Store) {
	f := &far{Server: newDouble(t)}
	f.Fill(keys, "x", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	f.Hook(func(*s3double.Exchange) bool {
		f.requests.Add(1)
		for n, most := f.active.Add(1), f.most.Load(); n > most && !f.most.CompareAndSwap(most, n); most = f.most.Load() {
		}
		defer f.active.Add(-1)
		time.Sleep(distance)
		return false
	})
	return f, connectTo(t, f.Endpoint, defaults())
}

// listed gives what is below a prefix, and begins to count.
func (f *far) listed(t testing.TB, s *Store, prefix string) (all []store.Object) {
	for o, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	f.requests.Store(0)
	f.most.Store(0)
	return all
}

func numbered(n int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range n {
			if !yield(fmt.Sprintf("pre/foo/a/1080p/%06d.ts", i)) {
				return
			}
		}
	}
}

func benchmarkDelete(b *testing.B, opt store.DeleteOptions) {
	for b.Loop() {
		b.StopTimer()
		f, s := newFar(b, numbered(10_000))
		victims := f.listed(b, s, "foo/")
		b.StartTimer()
		for o, err := range s.Delete(b.Context(), victims, opt) {
			if err != nil {
				b.Fatal(o.Key, err)
			}
		}
		b.StopTimer()
		if left := len(f.Keys("")); left > 0 {
			b.Fatalf("%d are left", left)
		}
		f.report(b)
		f.Close()
		b.StartTimer()
	}
}

func (f *far) report(b *testing.B) {
	b.ReportMetric(float64(f.requests.Load()), "requests")
	b.ReportMetric(float64(f.most.Load()), "most-in-flight")
}

// BenchmarkDelete10k deletes 10,000 objects a thousand at a time, BenchmarkDeleteEach10k
// one by one, and BenchmarkCopy10k copies as many.
func BenchmarkDelete10k(b *testing.B)     { benchmarkDelete(b, store.DeleteOptions{Batch: true}) }
func BenchmarkDeleteEach10k(b *testing.B) { benchmarkDelete(b, store.DeleteOptions{}) }

// TestDeleteInFlight: batches, and single deletes, are under way at the same time, and
// their outcomes come in the order of the victims.
func TestDeleteInFlight(t *testing.T) {
	for _, c := range []struct {
		n                     int
		batch                 bool
		requests, most, least int64
	}{{4500, true, 5, maxBatches, 3}, {100, false, 200, defaultConcurrency, 12}} {
		f, s := newFar(t, numbered(c.n))
		victims := f.listed(t, s, "foo/")
		i := 0
		for o, err := range s.Delete(t.Context(), victims, store.DeleteOptions{Batch: c.batch}) {
			if err != nil || o != victims[i] {
				t.Fatalf("outcome %d: %s, %v, want that of %s", i, o.Key, err, victims[i].Key)
			}
			i++
		}
		if i != c.n || len(f.Keys("")) != 0 {
			t.Errorf("%d outcomes, %d objects left", i, len(f.Keys("")))
		}
		if n, most := f.requests.Load(), f.most.Load(); n != c.requests || most < c.least || most > c.most {
			t.Errorf("%d requests, %d at the same time, want %d, %d to %d", n, most, c.requests, c.least, c.most)
		}
	}
}

// TestDeleteStops: whoever wants no more outcomes waits for what is under way, and
// nothing else is deleted.
func TestDeleteStops(t *testing.T) {
	f, s := newFar(t, numbered(300))
	for _, err := range s.Delete(t.Context(), f.listed(t, s, "foo/"), store.DeleteOptions{}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	left := len(f.Keys(""))
	if left == 300 || left < 200 || f.active.Load() != 0 {
		t.Errorf("%d of 300 are left, %d requests under way", left, f.active.Load())
	}
	time.Sleep(2 * distance)
	if now := len(f.Keys("")); now != left {
		t.Errorf("%d are left, then %d", left, now)
	}
}

func BenchmarkCopy10k(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		f, s := newFar(b, numbered(10_000))
		from := f.listed(b, s, "foo/")
		b.StartTimer()
		inFlight(b, defaultConcurrency, from, func(o store.Object) error {
			_, err := s.Copy(b.Context(), o, "out/"+o.Key, store.PutOptions{IfAbsent: true})
			return err
		})
		b.StopTimer()
		f.report(b)
		f.Close()
		b.StartTimer()
	}
}

// inFlight does something to objects, some at the same time.
func inFlight(t testing.TB, atOnce int, objects []store.Object, do func(store.Object) error) {
	queue, ended := make(chan store.Object), make(chan error, atOnce)
	for range atOnce {
		go func() {
			var first error
			for o := range queue {
				if err := do(o); err != nil && first == nil {
					first = err
				}
			}
			ended <- first
		}()
	}
	for _, o := range objects {
		queue <- o
	}
	close(queue)
	for range atOnce {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
}
