package s3

import (
	"context"
	"fmt"

	"recfin/store"
)

const (
	maxParts     = 10_000
	plannedParts = 9_000 // what a SizeHint is spread over; the rest is reserve
	maxPart      = 5 << 30
)

// upload is one large object. Its body is cut into parts of one size; the first
// of them hold the room and are held back for Commit.
type upload struct {
	s      *Store
	ctx    context.Context // of Create
	cancel context.CancelFunc
	key    string
	opt    store.CreateOptions
	token  string
	size   int64 // bytes of a part
	front  int32 // parts that are held back: 1 to front
	hold   []byte
	limit  int    // bytes of body that fit behind the room into the parts held back
	cur    []byte // the part that is being filled
	next   int32  // its number
	body   int64  // bytes written
	free   chan []byte
	parts  *sender // nil before the first part is sent
	ended  bool
	err    error // sticky
}

// Create begins a large object. No request is sent before the first part is
// full, and none but one Put at Commit where all of it fits into one part.
func (s *Store) Create(ctx context.Context, key string, opt store.CreateOptions) (store.Upload, error) {
	err := s.checkPut(ctx, key, opt.PutOptions, len(tokenKey)+tokenLen)
	if err == nil {
		err = opt.Check()
	}
	var size int64
	if err == nil {
		size, err = s.tune.partSize(opt)
	}
	if err != nil {
		return nil, s.fail("create", key, err)
	}
	var token string
	opt.Metadata, token = withToken(opt.Metadata)
	front := max(1, (opt.Room+size-1)/size)
	ctx, cancel := context.WithCancel(ctx)
	return &upload{
		s: s, ctx: ctx, cancel: cancel, key: key, opt: opt, token: token,
		size: size, front: int32(front), limit: int(front*size - opt.Room), next: int32(front) + 1,
		free: make(chan []byte, maxPartWorkers+1),
	}, nil
}

// partSize is the smallest size, doubling from the least, that keeps the whole
// object within the planned number of parts.
func (t tuning) partSize(opt store.CreateOptions) (int64, error) {
	whole := max(opt.SizeHint, opt.Room)
	size := t.minPart
	for size < whole/plannedParts+1 {
		if size *= 2; size > maxPart {
			return 0, fmt.Errorf("%w: no store takes an object of %d bytes", store.ErrInvalid, whole)
		}
	}
	return size, nil
}

// Write takes the next bytes of the body.
func (u *upload) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		n, err := u.write(p[done:])
		done += n
		if err != nil {
			return done, u.s.fail("write", u.key, err)
		}
	}
	return done, nil
}

var errEnded = fmt.Errorf("%w: the upload has ended", store.ErrInvalid)

// write takes as much as fits into the part that is being filled.
func (u *upload) write(p []byte) (int, error) {
	switch {
	case u.ended:
		return 0, errEnded
	case u.err != nil:
		return 0, u.err
	case u.ctx.Err() != nil:
		return 0, u.ctx.Err()
	}
	if total := u.opt.Room + u.body + int64(len(p)); u.opt.SizeHint > 0 && total > u.opt.SizeHint {
		return 0, fmt.Errorf("%w: %d bytes, and at most %d were announced", store.ErrInvalid, total, u.opt.SizeHint)
	}
	var n int
	if room := u.limit - len(u.hold); room > 0 {
		n = min(room, len(p))
		u.hold = append(u.hold, p[:n]...)
	} else {
		if u.cur == nil {
			u.cur = u.buffer()
		}
		n = min(int(u.size)-len(u.cur), len(p))
		u.cur = append(u.cur, p[:n]...)
	}
	u.body += int64(n)
	if int64(len(u.cur)) == u.size {
		u.err = u.flush()
	}
	return n, u.err
}

// flush sends the part that is being filled. It waits for a free worker.
func (u *upload) flush() error {
	if err := u.begin(); err != nil {
		return err
	}
	buf := u.cur
	u.cur = nil
	number := u.next
	u.next++
	return u.parts.sendBuffer(number, buf)
}

func (u *upload) begin() error {
	if u.parts != nil {
		return nil
	}
	var err error
	u.parts, err = u.s.beginParts(u.ctx, u.key, u.opt.PutOptions, u.free)
	return err
}

// buffer gives an empty buffer for one part. As every buffer but one is with a
// worker before the next is wanted, there are never more than workers + 1.
func (u *upload) buffer() []byte {
	select {
	case buf := <-u.free:
		return buf[:0]
	default:
		return make([]byte, 0, u.size)
	}
}

// Abort gives the upload up, with a context of its own: that of Create may be
// what made it fail.
func (u *upload) Abort() error {
	u.ended = true
	u.cancel()
	u.hold, u.cur = nil, nil
	if u.parts == nil {
		return nil
	}
	_ = u.parts.wait() // no part may be sent behind the abort
	ctx, cancel := u.s.settling(u.ctx)
	defer cancel()
	err := u.s.abortUpload(ctx, u.key, u.parts.id)
	// The store may still be busy with a part that was cut off, and keep it: "it might
	// be necessary to abort a given multipart upload multiple times" (AbortMultipartUpload).
	if err == nil && u.parts.open > 0 && sleep(ctx, u.s.tune.linger/5) {
		err = u.s.abortUpload(ctx, u.key, u.parts.id)
	}
	if err != nil {
		return u.s.fail("abort the upload of", u.key, err)
	}
	u.parts = nil
	return nil
}

// settling is a context for cleaning up behind one that may be done.
func (s *Store) settling(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), s.tune.settle)
}
