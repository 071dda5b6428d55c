package mp4check

import (
	"encoding/binary"
	"errors"
	"fmt"
)

var errShort = errors.New("box is too short")

// in reads fields in the order of a box, and keeps in mind that it ran out.
type in struct {
	b     []byte
	short bool
}

func (r *in) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.short, r.b = true, nil
		return make([]byte, max(0, min(n, 64)))
	}
	p := r.b[:n]
	r.b = r.b[n:]
	return p
}

func (r *in) u8() byte    { return r.take(1)[0] }
func (r *in) u16() int    { return int(binary.BigEndian.Uint16(r.take(2))) }
func (r *in) u32() uint32 { return binary.BigEndian.Uint32(r.take(4)) }
func (r *in) i64() int64  { return int64(binary.BigEndian.Uint64(r.take(8))) }

// b0 is the byte that comes next, which stays.
func (r *in) b0() byte {
	if len(r.b) == 0 {
		return 0
	}
	return r.b[0]
}

// full reads version and flags.
func (r *in) full() (version byte, flags uint32) {
	v := r.u32()
	return byte(v >> 24), v & 0xffffff
}

// done complains of bytes that lack or are left.
func (r *in) done(name string) error {
	if r.short {
		return fmt.Errorf("%s: %w", name, errShort)
	}
	if len(r.b) > 0 {
		return fmt.Errorf("%s: %d bytes are left over", name, len(r.b))
	}
	return nil
}

// list reads a count and that many rows of n bytes, which must be the rest.
func (r *in) list(name string, n int, row func(*in)) error {
	count := int64(r.u32())
	if r.short || count*int64(n) != int64(len(r.b)) {
		return fmt.Errorf("%s: count is %d with %d bytes", name, count, len(r.b))
	}
	for range count {
		row(r)
	}
	return nil
}

// box is a box inside of moov.
type box struct {
	name string
	body []byte
	all  []byte
}

// split cuts p into boxes.
func split(p []byte) ([]box, error) {
	var out []box
	for len(p) > 0 {
		if len(p) < 8 {
			return nil, errShort
		}
		n := int(binary.BigEndian.Uint32(p))
		if n < 8 || n > len(p) {
			return nil, fmt.Errorf("%q says %d bytes of %d", p[4:8], n, len(p))
		}
		out = append(out, box{name: string(p[4:8]), body: p[8:n], all: p[:n]})
		p = p[n:]
	}
	return out, nil
}

// one gives the body of the only box of a name; need says that there must be
// one.
func one(boxes []box, name string, need bool) ([]byte, error) {
	var found []byte
	for _, b := range boxes {
		if b.name == name {
			if found != nil {
				return nil, fmt.Errorf("%s is there twice", name)
			}
			found = b.body
			if found == nil {
				found = []byte{}
			}
		}
	}
	if found == nil && need {
		return nil, fmt.Errorf("%s is missing", name)
	}
	return found, nil
}

// path goes down from one only box into the next.
func path(boxes []box, names ...string) ([]box, error) {
	for _, name := range names {
		body, err := one(boxes, name, true)
		if err != nil {
			return nil, err
		}
		if boxes, err = split(body); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return boxes, nil
}
