package s3

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"recfin/store"
)

// page is one page of a listing: all names and ETags in one text, and 32 bytes for
// each of them. A million objects are a thousand of these.
type page struct {
	text      string
	objects   []entry
	folders   []entry // common prefixes
	truncated bool    // more pages follow
	whole     bool    // it says whether more pages follow
	count     int     // of names, as the page tells it; -1: it does not
	next      string  // the token of the page that follows
	encoded   bool    // the names came URL-encoded; here they are plain
	begin     string  // the first name in order; empty: there is none
	end       string  // the last one
}

// entry is one name of a page: text[from:mid], with its ETag text[mid:to].
type entry struct {
	from, mid, to uint32
	nsec          int32
	sec           int64 // since 1970; of noTime: there is no date
	size          int64
}

// noTime stands for the zero time.
var noTime = time.Time{}.Unix()

func (p *page) name(e entry) string { return p.text[e.from:e.mid] }

// etag gives an ETag without its quotes.
func (p *page) etag(e entry) string { return unquote(p.text[e.mid:e.to]) }

func (e entry) modified() time.Time { return time.Unix(e.sec, int64(e.nsec)).UTC() }

// found is how many names there are.
func (p *page) found() int { return len(p.objects) + len(p.folders) }

// note finds the first and the last name.
func (p *page) note() {
	for _, list := range [][]entry{p.objects, p.folders} {
		for _, e := range list {
			n := p.name(e)
			if p.begin == "" || n < p.begin {
				p.begin = n
			}
			if n > p.end {
				p.end = n
			}
		}
	}
}

// builder gathers a page. Its memory is good for the next one too.
type builder struct {
	page
	raw     []byte
	decoded []byte
	scratch []byte // of the scanner
	escaped bool   // a name may be other than it looks
}

// reset begins a page.
func (b *builder) reset() {
	*b = builder{
		page: page{count: -1, objects: b.objects[:0], folders: b.folders[:0]},
		raw:  b.raw[:0], decoded: b.decoded[:0], scratch: b.scratch[:0],
	}
}

// object adds an object of the listing.
func (b *builder) object(name, etag []byte, size int64, at time.Time) {
	e := b.entry(name, etag)
	e.size, e.sec, e.nsec = size, at.Unix(), int32(at.Nanosecond())
	b.objects = append(b.objects, e)
}

// folder adds a common prefix.
func (b *builder) folder(name []byte) { b.folders = append(b.folders, b.entry(name, nil)) }

func (b *builder) entry(name, etag []byte) entry {
	b.escaped = b.escaped || bytes.IndexByte(name, '%') >= 0 || bytes.IndexByte(name, '+') >= 0
	e := entry{from: uint32(len(b.raw)), sec: noTime}
	b.raw = append(b.raw, name...)
	e.mid = uint32(len(b.raw))
	b.raw = append(b.raw, etag...)
	e.to = uint32(len(b.raw))
	return e
}

// finish makes the names plain and gives the page.
func (b *builder) finish() (*page, error) {
	text := b.raw
	if b.encoded && b.escaped {
		for _, list := range [][]entry{b.objects, b.folders} {
			for i := range list {
				if err := b.decode(&list[i]); err != nil {
					return nil, err
				}
			}
		}
		text = b.decoded
	}
	p := new(page)
	*p = b.page
	p.text, p.objects, p.folders = string(text), slices.Clone(b.objects), slices.Clone(b.folders)
	p.note()
	return p, nil
}

// decode moves an entry to the text of plain names.
func (b *builder) decode(e *entry) error {
	name, etag, ok := b.raw[e.from:e.mid], b.raw[e.mid:e.to], false
	e.from = uint32(len(b.decoded))
	if b.decoded, ok = unescape(b.decoded, name); !ok {
		return fmt.Errorf("%w: the listing holds a key that is not well encoded: %q", store.ErrInvalid, name)
	}
	e.mid = uint32(len(b.decoded))
	b.decoded = append(b.decoded, etag...)
	e.to = uint32(len(b.decoded))
	return nil
}

// unescape appends what a URL-encoded text means, as url.QueryUnescape has it.
func unescape(to, text []byte) (_ []byte, ok bool) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch c {
		case '+':
			c = ' '
		case '%':
			if len(text)-i < 3 {
				return to, false
			}
			hi, lo := digit(text[i+1]), digit(text[i+2])
			if hi > 0xf || lo > 0xf {
				return to, false
			}
			c = hi<<4 | lo
			i += 2
		}
		to = append(to, c)
	}
	return to, true
}

// digit is the value of a hexadecimal digit; above 15: it is none.
func digit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 0xff
}
