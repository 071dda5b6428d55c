package file

import (
	"errors"
	"syscall"
	"unsafe"
)

const (
	// directFrom is from which announced size on a body is written past the page cache.
	directFrom = 64 << 20
	// directStep is how much of it is written at a time.
	directStep = 4 << 20
	// directBlock is what places and lengths of such writes are multiples of, and what
	// buffers of it begin at: no less than the block of any disk or file system that
	// is in use. It is a multiple of a page too, so no page holds bytes of both ways.
	directBlock = 64 << 10
)

// direct writes a large body past the page cache (O_DIRECT). Its bytes are synced
// before anybody can see them and not read again by us, so in the cache they would only
// be copied once more, and push out what others need. What does not fill whole blocks,
// and everything where the file system does not do it, goes the usual way. It is
// used by one goroutine.
type direct struct {
	early
	buf []byte // what is gathered, of whole blocks at an aligned address
	off bool   // the usual way from here on
}

func newDirect(e early) *direct {
	return &direct{early: e, buf: aligned(directStep), off: !setDirect(e.f, true)}
}

// aligned makes an empty buffer for n bytes at an address that is a multiple of
// directBlock.
func aligned(n int) []byte {
	b := make([]byte, n+directBlock)
	lead := -int(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) & (directBlock - 1)
	return b[lead : lead : lead+n]
}

// Write implements io.Writer.
func (w *direct) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		k := min(len(p)-done, w.room())
		w.buf = append(w.buf, p[done:done+k]...)
		done += k
		if w.room() == 0 {
			if err := w.hand(); err != nil {
				return done, err
			}
		}
	}
	return done, nil
}

// room is how much is still gathered before it is written: up to the next block at
// first, then steps.
func (w *direct) room() int {
	most := directStep
	if lead := int(w.at % directBlock); lead > 0 {
		most = directBlock - lead
	}
	return most - len(w.buf)
}

// hand writes what is gathered.
func (w *direct) hand() error {
	p := w.buf
	w.buf = w.buf[:0]
	if whole := len(p) &^ (directBlock - 1); !w.off && w.at%directBlock == 0 && whole > 0 {
		n, err := w.d.write(w.f, p[:whole], w.at)
		w.at, w.idle = w.at+int64(n), 0
		p = p[n:]
		switch {
		case errors.Is(err, syscall.EINVAL): // it cannot, or not with these blocks
			w.plain()
		case err != nil:
			return err
		}
	}
	if len(p) == 0 {
		return nil
	}
	again := !w.off
	w.plain()
	_, err := w.early.Write(p)
	if again && err == nil && w.at%directBlock == 0 {
		w.off = !setDirect(w.f, true)
	}
	return err
}

// plain goes on in the usual way.
func (w *direct) plain() {
	if !w.off {
		w.off = true
		setDirect(w.f, false)
	}
}

// Flush writes all that is gathered. Everything that is written to the file after it
// goes the usual way.
func (w *direct) Flush() error {
	err := w.hand()
	w.plain()
	return err
}
