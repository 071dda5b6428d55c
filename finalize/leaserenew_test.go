package finalize_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"recfin/finalize"
	"recfin/store"
	"recfin/store/mem"
)

// slow is a store that takes its time over some puts, by the clock of a bubble.
type slow struct {
	store.Store
	put func(key string)
}

func (s *slow) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	s.put(key)
	if err := ctx.Err(); err != nil {
		return store.Object{}, err
	}
	return s.Store.Put(ctx, key, body, opt)
}

// aired is a world whose clock is that of the bubble.
func aired() *world {
	c := &clock{}
	w := &world{mem.New(mem.Options{Clock: func() time.Time { c.set(time.Now()); return c.now() }}), c}
	for n := range 5 {
		w.Set(fmt.Sprintf("foo/A/720p/%d.ts", n), high.segment(n), uploaded(n).Add(time.Until(onAir)).Add(-3*time.Hour), nil)
	}
	return w
}

// TestLeaseRenewed: a run that takes long keeps its lease, and loses it when it
// hangs.
func TestLeaseRenewed(t *testing.T) {
	t.Run("slow", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := aired()
			var l *leaseFile
			mustRun(t, on("here", only(&slow{w, func(key string) {
				if strings.HasSuffix(key, "segments.json.gz") {
					time.Sleep(10*time.Minute + time.Second)
					l = w.held(t)
					if _, err := run(on("there", only(w, finalize.Formats{HLS: true})), "foo"); !errors.Is(err, finalize.ErrLeased) {
						t.Errorf("the rival: %v", err)
					}
				}
			}}, finalize.Formats{HLS: true})), "foo")
			if l == nil || l.Renewed != 20 || w.held(t) != nil {
				t.Errorf("renewed %+v, left %v", l, w.held(t))
			}
		})
	})
	t.Run("renewals fail for a while", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w, began := aired(), time.Now()
			mustRun(t, on("here", only(&slow{&leaseFault{w, func(op string) (now, then error) {
				if d := time.Since(began); op == "put" && d > 0 && d < 5*time.Minute {
					return store.ErrUnavailable, nil
				} else if op == "put" && d > 6*time.Minute && d < 8*time.Minute {
					return nil, store.ErrUnknown
				}
				return nil, nil
			}}, func(key string) {
				if strings.HasSuffix(key, "segments.json.gz") {
					time.Sleep(10*time.Minute + time.Second)
				}
			}}, finalize.Formats{HLS: true})), "foo")
			if w.held(t) != nil {
				t.Errorf("left %+v", w.held(t))
			}
		})
	})
	t.Run("taken away by hand", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := aired()
			mustRun(t, on("here", only(&slow{w, func(key string) {
				if strings.HasSuffix(key, "segments.json.gz") {
					w.remove(t, leaseKey)
					time.Sleep(time.Minute)
					if l := w.held(t); l == nil || l.Host != "here" {
						t.Errorf("it is not held any more: %+v", l)
					}
				}
			}}, finalize.Formats{HLS: true})), "foo")
			if w.held(t) != nil {
				t.Errorf("left %+v", w.held(t))
			}
		})
	})
	t.Run("lost", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := aired()
			r, err := run(on("here", only(&slow{w, func(key string) {
				if strings.HasSuffix(key, "segments.json.gz") {
					w.clock.set(time.Now())
					w.leave(t, 0, nil)
					time.Sleep(time.Minute)
				}
			}}, finalize.Formats{HLS: true})), "foo")
			if !errors.Is(err, finalize.ErrLeased) || r.Status() != finalize.Leased || len(r.Committed) > 0 {
				t.Errorf("%v", err)
			}
			if l := w.held(t); l == nil || l.Host != "elsewhere" {
				t.Errorf("the lease of the other run was touched: %+v", l)
			}
			if read(t, w.Snapshot(), "foo") != nil {
				t.Error("it was committed")
			}
		})
	})
}

