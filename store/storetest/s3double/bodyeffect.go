package s3double

import (
	"net/http"
	"slices"
	"strconv"
)

// Truncate ends the connection in good order behind n bytes of the body, although
// Content-Length promised all of it; negative: behind the half.
func Truncate(n int) Effect {
	return func(x *Exchange) {
		x.part(n)
		x.Drop()
	}
}

// ResetBody resets the connection behind n bytes of the body; negative: behind the half.
func ResetBody(n int) Effect {
	return func(x *Exchange) {
		x.part(n)
		x.Reset()
	}
}

// part sends the header and the first n bytes.
func (x *Exchange) part(n int) {
	a := x.Effect()
	if x.dead() {
		x.Drop()
	}
	if n < 0 {
		n = len(a.body) / 2
	}
	x.head(a)
	_, _ = x.W.Write(a.body[:min(n, len(a.body))])
	if f, can := x.W.(http.Flusher); can {
		f.Flush()
	}
}

// Shorten sends n bytes of the body and a Content-Length that fits them: only what
// else the caller knows tells that it is not whole.
func Shorten(n int) Effect {
	return spoil(func(b []byte) []byte { return b[:min(n, len(b))] })
}

// Garble changes byte off of the body that is answered, counted from the start of
// this answer. A body that has no such byte goes out as it is.
func Garble(off int) Effect {
	return spoil(func(b []byte) []byte {
		if off < len(b) {
			b = slices.Clone(b)
			b[off] ^= 0x40
		}
		return b
	})
}

func spoil(change func([]byte) []byte) Effect {
	return func(x *Exchange) {
		a := *x.Effect().reply
		a.header = a.header.Clone()
		a.body = change(a.body)
		a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
		x.Send(Reply{&a})
	}
}

// Trickle sends the body in pieces of size bytes, each when the gate gives. A gate
// that is closed holds nothing up.
func Trickle(size int, gate <-chan struct{}) Effect {
	return func(x *Exchange) {
		a := x.Effect()
		x.head(a)
		for rest := range slices.Chunk(a.body, size) {
			x.wait(gate)
			if _, err := x.W.Write(rest); err != nil || x.dead() {
				x.Drop()
			}
			if f, can := x.W.(http.Flusher); can {
				f.Flush()
			}
		}
	}
}
