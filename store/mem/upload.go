package mem

import (
	"context"
	"fmt"
	"io"
	"time"

	"recfin/store"
)

// upload collects the body; the head comes in front of it at Commit.
type upload struct {
	s     *Store
	ctx   context.Context
	key   string
	opt   store.CreateOptions
	begun time.Time

	body []byte
	gone bool // committed, aborted or swept
}

// Create begins an upload. Its object will carry the time of this call, as AWS
// gives a multipart upload the time of its start.
func (s *Store) Create(ctx context.Context, key string, opt store.CreateOptions) (store.Upload, error) {
	if err := ctx.Err(); err != nil {
		return nil, s.fail("create", key, err)
	}
	err := check(key, opt.PutOptions)
	if err == nil {
		err = opt.Check()
	}
	if err != nil {
		return nil, s.fail("create", key, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u := &upload{s: s, ctx: ctx, key: key, opt: opt, begun: s.now()}
	s.uploads = append(s.uploads, u)
	return u, nil
}

func (u *upload) Write(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, u.s.fail("write", u.key, err)
	}
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	if u.gone {
		return 0, u.s.fail("write", u.key, errEnded)
	}
	if total := u.opt.Room + int64(len(u.body)+len(p)); u.opt.SizeHint > 0 && total > u.opt.SizeHint {
		return 0, u.s.fail("write", u.key,
			fmt.Errorf("%w: %d bytes, and at most %d were announced", store.ErrInvalid, total, u.opt.SizeHint))
	}
	u.body = append(u.body, p...)
	return len(p), nil
}

var errEnded = fmt.Errorf("%w: the upload has ended", store.ErrInvalid)

func (u *upload) Commit(ctx context.Context, head store.Headed) (store.Object, error) {
	o, err := u.commit(ctx, head)
	if err != nil {
		_ = u.Abort() // it cannot fail
		return store.Object{}, u.s.fail("commit", u.key, err)
	}
	return o, nil
}

func (u *upload) commit(ctx context.Context, head store.Headed) (store.Object, error) {
	size := head.Size()
	if size < u.opt.Room {
		return store.Object{}, fmt.Errorf("%w: a head of %d bytes leaves a hole in a room of %d", store.ErrInvalid, size, u.opt.Room)
	}
	front := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(head, 0, size), front); err != nil {
		return store.Object{}, fmt.Errorf("read the head: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return store.Object{}, err
	}
	if err := u.ctx.Err(); err != nil {
		return store.Object{}, err
	}
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	if u.gone {
		return store.Object{}, errEnded
	}
	whole := append(front, u.body...)
	if err := u.s.spoilt(whole, u.opt.PutOptions); err != nil {
		return store.Object{}, err
	}
	if !u.s.allowed(u.key, u.opt.PutOptions) {
		return store.Object{}, store.ErrConflict
	}
	o := u.s.set(u.key, whole, u.begun, u.opt.PutOptions)
	u.s.forget(u)
	return o, nil
}

func (u *upload) Abort() error {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	u.s.forget(u)
	return nil
}
