package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"
)

// probeAge is how old an unfinished upload of a probe must be before another
// probe takes it for one of a dead process.
const probeAge = 24 * time.Hour

// Three contents of one size, so that only their ETags can tell them apart.
var (
	probeOne   = []byte("recfin probe, 1st version\n")
	probeTwo   = []byte("recfin probe, 2nd version\n")
	probeThree = []byte("recfin probe, 3rd version\n")
)

// prober asks a store several things at once, where the one does not rest on the
// other: a store that is far away takes as long as the longest chain of requests.
type prober struct {
	ctx    context.Context
	s      Store
	probes string // what the keys of all probes begin with
	own    string // what those of this one begin with
	can    Capabilities

	mu      sync.Mutex
	left    []string // keys under which something may be
	trouble error    // a request that was not answered
}

// inquiry is one thing to find out.
type inquiry struct {
	honoured *bool // nobody else writes it
	seen     func() bool
}

// ask finds several things out, unless a request before them was not answered.
func (p *prober) ask(about ...inquiry) {
	if p.trouble != nil {
		return
	}
	var all []func()
	for _, x := range about {
		all = append(all, func() { *x.honoured = x.seen() })
	}
	together(all)
}

// together does several things at once. A panic is one of the caller, who knows what
// to do about it; in a goroutine of its own it would end the process.
func together(all []func()) {
	var g sync.WaitGroup
	thrown := make(chan any, len(all))
	for _, do := range all {
		g.Go(func() {
			defer func() {
				if v := recover(); v != nil {
					thrown <- v
				}
			}()
			do()
		})
	}
	g.Wait()
	select {
	case v := <-thrown:
		panic(v)
	default:
	}
}

// note keeps an error that says nothing about what the store honours: a store that
// is full refuses also what it would honour.
func (p *prober) note(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.trouble == nil && (errors.Is(err, ErrUnavailable) || errors.Is(err, ErrUnknown) || errors.Is(err, ErrFull)) {
		p.trouble = err
	}
}

// unanswered reports whether there was such an error.
func (p *prober) unanswered() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.trouble != nil
}

// wrote remembers a key for the clean-up, whatever comes of the write.
func (p *prober) wrote(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Contains(p.left, key) {
		p.left = append(p.left, key)
	}
}

func (p *prober) put(key string, body []byte, opt PutOptions) (Object, error) {
	p.wrote(key)
	o, err := p.s.Put(p.ctx, key, body, opt)
	p.note(err)
	return o, err
}

// create writes under the condition that nothing is there, whether the store is known to
// honour that or not: a request that was repeated and takes effect late must not change
// what the probe looks at by then. A store that does not take the condition is asked
// without it. update writes under one that is known to be honoured.
func (p *prober) create(key string, body []byte, opt PutOptions) (Object, error) {
	opt.IfAbsent = true
	o, err := p.put(key, body, opt)
	if err == nil || p.unanswered() || errors.Is(err, ErrConflict) || errors.Is(err, ErrDenied) {
		return o, err
	}
	opt.IfAbsent = false
	return p.put(key, body, opt)
}

func (p *prober) update(old Object, body []byte) (Object, error) {
	var opt PutOptions
	if p.can.Replace {
		opt.IfMatch = old.ETag
	}
	return p.put(old.Key, body, opt)
}

// putInParts stores a small object as large ones are.
func (p *prober) putInParts(key string, body []byte, opt PutOptions) error {
	p.wrote(key)
	u, err := p.s.Create(p.ctx, key, CreateOptions{PutOptions: opt, Parts: true})
	if err == nil {
		_, err = u.Write(body)
		if err == nil {
			_, err = u.Commit(p.ctx, bytes.NewReader(nil))
		} else {
			p.note(u.Abort())
		}
	}
	p.note(err)
	return err
}

func (p *prober) head(key string) (Info, error) {
	info, err := p.s.Head(p.ctx, key)
	p.note(err)
	return info, err
}

func (p *prober) gone(key string) bool {
	_, err := p.head(key)
	return errors.Is(err, ErrNotExist)
}

var errNoOutcome = errors.New("the delete had no outcome")

// delete gives the outcome of each victim, in their order.
func (p *prober) delete(opt DeleteOptions, victims ...Object) []error {
	outcomes := make([]error, len(victims))
	for i := range outcomes {
		outcomes[i] = errNoOutcome
	}
	for o, err := range p.s.Delete(p.ctx, victims, opt) {
		if i := slices.IndexFunc(victims, o.Same); i >= 0 {
			outcomes[i] = err
		}
		p.note(err)
		if errors.Is(err, ErrDenied) {
			p.mu.Lock()
			p.can.DeleteDenied = true
			p.mu.Unlock()
		}
	}
	return outcomes
}

func (p *prober) holds(key string, want []byte) bool {
	b, err := p.s.Get(p.ctx, key, Whole, GetOptions{Prove: true}) // bytes that were spoilt on the way say nothing
	if p.note(err); err != nil {
		return false
	}
	defer b.Close()
	got, err := io.ReadAll(io.LimitReader(b, int64(len(want))+1))
	p.note(err)
	return err == nil && bytes.Equal(got, want)
}

