package finalize

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"recfin/store"
)

// comparison takes the place of an upload where the object is there already: an
// earlier run wrote it and died before the marker, or its answer was lost. Equal
// inputs give equal bytes, so it must be what we would write, and that is
// proved byte by byte. Anything else is errTaken.
type comparison struct {
	ctx  context.Context
	r    store.Reader
	o    store.Object
	at   int64 // next byte of the object to compare
	body io.ReadCloser
	buf  []byte
}

// Write compares the next bytes of the body.
func (c *comparison) Write(p []byte) (int, error) {
	if c.body == nil {
		if c.at >= c.o.Size {
			return 0, c.taken()
		}
		b, err := c.r.Get(c.ctx, c.o.Key, store.Range{Off: c.at}, store.Pinned(c.o))
		if err != nil {
			return 0, err
		}
		c.body = b
	}
	c.buf = grow(c.buf, len(p))
	if _, err := io.ReadFull(c.body, c.buf); err != nil {
		if errors.Is(err, io.EOF) || c.at+int64(len(p)) > c.o.Size {
			return 0, c.taken()
		}
		return 0, fmt.Errorf("compare %s: %w", store.Printable(c.o.Key), err)
	}
	if !bytes.Equal(c.buf, p) {
		return 0, c.taken()
	}
	c.at += int64(len(p))
	return len(p), nil
}

// Commit compares the head.
func (c *comparison) Commit(ctx context.Context, head store.Headed) (store.Object, error) {
	defer c.Abort()
	switch {
	case c.at != c.o.Size:
		return store.Object{}, c.taken()
	case head.Size() == 0:
		return c.o, nil
	}
	b, err := c.r.Get(ctx, c.o.Key, store.Head(head.Size()), store.Pinned(c.o))
	if err != nil {
		return store.Object{}, err
	}
	defer b.Close()
	want := io.NewSectionReader(head, 0, head.Size())
	ours, theirs := make([]byte, 1<<20), make([]byte, 1<<20)
	for {
		n, err := io.ReadFull(want, ours)
		if _, err := io.ReadFull(b, theirs[:n]); err != nil {
			return store.Object{}, fmt.Errorf("compare %s: %w", store.Printable(c.o.Key), err)
		}
		if !bytes.Equal(ours[:n], theirs[:n]) {
			return store.Object{}, c.taken()
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return c.o, nil
		}
		if err != nil {
			return store.Object{}, err
		}
	}
}

// Abort ends the comparison. It changes nothing.
func (c *comparison) Abort() error {
	if c.body == nil {
		return nil
	}
	err := c.body.Close()
	c.body = nil
	return err
}

func (c *comparison) taken() error {
	return fmt.Errorf("write %s: %w", store.Printable(c.o.Key), errTaken)
}

func grow(buf []byte, n int) []byte {
	if cap(buf) < n {
		return make([]byte, n)
	}
	return buf[:n]
}
