package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
)

// Capabilities are conditions that a store was seen to honour. What could not
// be seen counts as not honoured.
type Capabilities struct {
	CreateOnce    bool // PutOptions.IfAbsent keeps what is there
	Replace       bool // PutOptions.IfMatch replaces the named version only
	DeleteIfMatch bool // Delete removes the named version only, and does remove it
	DeleteBatch   bool // so does Delete with DeleteOptions.Batch
	DeleteDenied  bool // there is no right to delete, which is why neither is seen
	Links         bool // several keys may lead to one object, which Info.File tells
	Versioned     bool // a delete only hides: what was there can be brought back
	Checksum      bool // Info.CRC64 is computed by the store, over what came to it, in one piece or in parts
}

// Detect finds out what s honours, by the answer and by the effect: after a
// refused write or delete the object must still hold the bytes that it held.
// It works on objects of its own with random names in dir+"probe/", and removes
// them where it may, also when it fails; dir is "" or ends in a slash, and is
// usually "<out>/.recfin/". The names have no folder of their own, because a file
// store would keep the empty folders. A store without the right to delete still
// shows what its writes honour.
//
// The error is that of the first write (nothing can be said then), that of any
// request that the store could not answer, or of a context that is done: "ask
// again" is not "not honoured".
func Detect(ctx context.Context, s Store, dir string) (Capabilities, error) {
	return DetectEarly(ctx, s, dir, func(Capabilities) {})
}

// DetectEarly is Detect for whoever writes before it deletes: early is called once with
// what writes honour (all but what begins with Delete, which is not asked for yet), unless
// a request until then was not answered. It is over before anything else is asked.
func DetectEarly(ctx context.Context, s Store, dir string, early func(Capabilities)) (Capabilities, error) {
	name := make([]byte, 12)
	_, _ = rand.Read(name) // it never fails (crypto/rand)
	p := &prober{ctx: ctx, s: s, probes: dir + "probe/", own: dir + "probe/" + hex.EncodeToString(name) + "-"}
	defer p.clean()
	key := p.own + "write"
	if _, err := p.put(key, probeOne, PutOptions{}); err != nil {
		return Capabilities{}, fmt.Errorf("probe what the store honours: %w", err)
	}
	c := &p.can
	// What is asked in one stage has keys of its own.
	p.ask(
		inquiry{&c.Versioned, func() bool { return p.versioned(key) }},
		inquiry{&c.CreateOnce, func() bool { return p.createOnce(p.own + "once") }},
		inquiry{&c.Replace, func() bool { return p.replace(p.own+"replace", p.own+"nothing") }},
		inquiry{&c.Checksum, func() bool { return p.checksum(p.own+"sum", p.own+"part") }},
	)
	if ctx.Err() == nil && p.trouble == nil {
		early(*c)
	}
	p.ask(
		inquiry{&c.DeleteIfMatch, func() bool { return p.deleteIfMatch(p.own + "delete") }},
		inquiry{&c.DeleteBatch, func() bool { return p.deleteBatch(p.own+"batch", p.own+"other") }},
	)
	if err := cmp.Or(ctx.Err(), p.trouble); err != nil {
		return Capabilities{}, fmt.Errorf("probe what the store honours: %w", err)
	}
	return *c, nil
}
