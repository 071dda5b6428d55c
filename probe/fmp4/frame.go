package fmp4

import (
	"fmt"
	"math"
)

// openBox is the box of the file that is being read.
type openBox struct {
	head  [16]byte
	n     int // bytes of the header that came
	typ   string
	start int64
	left  int64  // bytes of the body to come; endless: up to the end of the segment
	open  bool   // the header is complete
	body  []byte // of a box that is collected, with its header
}

// endless is the length of a box that goes on to the end of the segment.
const endless = math.MaxInt64

// cut reports whether bytes of the box are missing.
func (b *openBox) cut() bool { return b.n > 0 && (!b.open || b.left > 0 && b.left != endless) }

// frame cuts the bytes into boxes.
func (d *Demuxer) frame(p []byte) error {
	for len(p) > 0 {
		if d.junk {
			d.stats.JunkBytes += int64(len(p))
			d.pos += int64(len(p))
			return nil
		}
		b := &d.box
		if !b.open {
			n, err := d.header(p)
			p = p[n:]
			if err != nil {
				return err
			}
			if !b.open || b.left > 0 {
				continue
			}
		} else {
			n := min(int64(len(p)), b.left)
			if b.left != endless {
				b.left -= n
			}
			if err := d.content(p[:n]); err != nil {
				return err
			}
			p = p[n:]
		}
		if b.open && b.left == 0 {
			done := *b
			*b = openBox{}
			if err := d.closeBox(done); err != nil {
				return err
			}
		}
	}
	return nil
}

// header takes bytes of the header of a box and opens it once it is complete.
func (d *Demuxer) header(p []byte) (int, error) {
	b := &d.box
	if b.n == 0 {
		b.start = d.pos
	}
	need := 8
	if b.n >= 8 {
		need = 16
	}
	n := copy(b.head[b.n:need], p)
	b.n += n
	d.pos += int64(n)
	if b.n < need {
		return n, nil
	}
	size := uint64(be.Uint32(b.head[:]))
	if need == 8 && size == 1 {
		return n, nil
	}
	if need == 16 {
		size = be.Uint64(b.head[8:])
	}
	b.typ = string(b.head[4:8])
	if !printable(b.typ) || size != 0 && size < uint64(need) || size > math.MaxInt64/2 {
		return n, d.notABox()
	}
	b.open, b.left, d.reach = true, int64(size)-int64(need), b.start+int64(size)
	if size == 0 {
		b.left, d.reach = endless, endless
	}
	return n, d.openBox()
}

// notABox gives up the rest of the segment; at its start that is an error.
func (d *Demuxer) notABox() error {
	b := d.box
	d.box = openBox{}
	if b.start == 0 {
		return fmt.Errorf("%w: it begins with % x", ErrNotMP4, b.head[:b.n])
	}
	d.junk = true
	d.stats.JunkBytes += int64(b.n)
	return nil
}

// printable reports whether a box type can be one: every registered type is of
// printable characters, but for the sign © (0xa9) of QuickTime.
func printable(typ string) bool {
	for i := range len(typ) {
		if c := typ[i]; c != 0xa9 && (c < ' ' || c > '~') {
			return false
		}
	}
	return true
}

// openBox looks at the header of a box.
func (d *Demuxer) openBox() error {
	b := &d.box
	switch b.typ {
	case "moov", "moof":
		if b.typ == "moov" && b.left > maxMoov || b.typ == "moof" && b.left > maxMoof {
			return fmt.Errorf("%w: %s of %d bytes", ErrCorrupt, b.typ, b.left)
		}
		b.body = append([]byte(nil), b.head[:b.n]...)
		if b.typ == "moov" && d.header0 == 0 && d.stats.Fragments == 0 {
			d.header0 = d.reach
		}
		if b.typ == "moov" && !d.brought.fragged {
			d.brought.end = d.reach
		}
		d.brought.fragged = d.brought.fragged || b.typ == "moof"
		if b.typ == "moof" && d.movie == nil {
			return fmt.Errorf("%w: a fragment comes first", ErrNoInit)
		}
	case "mdat":
		if !d.described && d.behind == 0 && b.left != endless {
			d.behind = d.pos + b.left
		}
		if d.described {
			return d.settle(d.pos, b.left)
		}
	case "emsg":
		d.stats.Events++
	}
	return nil
}

// content takes bytes of the body of the open box.
func (d *Demuxer) content(p []byte) error {
	b := &d.box
	switch {
	case b.body != nil:
		b.body = append(b.body, p...)
	case b.typ == "mdat" && d.described:
		return d.media(p)
	case b.typ == "mdat":
		return d.keep(p)
	}
	d.pos += int64(len(p))
	return nil
}

// closeBox takes a box that is complete.
func (d *Demuxer) closeBox(b openBox) error {
	if b.body == nil {
		return nil
	}
	x := box{raw: b.body, body: b.body[b.n:]}
	if b.typ == "moov" {
		return d.moov(x)
	}
	d.described = true
	return d.readMoof(x, b.start)
}
