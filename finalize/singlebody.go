package finalize

import (
	"context"
	"errors"
	"fmt"

	"recfin/store"
)

// singlePiece is the size of the buffers in which a media object is written.
const singlePiece = 512 << 10

// singleBody is the one media object of a rendition as it is written: into an
// upload, behind the back of who reads, or into a comparison with what is there
// already.
type singleBody struct {
	j      *job
	key    string
	cancel context.CancelFunc
	ctx    context.Context
	up     sink // nil: committed
	behind *writeBehind
	buf    []byte
	n      int64 // bytes so far
	sum    uint64
}

// newSingleBody begins an object of at most so many bytes. abort must be called in
// the end.
func newSingleBody(ctx context.Context, j *job, key string, most int64) (*singleBody, error) {
	b := &singleBody{j: j, key: key}
	b.ctx, b.cancel = context.WithCancel(ctx)
	out := j.f.cfg.Out
	there, err := out.Head(b.ctx, key)
	switch {
	case err == nil:
		b.up = &comparison{ctx: b.ctx, r: out, o: there.Object}
	case errors.Is(err, store.ErrNotExist):
		opt := store.CreateOptions{SizeHint: most}
		opt.IfAbsent, opt.ContentType, opt.CacheControl = true, mediaType(key), immutable
		if b.up, err = out.Create(b.ctx, key, opt); err != nil {
			b.cancel()
			return nil, err
		}
	default:
		b.cancel()
		return nil, err
	}
	b.behind = newWriteBehind(b.ctx, b.up)
	return b, nil
}

// write takes the next bytes. p is not kept.
func (b *singleBody) write(p []byte) error {
	b.n += int64(len(p))
	for len(p) > 0 {
		if b.buf == nil {
			b.buf = b.behind.spare.get(singlePiece)
		}
		n := min(len(p), singlePiece-len(b.buf))
		b.buf, p = append(b.buf, p[:n]...), p[n:]
		if len(b.buf) < singlePiece {
			return nil
		}
		full := b.buf
		b.buf = nil
		if err := b.behind.Put(full); err != nil {
			return fmt.Errorf("write %s: %w", store.Printable(b.key), err)
		}
	}
	return nil
}

// commit makes the object visible, or ends the comparison.
func (b *singleBody) commit() (store.Object, error) {
	if len(b.buf) > 0 {
		if err := b.behind.Put(b.buf); err != nil {
			return store.Object{}, fmt.Errorf("write %s: %w", store.Printable(b.key), err)
		}
		b.buf = nil
	}
	sum, err := b.behind.Close()
	if err != nil {
		return store.Object{}, fmt.Errorf("write %s: %w", store.Printable(b.key), err)
	}
	b.sum = sum
	o, err := b.up.Commit(b.ctx, noHead{})
	if err == nil {
		b.up = nil
	}
	return o, err
}

// abort gives up what was not committed. What is under way ends first: an upload is
// used by one goroutine.
func (b *singleBody) abort() {
	b.cancel()
	b.behind.Stop()
	if b.up != nil {
		// What remains is aborted by a later run; the error that led here counts.
		_ = b.up.Abort()
	}
}