// TestLeaseLostAnswers: an answer to any request about the lease is lost, or the
// request fails. The work is done, and no lease of ours stays for long.
func TestLeaseLostAnswers(t *testing.T) {
	for _, after := range []bool{false, true} {
		for _, op := range []string{"put", "get", "delete"} {
			t.Run(fmt.Sprintf("%s, after %v", op, after), func(t *testing.T) {
				w := newWorld(false)
				w.takeover("foo")
				w.leave(t, 0, func(l *leaseFile) { l.Released = true })
				hit := false
				faulty := &leaseFault{Store: w, fail: func(what string) (now, then error) {
					if what != op || hit {
						return nil, nil
					}
					hit = true
					if after {
						return nil, store.ErrUnavailable
					}
					return store.ErrUnavailable, nil
				}}
				_, err := run(on("here", settings(faulty)), "foo")
				if !hit {
					t.Fatal("the fault was not met")
				}
				if err != nil && (op == "delete" || !errors.Is(err, store.ErrUnavailable)) {
					t.Errorf("%v", err)
				}
				if l := w.held(t); l != nil && !l.Released {
					t.Errorf("the lease stands: %+v", l)
				}
				mustRun(t, on("there", settings(w)), "foo")
				if a := read(t, w.Snapshot(), "foo"); a == nil || a.Generation != 1 {
					t.Error("the work is not done, or twice")
				}
			})
		}
	}
}

// TestLeaseUnknown: the answer to the put is lost, and so is that to the read which
// would tell. The run may fail, and it is not kept off by its own lease, nor is
// the next one.
func TestLeaseUnknown(t *testing.T) {
	for _, committed := range []bool{false, true} {
		w := newWorld(false)
		w.takeover("foo")
		if committed { // something is due first, and that the lease cannot be had then is no failure
			mustRun(t, with(settings(w), func(c *finalize.Config) { c.DeleteDelay = day }), "foo")
			w.clock.advance(day)
			w.Set("foo/B/720p/7.ts", high.segment(7), w.clock.now().Add(-2*time.Hour), nil)
		}
		n := map[string]int{}
		faulty := &leaseFault{Store: w, fail: func(op string) (now, then error) {
			if n[op]++; n[op] == 1 && op != "delete" {
				return nil, store.ErrUnavailable
			}
			return nil, nil
		}}
		_, err := run(on("here", settings(faulty)), "foo")
		if n["put"] == 0 || n["get"] == 0 || err != nil && !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("committed %v: %v", committed, err)
		}
		if l := w.held(t); l != nil {
			t.Errorf("committed %v: the lease stands: %+v", committed, l)
		}
		mustRun(t, on("there", settings(w)), "foo")
	}
}

// leaseFault lets requests about leases fail, now or after their effect.
type leaseFault struct {
	store.Store
	fail func(op string) (now, then error)
}

func (f *leaseFault) at(op, key string) (now, then error) {
	if !strings.HasPrefix(key, private+"leases/") {
		return nil, nil
	}
	return f.fail(op)
}

func (f *leaseFault) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	now, then := f.at("put", key)
	if now != nil {
		return store.Object{}, now
	}
	o, err := f.Store.Put(ctx, key, body, opt)
	return o, errors.Join(err, then)
}

func (f *leaseFault) Get(ctx context.Context, key string, r store.Range, opt store.GetOptions) (store.Body, error) {
	if now, then := f.at("get", key); now != nil || then != nil {
		return store.Body{}, errors.Join(now, then)
	}
	return f.Store.Get(ctx, key, r, opt)
}

func (f *leaseFault) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		now, then := f.at("delete", victims[0].Key)
		if now != nil {
			yield(victims[0], now)
			return
		}
		for o, err := range f.Store.Delete(ctx, victims, opt) {
			if !yield(o, errors.Join(err, then)) {
				return
			}
		}
	}
}
