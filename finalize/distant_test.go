package finalize_test

import (
	"context"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"recfin/internal/testenv"
	"recfin/store"
	"recfin/store/mem"
)

// distance is how long a request takes in a distant store.
const distance = 40 * time.Millisecond

// distant is a store far away, for bubbles of package synctest. It counts requests and
// how many are under way.
type distant struct {
	store.Store
	requests, active, most atomic.Int64
}

// travel is one request.
func (s *distant) travel() {
	s.requests.Add(1)
	for n, most := s.active.Add(1), s.most.Load(); n > most && !s.most.CompareAndSwap(most, n); most = s.most.Load() {
	}
	defer s.active.Add(-1)
	time.Sleep(distance)
}

func (s *distant) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		n := 0
		s.travel()
		for o, err := range s.Store.List(ctx, prefix) {
			if n++; n%1000 == 1 && n > 1 {
				s.travel()
			}
			if !yield(o, err) {
				return
			}
		}
	}
}

func (s *distant) Head(ctx context.Context, key string) (store.Info, error) {
	s.travel()
	return s.Store.Head(ctx, key)
}

func (s *distant) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	s.travel()
	return s.Store.Get(ctx, key, r, opt)
}

func (s *distant) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	s.travel()
	return s.Store.Put(ctx, key, body, opt)
}

func (s *distant) Copy(ctx context.Context, from store.Object, key string, opt store.PutOptions) (store.Object, error) {
	s.travel()
	return s.Store.Copy(ctx, from, key, opt)
}

func (s *distant) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		s.travel()
		for o, err := range s.Store.Delete(ctx, victims, opt) {
			if !yield(o, err) {
				return
			}
		}
	}
}

// TestDeletingFarAway: what is listed before a batch goes is asked for at the same time,
// and so is what it rests on, so that a batch of a thousand takes the time of few requests.
func TestDeletingFarAway(t *testing.T) {
	rounds := func(n int) (in, requests int64) {
		w, _ := crowd(t, n, mem.Options{})
		synctest.Test(t, func(t *testing.T) {
			s := &distant{Store: w}
			begin := time.Now()
			if r := mustRun(t, deleting(s), "foo"); len(r.Deleted) != n {
				t.Errorf("%d deleted of %d", len(r.Deleted), n)
			}
			in, requests = int64(time.Since(begin)/distance), s.requests.Load()
		})
		return in, requests
	}
	few, fewer := rounds(5000)
	many, more := rounds(15_000)
	testenv.Figure(t, "deleting", "5,000 sources: %d requests in the time of %d; 15,000: %d in that of %d", fewer, few, more, many)
	if per := float64(many-few) / 10; per > 7.5 {
		t.Errorf("a batch takes the time of %v requests", per)
	}
}
