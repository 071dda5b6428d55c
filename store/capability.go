package store

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// Capabilities are conditions that a store was seen to honour. What could not
// be seen counts as not honoured.
type Capabilities struct {
	CreateOnce    bool // PutOptions.IfAbsent keeps what is there
	Replace       bool // PutOptions.IfMatch replaces the named version only
	DeleteIfMatch bool // Delete removes the named version only, and does remove it
	DeleteBatch   bool // so does Delete with DeleteOptions.Batch
	Versioned     bool // a delete only hides: what was there can be brought back
	Checksum      bool // Info.CRC64 is computed by the store, over what it stored
}

// Detect finds out what s honours, by the answer and by the effect: after a
// refused write or delete the object must still hold the bytes that it held.
// It works on objects of its own with random names in dir+"probe/", and removes
// them where it can; dir is "" or ends in a slash, and is usually
// "<out>/.recfin/". The names have no folder of their own, because a file store
// would keep the empty folders.
//
// The error is that of the first write (nothing can be said then), that of any
// request that the store could not answer, or of a context that is done: "ask
// again" is not "not honoured".
func Detect(ctx context.Context, s Store, dir string) (Capabilities, error) {
	name := make([]byte, 12)
	_, _ = rand.Read(name) // it never fails (crypto/rand)
	p := &prober{ctx: ctx, s: s, own: dir + "probe/" + hex.EncodeToString(name) + "-"}
	var c Capabilities
	key := p.own + "write"
	first, err := s.Put(ctx, key, probeOne, PutOptions{})
	if err != nil {
		return c, fmt.Errorf("probe what the store honours: %w", err)
	}
	c.CreateOnce = p.createOnce(p.own + "once")
	c.Replace = p.replace(key, first)
	c.DeleteIfMatch = p.deleteIfMatch(p.own + "delete")
	p.clean(key)
	p.clean(p.own + "delete")
	p.clean(p.own + "once")
	if err := cmp.Or(ctx.Err(), p.trouble); err != nil {
		return Capabilities{}, fmt.Errorf("probe what the store honours: %w", err)
	}
	return c, nil
}

// Three contents of one size, so that only their ETags can tell them apart.
var (
	probeOne   = []byte("recfin probe, 1st version\n")
	probeTwo   = []byte("recfin probe, 2nd version\n")
	probeThree = []byte("recfin probe, 3rd version\n")
)

type prober struct {
	ctx context.Context
	s   Store
	own string // what every key begins with

	trouble error // the first request that was not answered
}

// note keeps an error that says nothing about what the store honours.
func (p *prober) note(err error) {
	if p.trouble == nil && (errors.Is(err, ErrUnavailable) || errors.Is(err, ErrUnknown)) {
		p.trouble = err
	}
}

func (p *prober) put(key string, body []byte, opt PutOptions) (Object, error) {
	o, err := p.s.Put(p.ctx, key, body, opt)
	p.note(err)
	return o, err
}

func (p *prober) head(key string) (Info, error) {
	info, err := p.s.Head(p.ctx, key)
	p.note(err)
	return info, err
}

// createOnce: where nothing is it writes, where something is it does not.
func (p *prober) createOnce(key string) bool {
	once := PutOptions{IfAbsent: true}
	if _, err := p.put(key, probeOne, once); err != nil || !p.holds(key, probeOne) {
		return false
	}
	_, err := p.put(key, probeTwo, once)
	return errors.Is(err, ErrConflict) && p.holds(key, probeOne)
}

// replace: the right ETag is let through once; then it is a wrong one.
func (p *prober) replace(key string, first Object) bool {
	if !first.Strong() {
		return false
	}
	second, err := p.put(key, probeTwo, PutOptions{IfMatch: first.ETag})
	if err != nil || !second.Strong() || second.ETag == first.ETag || !p.holds(key, probeTwo) {
		return false
	}
	_, err = p.put(key, probeThree, PutOptions{IfMatch: first.ETag})
	if !errors.Is(err, ErrConflict) || !p.holds(key, probeTwo) {
		return false
	}
	_, err = p.put(p.own+"nothing", probeThree, PutOptions{IfMatch: first.ETag})
	if !errors.Is(err, ErrConflict) {
		p.clean(p.own + "nothing")
		return false
	}
	return true
}

// deleteIfMatch: a version that was replaced is refused and nothing is lost;
// the one that is there goes.
func (p *prober) deleteIfMatch(key string) bool {
	stale, err := p.put(key, probeOne, PutOptions{})
	if err != nil || !stale.Strong() {
		return false
	}
	fresh, err := p.put(key, probeTwo, PutOptions{})
	if err != nil || !fresh.Strong() || fresh.ETag == stale.ETag {
		return false
	}
	if err := p.delete(stale); !errors.Is(err, ErrChanged) || !p.holds(key, probeTwo) {
		return false
	}
	if err := p.delete(fresh); err != nil {
		return false
	}
	_, err = p.head(key)
	return errors.Is(err, ErrNotExist)
}

var errNoOutcome = errors.New("the delete had no outcome")

func (p *prober) delete(victim Object) error {
	err := errNoOutcome
	for _, err = range p.s.Delete(p.ctx, []Object{victim}, DeleteOptions{}) {
	}
	p.note(err)
	return err
}

func (p *prober) holds(key string, want []byte) bool {
	b, err := p.s.Get(p.ctx, key, Whole, GetOptions{})
	if p.note(err); err != nil {
		return false
	}
	defer b.Close()
	got, err := io.ReadAll(io.LimitReader(b, int64(len(want))+1))
	p.note(err)
	return err == nil && bytes.Equal(got, want)
}

// clean removes a probe object if it can. What stays is small and never listed
// as input.
func (p *prober) clean(key string) {
	if info, err := p.head(key); err == nil {
		_ = p.delete(info.Object)
	}
}
