package probe

import (
	"fmt"

	"recfin/store"
)

// Options of a measurement. The zero value measures all of an object that
// needs nothing else.
type Options struct {
	// Digests fills Track.Digests, where all of a segment is read.
	Digests bool
	// Init is what describes the segment and is no part of it: its init segment
	// (EXT-X-MAP).
	Init []byte
	// Off and Len are the bytes of the object that are the segment
	// (EXT-X-BYTERANGE). Len 0 means: up to the end.
	Off, Len int64

	moov []byte // what stands behind the media of an MP4; nil: not looked for
}

// asGiven is opt as the caller gave it.
func (opt Options) asGiven() Options {
	opt.moov = nil
	return opt
}

// isPart reports whether the segment is named by a range.
func (opt Options) isPart() bool { return opt.Off != 0 || opt.Len != 0 }

// span is the range of o that is measured; Len 0: there is nothing in it. A
// range that the object does not hold can never be read.
func (opt Options) span(o store.Object) (store.Range, error) {
	r := store.Range{Off: opt.Off, Len: opt.Len}
	if r.Off < 0 || r.Len < 0 || r.Off > o.Size || r.Len > o.Size-r.Off {
		return r, fmt.Errorf("%w: bytes %d+%d are asked for of an object of %d", ErrUnreadable, r.Off, r.Len, o.Size)
	}
	if r.Len == 0 {
		r.Len = o.Size - r.Off
	}
	return r, nil
}
