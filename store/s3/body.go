package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"recfin/store"
)

// maxResume is how often a body may break without a byte in between, and
// maxBreaks how often it may break at all.
const (
	maxResume = 4
	maxBreaks = 32
)

// body is the bytes [off, end) of an object that are still to come.
type body struct {
	s      *Store
	ctx    context.Context
	cancel context.CancelFunc
	key    string
	pin    string // ETag; empty: a break is final
	proof  *proof // nil: what is read is taken as it comes
	rc     io.ReadCloser
	from   int64 // where it began
	off    int64
	end    int64
	waited time.Duration // for bytes; what the reader does between two reads is its own
	dry    int           // breaks since the last byte
	breaks int
	err    error // final
}

func (b *body) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if err := b.ctx.Err(); err != nil {
		return 0, b.final(err)
	}
	if b.off >= b.end {
		b.err = io.EOF
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	p = p[:min(int64(len(p)), b.end-b.off)]
	for {
		start := time.Now()
		n, err := b.rc.Read(p)
		b.off += int64(n)
		b.waited += time.Since(start)
		b.proof.take(p[:n])
		switch {
		case b.off >= b.end:
			// The last bytes are held back until all are proved: whoever counts bytes
			// (io.ReadFull) would not look at an error that comes with them.
			if err := b.proof.check(b.ctx, b.s); err != nil {
				return 0, b.final(err)
			}
			b.err = io.EOF
			return n, io.EOF
		case n > 0:
			b.dry = 0
			if limit := b.s.tune.limit(b.off - b.from); b.waited > limit { // a byte now and then is no answer
				_ = b.final(fmt.Errorf("%w: %d bytes took more than %s", store.ErrUnavailable, b.off-b.from, limit))
			}
			return n, nil // an error comes again with the next read
		case err == nil:
			return 0, nil
		}
		if err = b.resume(err); err != nil {
			return 0, b.final(err)
		}
	}
}

// resume opens the rest of a body that broke, or says why it cannot.
func (b *body) resume(cause error) error {
	if b.ctx.Err() != nil {
		return b.ctx.Err()
	}
	fault := b.s.classify(b.ctx, cause)
	short := error(fault)
	if errors.Is(cause, io.EOF) || errors.Is(cause, io.ErrUnexpectedEOF) {
		short = fmt.Errorf("%w: %w at byte %d of %d", store.ErrUnavailable, io.ErrUnexpectedEOF, b.off, b.end)
	}
	b.dry++
	b.breaks++
	if b.pin == "" || b.dry > maxResume || b.breaks > maxBreaks {
		return short
	}
	_ = b.rc.Close()
	b.rc = nil
	if !sleep(b.ctx, b.s.delay(b.dry)) {
		return b.ctx.Err()
	}
	rest := store.Range{Off: b.off, Len: b.end - b.off}
	p, err := b.s.open(withFresh(b.ctx), request{key: b.key, span: header(rest), pin: b.pin})
	switch {
	case errors.Is(err, store.ErrNotExist), errors.Is(err, store.ErrRange):
		return store.ErrChanged
	case err != nil:
		return err
	}
	if err := p.admit(rest, store.GetOptions{IfMatch: b.pin}); err != nil {
		p.close()
		return err
	}
	b.rc = p.rc
	return nil
}

func (b *body) final(err error) error {
	b.err = b.s.fail("get", b.key, err)
	return b.err
}

func (b *body) Close() error {
	b.cancel()
	if b.err == nil || b.err == io.EOF {
		b.err = b.s.fail("get", b.key, io.ErrClosedPipe)
	}
	if b.rc != nil {
		_ = b.rc.Close() // nothing was promised about what is left of it
		b.rc = nil
	}
	return nil
}
