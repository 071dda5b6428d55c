package mp4

import (
	"fmt"
	"io"
)

const (
	pageBytes = 1 << 20
	pageCount = 16
)

// pager reads a file in large pages and keeps the last few. The tables of a
// moov are read side by side, and its source may be a request for each read.
type pager struct {
	r     io.ReaderAt
	size  int64
	pages [pageCount]page
	clock int64
}

type page struct {
	off  int64
	data []byte
	used int64 // when; 0: never
}

// read fills p with the bytes from off on, which must be in the file.
func (g *pager) read(p []byte, off int64) error {
	if off < 0 || off > g.size-int64(len(p)) {
		return fmt.Errorf("%d bytes at byte %d of %d: %w", len(p), off, g.size, ErrCorrupt)
	}
	for len(p) > 0 {
		data, err := g.page(off - off%pageBytes)
		if err != nil {
			return err
		}
		n := copy(p, data[off%pageBytes:])
		p, off = p[n:], off+int64(n)
	}
	return nil
}

// page gives the page that begins at off.
func (g *pager) page(off int64) ([]byte, error) {
	g.clock++
	oldest := &g.pages[0]
	for i := range g.pages {
		pg := &g.pages[i]
		if pg.used > 0 && pg.off == off {
			pg.used = g.clock
			return pg.data, nil
		}
		if pg.used < oldest.used {
			oldest = pg
		}
	}
	n := int(min(pageBytes, g.size-off))
	oldest.used = 0
	if cap(oldest.data) < n {
		oldest.data = make([]byte, n)
	}
	oldest.data = oldest.data[:n]
	if got, err := g.r.ReadAt(oldest.data, off); got < n {
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("read at byte %d: %w", off, err)
	}
	oldest.off, oldest.used = off, g.clock
	return oldest.data, nil
}

// rows reads a table of big-endian numbers from front to back.
type rows struct {
	g     *pager
	off   int64
	left  int64 // rows that are not yet in buf
	width int
	buf   []byte // not yet given
	mem   [4092]byte
}

// next gives the next row, which is valid until the next call, or nil behind
// the last one.
func (r *rows) next() ([]byte, error) {
	if len(r.buf) == 0 {
		if r.left == 0 {
			return nil, nil
		}
		n := min(r.left, int64(len(r.mem)/r.width))
		r.buf = r.mem[:n*int64(r.width)]
		if err := r.g.read(r.buf, r.off); err != nil {
			r.buf = nil
			return nil, err
		}
		r.off += int64(len(r.buf))
		r.left -= n
	}
	row := r.buf[:r.width]
	r.buf = r.buf[r.width:]
	return row, nil
}