// clean removes what was written, if it may. A context that is done ends that
// too: whoever cancels wants nothing deleted behind it. What stays is small and
// never listed as input.
func (p *prober) clean() {
	if p.can.DeleteDenied || p.trouble != nil { // it may be all of them
		for _, key := range p.left {
			if errors.Is(p.remove(key), ErrDenied) {
				return
			}
		}
		return
	}
	var all []func()
	for _, key := range p.left {
		all = append(all, func() { _ = p.remove(key) })
	}
	together(all)
}

// remove deletes what is under a key.
func (p *prober) remove(key string) error {
	info, err := p.s.Head(p.ctx, key)
	if err != nil {
		return nil
	}
	for _, err = range p.s.Delete(p.ctx, []Object{info.Object}, DeleteOptions{Blind: true}) {
	}
	return err
}

// versioned: what was just written has the name of a version.
func (p *prober) versioned(key string) bool {
	info, err := p.head(key)
	p.can.Links = err == nil && info.File != ""
	return err == nil && info.Version != ""
}

// createOnce: where nothing is it writes, where something is it does not.
func (p *prober) createOnce(key string) bool {
	once := PutOptions{IfAbsent: true}
	if _, err := p.put(key, probeOne, once); err != nil {
		return false
	}
	var held, refused bool
	together([]func(){
		func() { held = p.holds(key, probeOne) },
		func() {
			_, err := p.put(key, probeTwo, once)
			refused = errors.Is(err, ErrConflict)
		},
	})
	return held && refused && p.holds(key, probeOne)
}

// replace: the right ETag is let through once; then it is a wrong one. Nor is it let
// through where nothing is.
func (p *prober) replace(key, nothing string) bool {
	first, err := p.create(key, probeOne, PutOptions{})
	if err != nil || !first.Strong() {
		return false
	}
	match := PutOptions{IfMatch: first.ETag}
	var replaced, kept bool
	together([]func(){
		func() { replaced = p.replaceOnce(first, match) },
		func() {
			_, err := p.put(nothing, probeThree, match)
			kept = errors.Is(err, ErrConflict) && p.gone(nothing)
		},
	})
	return replaced && kept
}

// replaceOnce replaces what was written first twice under the same condition: the first
// time it is let through.
func (p *prober) replaceOnce(first Object, match PutOptions) bool {
	second, err := p.put(first.Key, probeTwo, match)
	if err != nil || !second.Strong() || second.ETag == first.ETag {
		return false
	}
	var held, refused bool
	together([]func(){
		func() { held = p.holds(first.Key, probeTwo) },
		func() {
			_, err := p.put(first.Key, probeThree, match)
			refused = errors.Is(err, ErrConflict)
		},
	})
	return held && refused && p.holds(first.Key, probeTwo)
}

// checksum: the store tells the right one, and refuses contents that have
// another than it was told. To refuse them it must have computed it over what
// came to it; a store that repeats what it was told lets them pass. Large objects
// take another way through a store than small ones, so a part is refused as well;
// one that is the first and the last may be small. The upload of it that a probe
// left behind which died is aborted here, where that is allowed.
func (p *prober) checksum(key, large string) bool {
	right, wrong := PutOptions{CRC64: CRC64(probeOne)}, PutOptions{CRC64: CRC64(probeTwo)}
	var small, parts bool
	together([]func(){
		func() {
			if _, err := p.create(key, probeOne, right); err != nil {
				return
			}
			if info, err := p.head(key); err != nil || info.CRC64 != right.CRC64 {
				return
			}
			_, err := p.put(key, probeThree, wrong)
			small = errors.Is(err, ErrInvalid) && p.holds(key, probeOne)
		},
		func() {
			err := p.putInParts(large, probeThree, wrong)
			parts = errors.Is(err, ErrInvalid) && p.gone(large)
		},
		func() { _, _ = p.s.Sweep(p.ctx, p.probes, probeAge) },
	})
	return small && parts
}

// twice writes two versions under a key and gives both.
func (p *prober) twice(key string) (stale, fresh Object, ok bool) {
	stale, err := p.create(key, probeOne, PutOptions{})
	if err != nil || !stale.Strong() {
		return stale, fresh, false
	}
	fresh, err = p.update(stale, probeTwo)
	return stale, fresh, err == nil && fresh.Strong() && fresh.ETag != stale.ETag
}

// deleteIfMatch: a version that was replaced is refused and nothing is lost;
// the one that is there goes.
func (p *prober) deleteIfMatch(key string) bool {
	stale, fresh, ok := p.twice(key)
	if !ok {
		return false
	}
	blind := DeleteOptions{Blind: true}
	if err := p.delete(blind, stale)[0]; !errors.Is(err, ErrChanged) || !p.holds(key, probeTwo) {
		return false
	}
	return p.delete(blind, fresh)[0] == nil && p.gone(key)
}

// deleteBatch is the same for two victims of one request: one was replaced, the
// other was not.
func (p *prober) deleteBatch(key, other string) bool {
	stale, _, ok := p.twice(key)
	if !ok {
		return false
	}
	fine, err := p.create(other, probeOne, PutOptions{})
	if err != nil || !fine.Strong() {
		return false
	}
	outcomes := p.delete(DeleteOptions{Batch: true, Blind: true}, stale, fine)
	return errors.Is(outcomes[0], ErrChanged) && outcomes[1] == nil && p.holds(key, probeTwo) && p.gone(other)
}
