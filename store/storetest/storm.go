package storetest

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"iter"
	"math/rand/v2"
	"sync"
	"time"

	"recfin/store"
)

// Weather says how often things go wrong, in thousandths.
type Weather struct {
	Fail  int // operations that fail as unavailable: half of them have no effect, of the others the answer is lost
	Late  int // of the writes and deletes that fail without effect, those that take effect some operations later
	Cut   int // bodies that break off
	Slow  int // bodies that come in small pieces
	Wrong int // bodies of whole objects with one wrong byte; a read that is to be proved notices at its end
}

// Storm is a store on a network in bad weather, as a client without retries sees
// it. What goes wrong follows from the seed, the operation, its key and how often
// that was asked before, not from what else happens at the same time.
//
// A List that fails after its effect ends early with the error. A Commit that
// fails with store.ErrUnavailable may be called again; with store.ErrUnknown it
// took effect, or will.
type Storm struct {
	inner store.Store
	seed  uint64
	w     Weather

	mu    sync.Mutex
	calm  bool
	asked map[string]uint64
	ops   int
	late  []lateEffect
	did   map[string]int
}

type lateEffect struct {
	at int // number of the operation ahead of which it takes place
	do func()
}

var _ store.Store = (*Storm)(nil)

// NewStorm wraps s.
func NewStorm(s store.Store, seed uint64, w Weather) *Storm {
	return &Storm{inner: s, seed: seed, w: w, asked: map[string]uint64{}, did: map[string]int{}}
}

// Rest ends the storm. What is late takes effect now.
func (s *Storm) Rest() {
	s.mu.Lock()
	s.calm = true
	s.mu.Unlock()
	s.catchUp(true)
}

// Did is how often each kind of thing went wrong: "failed", "lost", "late", "cut",
// "slow", "wrong"; and "operations" in all.
func (s *Storm) Did() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]int{"operations": s.ops}
	for k, n := range s.did {
		all[k] = n
	}
	return all
}

func (s *Storm) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.did[what]++
}

// dice are those of one operation; nil in calm weather.
func (s *Storm) dice(op, key string) *rand.Rand {
	s.catchUp(false)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ops++
	if s.calm {
		return nil
	}
	name := op + " " + key
	s.asked[name]++
	h := fnv.New64a()
	_ = binary.Write(h, binary.BigEndian, []uint64{s.seed, s.asked[name]})
	_, _ = io.WriteString(h, name)
	return rand.New(rand.NewPCG(s.seed, h.Sum64()))
}

// catchUp makes the late effects whose time has come.
func (s *Storm) catchUp(all bool) {
	s.mu.Lock()
	var now []func()
	rest := s.late[:0]
	for _, l := range s.late {
		if all || l.at <= s.ops {
			now = append(now, l.do)
		} else {
			rest = append(rest, l)
		}
	}
	s.late = rest
	s.mu.Unlock()
	for _, do := range now {
		do()
	}
}

func rolls(d *rand.Rand, perMille int) bool { return d != nil && d.IntN(1000) < perMille }

// fate says when an operation fails, if it does.
func (s *Storm) fate(op, key string) (when moment, d *rand.Rand, err error) {
	d = s.dice(op, key)
	if !rolls(d, s.w.Fail) {
		return clean, d, nil
	}
	err = &store.Error{Op: op, Store: s.Label(), Key: key, Err: store.ErrUnavailable}
	if d.IntN(2) == 0 {
		s.note("lost")
		return after, d, err
	}
	s.note("failed")
	return before, d, err
}

// later lets an effect that did not take place do so in a while, now and then.
func (s *Storm) later(d *rand.Rand, do func()) {
	if rolls(d, s.w.Late) {
		s.putOff(d, do)
	}
}

func (s *Storm) putOff(d *rand.Rand, do func()) {
	s.note("late")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late = append(s.late, lateEffect{s.ops + 1 + d.IntN(60), do})
}

// Label is that of the wrapped store.
func (s *Storm) Label() string { return s.inner.Label() }

// List lists.
func (s *Storm) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return stormList(s, "list", prefix, s.inner.List(ctx, prefix))
}

// Folders lists.
func (s *Storm) Folders(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return stormList(s, "folders", prefix, s.inner.Folders(ctx, prefix))
}

func stormList[T any](s *Storm, op, prefix string, seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		when, d, planned := s.fate(op, prefix)
		left := -1
		if when == before {
			left = 0
		} else if when == after {
			left = d.IntN(20)
		}
		for item, err := range seq {
			if left == 0 {
				break
			}
			left--
			if !yield(item, err) {
				return
			}
		}
		if when != clean {
			yield(none, planned)
		}
	}
}

// Head gives what is known of one object.
func (s *Storm) Head(ctx context.Context, key string) (store.Info, error) {
	if when, _, err := s.fate("head", key); when != clean {
		return store.Info{}, err
	}
	return s.inner.Head(ctx, key)
}

// Now asks the clock.
func (s *Storm) Now(ctx context.Context) (time.Time, error) {
	if when, _, err := s.fate("now", ""); when != clean {
		return time.Time{}, err
	}
	return s.inner.Now(ctx)
}

// Put stores an object.
func (s *Storm) Put(ctx context.Context, key string, body []byte, opt store.PutOptions) (store.Object, error) {
	when, d, planned := s.fate("put", key)
	if when == before {
		body = append([]byte(nil), body...)
		s.later(d, func() { _, _ = s.inner.Put(context.WithoutCancel(ctx), key, body, opt) })
		return store.Object{}, planned
	}
	o, err := s.inner.Put(ctx, key, body, opt)
	if when == after {
		return store.Object{}, planned
	}
	return o, err
}

// Copy copies an object. One that is not heard of took effect, or may do so later.
func (s *Storm) Copy(ctx context.Context, from store.Object, key string, opt store.PutOptions) (store.Object, error) {
	when, d, planned := s.fate("copy", key)
	if when == before {
		if rolls(d, s.w.Late) {
			s.putOff(d, func() { _, _ = s.inner.Copy(context.WithoutCancel(ctx), from, key, opt) })
			planned = unheard(planned)
		}
		return store.Object{}, planned
	}
	o, err := s.inner.Copy(ctx, from, key, opt)
	if when == after {
		return store.Object{}, unheard(planned)
	}
	return o, err
}

// Sweep aborts unfinished uploads.
func (s *Storm) Sweep(ctx context.Context, prefix string, age time.Duration) (int, error) {
	when, _, planned := s.fate("sweep", prefix)
	if when == before {
		return 0, planned
	}
	n, err := s.inner.Sweep(ctx, prefix, age)
	if when == after {
		return 0, planned
	}
	return n, err
}

// Delete hands the victims on one by one.
func (s *Storm) Delete(ctx context.Context, victims []store.Object, opt store.DeleteOptions) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		for i, v := range victims {
			if !yield(v, s.deleteOne(ctx, victims[i:i+1], opt)) {
				return
			}
		}
	}
}

func (s *Storm) deleteOne(ctx context.Context, victim []store.Object, opt store.DeleteOptions) error {
	when, d, planned := s.fate("delete", victim[0].Key)
	do := func(ctx context.Context) error {
		err := fmt.Errorf("delete %s: no outcome", victim[0].Key)
		for _, err = range s.inner.Delete(ctx, victim, opt) {
		}
		return err
	}
	if when == before {
		s.later(d, func() { _ = do(context.WithoutCancel(ctx)) })
		return planned
	}
	err := do(ctx)
	if when == after {
		return planned
	}
	return err
}
